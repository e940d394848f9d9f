import shutil
from unittest import skipIf

from odoo.tests import TransactionCase, tagged

from .common_database import DatabaseCopy


@tagged("post_install", "-at_install", "reservation_races")
@skipIf(not (shutil.which("pg_dump") and shutil.which("pg_restore")), "needs PostgreSQL's own tools")
class TestPriorityBesideOthers(TransactionCase):
    """Real transactions at the same time: the clock waits for nobody, and nobody gets its errors."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        database = DatabaseCopy(cls.env.cr.dbname, "priority").make()
        cls.addClassCleanup(database.drop)
        cls.found = database.program("race_priority")

    def test_all_have_a_score(self):
        self.assertTrue(all(score > 0 for pair in self.found["at_first"] for score in pair))

    def test_what_somebody_is_writing_is_left_out(self):
        found = self.found["beside_a_writer"]
        self.assertFalse(found["written"])
        self.assertLess(found["seconds"], 2)
        # Of the first order its transfer is free, and the others are.
        self.assertEqual(found["moved"], [[False, True], [True, True], [True, True]])
        self.assertEqual((found["again"], found["kept"]), (True, "mine"))
        self.assertEqual(found["moved_then"], [[True, True]] * 3)

    def test_what_has_changed_since_we_began_ends_nothing(self):
        found = self.found["after_a_writer"]
        self.assertFalse(found["written"])
        self.assertEqual(found["refs"], ["theirs", False, "ours"])
        self.assertTrue(found["again"])
        self.assertEqual(found["moved_then"], [[True, True]] * 3)
