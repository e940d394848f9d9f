from odoo.tests import tagged

from odoo.addons.order_processing.tests.common import OrderProcessingHttpCase
from odoo.addons.order_processing.tests.common_axe import AccessibleCase

from .common import QuickCase


@tagged("post_install", "-at_install")
class TestQuickOrderInTheBrowser(QuickCase, OrderProcessingHttpCase, AccessibleCase):
    """From log-in to the number of the order, on a desk and on a phone."""

    def both(self, tour, path, check):
        for width in (1366, 390):
            self.browser_size = f"{width}x900"
            with self.subTest(width=width):
                self.start_tour(path, tour, login="carla")
                check()

    def test_by_paste(self):
        placed = []

        def check():
            order = self.env["sale.order"].search([("channel_id.code", "=", "portal")], limit=1)
            self.assertNotIn(order, placed)
            placed.append(order)
            self.assertEqual((order.client_order_ref, order.packing_instruction), ("PO 4711", "Upright"))
            bought = {line.product_id: line.product_uom_qty for line in order.order_line}
            self.assertEqual(bought, {self.lantern: 5, self.mug: 13, self.candle: 12})

        self.both("quick_order_by_paste", "/my", check)

    def test_by_typing(self):
        self.confirmed_order(lines=[(self.lantern, 2)])

        def check():
            self.assertEqual(self.lines(), [("LANTERN", 2, ""), ("MUG", 5, "")])
            self.quick.line_ids.unlink()

        self.both("quick_order_by_typing", "/my/quick-order", check)

    def test_accessible(self):
        self.confirmed_order(lines=[(self.lantern, 2)])
        self.assert_accessible("/my/quick-order", "carla")
        self.take("LANTERN\t3\nLANTREN\t2\nMUG\tmany\nCANDLE\t5\n" + "x" * 120 + "\t1")
        self.env["order.quick.list"]._keep(self.carla, "Every Monday", self.quick.line_ids)
        self.assert_accessible("/my/quick-order", "carla")
        self.assert_accessible("/my/quick-order?search=lan", "carla")
