import random
from unittest.mock import patch

import psycopg2

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common_backtest import BacktestCase

FIGURES = ("judged", "found", "cancelled", "refunded", "returned", "changed", "wrong", "all_wrong")


@tagged("post_install", "-at_install")
class TestBacktestRun(BacktestCase):
    """A trial at work: in the background, in steps, and without touching anything else."""

    def an_ordinary_past(self):
        """Six days of orders, three of which stand out by their amount."""
        self.rule("amount_high").threshold = 500
        orders = self.env["sale.order"]
        for day in range(12, 6, -1):
            for hour in (9, 10, 11):
                quantity = 100 if hour == 10 and day % 2 else 1 + hour
                orders += self.past(self.customer, [(self.mug, quantity)], day, hour=hour)
        self.env.cr.flush()
        return orders

    # ---------------------------------------------------------------- outcomes
    def test_what_became_of_them(self):
        self.rule("amount_high").threshold = 1
        well, cancelled, refunded, returned, changed = (
            self.past(self.customer, [(self.mug, 2)], 9, hour=8 + n) for n in range(5)
        )
        cancelled._action_cancel()
        self.ship(refunded)
        invoice = refunded._create_invoices()
        invoice.action_post()
        invoice._reverse_moves(cancel=True)
        self.come_back(returned)
        changed.order_line.product_uom_qty = 1
        trial = self.tried("amount_high")
        ends = {
            hit.order_id: (hit.is_cancelled, hit.is_refunded, hit.is_returned, hit.is_changed)
            for hit in trial.hit_ids
        }
        self.assertEqual(
            ends,
            {
                well: (False, False, False, False),
                cancelled: (True, False, False, False),
                refunded: (False, True, False, False),
                returned: (False, False, True, False),
                changed: (False, False, False, True),
            },
        )
        hits = {hit.order_id: hit.outcome for hit in trial.hit_ids}
        self.assertEqual((hits[well], hits[refunded]), (False, "Refunded"))
        expected = dict.fromkeys(("cancelled", "refunded", "returned", "changed"), 1)
        expected |= {"judged": 5, "found": 5, "wrong": 4, "all_wrong": 4}
        self.assertEqual(self.figures(trial), expected)
        self.assertEqual(self.figures(trial.line_ids), expected)

    def come_back(self, order):
        picking = self.ship(order)
        wizard = self.env["stock.return.picking"].with_context(
            active_model="stock.picking", active_id=picking.id
        )
        wizard = wizard.create({"picking_id": picking.id})
        wizard.product_return_moves.quantity = 1
        back = wizard._create_return()
        back.move_ids.picked = True
        back.button_validate()

    def test_of_those_not_found_some_went_wrong_as_well(self):
        self.rule("amount_high").threshold = 500
        self.past(self.customer, [(self.mug, 100)], 9, hour=9)._action_cancel()
        self.past(self.customer, [(self.mug, 100)], 9, hour=10)
        self.past(self.customer, [(self.mug, 1)], 9, hour=11)._action_cancel()
        for hour in (12, 13):
            self.past(self.customer, [(self.mug, 1)], 9, hour=hour)
        trial = self.tried("amount_high")
        self.assertEqual(
            trial.summary,
            "2 of 5 orders would have been held (40.0 %). 1 of these later went wrong; of the 3 others 1"
            " did.",
        )
        self.assertAlmostEqual(trial.wrong_percent, 50)
        self.assertAlmostEqual(trial.other_wrong_percent, 33.3)
        self.rule("amount_high").severity = "inform"
        self.assertIn("2 of 5 orders would have been found", self.tried("amount_high").summary)

    def test_several_rules_count_an_order_once(self):
        self.rule("amount_high").threshold = 500
        self.rule("new_customer").threshold = 500
        self.past(self.customer, [(self.mug, 100)], 9)
        self.past(self.customer, [(self.mug, 100)], 8)
        trial = self.tried("amount_high", "new_customer")
        self.assertEqual((trial.found_count, len(trial.hit_ids)), (2, 3))
        self.assertEqual(sorted(trial.line_ids.mapped("found_count")), [1, 2])

    # ---------------------------------------------------------------- the count is right
    def test_the_same_as_if_each_had_been_judged_when_it_came(self):
        """The rules themselves, one order after the other, each before it was confirmed, say the same."""
        rules = self.env["order.review.rule"].search([]) + self.rule("margin")
        rules += self.rule("duplicate") + self.rule("velocity")
        (self.rule("margin") + self.rule("duplicate") + self.rule("velocity")).active = True
        self.rule("velocity").write({"threshold": 2, "factor": 2, "period_days": 2})
        self.rule("new_customer").threshold = 100
        self.rule("quantity_unusual").min_history = self.rule("amount_unusual").min_history = 2
        expected = self.judged_as_they_come(random.Random(7))
        self.assertGreater(len({rule for _order, rule, _code in expected}), 6)
        trial = self.tried(*rules.filtered(lambda rule: rule.check != "changed"))
        found = {(hit.order_id.id, hit.line_id.rule_id.id, hit.code) for hit in trial.hit_ids}
        self.assertEqual(found, expected)
        self.assertEqual(trial.judged_count, 40)

    def judged_as_they_come(self, dice):
        expected = set()
        partners = [self.customer, self.baker, self.corner_shop]
        for day in range(20, 10, -1):
            self.Habit._learn(as_of=self.moment(day, 0))
            for hour in (8, 9, 10, 11):
                lines = [
                    (product, dice.choice((1, 2, 2, 3, 300)), dice.choice((3.0, 7.9)))
                    for product in dice.sample((self.mug, self.lantern), dice.choice((1, 2)))
                ]
                order = self.quotation(dice.choice(partners), lines, by=self.env.user)
                self.date_back(order, day, hour)
                found = order.sudo()._review_findings().get(order.id, ())
                expected |= {(order.id, rule.id, one.code) for rule, one in found}
                order.action_confirm()
                self.date_back(order, day, hour)
        return expected

    # ---------------------------------------------------------------- in the background
    def test_progress(self):
        self.an_ordinary_past()
        trial = self.a_try("amount_high")
        self.assertEqual((trial.state, trial.progress), ("queued", 0))
        self.run_cron(steps=1, size=3)
        self.assertEqual((trial.state, trial.total_count, trial.judged_count), ("running", 18, 6))
        self.assertAlmostEqual(trial.progress, 100 / 3)
        self.run_cron()
        self.assertEqual((trial.state, trial.progress, trial.found_count), ("done", 100, 3))
        self.assertTrue(trial.started_at <= trial.finished_at)

    def test_killed_in_the_middle_it_goes_on_and_comes_to_the_same(self):
        self.an_ordinary_past()[4]._action_cancel()
        whole = self.tried("amount_high", "velocity", "duplicate")
        pieces = self.a_try("amount_high", "velocity", "duplicate")
        for run in range(100):
            if pieces.state == "done":
                break
            if run % 3 == 1:  # killed before the step was committed: nothing of it stays
                with self.assertRaises(KeyboardInterrupt), self.env.cr.savepoint():
                    pieces._judge_next(2)
                    raise KeyboardInterrupt
            self.run_cron(steps=0, size=2)
        self.assertEqual(self.figures(pieces), self.figures(whole))
        for one, other in zip(pieces.line_ids, whole.line_ids, strict=True):
            self.assertEqual(self.figures(one), self.figures(other))
        self.assertEqual(
            pieces.hit_ids.mapped(lambda hit: (hit.order_id, hit.code)),
            whole.hit_ids.mapped(lambda hit: (hit.order_id, hit.code)),
        )

    def test_an_order_that_changes_its_place_meanwhile_is_found_once(self):
        orders = self.an_ordinary_past()
        trial = self.a_try("amount_high")
        self.run_cron(steps=3, size=3)
        hit = trial.hit_ids[0]
        self.date_back(hit.order_id, 7, hour=20)
        self.run_cron()
        self.assertEqual((trial.state, len(trial.hit_ids)), ("done", 3))
        self.assertEqual(trial.judged_count, len(orders))

    def test_one_after_the_other(self):
        self.an_ordinary_past()
        first, second = self.a_try("amount_high"), self.a_try("duplicate")
        self.run_cron(steps=2, size=3)
        self.assertEqual((first.state, second.state), ("running", "queued"))
        self.run_cron()
        self.assertEqual((first.state, second.state), ("done", "done"))

    def test_stopped_by_hand(self):
        self.an_ordinary_past()
        trial, other = self.a_try("amount_high"), self.a_try("amount_high")
        self.run_cron(steps=1, size=3)
        self.rpc(self.mona, trial, "action_cancel")
        self.run_cron()
        self.assertEqual((trial.state, trial.judged_count), ("cancelled", 6))
        self.assertTrue(trial.summary)
        self.assertEqual(other.state, "done")
        self.rpc(self.mona, other, "action_cancel")
        self.assertEqual(other.state, "done")

    def test_nothing_to_judge(self):
        trial = self.tried("amount_high", days=1)
        self.assertEqual(trial.summary, "No order was handed in within this time.")

    def test_the_scheduled_action_itself(self):
        order = self.past(self.customer, [(self.mug, 1)], 9)
        self.rule("amount_high").threshold = 1
        self.env.cr.flush()
        trial = self.a_try("amount_high")
        with self.enter_registry_test_mode():
            self.env.ref("order_processing.ir_cron_backtest").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual((trial.state, self.found(trial)), ("done", order))

    def test_a_trial_that_cannot_go_on_says_so_and_lets_the_next_one_run(self):
        self.an_ordinary_past()
        first, second = self.a_try("amount_high"), self.a_try("amount_high")
        self.env.cr.execute(
            'UPDATE order_review_backtest_line SET run_with = \'{"kind": "x"}\' WHERE backtest_id = %s',
            [first.id],
        )
        self.env.invalidate_all()
        with self.assertLogs("odoo.addons.order_processing", "ERROR"):
            self.run_cron()
        self.assertEqual((first.state, second.state), ("failed", "done"))
        self.assertTrue(first.failure)

    def test_a_lost_race_is_for_the_next_run(self):
        self.an_ordinary_past()
        trial = self.a_try("amount_high")
        lost = psycopg2.errors.SerializationFailure()
        path = "odoo.addons.order_processing.models.order_review_backtest_run.PastFacts"
        with patch(path, side_effect=lost), self.assertRaises(psycopg2.errors.SerializationFailure):
            self.run_cron()
        self.assertIn(trial.state, ("queued", "running"))
        self.run_cron()
        self.assertEqual(trial.state, "done")

    # ---------------------------------------------------------------- rules that fail, and what is left alone
    def test_a_rule_that_fails_is_noted_and_not_marked(self):
        rule = self.env["order.review.rule"].create(
            {
                "name": "Broken",
                "kind": "expression",
                "expression": "1 / 0",
                "message": "{order}",
                "active": False,
            }
        )
        sql = self.env["order.review.rule"].create(
            {
                "name": "Worse",
                "kind": "expression",
                "expression": "order.env.cr.execute('SELECT nothing_of_the_kind')",
                "message": "{order}",
                "active": False,
            }
        )
        self.an_ordinary_past()
        broken = patch.object(self.env.registry["sale.order"], "_check_margin", lambda *a: 1 / 0)
        with broken, mute_logger("odoo.sql_db"):
            trial = self.tried(rule, sql, "amount_high", "margin")
        lines = {line.name: line for line in trial.line_ids}
        self.assertIn("ZeroDivisionError", lines["Broken"].failure)
        self.assertIn("nothing_of_the_kind", lines["Worse"].failure)
        self.assertEqual([lines[name].failed_count for name in ("Broken", "Worse")], [18, 18])
        self.assertIn("ZeroDivisionError", lines[self.rule("margin").name].failure)
        self.assertEqual(trial.found_count, 3)
        self.assertFalse((rule + sql + self.rule("margin")).filtered("failed_at"))
        self.assertFalse((rule + sql).activity_ids)

    def test_a_check_that_breaks_the_transaction_is_noted_as_well(self):
        self.an_ordinary_past()

        def broken(orders, rule, facts):
            orders.env.cr.execute("SELECT nothing_of_the_kind")

        patched = patch.object(self.env.registry["sale.order"], "_check_margin", broken)
        with patched, mute_logger("odoo.sql_db"):
            trial = self.tried("margin", "amount_high")
        self.assertEqual(trial.line_ids.mapped("failed_count").count(18), 1)
        self.assertEqual(trial.found_count, 3)

    def test_nothing_else_is_touched(self):
        orders = self.an_ordinary_past()
        self.Habit._learn()
        writing = self.env["order.review.rule"].create(
            {
                "name": "Meddler",
                "kind": "expression",
                "expression": "order.write({'client_order_ref': 'x'}) or order.message_post(body='x')",
                "message": "{order}",
            }
        )
        self.rule("amount_high").failed_at = fields.Datetime.from_string("2026-01-01")
        self.env.flush_all()
        before = self.database()
        trial = self.tried("amount_high", "quantity_unusual", "velocity", "duplicate", writing)
        self.assertEqual(self.database(), before)
        self.assertEqual(trial.line_ids.filtered(lambda x: x.rule_id == writing).found_count, len(orders))

    def database(self):
        tables = (
            "sale_order",
            "sale_order_line",
            "order_review_habit",
            "order_review_finding",
            "order_review_rule",
            "order_event",
            "mail_message",
            "mail_activity",
            "stock_move",
        )
        contents = {}
        for table in tables:
            self.env.cr.execute(f"SELECT md5(string_agg(t::text, '|' ORDER BY t.id)) FROM {table} t")
            contents[table] = self.env.cr.fetchone()[0]
        self.env.cr.execute("SELECT review_learned_until, review_learned_as_of FROM res_company ORDER BY id")
        return {**contents, "companies": self.env.cr.fetchall()}

    def test_an_order_that_was_found_can_be_deleted(self):
        orders = self.an_ordinary_past()
        trial = self.tried("amount_high")
        order = trial.hit_ids[0].order_id
        order._action_cancel()
        order.unlink()
        self.assertEqual((len(trial.hit_ids), trial.found_count), (2, 3))
        self.assertEqual(len(orders.exists()), 17)

    def test_a_rule_goes_and_its_trial_stays(self):
        self.an_ordinary_past()
        rule = self.rule("amount_high").copy()
        trial = self.tried(rule)
        rule.threshold = 7777
        self.assertEqual(trial.line_ids.limits, "limit 500")
        rule.unlink()
        self.assertEqual(trial.line_ids.name, "Amount too high (copy)")

    def test_a_rule_edited_meanwhile_is_tried_as_it_was(self):
        self.an_ordinary_past()
        trial = self.a_try("amount_high")
        self.run_cron(steps=1, size=3)
        self.rule("amount_high").threshold = 1
        self.run_cron()
        self.assertEqual(trial.found_count, 3)

    # ---------------------------------------------------------------- who may
    def test_only_sales_managers_start_and_stop(self):
        rule = self.rule("amount_high")
        for user in (self.sally, self.rita, self.paul, self.wes, self.anna):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.rpc(user, rule, "backtest", 30)
        (trial_id,) = self.rpc(self.mona, rule, "backtest", 30)
        trial = self.Trial.browse(trial_id)
        self.assertEqual((trial.user_id, trial.days), (self.mona, 30))
        for user in (self.sally, self.rita):
            with self.assertRaises(AccessError):
                self.rpc(user, trial, "action_cancel")
        for user in (self.sally, self.mona):
            with self.assertRaises(AccessError):
                self.rpc(user, trial, "write", {"state": "done"})
        with self.assertRaises(AccessError):
            self.rpc(self.mona, self.Trial, "create", {"days": 1})
        with self.assertRaises(AccessError):
            self.rpc(self.sally, trial, "unlink")
        self.rpc(self.mona, trial, "unlink")
        self.assertFalse(trial.exists())

    def test_what_is_asked_for_must_make_sense(self):
        rule = self.rule("amount_high").with_user(self.mona)
        for days in (0, -1, 731, "30", None):
            with self.subTest(days), self.assertRaises(UserError):
                rule.backtest(days)
        with self.assertRaises(UserError):
            rule.browse().backtest(30)
        with self.assertRaises(UserError):
            self.rule("changed").with_user(self.mona).backtest(30)
        self.assertEqual(len((rule + self.rule("changed")).with_user(self.mona).backtest(30).line_ids), 1)

    def test_the_wizard_takes_the_chosen_rules_archived_ones_too(self):
        rules = self.rule("amount_high") + self.rule("price_below")
        rules[1].active = False
        context = {"active_model": "order.review.rule", "active_ids": rules.ids}
        form = Form(self.env["order.review.backtest.start"].with_user(self.mona).with_context(**context))
        form.days = 7
        action = form.save().action_start()
        trial = self.Trial.browse(action["res_id"])
        self.assertEqual((trial.days, trial.line_ids.rule_id), (7, rules.sorted("sequence")))
        self.assertEqual(trial.name, f"{rules.sorted('sequence')[0].name} and 1 more, last 7 days")
        again = rules[0].with_user(self.mona).backtest(8)
        self.assertEqual(rules[0].backtest_line_ids.mapped("days"), [8, 7])
        self.assertEqual(again.line_ids.rule_id, rules[0])

    def test_everybody_in_sales_reads_results_but_only_own_orders(self):
        self.rule("amount_high").threshold = 1
        sallys = self.past(self.customer, [(self.mug, 1)], 9, user_id=self.sally.id)
        self.past(self.customer, [(self.mug, 1)], 8, user_id=self.paul.id)
        trial = self.tried("amount_high")
        for user, orders in ((self.sally, sallys), (self.rita, trial.hit_ids.order_id)):
            self.env.invalidate_all()  # what others have read is no right to read it
            seen = trial.with_user(user)
            self.assertEqual(seen.found_count, 2)
            self.assertEqual(seen.line_ids.found_count, 2)
            self.assertEqual(seen.hit_ids.order_id, orders.with_user(user))
        for user in (self.wes, self.carla):
            with self.assertRaises(AccessError):
                self.rpc(user, trial, "read", ["found_count"])

    def test_another_company_sees_nothing_of_it(self):
        trial = self.tried("amount_high")
        elsewhere = self.env["res.company"].create({"name": "Mugs Abroad"})
        self.mona.write({"company_ids": [(6, 0, elsewhere.ids)], "company_id": elsewhere.id})
        with self.assertRaises(AccessError):
            self.rpc(self.mona, trial, "read", ["found_count"])

    # ---------------------------------------------------------------- cost
    def test_ten_times_the_orders_take_no_more_queries(self):
        rules = ("quantity_unusual", "amount_unusual", "price_paid", "velocity", "new_customer", "duplicate")
        for name in rules:
            self.rule(name).threshold = 0
        self.rule("quantity_unusual").threshold = 99  # names products, of which some days have none
        for days_ago, count in ((20, 3), (10, 30)):
            for n in range(count):
                self.past(self.customer.copy(), [(self.mug, 1 + n), (self.lantern, 1)], days_ago)
        self.env.cr.flush()
        few, many = self.a_try(*rules, days=90), self.a_try(*rules, days=15)
        self.queries_of(few, 3)  # warm up
        few = self.a_try(*rules, days=90)
        self.assertAlmostEqual(self.queries_of(few, 3), self.queries_of(many, 30), delta=2)

    def queries_of(self, trial, count):
        trial._begin()
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        self.assertEqual(trial._judge_next(500), count)
        self.env.flush_all()
        return self.env.cr.sql_log_count - before
