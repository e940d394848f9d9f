from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_holds import HoldCase


@tagged("post_install", "-at_install")
class TestHeldUnderReview(HoldCase):
    """The corner shop's orders are held, for its address lacks a post code."""

    def test_everybody_sees_that_the_goods_are_not_free(self):
        order = self.held_quotation(lines=[(self.few, 7)])
        self.assertOpen(order)
        self.assertEqual((self.held(order), self.free(self.few)), ([7], 3))
        self.assertEqual(self.few.virtual_available, 3)
        self.assertEqual(self.set_aside(self.order((self.few, 5))), [3])
        self.assertIn("stock_held", self.events(order))
        self.assertAddsUp(self.few)

    def test_it_is_no_delivery(self):
        order = self.held_quotation(lines=[(self.few, 7)])
        self.assertEqual((order.processing_stage, order.reservation_state), ("in_review", "none"))
        self.assertFalse(order.sudo().picking_ids or order.sudo().order_line.move_ids)
        self.assertEqual(order.sudo().delivery_count, 0)
        hold = self.holds(order)
        self.assertFalse(hold.picking_id or hold.picking_type_id)
        hold.picked = True
        with self.assertRaisesRegex(UserError, "only held"):
            hold._action_done()

    def test_approved_it_has_exactly_what_was_held(self):
        order = self.held_quotation(lines=[(self.few, 7)])
        self.order((self.few, 3))
        waiting = self.order((self.few, 5), urgency="urgent")  # before it in rank, and without a bell
        lines = self.holds(order).move_line_ids
        self.approve(order)
        self.assertEqual(self.set_aside(order, waiting), [7, 0])
        self.assertEqual(order.sudo().order_line.move_ids.move_line_ids, lines)
        self.assertFalse(self.holds(order) or order.sudo().hold_until)
        self.assertEqual((order.processing_stage, order.reservation_state), ("ready", "full"))
        self.run_allocator()
        self.assertEqual(self.set_aside(order, waiting), [7, 0])
        self.assertAddsUp(self.few)
        self.ship(order)
        self.assertEqual(order.processing_stage, "delivered" if not order.sudo().shipment_ids else "shipped")

    def test_also_where_the_allocator_reserves_or_odoo(self):
        for mode in ("queued", "odoo"):
            with self.subTest(mode):
                self.company.reservation_mode = mode
                bell = self.product(f"BELL-{mode}", 12.0, stock=4)
                order = self.held_quotation(lines=[(bell, 3)])
                self.run_allocator()
                self.assertEqual(self.held(order), [3])
                self.approve(order)
                self.assertEqual(self.set_aside(order), [3])
                self.assertFalse(order.sudo().order_line.move_ids.reservation_pending)
                self.assertEqual(order.reservation_state, "full")
                self.assertAddsUp(bell)

    def test_refused_or_cancelled_it_gives_them_back(self):
        refused, cancelled, deleted = (self.held_quotation(lines=[(self.few, 3)]) for _number in range(3))
        self.assertEqual(self.held(refused, cancelled, deleted), [3, 3, 3])
        refused.with_user(self.rita).action_review_refuse("No")
        self.assertEqual((self.held(refused), self.free(self.few)), ([0], 4))
        cancelled.with_user(self.mona)._action_cancel()
        self.assertEqual((self.held(cancelled), self.free(self.few)), ([0], 7))
        deleted.with_user(self.mona)._action_cancel()
        deleted.sudo().unlink()
        self.assertEqual(self.free(self.few), 10)
        self.assertAddsUp(self.few)

    def test_the_order_changes_and_so_does_the_hold(self):
        order = self.held_quotation(lines=[(self.few, 7), (self.mug, 2)])
        bells, mugs = order.order_line
        bells.product_uom_qty = 4
        self.assertEqual((self.held(order), self.free(self.few)), ([6], 6))
        bells.product_uom_qty = 9
        self.assertEqual((self.held(order), self.free(self.few)), ([11], 1))
        mugs.product_id = self.lantern
        self.assertEqual((self.free(self.mug), self.free(self.lantern)), (400, 118))
        bells.unlink()
        self.assertEqual((self.held(order), self.free(self.few)), ([2], 10))
        order.write({"order_line": [(0, 0, {"product_id": self.few.id, "product_uom_qty": 1})]})
        self.assertEqual((self.held(order), self.free(self.few)), ([3], 9))
        self.assertAddsUp(self.few, self.mug, self.lantern)

    def test_fewer_are_confirmed_than_were_held(self):
        order = self.held_quotation(lines=[(self.few, 7)])
        hold = self.holds(order)
        self.env.flush_all()
        self.env.cr.execute("UPDATE sale_order_line SET product_uom_qty = 5 WHERE order_id = %s", [order.id])
        self.env.invalidate_all()
        order.sudo()._clear("approved")
        order.sudo().action_confirm()
        self.assertFalse(hold.exists())
        self.assertEqual((self.set_aside(order), self.free(self.few)), ([5], 5))
        self.assertAddsUp(self.few)

    def test_in_turn_with_the_orders(self):
        """Handed in, it is served as the order will be; an open quotation comes after all orders."""
        self.order((self.few, 10))
        quotation = self.sent((self.few, 4))
        later = self.order((self.few, 4), requested_date="2099-01-01")
        review = self.held_quotation(lines=[(self.few, 4)])
        self.restock(self.few, 6)
        self.assertEqual((self.held(review, quotation), self.set_aside(later)), ([4, 0], [2]))
        self.restock(self.few, 4)
        self.assertEqual((self.held(review, quotation), self.set_aside(later)), ([4, 2], [4]))
        self.assertAddsUp(self.few)

    def test_lots_stay_the_same(self):
        tracked = self.product("SERIAL", 10.0, tracking="lot")
        lots = self.env["stock.lot"].create([{"name": n, "product_id": tracked.id} for n in ("L1", "L2")])
        for lot in lots:
            self.env["stock.quant"]._update_available_quantity(
                tracked, self.warehouse.lot_stock_id, 3, lot_id=lot
            )
        order = self.held_quotation(lines=[(tracked, 4)])
        before = {(line.lot_id, line.quantity) for line in self.holds(order).move_line_ids}
        self.approve(order)
        after = {(line.lot_id, line.quantity) for line in order.sudo().order_line.move_ids.move_line_ids}
        self.assertEqual(before, after)
        self.assertAddsUp(tracked)

    def test_by_the_dozen(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        self.put_in_stock(self.few, 20)
        order = self.held_quotation(
            lines=[{"product_id": self.few.id, "product_uom_qty": 2, "product_uom_id": dozen.id}]
        )
        self.assertEqual(self.held(order), [24])
        self.approve(order)
        self.assertEqual(self.set_aside(order), [24])

    def test_picked_and_packed_in_two_steps(self):
        self.warehouse.delivery_steps = "pick_ship"
        order = self.held_quotation(lines=[(self.few, 7)])
        self.order((self.few, 3))
        self.approve(order)
        pick = order.sudo().order_line.move_ids.filtered(lambda move: move.location_id.usage == "internal")
        self.assertEqual(pick[:1].quantity, 7)
        self.assertAddsUp(self.few)

    def test_what_is_reordered_counts_it_once(self):
        rule = self.env["stock.warehouse.orderpoint"].create(
            {"product_id": self.few.id, "product_min_qty": 2, "product_max_qty": 2, "trigger": "manual"}
        )
        order = self.held_quotation(lines=[(self.few, 9)])
        self.assertEqual(rule.qty_to_order, 1)  # what is held is demand
        self.approve(order)
        self.assertEqual(rule.qty_to_order, 1)

    def test_what_is_bought_when_short_does_not_count_it_twice(self):
        """The rule: from stock, and what is not there is bought."""
        route = self.env["stock.route"].create({"name": "Buy the rest", "sale_selectable": True})
        supply = {
            "action": "pull",
            "procure_method": "make_to_stock",
            "picking_type_id": self.warehouse.int_type_id.id,
        }
        self.env["stock.rule"].create(
            [
                {
                    "name": "out",
                    "route_id": route.id,
                    "action": "pull",
                    "procure_method": "mts_else_mto",
                    "location_src_id": self.warehouse.lot_stock_id.id,
                    "location_dest_id": self.env.ref("stock.stock_location_customers").id,
                    "picking_type_id": self.warehouse.out_type_id.id,
                },
                {
                    **supply,
                    "name": "in",
                    "route_id": route.id,
                    "location_src_id": self.env.ref("stock.stock_location_suppliers").id,
                    "location_dest_id": self.warehouse.lot_stock_id.id,
                },
            ]
        )
        self.few.route_ids = route
        order = self.held_quotation(lines=[(self.few, 8)])
        self.approve(order)
        bought = self.env["stock.move"].search(
            [
                ("product_id", "=", self.few.id),
                ("location_id.usage", "=", "supplier"),
                ("state", "!=", "cancel"),
            ]
        )
        self.assertEqual((sum(bought.mapped("product_qty")), self.set_aside(order)), (0, [8]))


@tagged("post_install", "-at_install")
class TestHeldQuotations(HoldCase):
    def test_from_when_it_was_sent_for_the_hours_of_the_company(self):
        order = self.quotation(lines=[(self.few, 2)])
        self.assertEqual(self.held(order), [0])
        order.action_quotation_sent()
        self.assertEqual(self.held(order), [2])
        hours = (order.sudo().hold_until - fields.Datetime.now()).total_seconds() / 3600
        self.assertAlmostEqual(hours, 24, delta=0.1)
        self.assertFalse(self.events(order))  # never handed in: it has no timeline, and can be deleted

    def test_a_channel_has_hours_of_its_own(self):
        channel = self.env["order.channel"].create({"name": "Phone", "code": "p2"})
        order = self.sent((self.few, 2), channel_id=channel.id)
        self.assertEqual(self.held(order), [0])
        channel.hold_quotation_hours = 2
        order = self.sent((self.few, 2), channel_id=channel.id)
        self.assertEqual(self.held(order), [2])

    def test_confirmed_it_keeps_them(self):
        order = self.sent((self.few, 8))
        self.order((self.few, 2))
        self.submit(order)
        self.assertConfirmed(order)
        self.assertEqual(self.set_aside(order), [8])
        self.assertFalse(self.holds(order))
        self.assertAddsUp(self.few)

    def test_its_time_is_over(self):
        order, other = self.sent((self.few, 8)), self.sent((self.few, 1))
        waiting = self.order((self.few, 5))
        self.run_clock()
        self.assertEqual(self.held(order, other), [8, 1])
        self.over(order)
        self.run_clock()
        self.run_allocator()
        self.assertEqual((self.held(order, other), self.set_aside(waiting)), ([0, 1], [5]))
        self.assertFalse(order.sudo().hold_until)
        order.order_line.product_uom_qty = 9  # it is not held again by itself
        self.assertEqual(self.held(order), [0])
        self.assertAddsUp(self.few)

    def test_what_is_over_gets_nothing_any_more(self):
        self.order((self.few, 10))
        order = self.sent((self.few, 5))
        self.over(order)
        self.restock(self.few, 5)
        self.assertEqual(self.held(order), [0])

    def test_the_quotation_says_what_is_held(self):
        self.order((self.few, 7))
        order = self.sent((self.few, 5), (self.mug, 2))
        self.assertRegex(order.with_user(self.sally).hold_note, "as far as it is there: 3 of 5 .*Brass Bell")
        order.order_line[0].product_uom_qty = 3
        self.assertRegex(order.with_user(self.sally).hold_note, "^Everything is set aside until")

    def test_its_own_line_counts_what_is_held_as_free(self):
        order = self.sent((self.few, 10))
        other = self.quotation(lines=[(self.few, 1)])
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(order.order_line.free_qty_today, 10)
        self.assertEqual(order.order_line.virtual_available_at_date, 10)
        self.assertEqual(other.order_line.free_qty_today, 0)

    def test_the_forecast_names_it(self):
        order = self.sent((self.few, 4))
        report = self.env["stock.forecasted_product_product"]
        lines = report.get_report_values(self.few.ids)["docs"]["lines"]
        documents = [line["document_out"] for line in lines if line["document_out"]]
        self.assertEqual([(d["_name"], d["id"]) for d in documents], [("sale.order", order.id)])
        self.assertIn(f"{order.name}, held until", self.holds(order).display_name)
        self.assertEqual(self.holds(order).reference, order.name)

    def test_what_is_bought_to_order_is_not_held(self):
        self.warehouse.mto_pull_id.route_id.active = True
        self.mug.route_ids = self.warehouse.mto_pull_id.route_id
        self.assertFalse(self.holds(self.sent((self.mug, 3))))

    def test_an_inventory_loss_hits_what_is_only_quoted_first(self):
        order, ordered = self.sent((self.few, 5)), self.order((self.few, 5))
        quant = self.few.stock_quant_ids.filtered(lambda q: q.location_id == self.warehouse.lot_stock_id)
        quant.with_context(inventory_mode=True).inventory_quantity = 6
        quant.action_apply_inventory()
        self.assertEqual((self.held(order), self.set_aside(ordered)), ([1], [5]))
        self.assertAddsUp(self.few)

    def test_left_over_it_is_swapped_by_the_scheduled_action(self):
        """Somebody else was at the hold when the order was confirmed."""
        order = self.sent((self.few, 8))
        Move = self.registry["stock.move"]
        with patch.object(Move, "_lock_holds", lambda holds: holds.browse()):
            self.submit(order)
        self.assertEqual((self.held(order), self.set_aside(order)), ([8], [2]))
        self.run_clock()
        self.assertEqual((self.held(order), self.set_aside(order)), ([0], [8]))
        self.run_allocator()
        self.assertEqual(order.reservation_state, "full")
        self.assertAddsUp(self.few)

    def test_promises_that_rest_on_the_goods_are_looked_at_again(self):
        order = self.sent((self.few, 2))
        self.assertFalse(self.env["order.promise.recheck"].search([]))
        self.company.promise_mode = "promise"
        order.order_line.product_uom_qty = 0
        self.env.cr.precommit.run()  # notes are written at the end of the transaction
        notes = self.env["order.promise.recheck"].search([])
        self.assertEqual((notes.product_id, notes.warehouse_id), (self.few, self.warehouse))

    def test_what_holds_nothing_is_not_held(self):
        order = self.sent((self.wrapping, 2))
        self.assertFalse(order.sudo().hold_until)
        order = self.sent((self.few, 2))
        order.order_line.unlink()
        order.sudo().hold_until = fields.Datetime.now() - timedelta(minutes=1)
        self.run_clock()
        self.assertFalse(order.sudo().hold_until)

    def test_orphans_are_freed(self):
        order = self.sent((self.few, 8))
        hold = self.holds(order)
        self.env.flush_all()
        self.env.cr.execute("UPDATE stock_move SET hold_line_id = NULL WHERE id = %s", hold.ids)
        self.env.invalidate_all()
        self.run_clock()
        self.assertEqual((hold.exists(), self.free(self.few)), (hold.browse(), 10))
