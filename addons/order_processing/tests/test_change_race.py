import shutil
from unittest import skipIf

from odoo.tests import TransactionCase, tagged

from .common_database import DatabaseCopy


@tagged("post_install", "-at_install", "reservation_races")
@skipIf(not (shutil.which("pg_dump") and shutil.which("pg_restore")), "needs PostgreSQL's own tools")
class TestChangedAtTheSameMoment(TransactionCase):
    """A customer changes his order in one transaction while somebody acts on it in another."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        database = DatabaseCopy(cls.env.cr.dbname, "changes").make()
        cls.addClassCleanup(database.drop)
        cls.found = {tuple(one["way"]): one for one in database.program("race_changes")}

    def test_nothing_ends_in_an_error(self):
        for way, one in self.found.items():
            with self.subTest(way):
                # A colleague is told that nothing is left to send; nobody else meets an error.
                told = way == ("cancel", "validate") and one["error"].startswith("UserError")
                self.assertTrue(told or not one["error"], one["error"])

    def test_once_is_once(self):
        for way in (("less", "less"), ("cancel", "less"), ("less", "cancel")):
            with self.subTest(way):
                self.assertEqual(self.found[way]["outcomes"], ["done", "stale"])
        asked = self.found["ask", "ask"]
        self.assertEqual((asked["requests"], asked["outcomes"]), (1, ["asked", "stale"]))

    def test_a_list_that_was_printed_says_what_is_ordered(self):
        first = self.found["print", "less"]
        self.assertEqual((first["printed"], first["ordered"], first["outcomes"]), (True, 5, ["stale"]))
        second = self.found["less", "print"]
        self.assertEqual((second["printed"], second["ordered"], second["outgoing"]), (True, 3, 3))
        self.assertEqual(self.found["print", "day"]["outcomes"], ["stale"])

    def test_what_left_is_what_is_ordered(self):
        for way in (
            ("validate", "less"),
            ("less", "validate"),
            ("validate", "cancel"),
            ("cancel", "validate"),
        ):
            one = self.found[way]
            with self.subTest(way, **one):
                if one["state"] == "cancel":
                    self.assertEqual(one["done"], 0)
                else:
                    self.assertEqual(one["done"], one["ordered"])
