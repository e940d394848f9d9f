import os
import shutil
from unittest import skipIf

from odoo.tests import TransactionCase, tagged

from .common_database import DatabaseCopy

NOTHING_WRONG = {"elsewhere": 0, "twice": 0, "empty": 0, "departures_twice": 0}
KILLS = int(os.environ.get("SOAK_KILLS", "4"))


@tagged("post_install", "-at_install", "dispatch_race")
@skipIf(not (shutil.which("pg_dump") and shutil.which("pg_restore")), "needs PostgreSQL's own tools")
class TestDispatchRace(TransactionCase):
    """Two plan at once while somebody packs, and planners are killed: on a real database."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        database = DatabaseCopy(cls.env.cr.dbname, "dispatch").make()
        cls.addClassCleanup(database.drop)
        cls.result = database.program("dispatch_race", str(KILLS))

    def wrong(self, facts):
        return {name: facts[name] for name in NOTHING_WRONG}

    def test_two_at_once_make_no_wave_twice(self):
        for race in self.result["races"]:
            self.assertEqual(self.wrong(race["during"]), NOTHING_WRONG, race)
            self.assertEqual(self.wrong(race["after"]), NOTHING_WRONG, race)
            self.assertEqual(race["after"]["unplanned"], 0, race)

    def test_nobody_sees_an_error(self):
        for race in self.result["races"]:
            self.assertEqual([report["error"] for report in race["reports"]], [None] * 3)

    def test_killed_nothing_is_half_planned(self):
        self.assertEqual(len(self.result["kills"]), KILLS)
        for kill in self.result["kills"]:
            self.assertEqual(self.wrong(kill["right_after"]), NOTHING_WRONG, kill)
            self.assertEqual(self.wrong(kill["after"]), NOTHING_WRONG, kill)
            self.assertEqual(kill["after"]["unplanned"], 0, kill)
