import os
import shutil
from unittest import skipIf

from odoo.tests import TransactionCase, tagged

from .common_database import DatabaseCopy

KILLS = int(os.environ.get("SOAK_KILLS", "5"))
PARCELS, SCANS, PER_SECOND, QUOTA = 60, 4, 20, 7


@tagged("post_install", "-at_install", "tracking_killed")
@skipIf(not (shutil.which("pg_dump") and shutil.which("pg_restore")), "needs PostgreSQL's own tools")
class TestTrackingKilled(TransactionCase):
    """Who asks where parcels are is killed at random moments: each scan is stored once, none lost."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        database = DatabaseCopy(cls.env.cr.dbname, "poll_killed").make()
        cls.addClassCleanup(database.drop)
        report = database.program("poll_kills", str(KILLS))
        cls.kills, cls.together, cls.quota = report["kills"], report["together"], report["quota"]

    def test_it_was_killed_at_work(self):
        self.assertEqual(len(self.kills), KILLS)
        # On a busy machine some of the kills come before or after its work.
        at_work = [kill for kill in self.kills if kill["killed"] and kill["after"]["due"]]
        self.assertGreaterEqual(len(at_work), max(1, KILLS // 5))

    def test_right_after_a_kill_nothing_is_doubled_or_half_written(self):
        for kill in self.kills:
            with self.subTest(seconds=kill["seconds"]):
                after = kill["after"]
                self.assertEqual((after["doubled"], after["torn"]), (0, 0), after)
                # Scans and when to ask again are stored together: what is not due has all of its scans.
                self.assertEqual(after["scans"], SCANS * (PARCELS - after["due"]), after)

    def test_in_the_end_each_scan_is_stored_once(self):
        whole = {"scans": PARCELS * SCANS, "doubled": 0, "torn": 0, "due": 0, "claimed": 0, "moving": PARCELS}
        for kill in self.kills:
            with self.subTest(seconds=kill["seconds"]):
                self.assertEqual(kill["drained"], whole)

    def test_several_workers_share_the_parcels_and_the_limit(self):
        facts = self.together["facts"]
        self.assertEqual(self.together["errors"], [])
        self.assertEqual((facts["scans"], facts["doubled"], facts["due"]), (PARCELS * SCANS, 0, 0))
        self.assertEqual((self.together["asked"], self.together["twice"]), (PARCELS, 0))
        # A second's worth at once, and what comes in during the second after it.
        self.assertLessEqual(self.together["most_a_second"], 2 * PER_SECOND)

    def test_several_workers_share_the_quota_of_the_day(self):
        self.assertEqual(self.quota["errors"], [])
        self.assertEqual((self.quota["calls"], self.quota["counted"]), (QUOTA, QUOTA))
        # The others are still due, and nobody claims them.
        facts = self.quota["facts"]
        self.assertEqual((facts["due"], facts["claimed"]), (PARCELS - self.quota["asked"], 0))
