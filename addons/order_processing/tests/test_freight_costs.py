from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common_freight import FreightCase


@tagged("post_install", "-at_install")
class TestWhatFreightCosts(FreightCase):
    """Expected when it leaves, charged to the customer, billed by the carrier; and what the order earns."""

    def test_a_parcel_that_leaves_is_expected_to_cost_what_the_rates_say(self):
        self.mug.weight = 0.5
        shipment = self.sent("P-1", (self.mug, 4))
        self.assertEqual(
            (shipment.expected_cost, shipment.expected_from, shipment.parcel_count), (5.0, "rate", 1)
        )
        self.assertEqual((shipment.freight_zone_id, shipment.is_billed), (self.zone, False))
        self.assertEqual(shipment.share_ids.mapped("expected"), [5.0])

    def test_several_parcels(self):
        self.mug.weight = 1.5
        self.post.parcel_type_id = self.env["stock.package.type"].create({"name": "Box", "max_weight": 10.0})
        shipment = self.sent("P-1", (self.mug, 20))
        self.assertEqual((shipment.parcel_count, shipment.expected_cost), (3, 27.0))

    def test_packages_are_counted(self):
        order = self.order((self.mug, 4), carrier_id=self.post.id)
        picking = order.sudo().picking_ids
        first, second = picking.move_line_ids, picking.move_line_ids.copy({"quantity": 1})
        first.quantity = 3
        for number, line in enumerate(first + second):
            line.result_package_id = self.env["stock.package"].create({"name": f"BOX{number}"})
        self.ship(order)
        self.assertEqual(order.sudo().shipment_ids.parcel_count, 2)
        self.assertEqual(order.sudo().shipment_ids.expected_cost, 8.0)

    def test_without_a_rate_the_methods_own_price(self):
        self.zone.rate_ids.unlink()
        self.assertEqual(self.sent("P-1").expected_from, "price")
        self.assertEqual(self.sent("P-2").expected_cost, 7.5)

    def test_without_a_carrier_nobody_knows(self):
        self.company.freight_mode = "off"
        order = self.order((self.mug, 2))
        self.ship(order)
        shipment = order.sudo().shipment_ids
        self.assertEqual((shipment.is_expected, shipment.expected_cost), (False, 0.0))

    def test_the_price_of_the_label_is_exact(self):
        self.slow.write({"margin": 0.5, "integration_level": "rate_and_ship"})
        shipment = self.sent("P-1", carrier=self.slow)
        picking = shipment.picking_ids
        self.slow.fixed_price = 3.33
        with self.server(self.slow, 1.0):
            self.slow.send_shipping(picking)
        self.assertEqual((shipment.expected_cost, shipment.expected_from), (3.33, "label"))

    def test_another_carrier_than_planned(self):
        shipment = self.sent("P-1")
        shipment.picking_ids.carrier_id = self.courier
        self.assertEqual((shipment.carrier_id, shipment.expected_cost), (self.courier, 9.0))

    # ---------------------------------------------------------------- several orders in one shipment
    def joined(self):
        """Two orders of one customer in one shipment: 1 kg and 2 kg."""
        self.mug.weight = 1.0
        one, two = self.order((self.mug, 1)), self.order((self.mug, 2))
        pickings = (one | two).sudo().picking_ids
        pickings.carrier_id = self.post
        pickings.move_ids.picked = True
        shipped = pickings.with_user(self.wes)
        shipped._action_done()
        shipments = pickings.shipment_ids
        if len(shipments) == 2:  # as long as they are not joined by the plan
            shipments[1].unlink()
            shipments[0].write(
                {"picking_ids": [(6, 0, pickings.ids)], "order_ids": [(6, 0, (one | two).ids)]}
            )
            shipments[0]._expect_freight()
        return one, two, pickings.shipment_ids

    def test_each_order_bears_its_part_by_weight(self):
        one, two, shipment = self.joined()
        # 4.00 + 3 kg x 0.50 = 5.50: a third and two thirds of it, to the cent
        self.assertEqual(shipment.expected_cost, 5.5)
        self.assertEqual(
            [(share.order_id, share.expected) for share in shipment.share_ids], [(one, 1.83), (two, 3.67)]
        )

    def test_an_order_that_leaves_the_shipment_bears_nothing(self):
        one, two, shipment = self.joined()
        shipment.order_ids -= one
        self.assertEqual([(share.order_id, share.expected) for share in shipment.share_ids], [(two, 5.5)])

    # ---------------------------------------------------------------- what the order earns
    def test_margin_after_freight(self):
        order = self.quotation(lines=[(self.mug, 10)], carrier_id=self.post.id)
        order.set_delivery_line(self.post, 6.0)
        self.submit(order)
        seen = order.with_user(self.mona)
        self.assertEqual((seen.goods_margin, seen.freight_charged), (39.5, 6.0))
        self.ship(order)
        self.assertEqual((seen.freight_expected, seen.freight_billed, seen.freight_cost), (4.0, 0.0, 4.0))
        self.assertEqual(seen.margin_after_freight, 39.5 + 6.0 - 4.0)
        order.sudo().shipment_ids.tracking_number = "P-1"
        self.bill(("P-1", "freight", 4.75))
        self.assertEqual((seen.freight_billed, seen.margin_after_freight), (4.75, 39.5 + 6.0 - 4.75))

    def test_the_goods_cost_what_they_cost_when_they_left(self):
        order = self.order((self.mug, 10))
        self.ship(order)
        margin = order.with_user(self.mona).goods_margin
        self.mug.standard_price = 100.0
        self.env.invalidate_all()
        self.assertEqual((margin, order.with_user(self.mona).goods_margin), (39.5, 39.5))

    def test_before_it_leaves_what_the_carrier_offered(self):
        order = self.order((self.mug, 10)).with_user(self.mona)
        self.assertEqual((order.freight_expected, order.margin_after_freight), (4.0, 35.5))

    def test_in_the_companys_currency(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create(
            {"currency_id": euro.id, "rate": 2.0, "company_id": self.company.id, "name": "2027-01-01"}
        )
        pricelist = self.env["product.pricelist"].create({"name": "Euro", "currency_id": euro.id})
        order = self.quotation(lines=[(self.mug, 10, 20.0)], pricelist_id=pricelist.id)
        order.set_delivery_line(self.post, 6.0)
        seen = order.with_user(self.mona)
        rate = self.currency.rate / 2.0  # pounds to the euro, whatever a pound is worth here
        self.assertAlmostEqual(seen.freight_charged, 6.0 * rate, 2)
        self.assertAlmostEqual(seen.goods_margin, 200.0 * rate - 39.5, 2)

    def test_orders_in_a_list_cost_hardly_more_queries_than_one(self):
        orders = self.env["sale.order"]
        for number in range(8):
            orders |= self.sent(f"P-{number}").order_ids

        def queries(some):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.with_user(self.mona).mapped("margin_after_freight")
            return self.env.cr.sql_log_count - before

        queries(orders[:1])
        self.assertLessEqual(queries(orders) - queries(orders[:1]), 2)

    # ---------------------------------------------------------------- who sees it
    def test_money_is_for_those_who_answer_for_it(self):
        shipment = self.sent("P-1")
        order = shipment.order_ids
        order.user_id = False
        names = [
            "freight_charged",
            "freight_expected",
            "freight_billed",
            "goods_margin",
            "margin_after_freight",
        ]
        for user in (self.mona, self.anna):
            values = self.rpc(user, order, "read", names)[0]
            self.assertEqual(values["freight_expected"], 4.0)
        self.assertEqual(self.rpc(self.anna, shipment, "read", ["expected_cost"])[0]["expected_cost"], 4.0)
        for user in (self.paul, self.sally, self.wes, self.carla):
            for record, name in ((order, "margin_after_freight"), (shipment, "billed_cost")):
                with self.subTest(user.login, field=name), self.assertRaises(AccessError):
                    self.rpc(user, record, "read", [name])

    def test_what_it_costs_cannot_be_typed(self):
        shipment = self.sent("P-1")
        for user in (self.wes, self.mona):
            for name in ("expected_cost", "billed_cost", "is_billed"):
                with self.subTest(user.login, field=name), self.assertRaises(AccessError):
                    self.rpc(user, shipment, "write", {name: 1})
        with self.assertRaises(AccessError):
            self.rpc(self.mona, shipment.share_ids, "write", {"billed": 0})

    # ---------------------------------------------------------------- the report
    def report(self, *fields, domain=()):
        self.env.flush_all()
        domain = [("company_id", "=", self.company.id), *domain]
        return (
            self.env["order.freight.report"]
            .with_user(self.mona)
            ._read_group(domain, fields, ["charged:sum", "expected:sum", "billed:sum", "difference:sum"])
        )

    def test_by_carrier_and_region(self):
        order = self.quotation(lines=[(self.mug, 3)], carrier_id=self.post.id)
        order.set_delivery_line(self.post, 10.0)
        self.submit(order)
        self.sent("P-2", carrier=self.courier)
        for picking in order.sudo().picking_ids:  # in two parcels: 2 mugs, then 1
            picking.move_ids.quantity = 2
            picking.move_ids.picked = True
            picking.with_context(
                skip_backorder=True, picking_ids_not_to_create_backorder=[]
            ).button_validate()
        self.ship(order)
        order.sudo().shipment_ids[0].tracking_number = "P-1"
        self.bill(("P-1", "freight", 4.6))
        by_carrier = {carrier: sums for carrier, *sums in self.report("carrier_id")}
        self.assertEqual(by_carrier[self.post], [10.0, 8.0, 4.6, 0.6])
        self.assertEqual(by_carrier[self.courier], [0.0, 9.0, 0.0, 0.0])
        self.assertEqual([zone for zone, *_sums in self.report("zone_id")], [self.zone])
        charged = self.env["order.freight.report"].search([("order_id", "=", order.id)]).mapped("charged")
        self.assertEqual(sum(charged), 10.0)

    def test_charged_before_anything_has_left(self):
        order = self.quotation(lines=[(self.mug, 3)])
        order.set_delivery_line(self.post, 10.0)
        self.submit(order)
        [(carrier, *sums)] = self.report("carrier_id", domain=[("order_id", "=", order.id)])
        self.assertEqual((carrier, sums), (self.post, [10.0, 0.0, 0.0, 0.0]))
