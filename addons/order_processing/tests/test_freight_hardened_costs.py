from odoo.fields import Command
from odoo.tests import tagged

from .common_freight import FreightCase


@tagged("post_install", "-at_install")
class TestWhatLeavesIsPriced(FreightCase):
    """A shipment is priced for what is in it: an order may leave in parts, and orders together."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mug.weight = 1.0
        cls.table = cls.carrier("Table")  # without a rate: 2.00 a kilogram
        cls.table.write(
            {
                "delivery_type": "base_on_rule",
                "price_rule_ids": [cls.rule_of("weight", 2.0)],
            }
        )

    @staticmethod
    def rule_of(what, price):
        return Command.create(
            {"variable": what, "operator": ">=", "max_value": 0, "list_price": price, "variable_factor": what}
        )

    def in_parts(self, order, first):
        """Ship so many pieces, then the rest; return the shipments in this order."""
        picking = order.sudo().picking_ids
        picking.move_ids.quantity = first
        picking.move_ids.picked = True
        picking.with_context(skip_backorder=True, picking_ids_not_to_create_backorder=[]).button_validate()
        self.ship(order)
        return order.sudo().shipment_ids.sorted("id")

    def order_with(self, carrier, count):
        return self.order((self.mug, count), carrier_id=carrier.id)

    def expected(self, shipments):
        return [(one.expected_cost, one.expected_from) for one in shipments]

    # ---------------------------------------------------------------- in parts
    def test_by_weight_in_two_parts(self):
        shipments = self.in_parts(self.order_with(self.table, 4), 1)
        self.assertEqual(self.expected(shipments), [(2.0, "price"), (6.0, "price")])

    def test_by_value_pieces_and_volume(self):
        self.mug.volume = 0.5
        for what, prices in (("price", (7.9, 23.7)), ("quantity", (1.0, 3.0)), ("volume", (0.5, 1.5))):
            self.table.price_rule_ids.unlink()
            self.table.price_rule_ids = [self.rule_of(what, 1.0)]
            shipments = self.in_parts(self.order_with(self.table, 4), 1)
            with self.subTest(what):
                self.assertEqual(tuple(shipments.mapped("expected_cost")), prices)

    def test_rules_know_all_parcels_a_fixed_price_is_for_one(self):
        box = self.env["stock.package.type"].create({"name": "Box", "max_weight": 2.0})
        van = self.carrier("Van", parcel_type_id=box.id)  # 7.50 fixed
        self.table.parcel_type_id = box
        for carrier, cost in ((self.table, 12.0), (van, 22.5)):
            order = self.order_with(carrier, 6)
            self.rpc(self.sally, order, "action_compare_freight")
            offer = order.sudo().freight_offer_ids.filtered(lambda one, own=carrier: one.carrier_id == own)
            self.ship(order)
            shipment = order.sudo().shipment_ids
            with self.subTest(carrier.name):
                self.assertEqual((shipment.parcel_count, shipment.expected_cost), (3, cost))
                self.assertEqual(offer.cost, cost)

    def test_rules_that_have_no_price_for_it(self):
        self.table.integration_level = "rate"  # or Odoo refuses to ship it
        self.table.price_rule_ids.max_value = 100.0
        order = self.order_with(self.table, 2)
        self.ship(order)
        self.assertFalse(order.sudo().shipment_ids.is_expected)

    def test_a_quote_is_for_the_whole_order(self):
        courier = self.carrier("Server", integration_level="rate")
        order = self.order_with(courier, 4)
        with self.server(courier, 12.0):
            order._ask_carriers()
            shipments = self.in_parts(order, 1)
            self.assertEqual(self.expected(shipments), [(3.0, "quote"), (9.0, "quote")])
            self.mug.weight = 0.0  # then by pieces
            order = self.order_with(courier, 3)
            order._ask_carriers()
            self.assertEqual(self.expected(self.in_parts(order, 1)), [(4.0, "quote"), (8.0, "quote")])

    # ---------------------------------------------------------------- together
    def together(self, carrier, *orders):
        pickings = self.env["stock.picking"].sudo().union(*(order.sudo().picking_ids for order in orders))
        for order in orders:
            self.ship(order)
        pickings.shipment_ids.unlink()
        every = self.env["sale.order"].union(*orders)
        vals = {"name": "J", "company_id": self.company.id, "carrier_id": carrier.id}
        links = {"picking_ids": [Command.set(pickings.ids)], "order_ids": [Command.set(every.ids)]}
        partner = {"partner_id": pickings[0].partner_id.id}
        return self.env["order.shipment"].sudo().create({**vals, **links, **partner})

    def test_by_weight_of_all_orders(self):
        shipment = self.together(self.table, self.order_with(self.table, 1), self.order_with(self.table, 9))
        self.assertEqual(self.expected(shipment), [(20.0, "price")])
        self.assertEqual(
            shipment.share_ids.sorted(lambda share: share.order_id.id).mapped("expected"), [2.0, 18.0]
        )

    def test_quotes_of_all_orders(self):
        courier = self.carrier("Server", integration_level="rate")
        one, two = self.order_with(courier, 1), self.order_with(courier, 2)
        with self.server(courier, 12.0):
            one._ask_carriers()
            two._ask_carriers()
            self.assertEqual(self.expected(self.together(courier, one, two)), [(24.0, "quote")])
            three = self.order_with(courier, 3)  # of which nobody knows
            self.assertEqual(self.expected(self.together(courier, one, three)), [(0.0, False)])

    # ---------------------------------------------------------------- parcels
    def test_as_many_parcels_as_numbers(self):
        shipment = self.sent("RP-1,RP-2,RP-3", (self.mug, 2))
        self.assertEqual((shipment.parcel_count, shipment.expected_cost), (3, 13.0))
        bill = self.bill(*((f"RP-{number}", "freight", 4.33) for number in (1, 2, 3)))
        self.assertEqual({line.verdict for line in bill.line_ids}, {"ok", "part"})

    def test_numbers_that_come_later_unless_somebody_has_counted(self):
        shipment = self.sent("RP-1", (self.mug, 2))
        shipment.picking_ids.carrier_tracking_ref = "RP-1,RP-2"
        self.assertEqual((shipment.parcel_count, shipment.expected_cost), (2, 9.0))
        self.rpc(self.wes, shipment, "write", {"parcel_count": 1})
        shipment.picking_ids.carrier_tracking_ref = "RP-1,RP-2,RP-3"
        self.assertEqual((shipment.parcel_count, shipment.expected_cost), (1, 5.0))

    def test_what_goes_along_loose_weighs_something(self):
        order = self.order((self.mug, 10), carrier_id=self.post.id)
        picking = order.sudo().picking_ids
        packed, loose = picking.move_line_ids, picking.move_line_ids.copy({"quantity": 8})
        packed.quantity = 2
        box = self.env["stock.package"].create({"name": "BOX", "shipping_weight": 2.5})
        packed.result_package_id = box
        self.assertTrue(loose)
        self.ship(order)
        shipment = order.sudo().shipment_ids
        # 2.5 kg packed and 8 kg loose, in two parcels: 2 x 4.00 + 10.5 x 0.50
        self.assertEqual((shipment.parcel_count, shipment.expected_cost), (2, 13.25))
