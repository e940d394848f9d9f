"""Days of departures played with values, to see what a way of deciding is good for.

    orders come in  ->  at each cut-off it is decided what leaves  ->  what stays waits for the next

A *way* is asked at the cut-off of a departure what of the orders that are known leaves with it. Two are
here: ``first_come``, and ``by_priority``, which is what the addon does (``priority.py``, ``schedule.py``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from math import ceil
from typing import NamedTuple

from .consignment import Consignment, Departure, Load
from .priority import Facts, Weights, score
from .schedule import plan

PARCEL = 20_000  # grams that go into one parcel
NOTHING = timedelta()


@dataclass(frozen=True)
class Sale:
    """An order: where it goes, when it was placed and is packed, by when it has to leave (None: whenever)."""

    key: int
    route: int
    address: str
    placed: datetime
    ready: datetime
    weight: int
    urgent: bool = False
    due: datetime | None = None
    tier: int = 0
    value: float = 0.0

    @property
    def load(self) -> Load:
        """Its parcels, and their weight."""
        return Load(parcels(self.weight), self.weight)


class Moment(NamedTuple):
    """What is known when a departure is closed: it, those of its route after it, and what has not left.

    ``missed``: how many departures each order was packed for and not on.
    """

    departure: Departure
    later: Sequence[Departure]
    waiting: Sequence[Sale]
    missed: dict[int, int]


Way = Callable[[Moment], Iterable[Sale]]


@dataclass
class Played:
    """Which departure each order left with; None: with none of those that were played."""

    sales: Sequence[Sale]
    departures: Sequence[Departure]
    left: dict[int, Departure] = field(default_factory=dict)

    def of(self, urgent: bool | None = None, promised: bool = False) -> list[Sale]:
        """Return the urgent orders, the others, or all; or only those that something was promised for."""
        return [
            sale
            for sale in self.sales
            if (urgent is None or sale.urgent is urgent) and (sale.due or not promised)
        ]

    def lateness(self, sale: Sale) -> timedelta:
        """Return by how much an order has left too late."""
        if sale.due is None or sale.key not in self.left:
            return NOTHING
        return max(self.left[sale.key].departs - sale.due, NOTHING)

    def on_time(self, sales: Sequence[Sale]) -> float:
        """Return the share of these that has left in time, in percent."""
        good = sum(sale.key in self.left and self.lateness(sale) == NOTHING for sale in sales)
        return 100 * good / len(sales) if sales else 100.0

    def waited(self, sales: Sequence[Sale]) -> float:
        """Return the mean of hours between packed and left."""
        spans = [self.left[sale.key].departs - sale.ready for sale in sales if sale.key in self.left]
        return sum(spans, NOTHING).total_seconds() / 3600 / len(spans) if spans else 0.0

    def fill(self, until: datetime) -> float:
        """Return how full the departures up to a moment were, in percent of the parcels they had room for."""
        room = {
            d.key: d.capacity.parcels for d in self.departures if d.departs <= until and d.capacity.parcels
        }
        loads = [sale.load.parcels for sale in self.sales if self._departure_key(sale) in room]
        return 100 * sum(loads) / sum(room.values()) if room else 0.0

    def saved(self) -> int:
        """Return how many parcels fewer they are because what goes to one address goes as one."""
        together = defaultdict(list)
        for sale in self.sales:
            if sale.key in self.left:
                together[self.left[sale.key].key, sale.address].append(sale)
        return sum(
            sum(sale.load.parcels for sale in some) - parcels(sum(sale.weight for sale in some))
            for some in together.values()
        )

    def _departure_key(self, sale):
        departure = self.left.get(sale.key)
        return departure and departure.key


def parcels(weight: int) -> int:
    """Return how many parcels so many grams are."""
    return max(ceil(weight / PARCEL), 1)


def play(sales: Sequence[Sale], departures: Sequence[Departure], way: Way) -> Played:
    """Play all departures, in the order of their cut-offs, deciding in one way."""
    result = Played(sales, departures)
    missed: dict[int, int] = defaultdict(int)
    for departure in sorted(departures, key=lambda one: (one.cut_off, one.order)):
        waiting = [
            sale
            for sale in sales
            if sale.route == departure.route
            and sale.placed <= departure.cut_off
            and sale.key not in result.left
        ]
        later = [one for one in departures if one.route == departure.route and one.order > departure.order]
        leaving = list(way(Moment(departure, later, waiting, missed)))
        _check(departure, leaving)
        result.left.update((sale.key, departure) for sale in leaving)
        for sale in waiting:
            missed[sale.key] += sale.ready <= departure.cut_off and sale.key not in result.left
    return result


def _check(departure, leaving):
    if any(sale.ready > departure.cut_off for sale in leaving):
        raise ValueError("Something leaves that is not packed.")
    if departure.capacity.short_of(sum((sale.load for sale in leaving), Load(0))):
        raise ValueError("More leaves than there is room for.")


# ---------------------------------------------------------------- ways of deciding
def first_come(moment: Moment) -> list[Sale]:
    """Return those placed first, as far as they fit; whoever does not fit is passed by smaller ones."""
    load, leaving = Load(0), []
    packed = [sale for sale in moment.waiting if sale.ready <= moment.departure.cut_off]
    for sale in sorted(packed, key=lambda sale: (sale.placed, sale.key)):
        if not moment.departure.capacity.short_of(load + sale.load):
            load += sale.load
            leaving.append(sale)
    return leaving


def by_priority(weights: Weights = Weights(), wait_days: int = 1, horizon: int = 12) -> Way:  # noqa: B008
    """Return the way of the addon: scores, then a plan over the next departures, of which this one leaves."""
    return partial(_planned, weights=weights, wait_days=wait_days, horizon=horizon)


def _planned(moment, weights, wait_days, horizon):
    now = moment.departure.cut_off
    consignments = [
        Consignment(
            key=sale.key,
            route=sale.route,
            ready=sale.ready,
            load=sale.load,
            urgent=sale.urgent,
            score=score(_facts(sale, now, moment.missed[sale.key]), weights).value,
            due=sale.due,
            address=sale.address,
        )
        for sale in moment.waiting
    ]
    placements = plan(consignments, [moment.departure, *moment.later[:horizon]], wait_days)
    leaving = {placement.key for placement in placements if placement.departure == moment.departure.key}
    return [sale for sale in moment.waiting if sale.key in leaving]


def _facts(sale, now, missed):
    return Facts(
        urgent=sale.urgent,
        slack=(sale.due - now).total_seconds() / 3600 if sale.due else None,
        tier=sale.tier,
        age=(now - sale.placed).total_seconds() / 3600,
        missed=missed,
        value=sale.value,
    )
