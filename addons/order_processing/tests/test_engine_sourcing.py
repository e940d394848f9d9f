import random
import unittest
from dataclasses import replace
from itertools import product
from time import process_time

import numpy
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from odoo.addons.order_processing.engine.sourcing import Code, Demand, Source, Warehouse, choose

LONDON, LEEDS, LYON = 1, 2, 3


def stock(warehouse, free, arrival=1, **more):
    return Source(warehouse, free, arrival, **more)


def given_by(choice):
    return {(piece.demand, piece.warehouse): piece.quantity for piece in choice.plan.pieces}


class TestWhichWarehouse(unittest.TestCase):
    """London is the order's own; Leeds is dearer; Lyon is far."""

    houses = [
        Warehouse(LONDON, 1, fixed=4.0, per_line=0.5),
        Warehouse(LEEDS, 2, fixed=6.0, per_line=0.5, per_kg=0.1),
        Warehouse(LYON, 3, fixed=15.0, per_line=1.0, per_kg=0.3),
    ]

    def choose(self, *demands, **more):
        return choose(demands, self.houses, **{"split_penalty": 5.0, "home": LONDON, **more})

    def test_the_cheapest_that_has_it(self):
        choice = self.choose(Demand(1, 5, (stock(LONDON, 9), stock(LEEDS, 9)), weight=10, latest=2))
        self.assertEqual(given_by(choice), {(1, LONDON): 5})
        self.assertEqual((choice.codes[1], choice.plan.cost), (Code.CHEAPEST, 4.5))
        self.assertEqual((choice.runner_up.warehouses, choice.runner_up.cost), ((LEEDS,), 7.5))

    def test_where_only_one_has_it(self):
        choice = self.choose(Demand(1, 5, (stock(LONDON, 2), stock(LYON, 9)), latest=2))
        self.assertEqual((given_by(choice), choice.codes[1]), ({(1, LYON): 5}, Code.ONLY))
        self.assertIsNone(choice.runner_up)

    def test_two_parcels_only_where_they_cost_less(self):
        lamp = Demand(1, 1, (stock(LONDON, 9), stock(LYON, 9)), latest=2)
        sofa = Demand(2, 1, (stock(LYON, 9),), weight=50, latest=2)
        self.assertEqual(self.choose(lamp, sofa).plan.warehouses, (LYON,))
        heavy = lamp._replace(weight=100)
        self.assertEqual(self.choose(heavy, sofa).plan.warehouses, (LONDON, LYON))

    def test_a_cheaper_one_that_is_late_is_named(self):
        choice = self.choose(Demand(1, 5, (stock(LONDON, 0, whole=9), stock(LEEDS, 9)), latest=2))
        self.assertEqual((given_by(choice), choice.codes[1]), ({(1, LEEDS): 5}, Code.IN_TIME))
        self.assertEqual((choice.cheaper.warehouses, choice.cheaper.cost), ((LONDON,), 4.5))

    def test_nobody_in_time_the_least_late(self):
        sources = (Source(LONDON, whole=9), Source(LEEDS, whole=6), Source(LYON, whole=7))
        choice = self.choose(Demand(1, 5, sources, latest=2))
        self.assertEqual((given_by(choice), choice.codes[1]), ({(1, LEEDS): 5}, Code.LATE))
        self.assertEqual(choice.days_late, {1: 4})

    def test_put_together_from_two(self):
        demand = Demand(
            1, 5, (stock(LONDON, 3, whole=9), stock(LEEDS, 3), stock(LYON, 4)), weight=5, latest=2
        )
        choice = self.choose(demand)
        self.assertEqual(given_by(choice), {(1, LONDON): 3, (1, LEEDS): 2})
        self.assertEqual(choice.codes[1], Code.SPLIT)
        self.assertAlmostEqual(choice.plan.freight, 4 + 6 + 0.5 + 0.5 + 0.2)
        self.assertEqual((choice.plan.split, choice.runner_up.warehouses), (5.0, (LONDON, LYON)))
        whole = self.choose(demand._replace(may_split=False))
        self.assertEqual((given_by(whole), whole.codes[1]), ({(1, LONDON): 5}, Code.LATE))

    def test_one_that_is_just_as_late_goes_before_two(self):
        demand = Demand(1, 5, (stock(LONDON, 3, whole=4), stock(LEEDS, 3, 4)), latest=2)
        self.assertEqual(given_by(self.choose(demand)), {(1, LONDON): 5})

    def test_nobody_has_it_all_ever_where_the_least_is_missing(self):
        choice = self.choose(Demand(1, 9, (stock(LONDON, 3), stock(LEEDS, 5)), latest=2))
        self.assertEqual((given_by(choice), choice.codes[1]), ({(1, LEEDS): 9}, Code.NOWHERE))
        self.assertEqual(choice.missing, {1: 4})
        self.assertEqual(given_by(self.choose(Demand(1, 9))), {(1, LONDON): 9}, "nobody offers anything")

    def test_whoever_has_little_is_spared(self):
        sources = (stock(LONDON, 5, scarcity=0.5), stock(LEEDS, 500, scarcity=0.01))
        demand = Demand(1, 5, sources, latest=2)
        self.assertEqual(self.choose(demand, balance=1.0).plan.warehouses, (LONDON,))
        choice = self.choose(demand, balance=10.0)
        self.assertEqual(choice.plan.warehouses, (LEEDS,))
        self.assertAlmostEqual(choice.plan.balance, 0.1)

    def test_a_parcel_that_goes_anyway_costs_nothing_more(self):
        houses = [house._replace(is_used=house.id == LEEDS) for house in self.houses]
        demand = Demand(1, 5, (stock(LONDON, 9), stock(LEEDS, 9)), latest=2)
        choice = choose([demand], houses, split_penalty=5.0, home=LONDON)
        self.assertEqual((given_by(choice), choice.plan.cost), ({(1, LEEDS): 5}, 0.5))
        self.assertEqual((choice.runner_up.warehouses, choice.runner_up.cost), ((LONDON, LEEDS), 9.5))

    def test_between_equals_the_orders_own(self):
        houses = [Warehouse(LONDON, 9), Warehouse(LEEDS, 1)]
        demand = Demand(1, 5, (stock(LONDON, 9), stock(LEEDS, 9)))
        self.assertEqual(choose([demand], houses, home=LONDON).plan.warehouses, (LONDON,))
        self.assertEqual(choose([demand], houses).plan.warehouses, (LEEDS,), "the smaller sequence")

    def test_what_makes_no_sense_is_refused(self):
        with self.assertRaises(ValueError):
            choose([Demand(1, 1)], [])
        with self.assertRaises(ValueError):
            choose([Demand(1, 1)], [Warehouse(LONDON, fixed=-1)])
        self.assertEqual(choose([], self.houses).plan.cost, 0)


