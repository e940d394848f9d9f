from odoo.exceptions import UserError
from odoo.fields import Command, Datetime
from odoo.tests import Form, tagged

from .common_sourcing import SourcingCase


@tagged("post_install", "-at_install")
class TestWhereAnOrderComesFrom(SourcingCase):
    def test_what_lies_in_the_other_warehouse_comes_from_there(self):
        """Odoo alone would let it wait for London for ever."""
        order = self.order((self.kettle, 3))
        self.assertEqual(self.sources(order), [("KETTLE", 3, "Leeds")])
        self.assertEqual(self.transfers(order), [("KETTLE", 3, "Leeds", "assigned")])
        self.assertEqual(order.sudo().picking_ids.picking_type_id.warehouse_id, self.leeds)
        self.assertEqual(order.order_line.source_reason, "Only Leeds can send it by then")
        self.assertIn("sourced", self.events(order))

    def test_without_a_reason_it_stays_with_the_orders_own(self):
        order = self.order((self.jug, 3))
        self.assertEqual(self.sources(order), [("JUG", 3, "London")])
        self.assertEqual(
            order.order_line.source_reason.replace("\N{NO-BREAK SPACE}", " "),
            "London is cheapest: £ 4.00 for the order; next is Leeds for £ 6.00",
        )
        self.assertNotIn("sourced", self.events(order))

    def test_one_parcel_where_one_warehouse_has_everything(self):
        order = self.order((self.kettle, 3), (self.jug, 2))
        self.assertEqual(self.sources(order), [("KETTLE", 3, "Leeds"), ("JUG", 2, "Leeds")])
        self.assertEqual(len(order.sudo().picking_ids), 1)

    def test_two_parcels_where_nobody_has_everything(self):
        order = self.order((self.kettle, 3), (self.mug, 2))
        self.assertEqual(self.sources(order), [("KETTLE", 3, "Leeds"), ("MUG", 2, "London")])
        self.assertEqual(len(order.sudo().picking_ids), 2)

    def test_a_line_is_split_where_no_warehouse_has_all_of_it(self):
        order = self.order((self.bowl, 9), (self.wrapping, 1))
        self.assertEqual(
            self.sources(order), [("BOWL", 6, "London"), ("BOWL", 3, "Leeds"), ("WRAP", 1, "London")]
        )
        self.assertEqual(
            self.transfers(order), [("BOWL", 3, "Leeds", "assigned"), ("BOWL", 6, "London", "assigned")]
        )
        self.assertEqual(
            order.order_line[0].source_reason, "No warehouse has all of it in time: London 6, Leeds 3"
        )

    def test_nobody_has_enough_it_waits_in_one_place(self):
        order = self.order((self.bowl, 20))
        self.assertEqual(self.sources(order), [("BOWL", 20, "London")])
        self.assertEqual(
            order.order_line.source_reason,
            "No warehouse has all of it, nor gets it; in London the least is missing: 14",
        )

    def test_orders_that_come_together_do_not_count_on_the_same_pieces(self):
        orders = self.quotation(lines=[(self.bowl, 5)]) + self.quotation(lines=[(self.bowl, 5)])
        self.submit(orders)
        self.assertEqual([self.sources(order)[0][2] for order in orders], ["London", "Leeds"])
        self.assertEqual(self.set_aside(*orders), [5, 5])

    def test_the_urgent_one_chooses_first(self):
        slow = self.quotation(lines=[(self.bowl, 6)])
        urgent = self.quotation(lines=[(self.bowl, 6)], urgency="urgent")
        self.submit(slow + urgent)
        self.assertEqual([self.sources(order)[0][2] for order in (urgent, slow)], ["London", "Leeds"])
        self.assertEqual(self.set_aside(urgent, slow), [6, 5])

    def test_another_zone_has_other_costs(self):
        self.zone.rate_ids.filtered(lambda rate: rate.warehouse_id == self.leeds).fixed_cost = 1.0
        order = self.order((self.jug, 3))
        self.assertEqual(self.sources(order), [("JUG", 3, "Leeds")])

    def test_a_warehouse_without_a_rate_is_no_bargain(self):
        self.zone.rate_ids.filtered(lambda rate: rate.warehouse_id == self.leeds).unlink()
        self.assertEqual(self.sources(self.order((self.jug, 3))), [("JUG", 3, "London")])

    def test_the_last_pieces_are_spared(self):
        rare = self.stocked("RARE", london=3, leeds=300)
        self.company.sourcing_balance = 20.0
        self.assertEqual(self.sources(self.order((rare, 3))), [("RARE", 3, "Leeds")])

    def test_a_cheaper_one_that_is_late(self):
        """London gets jugs in a week; the customer wants them the day after tomorrow."""
        vase = self.stocked("VASE", london=0, leeds=20)
        self.receipt(vase, 20, days=7)
        soon = self.order((vase, 2), requested_date=Datetime.add(Datetime.now(), days=4))
        late = self.order((vase, 2), requested_date=Datetime.add(Datetime.now(), days=20))
        self.assertEqual([self.sources(order)[0][2] for order in (soon, late)], ["Leeds", "London"])
        self.assertRegex(
            soon.order_line.source_reason, "Leeds for £.6.00 is in time; London for £.4.00 would be late"
        )

    def test_switched_off_or_with_one_warehouse_nothing_changes(self):
        self.company.sourcing_mode = "off"
        self.assertEqual(self.sources(self.order((self.kettle, 3))), [("KETTLE", 3, "London")])
        self.company.sourcing_mode = "choose"
        for product in (self.kettle, self.bowl, self.jug):
            self.put_in_stock(
                product, -product.with_context(warehouse_id=self.leeds.id).free_qty, self.leeds.lot_stock_id
            )
        self.leeds.active = False
        order = self.order((self.kettle, 3))
        self.assertEqual(self.sources(order), [("KETTLE", 3, "London")])
        self.assertFalse(order.order_line.source_code)

    def test_however_it_was_confirmed(self):
        order = self.quotation(lines=[(self.kettle, 3)])
        order.action_confirm()
        self.assertEqual(self.sources(order), [("KETTLE", 3, "Leeds")])
        order.write({"order_line": [Command.create({"product_id": self.kettle.id, "product_uom_qty": 1})]})
        self.assertEqual(self.sources(order)[1:], [("KETTLE", 1, "Leeds")], "added later")
        self.assertEqual({row[2] for row in self.transfers(order)}, {"Leeds"})

    def test_not_at_the_rate_of_another_company(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        rates = self.zone.rate_ids
        Rate = self.env["order.freight.rate"]
        cheap = Rate.create({"zone_id": self.zone.id, "company_id": other.id, "sequence": 1})
        shared = Rate.create({"zone_id": self.zone.id, "fixed_cost": 9.0, "sequence": 2})
        own = Rate.create({"zone_id": self.zone.id, "fixed_cost": 8.0, "company_id": self.company.id})
        nobody = self.env["delivery.carrier"]
        self.assertEqual(Rate._for(self.zone, self.leeds, nobody), rates[1], "its own warehouse's")
        rates.unlink()
        self.assertEqual(Rate._for(self.zone, self.leeds, nobody), own)
        own.unlink()
        self.assertEqual(Rate._for(self.zone, self.leeds, nobody), shared)
        house = self.env["stock.warehouse"].search([("company_id", "=", other.id)], limit=1)
        self.assertEqual(Rate._for(self.zone, house, nobody), cheap)

    def test_taken_back_and_confirmed_again_it_is_chosen_anew(self):
        order = self.order((self.jug, 2), (self.mug, 1))
        self.assertEqual({row[2] for row in self.sources(order)}, {"London"})
        order.order_line[1].ships_from_id = self.leeds
        order.with_user(self.mona)._action_cancel()
        self.zone.rate_ids.filtered(lambda rate: rate.warehouse_id == self.leeds).fixed_cost = 1.0
        order.with_user(self.mona).action_draft()
        self.assertFalse(order.order_line[0].source_code)
        self.assertTrue(order.order_line[1].source_by_hand, "what a person has set stays")
        self.submit(order)
        self.assertEqual({row[2] for row in self.sources(order)}, {"Leeds"})

    def test_a_warehouse_chosen_by_hand_and_closed_since(self):
        york = self.env["stock.warehouse"].create(
            {"name": "York", "code": "YORK", "company_id": self.company.id}
        )
        order = self.quotation(lines=[(self.jug, 3), (self.kettle, 1)])
        order.order_line[0].ships_from_id = york
        york.active = False
        order.sudo()._choose_sources()
        self.assertEqual(self.sources(order), [("JUG", 3, "York"), ("KETTLE", 1, "Leeds")])


@tagged("post_install", "-at_install")
class TestWhatIsNotChosen(SourcingCase):
    def test_goods_made_to_order(self):
        route = self.env.ref("stock.route_warehouse0_mto")
        route.active = True
        self.kettle.route_ids = route
        order = self.quotation(lines=[(self.kettle, 3), (self.mug, 1)])
        order.sudo()._choose_sources()
        self.assertEqual(self.sources(order), [("KETTLE", 3, "London"), ("MUG", 1, "London")])
        self.assertEqual(order.order_line[0].source_reason, "Its route says where it comes from")
        self.assertFalse(order.order_line[0]._needs_source())

    def test_a_line_with_a_route_of_its_own(self):
        route = self.leeds.delivery_route_id
        route.sale_selectable = True
        order = self.quotation(lines=[{"product_id": self.mug.id, "route_ids": [Command.link(route.id)]}])
        order.action_submit()
        self.assertEqual(self.sources(order), [("MUG", 1, "Leeds")])
        self.assertFalse(order.order_line.source_warehouse_id)

    def test_orders_shipped_complete_are_not_split(self):
        order = self.order((self.bowl, 9), picking_policy="one")
        self.assertEqual(len(order.order_line), 1)

    def test_other_units_are_not_split(self):
        self.env["ir.config_parameter"].set_param("stock.propagate_uom", "1")
        self.rule("price").active = False
        self.put_in_stock(self.bowl, 6, self.leeds.lot_stock_id)
        dozen = self.env.ref("uom.product_uom_dozen")
        order = self.order({"product_id": self.bowl.id, "product_uom_qty": 1, "product_uom_id": dozen.id})
        self.assertEqual(self.sources(order), [("BOWL", 1, "Leeds")], "eleven there: the least is missing")

    def test_kits_stay_together(self):
        if "mrp.bom" not in self.env:
            self.skipTest("no production here")
        kit = self.product("KIT", 30.0, name="Tea Set")
        self.env["mrp.bom"].create(
            {
                "product_tmpl_id": kit.product_tmpl_id.id,
                "type": "phantom",
                "bom_line_ids": [
                    Command.create({"product_id": self.bowl.id, "product_qty": 1}),
                    Command.create({"product_id": self.jug.id, "product_qty": 1}),
                ],
            }
        )
        order = self.order((kit, 9))
        self.assertEqual(self.sources(order), [("KIT", 9, "London")], "six there, five in Leeds")
        self.assertEqual({row[2] for row in self.transfers(order)}, {"London"})


@tagged("post_install", "-at_install")
class TestTheChoiceHolds(SourcingCase):
    def test_what_a_person_has_set_stays(self):
        order = self.quotation(lines=[(self.jug, 3)])
        order.order_line.ships_from_id = self.leeds
        self.assertEqual(order.order_line.source_reason, "Leeds, set by Sally")
        order.action_submit()
        self.assertEqual(self.transfers(order), [("JUG", 3, "Leeds", "assigned")])
        self.assertTrue(order.order_line.source_by_hand)

    def test_it_survives_what_makes_odoo_compute_again(self):
        order = self.quotation(lines=[(self.kettle, 3)])
        order.sudo()._choose_sources()
        house = self.env["stock.warehouse"].create({"name": "York", "code": "YORK"})
        order.warehouse_id = house
        self.assertEqual(self.sources(order), [("KETTLE", 3, "Leeds")])
        route = self.london.delivery_route_id
        route.sale_selectable = True
        order.order_line.route_ids = route
        self.assertEqual(self.sources(order), [("KETTLE", 3, "London")], "a route is a decision")
        order.order_line.route_ids = False
        self.assertEqual(self.sources(order), [("KETTLE", 3, "Leeds")])
        order.order_line.product_id = self.mug
        self.assertEqual(self.sources(order)[0][2], "York", "it was chosen for another product")
        self.assertFalse(order.order_line.source_reason)

    def test_more_of_it_is_chosen_anew(self):
        order = self.quotation(lines=[(self.bowl, 3)])
        order.sudo()._choose_sources()
        self.assertFalse(order.order_line._needs_source())
        order.order_line.product_uom_qty = 8
        order.action_submit()
        self.assertEqual(self.sources(order), [("BOWL", 6, "London"), ("BOWL", 2, "Leeds")])

    def test_choosing_again_changes_nothing(self):
        order = self.quotation(lines=[(self.bowl, 9), (self.kettle, 1)])
        order.sudo()._choose_sources()
        first = self.sources(order)
        order._forget_sources()
        order.sudo()._choose_sources()
        self.assertEqual(self.sources(order), first)

    def test_changed_by_hand_after_confirmation_the_transfer_follows(self):
        order = self.order((self.jug, 3), (self.mug, 1))
        order.order_line[0].ships_from_id = self.leeds
        self.assertEqual(
            self.transfers(order), [("JUG", 3, "Leeds", "assigned"), ("MUG", 1, "London", "assigned")]
        )
        self.assertIn("source_changed", self.events(order))
        self.assertEqual(order.state, "sale")
        self.assertAddsUp(self.jug)

    def test_once_it_has_left_it_stays(self):
        order = self.order((self.jug, 3))
        self.ship(order)
        with self.assertRaisesRegex(UserError, "picked or has left"):
            order.order_line.ships_from_id = self.leeds

    def test_back_to_the_system(self):
        order = self.quotation(lines=[(self.jug, 3)])
        order.order_line.ships_from_id = self.leeds
        order.order_line.source_by_hand = False
        self.assertEqual(self.sources(order), [("JUG", 3, "London")])
        order.order_line.source_by_hand = True
        self.assertEqual(order.order_line.source_warehouse_id, self.london, "as it is now")

    def test_a_form_that_is_only_saved_fixes_nothing(self):
        self.sally.group_ids += self.env.ref("stock.group_stock_multi_warehouses")
        form = Form(self.env["sale.order"].with_user(self.sally))
        form.partner_id = self.customer
        with form.order_line.new() as line:
            line.product_id = self.jug
        order = form.save()
        self.assertFalse(order.order_line.source_by_hand)
        with Form(order) as form, form.order_line.edit(0) as line:
            line.ships_from_id = self.leeds
        self.assertTrue(order.order_line.source_by_hand)
