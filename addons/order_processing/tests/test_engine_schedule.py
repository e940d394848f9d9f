from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.order_processing.engine.consignment import Capacity, Code, Consignment, Departure, Load
from odoo.addons.order_processing.engine.schedule import plan

MONDAY = datetime(2027, 1, 11)
NORTH, SOUTH = 1, 2


def at(day, hour):
    return MONDAY + timedelta(days=day, hours=hour)


def daily(days=5, capacity=None, route=NORTH):
    """A departure each day at four, packed by three; keys 10, 11, …"""
    return [
        Departure(route * 10 + day, route, at(day, 15), at(day, 16), capacity or Capacity())
        for day in range(days)
    ]


def one(key, ready=None, **vals):
    return Consignment(key, vals.pop("route", NORTH), ready or at(0, 9), **vals)


def where(placements):
    return {placement.key: placement.departure for placement in placements}


def code(placements, key):
    return next(placement.code for placement in placements if placement.key == key)


@tagged("post_install", "-at_install")
class TestSchedule(BaseCase):
    """Small days, each about one rule."""

    def test_the_next_departure_it_can_make(self):
        found = plan([one(1), one(2, at(0, 15)), one(3, at(0, 16))], daily())
        self.assertEqual(where(found), {1: 10, 2: 10, 3: 11})
        self.assertEqual([p.code for p in found], [Code.NEXT, Code.NEXT, Code.CUT_OFF])
        self.assertEqual(found[2].figures["missed"], at(0, 16))

    def test_the_urgent_take_the_room_first_then_the_score(self):
        room = Capacity(parcels=1)
        found = plan([one(1, score=90), one(2, score=10, urgent=True), one(3, score=95)], daily(5, room))
        self.assertEqual(where(found), {2: 10, 3: 11, 1: 12})
        figures = found[0].figures
        self.assertEqual((figures["short_of"], figures["took"]), ("parcels", [2]))

    def test_what_waits_for_goods_leaves_after_they_came(self):
        found = plan([one(1, at(2, 10), waits=True), one(2, waits=True)], daily())
        self.assertEqual(where(found), {1: 12, 2: 10})
        unknown = plan([replace(one(3), ready=None, waits=True)], daily())
        self.assertEqual((unknown[0].departure, unknown[0].code), (None, Code.NO_DATE))

    def test_a_customer_who_wants_it_later(self):
        self.assertEqual(where(plan([one(1, not_before=at(2, 0), due=at(2, 16))], daily())), {1: 12})
        twice_a_week = [daily()[0], daily()[4]]
        early = plan([one(1, not_before=at(2, 0), due=at(2, 16))], twice_a_week)
        self.assertEqual(where(early), {1: 10}, "rather early than late")

    def test_what_fits_nowhere_is_seen_and_takes_no_room(self):
        found = plan([one(1, load=Load(9), score=99), one(2, load=Load(3))], daily(2, Capacity(parcels=3)))
        self.assertEqual(where(found), {1: None, 2: 10})
        self.assertEqual(found[0].code, Code.OUTSIZE)
        self.assertEqual((found[0].figures["need"], found[0].figures["limit"]), (9, 3))

    def test_full_as_far_as_can_be_seen(self):
        found = plan([one(n) for n in range(3)], daily(2, Capacity(parcels=1)))
        self.assertEqual((found[2].departure, found[2].code), (None, Code.NO_DEPARTURE))

    def test_what_people_fixed_stays_over_capacity_too(self):
        found = plan([one(1, fixed=10), one(2, fixed=10), one(3)], daily(3, Capacity(parcels=1)))
        self.assertEqual(where(found), {1: 10, 2: 10, 3: 11})

    # ---------------------------------------------------------------- together
    def test_the_earlier_one_waits_a_day_for_its_neighbour(self):
        found = plan([one(1, address="a"), one(2, at(1, 10), address="a")], daily())
        self.assertEqual(where(found), {1: 11, 2: 11})
        self.assertEqual((found[0].code, found[0].joined, found[1].joined), (Code.JOINED, 1, 1))

    def test_it_does_not_wait_past_its_promise_or_too_long_or_when_urgent(self):
        late = one(2, at(1, 10), address="a")
        for first in (
            one(1, address="a", due=at(0, 20)),
            one(1, address="a", urgent=True),
            one(1, address="a", may_join=False),
            one(1, address="b"),
        ):
            self.assertEqual(where(plan([first, late], daily())), {1: 10, 2: 11}, first)
        self.assertEqual(where(plan([one(1, address="a"), one(2, at(2, 10), address="a")], daily()))[1], 10)
        self.assertEqual(where(plan([one(1, address="a"), late], daily(), wait_days=0))[1], 10)

    def test_the_room_of_the_one_that_waits_is_used(self):
        shop = [one(1, address="a", score=9), one(2, at(1, 10), address="a"), one(3, score=1)]
        found = plan(shop, [replace(d, capacity=Capacity(parcels=2 if d.key == 11 else 1)) for d in daily()])
        self.assertEqual(where(found), {1: 10, 2: 11, 3: 11}, "the day it would wait for is full")
        roomy = [replace(d, capacity=Capacity(parcels=3 if d.key == 11 else 1)) for d in daily()]
        self.assertEqual(where(plan(shop, roomy)), {1: 11, 2: 11, 3: 10})


hours = st.integers(0, 6 * 24).map(lambda hour: at(0, hour))
capacities = st.builds(
    Capacity, st.none() | st.integers(0, 6), st.none() | st.integers(0, 20), st.none() | st.integers(0, 20)
)
loads = st.builds(Load, st.integers(1, 3), st.integers(0, 8), st.integers(0, 8))