# ---------------------------------------------------------------- against exhaustive search
costs = st.integers(0, 12).map(float)
days = st.none() | st.integers(1, 6)


@st.composite
def orders(draw, most_warehouses=4, most_demands=3):
    count = draw(st.integers(1, most_warehouses))
    houses = [
        Warehouse(
            id_, draw(st.integers(0, 2)), draw(costs), draw(costs), draw(costs), draw(st.integers(0, 5)) == 0
        )
        for id_ in range(1, count + 1)
    ]
    demands = []
    for key in range(draw(st.integers(1, most_demands))):
        offering = draw(st.lists(st.sampled_from(houses), unique_by=lambda one: one.id, max_size=count))
        sources = tuple(
            Source(one.id, draw(st.integers(0, 5)), draw(days), draw(days), draw(st.integers(0, 4)) / 4)
            for one in offering
        )
        demands.append(
            Demand(key, draw(st.integers(1, 6)), sources, draw(costs) / 4, draw(days), draw(st.booleans()))
        )
    return demands, houses, {"split_penalty": draw(costs), "balance": draw(costs), "home": 1}


def days_late(demand, day):
    return 0 if demand.latest is None else max(0, day - demand.latest)


def distributions(need, limits):
    """Yield all ways to get ``need`` from at most ``limits``."""
    if not limits:
        if not need:
            yield ()
        return
    for here in range(min(need, limits[0]) + 1):
        for rest in distributions(need - here, limits[1:]):
            yield (here, *rest)


def allowed(demand, houses):
    """Return every allowed way as ``{source: quantity}``: the rules, spelled out."""
    single = []
    for source in demand.sources:
        here = [source.whole] if source.whole is not None else []
        if source.free >= demand.need and source.arrival is not None:
            here.append(source.arrival)
        if here:
            single.append((days_late(demand, min(here)), {source: demand.need}))
    several = []
    if demand.may_split:
        usable = [source for source in demand.sources if source.free and source.arrival is not None]
        for gives in distributions(demand.need, [source.free for source in usable]):
            way = {source: give for source, give in zip(usable, gives, strict=True) if give}
            several.append((max(days_late(demand, source.arrival) for source in way), way))
    # Of those that are as late, one warehouse goes before several; ``several`` holds single ones as well.
    several = [(late, way) for late, way in several if len(way) > 1]
    best = min((late for late, _way in single + several), default=None)
    if best is not None:
        return [way for late, way in single if late == best] or [way for late, way in several if late == best]
    sources = demand.sources or (Source(min(houses, key=lambda h: (h.id != 1, h.sequence, h.id)).id),)
    missing = min(max(demand.need - source.free, 0) for source in sources)
    return [{source: demand.need} for source in sources if max(demand.need - source.free, 0) == missing]


