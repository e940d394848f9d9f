import psycopg2

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.review_facts import ReviewFacts
from .common import OrderProcessingCase


class RemoteAreaCase(OrderProcessingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.areas = cls.env["order.remote.area"]

    def area(self, by=None, **vals):
        vals = {"name": "Moor", "country_id": self.gb.id, "zip_from": "TS", **vals}
        return self.areas.with_user(by or self.mona).create(vals)

    def found(self, order):
        order = order.sudo()
        return order._check_remote_area(None, ReviewFacts(order)).get(order.id)

    def found_at(self, country, zip=None, state=None, **vals):  # noqa: A002
        partner = self.env["res.partner"].create(
            {
                "name": "Far Away",
                "country_id": self.env.ref(f"base.{country}").id,
                "state_id": self.env.ref(f"base.{state}").id if state else False,
                "zip": zip,
            }
        )
        found = self.found(self.quotation(partner, **vals))
        return found and found.figures["area"]


@tagged("post_install", "-at_install")
class TestRemoteAreaCheck(RemoteAreaCase):
    """Somebody should know before the carrier sends its bill."""

    def test_what_is_shipped_knows_the_usual_places(self):
        cases = [
            ("cn", None, "state_cn_XJ", "新疆 Xinjiang"),
            ("cn", "850000", None, "西藏 Tibet"),
            ("cn", "310012", "state_cn_ZJ", None),
            ("uk", "HS1 2AB", None, "Outer Hebrides"),
            ("uk", "PH26 3AB", None, "Scottish Highlands"),
            ("uk", "PH2 6AB", None, None),
            ("uk", "NW1 6XE", None, None),
            ("je", "JE2 3AB", None, "Jersey"),
            ("us", "99501", None, "Alaska"),
            ("us", "96799", None, "American Samoa"),
            ("us", "96813", "state_us_12", "Hawaii"),
            ("us", "10118", "state_us_27", None),
            ("es", "35001", None, "Canary Islands"),
            ("es", "28001", None, None),
            ("it", "09100", None, "Sardinia"),
            ("fr", "20000", None, "Corsica"),
            ("gr", "84100", None, "Aegean islands"),
            ("de", "25980", None, "Sylt"),
            ("fi", "FI-99800", None, "Lapland"),
            ("no", "9171", None, "Svalbard"),
            ("au", "0872", None, "Northern Territory"),
            ("ke", None, None, None),
        ]
        for country, code, state, expected in cases:
            with self.subTest(country, zip=code, state=state):
                self.assertEqual(self.found_at(country, code, state), expected)

    def test_an_area_of_one_carrier_is_for_its_orders(self):
        vans, bikes = self.env["delivery.carrier"].create(
            [
                {"name": name, "product_id": self.product(name, 5, type="service", is_storable=False).id}
                for name in ("Vans", "Bikes")
            ]
        )
        self.area(carrier_ids=[Command.link(vans.id)])
        self.assertIsNone(self.found_at("uk", "TS1 1AA"))
        self.assertIsNone(self.found_at("uk", "TS1 1AA", carrier_id=bikes.id))
        self.assertEqual(self.found_at("uk", "TS1 1AA", carrier_id=vans.id), "Moor")
        vans.action_archive()
        self.assertIsNone(self.found_at("uk", "TS1 1AA", carrier_id=bikes.id))

    def test_the_finding_says_where(self):
        self.area()
        order = self.quotation(self.customer.copy({"name": "Heath", "zip": "TS1 1AA"}))
        order.action_submit()
        self.assertConfirmed(order)  # it only informs
        finding = order.sudo().review_finding_ids
        self.assertEqual((finding.code, finding.severity), ("remote_area", "inform"))
        self.assertIn("Heath is in a remote area (Moor)", finding.text)

    def test_a_change_of_the_table_counts_at_once(self):
        self.assertIsNone(self.found_at("uk", "TS1 1AA"))
        area = self.area()
        self.assertEqual(self.found_at("uk", "TS1 1AA"), "Moor")
        area.zip_from = "TS2"
        self.assertIsNone(self.found_at("uk", "TS1 1AA"))
        area.write({"zip_from": "ts1", "active": False})
        self.assertIsNone(self.found_at("uk", "TS1 1AA"))
        area.active = True
        self.assertEqual(self.found_at("uk", "TS1 1AA"), "Moor")
        area.unlink()
        self.assertIsNone(self.found_at("uk", "TS1 1AA"))

    def test_each_company_has_its_own(self):
        other = self.env["res.company"].create({"name": "Mugs of Leeds"})
        self.areas.create(
            {"name": "Moor", "country_id": self.gb.id, "zip_from": "TS", "company_id": other.id}
        )
        self.assertIsNone(self.found_at("uk", "TS1 1AA"))
        self.assertFalse(self.areas.with_user(self.mona).search([("name", "=", "Moor")]))


@tagged("post_install", "-at_install")
class TestRemoteAreaTable(RemoteAreaCase):
    """Mona keeps the table; salespeople look."""

    def test_who_may_what(self):
        area = self.area()
        self.assertEqual(area.with_user(self.sally).name, "Moor")
        for act in (
            lambda: self.area(self.sally, name="Fen"),
            lambda: area.with_user(self.sally).write({"name": "Fen"}),
            lambda: area.with_user(self.rita).unlink(),
            lambda: area.with_user(self.wes).name,
        ):
            with self.assertRaises(AccessError):
                act()

    def test_what_makes_no_sense_is_said_with_its_column(self):
        china = self.env.ref("base.cn").id
        zhejiang = self.env.ref("base.state_cn_ZJ").id
        wrong = [
            ({"zip_from": False, "zip_to": "TS9"}, "^Postal codes from of Moor: give the first"),
            ({"zip_from": "12345"}, "^Postal codes from of Moor: 12345 is not how"),
            ({"zip_to": "12345"}, "^Postal codes to of Moor: 12345 is not how"),
            ({"zip_from": "TS9", "zip_to": "TS1"}, "^Postal codes to of Moor: TS1 comes before TS9"),
            ({"country_id": china, "zip_from": "83", "zip_to": "8499"}, "need the same number of signs"),
            ({"state_ids": [Command.link(zhejiang)]}, "^States of Moor: 浙江省 is not in United Kingdom"),
        ]
        for vals, message in wrong:
            refused = self.assertRaisesRegex(ValidationError, message)
            with self.subTest(**vals), refused, self.env.cr.savepoint():
                self.area(**vals)
        self.area()
        with self.assertRaises(psycopg2.IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.area()

    def test_what_makes_an_area_smaller_than_its_country_stays(self):
        state = self.env["res.country.state"].create({"name": "Fen", "code": "FE", "country_id": self.gb.id})
        self.area(zip_from=False, state_ids=[Command.link(state.id)])
        with self.assertRaises(psycopg2.IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            state.unlink()

    def test_a_carriers_list_is_imported(self):
        columns = ["name", "country_id", "state_ids", "zip_from", "zip_to", "note"]
        rows = [
            ["Moors", "United Kingdom", "", "ts1", "TS9", "Surcharge"],
            ["Zhejiang's islands", "China", "浙江省", "3162", "", ""],
        ]
        result = self.areas.with_user(self.mona).load(columns, rows)
        self.assertEqual(result["messages"], [])
        moors, islands = self.areas.browse(result["ids"])
        self.assertEqual((moors.zip_from, moors.zip_to, moors.note), ("TS1", "TS9", "Surcharge"))
        self.assertEqual(islands.state_ids.code, "浙")
        self.assertEqual(self.found_at("uk", "TS5 5AA"), "Moors")

    def test_an_import_says_which_row_and_column_is_wrong(self):
        columns = ["name", "country_id", "zip_from", "zip_to"]
        cases = [
            (["Moors", "Atlantis", "TS1", ""], "Atlantis"),
            (["Moors", "United Kingdom", "TS9", "TS1"], "Postal codes to of Moors"),
            (["Outer Hebrides", "United Kingdom", "HS", ""], "change Name or Postal codes from"),
        ]
        for row, message in cases:
            with self.subTest(message), mute_logger("odoo.sql_db"):
                result = self.areas.with_user(self.mona).load(columns, [row])
                self.assertFalse(result["ids"])
                self.assertIn(message, result["messages"][0]["message"])
                self.assertEqual(result["messages"][0]["rows"], {"from": 0, "to": 0})
