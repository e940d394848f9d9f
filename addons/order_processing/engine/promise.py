"""When an order can be with the customer: a date that is kept.

Two questions, two answers.

*What may be promised* (``Promiser``): the first time from which the supply, less everything promised
before, is never again below what is asked for. Promises given so can all be kept, whatever their order.

*When will it be* (``forecast``): goods go to those who wait by rank, as they come in; each is served when
what has come in covers all before it and itself. Served by due date, promises that can all be kept are all
kept (J. R. Jackson, "Scheduling a production line to minimize maximum tardiness", 1955): a date moves
only where supply has moved, or somebody more urgent has come.

Quantities are whole numbers of the smallest unit counted; times are UTC without zone.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import NamedTuple

from .delivery_time import Delivery, Way
from .stock_curve import StockCurve

Pool = Hashable  # a product in a warehouse


class Code(str, Enum):
    """What a date rests on."""

    IN_STOCK = "in_stock"
    RECEIPT = "receipt"  # on what is coming in
    OVERDUE = "overdue"  # on what should have come in already
    LEAD_TIME = "lead_time"  # on what can be bought or made, and is not ordered yet
    ON_ORDER = "on_order"  # bought or made for it
    NOT_STOCKED = "not_stocked"  # nothing that is counted
    UNKNOWN = "unknown"  # nothing comes in, and it cannot be ordered: nobody can say


class Supply(NamedTuple):
    """What comes in, and from which document. ``overdue``: it was to come earlier than ``at``."""

    at: datetime
    quantity: int
    source: Hashable = None
    overdue: bool = False


class Demand(NamedTuple):
    """What waits for goods. ``due``: when it needs them, as promised; ``rank``: the smaller goes first.

    ``urgent``: it goes before others that are due earlier, and takes what comes in first. ``to_order``: its
    promise rests on ordering more, not on anything that comes in.
    """

    key: Hashable
    quantity: int
    rank: str
    due: datetime
    urgent: bool = False
    to_order: bool = False


class Lead(NamedTuple):
    """How long it takes to get more.

    ``promised``: counted for new promises, with the days in which somebody decides to order. ``shortest``:
    a promise that rests on it is kept as long as ordering at once still makes it.
    """

    promised: timedelta
    shortest: timedelta


def comes(due: datetime, now: datetime) -> datetime:
    """Return when a receipt is counted on that was due at ``due``.

    Nobody knows when what is overdue will come. It is counted on for a day later, then two, four, eight days
    after it was due: so those who wait for it are told anew ever more rarely, not every morning.
    """
    if due >= now:
        return due
    return due + timedelta(days=2 ** (now - due).days.bit_length())


@dataclass(slots=True)
class Stock:
    """A product in a warehouse: what is free, what comes, what waits, what can be ordered."""

    on_hand: int
    supplies: Sequence[Supply] = ()
    demands: Sequence[Demand] = ()
    lead: Lead | None = None


class Need(NamedTuple):
    """What is asked for: so much of a pool (None: not counted)."""

    pool: Pool | None
    quantity: int


class Question(NamedTuple):
    """A line to be promised: all its needs (a kit has several), how it travels, and when it is wanted.

    ``fixed``: the goods come for this line alone, at that moment, whatever is in stock. ``urgent``: it takes
    what comes in first, before those that are asked about after it.
    """

    key: Hashable
    needs: Sequence[Need]
    way: Way
    wanted: datetime | None = None
    fixed: datetime | None = None
    urgent: bool = False


@dataclass(slots=True)
class Promise:
    """An answer. ``ready``: when the goods have to be there; no ``arrives``: nobody can say.

    ``now``: so much of it could leave at once. ``source``: the document it waits for.
    """

    key: Hashable
    code: Code
    ready: datetime | None = None
    departs: datetime | None = None
    arrives: datetime | None = None
    now: int = 0
    source: Hashable = None


class Promiser:
    """Gives promises one after the other; each takes what it needs away from those that follow."""

    def __init__(self, stocks: Mapping[Pool, Stock], now: datetime):
        """Build what is free over time of each pool that is asked about."""
        self.now = now
        self.stocks = stocks
        self._curves: dict[Pool, StockCurve] = {}

    def promise(self, question: Question) -> Promise:
        """Return the earliest date for the question, and set its goods aside on paper."""
        promise = self.ask(question)
        if promise.ready and question.fixed is None:
            for pool, quantity in question.needs:
                if pool is not None:
                    at = self.now if question.urgent else promise.ready
                    self._curve(pool).add(at, -quantity)
        return promise

    def ask(self, question: Question) -> Promise:
        """Return the earliest date for the question; nothing is set aside."""
        wanted = question.wanted and question.way.latest_ready(question.wanted)
        not_before = max(self.now, wanted or self.now)
        if question.fixed is not None:
            ready, code, source = max(question.fixed, not_before), Code.ON_ORDER, None
        else:
            found = self._ready(question.needs, not_before)
            if found is None:
                return Promise(question.key, Code.UNKNOWN, now=self._there(question.needs))
            ready, code, source = found
        delivery = self._no_sooner_than_wanted(question, question.way.deliver(ready))
        there = self._there(question.needs) if code not in (Code.IN_STOCK, Code.NOT_STOCKED) else 0
        return Promise(question.key, code, ready, *delivery, now=there, source=source)

    @staticmethod
    def _no_sooner_than_wanted(question: Question, delivery: Delivery) -> Delivery:
        if question.wanted and delivery.arrives < question.wanted:
            return Delivery(delivery.departs, question.wanted)
        return delivery

    def _ready(self, needs: Iterable[Need], not_before: datetime) -> tuple[datetime, Code, Hashable] | None:
        """Return when all needs are there, and what the last of them rests on."""
        last: tuple[datetime, Code, Hashable] = (not_before, Code.NOT_STOCKED, None)
        for pool, quantity in needs:
            if pool is None:
                continue
            found = self._one_ready(pool, quantity, not_before)
            if found is None:
                return None
            if found[0] > last[0] or last[1] is Code.NOT_STOCKED:
                last = found
        return last

    def _one_ready(
        self, pool: Pool, quantity: int, not_before: datetime
    ) -> tuple[datetime, Code, Hashable] | None:
        stock = self.stocks[pool]
        horizon = self.now + stock.lead.promised if stock.lead else None
        curve = self._curve(pool)
        at = curve.earliest(quantity, not_before, horizon)
        if at is not None:
            return at, *self._why(stock, curve.earliest(quantity, self.now, horizon) or at)
        if horizon is None:
            return None
        return max(horizon, not_before), Code.LEAD_TIME, None

    def _why(self, stock: Stock, at: datetime) -> tuple[Code, Hashable]:
        if at <= self.now:
            return Code.IN_STOCK, None
        came = next((supply for supply in stock.supplies if supply.at == at), None)
        if came is None:
            return Code.RECEIPT, None
        return (Code.OVERDUE if came.overdue else Code.RECEIPT), came.source

    def _there(self, needs: Iterable[Need]) -> int:
        """Return how much of a single need could be had at once; kits are all or nothing."""
        counted = [need for need in needs if need.pool is not None]
        if len(counted) != 1:
            return 0
        pool, quantity = counted[0]
        return max(0, min(quantity, self.free(pool, self.now)))

    def free(self, pool: Pool, at: datetime) -> int:
        """Return how much may be promised for ``at``; below 0 where more is promised than comes."""
        lead = self.stocks[pool].lead
        return self._curve(pool).lowest_from(at, max(self.now + lead.promised, at) if lead else None)

    def _curve(self, pool: Pool) -> StockCurve:
        if pool not in self._curves:
            stock = self.stocks[pool]
            changes = [(supply.at, supply.quantity) for supply in stock.supplies]
            changes += [
                (self.now if demand.urgent else demand.due, -demand.quantity) for demand in stock.demands
            ]
            self._curves[pool] = StockCurve(self.now, stock.on_hand, changes)
        return self._curves[pool]


class Expected(NamedTuple):
    """When a demand gets its goods, as things stand; no ``ready``: nobody can say."""

    ready: datetime | None
    code: Code
    source: Hashable = None


def forecast(stock: Stock, now: datetime) -> dict[Hashable, Expected]:
    """Return ``{demand key: Expected}``: goods go by rank to those who wait, as they come in."""
    supplies = sorted(stock.supplies, key=lambda supply: supply.at)
    came, wanted, index = stock.on_hand, 0, 0
    last = Expected(now, Code.IN_STOCK)
    result = {}
    for demand in sorted(stock.demands, key=lambda demand: demand.rank):
        wanted += demand.quantity
        while came < wanted and index < len(supplies):
            supply = supplies[index]
            came += supply.quantity
            index += 1
            code = Code.OVERDUE if supply.overdue else Code.RECEIPT
            last = Expected(max(supply.at, now), code, supply.source)
        result[demand.key] = _or_by_ordering(last if came >= wanted else None, stock.lead, demand, now)
    return result


def _or_by_ordering(found: Expected | None, lead: Lead | None, demand: Demand, now: datetime) -> Expected:
    """What is on its way is waited for, however late; what is not has to be ordered.

    A promise that rests on ordering holds as long as ordering at once still makes it, whatever comes later.
    """
    on_time = found is not None and found.ready is not None and found.ready <= demand.due
    if lead is not None and demand.to_order and not on_time and demand.due >= now + lead.shortest:
        return Expected(demand.due, Code.LEAD_TIME)
    if found is not None:
        return found
    if lead is None:
        return Expected(None, Code.UNKNOWN)
    kept = demand.due >= now + lead.shortest
    return Expected(demand.due if kept else now + lead.promised, Code.LEAD_TIME)
