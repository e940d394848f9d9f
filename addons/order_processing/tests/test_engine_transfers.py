import unittest

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.order_processing.engine.transfers import Buying, Code, Lane, Shortage, Spare, propose

LONDON, LEEDS, YORK = 1, 2, 3
LANES = {
    (LEEDS, LONDON): Lane(2, 10.0, 0.5),
    (YORK, LONDON): Lane(3, 4.0, 0.5),
    (LONDON, LEEDS): Lane(2),
}


def found(*args, **more):
    return [(one.source, one.target, one.quantity, one.code) for one in propose(*args, LANES, **more)]


class TestMoveOrBuy(unittest.TestCase):
    """Eight kettles are missing in London."""

    missing = [Shortage(7, LONDON, 8, within=1)]

    def test_what_cannot_be_bought(self):
        self.assertEqual(found(self.missing, [Spare(7, LEEDS, 9)]), [(LEEDS, LONDON, 8, Code.ONLY)])

    def test_sooner_than_the_vendor(self):
        for days, expected in ((5, [(LEEDS, LONDON, 8, Code.SOONER)]), (2, []), (1, [])):
            buying = {(7, LONDON): Buying(days)}
            self.assertEqual(found(self.missing, [Spare(7, LEEDS, 9)], buying=buying), expected)

    def test_not_sooner_but_cheaper_and_in_time(self):
        later = [Shortage(7, LONDON, 8, within=9)]
        for price, expected in ((5.0, [(LEEDS, LONDON, 8, Code.CHEAPER)]), (1.0, [])):
            buying = {(7, LONDON): Buying(1, price)}
            self.assertEqual(found(later, [Spare(7, LEEDS, 9)], buying=buying), expected)

    def test_a_day_sooner_is_not_worth_more_than_the_goods(self):
        later = [Shortage(7, LONDON, 8, within=9)]
        self.assertEqual(found(later, [Spare(7, LEEDS, 9)], buying={(7, LONDON): Buying(3, 1.0)}), [])

    def test_one_that_has_everything_before_several(self):
        spares = [Spare(7, LEEDS, 5), Spare(7, YORK, 9)]
        self.assertEqual(found(self.missing, spares), [(YORK, LONDON, 8, Code.ONLY)])
        spares = [Spare(7, LEEDS, 5), Spare(7, YORK, 6)]
        self.assertEqual(
            found(self.missing, spares), [(LEEDS, LONDON, 5, Code.ONLY), (YORK, LONDON, 3, Code.ONLY)]
        )

    def test_nothing_without_a_lane_and_nothing_to_itself(self):
        self.assertEqual(found([Shortage(7, YORK, 8)], [Spare(7, LEEDS, 9), Spare(7, YORK, 9)]), [])
        self.assertEqual(found(self.missing, [Spare(8, LEEDS, 9)]), [], "other goods")

    def test_the_costs_are_of_all_of_it(self):
        buying, weights = {(7, LONDON): Buying(5, 3.0)}, {7: 2.0}
        [transfer] = propose(self.missing, [Spare(7, LEEDS, 9)], LANES, buying, weights)
        self.assertEqual((transfer.cost, transfer.price), (18.0, 24.0))


houses = st.integers(1, 4)
lanes = st.dictionaries(
    st.tuples(houses, houses),
    st.builds(
        Lane, st.integers(0, 5), st.none() | st.integers(0, 9).map(float), st.integers(0, 3).map(float)
    ),
)
shortages = st.lists(
    st.builds(Shortage, st.integers(1, 2), houses, st.integers(1, 9), st.integers(-2, 6)),
    unique_by=lambda one: one[:2],
)
spares = st.lists(
    st.builds(Spare, st.integers(1, 2), houses, st.integers(0, 9)), unique_by=lambda one: one[:2]
)
buyings = st.dictionaries(
    st.tuples(st.integers(1, 2), houses),
    st.builds(Buying, st.none() | st.integers(0, 6), st.none() | st.integers(0, 9).map(float)),
)


class TestWhatAlwaysHolds(unittest.TestCase):
    @given(shortages, spares, lanes, buyings, st.randoms())
    def test_limits_and_order(self, missing, spare, ways, buying, shuffler):
        transfers = propose(missing, spare, ways, buying)
        for one in spare:
            given_away = sum(t.quantity for t in transfers if (t.product, t.source) == one[:2])
            self.assertLessEqual(given_away, one.quantity)
        for one in missing:
            brought = [t for t in transfers if (t.product, t.target) == one[:2]]
            self.assertLessEqual(sum(t.quantity for t in brought), one.quantity)
            self.assertEqual(len({t.source for t in brought}), len(brought), "proposed once")
        for transfer in transfers:
            self.assertNotEqual(transfer.source, transfer.target)
            self.assertGreater(transfer.quantity, 0)
            if transfer.code is Code.CHEAPER:
                self.assertLess(transfer.cost, transfer.price)
            elif transfer.code is Code.SOONER:
                self.assertLess(transfer.days, transfer.other_days)
            else:
                self.assertIsNone(transfer.other_days)
        shuffled = propose(
            shuffler.sample(missing, len(missing)), shuffler.sample(spare, len(spare)), ways, buying
        )
        self.assertEqual(shuffled, transfers)

    @given(shortages, spares, lanes)
    def test_what_cannot_be_bought_is_moved_as_far_as_it_goes(self, missing, spare, ways):
        transfers = propose(missing, spare, ways)
        for one in missing:
            brought = sum(t.quantity for t in transfers if (t.product, t.target) == one[:2])
            left = sum(
                max(
                    other.quantity - sum(t.quantity for t in transfers if (t.product, t.source) == other[:2]),
                    0,
                )
                for other in spare
                if other.product == one.product
                and other.warehouse != one.warehouse
                and (other.warehouse, one.warehouse) in ways
            )
            self.assertTrue(brought == one.quantity or not left)
