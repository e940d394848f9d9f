from odoo.tests import tagged

from .common_dispatch import DispatchCase


@tagged("post_install", "-at_install")
class TestDispatchParcels(DispatchCase):
    """One parcel of several orders: of one customer, to one address, and only as long as that is true."""

    def two(self):
        transfers = self.transfer() | self.transfer((self.mug, 2))
        self.plan()
        self.assertEqual(len(set(transfers.mapped("dispatch_join_key"))), 1)
        self.assertTrue(transfers[0].dispatch_join_key)
        return transfers

    def test_two_customers_of_one_receiver_are_two_parcels(self):
        other = self.customer.copy({"name": "Other reseller"})
        receiver = self.customer.copy({"name": "Receiver"})
        first = self.transfer(partner_shipping_id=receiver.id)
        second = self.transfer((self.mug, 2), partner=other, partner_shipping_id=receiver.id)
        third = self.transfer((self.mug, 1), partner=other, partner_shipping_id=receiver.id)
        self.plan()
        self.assertFalse(first.dispatch_join_key)
        self.assertTrue(second.dispatch_join_key)
        self.assertEqual(second.dispatch_join_key, third.dispatch_join_key)
        self.deliver(first | second | third)
        self.assertNotEqual(first.shipment_ids, second.shipment_ids)
        self.assertEqual(second.shipment_ids, third.shipment_ids)
        self.assertEqual(first.shipment_ids.order_ids, first.sale_id)

    def test_even_where_the_key_says_otherwise(self):
        """The key is as old as the last plan."""
        other = self.customer.copy({"name": "Other reseller"})
        first = self.transfer(partner_shipping_id=self.neighbour.id)
        second = self.transfer((self.mug, 2), partner=other, partner_shipping_id=self.neighbour.id)
        (first | second).sudo().dispatch_join_key = "9-9"
        self.assertEqual(len(self.deliver(first | second)), 2)

    def test_colleagues_of_one_company_share_a_parcel(self):
        contact = self.env["res.partner"].create({"name": "Reception", "parent_id": self.customer.id})
        first = self.transfer()
        second = self.transfer((self.mug, 2), partner=contact, partner_shipping_id=self.customer.id)
        self.plan()
        self.assertTrue(first.dispatch_join_key)
        self.assertEqual(len(self.deliver(first | second)), 1)

    def test_an_address_written_twice_is_one_parcel(self):
        again = self.customer.copy({"name": "Reception", "parent_id": self.customer.id, "type": "delivery"})
        again.street = "221  Baker street"
        transfers = self.transfer() | self.transfer(partner_shipping_id=again.id)
        self.plan()
        self.assertEqual(len(self.deliver(transfers)), 1)

    # ---------------------------------------------------------------- changed since
    def test_another_address_since(self):
        transfers = self.two()
        transfers[1].with_user(self.wes).partner_id = self.shop
        self.assertEqual(transfers.mapped("dispatch_join_key")[1], False)
        self.assertTrue(transfers[0].dispatch_join_key)
        shipments = self.deliver(transfers)
        self.assertEqual(shipments.partner_id, self.customer | self.shop)
        self.assertEqual(len(shipments), 2)

    def test_the_same_address_again_changes_nothing(self):
        transfers = self.two()
        transfers[1].with_user(self.wes).partner_id = transfers[1].partner_id
        self.assertTrue(transfers[1].dispatch_join_key)

    def test_another_town_since(self):
        transfers = self.transfer(partner_shipping_id=self.customer.id)
        again = self.customer.copy({"name": "Reception", "parent_id": self.customer.id, "type": "delivery"})
        transfers |= self.transfer(partner_shipping_id=again.id)
        self.plan()
        self.assertEqual(len(set(transfers.mapped("dispatch_join_key"))), 1)
        again.write({"street": "1 High Street", "zip": "M1 1AA"})
        self.assertEqual(len(self.deliver(transfers)), 2)

    def test_another_carrier_since(self):
        product = self.product("POST", 4.0, type="service", is_storable=False)
        van = self.env["delivery.carrier"].create({"name": "Van", "product_id": product.id})
        transfers = self.two()
        transfers[1].with_user(self.wes).carrier_id = van
        self.assertFalse(transfers[1].dispatch_join_key)

    def test_moved_to_another_day(self):
        transfers = self.two()
        transfers[1].with_user(self.wes).dispatch_move(self.departure(2).id)
        self.assertFalse(transfers[1].dispatch_join_key)
        self.assertEqual(len(self.deliver(transfers)), 2)

    def test_put_into_another_wave_in_odoos_own_screens(self):
        transfers = self.two()
        stranger = self.transfer(partner=self.neighbour)
        self.plan()
        stranger.with_user(self.wes).dispatch_move(self.departure(2).id)
        transfers[1].with_user(self.wes).batch_id = stranger.batch_id
        self.assertFalse(transfers[1].dispatch_join_key)
        self.assertEqual(len(self.deliver(transfers)), 2)

    # ---------------------------------------------------------------- some of it has left
    def test_what_is_packed_is_a_parcel_of_its_own(self):
        transfers = self.two()
        packed, waits = transfers[1], transfers[0]
        old = packed.dispatch_join_key
        self.deliver(packed)
        later = self.transfer((self.mug, 1))
        self.plan()
        self.assertEqual(packed.dispatch_join_key, old)
        self.assertTrue(waits.dispatch_join_key)
        self.assertEqual(waits.dispatch_join_key, later.dispatch_join_key)
        self.assertNotEqual(waits.dispatch_join_key, old)
        self.assertEqual(waits._joined_shipments()[0], waits | later)
        key = waits.dispatch_join_key
        self.assertEqual(self.plan(), 0)
        self.assertEqual(waits.dispatch_join_key, key)
        self.deliver(later)
        self.transfer((self.mug, 1))
        self.plan()
        self.assertNotIn(waits.dispatch_join_key, (old, key))
