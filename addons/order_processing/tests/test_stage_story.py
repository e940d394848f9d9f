"""Where an order stands, told as orders live: from the quotation until its goods are ready."""

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from .common import OrderProcessingCase


class StageStoryCase(OrderProcessingCase):
    """Each step of a story is a transaction of its own: ``assertStage`` ends it, as a commit would."""

    def assertStage(self, order, stage, fulfilment="none", reserved="none"):
        self.env.cr.flush()
        order = order.sudo()
        actual = (order.processing_stage, order.fulfilment, order.reservation_state)
        self.assertEqual(actual, (stage, fulfilment, reserved))

    def assertPath(self, order, *stages):
        """The timeline tells exactly these stages: one event each, beginning where the last one ended."""
        self.env.cr.flush()
        events = order.sudo()._events().filtered(lambda event: event.kind == "stage")
        steps = [(event.data["before"], event.data["after"]) for event in events]
        self.assertEqual(steps, list(zip(("quotation", *stages), stages, strict=False)))

    def invoice(self, order):
        order.sudo()._create_invoices().action_post()

    def ship_some(self, order, quantities, backorder=True):
        """Send off only these quantities, by product; return the transfer."""
        picking = order.sudo().picking_ids.filtered(lambda picking: picking.state not in ("done", "cancel"))
        for move in picking.move_ids:
            move.quantity = quantities.get(move.product_id, 0)
            move.picked = bool(move.quantity)
        skip = {} if backorder else {"picking_ids_not_to_backorder": picking.ids}
        picking.with_user(self.wes).with_context(skip_backorder=True, **skip).button_validate()
        self.assertEqual(picking.state, "done")
        return picking

    def without_procurement(self, *lines):
        """Return a confirmed order that has moved nothing yet: its moves come from elsewhere."""
        order = self.quotation(lines=list(lines))
        order.with_context(skip_procurement=True).action_submit()
        return order

    def move_for(self, order, product, source, target):
        """Give the order a transfer of its own, as dropshipping and kits do."""
        values = {
            "product_id": product.id,
            "product_uom_qty": 1,
            "location_id": source.id,
            "location_dest_id": target.id,
            "sale_line_id": order.order_line.id,
        }
        picking = self.env["stock.picking"].create(
            {
                "picking_type_id": self.warehouse.out_type_id.id,
                "location_id": source.id,
                "location_dest_id": target.id,
                "move_ids": [Command.create(values)],
            }
        )
        picking.action_confirm()
        return picking


@tagged("post_install", "-at_install")
class TestStageUntilReady(StageStoryCase):
    def test_a_quotation_has_a_stage_but_no_timeline(self):
        quote = self.quotation(lines=[(self.lantern, 2)])
        self.assertStage(quote, "quotation")
        quote.order_line.product_uom_qty = 5
        quote.action_quotation_sent()
        self.assertStage(quote, "quotation")
        self.assertEqual(self.events(quote), [])

    def test_received_is_handed_in_and_not_yet_confirmed(self):
        """A payment asks the gate first and confirms in a moment of its own."""
        order = self.quotation()
        self.assertEqual(order._review_gate(), order)
        self.assertStage(order, "received")
        order.action_confirm()
        self.assertStage(order, "ready", reserved="full")
        self.assertPath(order, "received", "ready")

    def test_held_approved_and_ready(self):
        order = self.held_quotation(lines=[(self.lantern, 2)])
        self.assertStage(order, "in_review")
        self.approve(order)
        self.assertStage(order, "ready", reserved="full")
        self.assertPath(order, "in_review", "ready")

    def test_refused_stays_refused_when_cancelled(self):
        order = self.held_quotation()
        self.assertStage(order, "in_review")
        order.with_user(self.rita).action_review_refuse("We do not deliver there")
        self.assertStage(order, "refused")
        order._action_cancel()
        self.assertStage(order, "refused")
        self.assertPath(order, "in_review", "refused")

    def test_a_change_is_asked_for_and_the_order_still_in_review(self):
        order = self.held_quotation()
        order.with_user(self.rita).action_review_request_change("Which post code?")
        self.assertStage(order, "in_review")
        self.assertPath(order, "in_review")

    def test_a_held_order_is_cancelled(self):
        order = self.held_quotation()
        self.assertStage(order, "in_review")
        order._action_cancel()
        self.assertStage(order, "cancelled")
        self.assertPath(order, "in_review", "cancelled")

    def test_a_cancelled_order_taken_back_is_a_quotation_again(self):
        order = self.confirmed_order()
        self.assertStage(order, "ready", reserved="full")
        order._action_cancel()
        self.assertStage(order, "cancelled")
        order.action_draft()
        self.assertStage(order, "quotation")

    def test_reserved_by_hand_is_approved_until_somebody_does(self):
        self.warehouse.out_type_id.reservation_method = "manual"
        order = self.confirmed_order(lines=[(self.lantern, 2)])
        self.assertStage(order, "approved")
        order.sudo().picking_ids.action_assign()
        self.assertStage(order, "ready", reserved="full")
        self.assertPath(order, "approved", "ready")

    def test_reserved_later_is_approved_and_not_short(self):
        """Nobody has tried yet to reserve the blanket that is not there."""
        self.warehouse.out_type_id.write({"reservation_method": "by_date", "reservation_days_before": 2})
        later = fields.Datetime.add(fields.Datetime.now(), days=30)
        order = self.confirmed_order(lines=[(self.blanket, 1)], commitment_date=later)
        self.assertStage(order, "approved")
        self.assertPath(order, "approved")

    def test_short_until_goods_come_in(self):
        order = self.confirmed_order(lines=[(self.blanket, 2)])
        self.assertStage(order, "waiting_stock")
        self.put_in_stock(self.blanket, 1)
        order.sudo().picking_ids.action_assign()
        self.assertStage(order, "waiting_stock", reserved="partial")
        self.put_in_stock(self.blanket, 1)
        order.sudo().picking_ids.action_assign()
        self.assertStage(order, "ready", reserved="full")
        self.assertPath(order, "waiting_stock", "ready")

    def test_one_line_short_keeps_the_order_waiting(self):
        order = self.confirmed_order(lines=[(self.lantern, 2), (self.blanket, 1)])
        self.assertStage(order, "waiting_stock", reserved="partial")

    def test_a_change_after_approval_opens_the_review_again(self):
        order = self.held_quotation(lines=[(self.lantern, 2)])
        self.approve(order)
        self.assertStage(order, "ready", reserved="full")
        order.order_line.product_uom_qty = 50
        self.assertStage(order, "in_review", reserved="full")
        self.approve(order)
        self.assertStage(order, "ready", reserved="full")
        self.assertEqual(order.sudo().picking_ids.move_ids.mapped("product_uom_qty"), [50])

    def test_only_first_and_last_of_a_transaction_are_told(self):
        """Handed in, approved, cancelled and all before anything was committed: one step."""
        order = self.confirmed_order(lines=[(self.blanket, 1)])
        order._action_cancel()
        self.assertStage(order, "cancelled")
        self.assertPath(order, "cancelled")
