from datetime import timedelta

from odoo.tests import tagged

from .common import PurchaseCase


@tagged("post_install", "-at_install")
class TestAVendorMovesALine(PurchaseCase):
    """The blankets were to come in seven days; the vendor says forty more."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.purchase = cls.bought(50)
        cls.env["order.promise.recheck"].search([]).unlink()
        cls.new_date = cls.now + timedelta(days=47)

    def move_line(self, purchase=None, by=None):
        line = (purchase or self.purchase).order_line
        line.with_user(by or self.env.user).write({"date_planned": self.new_date})

    def test_promises_are_looked_at_again(self):
        self.move_line(by=self.ben)
        [note] = self.rechecks("receipt_moved").filtered(lambda one: one.source_model == "purchase.order")
        self.assertEqual((note.product_id, note.warehouse_id), (self.blanket, self.warehouse))
        self.assertEqual((note.source_id, note.source_name), (self.purchase.id, self.purchase.name))

    def test_the_receipt_is_expected_on_the_new_day(self):
        order = self.order((self.blanket, 50))
        self.promise(order, 8)
        self.look()
        self.assertEqual(self.shortages(order).risk, "in_time")
        self.move_line()
        self.assertEqual(self.purchase.picking_ids.scheduled_date, self.new_date)
        self.look()
        self.assertEqual(
            (self.shortages(order).risk, self.shortages(order).expected_date), ("late", self.new_date)
        )
        self.assertEqual(self.activities(self.ben).summary, "Short: 1 products")

    def made_to_order(self):
        route = self.env.ref("stock.route_warehouse0_mto")
        route.active = True
        self.blanket.route_ids += route
        order = self.order((self.blanket, 5)).sudo()
        purchase = self.purchases() - self.purchase
        self.assertEqual(purchase.order_line.product_qty, 5)
        return order, purchase

    def test_the_delivery_keeps_its_deadline(self):
        order, purchase = self.made_to_order()
        purchase.button_confirm()
        before = order.picking_ids.date_deadline
        self.assertTrue(before)
        self.move_line(purchase)
        self.assertEqual(order.picking_ids.date_deadline, before)
        self.assertEqual(purchase.picking_ids.date_deadline, self.new_date)

    def test_nor_before_the_purchase_is_confirmed(self):
        order, purchase = self.made_to_order()
        before = order.picking_ids.date_deadline
        self.move_line(purchase)
        self.assertEqual(order.picking_ids.date_deadline, before)

    def test_the_receipt_s_own_deadline_does_not_pull_it_either(self):
        order, purchase = self.made_to_order()
        purchase.button_confirm()
        before = order.picking_ids.date_deadline
        purchase.picking_ids.move_ids.date_deadline = self.new_date
        self.assertEqual(order.picking_ids.date_deadline, before)

    def test_the_order_s_own_date_moves_it(self):
        order, purchase = self.made_to_order()
        purchase.button_confirm()
        order.commitment_date = self.new_date
        self.assertEqual(order.picking_ids.date_deadline, self.new_date)

    def test_as_odoo_does_where_nothing_is_promised(self):
        self.company.promise_mode = "off"
        order, purchase = self.made_to_order()
        purchase.button_confirm()
        before = order.picking_ids.date_deadline
        self.move_line(purchase)
        self.assertGreater(order.picking_ids.date_deadline, before + timedelta(days=30))
        self.assertFalse(self.rechecks("receipt_moved"))

    def test_quantity_and_cancellation(self):
        line = self.purchase.order_line
        line.product_qty = 60
        self.assertEqual(self.rechecks("receipt_changed").source_id, self.purchase.id)
        line.product_qty = 60
        self.assertEqual(len(self.rechecks("receipt_changed")), 1)
        self.purchase.button_cancel()
        self.assertEqual(self.rechecks("receipt_cancelled").source_id, self.purchase.id)

    def test_the_same_day_is_no_news(self):
        self.purchase.order_line.date_planned = self.purchase.order_line.date_planned
        self.assertFalse(self.rechecks("receipt_moved"))

    def test_through_the_form_s_date(self):
        self.purchase.write(
            {"order_line": [(1, self.purchase.order_line.id, {"date_planned": self.new_date})]}
        )
        self.assertTrue(self.rechecks("receipt_moved"))

    def test_the_shortage_is_open_again_when_the_purchase_is_cancelled(self):
        order = self.order((self.blanket, 50))
        self.look()
        self.purchase.button_cancel()
        self.look()
        self.assertEqual(self.shortages(order).help_ids.kind, "rfq")
