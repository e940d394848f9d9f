from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import OrderProcessingCase


@tagged("post_install", "-at_install")
class TestChangesAfterConfirmation(OrderProcessingCase):
    """Paul's order was cleared; then he changes it."""

    def setUp(self):
        super().setUp()
        self.order = self.confirmed_order(lines=[(self.lantern, 2)], by=self.paul)
        self.line = self.order.order_line

    def moved_qty(self, order):
        moves = order.sudo().picking_ids.move_ids.filtered(lambda move: move.state != "cancel")
        return sum(moves.mapped("product_uom_qty"))

    def add_line(self, order, by=None, **vals):
        line = {"order_id": order.id, "product_id": self.mug.id, "product_uom_qty": 1, **vals}
        return self.env["sale.order.line"].with_user(by or self.paul).create(line)

    def approved_order(self):
        """Return an order that a person approved, with its transfer."""
        order = self.held_quotation(lines=[(self.lantern, 2)], by=self.paul)
        self.approve(order)
        return order

    # ---------------------------------------------------------------- what the checks cleared
    def test_more_at_list_price_is_cleared_again_by_the_checks(self):
        self.line.product_uom_qty = 5
        self.assertEqual((self.order.review_state, self.moved_qty(self.order)), ("not_required", 5))
        self.add_line(self.order)
        self.assertEqual((self.order.review_state, self.moved_qty(self.order)), ("not_required", 6))

    def test_a_lower_price_is_held(self):
        self.line.price_unit = 12.0
        self.assertHeld(self.order, ["price_off_list"])

    def test_a_discount_is_held(self):
        self.line.discount = 50
        self.assertHeld(self.order, ["price_off_list"])

    def test_a_present_of_fifty_pieces_is_not_procured(self):
        self.add_line(self.order, product_uom_qty=50, price_unit=0)
        self.assertHeld(self.order, ["price_off_list"])
        self.assertEqual(self.moved_qty(self.order), 2)

    def test_procurement_switched_off_does_not_switch_the_review_off(self):
        lines = self.env["sale.order.line"].with_user(self.paul).with_context(skip_procurement=True)
        vals = {"order_id": self.order.id, "product_id": self.mug.id, "price_unit": 0}
        lines.create(vals)
        self.assertHeld(self.order, ["price_off_list"])

    def test_an_address_that_is_no_good_is_held(self):
        self.order.partner_shipping_id = self.corner_shop
        self.assertHeld(self.order, ["address_incomplete"])

    def test_flags_do_not_hide_goods(self):
        for flag in ("is_delivery", "is_downpayment", "is_expense"):
            order = self.confirmed_order(by=self.paul)
            self.add_line(order, price_unit=0, **{flag: True})
            with self.subTest(flag):
                self.assertHeld(order, ["price_off_list"])

    def test_flags_do_not_hide_a_service(self):
        for flag in ("is_delivery", "is_downpayment", "is_expense"):
            order = self.confirmed_order(by=self.paul)
            self.add_line(order, product_id=self.wrapping.id, price_unit=-10, **{flag: True})
            with self.subTest(flag):
                self.assertHeld(order, ["price_off_list"])

    def test_freight_of_the_carrier_is_free_to_be_priced(self):
        product = self.product("FREIGHT", 9.0, type="service", is_storable=False)
        vals = {"name": "Van", "delivery_type": "fixed", "product_id": product.id, "fixed_price": 4.5}
        carrier = self.env["delivery.carrier"].create(vals)
        order = self.quotation(by=self.paul)
        order.set_delivery_line(carrier, 4.5)
        self.submit(order, by=self.paul)
        self.assertConfirmed(order)
        freight = order.order_line.filtered("is_delivery")
        freight.price_unit = -4.5
        self.assertHeld(order, ["price_off_list"])
        freight.write({"price_unit": 4.5, "product_uom_qty": -3})
        self.assertHeld(order, ["credit_line"])
        freight.write({"price_unit": 4.5, "product_uom_qty": 1})
        self.assertEqual(order.review_state, "not_required")

    def test_an_expense_passed_on_is_charged_at_cost(self):
        fare = self.product("FARE", 40, type="service", is_storable=False, expense_policy="cost")
        line = self.add_line(self.order, product_id=fare.id, price_unit=31.5, is_expense=True)
        self.assertEqual(self.order.review_state, "not_required")
        line.price_unit = -31.5
        self.assertHeld(self.order, ["price_off_list"])

    def test_a_line_that_takes_off_what_the_others_cost_is_held(self):
        self.add_line(self.order, product_id=self.wrapping.id, product_uom_qty=-10)
        self.assertHeld(self.order, ["credit_line"])

    def test_a_line_carried_over_from_a_quotation_is_looked_at(self):
        quotation = self.quotation(lines=[(self.mug, 10, 0.5)], by=self.paul)
        quotation.order_line.order_id = self.order
        self.assertHeld(self.order, ["price_off_list"])

    def test_taking_away_is_no_risk(self):
        order = self.approved_order()
        order.order_line.product_uom_qty = 1
        order.note = "Ring twice."
        self.assertEqual((order.review_state, self.moved_qty(order)), ("approved", 1))
        order.order_line.product_uom_qty = 2
        self.assertEqual((order.review_state, self.moved_qty(order)), ("approved", 2))

    # ---------------------------------------------------------------- what a person approved
    def test_more_than_was_approved_goes_back_to_a_person(self):
        order = self.approved_order()
        order.order_line.product_uom_qty = 3
        self.assertHeld(order, ["quantity_raised"])
        self.assertEqual(self.moved_qty(order), 2)
        self.approve(order)
        self.assertEqual((order.state, order.review_state), ("sale", "approved"))
        self.assertEqual(self.moved_qty(order), 3)
        self.assertEqual(order.sudo().picking_ids.state, "assigned")

    def test_another_address_than_was_approved_goes_back_to_a_person(self):
        order = self.approved_order()
        order.partner_shipping_id = self.customer
        self.assertHeld(order, ["address_changed"])

    def test_another_customer_than_was_approved_goes_back_to_a_person(self):
        order = self.approved_order()
        order.partner_id = self.customer
        finding = order.sudo().review_finding_ids.filtered(lambda finding: finding.code == "changed")
        self.assertIn("customer_changed", [code for code, _figures in finding.facts["changes"]])
        self.assertIn("the customer was changed", finding.text.lower())
        self.assertEqual(order.review_state, "pending")

    def test_a_refused_change_stays_held_until_it_is_taken_back(self):
        order = self.approved_order()
        order.order_line.product_uom_qty = 3
        order.with_user(self.rita).action_review_refuse("Two, no more.")
        self.assertEqual((order.state, order.review_state), ("sale", "refused"))
        with self.assertRaisesRegex(UserError, "Nothing may leave"):
            self.ship(order)
        order.order_line.product_uom_qty = 2
        self.assertEqual(order.review_state, "approved")
        self.assertEqual(self.ship(order).state, "done")

    # ---------------------------------------------------------------- nothing leaves meanwhile
    def test_what_is_held_cannot_be_shipped_and_a_change_taken_back_frees_it(self):
        self.line.price_unit = 1.0
        for user in (self.wes, self.paul):
            with self.subTest(user.login), self.assertRaisesRegex(UserError, "Nothing may leave"):
                self.ship(self.order, by=user)
        self.line.price_unit = 18.5
        self.assertEqual(self.order.review_state, "not_required")
        self.assertEqual(self.events(self.order).count("reopened"), 1)
        self.assertEqual(self.ship(self.order).state, "done")

    def test_what_is_held_is_not_reserved(self):
        picking = self.order.sudo().picking_ids.with_user(self.wes)
        picking.do_unreserve()
        self.line.price_unit = 1.0
        picking.action_assign()
        self.assertEqual(picking.state, "confirmed")
        self.line.price_unit = 18.5
        self.assertEqual(picking.state, "assigned")

    def test_a_hold_reaches_every_step_on_the_way_out(self):
        self.warehouse.delivery_steps = "pick_pack_ship"
        order = self.confirmed_order(by=self.paul)
        line = order.order_line
        for step in (1, 2, 3):
            line.price_unit = 1.0
            with self.subTest(step=step), self.assertRaisesRegex(UserError, "Nothing may leave"):
                self.ship(order)
            line.price_unit = 18.5
            self.assertEqual(self.ship(order).mapped("state"), ["done"])
        self.assertEqual((len(order.sudo().picking_ids), line.qty_delivered), (3, 2))

    def test_a_batch_with_a_held_transfer_in_it_is_not_shipped(self):
        other = self.confirmed_order(by=self.paul)
        pickings = (self.order + other).sudo().picking_ids
        batch = self.env["stock.picking.batch"].with_user(self.wes)
        batch = batch.create({"picking_ids": [Command.set(pickings.ids)]})
        batch.action_confirm()
        pickings.move_ids.picked = True
        self.line.price_unit = 1.0
        with self.assertRaisesRegex(UserError, "Nothing may leave"):
            batch.action_done()
        self.line.price_unit = 18.5
        batch.action_done()
        self.assertEqual(pickings.mapped("state"), ["done", "done"])

    def test_goods_may_come_back_while_the_order_is_held(self):
        self.ship(self.order)
        picking = self.order.sudo().picking_ids
        self.line.with_user(self.mona).price_unit = 1.0
        wizard = self.env["stock.return.picking"].create({"picking_id": picking.id})
        wizard.product_return_moves.quantity = 1
        back = self.env["stock.picking"].browse(wizard.action_create_returns()["res_id"]).with_user(self.wes)
        back.move_ids.write({"quantity": 1, "picked": True})
        back.button_validate()
        self.assertEqual(back.state, "done")

    def test_many_changed_orders_are_looked_at_together(self):
        orders = self.order
        for _ in range(4):
            orders += self.confirmed_order(by=self.paul)
        orders.order_line.write({"discount": 30})
        self.assertEqual(orders.mapped("review_state"), ["pending"] * 5)
        self.assertEqual([self.open_findings(order) for order in orders], [["price_off_list"]] * 5)

    def assertHeld(self, order, codes):
        self.assertEqual((order.state, order.review_state), ("sale", "pending"))
        self.assertEqual(self.open_findings(order), codes)
        with self.assertRaisesRegex(UserError, "Nothing may leave"):
            self.ship(order)
