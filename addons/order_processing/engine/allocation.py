"""Who gets scarce stock.

Every move that waits for goods is a ``Demand`` with a rank; what is free on the shelves is ``Supply``.
``allocate`` serves strictly by rank: nobody gets a unit that somebody before him could have used.

Places are paths of location ids from the root to the place itself. A demand at a place may be served
from there and from everything below it, as in Odoo. With nested places the naive way (each in turn
takes the oldest goods) can leave the one who may only take from a single shelf with nothing although
all could be served. So it is first decided *how much* each gets, by the condition that below no place
more is given than lies there; only then *from where*, the most particular first. Serving by rank under
such conditions (they form a polymatroid) gives the highest total there is, whatever the order of the
ranks: J. Edmonds, "Submodular functions, matroids, and certain polyhedra", 1970.

Quantities are whole numbers of the smallest unit that is counted (hundredths of a piece, say), so
nothing is lost to rounding.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

Place = tuple[int, ...]


class Code(str, Enum):
    """How a demand came out, and why."""

    SERVED = "served"  # it has everything
    PARTLY = "partly"  # it got some; more was not there, or went to those before it
    SHORT = "short"  # nothing was free to begin with
    OUTRANKED = "outranked"  # something was free, and went to those before it
    HELD_BACK = "held_back"  # shipped complete and not to be had complete: others may have it meanwhile


class Demand(NamedTuple):
    """A move that waits for goods.

    ``rank`` sorts: the smaller goes first; equal ranks go by ``move_id``. ``need`` is what is still
    missing, more than 0. ``group`` names the transfer all of whose demands must be served together.
    """

    move_id: int
    rank: str
    product_id: int
    place: Place
    need: int
    group: int | None = None


class Supply(NamedTuple):
    """What is free on one quant: on hand less reserved; below 0 where more is reserved than is there.

    Quants of one place that agree in ``kind`` (lot, package, owner) are counted together: a hole in
    one is filled from the others before anybody gets something. Their order is the order of removal.
    """

    quant_id: int
    product_id: int
    place: Place
    free: int
    kind: tuple[int, int, int] = (0, 0, 0)


class Group(NamedTuple):
    """A transfer that is shipped complete.

    ``collects``: it may set goods aside bit by bit, like any other (it has waited long enough).
    ``incomplete``: something of it is not among the demands and not there either, so that it cannot
    be complete now.
    """

    collects: bool = False
    incomplete: bool = False


@dataclass(slots=True)
class Outcome:
    """What a demand gets: ``takes`` are pairs of quant and quantity, together ``served``.

    ``free`` is what was free for it before anybody was served, ``ahead`` how much of its product went
    to others before it.
    """

    demand: Demand
    served: int
    code: Code
    free: int
    ahead: int
    takes: tuple[tuple[int, int], ...] = ()


class Room:
    """How much can still be taken at each place of a product.

    Two limits for each place: ``own`` for demands at the place itself counts holes below it, as Odoo
    does; ``below`` for those further down does not, for a hole on one shelf takes nothing from another.
    """

    def __init__(self, supplies: Iterable[Supply]):
        """Add up what is free at each place and below it."""
        self.own: dict[tuple[int, int], int] = defaultdict(int)
        self.below: dict[tuple[int, int], int] = defaultdict(int)
        cells: dict[tuple[int, Place, tuple[int, int, int]], int] = defaultdict(int)
        for supply in supplies:
            cells[supply.product_id, supply.place, supply.kind] += supply.free
        for (product_id, place, _kind), net in cells.items():
            for location_id in place:
                self.own[product_id, location_id] += net
                self.below[product_id, location_id] += max(net, 0)
        self.initial = dict(self.own)

    def left(self, demand: Demand) -> int:
        """Return how much the demand could still get."""
        product_id, place = demand.product_id, demand.place
        limit = self.own.get((product_id, place[-1]), 0)
        for location_id in place:
            limit = min(limit, self.below.get((product_id, location_id), 0))
        return max(limit, 0)

    def take(self, demand: Demand, quantity: int) -> None:
        """Give ``quantity`` to the demand; a negative one gives it back."""
        for location_id in demand.place:
            self.own[demand.product_id, location_id] -= quantity
            self.below[demand.product_id, location_id] -= quantity


def by_rank(demands: Iterable[Demand]) -> list[Demand]:
    """Return the demands, those to be served first in front."""
    return sorted(demands, key=lambda demand: (demand.rank, demand.move_id))


class Unit(NamedTuple):
    """Demands that are served or held back together; ``whole``: all of them entirely, or none."""

    demands: list[Demand]
    whole: bool = False
    hopeless: bool = False


def allocate(
    demands: Iterable[Demand], supplies: Iterable[Supply], groups: Mapping[int, Group] | None = None
) -> dict[int, Outcome]:
    """Return for each move what it gets.

    The order of ``demands`` does not matter, that of ``supplies`` only for which of several quants goods
    are taken from. A group is tried when its first demand comes up: wholly or not at all.
    """
    supplies = list(supplies)
    ranked = by_rank(demands)
    room = Room(supplies)
    given: dict[int, int] = defaultdict(int)  # product: how much so far
    outcomes: dict[int, Outcome] = {}
    for unit in _units(ranked, groups or {}):
        amounts = _serve(room, unit)
        for demand, amount in zip(unit.demands, amounts or [0] * len(unit.demands), strict=True):
            free = room.initial.get((demand.product_id, demand.place[-1]), 0)
            code = Code.HELD_BACK if amounts is None else _code(demand, amount, free)
            outcomes[demand.move_id] = Outcome(demand, amount, code, free, given[demand.product_id])
            given[demand.product_id] += amount
    for move_id, takes in _choose_quants(outcomes, supplies).items():
        outcomes[move_id].takes = tuple(takes)
    return outcomes


def _units(ranked: list[Demand], groups: Mapping[int, Group]) -> Iterator[Unit]:
    """Yield what is decided on together, best rank first."""
    members: dict[int | None, list[Demand]] = defaultdict(list)
    for demand in ranked:
        members[demand.group].append(demand)
    seen: set[int | None] = set()
    for demand in ranked:
        group = groups.get(demand.group) if demand.group is not None else None
        if group is None or group.collects:
            yield Unit([demand])
        elif demand.group not in seen:
            seen.add(demand.group)
            yield Unit(members[demand.group], whole=True, hopeless=group.incomplete)


def _serve(room: Room, unit: Unit) -> list[int] | None:
    """Give each demand of the unit what it can get; None, and nothing given, when that is not enough."""
    if unit.hopeless:
        return None
    amounts = []
    for demand in unit.demands:
        amounts.append(min(demand.need, room.left(demand)))
        room.take(demand, amounts[-1])
    if unit.whole and any(amount < demand.need for demand, amount in zip(unit.demands, amounts, strict=True)):
        for demand, amount in zip(unit.demands, amounts, strict=True):
            room.take(demand, -amount)
        return None
    return amounts


def _code(demand: Demand, amount: int, free: int) -> Code:
    if amount >= demand.need:
        return Code.SERVED
    if amount:
        return Code.PARTLY
    return Code.OUTRANKED if free > 0 else Code.SHORT


def _choose_quants(
    outcomes: Mapping[int, Outcome], supplies: Iterable[Supply]
) -> dict[int, list[tuple[int, int]]]:
    """Return which quants each served demand takes from: those bound to the deepest places choose first.

    Whoever may take from a wide place finds enough elsewhere: that was the condition for serving both.
    """
    shelves = _Shelves(supplies)
    served = sorted(
        (outcome for outcome in outcomes.values() if outcome.served),
        key=lambda o: (-len(o.demand.place), o.demand.rank, o.demand.move_id),
    )
    return {outcome.demand.move_id: shelves.take(outcome.demand, outcome.served) for outcome in served}


class _Shelves:
    """The quants that still have something, by product and by each place they lie below."""

    def __init__(self, supplies: Iterable[Supply]):
        self.holes: dict[tuple[int, Place, tuple[int, int, int]], int] = defaultdict(int)
        self.free: dict[int, int] = {}
        self.below: dict[tuple[int, int], list[Supply]] = defaultdict(list)
        for supply in supplies:
            if supply.free < 0:
                self.holes[supply.product_id, supply.place, supply.kind] -= supply.free
            elif supply.free:
                self.free[supply.quant_id] = supply.free
                for location_id in supply.place:
                    self.below[supply.product_id, location_id].append(supply)

    def take(self, demand: Demand, quantity: int) -> list[tuple[int, int]]:
        takes = []
        candidates = self.below.get((demand.product_id, demand.place[-1]), [])
        for supply in candidates:
            available = self._fill_hole(supply)
            if amount := min(quantity, available):
                self.free[supply.quant_id] = available - amount
                takes.append((supply.quant_id, amount))
                quantity -= amount
            if not quantity:
                break
        self._forget_empty(candidates)
        return takes

    def _fill_hole(self, supply: Supply) -> int:
        """Return what the quant can give after a hole in one of the same kind is filled from it."""
        cell = (supply.product_id, supply.place, supply.kind)
        if filled := min(self.holes.get(cell, 0), self.free[supply.quant_id]):
            self.holes[cell] -= filled
            self.free[supply.quant_id] -= filled
        return self.free[supply.quant_id]

    def _forget_empty(self, candidates: list[Supply]) -> None:
        """Drop the empty quants in front, so that the next does not walk over them again."""
        empty = 0
        while empty < len(candidates) and not self.free[candidates[empty].quant_id]:
            empty += 1
        if empty:
            del candidates[:empty]
