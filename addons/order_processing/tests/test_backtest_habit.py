import random

from odoo.tests import tagged

from ..engine.review_facts import LineRow
from ..models.review_habits_past import PastHabits
from .common_backtest import BacktestCase


class SomeFacts:
    """As much of the facts as what was usual is read for."""

    def __init__(self, env, company, wanted):
        self.env, self.company = env, company
        rows = {n: (customer, product) for n, (customer, product) in enumerate(wanted)}
        self.orders = {n: type("Row", (), {"commercial_id": customer}) for n, (customer, _p) in rows.items()}
        blank = dict.fromkeys(LineRow._fields)
        self.lines = {n: [LineRow(**{**blank, "product_id": product})] for n, (_c, product) in rows.items()}


@tagged("post_install", "-at_install")
class TestBacktestHabit(BacktestCase):
    """What was usual then is the same as what would have been learned then."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.review_mode = "off"
        cls.clerk = cls.baker.copy({"name": "Clerk", "parent_id": cls.baker.id})
        dice = random.Random(3)
        cls.partners, cls.products = (cls.customer, cls.baker, cls.clerk), (cls.mug, cls.lantern, cls.blanket)
        for day in range(30, 10, -1):
            for _order in range(dice.choice((1, 2))):
                lines = [
                    (product, dice.randint(1, 40), dice.choice((3.0, 5.5, 0.0)))
                    for product in dice.sample(cls.products, 2)
                ]
                order = cls.past(dice.choice(cls.partners), lines, day, hour=dice.randint(1, 20))
                if dice.random() < 0.2:
                    order._action_cancel()

    def past_habits(self, as_of, min_history=1):
        wanted = [(c.id, p.id) for c in (self.customer, self.baker) for p in self.products]
        return PastHabits(SomeFacts(self.env, self.company, wanted), as_of, min_history), wanted

    def test_the_same_figures_as_learning_them(self):
        for days_ago in (25, 18, 9):
            as_of = self.moment(days_ago, 0)
            self.Habit._learn(as_of=as_of)
            # Never enough: so that all levels are read.
            habits, wanted = self.past_habits(as_of, min_history=10_000)
            for customer, product in wanted:
                habits.quantity(customer, product)
                habits.amount(customer)
                habits.velocity(customer)
                habits.last_price(customer, product)
            self.assertSameHabits(habits)

    def assertSameHabits(self, habits):
        self.env.invalidate_all()
        learned = {
            (row.measure, row.partner_id.id or 0, row.product_id.id or 0): row
            for row in self.Habit.search([])
        }
        self.assertEqual(learned.keys(), habits.known.keys())
        for key, row in learned.items():
            habit = habits.known[key]
            self.assertEqual((row.history_count, row.level), (habit.count, habit.level), key)
            for name in ("median", "spread", "low", "high"):
                self.assertAlmostEqual(row[name], getattr(habit, name), places=9, msg=(key, name))
            if row.level == "customer_product":
                self.assertAlmostEqual(row.last_value, habits.last_prices.get(key[1:], 0.0), places=9)

    def test_only_what_is_needed_is_read(self):
        habits, wanted = self.past_habits(self.moment(9, 0), min_history=1)
        habits.velocity(self.baker.id)
        self.assertEqual({key[0] for key in habits.known}, {"velocity"})
        habits.quantity(*wanted[0])
        levels = {habit.level for key, habit in habits.known.items() if key[0] == "quantity"}
        self.assertEqual(levels, {"customer_product"})

    def test_nothing_is_kept(self):
        self.Habit._learn()
        before = self.Habit.search_read([])
        habits, wanted = self.past_habits(self.moment(20, 0), min_history=10_000)
        for customer, product in wanted:
            habits.quantity(customer, product)
            habits.amount(customer)
        self.env.invalidate_all()
        self.assertEqual(self.Habit.search_read([]), before)
