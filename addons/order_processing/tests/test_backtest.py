from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from .common_backtest import BacktestCase


@tagged("post_install", "-at_install")
class TestBacktest(BacktestCase):
    """Each order of the past is judged by what was known when it came in."""

    # ---------------------------------------------------------------- what was usual then
    def test_what_became_usual_later_was_a_slip_then(self):
        """Carla ordered ten mugs at a time, once a thousand, and a thousand ever since."""
        for days_ago in range(60, 50, -1):
            self.past(self.customer, [(self.mug, 10)], days_ago)
        first = self.past(self.customer, [(self.mug, 1000)], 40)
        later = [self.past(self.customer, [(self.mug, 1000)], days_ago) for days_ago in range(30, 5, -1)]
        self.Habit._learn()
        self.assertFalse(self.found_live("quantity_unusual", later[-1]))
        trial = self.tried("quantity_unusual")
        self.assertIn(first, self.found(trial))
        self.assertNotIn(later[-1], self.found(trial))

    def test_a_slip_by_todays_habit_was_normal_then(self):
        """They had ordered by the thousand, and now by the ten."""
        for days_ago in range(89, 84, -1):
            self.past(self.baker, [(self.mug, 1000)], days_ago)
        normal = self.past(self.baker, [(self.mug, 1000)], 80)
        for days_ago in range(70, 10, -1):
            self.past(self.baker, [(self.mug, 10)], days_ago)
        self.Habit._learn()
        self.assertTrue(self.found_live("quantity_unusual", normal))
        self.assertNotIn(normal, self.found(self.tried("quantity_unusual")))

    def found_live(self, rule, order):
        order = order.sudo()
        return [
            one for each, one in order._review_findings().get(order.id, ()) if each.id == self.rule(rule).id
        ]

    # ---------------------------------------------------------------- the customer's other orders
    def test_the_first_order_is_new_and_the_second_is_not(self):
        self.rule("new_customer").threshold = 100
        first = self.past(self.baker, [(self.mug, 20)], 9)
        self.past(self.baker, [(self.mug, 20)], 8)
        self.assertEqual(self.found(self.tried("new_customer")), first)

    def test_an_earlier_order_was_known_although_it_was_cancelled_later(self):
        self.rule("new_customer").threshold = 100
        first = self.past(self.baker, [(self.mug, 20)], 9)
        self.past(self.baker, [(self.mug, 20)], 8)
        first._action_cancel()
        self.assertEqual(self.found(self.tried("new_customer")), first)

    def test_an_order_cancelled_before_was_not_known(self):
        self.rule("new_customer").threshold = 100
        first = self.past(self.baker, [(self.mug, 20)], 9)
        first._action_cancel()
        second = self.past(self.baker, [(self.mug, 20)], 8)
        self.ended(first, 8, 9)
        self.assertEqual(self.found(self.tried("new_customer")), first | second)

    def ended(self, order, days_ago, hour):
        """Let the order have been cancelled at that moment."""
        self.env.cr.flush()
        self.env.cr.execute("SET LOCAL order_processing.event_maintenance = 'on'")
        self.env.cr.execute(
            "UPDATE order_event SET occurred_at = %s WHERE order_id = %s AND kind = 'stage'"
            " AND data->>'after' = 'cancelled'",
            [self.moment(days_ago, hour), order.id],
        )
        self.assertEqual(self.env.cr.rowcount, 1)
        self.env.cr.execute("SET LOCAL order_processing.event_maintenance = 'off'")

    def test_a_later_order_is_no_duplicate_of_an_earlier_one(self):
        first = self.past(self.customer, [(self.mug, 3)], 9, hour=9)
        second = self.past(self.customer, [(self.mug, 3)], 9, hour=11)
        trial = self.tried("duplicate")
        self.assertEqual(self.found(trial), second)
        self.assertEqual(
            trial.hit_ids.text, f"The same products and quantities as {first.name}; ordered twice?"
        )

    def test_the_one_that_was_cancelled_as_a_duplicate_is_found(self):
        self.past(self.customer, [(self.mug, 3)], 9, hour=9)
        second = self.past(self.customer, [(self.mug, 3)], 9, hour=11)
        second._action_cancel()
        trial = self.tried("duplicate")
        self.assertEqual(self.found(trial), second)
        self.assertTrue(trial.hit_ids.is_cancelled)

    def test_ordered_anew_after_cancelling_is_no_duplicate(self):
        first = self.past(self.customer, [(self.mug, 3)], 9, hour=9)
        first._action_cancel()
        self.past(self.customer, [(self.mug, 3)], 9, hour=11)
        self.ended(first, 9, 10)
        self.assertFalse(self.found(self.tried("duplicate")))

    def test_a_duplicate_is_compared_as_it_was_handed_in(self):
        first = self.past(self.customer, [(self.mug, 3)], 9, hour=9)
        second = self.past(self.customer, [(self.mug, 3)], 9, hour=11)
        first.order_line.product_uom_qty = 4
        second.order_line.product_uom_qty = 5
        self.assertEqual(self.found(self.tried("duplicate")), second)

    def test_many_orders_count_from_the_first_on(self):
        self.rule("velocity").write({"threshold": 3, "period_days": 1, "factor": 3})
        orders = [self.past(self.customer, [(self.mug, n)], 9, hour=8 + n) for n in range(1, 6)]
        orders[0]._action_cancel()  # much later
        trial = self.tried("velocity")
        self.assertEqual(self.found(trial), orders[3] | orders[4])
        counts = sorted(hit.facts["count"] for hit in trial.hit_ids)
        self.assertEqual(counts, [4, 5])

    # ---------------------------------------------------------------- as it was handed in
    def test_an_order_changed_after_its_confirmation_is_judged_as_it_came_in(self):
        self.rule("amount_high").threshold = 500
        mended = self.past(self.customer, [(self.mug, 100)], 9)
        mended.order_line.product_uom_qty = 10
        grown = self.past(self.customer, [(self.mug, 10)], 8)
        grown.order_line.product_uom_qty = 100
        self.assertEqual(grown.sudo().review_first_terms["lines"][str(grown.order_line.id)][1], 10)
        trial = self.tried("amount_high")
        self.assertEqual(self.found(trial), mended)
        self.assertEqual(trial.hit_ids.amount, 790)
        self.assertTrue(trial.hit_ids.is_changed)

    def test_lines_added_and_taken_out_and_another_customer(self):
        self.rule("amount_high").threshold = 500
        order = self.past(self.baker, [(self.mug, 10), (self.lantern, 50)], 9)
        order.order_line[1].product_uom_qty = 0
        added = {"product_id": self.blanket.id, "product_uom_qty": 100, "order_id": order.id}
        self.env["sale.order.line"].create(added)
        self.env.cr.execute("DELETE FROM stock_move WHERE sale_line_id = %s", [order.order_line[1].id])
        self.env.cr.execute("DELETE FROM sale_order_line WHERE id = %s", [order.order_line[1].id])
        self.env.invalidate_all()
        order.partner_id = self.customer
        trial = self.tried("amount_high", "price", "margin", "totals", "taken_off", "quantity_unusual")
        self.assertEqual(trial.hit_ids.mapped("amount"), [1004.0])
        self.assertFalse(any(trial.line_ids.mapped("failure")))

    def test_what_was_held_first_counts_not_what_was_mended_for_the_approval(self):
        self.company.review_mode = "enforce"
        self.rule("amount_high").threshold = 500
        order = self.held_quotation(self.corner_shop, [(self.mug, 100)])
        order.with_user(self.rita).action_review_request_change("Not so many.")
        order.order_line.product_uom_qty = 10
        self.corner_shop.write({"zip": "BS1 1AA", "phone": "+44 20 7946 0018"})
        order.action_submit()
        if order.state != "sale":
            self.approve(order)
        self.date_back(order, 9)
        trial = self.tried("amount_high")
        self.assertEqual(self.found(trial), order)
        self.assertEqual(trial.hit_ids.amount, 790)

    def test_nothing_is_kept_of_an_order_nobody_has_changed(self):
        order = self.past(self.customer, [(self.mug, 10)], 9)
        self.assertFalse(order.sudo().review_first_terms)
        order.order_line.product_uom_qty = 20
        self.assertTrue(order.sudo().review_first_terms)
        order._action_cancel()
        self.assertTrue(order.sudo().review_first_terms)
        order.action_draft()
        self.assertFalse(order.sudo().review_first_terms)

    def test_freight_added_later_is_part_of_the_amount_as_it_would_have_been(self):
        freight = self.product("FREIGHT", 0, type="service", is_storable=False)
        order = self.past(self.customer, [(self.mug, 100)], 9)
        order.order_line.product_uom_qty = 50
        order.write(
            {"order_line": [Command.create({"product_id": freight.id, "price_unit": 9, "is_delivery": True})]}
        )
        self.rule("amount_high").threshold = 500
        trial = self.tried("amount_high", "totals")
        self.assertEqual(trial.hit_ids.mapped("amount"), [799.0])

    def test_a_merged_customer_is_no_change(self):
        twin = self.baker.copy()
        order = self.past(twin, [(self.mug, 10)], 9)
        order._action_cancel()
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.baker | twin).ids, self.baker)
        self.rule("amount_high").threshold = 1
        trial = self.tried("amount_high")
        self.assertEqual(trial.hit_ids.partner_id, self.baker)
        self.assertEqual((trial.cancelled_count, trial.changed_count), (1, 0))

    # ---------------------------------------------------------------- which orders
    def test_only_orders_that_were_handed_in_within_these_days(self):
        self.rule("amount_high").threshold = 1
        confirmed = self.past(self.customer, [(self.mug, 1)], 9)
        self.past(self.customer, [(self.mug, 1)], 20)
        cancelled = self.past(self.customer, [(self.mug, 1)], 9)
        cancelled._action_cancel()
        self.quotation(self.customer)
        self.quotation(self.customer)._action_cancel()
        self.company.review_mode = "enforce"
        waiting, refused = self.held_quotation(), self.held_quotation()
        (waiting | refused).sudo().submitted_at = self.moment(9)
        refused.with_user(self.rita).action_review_refuse("No.")
        elsewhere = self.env["res.company"].create({"name": "Mugs Abroad"})
        self.env["sale.order"].with_company(elsewhere).create(
            {"partner_id": self.customer.id, "state": "sale"}
        )
        trial = self.tried("amount_high", days=10)
        self.assertEqual(self.found(trial), confirmed | cancelled | refused)
        self.assertEqual(self.figures(trial)["judged"], 3)

    def test_orders_from_before_this_addon_count_by_their_own_date(self):
        self.rule("amount_high").threshold = 1
        old = self.past(self.customer, [(self.mug, 1)], 9)
        old.sudo().write({"submitted_at": False, "review_clearance": False})
        gone = self.past(self.customer, [(self.mug, 1)], 9)
        gone._action_cancel()
        gone.sudo().write({"submitted_at": False})  # its transfer tells that it was more than a quotation
        self.assertEqual(self.found(self.tried("amount_high", days=10)), old | gone)

    def test_a_long_review_does_not_move_an_order(self):
        """Handed in on the 20th day before and confirmed five days later: it belongs to the 20th."""
        self.rule("amount_high").threshold = 1
        order = self.past(self.customer, [(self.mug, 1)], 15)
        order.sudo().submitted_at = self.moment(20)
        trial = self.tried("amount_high")
        self.assertEqual(trial.hit_ids.moment, self.moment(20))
        self.assertFalse(self.found(self.tried("amount_high", days=17)))

    # ---------------------------------------------------------------- the credit limit
    def test_what_was_owed_then(self):
        self.company.account_use_credit_limit = True
        self.baker.with_company(self.company).sudo().credit_limit = 1000
        first = self.past(self.baker, [(self.blanket, 10)], 30)  # 540
        second = self.past(self.baker, [(self.blanket, 10)], 20)  # 1,080 with the first: over
        self.past(self.baker, [(self.blanket, 5)], 5)  # 810, for the first is paid by then
        invoice = first._create_invoices()
        invoice.invoice_date = self.moment(19).date()
        invoice.action_post()
        self.pay(invoice, self.moment(10).date())
        trial = self.tried("credit_limit")
        self.assertEqual(self.found(trial), second)
        self.assertEqual(trial.hit_ids.facts["due"], 1080.0)
        self.baker.with_company(self.company).sudo().credit_limit = 800
        figures = sorted(hit.facts["due"] for hit in self.tried("credit_limit").hit_ids)
        self.assertEqual(figures, [810.0, 1080.0])

    def pay(self, invoice, day):
        receivable = invoice.line_ids.filtered(lambda x: x.account_id.account_type == "asset_receivable")
        others = {"partner_id": self.baker.id, "name": "Paid"}
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": day,
                "line_ids": [
                    Command.create({**others, "account_id": receivable.account_id.id, "credit": 540}),
                    Command.create(
                        {**others, "account_id": invoice.invoice_line_ids.account_id.id, "debit": 540}
                    ),
                ],
            }
        )
        entry.action_post()

    # ---------------------------------------------------------------- today's rules, tomorrow's rules
    def test_archived_rules_and_those_of_another_time_are_tried(self):
        rule = self.rule("amount_high")
        rule.write({"threshold": 1, "active": False, "date_from": fields.Date.today() + timedelta(days=30)})
        order = self.past(self.customer, [(self.mug, 1)], 9)
        trial = self.tried(rule)
        self.assertEqual(self.found(trial), order)
        self.assertEqual(rule.backtest_line_ids.found_count, 1)
        self.assertEqual(trial.line_ids.limits, "limit 1")

    def test_a_rule_is_tried_on_the_orders_it_is_for(self):
        rule = self.rule("amount_high")
        rule.write({"threshold": 1, "partner_ids": [Command.set(self.baker.ids)]})
        self.past(self.customer, [(self.mug, 1)], 9)
        order = self.past(self.baker, [(self.mug, 1)], 9)
        trial = self.tried(rule, "new_customer")
        line = trial.line_ids.filtered(lambda line: line.rule_id == rule)
        self.assertEqual(self.figures(line), {"judged": 1, "found": 1})
        self.assertEqual(line.backtest_id.hit_ids.order_id, order)
        self.assertEqual(trial.judged_count, 2)

    def test_what_is_not_known_any_more_is_said(self):
        trial = self.a_try("price", "margin", "duplicate", "credit_limit")
        said = {line.rule_id: line.judged_by for line in trial.line_ids}
        self.assertEqual(said[self.rule("price")], "judged by today's price list")
        self.assertEqual(said[self.rule("margin")], "judged by today's costs")
        self.assertFalse(said[self.rule("duplicate")])
        self.assertIn("owed then", said[self.rule("credit_limit")])