@st.composite
def weeks(draw, addresses=("a", "b", None), fixed=False):
    number = draw(st.integers(1, 5))
    departures = []
    for key in range(draw(st.integers(1, 7))):
        leaves = draw(hours)
        cut_off = leaves - timedelta(hours=draw(st.integers(0, 5)))
        departures.append(Departure(key, draw(st.integers(1, 2)), cut_off, leaves, draw(capacities)))
    goods = [
        Consignment(
            100 + key,
            draw(st.integers(1, 2)),
            draw(hours),
            draw(loads),
            draw(st.booleans()),
            draw(st.integers(0, 3)),
            draw(st.none() | hours),
            address=draw(st.sampled_from(addresses)),
        )
        for key in range(number * 3)
    ]
    return goods, departures


def loads_of(goods, placements):
    places = where(placements)
    sums = {}
    for parcel in goods:
        sums[places[parcel.key]] = sums.get(places[parcel.key], Load(0)) + parcel.load
    return sums


def make_it(parcel, departures):
    return [d for d in departures if d.route == parcel.route and d.cut_off >= parcel.ready]


@tagged("post_install", "-at_install")
class TestScheduleProperties(BaseCase):
    """What holds for every plan."""

    @given(weeks())
    @settings(max_examples=300, deadline=None)
    def test_no_departure_over_capacity_and_nothing_lost(self, week):
        goods, departures = week
        found = plan(goods, departures)
        self.assertEqual([p.key for p in found], sorted(parcel.key for parcel in goods))
        by_key = {d.key: d for d in departures}
        for key, load in loads_of(goods, found).items():
            if key is not None:
                self.assertIsNone(by_key[key].capacity.short_of(load))
        for parcel, placement in zip(goods, found, strict=True):
            if placement.departure is None:
                self.assertIn(placement.code, (Code.OUTSIZE, Code.NO_DEPARTURE))
            else:
                self.assertIn(by_key[placement.departure], make_it(parcel, departures))

    @given(weeks(), st.randoms(use_true_random=False))
    @settings(max_examples=200, deadline=None)
    def test_the_order_of_the_input_changes_nothing(self, week, dice):
        goods, departures = week
        first = plan(goods, departures)
        dice.shuffle(goods)
        dice.shuffle(departures)
        self.assertEqual(plan(goods, departures), first)

    @given(weeks())
    @settings(max_examples=300, deadline=None)
    def test_the_urgent_are_never_behind_a_normal_one(self, week):
        """In no earlier departure an urgent one could have made is a normal one in its place."""
        goods, departures = week
        places = where(plan(goods, departures))
        for urgent in (parcel for parcel in goods if parcel.urgent):
            for departure in make_it(urgent, departures):
                mine = places[urgent.key]
                if mine is None or before(departure, departures, mine):
                    others = [g for g in goods if places[g.key] == departure.key and g.urgent]
                    load = sum((other.load for other in others), urgent.load)
                    # Even if all normal ones stepped back there would be no room.
                    self.assertIsNotNone(departure.capacity.short_of(load))

    @given(weeks())
    @settings(max_examples=300, deadline=None)
    def test_no_departure_is_missed_while_there_is_room(self, week):
        goods, departures = week
        found = plan(goods, departures)
        loads = loads_of(goods, found)
        by_key = {p.key: p for p in found}
        for parcel in goods:
            mine = by_key[parcel.key]
            if mine.joined is not None:
                continue
            for departure in make_it(parcel, departures):
                if mine.departure is None or before(departure, departures, mine.departure):
                    load = loads.get(departure.key, Load(0)) + parcel.load
                    self.assertIsNotNone(departure.capacity.short_of(load))

    @given(weeks())
    @settings(max_examples=300, deadline=None)
    def test_joining_makes_nobody_late(self, week):
        goods, departures = week
        leaves = {d.key: d.departs for d in departures}
        alone, together = where(plan(goods, departures, 0)), where(plan(goods, departures, 2))
        for parcel in goods:
            before_, after = alone[parcel.key], together[parcel.key]
            if before_ is None:
                continue
            self.assertIsNotNone(after)
            if parcel.due and leaves[before_] <= parcel.due:
                self.assertLessEqual(leaves[after], parcel.due)
            self.assertLessEqual(leaves[after] - leaves[before_], timedelta(days=2))
            if parcel.urgent:
                self.assertEqual(after, before_)

    @given(weeks(addresses=(None,)), st.randoms(use_true_random=False))
    @settings(max_examples=200, deadline=None)
    def test_releasing_part_of_a_plan_moves_nothing_else(self, week, dice):
        goods, departures = week
        places = where(plan(goods, departures))
        released = [
            replace(g, fixed=places[g.key]) if places[g.key] is not None and dice.random() < 0.4 else g
            for g in goods
        ]
        self.assertEqual(where(plan(released, departures)), places)

    @given(weeks())
    @settings(max_examples=200, deadline=None)
    def test_a_plan_that_is_all_released_stays(self, week):
        goods, departures = week
        found = plan(goods, departures)
        places = where(found)
        fixed = [replace(g, fixed=places[g.key]) for g in goods if places[g.key] is not None]
        again = plan(fixed, departures)
        self.assertEqual(where(again), {g.key: places[g.key] for g in fixed})
        self.assertEqual(
            {p.key: p.joined for p in again}, {p.key: p.joined for p in found if p.departure is not None}
        )


def before(one, departures, key):
    """Whether a departure leaves before the one with this key."""
    other = next(d for d in departures if d.key == key)
    return (one.departs, one.cut_off, one.key) < (other.departs, other.cut_off, other.key)
