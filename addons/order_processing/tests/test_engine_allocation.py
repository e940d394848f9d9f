import unittest

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.order_processing.engine.allocation import Code, Demand, Group, Supply, allocate, by_rank

STOCK, SHELF_1, SHELF_2, BIN = (1,), (1, 2), (1, 3), (1, 2, 4)
PLACES = (STOCK, SHELF_1, SHELF_2, BIN)


def demand(move_id, need, rank="1", product_id=7, place=STOCK, group=None):
    return Demand(move_id, rank, product_id, place, need, group)


def served(outcomes):
    return {move_id: outcome.served for move_id, outcome in outcomes.items()}


class TestScarceStock(unittest.TestCase):
    """Ten lanterns lie there, and more are wanted."""

    def test_the_urgent_order_goes_first_however_late_it_came(self):
        outcomes = allocate([demand(1, 8, "1"), demand(2, 8, "0")], [Supply(5, 7, STOCK, 10)])
        self.assertEqual(served(outcomes), {1: 2, 2: 8})
        self.assertEqual((outcomes[1].code, outcomes[1].free, outcomes[1].ahead), (Code.PARTLY, 10, 8))
        self.assertEqual(outcomes[2].takes, ((5, 8),))

    def test_whoever_gets_nothing_is_told_why(self):
        outcomes = allocate(
            [demand(1, 10), demand(2, 1), demand(3, 1, product_id=8)], [Supply(5, 7, STOCK, 10)]
        )
        self.assertEqual(
            [outcomes[number].code for number in (1, 2, 3)], [Code.SERVED, Code.OUTRANKED, Code.SHORT]
        )

    def test_the_oldest_goods_first(self):
        outcomes = allocate([demand(1, 8)], [Supply(5, 7, SHELF_1, 5), Supply(6, 7, SHELF_2, 5)])
        self.assertEqual(outcomes[1].takes, ((5, 5), (6, 3)))

    def test_whoever_may_take_from_one_shelf_only_is_not_robbed_by_one_who_may_take_from_all(self):
        supplies = [Supply(5, 7, SHELF_1, 5), Supply(6, 7, SHELF_2, 5)]
        outcomes = allocate([demand(1, 5, "0"), demand(2, 5, "1", place=SHELF_1)], supplies)
        self.assertEqual(served(outcomes), {1: 5, 2: 5})
        self.assertEqual((outcomes[1].takes, outcomes[2].takes), (((6, 5),), ((5, 5),)))

    def test_a_hole_is_filled_before_anybody_gets_something(self):
        supplies = [Supply(5, 7, SHELF_1, -2), Supply(6, 7, SHELF_1, 5)]
        self.assertEqual(served(allocate([demand(1, 5, place=SHELF_1)], supplies)), {1: 3})

    def test_a_hole_on_another_shelf_takes_nothing_from_this_one(self):
        supplies = [Supply(5, 7, SHELF_1, 5), Supply(6, 7, SHELF_2, -3)]
        self.assertEqual(served(allocate([demand(1, 5, place=SHELF_1)], supplies)), {1: 5})
        self.assertEqual(served(allocate([demand(1, 5)], supplies)), {1: 2}, "of all together 2 are there")

    def test_a_lot_with_a_hole_takes_nothing_from_another_lot_for_those_below(self):
        supplies = [Supply(5, 7, SHELF_1, 5, (1, 0, 0)), Supply(6, 7, SHELF_1, -3, (2, 0, 0))]
        self.assertEqual(served(allocate([demand(1, 9, place=SHELF_1)], supplies)), {1: 2})


class TestShippedComplete(unittest.TestCase):
    """An order that is shipped complete must not lock up what it cannot use."""

    supplies = [Supply(5, 7, STOCK, 4), Supply(6, 8, STOCK, 1)]

    def setUp(self):
        super().setUp()
        self.whole = [demand(1, 4, "0", 7, group=9), demand(2, 2, "0", 8, group=9)]
        self.small = demand(3, 3, "1", 7)

    def test_others_may_have_it_meanwhile(self):
        outcomes = allocate([*self.whole, self.small], self.supplies, {9: Group()})
        self.assertEqual(served(outcomes), {1: 0, 2: 0, 3: 3})
        self.assertEqual(outcomes[1].code, Code.HELD_BACK)

    def test_it_collects_when_it_has_waited_long_enough(self):
        outcomes = allocate([*self.whole, self.small], self.supplies, {9: Group(collects=True)})
        self.assertEqual(served(outcomes), {1: 4, 2: 1, 3: 0})

    def test_it_goes_when_everything_is_there(self):
        outcomes = allocate(
            [*self.whole, self.small], [*self.supplies, Supply(10, 8, STOCK, 1)], {9: Group()}
        )
        self.assertEqual(served(outcomes), {1: 4, 2: 2, 3: 0})

    def test_something_else_of_it_is_not_there(self):
        supplies = [*self.supplies, Supply(10, 8, STOCK, 1)]
        outcomes = allocate([*self.whole, self.small], supplies, {9: Group(incomplete=True)})
        self.assertEqual(served(outcomes), {1: 0, 2: 0, 3: 3})


