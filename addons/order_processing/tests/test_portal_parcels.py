from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from ..connectors.base import Scan
from .common_tracking import TrackingCase


@tagged("post_install", "-at_install")
class TestPortalParcels(TrackingCase, HttpCase):
    """A customer follows his own parcels, and reads no courier's name or number."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.otto = cls.customer.copy({"name": "Otto", "email": "otto@example.com"})
        cls.now = fields.Datetime.now()

    def sent(self, partner, number):
        order = self.confirmed_order(partner, lines=[(self.lantern, 1)]).sudo()
        order.picking_ids.write({"carrier_id": self.swift.id, "carrier_tracking_ref": number})
        self.ship(order)
        return order

    def seen(self, parcel, *scans, **more):
        self.ingest(
            parcel,
            *(
                Scan(at=self.now - timedelta(hours=hours), code=code, text=text)
                for hours, code, text in scans
            ),
            **more,
        )

    def page(self, order):
        self.env.flush_all()
        self.authenticate("carla", "carla")
        return self.url_open(order.get_portal_url()).text

    def test_each_parcel_with_its_scans(self):
        order = self.sent(self.customer, "SW1")
        parcel = order.shipment_ids.parcel_ids
        eta = self.now + timedelta(days=1)
        self.seen(
            parcel,
            (9, "PU", "Collected from sender"),
            (3, "OUT", "With courier: Jane Roe, phone 13800138000"),
            eta=eta,
        )
        self.swift.tracking_url = "https://swift.example.com/<shipmenttrackingnumber>"
        text = self.page(order)
        self.assertIn("With courier: ***", text)
        for shown in ("SW1", "Out for delivery", "Expected on", "Earlier scans", "Collected from sender"):
            self.assertIn(shown, text)
        self.assertIn('href="https://swift.example.com/SW1"', text)
        self.assertNotIn("13800138000", text)
        self.assertNotIn("Jane", text)
        last, folded = text.index("With courier"), text.index("<details")
        self.assertTrue(last < folded < text.index("Collected from sender"))

    def test_a_day_that_has_passed_is_not_expected(self):
        order = self.sent(self.customer, "SW1")
        self.seen(order.shipment_ids.parcel_ids, (3, "TR", ""), eta=self.now - timedelta(days=1))
        [parcel] = order._portal_shipments()[0]["parcels"]
        self.assertFalse(parcel["eta"])
        self.assertEqual(parcel["last"]["text"], "In transit")

    def test_two_customers_in_one_shipment(self):
        hers, his = self.sent(self.customer, "HERS1"), self.sent(self.otto, "HIS1")
        shipment = hers.shipment_ids
        shipment.write(
            {
                "order_ids": [(4, his.id)],
                "picking_ids": [(4, one.id) for one in his.picking_ids],
                "tracking_number": "HERS1, HIS1",
            }
        )
        parcels = {parcel.number: parcel for parcel in shipment.parcel_ids}
        self.seen(parcels["HERS1"], (2, "TR", "Her parcel left depot"))
        self.seen(parcels["HIS1"], (1, "NOT", "Nobody at home at his place"))
        self.assertEqual([one["number"] for one in hers._portal_shipments()[0]["parcels"]], ["HERS1"])
        self.assertEqual([one["number"] for one in his._portal_shipments()[0]["parcels"]], ["HIS1"])
        text = self.page(hers)
        self.assertIn("Her parcel left depot", text)
        for hidden in ("HIS1", "at his place", "Otto"):
            self.assertNotIn(hidden, text)

    def test_without_a_number_the_shipment_stands_there(self):
        order = self.confirmed_order(lines=[(self.lantern, 1)]).sudo()
        self.ship(order)
        text = self.page(order)
        self.assertIn("Handed over", text)
        self.assertNotIn("<details", text)
