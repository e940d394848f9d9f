import shutil
from pathlib import Path
from unittest import skipIf

from odoo.tests import TransactionCase, tagged

from odoo.addons.order_processing.tests.common_database import DatabaseCopy


@tagged("post_install", "-at_install", "reservation_races")
@skipIf(not (shutil.which("pg_dump") and shutil.which("pg_restore")), "needs PostgreSQL's own tools")
class TestQuickOrderAtOnce(TransactionCase):
    """Real processes: one order however often the button is pressed, and nothing added is lost."""

    def test_pressing_twice_and_two_windows(self):
        database = DatabaseCopy(self.env.cr.dbname, "quick").make()
        self.addCleanup(database.drop)
        found = database.program("race_quick", folder=Path(__file__).parent)
        self.assertEqual(found["errors"], [])
        self.assertEqual((found["quick_orders"], found["lines"]), (1, [["RACE-1", 6]]))
        self.assertEqual((found["orders"], found["ordered"]), (1, 6))
