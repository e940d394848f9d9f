import json
import shutil
from pathlib import Path
from unittest import skipIf

from odoo.tests import TransactionCase, tagged

from odoo.addons.order_processing.tests import common_database

ONE = {"documents": 1, "pieces": 2}


@tagged("post_install", "-at_install", "reservation_races")
@skipIf(not (shutil.which("pg_dump") and shutil.which("pg_restore")), "needs PostgreSQL's own tools")
class TestCasesAtOnce(TransactionCase):
    """Processes of their own, on a database of their own, which all begin before any has ended."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        database = common_database.DatabaseCopy(cls.env.cr.dbname, "cases").make()
        cls.addClassCleanup(database.drop)
        program, workers = Path(__file__).with_name("race_cases.py"), Path(common_database.__file__).parent
        process = database._start(str(program), database.name, str(workers))
        out, err = process.communicate()
        if process.returncode:
            raise RuntimeError(err)
        cls.found = json.loads(out)

    def test_three_clicks_make_one(self):
        for name in ("refund", "return", "replacement"):
            with self.subTest(name):
                self.assertEqual(self.found[name], {"made": ONE, "errors": []})

    def test_two_cases_never_get_more_than_there_was(self):
        for name in ("refund_of_two", "return_of_two", "replacement_of_two"):
            with self.subTest(name):
                found = self.found[name]
                self.assertEqual(found, {"made": {"documents": 2, "pieces": 4}, "errors": []})

    def test_ten_are_open_and_no_more(self):
        self.assertEqual(self.found["limit"], {"made": 10, "errors": []})

    def test_a_form_sent_three_times_is_one_case(self):
        self.assertEqual(self.found["form_twice"], {"made": 1, "errors": []})

    def test_the_opener_may_be_killed_at_any_time(self):
        found = self.found["killed"]
        self.assertGreater(found.pop("kills"), 0)
        self.assertEqual(found, {"halves": 0, "cases": 400, "problems": 400, "left": 0})
