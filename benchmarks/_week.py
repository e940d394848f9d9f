"""A week of real orders and what was made up to them, so that they can be dispatched.

The file has orders only. Made up, always the same for the same file: British customers live in four areas
(London 30 %, South 25 %, Midlands 25 %, North 20 %), all others in Europe or the world. Each area has a route
with fixed departures. The warehouse works Monday to Friday from eight to five and takes two hours to pack;
one order in ten waits one to five working days for goods. One article weighs 20 to 500 g; a parcel takes
20 kg. What is more than 12 parcels goes by pallet and is no part of this. A departure has room for as many
parcels as its route has to send on average, times what is asked for, and at least for 12.

5 % of the orders are urgent: they have to leave with the first departure after they are packed. Of the others
a tenth has no promise; the rest has to leave with that one (30 %), the next (40 %) or the one after (30 %).
Customers are of tier A (10 %), B (30 %) or C, with 100, 50 and 10 points.
"""

import os
from collections import defaultdict
from datetime import datetime, time, timedelta

from _month import draw
from engine.consignment import Capacity, Departure
from engine.dispatch_trial import Sale, parcels

URGENT = float(os.environ.get("BENCH_URGENT", 0.05))
OPENS, CLOSES = 8, 17
HANDLING = timedelta(hours=2)
LEAVES = timedelta(hours=1)  # after the cut-off
AREAS = ("London", "South", "Midlands", "North")
SHARES = (0.30, 0.55, 0.80, 1.0)
ROUTES = (*AREAS, "Europe", "World")
EVERY = (0, 1, 2, 3, 4)
# Cut-offs: (weekdays, hour)
SLOTS = {
    "London": [(EVERY, 11), (EVERY, 15)],
    "South": [(EVERY, 15)],
    "Midlands": [(EVERY, 15)],
    "North": [(EVERY, 14)],
    "Europe": [((0, 2, 4), 13)],
    "World": [((1, 3), 12)],
}
BY_PALLET = 12  # parcels
RUN_OUT = 21  # days after the last order in which there are still departures
TIERS = ((0.1, 100), (0.4, 50), (1.0, 10))
SLACK = ((0.3, 0), (0.7, 1), (1.0, 2))


def choose(table, number):
    return next(value for limit, value in table if number < limit)


def area(order):
    customer = order.customer or f"walk-in {order.ref}"
    if order.country == "United Kingdom":
        return ROUTES.index(choose(tuple(zip(SHARES, AREAS, strict=True)), draw("area", customer)))
    return ROUTES.index("Europe" if draw(order.country) < 0.8 else "World")


class Week:
    """Orders and departures of some days."""

    def __init__(self, orders, room):
        all_orders = sorted(orders, key=lambda order: (order.date, order.ref))
        self.weights = {order.ref: self._weight(order) for order in all_orders}
        self.orders = [order for order in all_orders if self._parcels(order) <= BY_PALLET]
        self.by_pallet = len(all_orders) - len(self.orders)
        self.first, self.last = self.orders[0].date, self.orders[-1].date
        self.room = self._room(room)
        self.departures = self._departures()
        self.sales = [self._sale(number, order) for number, order in enumerate(self.orders)]

    def _parcels(self, order):
        return parcels(self.weights[order.ref])

    @staticmethod
    def _weight(order):
        return max(
            1, round(sum((20 + 480 * draw("weight", line.sku)) * line.quantity for line in goods(order)))
        )

    def _days(self, more=0):
        number = (self.last.date() - self.first.date()).days + 1 + more
        return [self.first.date() + timedelta(days=n) for n in range(number)]

    def _slots(self, more=0):
        for day in self._days(more):
            for route, slots in SLOTS.items():
                for weekdays, hour in slots:
                    if day.weekday() in weekdays:
                        yield ROUTES.index(route), datetime.combine(day, time(hour))

    def _room(self, times):
        """Return how many parcels a departure of each route takes."""
        wanted, leaving = defaultdict(list), defaultdict(int)
        for order in self.orders:
            wanted[area(order)].append(self._parcels(order))
        for route, _cut_off in self._slots():
            leaving[route] += 1
        return {
            route: max(BY_PALLET, round(times * sum(of_route) / max(leaving[route], 1)))
            for route, of_route in wanted.items()
        }

    def _departures(self):
        return [
            Departure(n, route, cut_off, cut_off + LEAVES, Capacity(self.room.get(route, BY_PALLET)))
            for n, (route, cut_off) in enumerate(sorted(self._slots(RUN_OUT), key=lambda slot: slot[::-1]))
        ]

    def _sale(self, number, order):
        route, weight, ready = area(order), self.weights[order.ref], self._packed(order)
        leaving = [d.departs for d in self.departures if d.route == route and d.cut_off >= ready]
        urgent, due = draw("urgent", order.ref) < URGENT, None
        if urgent:
            due = leaving[0]
        elif draw("promised", order.ref) >= 0.1:
            due = leaving[choose(SLACK, draw("slack", order.ref))]
        customer = order.customer or f"walk-in {order.ref}"
        value = sum(line.quantity * line.price for line in goods(order))
        tier = choose(TIERS, draw("tier", customer))
        return Sale(number, route, customer, order.date, ready, weight, urgent, due, tier, value)

    def _packed(self, order):
        begin = order.date
        if draw("waits", order.ref) < 0.1:
            for _day in range(1 + int(draw("days", order.ref) * 5)):
                begin = working(begin + timedelta(days=1))
        left, at = HANDLING, working(begin)
        closes = datetime.combine(at.date(), time(CLOSES))
        if closes - at >= left:
            return at + left
        left -= closes - at
        return working(closes) + left


def working(moment):
    """Return the moment, or when work begins next."""
    opens, closes = (datetime.combine(moment.date(), time(hour)) for hour in (OPENS, CLOSES))
    if moment.weekday() < 5 and moment < closes:
        return max(moment, opens)
    following = datetime.combine(moment.date() + timedelta(days=1), time(OPENS))
    return working(following)


def goods(order):
    return [line for line in order.lines if line.bucket.value in ("goods", "repeated", "zero_price")]
