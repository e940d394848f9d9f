import shutil
from unittest import skipIf

from odoo.tests import TransactionCase, tagged

from .common_database import DatabaseCopy


@tagged("post_install", "-at_install", "reservation_races")
@skipIf(not (shutil.which("pg_dump") and shutil.which("pg_restore")), "needs PostgreSQL's own tools")
class TestTwoClicksAtOnce(TransactionCase):
    """Processes of their own, on a database of their own: one choice, one shortage."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        database = DatabaseCopy(cls.env.cr.dbname, "choices").make()
        cls.addClassCleanup(database.drop)
        cls.found = database.program("race_choices")

    def test_one_choice_is_carried_out(self):
        for case in self.found["choices"]:
            with self.subTest(case["chosen"]):
                self.assertEqual((case["errors"], case["carried_out"]), ([], True))
                self.assertEqual(case["events"], [f"chose_{case['chosen']}"])

    def test_one_row_for_what_is_short(self):
        self.assertEqual(self.found["shortage"], {"rows": 1, "missing": 5, "errors": []})