@st.composite
def shops(draw, places=PLACES, grouped=False, holes=False):
    """Draw demands and supplies of a few products."""
    products = draw(st.integers(1, 3))
    demands = draw(
        st.lists(
            st.tuples(
                st.sampled_from("012"),
                st.integers(1, products),
                st.sampled_from(places),
                st.integers(1, 12),
                st.sampled_from([None, 1, 2]) if grouped else st.none(),
            ),
            max_size=12,
        )
    )
    supplies = draw(
        st.lists(
            st.tuples(st.integers(1, products), st.sampled_from(places), st.integers(-3 if holes else 0, 15)),
            max_size=8,
        )
    )
    return (
        [
            Demand(number, rank, product, place, need, group)
            for number, (rank, product, place, need, group) in enumerate(demands)
        ],
        [Supply(100 + number, *one) for number, one in enumerate(supplies)],
    )


def in_the_order_they_came(demands, supplies):
    """Total units served when each in turn takes the first goods it finds."""
    free = {supply.quant_id: supply.free for supply in supplies}
    total = 0
    for one in sorted(demands, key=lambda d: d.move_id):
        need = one.need
        for supply in supplies:
            if supply.product_id == one.product_id and one.place == supply.place[: len(one.place)]:
                amount = min(need, free[supply.quant_id])
                free[supply.quant_id] -= amount
                need -= amount
                total += amount
    return total


class TestProperties(unittest.TestCase):
    @settings(max_examples=300, deadline=None)
    @given(shops(grouped=True, holes=True))
    def test_nothing_is_given_that_is_not_there(self, shop):
        demands, supplies = shop
        outcomes = allocate(demands, supplies, {1: Group(), 2: Group(collects=True)})
        taken = {}
        by_quant = {supply.quant_id: supply for supply in supplies}
        for outcome in outcomes.values():
            self.assertEqual(sum(amount for _quant, amount in outcome.takes), outcome.served)
            self.assertLessEqual(outcome.served, outcome.demand.need)
            for quant_id, amount in outcome.takes:
                supply = by_quant[quant_id]
                self.assertGreater(amount, 0)
                self.assertEqual(supply.product_id, outcome.demand.product_id)
                self.assertEqual(supply.place[: len(outcome.demand.place)], outcome.demand.place)
                taken[quant_id] = taken.get(quant_id, 0) + amount
        cells = {}
        for supply in supplies:
            self.assertLessEqual(taken.get(supply.quant_id, 0), max(supply.free, 0))
            free, used = cells.get((supply.product_id, supply.place), (0, 0))
            cells[supply.product_id, supply.place] = (
                free + supply.free,
                used + taken.get(supply.quant_id, 0),
            )
        for free, used in cells.values():
            self.assertLessEqual(used, max(free, 0))

    @settings(max_examples=300, deadline=None)
    @given(shops())
    def test_nobody_gets_what_one_before_him_could_have_used(self, shop):
        """No inversion: whoever comes first gets as much as if those after him were not there."""
        demands, supplies = shop
        everything = served(allocate(demands, supplies))
        ranked = by_rank(demands)
        for number in range(len(ranked)):
            alone = served(allocate(ranked[: number + 1], supplies))
            self.assertEqual(alone[ranked[number].move_id], everything[ranked[number].move_id])

    @settings(max_examples=300, deadline=None)
    @given(shops(grouped=True))
    def test_a_group_is_served_whole_or_not_at_all(self, shop):
        demands, supplies = shop
        outcomes = allocate(demands, supplies, {1: Group(), 2: Group(incomplete=True)})
        first = [o for o in outcomes.values() if o.demand.group == 1]
        self.assertIn(sum(o.served for o in first), (0, sum(o.demand.need for o in first)))
        self.assertFalse(sum(o.served for o in outcomes.values() if o.demand.group == 2))

    @settings(max_examples=300, deadline=None)
    @given(shops())
    def test_never_less_in_all_than_first_come_first_served(self, shop):
        demands, supplies = shop
        total = sum(served(allocate(demands, supplies)).values())
        self.assertGreaterEqual(total, in_the_order_they_came(demands, supplies))

    @settings(max_examples=200, deadline=None)
    @given(shops(grouped=True, holes=True), st.randoms(use_true_random=False))
    def test_the_order_of_the_input_changes_nothing(self, shop, dice):
        demands, supplies = shop
        groups = {1: Group(), 2: Group(collects=True)}
        before = allocate(demands, supplies, groups)
        shuffled = list(demands)
        dice.shuffle(shuffled)
        self.assertEqual(allocate(shuffled, supplies, groups), before)
        mixed = list(supplies)
        dice.shuffle(mixed)
        self.assertEqual(served(allocate(demands, mixed, groups)), served(before))
