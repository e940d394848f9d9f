"""What is usual, alone: no Odoo; what holds for any history at all."""

from datetime import datetime, timedelta
from math import log

from hypothesis import assume, given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..engine.habits import Habits
from ..engine.review import (
    MIN_SPREAD,
    TO_DEVIATION,
    Habit,
    choose_habit,
    habit_of,
    is_worth_a_look,
    percent_off,
    too_many,
    unusual,
)
from ..engine.twins import Placed, Twin, count_recent, find_twins

LIMIT, FACTOR = 4.0, 6.0
values = st.floats(0.01, 1e6)
histories = st.lists(values, min_size=1, max_size=60)
habits = histories.map(habit_of)


def flagged(value, habit):
    return unusual(value, habit, LIMIT, FACTOR) is not None


@tagged("post_install", "-at_install")
class TestHabit(BaseCase):
    """Learned from the past, applied to the next."""

    def test_the_figures_a_person_would_expect(self):
        habit = habit_of([8, 10, 10, 12, 15])
        self.assertEqual((habit.count, round(habit.median, 6), habit.low, habit.high), (5, 10.0, 10, 12))
        one = unusual(180, habit, LIMIT, FACTOR)
        self.assertEqual((round(one.ratio), one.low, one.high, one.level), (18, 10, 12, "customer_product"))

    def test_who_always_orders_one_may_order_two_or_five(self):
        habit = habit_of([1] * 50)
        self.assertFalse(any(flagged(value, habit) for value in (1, 2, 5)))
        self.assertTrue(flagged(24, habit))

    def test_whose_orders_vary_may_vary(self):
        habit = habit_of([1, 4, 20, 100, 500])
        self.assertFalse(flagged(200, habit))

    def test_the_first_level_with_enough_history_decides(self):
        thin, thick = Habit(2, 1, 0, 1, 1), Habit(9, 5, 0, 5, 5, "product")
        self.assertIs(choose_habit([thin, None, thick], 5), thick)
        self.assertIs(choose_habit([thin, None, thick], 2), thin)
        self.assertIsNone(choose_habit([None, thin], 5))
        self.assertIsNone(choose_habit([Habit(0, 0, 0, 0, 0)], 0))

    def test_cheap_goods_are_not_worth_a_look_unless_it_is_a_slip(self):
        order = habit_of([300] * 5)
        self.assertFalse(is_worth_a_look(20, order, 30))
        self.assertTrue(is_worth_a_look(300, order, 30))
        self.assertTrue(is_worth_a_look(20, order, 6000))
        self.assertTrue(is_worth_a_look(20, None, 30))

    def test_many_orders_in_a_day(self):
        self.assertTrue(too_many(6, 1, 1, 5, 5))
        self.assertFalse(too_many(5, 1, 1, 5, 5))  # not over the limit
        self.assertFalse(too_many(20, 15, 1, 5, 5))  # no more than usual there
        self.assertFalse(too_many(6, 0, 2, 5, 5))  # in two days

    def test_percent(self):
        self.assertEqual((percent_off(5, 10), percent_off(15, 10)), (-50.0, 50.0))

    # ---------------------------------------------------------------- whatever the history
    @given(histories, values, st.floats(0.001, 1000))
    def test_pieces_or_dozens_make_no_difference(self, history, value, scale):
        one = unusual(value, habit_of(history), LIMIT, FACTOR)
        other = unusual(value * scale, habit_of([past * scale for past in history]), LIMIT, FACTOR)
        ratio = value / habit_of(history).median
        spread = max(habit_of(history).spread, MIN_SPREAD)
        edges = (ratio / FACTOR, log(ratio) / spread / LIMIT, value / habit_of(history).high)
        assume(all(abs(edge - 1) > 1e-6 for edge in edges))
        self.assertEqual(one is None, other is None)
        if one:
            self.assertAlmostEqual(one.ratio / other.ratio, 1, places=6)

    @given(habits, values, st.floats(1, 1000))
    def test_more_is_not_less_unusual(self, habit, value, times):
        if flagged(value, habit):
            more = unusual(value * times, habit, LIMIT, FACTOR)
            self.assertGreaterEqual(more.z, unusual(value, habit, LIMIT, FACTOR).z)

    @given(st.data())
    def test_the_order_of_the_past_does_not_matter(self, data):
        history = data.draw(histories)
        self.assertEqual(habit_of(history), habit_of(data.draw(st.permutations(history))))

    @given(st.lists(st.floats(5, 50), min_size=5, max_size=60), st.floats(1e4, 1e9))
    def test_one_huge_slip_in_the_past_hides_no_other(self, history, slip):
        """With it the usual stays within what it was without, so does the spread: the next slip is found."""
        before, after = habit_of(history), habit_of([*history, slip])
        self.assertLessEqual(after.high, max(history) * (1 + 1e-9))
        self.assertTrue(min(history) * (1 - 1e-9) <= after.median <= max(history) * (1 + 1e-9))
        self.assertLessEqual(after.spread, log(max(history) / min(history)) * TO_DEVIATION + 1e-9)
        next_slip = 1e9
        self.assertTrue(flagged(next_slip, before))
        self.assertTrue(flagged(next_slip, after))

    @given(st.lists(st.floats(8, 15), min_size=20, max_size=60), st.floats(1e4, 1e9), st.floats(1, 1e5))
    def test_one_huge_slip_hardly_moves_the_verdict(self, history, slip, value):
        before, after = habit_of(history), habit_of([*history, slip])
        self.assertLess(abs(log(after.median / before.median)), log(15 / 8) + 1e-9)
        if flagged(value, before) != flagged(value, after):
            # Only near the edge: between 6 times the smallest usual and what twice the spread allows.
            self.assertTrue(8 * FACTOR * 0.99 <= value <= 15 * max(FACTOR, (15 / 8) ** (LIMIT * 1.5)) * 1.01)

    @given(habits, st.floats(0, 1))
    def test_what_is_within_the_usual_range_is_usual(self, habit, place):
        value = habit.low + (habit.high - habit.low) * place
        self.assertFalse(flagged(min(value, habit.high), habit))
        self.assertLessEqual(habit.low, habit.median)
        self.assertLessEqual(habit.median, habit.high)

    @given(values)
    def test_without_a_past_nothing_is_unusual(self, value):
        self.assertIsNone(habit_of([]))
        self.assertIsNone(habit_of([0, -3]))
        self.assertFalse(flagged(value, None))
        self.assertFalse(flagged(value, choose_habit([None, None], 1)))

    # ---------------------------------------------------------------- looking up
    def test_what_is_known_is_found_with_its_level(self):
        keys = [
            ("quantity", 7, 3),
            ("quantity", 7, 0),
            ("quantity", 0, 3),
            ("amount", 7, 0),
            ("velocity", 7, 0),
        ]
        rows = [(place, 5, 2.0, 0.1, 1.0, 3.0, 9.5 if place == 1 else None) for place in range(1, 6)]
        known = Habits(keys, rows)
        levels = [habit and habit.level for habit in known.quantity(7, 3)]
        self.assertEqual(levels, ["customer_product", "customer", "product", None])
        self.assertEqual([habit and habit.level for habit in known.amount(7)], ["customer", None])
        self.assertEqual((known.last_price(7, 3), known.last_price(7, 4)), (9.5, None))
        self.assertEqual((known.velocity(7).count, known.velocity(8)), (5, None))


