"""The ways in which one demand of an order can be served: which are allowed, and what each costs by itself.

The rules and the cost model are those of :mod:`.sourcing`.
"""

from __future__ import annotations

from typing import NamedTuple

from .sourcing_search import Way

# A demand is put together from so many at most, unless it takes more: those that have the most.
MOST_PARTS = 8


class Warehouse(NamedTuple):
    """Where goods can be sent from; costs in the company's currency, to the order's address.

    ``sequence`` decides between equals: the smaller first. ``is_used``: something of the order comes
    from here whatever is decided, so its fixed cost and its parcel are there already.
    """

    id: int
    sequence: int = 0
    fixed: float = 0.0
    per_line: float = 0.0
    per_kg: float = 0.0
    is_used: bool = False


class Source(NamedTuple):
    """What one warehouse offers for a demand.

    ``free`` lies there now, in the units of ``Demand.need``, and arrives on day ``arrival``. All that is
    needed, with what comes in or can be got, arrives on day ``whole``; None where it never will. Days
    are whole numbers, of any calendar, the same for all.
    """

    warehouse: int
    free: int = 0
    arrival: int | None = None
    whole: int | None = None
    scarcity: float = 0.0


class Demand(NamedTuple):
    """What an order wants of one product.

    ``need``: whole units of whatever is counted, more than 0. ``weight``: of all of it, in kg.
    ``latest``: the last acceptable day of arrival, None for any. ``may_split``: it may come from
    several warehouses. A person's choice is a demand with one source only.
    """

    key: int
    need: int
    sources: tuple[Source, ...] = ()
    weight: float = 0.0
    latest: int | None = None
    may_split: bool = True


def earliest(demand: Demand) -> int | None:
    """Return the first day on which all of a demand can have arrived; None where that is never."""
    days = [_whole_day(demand, one) for one in demand.sources]
    if demand.may_split:
        days.append(_gathered_day(demand))
    return min((day for day in days if day is not None), default=None)


def _whole_day(demand: Demand, source: Source) -> int | None:
    """Return when all of it arrives from there: at once where it lies there, whatever comes in later."""
    days = [source.whole, source.arrival if source.free >= demand.need else None]
    return min((day for day in days if day is not None), default=None)


def _in_stock(demand: Demand) -> list[Source]:
    """Return the sources that have some of it, the earliest first."""
    return sorted(
        (one for one in demand.sources if one.free > 0 and one.arrival is not None),
        key=lambda one: one.arrival,
    )


def _gathered_day(demand: Demand) -> int | None:
    """Return when all of it can arrive from several together; None where they have not enough."""
    gathered = 0
    for one in _in_stock(demand):
        gathered += one.free
        if gathered >= demand.need:
            return one.arrival
    return None


class Options(NamedTuple):
    """How a demand can be served: ``ways`` are allowed, ``all_ways`` would be at any time."""

    ways: list[Way]
    all_ways: list[Way]
    was_narrowed: bool
    days_late: int = 0
    missing: int = 0
    bound_ways: list[Way] | None = None  # where not all ways are looked at: ways none of them can undercut


