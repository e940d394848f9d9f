from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import OrderProcessingCase

CHECKS = "odoo.addons.order_processing.models.sale_order_checks"


@tagged("post_install", "-at_install")
class TestGoingOnAfterAHold(OrderProcessingCase):
    """When a hold ends, an order goes on where it stood: nothing twice, nothing that was closed before."""

    def test_what_was_closed_without_backorder_is_not_shipped_after_all(self):
        order = self.confirmed_order(lines=[(self.lantern, 10), (self.mug, 6)])
        picking = order.sudo().picking_ids
        for move in picking.move_ids:
            move.write({"quantity": 4 if move.product_id == self.lantern else 6, "picked": True})
        picking.with_context(skip_backorder=True, picking_ids_not_to_backorder=picking.ids).button_validate()
        self.assertEqual(picking.state, "done")
        mugs = order.order_line.filtered(lambda line: line.product_id == self.mug)
        mugs.with_user(self.mona).price_unit = 1.0
        self.assertEqual(order.review_state, "pending")
        self.approve(order)
        self.assertEqual(order.sudo().picking_ids, picking)

    def test_only_the_line_that_was_kept_back_is_procured(self):
        order = self.confirmed_order(lines=[(self.lantern, 2)])
        line = Command.create({"product_id": self.mug.id, "product_uom_qty": 3, "price_unit": 0.5})
        order.write({"order_line": [line]})
        self.assertEqual(order.sudo().picking_ids.move_ids.product_id, self.lantern)
        self.approve(order)
        wanted = {move.product_id: move.product_uom_qty for move in order.sudo().picking_ids.move_ids}
        self.assertEqual(wanted, {self.lantern: 2, self.mug: 3})

    def test_checking_again_tells_the_customer_nothing_new(self):
        order = self.held_quotation()
        order.action_submit()
        self.assertEqual(self.events(order, "customer").count("held"), 1)
        self.assertEqual(self.events(order).count("held"), 2)

    def test_nobody_approves_what_he_was_not_shown(self):
        order = self.confirmed_order(lines=[(self.lantern, 2)])
        line = order.order_line
        line.write({"price_unit": 10.0})
        wizard = self.env["order.review.decide"].with_user(self.rita)
        wizard = wizard.with_context(active_model="sale.order", active_ids=order.ids).create({})
        line.write({"price_unit": 1.0})
        with self.assertRaisesRegex(UserError, "changed while you were deciding"):
            wizard.action_decide()
        self.assertEqual(order.review_state, "pending")


@tagged("post_install", "-at_install")
class TestTheSwitch(OrderProcessingCase):
    """The company changes its mind about holding orders."""

    def test_no_longer_enforced_what_was_held_goes_on(self):
        order = self.confirmed_order(lines=[(self.lantern, 2)])
        line = Command.create({"product_id": self.mug.id, "product_uom_qty": 3, "price_unit": 0.5})
        order.write({"order_line": [line]})
        self.assertEqual(order.processing_stage, "in_review")
        self.company.review_mode = "observe"
        self.assertEqual((order.processing_stage, order.review_state), ("ready", "not_required"))
        self.assertEqual(len(order.sudo().picking_ids.move_ids), 2)

    def test_what_was_confirmed_before_is_not_held_by_a_harmless_change(self):
        self.company.review_mode = "off"
        order = self.quotation(lines=[(self.lantern, 2, 9.0)])
        order.action_confirm()
        self.company.review_mode = "enforce"
        order.write({"order_line": [Command.create({"display_type": "line_note", "name": "Thank you!"})]})
        order.order_line[:1].product_uom_qty = 1
        self.assertEqual((order.review_state, order.processing_stage), ("not_required", "ready"))
        order.order_line[:1].price_unit = 5.0
        self.assertEqual(order.review_state, "pending")


@tagged("post_install", "-at_install")
class TestChecksThatFail(OrderProcessingCase):
    """A check that breaks stops nobody, and lets nobody through unseen."""

    def failing(self):
        return patch.object(type(self.env["sale.order"]), "_check_contact", side_effect=KeyError("oops"))

    def test_enforced_the_order_goes_to_a_person(self):
        with self.failing() as check, mute_logger(CHECKS):
            check.__name__ = "_check_contact"
            order = self.held_quotation(self.customer)
        self.assertOpen(order)
        self.assertEqual(self.open_findings(order), ["check_failed"])

    def test_observed_the_order_goes_on(self):
        self.company.review_mode = "observe"
        with self.failing() as check, mute_logger(CHECKS):
            check.__name__ = "_check_contact"
            order = self.quotation()
            order.action_confirm()
        self.assertConfirmed(order)
        self.assertEqual(self.open_findings(order), ["check_failed"])

    def test_a_line_without_a_product_takes_nothing_off_unseen(self):
        discount = {"is_downpayment": True, "name": "Friends", "product_uom_qty": 1, "price_unit": -20.0}
        order = self.held_quotation(self.customer, [(self.lantern, 2), discount])
        self.assertOpen(order)
        self.assertEqual(self.open_findings(order), ["line_without_product"])

    def test_a_parcel_is_named_by_its_number(self):
        self.ship(self.confirmed_order())
        with self.assertRaisesRegex(UserError, "Give the tracking number"):
            self.env["order.shipment"].with_user(self.wes).set_status(False, "delivered")

    def test_a_redacted_timeline_is_still_shown_to_the_customer(self):
        order = self.confirmed_order()
        self.env.cr.flush()
        order.sudo()._events().with_user(self.env.ref("base.user_admin")).action_redact("request 17")
        self.assertIn("Removed at the request", order.sudo()._portal_events()[:1].text)