def cost_of(demands, ways, houses, split_penalty, balance, home=None):
    by_id = {house.id: house for house in houses}
    used = {house.id for house in houses if house.is_used}
    total, new = 0.0, set()
    for demand, way in zip(demands, ways, strict=True):
        for source, quantity in way.items():
            house, share = by_id[source.warehouse], quantity / demand.need
            total += house.per_line + share * (house.per_kg * demand.weight + balance * source.scarcity)
            new.add(source.warehouse)
    new -= used
    total += sum(by_id[id_].fixed for id_ in new)
    return total + split_penalty * max(len(new | used) - max(len(used), 1), 0)


def exhaustive(demands, houses, **more):
    lists = [allowed(demand, houses) for demand in demands]
    return min(cost_of(demands, ways, houses, **more) for ways in product(*lists))


class TestAgainstExhaustiveSearch(unittest.TestCase):
    @settings(max_examples=1500, deadline=None)
    @given(orders())
    def test_nothing_is_cheaper(self, order):
        demands, houses, more = order
        choice = choose(demands, houses, **more)
        self.assertAlmostEqual(choice.plan.cost, exhaustive(demands, houses, **more))
        self.assertTrue(choice.is_exact)

    @settings(max_examples=400, deadline=None)
    @given(orders())
    def test_the_plan_is_one_of_those_allowed_and_costs_what_it_says(self, order):
        demands, houses, more = order
        choice = choose(demands, houses, **more)
        ways = []
        for demand in demands:
            way = {
                piece.warehouse: piece.quantity for piece in choice.plan.pieces if piece.demand == demand.key
            }
            same = [
                one
                for one in allowed(demand, houses)
                if {source.warehouse: quantity for source, quantity in one.items()} == way
            ]
            self.assertTrue(same, "never an infeasible one where a feasible one exists")
            ways += same[:1]
        self.assertAlmostEqual(choice.plan.cost, cost_of(demands, ways, houses, **more))

    @settings(max_examples=400, deadline=None)
    @given(orders())
    def test_the_runner_up_is_the_cheapest_without_one_of_the_chosen(self, order):
        demands, houses, more = order
        choice = choose(demands, houses, **more)
        chosen = {piece.warehouse for piece in choice.plan.pieces}
        others = [
            cost_of(demands, ways, houses, **more)
            for ways in product(*[allowed(demand, houses) for demand in demands])
            if not chosen <= {source.warehouse for way in ways for source in way}
        ]
        if choice.runner_up is None:
            self.assertFalse(others)
        else:
            self.assertAlmostEqual(choice.runner_up.cost, min(others))

    @settings(max_examples=400, deadline=None)
    @given(orders(), st.randoms())
    def test_the_order_of_things_does_not_matter(self, order, shuffler):
        demands, houses, more = order
        mixed = [
            demand._replace(sources=tuple(shuffler.sample(demand.sources, len(demand.sources))))
            for demand in shuffler.sample(demands, len(demands))
        ]
        first = choose(demands, houses, **more)
        second = choose(mixed, shuffler.sample(houses, len(houses)), **more)
        self.assertEqual(replace(first, bound=0), replace(second, bound=0))

    @settings(max_examples=400, deadline=None)
    @given(orders(), st.data())
    def test_dearer_freight_never_makes_an_order_cheaper(self, order, data):
        demands, houses, more = order
        number = data.draw(st.integers(0, len(houses) - 1))
        name = data.draw(st.sampled_from(["fixed", "per_line", "per_kg"]))
        dearer = list(houses)
        dearer[number] = houses[number]._replace(**{name: getattr(houses[number], name) + 3})
        self.assertGreaterEqual(
            choose(demands, dearer, **more).plan.cost, choose(demands, houses, **more).plan.cost - 1e-6
        )


# ---------------------------------------------------------------- against a MIP solver
def big_order(seed, warehouses, demands):
    dice = random.Random(seed)
    houses = [
        Warehouse(id_, 0, dice.uniform(2, 12), dice.uniform(0.1, 2), dice.uniform(0.05, 0.9))
        for id_ in range(1, warehouses + 1)
    ]
    wanted = []
    for key in range(demands):
        sources = tuple(
            Source(house.id, dice.choice([0, 0, 2, 4, 9, 30]), 1, dice.choice([None, 8]), dice.random())
            for house in dice.sample(houses, dice.randint(2, warehouses))
        )
        need = dice.randint(1, 12)
        # Only what can be in time: the dates have their own tests.
        if sum(source.free for source in sources) < need:
            sources = (*sources[1:], sources[0]._replace(free=need))
        wanted.append(Demand(key, need, sources, dice.uniform(0, 20), 3))
    return wanted, houses


