from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..engine.consignment import Capacity, Departure
from ..engine.dispatch_trial import PARCEL, Sale, by_priority, first_come, parcels, play
from ..engine.made_up import draw

MONDAY = datetime(2027, 1, 11)
PLANNED = by_priority()


def day(number=0, hour=0):
    return MONDAY + timedelta(days=number, hours=hour)


def departures(room, days=8):
    """Two routes: one departs at noon and at four, the other at three, each day."""
    hours = [(0, 12), (0, 16), (1, 15)]
    return [
        Departure(3 * n + i, route, day(n, hour - 1), day(n, hour), Capacity(room))
        for n in range(days)
        for i, (route, hour) in enumerate(hours)
    ]


def first_after(ready, route, plan, later=0):
    return [d.departs for d in plan if d.route == route and d.cut_off >= ready][later]


def monday(orders, room):
    """Return what is sold on one day, made up: an order in twelve is urgent, customers come again."""
    plan, sales = departures(room), []
    for number in range(orders):
        chance = lambda what, number=number: draw(what, str(number))  # noqa: E731
        placed = day(0, 9 * chance("at"))
        ready, route = placed + timedelta(hours=2), int(2 * chance("route"))
        urgent = chance("urgent") < 1 / 12
        due = first_after(ready, route, plan, 0 if urgent else int(4 * chance("due")))
        address = str(int(orders * chance("customer")))
        weight = int(60_000 * chance("weight"))
        tier = int(100 * chance("tier"))
        sales.append(
            Sale(number, route, address, placed, ready, weight, urgent, due, tier, 900 * chance("value"))
        )
    return sales, plan


@tagged("post_install", "-at_install")
class TestADayOfDispatch(BaseCase):
    """The same day by first come, first served, and as the addon does it."""

    def test_a_crowded_monday(self):
        sales, plan = monday(120, room=24)
        first, ours = play(sales, plan, first_come), play(sales, plan, PLANNED)
        self.assertEqual((len(first.left), len(ours.left)), (120, 120))
        self.assertEqual(ours.on_time(ours.of(urgent=True)), 100)
        self.assertLess(first.on_time(first.of(urgent=True)), 60)
        self.assertGreater(ours.on_time(sales), first.on_time(sales) + 10)
        self.assertGreaterEqual(ours.saved(), first.saved())
        self.assertGreater(ours.fill(day(1)), 90)

    def test_with_room_enough_nothing_is_late(self):
        sales, plan = monday(60, room=200)
        for way in (first_come, PLANNED):
            played = play(sales, plan, way)
            self.assertEqual(played.on_time(sales), 100)

    def test_played_again_it_is_the_same(self):
        sales, plan = monday(80, room=20)
        self.assertEqual(play(sales, plan, PLANNED).left, play(sales[::-1], plan[::-1], PLANNED).left)

    def test_a_way_that_cheats_is_found_out(self):
        sales, plan = monday(40, room=6)
        unpacked = Sale(99, 0, "here", day(), day(3), 1)
        with self.assertRaisesRegex(ValueError, "not packed"):
            play([unpacked], plan, lambda moment: moment.waiting)
        with self.assertRaisesRegex(ValueError, "room"):
            play(sales, plan, lambda m: [s for s in m.waiting if s.ready <= m.departure.cut_off])

    @given(st.integers(1, 60), st.integers(1, 12), st.randoms())
    def test_first_come_is_never_better_for_the_urgent(self, count, room, random):
        """Of one parcel each: urgent orders are late by no more hours in all, and no fewer leave in time."""
        plan = departures(room, days=6)
        sales = []
        for number in range(count):
            placed = day(0, random.uniform(0, 30))
            ready, urgent = placed + timedelta(hours=2), random.random() < 0.3
            due = first_after(ready, 0, plan, 0 if urgent else random.randrange(4))
            tier, value = random.randrange(101), random.uniform(0, 5000)
            address = str(random.randrange(8))
            sales.append(Sale(number, 0, address, placed, ready, 100, urgent, due, tier, value))
        first, ours = play(sales, plan, first_come), play(sales, plan, PLANNED)
        late = [sum((p.lateness(s) for s in p.of(urgent=True)), timedelta()) for p in (first, ours)]
        left = [sum(s.key in p.left for s in p.of(urgent=True)) for p in (first, ours)]
        self.assertGreaterEqual(left[1], left[0])
        if left[0] == left[1]:
            self.assertLessEqual(late[1], late[0])
        self.assertGreaterEqual(ours.on_time(ours.of(urgent=True)), first.on_time(first.of(urgent=True)))

    def test_what_goes_to_one_address_is_fewer_parcels(self):
        plan = departures(room=9, days=1)
        half = PARCEL // 2
        sales = [Sale(n, 0, "here", day(), day(0, 1), half) for n in range(3)]
        self.assertEqual((parcels(half), play(sales, plan, PLANNED).saved()), (1, 1))
