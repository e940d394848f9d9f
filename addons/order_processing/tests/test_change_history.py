from odoo.fields import Command
from odoo.tests import tagged

from .common import OrderProcessingCase


@tagged("post_install", "-at_install")
class TestChangeHistory(OrderProcessingCase):
    """Before and after of each change stand in the timeline, once, in words."""

    def setUp(self):
        super().setUp()
        self.order = self.confirmed_order(lines=[(self.lantern, 2), (self.mug, 3)], by=self.paul)
        self.events(self.order)

    def told(self, order=None):
        self.env.cr.flush()
        events = (order or self.order).sudo()._events()
        return events.filtered(lambda event: event.kind == "changed").mapped("text")

    def test_a_quantity(self):
        self.order.order_line[0].product_uom_qty = 1
        self.assertEqual(self.told(), ["Changed: [LANTERN] Metal Lantern: quantity 2 → 1"])

    def test_everything_of_one_save_is_one_event(self):
        lantern, mug = self.order.order_line
        self.order.write(
            {
                "partner_shipping_id": self.corner_shop.id,
                "order_line": [
                    Command.update(lantern.id, {"price_unit": 17.5, "discount": 10}),
                    Command.update(mug.id, {"product_uom_qty": 4}),
                    Command.create({"product_id": self.blanket.id, "product_uom_qty": 1}),
                ],
            }
        )
        self.assertEqual(
            self.told(),
            [
                "Changed: [LANTERN] Metal Lantern: price 18.50 → 17.50;"
                " [LANTERN] Metal Lantern: discount 0 → 10 %; [MUG] Enamel Mug: quantity 3 → 4;"
                " [BLANKET] Wool Blanket added, 1 at 54; delivery address Carla → Corner Shop"
            ],
        )

    def test_who_did_it_is_told(self):
        self.order.with_user(self.mona).order_line[0].product_uom_qty = 1
        self.env.cr.flush()
        event = self.order.sudo()._events().filtered(lambda event: event.kind == "changed")
        self.assertEqual((event.actor_name, event.audience), ("Mona", "internal"))

    def test_changed_and_changed_back_is_no_change(self):
        line = self.order.order_line[0]
        line.product_uom_qty = 5
        line.product_uom_qty = 2
        self.assertEqual(self.told(), [])

    def test_the_same_value_again_is_no_change(self):
        self.order.order_line[0].product_uom_qty = 2
        self.order.partner_shipping_id = self.order.partner_shipping_id
        self.order.note = "Ring twice."
        self.assertEqual(self.told(), [])

    def test_a_line_taken_out_while_it_waits(self):
        order = self.held_quotation(lines=[(self.lantern, 2), (self.mug, 3)], by=self.paul)
        self.events(order)
        order.order_line[1].unlink()
        self.assertEqual(self.told(order), ["Changed: [MUG] Enamel Mug taken out, was 3 at 7.90"])

    def test_a_quotation_has_no_history(self):
        quote = self.quotation()
        quote.order_line.product_uom_qty = 9
        quote.partner_id = self.corner_shop
        self.env.cr.flush()
        self.assertEqual(self.events(quote), [])

    def test_another_product_while_it_waits(self):
        order = self.held_quotation(by=self.paul)
        self.events(order)
        order.order_line.write({"product_id": self.mug.id})
        self.assertIn("[LANTERN] Metal Lantern replaced by [MUG] Enamel Mug", self.told(order)[0])

    def test_the_customer_reads_nothing_of_it(self):
        self.order.order_line[0].product_uom_qty = 1
        self.assertNotIn("changed", self.events(self.order, "customer"))

    def test_long_lists_are_cut(self):
        lines = [(self.lantern, number) for number in range(1, 26)]
        order = self.confirmed_order(lines=lines, by=self.paul)
        self.events(order)
        order.write(
            {"order_line": [Command.update(line.id, {"product_uom_qty": 0}) for line in order.order_line]}
        )
        self.assertIn("and 5 more changes", self.told(order)[0])

    def test_a_deleted_order_is_noted(self):
        self.order.with_user(self.mona)._action_cancel()
        order_id = self.order.id
        self.rpc(self.mona, self.order, "unlink")
        self.env.cr.flush()
        events = self.env["order.event"].search([("order_id", "=", order_id)])
        self.assertEqual((events[-1].kind, events[-1].text), ("deleted", "Order deleted"))

    def test_the_cost_does_not_grow_with_the_orders(self):
        orders = self.env["sale.order"]
        for _i in range(10):
            orders |= self.confirmed_order(lines=[(self.lantern, 3)], by=self.paul)
        self.events(orders)
        counts = []
        for some in (orders[:2], orders[2:]):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some._remember_lines(some.order_line)
            some._log_changes()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
