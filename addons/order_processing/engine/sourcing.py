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
that more than :data:`~.sourcing_ways.MOST_PARTS` could be put together from, only those that have the most
are looked at; the bound holds for all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from operator import add
from typing import NamedTuple

from . import sourcing_search
from .sourcing_search import INFINITE, Way
from .sourcing_ways import Demand, Options, Source, Warehouse, Ways, earliest

__all__ = ["Choice", "Code", "Demand", "Piece", "Plan", "Source", "Warehouse", "choose", "earliest"]

EXACT_WAREHOUSES = 8
EXACT_STEPS = 2**8 * 64
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
    options = {demand.key: problem.ways.of(demand) for demand in problem.demands}
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
        self.ways = Ways(self.warehouses, balance)
        self.number = self.ways.number
        self.split_penalty = split_penalty
        self.bound_ways: dict[int, list[Way]] = {}
        self.used = sum(1 << number for number, one in enumerate(self.warehouses) if one.is_used)
        costs = [cost for one in self.warehouses for cost in (one.fixed, one.per_line, one.per_kg)]
        if min(costs, default=0.0) < 0 or split_penalty < 0 or balance < 0:
            raise ValueError("Costs of sourcing are 0 or more")
        if self.demands and not self.warehouses:
            raise ValueError("There is no warehouse to send from")

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
        everyone = range(len(self.warehouses))
        bound = sourcing_search.dual_ascent(least, everyone, opening) - self._first_parcel()
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
    def _code(option: Options, sources: int, solved: _Solved, cheaper: Plan | None) -> Code:
        if option.missing:
            return Code.NOWHERE
        if sources > 1:
            return Code.SPLIT
        if option.days_late:
            return Code.LATE
        if option.was_narrowed and cheaper:
            return Code.IN_TIME
        return Code.CHEAPEST if solved.runner_up else Code.ONLY


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
