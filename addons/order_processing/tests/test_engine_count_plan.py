from collections import Counter
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..engine.count_plan import Item, plan, window

TODAY = date(2026, 3, 2)
ALL_DAYS = [TODAY + timedelta(days=n) for n in range(1, 300)]
WORKING_DAYS = [day for day in ALL_DAYS if day.weekday() < 5]

items = st.lists(
    st.builds(
        Item,
        st.integers(1, 10_000),
        st.sampled_from([30, 90, 180]),
        st.none() | st.dates(TODAY - timedelta(days=400), TODAY),
        st.integers(1, 4),
    ),
    max_size=50,
    unique_by=lambda item: item.key,
)


@tagged("post_install", "-at_install")
class TestCountPlanEngine(BaseCase):
    def test_a_first_round_is_spread_over_its_time(self):
        """60 products every 30 days: the 22 working days get two or three each."""
        days = plan([Item(n, 30) for n in range(60)], WORKING_DAYS, TODAY)
        per_day = Counter(days.values())
        self.assertEqual(set(per_day), {day for day in WORKING_DAYS if day <= TODAY + timedelta(days=30)})
        self.assertEqual(set(per_day.values()), {2, 3})

    def test_counted_together_is_not_due_together(self):
        counted = TODAY - timedelta(days=1)
        days = plan([Item(n, 90, counted) for n in range(100)], WORKING_DAYS, TODAY)
        self.assertLessEqual(max(Counter(days.values()).values()), 8)
        self.assertLessEqual(max(days.values()), counted + timedelta(days=90))

    def test_what_is_planned_already_counts(self):
        busy = dict.fromkeys(WORKING_DAYS[:10], 5)
        days = plan([Item(n, 30) for n in range(12)], WORKING_DAYS, TODAY, busy)
        self.assertFalse(set(days.values()) & set(WORKING_DAYS[:10]))

    def test_no_working_day_no_date(self):
        self.assertEqual(plan([Item(1, 30)], [], TODAY), {})

    def test_holidays_longer_than_the_window(self):
        late = [day for day in WORKING_DAYS if day > TODAY + timedelta(days=40)]
        self.assertEqual(plan([Item(1, 30)], late, TODAY), {1: late[0]})

    @given(items)
    def test_each_within_its_window_on_a_working_day(self, these):
        days = plan(these, WORKING_DAYS, TODAY)
        self.assertEqual(days.keys(), {item.key for item in these})
        for item in these:
            first, last = window(item, TODAY)
            self.assertIn(days[item.key], WORKING_DAYS)
            self.assertGreater(days[item.key], TODAY)
            if any(first <= day <= last for day in WORKING_DAYS):
                self.assertTrue(first <= days[item.key] <= last)

    @given(st.integers(0, 200), st.sampled_from([30, 90, 180]))
    def test_even_where_the_windows_are_the_same(self, number, days):
        planned = plan([Item(n, days) for n in range(number)], WORKING_DAYS, TODAY)
        choice = [day for day in WORKING_DAYS if day <= TODAY + timedelta(days=days)]
        loads = [Counter(planned.values())[day] for day in choice]
        self.assertLessEqual(max(loads) - min(loads), 1)

    @given(items, st.randoms())
    def test_the_order_does_not_matter(self, these, random):
        shuffled = list(these)
        random.shuffle(shuffled)
        self.assertEqual(plan(shuffled, WORKING_DAYS, TODAY), plan(these, WORKING_DAYS, TODAY))
