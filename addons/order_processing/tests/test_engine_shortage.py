from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.order_processing.engine.shortage import Coming, Need, shortages

DAY = datetime(2026, 3, 2)


def coming(day, quantity, key="receipt", firm=True):
    return Coming(f"{key} {day}", DAY + timedelta(days=day), quantity, firm)


NEEDS = st.lists(
    st.builds(Need, st.uuids().map(str), st.text("ab12", max_size=3), st.integers(1, 50).map(float)),
    max_size=8,
)
COMING = st.lists(st.builds(coming, st.integers(0, 30), st.integers(1, 60).map(float)), max_size=6)
FREE = st.integers(0, 100).map(float)


@tagged("post_install", "-at_install")
class TestShortageEngine(BaseCase):
    """Who is short, of how much, and what helps."""

    def test_who_is_first_in_rank_has_what_is_there(self):
        [short] = shortages([Need("later", "2", 5.0), Need("first", "1", 8.0)], 10.0, [])
        self.assertEqual((short.key, short.quantity, short.uncovered, short.date), ("later", 3.0, 3.0, None))

    def test_the_earliest_receipt_helps_the_first_in_rank(self):
        soon, late = coming(2, 6.0), coming(9, 10.0)
        first, later = shortages([Need("b", "2", 8.0), Need("a", "1", 4.0)], 0.0, [late, soon])
        self.assertEqual((first.key, first.helped_by), ("a", ((soon, 4.0),)))
        self.assertEqual((later.key, later.helped_by), ("b", ((soon, 2.0), (late, 6.0))))
        self.assertEqual((first.date, later.date), (soon.date, late.date))

    def test_what_is_only_asked_for_is_not_firm(self):
        [short] = shortages([Need("a", "1", 4.0)], 0.0, [coming(2, 4.0, firm=False)])
        self.assertEqual((short.uncovered, short.firm), (0.0, False))

    def test_crumbs_are_nothing(self):
        self.assertEqual(shortages([Need("a", "1", 0.1 + 0.2)], 0.3, []), [])

    @given(NEEDS, FREE, COMING)
    def test_nothing_is_lost_and_nothing_is_given_twice(self, needs, free, receipts):
        found = shortages(needs, free, receipts)
        wanted = sum(need.quantity for need in needs)
        self.assertAlmostEqual(sum(short.quantity for short in found), max(wanted - free, 0.0))
        for receipt in receipts:
            given_out = sum(q for short in found for one, q in short.helped_by if one is receipt)
            self.assertLessEqual(given_out, receipt.quantity + 1e-9)
        for short in found:
            helped = sum(quantity for _one, quantity in short.helped_by)
            self.assertAlmostEqual(helped + short.uncovered, short.quantity)
        uncovered = sum(short.uncovered for short in found)
        brought = sum(receipt.quantity for receipt in receipts)
        self.assertAlmostEqual(uncovered, max(wanted - free - brought, 0.0))

    @given(NEEDS, FREE, COMING, st.integers(1, 50).map(float))
    def test_more_stock_never_makes_anybody_shorter(self, needs, free, receipts, more):
        before = {short.key: short for short in shortages(needs, free, receipts)}
        for short in shortages(needs, free + more, receipts):
            self.assertLessEqual(short.quantity, before[short.key].quantity)
            self.assertLessEqual(short.uncovered, before[short.key].uncovered)

    @given(NEEDS, FREE, COMING, st.randoms())
    def test_the_order_in_which_it_is_told_does_not_matter(self, needs, free, receipts, random):
        before = shortages(needs, free, receipts)
        needs, receipts = list(needs), list(receipts)
        random.shuffle(needs)
        self.assertEqual(shortages(needs, free, receipts), before)
