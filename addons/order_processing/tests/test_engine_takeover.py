from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.order_processing.engine.takeover import (
    Bar,
    Coming,
    Other,
    Piece,
    Want,
    Winner,
    bar,
    decide,
)

SHELF = (1, 8)
URGENT = Winner(1, 1, "0a", True)


def shop(*held, **more):
    """Return pieces and others of ``(order, quantity)``: all later, not urgent, of product 7."""
    pieces = [Piece(100 + order, 200 + order, order, 7, SHELF, quantity) for order, quantity in held]
    others = {order: Other(order, 1, f"1{order:03}") for order, _quantity in held}
    return pieces, {**others, **more.get("others", {})}


def wants(need, product=7):
    return [Want(50 + product, product, SHELF, need)]


@tagged("post_install", "-at_install")
class TestTakeoverEngine(BaseCase):
    """Small shops, each about one rule."""

    def test_it_takes_what_it_lacks_and_no_more(self):
        pieces, others = shop((11, 5), (12, 5))
        decision = decide(URGENT, wants(3), pieces, others)
        self.assertEqual([(take.line_id, take.quantity) for take in decision.takes], [(112, 3)])
        self.assertEqual(decision.missing, {57: 0})

    def test_as_few_as_possible_lose(self):
        pieces, others = shop((11, 5), (12, 2), (13, 3))
        self.assertEqual(set(decide(URGENT, wants(5), pieces, others).losers), {11})

    def test_first_those_whose_promise_survives(self):
        pieces, others = shop((11, 5), (12, 2), (13, 3))
        pieces[1:] = [piece._replace(needed_by=1000) for piece in pieces[1:]]
        decision = decide(URGENT, wants(5), pieces, others, {7: Coming(900, 5)})
        self.assertEqual(decision.losers, {13: True, 12: True})
        too_late = decide(URGENT, wants(5), pieces, others, {7: Coming(1001, 5)})
        self.assertEqual(too_late.losers, {11: False})
        too_little = decide(URGENT, wants(5), pieces, others, {7: Coming(900, 4)})
        self.assertEqual(too_little.losers, {13: True, 12: False})

    def test_then_the_last_in_rank(self):
        pieces, others = shop((11, 5), (13, 5), (12, 5))
        self.assertEqual(set(decide(URGENT, wants(4), pieces, others).losers), {13})

    def test_who_keeps_what_it_has_and_why(self):
        later = Other(9, 1, "1")
        cases = {
            Bar.OTHER_COMPANY: later._replace(company_id=2),
            Bar.URGENT: later._replace(urgent=True),
            Bar.EARLIER: later._replace(rank="00"),
            Bar.PICKED: later._replace(picked=True),
            Bar.RELEASED: later._replace(released=True),
            Bar.TAKEN_LATELY: later._replace(taken_lately=True),
        }
        self.assertIsNone(bar(URGENT, later))
        for code, other in cases.items():
            with self.subTest(code):
                self.assertEqual(bar(URGENT, other), code)
                decision = decide(URGENT, wants(1), [Piece(1, 2, 9, 7, SHELF, 5)], {9: other})
                self.assertEqual((decision.barred, decision.takes), ({9: code}, []))

    def test_equal_rank_is_not_later(self):
        self.assertEqual(bar(URGENT, Other(9, 1, URGENT.rank)), Bar.EARLIER)

    def test_who_is_not_urgent_takes_nothing(self):
        pieces, others = shop((11, 5))
        self.assertFalse(decide(URGENT._replace(urgent=False), wants(3), pieces, others).takes)

    def test_only_from_where_it_may_take(self):
        pieces, others = shop((11, 5))
        elsewhere = [Want(57, 7, (1, 9), 3)]
        self.assertFalse(decide(URGENT, elsewhere, pieces, others).takes)
        below = [Want(57, 7, (1,), 3)]
        self.assertTrue(decide(URGENT, below, pieces, others).takes)


# ------------------------------------------------------------------------ shops made up
numbers = st.integers(1, 6)


@st.composite
def shops(draw):
    """A warehouse of orders, some urgent, that have or lack some of three products."""
    orders = {}
    for order_id in range(1, draw(st.integers(2, 8)) + 1):
        urgent = draw(st.booleans())
        orders[order_id] = Other(
            order_id,
            draw(st.sampled_from((1, 1, 1, 2))),
            f"{0 if urgent else 1}{draw(st.integers(0, 4))}",
            urgent=urgent,
            picked=draw(st.sampled_from((False, False, False, True))),
            released=draw(st.sampled_from((False, False, False, True))),
        )
    has, lacks = {}, {}
    for order_id in orders:
        for product_id in draw(st.sets(st.integers(1, 3))):
            has[order_id, product_id] = draw(st.integers(0, 6))
            lacks[order_id, product_id] = draw(st.integers(0, 6))
    coming = {
        product_id: Coming(draw(st.integers(0, 9)), draw(st.integers(1, 9)))
        for product_id in draw(st.sets(st.integers(1, 3)))
    }
    needed_by = {order_id: draw(st.none() | st.integers(0, 9)) for order_id in orders}
    return orders, has, lacks, coming, needed_by


