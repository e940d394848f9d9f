from odoo import fields
from odoo.tests import HttpCase, tagged

from ..connectors.base import Scan
from .common_tracking import TrackingCase


@tagged("post_install", "-at_install")
class TestParcelsInTheBrowser(TrackingCase, HttpCase):
    """Wes follows a parcel, and Sally sees to one that is lost."""

    def test_where_it_is_and_what_to_do(self):
        self.company.parcel_problems = True
        self.meaning("LOST", "exception", substatus="lost")
        order = self.confirmed_order(lines=[(self.lantern, 1)]).sudo()
        self.ship(order)
        shipment = order.shipment_ids
        now = fields.Datetime.now()
        shipment.write({"carrier_id": self.swift.id, "tracking_number": "SW-1", "shipped_at": now})
        parcel = shipment.parcel_ids

        def hours_ago(hours, code, text, **more):
            return Scan(at=fields.Datetime.subtract(now, hours=hours), code=code, text=text, **more)

        collected = hours_ago(8, "PU", "Collected", zone_assumed=True)
        self.ingest(parcel, collected, hours_ago(3, "TR", "Left depot", place="Leipzig"))
        parcel.next_poll_at = fields.Datetime.add(now, hours=5)
        self.start_tour("/odoo/shipments", "parcel_wes_follows_it", login="wes")
        self.assertLessEqual(parcel.next_poll_at, fields.Datetime.now())
        self.ingest(parcel, hours_ago(1, "LOST", "Search without result"))
        problem = parcel.problem_ids
        self.assertEqual(problem.kind, "lost")
        self.start_tour("/odoo/parcel-problems", "parcel_sally_sends_it_again", login="sally")
        self.assertEqual((problem.state, problem.solved_by_id), ("solved", self.sally))
        self.assertEqual(problem.replacement_order_id.amount_untaxed, 0)


@tagged("post_install", "-at_install")
class TestParcelsOnThePhone(TrackingCase, HttpCase):
    """Carla follows her parcel on her phone; another customer's went along."""

    browser_size = "390x844"
    touch_enabled = True

    def test_where_hers_is(self):
        otto = self.customer.copy({"name": "Otto", "email": "otto@example.com"})
        orders = []
        for partner, number in ((self.customer, "SW-9"), (otto, "HIS-9")):
            order = self.confirmed_order(partner, lines=[(self.lantern, 1)]).sudo()
            order.picking_ids.write({"carrier_id": self.swift.id, "carrier_tracking_ref": number})
            self.ship(order)
            orders.append(order)
        hers, his = orders
        shipment, now = hers.shipment_ids, fields.Datetime.now()
        pickings = [(4, picking.id) for picking in his.picking_ids]
        shipment.write(
            {"order_ids": [(4, his.id)], "picking_ids": pickings, "tracking_number": "SW-9, HIS-9"}
        )
        parcel = shipment.parcel_ids.filtered(lambda one: one.number == "SW-9")
        for hours, code, text in (
            (9, "PU", "Collected"),
            (6, "TR", "Arrived at a depot with a name that is long enough to need more than one line"),
            (1, "OUT", "With courier: Jane Roe, phone 13800138000"),
        ):
            at = fields.Datetime.subtract(now, hours=hours)
            self.ingest(parcel, Scan(at=at, code=code, text=text))
        self.start_tour(f"/my/orders/{hers.id}", "parcel_carla_follows_hers", login="carla")
