"""Which carrier takes an order: the cheapest that keeps the promise.

Carriers that keep the date go before those that are late, whatever they cost; of those that keep it the
cheapest goes first, of the others the earliest. What nobody knows the cost of is no bargain: it goes after
all that have a price. Between equals: the earlier, then the carrier's place in the list. The order in which
the offers are given does not matter.

Amounts are whole cents (or whatever the smallest unit of the company's currency is): sums add up.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from fractions import Fraction


class Code(str, Enum):
    """Why it is this carrier."""

    CHEAPEST = "cheapest"  # others would be in time as well, for more
    IN_TIME = "in_time"  # another is cheaper, and too late
    ONLY = "only"  # no other takes the order, or no other is in time and none is cheaper
    LATE = "late"  # nobody keeps the date; this one is there first
    NONE = "none"  # nobody takes the order


@dataclass(frozen=True, slots=True)
class Offer:
    """What one carrier offers.

    ``cost``: what it costs us, None where nobody knows. ``arrives``: the day, None where nobody knows: then
    no date is kept. ``works``: whether the carrier takes the order at all. ``sequence``: its place.
    """

    carrier: int
    cost: int | None
    arrives: date | None
    works: bool = True
    sequence: int = 0

    def keeps(self, due: date | None) -> bool:
        """Tell whether it is there by ``due``."""
        return self.works and (due is None or (self.arrives is not None and self.arrives <= due))


@dataclass(frozen=True, slots=True)
class Choice:
    """The offer that is taken, and what it was weighed against.

    ``runner_up``: the next best of those that take the order. ``cheaper``: the cheapest of those that would
    have cost less and are late. ``ranking``: all offers, the best first, those that do not work last.
    """

    code: Code
    offer: Offer | None = None
    runner_up: Offer | None = None
    cheaper: Offer | None = None
    ranking: tuple[Offer, ...] = ()

    @property
    def difference(self) -> int | None:
        """Return what the runner-up costs more, where both costs are known."""
        if not self.offer or not self.runner_up or None in (self.offer.cost, self.runner_up.cost):
            return None
        return self.runner_up.cost - self.offer.cost


def choose(offers: Iterable[Offer], due: date | None = None) -> Choice:
    """Return the best of the offers for what has to be there by ``due`` (None: whenever)."""
    ranking = tuple(sorted(offers, key=lambda offer: _rank(offer, due)))
    working = [offer for offer in ranking if offer.works]
    if not working:
        return Choice(Code.NONE, ranking=ranking)
    best, runner_up = working[0], working[1] if len(working) > 1 else None
    if not best.keeps(due):
        return Choice(Code.LATE, best, runner_up, ranking=ranking)
    late = [offer for offer in working if not offer.keeps(due) and _is_cheaper(offer, best)]
    cheaper = min(late, key=_cost_first, default=None)
    if cheaper:
        return Choice(Code.IN_TIME, best, runner_up, cheaper, ranking)
    code = Code.CHEAPEST if runner_up and runner_up.keeps(due) else Code.ONLY
    return Choice(code, best, runner_up, ranking=ranking)


def due_with_patience(offers: Iterable[Offer], days: int) -> date | None:
    """Return the day by which it should be there, where no date was asked for: the earliest and a little."""
    arrivals = [offer.arrives for offer in offers if offer.works and offer.arrives]
    return min(arrivals) + timedelta(days=days) if arrivals else None


def _rank(offer: Offer, due: date | None) -> tuple:
    if not offer.works:
        return (2, *_cost_first(offer))
    if offer.keeps(due):
        return (0, *_cost_first(offer))
    return (1, offer.arrives or date.max, *_cost_first(offer))


def _cost_first(offer: Offer) -> tuple:
    return (
        math.inf if offer.cost is None else offer.cost,
        offer.arrives or date.max,
        offer.sequence,
        offer.carrier,
    )


def _is_cheaper(one: Offer, other: Offer) -> bool:
    return one.cost is not None and (other.cost is None or one.cost < other.cost)


# -------------------------------------------------------------------- parcels
def parcel_count(weight: float, heaviest: float = 0.0) -> int:
    """Return how many parcels goods of this weight make, none heavier than ``heaviest`` (0: no limit)."""
    if heaviest <= 0 or weight <= heaviest:
        return 1
    return math.ceil(round(weight / heaviest, 6))


# -------------------------------------------------------------------- shares that add up
def apportion(amounts: Sequence[Fraction], total: int) -> list[int]:
    """Round each amount to whole units so that they add up to ``total`` exactly: largest remainder.

    The amounts may be negative; together they are ``total`` but for the rounding.
    """
    whole = [math.floor(amount) for amount in amounts]
    left = total - sum(whole)
    if not 0 <= left <= len(whole):
        raise ValueError("The amounts do not add up to the total")
    by_remainder = sorted(range(len(whole)), key=lambda i: (whole[i] - amounts[i], i))
    for index in by_remainder[:left]:
        whole[index] += 1
    return whole


def split(total: int, weights: Sequence[float]) -> list[int]:
    """Share ``total`` out by weight, to the unit; in equal parts where nothing weighs anything."""
    if not weights:
        return []
    parts = [Fraction(max(weight, 0.0)) for weight in weights]
    whole = sum(parts)
    if not whole:
        parts, whole = [Fraction(1)] * len(weights), Fraction(len(weights))
    return apportion([total * part / whole for part in parts], total)


def convert(amounts: Sequence[int], rate: float, from_unit: float, to_unit: float) -> list[int]:
    """Convert amounts in whole units of one currency to those of another; the sum is the sum converted.

    ``rate``: what one of the first currency is in the other. Units are the smallest coins: 0.01, 1.
    """
    factor = Fraction(str(rate)) * Fraction(str(from_unit)) / Fraction(str(to_unit))
    total = math.floor(sum(amounts) * factor + Fraction(1, 2))
    return apportion([amount * factor for amount in amounts], total)
