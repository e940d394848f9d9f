import os
import shutil
from unittest import skipIf

from odoo.tests import TransactionCase, tagged

from .common_database import DatabaseCopy

KILLS = int(os.environ.get("SOAK_KILLS", "5"))
ROUNDS = int(os.environ.get("SOAK_RACES", "3"))
PARCELS, SCANS = 12, 5


@tagged("post_install", "-at_install", "tracking_killed")
@skipIf(not (shutil.which("pg_dump") and shutil.which("pg_restore")), "needs PostgreSQL's own tools")
class TestTrackingPushRace(TransactionCase):
    """Told and asked at once, told by many at once, and killed while reading: each scan once, none lost."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        database = DatabaseCopy(cls.env.cr.dbname, "push_race").make()
        cls.addClassCleanup(database.drop)
        cls.report = database.program("push_races", str(ROUNDS), str(KILLS))

    def assert_whole(self, facts):
        arrived = dict.fromkeys(("statuses", "shipments"), ["delivered"])
        none = dict.fromkeys(("doubled", "torn", "unread"), 0)
        # However many have told of it, the customer is told once of each.
        whole = {"scans": PARCELS * SCANS, "mails": PARCELS, **arrived, **none}
        self.assertEqual({name: facts[name] for name in whole}, whole)

    def test_pushed_and_asked_for_at_once(self):
        for round_ in self.report["races"]:
            self.assertEqual(round_["errors"], [])
            self.assert_whole(round_["facts"])

    def test_the_same_from_many_senders_is_stored_once_and_counted(self):
        same = self.report["same"]
        self.assertEqual(same["errors"], [])
        self.assert_whole(same["facts"])
        self.assertEqual(
            (same["facts"]["messages"], same["facts"]["times"]), (same["messages"], same["sent"])
        )

    def test_killed_while_reading(self):
        kills = self.report["kills"]
        at_work = [kill for kill in kills if kill["killed"] and kill["after"]["unread"]]
        self.assertGreaterEqual(len(at_work), max(1, KILLS // 5))
        for kill in kills:
            self.assertEqual((kill["after"]["doubled"], kill["after"]["torn"]), (0, 0))
            self.assert_whole(kill["drained"])