class Ways:
    """How demands can be served from some warehouses."""

    def __init__(self, warehouses: list[Warehouse], balance: float):
        """Take the warehouses in the order that decides between equals, and what balancing stock is worth."""
        self.warehouses, self.balance = warehouses, balance
        self.number = {warehouse.id: number for number, warehouse in enumerate(warehouses)}

    # ------------------------------------------------------------ what is allowed
    def of(self, demand: Demand) -> Options:
        """Return the ways a demand can be served, the most punctual only."""
        days = [(_whole_day(demand, one), one) for one in demand.sources]
        whole = [(self._days_late(demand, day), one) for day, one in days if day is not None]
        least = min((late for late, _one in whole), default=None)
        parts = self._parts(demand, least)
        if parts:
            kept, late = _largest(demand, parts), self._days_late(demand, parts[-1].arrival)
            ways = self._split_ways(demand, kept)
            all_ways = ways + self._whole_ways(demand, whole)
            return Options(
                ways,
                all_ways,
                bool(whole),
                late,
                bound_ways=self._bound_ways(demand, parts) if len(kept) < len(parts) else None,
            )
        if least is None:
            return self._nowhere(demand)
        best = [pair for pair in whole if pair[0] == least]
        all_ways = self._whole_ways(demand, whole)
        return Options(self._whole_ways(demand, best), all_ways, len(best) < len(whole), least)

    @staticmethod
    def _days_late(demand: Demand, arrival: int) -> int:
        return max(0, arrival - demand.latest) if demand.latest is not None else 0

    def _parts(self, demand: Demand, least: int | None) -> list[Source]:
        """Return the sources a demand is put together from, the earliest first; none where it is not.

        As many as are needed to be less late than any single warehouse, and all that are no later.
        """
        if not demand.may_split or least == 0:
            return []
        day = _gathered_day(demand)
        if day is None:
            return []
        late = self._days_late(demand, day)
        if least is not None and late >= least:
            return []
        return [one for one in _in_stock(demand) if self._days_late(demand, one.arrival) <= late]

    def _whole_ways(self, demand: Demand, pairs) -> list[Way]:
        return [self._way(demand, [(one, demand.need)]) for _late, one in pairs]

    def _nowhere(self, demand: Demand) -> Options:
        """Nobody ever has all of it: one warehouse, where the least is missing."""
        sources = demand.sources or (Source(self.warehouses[0].id),)
        missing = min(max(demand.need - one.free, 0) for one in sources)
        best = [one for one in sources if max(demand.need - one.free, 0) == missing]
        ways = [self._way(demand, [(one, demand.need)]) for one in best]
        return Options(ways, ways, False, 0, max(missing, 1))

    def _split_ways(self, demand: Demand, parts: list[Source]) -> list[Way]:
        """Return every set of sources that has enough and would not without one of them.

        The cheapest per unit give first; one that would give nothing is left out, as the set without
        it is among the others.
        """
        parts = sorted(parts, key=lambda one: (self._unit_cost(demand, one), self.number[one.warehouse]))
        after = [0] * (len(parts) + 1)
        for number in range(len(parts) - 1, -1, -1):
            after[number] = after[number + 1] + parts[number].free
        ways: list[Way] = []
        open_sets = [(0, demand.need, ())]
        while open_sets:
            number, rest, taken = open_sets.pop()
            if not rest:
                ways.append(self._way(demand, taken))
            elif after[number] >= rest:
                open_sets.append((number + 1, rest, taken))
                give = min(parts[number].free, rest)
                open_sets.append((number + 1, rest - give, (*taken, (parts[number], give))))
        return ways

    def _bound_ways(self, demand: Demand, parts: list[Source]) -> list[Way]:
        """Return ways that no set of the parts can undercut: all from one, at the least any of them takes.

        Two of them at least have to be gone to, as none has all of it.
        """
        unit = min(self._unit_cost(demand, one) for one in parts)
        line = min(self.warehouses[self.number[one.warehouse]].per_line for one in parts)
        cost = unit * demand.need + 2 * line
        numbers = [self.number[one.warehouse] for one in parts]
        return [Way(1 << number, cost, cost, 0.0, ((number, demand.need),)) for number in numbers]

    # ------------------------------------------------------------ what it costs
    def _unit_cost(self, demand: Demand, source: Source) -> float:
        warehouse = self.warehouses[self.number[source.warehouse]]
        return (warehouse.per_kg * demand.weight + self.balance * source.scarcity) / demand.need

    def _way(self, demand: Demand, taken) -> Way:
        """Return a way to serve the demand: who gives how much, and what that costs by itself."""
        mask, freight, balance, gives = 0, 0.0, 0.0, []
        for source, quantity in taken:
            number = self.number[source.warehouse]
            warehouse, share = self.warehouses[number], quantity / demand.need
            mask |= 1 << number
            freight += warehouse.per_line + warehouse.per_kg * demand.weight * share
            balance += self.balance * source.scarcity * share
            gives.append((number, quantity))
        return Way(mask, freight + balance, freight, balance, tuple(gives))


def _largest(demand: Demand, parts: list[Source]) -> list[Source]:
    """Return the parts that have the most: as many as it takes, and :data:`MOST_PARTS` at least."""
    if len(parts) <= MOST_PARTS:
        return parts
    ranked = sorted(parts, key=lambda one: (-min(one.free, demand.need), one.scarcity, one.warehouse))
    count, gathered = 0, 0
    while gathered < demand.need:
        gathered += ranked[count].free
        count += 1
    return ranked[: max(count, MOST_PARTS)]
