from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_promise import PromiseCase
from .test_customer_change import ChangeCase


@tagged("post_install", "-at_install")
class TestGateAfterChange(ChangeCase):
    """A change by the customer is judged like any other: he raises nothing past the credit limit."""

    def test_beyond_the_credit_limit_it_waits(self):
        self.company.account_use_credit_limit = True
        self.customer.credit_limit = 300
        self.assertEqual(self.less(20), "done")
        self.assertEqual(self.sale.review_state, "pending")
        self.assertEqual(self.open_findings(self.sale), ["credit_limit"])
        # What is more is not procured until somebody has decided.
        self.assertEqual(self.moved(self.lantern)[0], 5)
        self.assertEqual(self.less(5), "done")
        self.assertNotEqual(self.sale.review_state, "pending")
        self.assertEqual(self.moved(self.lantern), (5, 5))

    def test_on_hold_nothing_leaves(self):
        self.company.account_use_credit_limit = True
        self.customer.credit_limit = 300
        self.less(20)
        self.assertTrue(self.sale._is_on_review_hold())

    def test_less_gives_back_what_was_reserved(self):
        free = self.lantern.free_qty
        self.less(2)
        self.lantern.invalidate_recordset(["free_qty"])
        self.assertEqual(self.lantern.free_qty, free + 3)

    def test_delivered_lines_stay(self):
        self.sale.picking_ids.move_ids[0].picked = True
        self.sale.picking_ids.with_context(skip_backorder=True)._action_done()
        delivered = self.sale.order_line.filtered("qty_delivered")
        wish = {"lines": {str(delivered.id): 1}}
        self.assertEqual(self.change("quantity", wish), "asked")
        request = self.sale.change_request_ids.with_user(self.mona)
        with self.assertRaises(UserError) as refused:
            request.action_accept()
        self.assertIn("more has been delivered", str(refused.exception))
        self.assertEqual(request.state, "open")

    def test_all_that_is_left_of_a_parcel(self):
        self.ship(self.sale)
        for kind, wish in (("cancel", {}), ("date", {"date": "2027-03-04"})):
            self.assertEqual(self.change(kind, wish), "no")
        self.assertEqual(self.less(1), "no")


@tagged("post_install", "-at_install")
class TestPromiseAfterChange(PromiseCase):
    """The promise is worked out anew for what is ordered now."""

    def test_more_than_is_there_comes_later(self):
        self.receipt(self.blanket, 10, days=3)
        self.put_in_stock(self.blanket, 4)
        order = self.order((self.blanket, 4)).sudo()
        self.recheck()
        before = order.promise_date
        order.env.company.review_mode = "off"
        wish = {"lines": {str(order.order_line.id): 9.0}}
        user = self.env.ref("base.public_user")
        self.assertEqual(order._customer_change("quantity", wish, order._change_version(), user), "done")
        self.recheck()
        self.assertGreater(order.promise_date, before)
        self.assertEqual(sum(order.picking_ids.move_ids.mapped("product_uom_qty")), 9)

    def test_wanted_later_is_planned_later(self):
        self.put_in_stock(self.blanket, 4)
        order = self.order((self.blanket, 4)).sudo()
        self.recheck()
        wish, user = {"date": "2027-02-15"}, self.env.ref("base.public_user")
        self.assertEqual(order._customer_change("date", wish, order._change_version(), user), "done")
        self.recheck()
        self.assertEqual(order._local_day(order.promise_date).isoformat(), "2027-02-15")
