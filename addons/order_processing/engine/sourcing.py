"""Which warehouse each line of an order comes from.

**What it costs**, per order, in the company's currency. The model is separable: for a given set of
warehouses the lines do not influence each other, which is what makes an exact answer cheap::

    sum over warehouses used   of  fixed                       a parcel leaves from here at all
  + (warehouses used - 1)      *   split_penalty               the customer gets several parcels
  + sum over pieces of demands of  per_line                    somebody goes to the shelf for it
                                   + per_kg * weight
                                   + balance * scarcity * share of the demand

A *demand* is what an order wants of one product, however many of its lines that is: they share the
stock. A *piece* is what one warehouse gives for it. ``scarcity`` runs from 0 (plenty here) to 1 (the
last ones); so ``balance`` is what it is worth to spare a warehouse that has nothing to spare.

**What is allowed.** A demand comes from one warehouse when one can send all of it in time. Where none
can, it may be put together from what lies in several, when together they have it all in time; that is
the only case in which a demand is split. Where no way is in time, the least late by whole days; one
warehouse goes before several that are just as late. Where nobody can ever send all of it, it goes to
one warehouse: where the least is missing. These rules are applied demand by demand before any cost is
looked at, so a cheap late warehouse never beats a dear one in time; as each demand's lateness does not
depend on the others, the result has the least lateness of each, and so of the order.

**How good it is.** Exact up to :data:`EXACT_WAREHOUSES`, whatever the number of lines, and for more
warehouses while ``2 ** warehouses * demands`` stays below :data:`EXACT_STEPS`: all sets of warehouses
are weighed, and for a demand to be split all sets it could come from (for a given set, the cheapest
per unit give first, which is optimal for a linear cost). Beyond that: a local search, with a lower
bound by dual ascent (D. Erlenkotter, "A dual-based procedure for uncapacitated facility location",
Operations Research 26, 1978). ``Choice.bound`` tells how far from the best it can be at most. Of a demand
that more than :data:`MOST_PARTS` could be put together from, only those that have the most are looked at;
the bound holds for all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from operator import add
from typing import NamedTuple

from . import sourcing_search
from .sourcing_search import INFINITE, Way

EXACT_WAREHOUSES = 8
EXACT_STEPS = 2**8 * 64
# A demand is put together from so many at most, unless it takes more: those that have the most.
MOST_PARTS = 8
# Costs nearer to each other than this are the same: then fewer warehouses, then the order's own.
SAME_COST = 1e-7


class Code(str, Enum):
    """Why it is this warehouse."""

    ONLY = "only"  # no other could send it so early
    CHEAPEST = "cheapest"  # others could, for more
    IN_TIME = "in_time"  # another is cheaper, and too late
    SPLIT = "split"  # no warehouse alone has all of it
    LATE = "late"  # nobody can send it in time; this one is least late
    NOWHERE = "nowhere"  # nobody can ever send all of it; here the least is missing


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


class Piece(NamedTuple):
    """So much of a demand from this warehouse."""

    demand: int
    warehouse: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Who sends what, and what it costs: ``freight`` (fixed, line and weight), ``split``, ``balance``."""

    pieces: tuple[Piece, ...]
    warehouses: tuple[int, ...]
    freight: float
    split: float
    balance: float

    @property
    def cost(self) -> float:
        """Return the sum of all parts."""
        return self.freight + self.split + self.balance


@dataclass(frozen=True, slots=True)
class Choice:
    """What was decided for an order.

    ``runner_up``: the cheapest plan that is as punctual and does without one or more of the warehouses
    chosen. ``cheaper``: where a plan that is later would have cost less. ``days_late`` and ``missing``
    are by demand, 0 where it is in time and where nothing is missing. ``bound``: no plan can cost less;
    equal to the cost where the answer is exact.
    """

    plan: Plan
    codes: Mapping[int, Code]
    runner_up: Plan | None = None
    cheaper: Plan | None = None
    days_late: Mapping[int, int] = field(default_factory=dict)
    missing: Mapping[int, int] = field(default_factory=dict)
    bound: float = 0.0
    is_exact: bool = True


def choose(
    demands: Iterable[Demand],
    warehouses: Iterable[Warehouse],
    *,
    split_penalty: float = 0.0,
    balance: float = 0.0,
    home: int | None = None,
) -> Choice:
    """Return the cheapest of the most punctual plans.

    ``home``: the order's own warehouse; it is taken between equals, and for a demand nobody offers
    anything for. The order of demands, sources and warehouses does not matter.

    Raises ValueError where a demand has no source and there is no warehouse either, and where a cost
    is negative: then more warehouses could be cheaper than fewer, which is not what freight does.
    """
    problem = _Problem(demands, warehouses, split_penalty, balance, home)
    options = {demand.key: problem.options(demand) for demand in problem.demands}
    problem.bound_ways = {key: option.bound_ways for key, option in options.items() if option.bound_ways}
    solved = problem.solve({key: option.ways for key, option in options.items()})
    cheaper = None
    if any(option.was_narrowed for option in options.values()):
        any_time = problem.solve({key: option.all_ways or option.ways for key, option in options.items()})
        if any_time.plan.cost < solved.plan.cost - SAME_COST:
            cheaper = any_time.plan
    return Choice(
        plan=solved.plan,
        codes=problem.codes(options, solved, cheaper),
        runner_up=solved.runner_up,
        cheaper=cheaper,
        days_late={key: option.days_late for key, option in options.items()},
        missing={key: option.missing for key, option in options.items()},
        bound=solved.bound,
        is_exact=solved.is_exact,
    )


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


