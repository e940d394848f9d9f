import math
import unittest
from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.order_processing.engine.freight import (
    Code,
    Offer,
    apportion,
    choose,
    convert,
    due_with_patience,
    parcel_count,
    split,
)

MONDAY = date(2027, 1, 11)
POST, COURIER, SLOW = 1, 2, 3


def on(days):
    return MONDAY + timedelta(days=days)


class TestWhichCarrier(unittest.TestCase):
    """The post takes two days, the courier one and costs more, the slow one a week and next to nothing."""

    post, courier, slow = Offer(POST, 450, on(2)), Offer(COURIER, 1200, on(1)), Offer(SLOW, 200, on(7))

    def choose(self, *offers, due=None):
        return choose(offers or (self.post, self.courier, self.slow), due)

    def test_the_cheapest_in_time_not_the_cheapest(self):
        choice = self.choose(due=on(3))
        self.assertEqual((choice.code, choice.offer, choice.cheaper), (Code.IN_TIME, self.post, self.slow))
        self.assertEqual((choice.runner_up, choice.difference), (self.courier, 750))

    def test_the_cheapest_where_there_is_time(self):
        choice = self.choose(due=on(9))
        self.assertEqual((choice.code, choice.offer), (Code.CHEAPEST, self.slow))
        self.assertEqual((choice.runner_up, choice.difference), (self.post, 250))

    def test_nobody_in_time_the_first_to_be_there(self):
        choice = self.choose(due=on(0))
        self.assertEqual((choice.code, choice.offer, choice.runner_up), (Code.LATE, self.courier, self.post))

    def test_the_only_one(self):
        self.assertEqual(self.choose(self.post, due=on(5)).code, Code.ONLY)
        choice = self.choose(self.post, Offer(COURIER, 900, on(9)), due=on(5))
        self.assertEqual((choice.code, choice.offer), (Code.ONLY, self.post))

    def test_who_does_not_work_is_not_taken(self):
        broken = Offer(SLOW, None, None, works=False)
        choice = self.choose(self.post, broken, due=on(5))
        self.assertEqual((choice.offer, choice.ranking[-1]), (self.post, broken))
        self.assertEqual(self.choose(broken).code, Code.NONE)

    def test_an_unknown_price_is_no_bargain(self):
        unknown = Offer(SLOW, None, on(1))
        self.assertEqual(self.choose(unknown, self.courier, due=on(5)).offer, self.courier)

    def test_without_a_date_a_little_later_than_the_fastest(self):
        due = due_with_patience((self.post, self.courier, self.slow), 1)
        self.assertEqual((due, self.choose(due=due).offer), (on(2), self.post))
        self.assertIsNone(due_with_patience((), 1))

    def test_parcels_by_weight(self):
        counts = [parcel_count(*each) for each in ((0, 10), (10, 10), (10.5, 10), (30, 10), (99, 0))]
        self.assertEqual(counts, [1, 1, 2, 3, 1])


offers = st.lists(
    st.builds(
        Offer,
        st.integers(1, 6),
        st.none() | st.integers(0, 30),
        st.none() | st.integers(0, 6).map(on),
        st.booleans(),
        st.integers(0, 2),
    ),
    max_size=6,
    unique_by=lambda offer: offer.carrier,
)
dues = st.none() | st.integers(-1, 6).map(on)


def price(offer):
    return math.inf if offer.cost is None else offer.cost


class TestEveryChoice(unittest.TestCase):
    """Whatever the offers are."""

    @given(offers, dues)
    def test_equals_looking_at_all_of_them(self, some, due):
        choice = choose(some, due)
        working = [offer for offer in some if offer.works]
        keeping = [offer for offer in working if offer.keeps(due)]
        if not working:
            self.assertEqual((choice.code, choice.offer), (Code.NONE, None))
        elif keeping:
            # Never dearer than another that keeps the promise.
            self.assertEqual(price(choice.offer), min(map(price, keeping)))
            self.assertIn(choice.offer, keeping)
        else:
            first = min(offer.arrives or date.max for offer in working)
            self.assertEqual((choice.code, choice.offer.arrives or date.max), (Code.LATE, first))
            rivals = [offer for offer in working if (offer.arrives or date.max) == first]
            self.assertEqual(price(choice.offer), min(map(price, rivals)))

    @given(offers, dues, st.randoms())
    def test_the_order_of_the_offers_does_not_matter(self, some, due, random):
        shuffled = list(some)
        random.shuffle(shuffled)
        self.assertEqual(choose(some, due), choose(shuffled, due))

    @given(offers, dues)
    def test_what_is_named_beside_it(self, some, due):
        choice = choose(some, due)
        self.assertEqual(sorted(o.carrier for o in choice.ranking), sorted(o.carrier for o in some))
        if choice.runner_up:
            self.assertNotEqual(choice.runner_up, choice.offer)
            self.assertTrue(choice.runner_up.works)
        if choice.cheaper:
            self.assertFalse(choice.cheaper.keeps(due))
            self.assertLess(price(choice.cheaper), price(choice.offer))


class TestSharesAddUp(unittest.TestCase):
    """Not a cent more, not a cent less."""

    @given(st.integers(-(10**9), 10**9), st.lists(st.floats(0, 1000), min_size=1, max_size=12))
    def test_shares_by_weight(self, total, weights):
        shares = split(total, weights)
        self.assertEqual(sum(shares), total)
        whole = sum(map(Fraction, weights))
        for share, weight in zip(shares, weights, strict=True):
            exact = total * Fraction(weight) / whole if whole else Fraction(total, len(weights))
            self.assertLess(abs(share - exact), 1)

    @settings(max_examples=300)
    @given(
        st.lists(st.integers(-(10**7), 10**7), min_size=1, max_size=40),
        st.floats(0.001, 200),
        st.sampled_from([(0.01, 0.01), (1.0, 0.01), (0.01, 1.0), (0.001, 0.01)]),
    )
    def test_converted_lines_are_the_total_converted(self, amounts, rate, units):
        converted = convert(amounts, rate, *units)
        factor = Fraction(str(rate)) * Fraction(str(units[0])) / Fraction(str(units[1]))
        self.assertLessEqual(abs(sum(converted) - sum(amounts) * factor), Fraction(1, 2))
        for before, after in zip(amounts, converted, strict=True):
            self.assertLess(abs(after - before * factor), 1)

    def test_three_thirds(self):
        self.assertEqual(split(100, [1, 1, 1]), [34, 33, 33])
        self.assertEqual(split(-100, [1, 1, 1]), [-33, -33, -34])
        self.assertEqual(split(7, [0, 0]), [4, 3])

    def test_what_does_not_add_up_is_refused(self):
        with self.assertRaises(ValueError):
            apportion([Fraction(1), Fraction(1)], 9)
