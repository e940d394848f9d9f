from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from .common_tracking import SHIPPED, TrackingCase


class ShownCase(TrackingCase):
    """A lamp on its way: picked up, in transit, told of by Parcel Eye."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls.confirmed_order(lines=[(cls.lantern, 1)]).sudo()
        cls.ship(cls.order)
        cls.shipment = cls.order.shipment_ids
        cls.order.picking_ids.write({"carrier_id": cls.swift.id, "carrier_tracking_ref": "SW1"})
        cls.shipment.write({"carrier_id": cls.swift.id, "tracking_number": "SW1", "shipped_at": SHIPPED})
        cls.parcel = cls.shipment.parcel_ids

    def scanned(self):
        self.ingest(
            self.parcel,
            self.scan("PU", 1, "Collected", "Leeds"),
            self.scan("TR", 5, "快递员张三13800138000已揽收", "Lyon"),
            eta=SHIPPED + timedelta(days=4),
        )


@tagged("post_install", "-at_install")
class TestShipmentScreen(ShownCase):
    def test_what_staff_see(self):
        self.scanned()
        self.order.promise_date = SHIPPED + timedelta(days=2)
        shipment = self.shipment.with_user(self.wes)
        self.assertEqual(shipment.last_scan_at, SHIPPED + timedelta(hours=5))
        self.assertIn("Lyon", shipment.last_scan)
        self.assertEqual(shipment.scan_ids.mapped("code"), ["TR", "PU"])
        with freeze_time(SHIPPED):
            self.assertTrue(shipment.is_late)
        self.assertTrue(shipment.is_asked)

    def test_many_are_as_many_queries_as_few(self):
        def queries(count):
            shipments = self.env["order.shipment"].sudo()
            for number in range(count):
                shipments |= self.ship_with_number(f"Q{count}{number}")
                self.ingest(shipments[-1].parcel_ids, self.scan("TR", 2, "Sorted"))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            shipments.with_user(self.wes).web_read(
                {
                    name: {}
                    for name in (
                        "last_scan",
                        "last_scan_at",
                        "eta",
                        "promised_day",
                        "is_late",
                        "problem_count",
                    )
                }
            )
            return self.env.cr.sql_log_count - before

        queries(1)
        self.assertLessEqual(queries(9), queries(3))

    def test_asked_now(self):
        self.parcel.next_poll_at = fields.Datetime.now() + timedelta(hours=4)
        self.rpc(self.wes, self.shipment, "action_ask_now")
        self.assertLessEqual(self.parcel.next_poll_at, fields.Datetime.now())
        self.parcel.last_poll_at = now = fields.Datetime.now()
        self.rpc(self.wes, self.shipment, "action_ask_now")
        self.assertGreater(self.parcel.next_poll_at, now, "not more often than the account allows")
        with self.assertRaises(AccessError):
            self.rpc(self.sally, self.shipment, "action_ask_now")
        self.provider.mode = "push"
        with self.assertRaisesRegex(UserError, "Nobody can be asked"):
            self.rpc(self.wes, self.shipment, "action_ask_now")

    def test_every_column_of_the_board_can_be_shown(self):
        shipments = self.env["order.shipment"].sudo().with_context(read_group_expand=True)
        groups = shipments.web_read_group([], ["status"], ["__count"])["groups"]
        self.assertIn("out_for_delivery", [group["status"] for group in groups])


@tagged("post_install", "-at_install")
class TestShipmentPortal(ShownCase, HttpCase):
    def page(self, order):
        order._portal_ensure_token()
        return self.url_open(order.get_portal_url()).text

    def test_the_customer_follows_his_parcel(self):
        self.scanned()
        page = self.page(self.order)
        self.assertIn("Collected", page)
        self.assertIn("Expected by the carrier", page)
        self.assertNotIn("13800138000", page, "a courier's phone is nobody's business")

    def test_of_one_shipment_each_reads_his_own(self):
        dora = self.customer.copy({"name": "Dora", "email": "dora@example.com"})
        other = self.confirmed_order(dora, lines=[(self.lantern, 1)]).sudo()
        self.ship(other)
        pickings = other.picking_ids
        pickings.write({"carrier_id": self.swift.id, "carrier_tracking_ref": "SW2"})
        self.shipment.write(
            {
                "order_ids": [Command.link(other.id)],
                "picking_ids": [Command.link(pickings.id)],
                "tracking_number": "SW1, SW2",
            }
        )
        self.scanned()
        second = self.shipment.parcel_ids - self.parcel
        self.ingest(second, self.scan("TR", 6, "Hers only", "Wien"))
        self.assertNotIn("Hers only", self.page(self.order))
        self.assertIn("Hers only", self.page(other))
        self.assertNotIn("Collected", self.page(other))
