import base64
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..connectors.base import Scan
from .common_tracking import TrackingCase


@tagged("post_install", "-at_install")
class TestShipmentScreen(TrackingCase):
    """What the lists and pages of shipments say, and who may ask for them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.now = fields.Datetime.now()
        cls.order = cls.confirmed_order(lines=[(cls.lantern, 1)]).sudo()
        cls.customer.tz = "UTC"
        cls.shipment = cls.ship_with_number("SW1", order=cls.order, shipped_at=cls.now - timedelta(days=4))
        cls.parcel = cls.shipment.parcel_ids

    def seen(self, code="TR", hours=1, text="Left depot", place="Leipzig", parcel=None, **more):
        scan = Scan(at=self.now - timedelta(hours=hours), code=code, text=text, place=place)
        self.ingest(parcel or self.parcel, scan, **more)
        self.env.invalidate_all()

    def promise(self, days):
        self.order.promise_date = self.now + timedelta(days=days)
        self.env.invalidate_all()

    def late(self):
        return self.env["order.shipment"].search([("is_late", "=", True)])

    def test_what_was_seen_last(self):
        self.seen(hours=5)
        self.seen("BAD", hours=2, text="Held", place="", eta=self.now + timedelta(days=1))
        self.assertEqual(self.shipment.last_scan, "Held")
        self.assertEqual(self.shipment.last_scan_age, "2 hours ago")
        self.assertEqual(self.shipment.eta, self.parcel.eta)
        self.assertEqual(self.shipment.scan_ids.mapped("text"), ["Held", "Left depot"])
        self.assertEqual(self.shipment.problem_count, len(self.parcel.problem_ids))

    def test_late_is_measured_in_the_customers_days(self):
        self.promise(2)
        self.assertFalse(self.shipment.is_late)
        self.assertNotIn(self.shipment, self.late())
        self.seen(eta=self.now + timedelta(days=4))
        self.assertTrue(self.shipment.is_late)
        self.assertIn(self.shipment, self.late())
        self.assertNotIn(self.shipment, self.env["order.shipment"].search([("is_late", "=", False)]))
        self.promise(4)
        self.assertFalse(self.shipment.is_late)
        self.promise(-1)
        self.assertTrue(self.shipment.is_late)
        self.seen("DEL", hours=0)
        self.assertFalse(self.shipment.is_late)
        self.assertNotIn(self.shipment, self.late())

    def test_the_day_agreed_since_counts(self):
        self.promise(-2)
        problem = self.env["order.shipment.problem"].sudo()._open(self.parcel, "late", {})
        self.assertEqual(self.shipment.problem_count, 1)
        problem.with_user(self.sally).action_new_date(fields.Date.add(self.now.date(), days=3))
        self.env.invalidate_all()
        self.assertEqual(self.shipment.promised_for, fields.Date.add(self.now.date(), days=3))
        self.assertFalse(self.shipment.is_late)
        self.assertEqual(self.shipment.problem_count, 0)

    def test_many_cost_as_many_queries_as_few(self):
        shown = ["last_scan_age", "last_scan", "eta", "promised_for", "is_late", "problem_count", "status"]
        shown += ["tracked_count", "carrier_page"]
        self.swift.tracking_url = "https://swift.example.com/<shipmenttrackingnumber>"
        shipments = self.shipment
        for number in range(15):
            shipments |= self.ship_with_number(f"MANY{number}", order=self.order)

        def cost(some):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            some.with_user(self.wes).read(shown)
            return self.cr.sql_log_count - before

        cost(shipments)  # what is kept by the process is known from here on
        few = cost(shipments[:1])
        self.assertEqual(cost(shipments), few)
        self.assertLess(few, 12)

    def test_the_board_stands_in_the_order_of_the_journey(self):
        columns = self.env["order.shipment"]._status_columns(["expired", "in_transit"], [])
        self.assertEqual(columns, ["pending", "in_transit", "out_for_delivery", "expired"])

    # ---------------------------------------------------------------- asking
    def test_who_ships_asks_now_and_no_sooner_than_allowed(self):
        self.parcel.write({"next_poll_at": self.now + timedelta(hours=8), "last_poll_at": False})
        with self.assertRaises(AccessError):
            self.rpc(self.sally, self.shipment, "action_ask_now")
        with self.assertRaises(AccessError):
            self.rpc(self.carla, self.shipment, "action_ask_now")
        self.rpc(self.wes, self.shipment, "action_ask_now")
        self.assertLessEqual(self.parcel.next_poll_at, fields.Datetime.now())
        self.parcel.write({"next_poll_at": self.now + timedelta(hours=8), "last_poll_at": self.now})
        said = self.rpc(self.wes, self.parcel, "action_ask_now")
        self.assertIn("wants a pause", said["params"]["message"])
        self.assertEqual(self.parcel.next_poll_at, self.now + self.provider._pause())
        # Asked for sooner than that already: it stays.
        soon = self.now + timedelta(minutes=1)
        self.parcel.next_poll_at = soon
        self.rpc(self.wes, self.parcel, "action_ask_now")
        self.assertEqual(self.parcel.next_poll_at, soon)

    def test_what_has_arrived_is_not_asked_for(self):
        self.seen("DEL")
        asked = self.parcel.next_poll_at
        with self.assertRaises(UserError):
            self.rpc(self.wes, self.shipment, "action_ask_now")
        self.assertEqual(self.parcel.next_poll_at, asked)

    def test_the_carriers_page(self):
        with self.assertRaises(UserError):
            self.rpc(self.sally, self.shipment, "action_open_carrier_page")
        self.swift.tracking_url = "https://swift.example.com/?<shipmenttrackingnumber>"
        action = self.rpc(self.sally, self.shipment, "action_open_carrier_page")
        self.assertEqual(action["url"], "https://swift.example.com/?SW1")
        self.swift.tracking_url = "javascript:alert(<shipmenttrackingnumber>)"
        with self.assertRaises(UserError):
            self.rpc(self.sally, self.shipment, "action_open_carrier_page")

    def test_the_carriers_code_is_for_administrators(self):
        for user, is_shown in ((self.wes, False), (self.env.ref("base.user_admin"), True)):
            views = self.env["order.shipment"].with_user(user).get_views([(False, "form")])
            self.assertEqual('name="code"' in views["views"]["form"]["arch"], is_shown)

    # ---------------------------------------------------------------- problems and pushed news
    def test_problems_are_found_from_order_and_shipment(self):
        problem = self.env["order.shipment.problem"].sudo()._open(self.parcel, "lost", {})
        for records, method in (
            (self.shipment, "action_view_problems"),
            (self.order, "action_view_parcel_problems"),
        ):
            action = self.rpc(self.sally, records, method)
            self.assertEqual(self.env[action["res_model"]].search(action["domain"]), problem)
        action = self.rpc(self.sally, problem, "action_view_shipments")
        self.assertEqual(action["res_id"], self.shipment.id)

    def test_a_pushed_message_can_be_read_by_people(self):
        inbox = self.env["order.tracking.inbox"].sudo()
        vals = {"provider_id": self.provider.id, "digest": "x", "state": "failed", "error": "malformed"}
        raw = base64.b64encode("<html>né\x00</html>".encode())
        message = inbox.create({**vals, "raw": raw, "form": {"a": "b"}})
        self.assertEqual(message.content, "<html>né</html>\na = b")
        self.assertTrue(message.can_read_again)
        bad = inbox.create({**vals, "digest": "y", "raw": base64.b64encode(b"\xff\xfe{")})
        self.assertTrue(bad.content.endswith("{"))
        bad.write({"state": "done", "error": False})
        self.assertFalse(bad.can_read_again)