def take_over(shop, order_id):
    """Let one order take over; return the decision and what everybody has and lacks then."""
    orders, has, lacks, coming, needed_by = shop
    winner = orders[order_id]
    pieces = [
        Piece(10 * other + product, 10 * other + product, other, product, SHELF, quantity, needed_by[other])
        for (other, product), quantity in has.items()
        if other != order_id
    ]
    wants_ = [
        Want(10 * order_id + product, product, SHELF, need)
        for (other, product), need in lacks.items()
        if other == order_id
    ]
    decision = decide(
        Winner(order_id, winner.company_id, winner.rank, winner.urgent), wants_, pieces, orders, coming
    )
    has, lacks = dict(has), dict(lacks)
    for take in decision.takes:
        move(has, lacks, divmod(take.line_id, 10), divmod(take.move_id, 10), take.quantity)
    return decision, (orders, has, lacks, coming, needed_by)


def move(has, lacks, from_, to, quantity):
    for key, amount in ((from_, -quantity), (to, quantity)):
        has[key] = has.get(key, 0) + amount
        lacks[key] = lacks.get(key, 0) - amount


def totals(has):
    return {product: sum(q for (_o, p), q in has.items() if p == product) for product in (1, 2, 3)}


@tagged("post_install", "-at_install")
class TestTakeoverProperties(BaseCase):
    """True of whatever shop there is."""

    @settings(max_examples=300, deadline=None)
    @given(shops())
    def test_as_much_is_set_aside_as_before_and_nobody_has_less_than_nothing(self, made):
        for order_id in made[0]:
            _decision, (_orders, has, lacks, *_rest) = take_over(made, order_id)
            self.assertEqual(totals(has), totals(made[1]))
            self.assertGreaterEqual(min(has.values(), default=0), 0)
            self.assertGreaterEqual(min((lacks[key] for key in lacks if key[0] == order_id), default=0), 0)

    @settings(max_examples=300, deadline=None)
    @given(shops())
    def test_no_order_of_equal_or_higher_rank_loses_nor_one_that_may_not(self, made):
        orders, has, *_rest = made
        for order_id in orders:
            winner = orders[order_id]
            _decision, (_orders, after, *_more) = take_over(made, order_id)
            for key, quantity in has.items():
                if after[key] < quantity:
                    loser = orders[key[0]]
                    self.assertTrue(winner.urgent and not loser.urgent)
                    self.assertGreater(loser.rank, winner.rank)
                    self.assertEqual(loser.company_id, winner.company_id)
                    self.assertFalse(loser.picked or loser.released)

    @settings(max_examples=300, deadline=None)
    @given(shops())
    def test_undone_everything_is_as_it_was(self, made):
        for order_id in made[0]:
            decision, (_orders, has, lacks, *_rest) = take_over(made, order_id)
            for take in decision.takes:
                move(has, lacks, divmod(take.move_id, 10), divmod(take.line_id, 10), take.quantity)
            self.assertEqual({k: v for k, v in has.items() if v}, {k: v for k, v in made[1].items() if v})

    @settings(max_examples=200, deadline=None)
    @given(shops(), st.randoms(use_true_random=False))
    def test_however_often_and_in_whatever_order_it_comes_to_rest(self, made, random):
        """Every unit that moves goes to an earlier rank, and from normal to urgent: none comes back."""
        order_ids, taken = [*made[0]] * 3, set()
        random.shuffle(order_ids)
        for order_id in order_ids:
            decision, made = take_over(made, order_id)
            for take in decision.takes:
                loser, product = divmod(take.line_id, 10)
                self.assertNotIn((loser, product), taken)
                taken.add((order_id, product))
        for order_id in made[0]:
            self.assertFalse(take_over(made, order_id)[0].takes)

    @settings(max_examples=200, deadline=None)
    @given(shops(), st.randoms(use_true_random=False))
    def test_the_order_things_are_read_in_does_not_matter(self, made, random):
        orders, has, *rest = made
        shuffled = [*has.items()]
        random.shuffle(shuffled)
        for order_id in orders:
            one, _made = take_over(made, order_id)
            other, _made = take_over((orders, dict(shuffled), *rest), order_id)
            self.assertEqual((one.takes, one.losers, one.barred), (other.takes, other.losers, other.barred))

    @settings(max_examples=200, deadline=None)
    @given(shops())
    def test_nothing_is_left_that_it_could_have_had(self, made):
        orders, *_rest = made
        for order_id in orders:
            if not orders[order_id].urgent:
                continue
            _decision, after = take_over(made, order_id)
            self.assertFalse(take_over(after, order_id)[0].takes)

    @settings(max_examples=300, deadline=None)
    @given(st.lists(numbers, min_size=1, max_size=6), st.integers(1, 15))
    def test_of_one_product_no_fewer_could_have_lost(self, quantities, need):
        pieces, others = shop(*((11 + number, quantity) for number, quantity in enumerate(quantities)))
        decision = decide(URGENT, wants(need), pieces, others)
        goal = min(need, sum(quantities))
        fewest = next(
            count
            for count in range(1, len(quantities) + 1)
            if any(sum(some) >= goal for some in combinations(quantities, count))
        )
        self.assertEqual(len(decision.losers), fewest)
