import os
import shutil
from unittest import skipIf

from odoo.tests import TransactionCase, tagged

from .common_database import DatabaseCopy

WRONG = ("oversold", "below_zero", "lines_differ", "torn_moves")
KILLS = int(os.environ.get("SOAK_KILLS", "5"))


@tagged("post_install", "-at_install", "allocator_killed")
@skipIf(not (shutil.which("pg_dump") and shutil.which("pg_restore")), "needs PostgreSQL's own tools")
class TestAllocatorKilled(TransactionCase):
    """The allocator is killed at random moments of its work on 300 moves: nothing is lost or half done."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        database = DatabaseCopy(cls.env.cr.dbname, "killed").make()
        cls.addClassCleanup(database.drop)
        cls.kills = database.program("race_kills", "queued", str(KILLS))
        cls.running = database.sql("SELECT count(*) FROM order_allocation_run WHERE state = 'running'")

    def test_it_was_killed_at_work(self):
        self.assertEqual(len(self.kills), KILLS)
        # When it is at work is a guess on a busy machine: some of the kills come before or after it.
        self.assertGreaterEqual(sum(kill["killed"] for kill in self.kills), max(1, KILLS // 5))

    def test_right_after_a_kill_nothing_is_half_written(self):
        for kill in self.kills:
            with self.subTest(after=kill["seconds"]):
                facts = kill["facts"]
                self.assertEqual([facts[what] for what in WRONG], [0] * len(WRONG), facts)
                self.assertEqual(facts["moves"].get("partially_available", 0), 0, facts)

    def test_the_next_run_serves_whatever_can_be_served(self):
        for kill in self.kills:
            with self.subTest(after=kill["seconds"]):
                facts = kill["drained"]
                self.assertEqual((facts["reserved"], facts["unserved"]), (facts["on_hand"], 0), facts)
                self.assertEqual([facts[what] for what in WRONG], [0] * len(WRONG), facts)

    def test_no_run_is_left_that_says_it_is_running(self):
        self.assertEqual(self.running, [(0,)])
