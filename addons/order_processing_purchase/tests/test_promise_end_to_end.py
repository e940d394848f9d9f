from datetime import timedelta

from odoo.tests import tagged

from .common import PurchaseCase


@tagged("post_install", "-at_install")
class TestWhatPlainOdooKeepsToItself(PurchaseCase):
    """Fifty blankets that are not there, and a vendor who moves a line by forty days: from end to end."""

    def work(self):
        """Let the scheduled actions do what they have to."""
        self.env.flush_all()
        self.env.cr.precommit.run()
        with self.without_commits():
            self.env["order.promise.recheck"]._cron_recheck()

    def test_fifty_that_are_not_there(self):
        """Plain Odoo promises them for now, buys nothing and tells nobody."""
        order = self.order((self.blanket, 50)).sudo()
        line = order.order_line
        self.assertEqual(line.promise_code, "lead_time")
        self.assertGreaterEqual(line.ready_date, self.now + timedelta(days=7))
        self.work()
        [shortage] = self.shortages(order)
        self.assertEqual((shortage.quantity, shortage.product_id), (50, self.blanket))
        [purchase] = self.purchases()
        self.assertEqual((purchase.partner_id, purchase.order_line.product_qty), (self.mill, 50))
        self.assertEqual(len(self.activities(self.ben)), 1)
        # Confirmed by the vendor it is a receipt, and the promise rests on it from then on.
        before = order.promise_date
        purchase.button_confirm()
        self.work()
        self.assertEqual(order.promise_date, before)

    def test_nobody_sells_them(self):
        """There is no date, and the customer is asked what to do, once."""
        self.blanket.seller_ids.unlink()
        order = self.order((self.blanket, 50), (self.lantern, 1)).sudo()
        self.assertFalse(order.promise_date)
        self.work()
        [mail] = self.mails(order)
        self.assertIn("not there yet", mail.body_html)
        self.assertIn("/choice", mail.body_html)
        self.env["order.promise.recheck"]._note(self.blanket, self.warehouse, "looked_again")
        self.work()
        self.assertEqual(self.mails(order), mail)
        self.assertTrue(order.promise_at_risk)

    def test_forty_days_later(self):
        """Plain Odoo moves the delivery's deadline with it, and tells nobody."""
        purchase = self.bought(50)
        order = self.order((self.blanket, 50), (self.lantern, 2)).sudo()
        self.work()
        first, deadline = order.promise_date, order.picking_ids.date_deadline
        purchase.order_line.with_user(self.ben).date_planned = self.now + timedelta(days=47)
        self.assertEqual(order.picking_ids.date_deadline, deadline)
        self.work()
        row = order.promise_ids.sorted("id")[-1]
        self.assertEqual((row.kind, row.code, row.source_name), ("later", "receipt_moved", purchase.name))
        self.assertEqual((row.previous_date, order.first_promise_date), (first, first))
        self.assertGreaterEqual(row.slip_days, 38)
        [mail] = self.mails(order)
        self.assertIn("comes later than we promised", mail.body_html)
        self.assertIn("/choice", mail.body_html)
        self.assertIn(self.customer.email, row.told_to)
        self.assertEqual(len(order.activity_ids), 1)
        self.assertIn("promise_later", self.events(order, "customer"))
        # The purchase comes as promised after all: that is told, too, and the date is the first again.
        purchase.order_line.date_planned = self.now + timedelta(days=7)
        self.work()
        self.assertEqual(order.promise_date, first)
        self.assertEqual(len(self.mails(order)), 2)