class _Options(NamedTuple):
    """How a demand can be served: ``ways`` are allowed, ``all_ways`` would be at any time."""

    ways: list[Way]
    all_ways: list[Way]
    was_narrowed: bool
    days_late: int = 0
    missing: int = 0
    bound_ways: list[Way] | None = None  # where not all ways are looked at: ways none of them can undercut


class _Solved(NamedTuple):
    plan: Plan
    runner_up: Plan | None
    bound: float
    is_exact: bool


class _Problem:
    """An order's demands and warehouses, in one order of things whatever order they were given in."""

    def __init__(self, demands, warehouses, split_penalty, balance, home):
        self.demands = sorted(demands, key=lambda demand: demand.key)
        self.warehouses = sorted(warehouses, key=lambda one: (one.id != home, one.sequence, one.id))
        self.number = {warehouse.id: number for number, warehouse in enumerate(self.warehouses)}
        self.split_penalty, self.balance = split_penalty, balance
        self.bound_ways: dict[int, list[Way]] = {}
        self.used = sum(1 << number for number, one in enumerate(self.warehouses) if one.is_used)
        costs = [cost for one in self.warehouses for cost in (one.fixed, one.per_line, one.per_kg)]
        if min(costs, default=0.0) < 0 or split_penalty < 0 or balance < 0:
            raise ValueError("Costs of sourcing are 0 or more")
        if self.demands and not self.warehouses:
            raise ValueError("There is no warehouse to send from")

    # ------------------------------------------------------------ what is allowed
    def options(self, demand: Demand) -> _Options:
        """Return the ways a demand can be served, the most punctual only."""
        days = [(_whole_day(demand, one), one) for one in demand.sources]
        whole = [(self._days_late(demand, day), one) for day, one in days if day is not None]
        least = min((late for late, _one in whole), default=None)
        parts = self._parts(demand, least)
        if parts:
            kept, late = _largest(demand, parts), self._days_late(demand, parts[-1].arrival)
            ways = self._split_ways(demand, kept)
            all_ways = ways + self._whole_ways(demand, whole)
            return _Options(
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
        return _Options(self._whole_ways(demand, best), all_ways, len(best) < len(whole), least)

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

    def _nowhere(self, demand: Demand) -> _Options:
        """Nobody ever has all of it: one warehouse, where the least is missing."""
        sources = demand.sources or (Source(self.warehouses[0].id),)
        missing = min(max(demand.need - one.free, 0) for one in sources)
        best = [one for one in sources if max(demand.need - one.free, 0) == missing]
        ways = [self._way(demand, [(one, demand.need)]) for one in best]
        return _Options(ways, ways, False, 0, max(missing, 1))

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

    def _opening(self) -> list[float]:
        """Return what using each warehouse costs; the first parcel's penalty is taken off in ``plan``."""
        return [0.0 if one.is_used else one.fixed + self.split_penalty for one in self.warehouses]

    # ------------------------------------------------------------ the cheapest
    def solve(self, ways: Mapping[int, list[Way]]) -> _Solved:
        """Return the cheapest plan made of the ways, and the cheapest without one of its warehouses."""
        lists = [ways[demand.key] for demand in self.demands]
        reachable = self.used
        for each in lists:
            for way in each:
                reachable |= way.mask
        numbers = [number for number in range(len(self.warehouses)) if reachable >> number & 1]
        steps = (1 << len(numbers)) * max(len(lists), 1)
        if not self.bound_ways and (len(numbers) <= EXACT_WAREHOUSES or steps <= EXACT_STEPS):
            return self._solve_exactly(lists, numbers)
        return self._solve_nearly(lists, numbers)

    def _solve_exactly(self, lists: list[list[Way]], numbers: list[int]) -> _Solved:
        opening = self._opening()
        totals = [0.0]
        for number in numbers:
            totals += [total + opening[number] for total in totals]
        for each in lists:
            totals = list(map(add, totals, _cheapest_by_set(each, numbers)))
        best = self._plan(lists, self._cheapest_set(totals, numbers))
        # Without one or more of those that were chosen: any set that does not hold them all.
        giving = self._giving(best)
        chosen = sum(1 << place for place, number in enumerate(numbers) if number in giving)
        others = (
            [total if place & chosen != chosen else INFINITE for place, total in enumerate(totals)]
            if chosen
            else []
        )
        runner_up = None
        if others and min(others) < INFINITE:
            runner_up = self._plan(lists, self._cheapest_set(others, numbers))
        return _Solved(best, runner_up, best.cost, True)

    def _solve_nearly(self, lists: list[list[Way]], numbers: list[int]) -> _Solved:
        opening = self._opening()
        best_set = sourcing_search.local_search(lists, numbers, opening, self.used)
        best = self._plan(lists, best_set)
        runners = [
            self._plan(lists, found)
            for number in sorted(self._giving(best))
            if (found := sourcing_search.local_search(lists, numbers, opening, self.used, without=number))
            is not None
        ]
        runner_up = min(runners, key=lambda plan: plan.cost, default=None)
        if runner_up and runner_up.cost < best.cost - SAME_COST:
            best, runner_up = runner_up, best
        least = [
            self.bound_ways.get(demand.key, each) for demand, each in zip(self.demands, lists, strict=True)
        ]
        bound = sourcing_search.dual_ascent(least, numbers, opening) - self._first_parcel()
        bound = min(max(bound, 0.0), best.cost)
        return _Solved(best, runner_up, bound, best.cost - bound <= SAME_COST)

    def _first_parcel(self) -> float:
        return 0.0 if self.used else self.split_penalty

    def _giving(self, plan: Plan) -> set[int]:
        return {self.number[piece.warehouse] for piece in plan.pieces}

    @staticmethod
    def _cheapest_set(totals: list[float], numbers: list[int]) -> int:
        """Return the cheapest set as a mask of warehouses: of equals the smallest, then the first."""
        limit = min(totals)
        limit += SAME_COST * max(1.0, abs(limit))
        places = [place for place, total in enumerate(totals) if total <= limit]
        place = min(places, key=lambda place: (place.bit_count(), _reversed(place, len(numbers))))
        return sum(1 << number for at, number in enumerate(numbers) if place >> at & 1)

    def _plan(self, lists: list[list[Way]], open_set: int) -> Plan:
        """Return the plan where each demand takes its cheapest way inside the set."""
        pieces, freight, balance, used = [], 0.0, 0.0, self.used
        for demand, each in zip(self.demands, lists, strict=True):
            inside = [way for way in each if way.mask & ~open_set == 0]
            way = min(inside, key=lambda way: (way.cost, way.mask.bit_count(), _first_bits(way.mask)))
            used |= way.mask
            freight, balance = freight + way.freight, balance + way.balance
            pieces += [
                Piece(demand.key, self.warehouses[number].id, quantity) for number, quantity in way.gives
            ]
        new = [one for number, one in enumerate(self.warehouses) if (used & ~self.used) >> number & 1]
        split = self.split_penalty * max(len(new) - (0 if self.used else 1), 0)
        sending = tuple(one.id for number, one in enumerate(self.warehouses) if used >> number & 1)
        return Plan(tuple(pieces), sending, freight + sum(one.fixed for one in new), split, balance)

    # ------------------------------------------------------------ why
    def codes(self, options, solved: _Solved, cheaper: Plan | None) -> dict[int, Code]:
        """Return for each demand why it comes from where it does."""
        sources: dict[int, int] = {}
        for piece in solved.plan.pieces:
            sources[piece.demand] = sources.get(piece.demand, 0) + 1
        return {key: self._code(option, sources[key], solved, cheaper) for key, option in options.items()}

    @staticmethod
    def _code(option: _Options, sources: int, solved: _Solved, cheaper: Plan | None) -> Code:
        if option.missing:
            return Code.NOWHERE
        if sources > 1:
            return Code.SPLIT
        if option.days_late:
            return Code.LATE
        if option.was_narrowed and cheaper:
            return Code.IN_TIME
        return Code.CHEAPEST if solved.runner_up else Code.ONLY


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


def _cheapest_by_set(ways: list[Way], numbers: list[int]) -> list[float]:
    """Return for each set of the warehouses what the cheapest way inside it costs."""
    if all(len(way.gives) == 1 for way in ways):
        single = dict.fromkeys(numbers, INFINITE)
        for way in ways:
            single[way.gives[0][0]] = min(single[way.gives[0][0]], way.cost)
        costs = [INFINITE]
        for number in numbers:
            limit = single[number]
            costs += [cost if cost < limit else limit for cost in costs]
        return costs
    place_of = {number: 1 << place for place, number in enumerate(numbers)}
    costs = [INFINITE] * (1 << len(numbers))
    for way in ways:
        place = sum(place_of[number] for number, _quantity in way.gives)
        costs[place] = min(costs[place], way.cost)
    for bit in place_of.values():
        for place in range(len(costs)):
            if place & bit and costs[place ^ bit] < costs[place]:
                costs[place] = costs[place ^ bit]
    return costs


def _reversed(mask: int, width: int) -> int:
    """Return a number that is the smaller the earlier the members of the set stand."""
    return sum(1 << (width - 1 - place) for place in range(width) if not mask >> place & 1)


def _first_bits(mask: int) -> tuple[int, ...]:
    return tuple(number for number in range(mask.bit_length()) if mask >> number & 1)
