from odoo.tests import tagged

from .common_dispatch import DispatchCase


@tagged("post_install", "-at_install")
class TestDispatchJoin(DispatchCase):
    """Orders to the same address go together where promises allow."""

    def test_two_orders_one_parcel(self):
        transfers = self.transfer() | self.transfer((self.mug, 2))
        stranger = self.transfer(partner=self.neighbour)
        self.plan()
        self.assertTrue(transfers[0].dispatch_join_key)
        self.assertEqual(transfers[0].dispatch_join_key, transfers[1].dispatch_join_key)
        self.assertFalse(stranger.dispatch_join_key)
        shipments = self.deliver(transfers | stranger)
        self.assertEqual(len(shipments), 2)
        together = transfers.shipment_ids
        self.assertEqual(len(together), 1)
        self.assertEqual(together.order_ids, transfers.sale_id)
        self.assertEqual(together.picking_ids, transfers)
        for order in transfers.sale_id:
            self.assertIn("shipped_together", self.events(order))
            self.assertIn("shipped", self.events(order, "customer"))
            self.assertNotIn("shipped_together", self.events(order, "customer"))
            other = transfers.sale_id - order
            event = order.sudo()._events().filtered(lambda one: one.kind == "shipped_together")
            self.assertEqual(event.data["orders"], other.mapped("name"))

    def test_a_number_typed_later_reaches_it(self):
        transfers = self.transfer() | self.transfer((self.mug, 2))
        self.plan()
        shipment = self.deliver(transfers)
        transfers[1].with_user(self.wes).carrier_tracking_ref = "AB 1"
        self.assertEqual(shipment.tracking_number, "AB 1")
        transfers[0].with_user(self.wes).carrier_tracking_ref = "AB 1, CD 2"
        self.assertEqual(set(shipment.tracking_number.split(", ")), {"AB 1", "CD 2"})

    def test_packed_one_after_the_other_they_are_two_parcels(self):
        transfers = self.transfer() | self.transfer((self.mug, 2))
        self.plan()
        self.deliver(transfers[0])
        self.deliver(transfers[1])
        self.assertEqual(len(transfers.shipment_ids), 2)

    def test_the_first_waits_a_day_for_the_second(self):
        self.receipt(self.blanket, 5, 1)
        first, second = self.transfer(requested_date=False), self.transfer((self.blanket, 1))
        first.sale_id.order_line.promise_figures = {"departs": "2027-01-13 15:00:00"}
        self.plan()
        self.assertLeaves(second, 1, "waits")
        self.assertLeaves(first, 1, "joined")
        self.assertIn(second.name, first.dispatch_reason)
        self.assertEqual(first.dispatch_join_key, second.dispatch_join_key)

    def test_not_past_its_promise_not_longer_and_not_the_urgent(self):
        self.receipt(self.blanket, 5, 1)
        self.transfer((self.blanket, 1))
        promised_today = self.transfer()
        urgent = self.transfer(urgency="urgent")
        urgent.sale_id.order_line.promise_figures = {"departs": "2027-01-13 15:00:00"}
        self.plan()
        self.assertLeaves(promised_today, 0)
        self.assertLeaves(urgent, 0)
        promised_today.sale_id.order_line.promise_figures = {"departs": "2027-01-13 15:00:00"}
        self.company.dispatch_join_days = 0
        self.plan()
        self.assertLeaves(promised_today, 0)

    def test_an_address_written_twice_is_one(self):
        again = self.customer.copy({"name": "Reception", "parent_id": self.customer.id, "type": "delivery"})
        again.street = "221  Baker street"
        transfers = self.transfer() | self.transfer(partner_shipping_id=again.id)
        self.plan()
        self.assertEqual(len(set(transfers.mapped("dispatch_join_key"))), 1)
        self.assertTrue(transfers[0].dispatch_join_key)

    def test_another_customer_at_the_same_address_is_not(self):
        flatmate = self.customer.copy({"name": "Flat mate"})
        transfers = self.transfer() | self.transfer(partner=flatmate)
        self.plan()
        self.assertFalse(any(transfers.mapped("dispatch_join_key")))
