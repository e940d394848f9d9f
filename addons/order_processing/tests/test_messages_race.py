import os
import shutil
from unittest import skipIf

from odoo.tests import TransactionCase, tagged

from .common_database import DatabaseCopy

KILLS = int(os.environ.get("SOAK_KILLS", "5"))
ONCE = {"counts": [1], "unsent": 0}


@tagged("post_install", "-at_install", "reservation_races")
@skipIf(not (shutil.which("pg_dump") and shutil.which("pg_restore")), "needs PostgreSQL's own tools")
class TestMessagesInSeveralProcesses(TransactionCase):
    """Processes of their own, on a database of their own: whatever happens, each customer hears once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        database = DatabaseCopy(cls.env.cr.dbname, "messages").make()
        cls.addClassCleanup(database.drop)
        cls.found = database.program("race_messages", str(KILLS))

    def test_noticed_by_four_at_once_each_is_due_once(self):
        self.assertEqual(self.found["noticed"], {"rows": 24, "errors": []})

    def test_sent_by_three_at_once_each_is_sent_once(self):
        self.assertEqual(self.found["sent"], {"messages": ONCE, "errors": []})

    def test_killed_at_work_each_is_sent_once(self):
        self.assertEqual(len(self.found["kills"]), KILLS)
        for number, kill in enumerate(self.found["kills"]):
            with self.subTest(number):
                self.assertEqual(kill["messages"], ONCE)

    def test_killed_at_a_mail_of_the_day_each_event_is_told_once(self):
        self.assertEqual(len(self.found["digests"]), KILLS)
        for number, kill in enumerate(self.found["digests"]):
            with self.subTest(number):
                self.assertEqual(kill["messages"], ONCE)