def by_solver(demands, houses, split_penalty, balance):
    """Return the least cost HiGHS finds: y = a warehouse is used, b = a piece, z = how much of it."""
    pieces = [(demand, source) for demand in demands for source in demand.sources if source.free]
    singles = {
        demand.key for demand in demands if any(source.free >= demand.need for source in demand.sources)
    }
    house_at = {house.id: at for at, house in enumerate(houses)}
    first_b, first_z = len(houses), len(houses) + len(pieces)
    width = len(houses) + 2 * len(pieces)
    cost, upper = numpy.zeros(width), numpy.ones(width)
    rows, low, high = [], [], []

    def row(values, least, most):
        line = numpy.zeros(width)
        for at, value in values:
            line[at] += value
        rows.append(line), low.append(least), high.append(most)

    for at, house in enumerate(houses):
        cost[at] = house.fixed + split_penalty
    for at, (demand, source) in enumerate(pieces):
        house = houses[house_at[source.warehouse]]
        cost[first_b + at] = house.per_line
        cost[first_z + at] = (house.per_kg * demand.weight + balance * source.scarcity) / demand.need
        upper[first_z + at] = min(source.free, demand.need)
        most = upper[first_z + at]
        row([(first_z + at, 1), (first_b + at, -most)], -numpy.inf, 0)
        row([(first_b + at, 1), (house_at[source.warehouse], -1)], -numpy.inf, 0)
        if demand.key in singles:
            row([(first_z + at, 1), (first_b + at, -demand.need)], 0, 0)
    for demand in demands:
        mine = [first_z + at for at, (owner, _source) in enumerate(pieces) if owner.key == demand.key]
        row([(at, 1) for at in mine], demand.need, demand.need)
    found = milp(
        cost,
        constraints=LinearConstraint(numpy.array(rows), low, high),
        integrality=numpy.ones(width),
        bounds=Bounds(numpy.zeros(width), upper),
        options={"mip_rel_gap": 1e-9},
    )
    return found.fun - split_penalty


class TestAgainstASolver(unittest.TestCase):
    def test_eight_warehouses_and_fifty_lines(self):
        for seed in range(12):
            demands, houses = big_order(seed, 8, 50)
            choice = choose(demands, houses, split_penalty=4.0, balance=3.0)
            with self.subTest(seed=seed):
                self.assertTrue(choice.is_exact)
                self.assertAlmostEqual(choice.plan.cost, by_solver(demands, houses, 4.0, 3.0), places=4)

    def test_beyond_that_it_says_how_far_off_it_can_be(self):
        """Twenty warehouses: never below the bound, hardly ever above the best."""
        off = []
        for seed in range(8):
            demands, houses = big_order(100 + seed, 20, 25)
            choice = choose(demands, houses, split_penalty=4.0, balance=3.0)
            best = by_solver(demands, houses, 4.0, 3.0)
            with self.subTest(seed=seed):
                self.assertLessEqual(choice.bound, best + 1e-6)
                self.assertGreaterEqual(choice.plan.cost, best - 1e-6)
            off.append(choice.plan.cost / best - 1)
        self.assertLess(max(off), 0.05)
        self.assertLess(sum(off) / len(off), 0.01)

    def test_put_together_from_very_many(self):
        houses = [Warehouse(id_, 0, 5.0, 1.0 + id_ / 10) for id_ in range(1, 21)]
        sources = tuple(stock(house.id, 2 + house.id % 3, whole=9) for house in houses)
        choice = choose([Demand(1, 12, sources, latest=2)], houses, split_penalty=1.0)
        self.assertEqual(sum(piece.quantity for piece in choice.plan.pieces), 12)
        self.assertEqual(len(choice.plan.warehouses), 3)
        self.assertLess(choice.bound, choice.plan.cost)
        self.assertFalse(choice.is_exact)

    def test_it_takes_milliseconds(self):
        small = [big_order(seed, 8, 3) for seed in range(200)]
        large = [big_order(seed, 8, 50) for seed in range(20)]
        self.assertLess(self.seconds_each(small), 0.01, "a loose bound: the benchmark measures")
        self.assertLess(self.seconds_each(large), 0.2)

    @staticmethod
    def seconds_each(orders_):
        before = process_time()
        for demands, houses in orders_:
            choose(demands, houses, split_penalty=4.0, balance=3.0)
        return (process_time() - before) / len(orders_)
