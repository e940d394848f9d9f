from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from ..engine.review import habit_of
from ..models import order_review_habit
from .common import OrderProcessingCase


@tagged("post_install", "-at_install")
class TestHabitLearning(OrderProcessingCase):
    """What Lamps & Mugs learns from the orders of the past."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.review_mode = "off"
        cls.Habit = cls.env["order.review.habit"]
        cls.baker = cls.customer.copy({"name": "Baker & Sons", "is_company": True})
        cls.clerk = cls.customer.copy({"name": "Clerk", "parent_id": cls.baker.id})

    def past(self, partner, lines, day=1, **vals):
        """Return an order confirmed on that day of January 2026."""
        order = self.quotation(partner, lines, by=self.env.user, **vals)
        order.action_confirm()
        order.date_order = datetime(2026, 1, day, 10)
        return order

    def learn(self, **options):
        self.Habit._learn(**options)
        self.env.invalidate_all()

    def habit(self, measure="quantity", partner=None, product=None, company=None):
        return self.Habit.search(
            [
                ("company_id", "=", (company or self.company).id),
                ("measure", "=", measure),
                ("partner_id", "=", partner and partner.id),
                ("product_id", "=", product and product.id),
            ]
        )

    def assertLearned(self, habit, values):
        """The row holds the same figures as the engine takes from the list."""
        expected = habit_of(values)
        self.assertEqual(habit.history_count, expected.count)
        for name in ("median", "spread", "low", "high"):
            self.assertAlmostEqual(habit[name], getattr(expected, name), places=6, msg=name)

    # ---------------------------------------------------------------- what is learned
    def test_quantities_by_customer_product_and_company(self):
        quantities = [4, 6, 6, 8, 30, 5]
        for day, quantity in enumerate(quantities, 1):
            self.past(self.customer, [(self.mug, quantity)], day)
        self.past(self.baker, [(self.mug, 100), (self.lantern, 2)], 9)
        self.learn()
        self.assertLearned(self.habit(partner=self.customer, product=self.mug), quantities)
        self.assertLearned(self.habit(partner=self.customer), quantities)
        self.assertLearned(self.habit(product=self.mug), [*quantities, 100])
        self.assertLearned(self.habit(), [*quantities, 100, 2])
        self.assertFalse(self.Habit.search([("is_due", "=", True)]))

    def test_contacts_order_for_their_company(self):
        self.past(self.baker, [(self.mug, 10)])
        self.past(self.clerk, [(self.mug, 20)])
        self.learn()
        self.assertLearned(self.habit(partner=self.baker, product=self.mug), [10, 20])
        self.assertFalse(self.habit(partner=self.clerk, product=self.mug))

    def test_lines_of_one_product_in_one_order_are_one_quantity(self):
        self.past(self.customer, [(self.mug, 10), (self.mug, 5), (self.mug, -3)])
        self.learn()
        self.assertLearned(self.habit(partner=self.customer, product=self.mug), [12])

    def test_dozens_are_counted_in_pieces(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        line = {
            "product_id": self.mug.id,
            "product_uom_qty": 3,
            "product_uom_id": dozen.id,
            "price_unit": 60.0,
        }
        self.past(self.customer, [{**line, "discount": 10.0}])
        self.learn()
        habit = self.habit(partner=self.customer, product=self.mug)
        self.assertLearned(habit, [36])
        self.assertAlmostEqual(habit.last_value, 4.5)  # 60 less 10 % for twelve

    def test_amounts_are_in_the_company_currency(self):
        dollars = self.env.ref("base.USD")
        dollars.active = True
        self.env["res.currency.rate"].create(
            {"currency_id": dollars.id, "rate": 2.0, "name": "2020-01-01", "company_id": self.company.id}
        )
        pricelist = self.pricelist.copy({"currency_id": dollars.id})
        self.past(self.customer, [(self.mug, 10, 8.0)], pricelist_id=pricelist.id)
        self.learn()
        self.assertLearned(self.habit("amount", self.customer), [40])
        self.assertAlmostEqual(self.habit(partner=self.customer, product=self.mug).last_value, 4.0)

    def test_orders_per_day_with_orders(self):
        for day in (1, 1, 1, 5, 9, 9):
            self.past(self.customer, [(self.mug, 1)], day)
        self.learn()
        self.assertLearned(self.habit("velocity", self.customer), [3, 1, 2])

    def test_the_last_price_is_what_was_really_paid(self):
        self.past(self.customer, [(self.mug, 1, 7.0)], 1)
        self.past(self.customer, [(self.mug, 1, 6.0)], 2)
        self.past(self.customer, [(self.mug, 1, 0.0)], 3)  # a present
        self.learn()
        habit = self.habit(partner=self.customer, product=self.mug)
        self.assertAlmostEqual(habit.last_value, 6.0)
        self.assertEqual(habit.last_date, datetime(2026, 1, 3, 10))

    def test_only_the_latest_orders_count(self):
        for day in range(1, 6):
            self.past(self.customer, [(self.mug, day)], day)
        with patch("odoo.addons.order_processing.models.order_review_habit_sql.LATEST", 3):
            self.learn()
        self.assertLearned(self.habit(partner=self.customer, product=self.mug), [3, 4, 5])

    # ---------------------------------------------------------------- what is not
    def test_quotations_and_cancelled_orders_do_not_count(self):
        self.past(self.customer, [(self.mug, 5)])
        slip = self.past(self.customer, [(self.mug, 5000)])
        self.quotation(self.customer, [(self.mug, 70)])
        self.learn()
        self.assertLearned(self.habit(partner=self.customer, product=self.mug), [5, 5000])
        slip._action_cancel()
        self.learn()
        self.assertLearned(self.habit(partner=self.customer, product=self.mug), [5])

    def test_what_has_no_past_any_more_is_forgotten(self):
        order = self.past(self.customer, [(self.mug, 5)])
        self.learn()
        order._action_cancel()
        self.learn()
        self.assertFalse(self.habit(partner=self.customer, product=self.mug))
        self.assertFalse(self.habit("amount", self.customer))

    def test_a_changed_quantity_is_learned(self):
        order = self.past(self.customer, [(self.mug, 5)])
        self.learn()
        order.order_line.product_uom_qty = 9
        self.learn()
        self.assertLearned(self.habit(partner=self.customer, product=self.mug), [9])

    def test_another_company_has_habits_of_its_own(self):
        other = self.env["res.company"].create({"name": "Mugs Abroad"})
        self.past(self.customer, [(self.mug, 5)])
        vals = {
            "partner_id": self.customer.id,
            "company_id": other.id,
            "warehouse_id": self.env["stock.warehouse"].search([("company_id", "=", other.id)], limit=1).id,
            "order_line": [Command.create({"product_id": self.mug.id, "product_uom_qty": 900})],
        }
        order = self.env["sale.order"].with_company(other).create(vals)
        order.action_confirm()
        self.learn()
        for product in (self.mug, None):
            self.assertLearned(self.habit(partner=self.customer, product=product), [5])
            self.assertLearned(self.habit(partner=self.customer, product=product, company=other), [900])
        self.assertLearned(self.habit(product=self.mug), [5])

    # ---------------------------------------------------------------- what was known then
    def test_what_was_known_at_a_moment(self):
        for day, quantity in ((1, 5), (2, 6), (3, 700)):
            self.past(self.customer, [(self.mug, quantity)], day)
        for day, known in ((2, [5]), (3, [5, 6]), (4, [5, 6, 700]), (3, [5, 6])):
            self.learn(as_of=datetime(2026, 1, day))
            self.assertLearned(self.habit(partner=self.customer, product=self.mug), known)
            self.assertLearned(self.habit(), known)
        self.learn()
        self.assertLearned(self.habit(partner=self.customer, product=self.mug), [5, 6, 700])

    def test_a_trial_learns_only_what_a_day_has_touched(self):
        self.past(self.customer, [(self.mug, 5)], 1)
        self.past(self.baker, [(self.lantern, 6)], 2)
        self.learn(as_of=datetime(2026, 1, 2))
        self.env.cr.execute(
            "UPDATE order_review_habit SET median = 77 WHERE partner_id = %s", [self.customer.id]
        )
        self.env.cr.execute("UPDATE sale_order SET write_date = '2020-01-01'")
        self.env.cr.execute("UPDATE sale_order_line SET write_date = '2020-01-01'")
        self.learn(as_of=datetime(2026, 1, 3))
        self.assertEqual(self.habit(partner=self.customer, product=self.mug).median, 77)
        self.assertLearned(self.habit(partner=self.baker, product=self.lantern), [6])

    # ---------------------------------------------------------------- the scheduled action
    def run_cron(self, steps=None):
        """Run the scheduled action, for so many steps."""
        left = iter(range(steps or 10_000))

        def commit_progress(self, processed=0, *, remaining=None, deactivate=False):
            return 0 if next(left, None) is None else 1

        with patch.object(self.env.registry["ir.cron"], "_commit_progress", commit_progress):
            self.Habit._cron_learn()
        self.env.invalidate_all()

    def test_the_scheduled_action_learns_what_is_new(self):
        self.past(self.customer, [(self.mug, 5)])
        with self.enter_registry_test_mode():
            self.env.ref("order_processing.ir_cron_learn_habits").method_direct_trigger()
        self.env.invalidate_all()
        self.assertLearned(self.habit(partner=self.customer, product=self.mug), [5])
        self.assertTrue(self.company.review_learned_until)

    def test_nothing_changed_nothing_to_learn(self):
        self.past(self.customer, [(self.mug, 5)])
        self.run_cron()
        later = fields.Datetime.now() + timedelta(days=1)
        self.env.cr.execute("UPDATE res_company SET review_learned_until = %s", [later])
        self.env.cr.execute("UPDATE order_review_habit SET median = 77")
        self.run_cron()
        self.assertEqual(set(self.Habit.search([]).mapped("median")), {77})

    def test_stopped_after_any_step_it_goes_on(self):
        quantities = {self.mug: [3, 4, 5], self.lantern: [1, 2], self.blanket: [9]}
        for product, numbers in quantities.items():
            for number in numbers:
                self.past(self.customer, [(product, number)])
                self.past(self.baker, [(product, number * 2)])
        self.env.flush_all()
        for table in ("sale_order", "sale_order_line"):  # entered one after the other
            self.env.cr.execute(
                f"UPDATE {table} SET write_date = '2026-01-09'::date + id * interval '1 second'"
            )
        one_each = dict.fromkeys(order_review_habit.KINDS, 1)
        with (
            patch.object(order_review_habit, "KINDS", one_each),
            patch.object(order_review_habit, "CHANGES_PER_STEP", 2),
        ):
            for _run in range(60):
                self.run_cron(steps=5)
        self.assertFalse(self.Habit.search([("is_due", "=", True)]))
        for product, numbers in quantities.items():
            self.assertLearned(self.habit(partner=self.customer, product=product), numbers)
            self.assertLearned(self.habit(product=product), [n * times for n in numbers for times in (1, 2)])
        self.assertEqual(self.habit("amount", self.baker).history_count, 6)

    def test_what_is_marked_stays_marked(self):
        self.past(self.customer, [(self.mug, 5)])
        self.run_cron()
        self.past(self.customer, [(self.mug, 7)])
        steps = self.Habit._mark_steps(self.company, None)
        next(steps)
        steps.close()  # killed before anything was learned
        marked = self.Habit.search([("is_due", "=", True)])
        self.assertIn(self.habit(partner=self.customer, product=self.mug), marked)
        self.run_cron()
        self.assertLearned(self.habit(partner=self.customer, product=self.mug), [5, 7])

    def test_changes_of_transactions_still_open_are_not_passed_over(self):
        """The mark does not go beyond the start of the oldest open transaction: ours, here."""
        self.env.cr.execute("SELECT now() at time zone 'utc'")
        ours = self.env.cr.fetchone()[0]
        self.assertLessEqual(self.Habit._horizon(), ours)

    # ---------------------------------------------------------------- who may
    def test_sales_managers_read_and_nobody_writes(self):
        self.past(self.customer, [(self.mug, 5)])
        self.learn()
        habit = self.habit(partner=self.customer, product=self.mug)
        self.assertEqual(habit.with_user(self.mona).median, habit.median)
        for user in (self.sally, self.paul, self.carla):
            with self.assertRaises(AccessError):
                self.rpc(user, habit, "read", ["median"])
        for call, args in (("write", [{"median": 1}]), ("unlink", [])):
            with self.assertRaises(AccessError):
                self.rpc(self.mona, habit, call, *args)
        with self.assertRaises(AccessError):
            self.rpc(self.mona, self.Habit, "create", {"company_id": self.company.id, "measure": "amount"})

    def test_merged_customers_keep_their_past(self):
        self.past(self.customer, [(self.mug, 5)])
        twin = self.customer.copy()
        self.past(twin, [(self.mug, 6)])
        self.learn()
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.customer | twin).ids, self.customer)
        self.past(self.customer, [(self.mug, 7)])
        self.learn()
        self.assertLearned(self.habit(partner=self.customer, product=self.mug), [5, 6, 7])