@tagged("post_install", "-at_install")
class TestTwins(BaseCase):
    """Who repeats whom."""

    START = datetime(2026, 3, 2, 9)

    def order(self, number, hours=0, customer=1, confirmed=False, reference=None, content="1×2"):
        moment = self.START + timedelta(hours=hours)
        return Placed(number, customer, moment, confirmed, reference, content)

    def twins(self, *orders, days=2):
        return find_twins([order.id for order in orders], orders, days)

    def test_the_later_one_repeats_the_earlier(self):
        self.assertEqual(self.twins(self.order(1), self.order(2, hours=1)), {2: Twin(1, False)})
        self.assertEqual(self.twins(self.order(1), self.order(2)), {2: Twin(1, False)})

    def test_unless_the_later_one_is_confirmed_already(self):
        self.assertEqual(self.twins(self.order(1), self.order(2, 1, confirmed=True)), {1: Twin(2, False)})

    def test_another_customer_content_or_week_is_no_repetition(self):
        self.assertEqual(self.twins(self.order(1), self.order(2, customer=2)), {})
        self.assertEqual(self.twins(self.order(1), self.order(2, content="1×3")), {})
        self.assertEqual(self.twins(self.order(1), self.order(2, hours=49)), {})
        self.assertEqual(self.twins(self.order(1, content=None), self.order(2, content=None)), {})

    def test_the_same_reference_is_one(self):
        orders = self.order(1, reference="PO 7"), self.order(2, reference=" po 7", content="8×1")
        self.assertEqual(self.twins(*orders), {2: Twin(1, True)})

    @given(st.lists(st.tuples(st.integers(0, 100), st.booleans()), min_size=1, max_size=12))
    def test_of_a_row_of_the_same_one_always_passes(self, rows):
        orders = [self.order(number, hours, confirmed=done) for number, (hours, done) in enumerate(rows)]
        self.assertLess(len(self.twins(*orders, days=30)), len(orders))

    def test_orders_are_counted_one_after_the_other(self):
        def at(hours):
            return self.START + timedelta(hours=hours)

        rows = [(1, 7, at(0), 2), (2, 7, at(1), 2), (3, 7, at(25), 0), (4, 8, at(0), 0), (5, 7, at(1), 2)]
        self.assertEqual(count_recent(rows, 1), {1: 3, 2: 4, 5: 5, 3: 1, 4: 1})
        self.assertEqual(count_recent(rows, 2)[3], 4)
