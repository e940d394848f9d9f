"""Where an order stands once its goods begin to move, and when there is nothing to move."""

from odoo.fields import Command
from odoo.tests import Form, tagged

from .test_stage_story import StageStoryCase


@tagged("post_install", "-at_install")
class TestStageOfGoods(StageStoryCase):
    def test_shipped_on_its_way_delivered_completed(self):
        order = self.confirmed_order(lines=[(self.lantern, 2)])
        self.assertStage(order, "ready", reserved="full")
        self.ship(order)
        self.assertStage(order, "shipped", "full")
        order.sudo().shipment_ids.action_in_transit()
        self.assertStage(order, "in_transit", "full")
        order.sudo().shipment_ids.action_delivered()
        self.assertStage(order, "delivered", "full")
        self.invoice(order)
        self.assertStage(order, "completed", "full")
        self.assertPath(order, "ready", "shipped", "in_transit", "delivered", "completed")

    def test_invoiced_before_it_is_shipped(self):
        order = self.confirmed_order(lines=[(self.lantern, 2)])
        self.invoice(order)
        self.assertStage(order, "ready", reserved="full")
        self.ship(order)
        self.assertStage(order, "shipped", "full")
        order.sudo().shipment_ids.action_delivered()
        self.assertStage(order, "completed", "full")

    def test_half_shipped_half_short(self):
        order = self.confirmed_order(lines=[(self.lantern, 2), (self.blanket, 1)])
        self.ship_some(order, {self.lantern: 2})
        self.assertStage(order, "waiting_stock", "partial")
        self.put_in_stock(self.blanket, 1)
        order.sudo().picking_ids.filtered(lambda p: p.state != "done").action_assign()
        self.assertStage(order, "ready", "partial", "full")
        self.ship(order)
        self.assertStage(order, "shipped", "full")
        self.assertPath(order, "waiting_stock", "ready", "shipped")

    def test_delivered_when_the_last_parcel_is(self):
        order = self.confirmed_order(lines=[(self.lantern, 2), (self.mug, 1)])
        self.ship_some(order, {self.lantern: 2})
        first = order.sudo().shipment_ids
        first.action_delivered()
        self.assertStage(order, "ready", "partial", "full")
        self.ship(order)
        self.assertStage(order, "shipped", "full")
        second = order.sudo().shipment_ids - first
        second.action_in_transit()
        self.assertStage(order, "in_transit", "full")
        second.action_delivered()
        self.assertStage(order, "delivered", "full")

    def test_nothing_more_is_sent_after_closing_without_backorder(self):
        order = self.confirmed_order(lines=[(self.mug, 5)])
        self.ship_some(order, {self.mug: 3}, backorder=False)
        self.assertStage(order, "shipped", "full")
        self.assertEqual(order.order_line.qty_delivered, 3)

    def test_nothing_more_is_sent_after_the_backorder_is_cancelled(self):
        order = self.confirmed_order(lines=[(self.mug, 5)])
        done = self.ship_some(order, {self.mug: 3})
        self.assertStage(order, "ready", "partial", "full")
        (order.sudo().picking_ids - done).action_cancel()
        self.assertStage(order, "shipped", "full")

    def test_picked_and_packed_is_not_shipped(self):
        """Only what crosses the door to the customer counts, not the way to the door."""
        self.warehouse.delivery_steps = "pick_pack_ship"
        order = self.confirmed_order(lines=[(self.lantern, 2)])
        self.assertStage(order, "ready", reserved="full")
        for _step in ("picked", "packed"):
            self.ship(order)
            self.assertStage(order, "ready", reserved="full")
        self.ship(order)
        self.assertStage(order, "shipped", "full")
        self.assertEqual(len(order.sudo().shipment_ids), 1)
        self.assertPath(order, "ready", "shipped")

    def test_shipped_and_cancelled(self):
        order = self.confirmed_order(lines=[(self.lantern, 2), (self.blanket, 1)])
        self.ship_some(order, {self.lantern: 2})
        order.with_user(self.mona)._action_cancel()
        self.assertStage(order, "cancelled", "full")

    def test_the_supplier_sends_to_the_customer(self):
        """Dropshipping: nothing of ours to wait for, then it is out."""
        order = self.without_procurement((self.blanket, 1))
        self.assertStage(order, "approved")
        suppliers, customers = (
            self.env.ref(f"stock.stock_location_{who}s") for who in ("supplier", "customer")
        )
        picking = self.move_for(order, self.blanket, suppliers, customers)
        self.assertStage(order, "approved")
        picking.move_ids.picked = True
        picking.button_validate()
        self.assertStage(order, "shipped", "full")

    def test_a_kit_is_where_its_parts_are(self):
        """The line sells a kit; what moves are other products."""
        order = self.without_procurement((self.blanket, 1))
        shelf, customers = self.warehouse.lot_stock_id, self.env.ref("stock.stock_location_customers")
        picking = self.move_for(order, self.mug, shelf, customers) | self.move_for(
            order, self.lantern, shelf, customers
        )
        picking.action_assign()
        self.assertStage(order, "ready", reserved="full")
        picking[0].move_ids.picked = True
        picking[0].button_validate()
        self.assertStage(order, "ready", "partial", "full")
        picking[1].move_ids.picked = True
        picking[1].button_validate()
        self.assertStage(order, "shipped", "full")


