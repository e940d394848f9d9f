"""Which consignment leaves with which departure.

The plan in four steps, each of which only needs what the one before it leaves::

    what people fixed  ->  urgent, then by score  ->  wait for the neighbour  ->  use the room that is left
    (released, moved)      each takes the first       (same address, within       (nobody gets later by it)
                           departure it can make      its promise)

Everything is decided by values, the order of the input does not matter, and there is no memory: asked again
with the same facts it gives the same plan, and what it has planned can be fixed without the rest moving.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from .consignment import FOREVER, Code, Consignment, Departure, Load, Placement

# So many of those that took the room are named; the reader wants examples, not a list.
NAMED = 3


@dataclass
class _Vehicle:
    """A departure while it is being filled."""

    departure: Departure
    members: dict[int, Consignment] = field(default_factory=dict)
    load: Load = Load(0)

    def short_of(self, load: Load) -> str | None:
        return self.departure.capacity.short_of(self.load + load)

    def put(self, consignment: Consignment):
        self.members[consignment.key] = consignment
        self.load += consignment.load

    def take(self, consignment: Consignment):
        del self.members[consignment.key]
        self.load = Load(*(a - b for a, b in zip(self.load, consignment.load, strict=True)))


def plan(
    consignments: Iterable[Consignment], departures: Iterable[Departure], wait_days: int = 1
) -> list[Placement]:
    """Return the placement of every consignment, in the order of their keys.

    ``wait_days``: so long may one wait for another to the same address.
    """
    return _Plan(consignments, departures, wait_days).decide()


class _Plan:
    def __init__(self, consignments, departures, wait_days):
        self.consignments = sorted(consignments, key=lambda one: one.rank)
        self.vehicles = {one.key: _Vehicle(one) for one in sorted(departures, key=lambda one: one.order)}
        self.wait = timedelta(days=wait_days)
        self.of_route = defaultdict(list)
        for vehicle in self.vehicles.values():
            self.of_route[vehicle.departure.route].append(vehicle)
        self.place: dict[int, _Vehicle | None] = {}
        self.reasons: dict[int, tuple[Code, dict]] = {}
        self.freed: set[int] = set()  # routes
        self.named: dict[int, list[int]] = {}

    def decide(self):
        for one in self.consignments:
            if one.fixed is not None:
                self._fix(one)
        for one in self.consignments:
            if one.fixed is None:
                self._choose(one)
        if self.wait:
            self._join()
        self._use_free_room()
        return self._placements()

    # ---------------------------------------------------------------- one after the other
    def _fix(self, one):
        vehicle = self.vehicles.get(one.fixed)  # None: it has left, or does not run
        self._put(one, vehicle)
        self.reasons[one.key] = Code.FIXED, {}

    def _put(self, one, vehicle):
        self.place[one.key] = vehicle
        if vehicle:
            vehicle.put(one)

    def _choose(self, one):
        """The first departure it can make and that has room."""
        full = None
        for vehicle in self._preferred(one):
            short = vehicle.short_of(one.load)
            if not short:
                self._put(one, vehicle)
                self.reasons[one.key] = self._reason(one, vehicle, full)
                return
            if full is None or full[0].departure.order > vehicle.departure.order:
                full = vehicle, short
        self._put(one, None)
        self.reasons[one.key] = self._reason_for_none(one, full)

    def _preferred(self, one):
        """The departures it can make, the best first.

        As early as can be. Where the customer wants it later: the first on or after his day that keeps the
        promise, else the last before it, and only then one that is late.
        """
        if one.ready is None:
            return []
        found = [v for v in self.of_route[one.route] if v.departure.cut_off >= one.ready]
        if one.not_before is None:
            return found
        due = one.due or FOREVER
        later = [v for v in found if v.departure.departs >= one.not_before]
        early = [v for v in found if v.departure.departs < one.not_before]
        kept = [v for v in later if v.departure.departs <= due]
        return kept + early[::-1] + later[len(kept) :]

    def _reason(self, one, vehicle, full):
        if full:
            return Code.FULL, self._full_figures(one, *full)
        departure = vehicle.departure
        if one.waits:
            return Code.WAITS, {"ready": one.ready}
        all_of_route = [other.departure for other in self.of_route[one.route]]
        earlier = [other for other in all_of_route if other.order < departure.order]
        if one.not_before and any(other.cut_off >= one.ready for other in earlier):
            return Code.WANTED, {"wanted": one.not_before}
        missed = [other for other in earlier if other.cut_off < one.ready]
        if missed:
            last = missed[-1]
            return Code.CUT_OFF, {"ready": one.ready, "cut_off": last.cut_off, "missed": last.departs}
        return Code.NEXT, {}

    def _full_figures(self, one, vehicle, short):
        index = Load._fields.index(short)
        limit = vehicle.departure.capacity[index]
        return {
            "missed": vehicle.departure.departs,
            "short_of": short,
            "limit": limit,
            "need": one.load[index],
            "took": vehicle,  # who that is, is known when all have chosen
        }

    def _reason_for_none(self, one, full):
        if one.ready is None:
            return Code.NO_DATE, {}
        largest = self._never_fits(one)
        if largest:
            return Code.OUTSIZE, largest
        if full:
            return Code.NO_DEPARTURE, {"ready": one.ready, **self._full_figures(one, *full)}
        return Code.NO_DEPARTURE, {"ready": one.ready}

    def _never_fits(self, one):
        """Figures of what it is too large for, where even an empty vehicle of the route is."""
        all_short = [v.departure.capacity.short_of(one.load) for v in self.of_route[one.route]]
        if not all_short or None in all_short:
            return None
        index = Load._fields.index(all_short[0])
        limits = [v.departure.capacity[index] for v in self.of_route[one.route]]
        largest = max((limit for limit in limits if limit is not None), default=None)
        return {"short_of": all_short[0], "limit": largest, "need": one.load[index]}

    # ---------------------------------------------------------------- same address together
    def _join(self):
        """Let those that leave first wait for their neighbours, where there is room and time."""
        for group in self._neighbours():
            clusters = defaultdict(list)
            for one in group:
                clusters[self.place[one.key].departure.order].append(one)
            bases = {one.key: self.place[one.key].departure.departs for one in group}
            self._join_clusters([clusters[order] for order in sorted(clusters)], bases)

    def _neighbours(self):
        """Consignments of one route and address that leave at different times; the best rank first."""
        groups = defaultdict(list)
        for one in self.consignments:
            vehicle = self.place[one.key]
            if vehicle and one.address is not None and one.may_join:
                groups[vehicle.departure.route, one.address].append(one)
        for group in groups.values():
            if len({self.place[one.key].departure.key for one in group}) > 1:
                yield group

    def _join_clusters(self, clusters, bases):
        for index, cluster in enumerate(clusters):
            for target in clusters[index + 1 :]:
                vehicle = self.place[target[0].key]
                if self._may_wait(cluster, vehicle, bases):
                    self._move(cluster, vehicle)
                    for one in cluster:
                        others = sorted(other.key for other in target)[:NAMED]
                        self.reasons[one.key] = (
                            Code.JOINED,
                            {"without": bases[one.key], "with": others},
                        )
                    target += cluster
                    break

    def _may_wait(self, cluster, vehicle, bases):
        departs = vehicle.departure.departs
        for one in cluster:
            if one.urgent or one.fixed is not None or departs > (one.due or FOREVER):
                return False
            if departs - bases[one.key] > self.wait:
                return False
        return not vehicle.short_of(_sum(cluster))

    def _move(self, units, vehicle):
        for one in units:
            old = self.place[one.key]
            self.freed.add(old.departure.route)
            old.take(one)
            self._put(one, vehicle)

    # ---------------------------------------------------------------- what waiting has left free
    def _use_free_room(self):
        """Let others have the room of those that wait; it moves nobody to a later departure."""
        while self.freed:
            routes, self.freed = self.freed, set()
            for unit in self._units(routes):
                self._pull(unit)

    def _units(self, routes):
        """What is at the same address in the same vehicle moves together or not at all; by rank."""
        units = {}
        for one in self.consignments:
            if one.route in routes and self.place[one.key]:
                together = one.address is not None and one.may_join
                key = (one.address, id(self.place[one.key])) if together else one.key
                units.setdefault(key, []).append(one)
        return [
            unit for unit in units.values() if not any(one.urgent or one.fixed is not None for one in unit)
        ]

    def _pull(self, unit):
        current = self.place[unit[0].key]
        preferred = [self._preferred(one) for one in unit]
        load = _sum(unit)
        for vehicle in preferred[0]:
            if vehicle is current:
                return
            liked = all(_better(vehicle, current, some) for some in preferred[1:])
            earlier = vehicle.departure.departs < current.departure.departs
            if liked and earlier and not vehicle.short_of(load):
                self._move(unit, vehicle)
                for one in unit:
                    self.reasons[one.key] = self._reason(one, vehicle, None)
                return

    # ---------------------------------------------------------------- the answer
    def _placements(self):
        joined = self._joined()
        return [
            Placement(
                one.key,
                vehicle.departure.key if (vehicle := self.place[one.key]) else None,
                self.reasons[one.key][0],
                self._named(self.reasons[one.key][1]),
                joined.get(one.key),
            )
            for one in sorted(self.consignments, key=lambda one: one.key)
        ]

    def _named(self, figures):
        """Name some of those that took the room, the first in rank."""
        if "took" not in figures:
            return figures
        vehicle = figures["took"]
        if vehicle.departure.key not in self.named:
            members = sorted(vehicle.members.values(), key=lambda one: one.rank)
            self.named[vehicle.departure.key] = [one.key for one in members[:NAMED]]
        return {**figures, "took": self.named[vehicle.departure.key]}

    def _joined(self):
        """Return ``{key: smallest key}`` of those that leave as one."""
        groups = defaultdict(list)
        for one in self.consignments:
            if one.address is not None and one.may_join and (vehicle := self.place[one.key]):
                groups[vehicle.departure.key, one.address].append(one.key)
        return {key: min(keys) for keys in groups.values() if len(keys) > 1 for key in keys}


def _sum(units):
    return sum((one.load for one in units), Load(0))


def _better(vehicle, current, preferred):
    """Whether a consignment with these preferences likes the vehicle more than its own."""
    return vehicle in preferred and preferred.index(vehicle) < preferred.index(current)
