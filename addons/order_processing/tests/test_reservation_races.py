import os
import shutil
from unittest import skipIf

from odoo.tests import TransactionCase, tagged

from .common_database import DatabaseCopy

SOAK = int(os.environ.get("SOAK_RACES", "0"))  # so many times all races in full; 0 is once, and small
LIMIT = 2.0  # seconds a lock may cost somebody who confirms
BY_RANK = ("at_once", "queued")

# With few processors it is the number of processes that takes time: here every mode runs what it is about.
# Those with an exclamation mark have all their sixteen processes here, too.
SMALL = {
    "odoo": ("one_unit!", "with_scrap", "receipts_and_cancels!", "two_transactions"),
    "at_once": (
        *("one_unit!", "forty_units!", "plenty", "apart", "with_the_scheduler", "with_scrap"),
        *("with_inventory", "everywhere", "two_transactions"),
        *("held_piece", "held_until_now", "two_take_over"),
    ),
    "queued": ("one_unit!", "forty_units", "with_the_allocator", "receipts_and_cancels", "held_piece"),
}
# What came of the order a piece was held for, and of what was taken over.
HELD = """
    SELECT m.state, m.quantity FROM stock_move m JOIN sale_order_line l ON l.id = m.sale_line_id
      JOIN sale_order o ON o.id = l.order_id WHERE o.client_order_ref = 'held'"""
HOLDS_LEFT = "SELECT count(*) FROM stock_move WHERE hold_until IS NOT NULL"
TAKEN = """
    SELECT (SELECT COALESCE(sum(quantity), 0) FROM order_takeover_line),
           (SELECT sum(m.quantity) FROM stock_move m JOIN sale_order_line l ON l.id = m.sale_line_id
              JOIN sale_order o ON o.id = l.order_id WHERE o.client_order_ref = 'taking over')"""


@tagged("post_install", "-at_install", "reservation_races")
@skipIf(not (shutil.which("pg_dump") and shutil.which("pg_restore")), "needs PostgreSQL's own tools")
class TestReservationRaces(TransactionCase):
    """Many want the same goods at the same moment: processes of their own, on a database of their own.

    The same races on plain Odoo, where they are lost, are in ``benchmarks/oversold.py``.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        database = DatabaseCopy(cls.env.cr.dbname, "races").make()
        cls.addClassCleanup(database.drop)
        if SOAK:
            options = ("-i", "sale_mrp", "--stop-after-init", "--no-http")
            database.odoo("server", *options).communicate()
            cls.rounds = [database.program("races", *SMALL) for _round in range(SOAK)]
        else:
            what = [f"{mode}:{','.join(names)}" for mode, names in SMALL.items()]
            # Odoo's pauses between two tries are what takes the time, and not what is tested.
            cls.rounds = [database.program("races", *what, "--share", "0.3", "--backoff", "0.05")]
        cls.held, cls.holds_left = database.sql(HELD), database.sql(HOLDS_LEFT)
        cls.taken = database.sql(TAKEN)
        cls.kills = database.program("hold_kills", "3")

    def each(self, *modes):
        """Yield the races of these modes (all), as ``(mode, name, result)``."""
        for results in self.rounds:
            for mode in modes or results:
                for name, result in results[mode].items():
                    if result:
                        with self.subTest(mode=mode, race=name):
                            yield mode, name, result

    @staticmethod
    def facts(result):
        """Return the facts right after the race, and those after everything was served that can be."""
        return [facts for part in result.get("cases", [result]) for facts in (part["facts"], part["drained"])]

    @staticmethod
    def confirming(result):
        workers = result.get("workers") or result["cases"]  # of two transactions, the second
        return [worker for worker in workers if worker["role"] == "confirm"]

    def test_reserved_is_never_more_than_on_hand(self):
        for _mode, _name, result in self.each():
            for facts in self.facts(result):
                self.assertEqual(facts["oversold"], 0, facts)
                self.assertLessEqual(facts["reserved"], facts["on_hand"], facts)
                self.assertEqual(facts["below_zero"], 0, facts)

    def test_whatever_can_be_served_is_served_in_the_end(self):
        for _mode, _name, result in self.each():
            for part in result.get("cases", [result]):
                self.assertEqual(part["drained"]["unserved"], 0, part["drained"])

    def test_stock_transfers_and_lines_say_the_same(self):
        for _mode, _name, result in self.each():
            for facts in self.facts(result):
                self.assertEqual((facts["lines_differ"], facts["torn_moves"]), (0, 0), facts)

    def test_nobody_waits_in_a_circle(self):
        for mode, name, result in self.each():
            self.assertEqual(result["deadlocks"], 0, (mode, name))

    def test_by_rank_whoever_confirms_succeeds_at_once(self):
        for _mode, _name, result in self.each(*BY_RANK):
            for worker in self.confirming(result):
                self.assertEqual((worker["error"], worker["tries"]), (None, 1), worker)
                self.assertLess(worker.get("lock_wait", 0), LIMIT, worker)

    def test_competing_takes_no_longer_than_the_same_work_without(self):
        for results in self.rounds:
            longest = {
                name: max(worker["seconds"] for worker in self.confirming(results["at_once"][name]))
                for name in ("plenty", "apart")
            }
            self.assertLess(longest["plenty"], longest["apart"] + LIMIT)

    def test_errors_are_only_those_Odoo_has_tried_again(self):
        for _mode, _name, result in self.each():
            for worker in result.get("workers", result.get("cases")):
                self.assertTrue(worker["conflict"] or not worker["error"], worker)

    def test_what_was_held_has_the_order_it_was_held_for(self):
        self.assertTrue(self.held)
        self.assertEqual({(state, float(quantity)) for state, quantity in self.held}, {("assigned", 1.0)})
        self.assertEqual(self.holds_left, [(0,)])

    def test_what_was_taken_over_has_the_order_it_was_taken_for(self):
        ((taken, has),) = self.taken
        self.assertGreater(taken, 0)
        self.assertEqual(taken, has)

    def test_killed_while_it_frees_what_was_held_the_clock_leaves_nothing_half_done(self):
        for kill in self.kills:
            with self.subTest(after=kill["seconds"]):
                for facts in (kill["facts"], kill["after"]):
                    wrong = [facts[what] for what in ("oversold", "below_zero", "lines_differ", "torn_moves")]
                    self.assertEqual(wrong, [0] * 4, facts)
                self.assertEqual((kill["left_after"], kill["after"]["reserved"]), (0, 0))