@tagged("post_install", "-at_install")
class TestStageOfReturns(StageStoryCase):
    def setUp(self):
        super().setUp()
        self.order = self.confirmed_order(lines=[(self.lantern, 2)])
        self.delivery = self.ship(self.order).sudo()
        self.order.sudo().shipment_ids.action_delivered()
        self.invoice(self.order)
        self.assertStage(self.order, "completed", "full")

    def take_back(self):
        wizard = Form(
            self.env["stock.return.picking"].with_context(
                active_id=self.delivery.id, active_model="stock.picking"
            )
        )
        wizard = wizard.save()
        wizard.product_return_moves.write({"quantity": 2, "to_refund": True})
        return self.env["stock.picking"].browse(wizard.action_create_returns()["res_id"])

    def receive(self, picking):
        picking.move_ids.picked = True
        picking.button_validate()
        self.assertEqual(picking.state, "done")

    def test_delivered_while_goods_are_on_their_way_back(self):
        """What has left has left; but nobody is finished with this order."""
        back = self.take_back()
        self.assertStage(self.order, "delivered", "full")
        self.receive(back)
        self.assertEqual(self.order.order_line.qty_delivered, 0)
        self.assertStage(self.order, "completed", "full")
        self.assertPath(self.order, "completed", "delivered", "completed")

    def test_putting_returned_goods_away_is_not_a_delivery(self):
        """Where receipts take two steps, the second one is our affair."""
        self.warehouse.reception_steps = "two_steps"
        self.delivery.picking_type_id.return_picking_type_id = self.warehouse.in_type_id
        self.receive(self.take_back())
        inside = self.order.sudo().order_line.move_ids.filtered(
            lambda move: move.state not in ("done", "cancel")
        )
        self.assertEqual(inside.location_id, self.warehouse.wh_input_stock_loc_id)
        self.assertStage(self.order, "completed", "full")


@tagged("post_install", "-at_install")
class TestStageWithoutGoods(StageStoryCase):
    def test_a_service_invoiced_on_order(self):
        order = self.confirmed_order(lines=[(self.wrapping, 3)])
        self.assertStage(order, "approved")
        self.invoice(order)
        self.assertStage(order, "completed")
        self.assertPath(order, "approved", "completed")

    def test_a_service_invoiced_when_done(self):
        self.wrapping.invoice_policy = "delivery"
        order = self.confirmed_order(lines=[(self.wrapping, 3)])
        self.assertStage(order, "approved")
        order.order_line.qty_delivered = 2
        self.assertStage(order, "approved")
        order.order_line.qty_delivered = 3
        self.assertStage(order, "delivered")
        self.invoice(order)
        self.assertStage(order, "completed")
        self.assertPath(order, "approved", "delivered", "completed")

    def test_a_service_cut_down_to_what_was_done(self):
        self.wrapping.invoice_policy = "delivery"
        order = self.confirmed_order(lines=[(self.wrapping, 3)])
        order.order_line.qty_delivered = 2
        self.assertStage(order, "approved")
        order.order_line.product_uom_qty = 2
        self.assertStage(order, "delivered")

    def test_goods_of_no_value_are_shipped_like_others(self):
        sample = self.product("SAMPLE", 0.0, stock=5)
        order = self.confirmed_order(lines=[(sample, 1)])
        self.assertEqual(order.amount_total, 0)
        self.assertStage(order, "ready", reserved="full")
        self.ship(order)
        self.assertStage(order, "shipped", "full")

    def test_an_order_of_no_lines_is_done_at_once(self):
        order = self.env["sale.order"].create({"partner_id": self.customer.id})
        order.action_submit()
        self.assertStage(order, "completed")

    def test_a_down_payment_alone_waits_only_for_its_invoice(self):
        deposit = self.product("DEPOSIT", 50.0, type="service", is_storable=False)
        line = {"product_id": deposit.id, "product_uom_qty": 0, "price_unit": 50.0, "is_downpayment": True}
        order = self.env["sale.order"].create(
            {"partner_id": self.customer.id, "order_line": [Command.create(line)]}
        )
        order.action_submit()
        self.assertEqual(order.invoice_status, "no")
        self.assertStage(order, "completed")
