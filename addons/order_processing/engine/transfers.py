"""Which stock should be moved between warehouses, because that beats buying.

Per product and warehouse it is known what customers wait for there (``Shortage``), what other warehouses
have beyond their own needs and what they keep at least (``Spare``), what moving takes (``Lane``) and when it
could be had otherwise (``Buying``: a vendor, a production order, or a receipt that is on its way).

Moving beats buying

* where it cannot be had otherwise at all;
* where it is sooner, unless both costs are known, moving costs as much as the goods and these would come
  in time: then there is nothing to be gained;
* where it is not sooner, but in time and, both costs known, cheaper. What lies in another warehouse is paid
  for already, so the price of the goods is what is saved.

What is missing first is served first; one warehouse that has everything goes before several, then the
sooner, the cheaper, the one with more. No warehouse gives more than it can spare, however many ask.

Quantities are whole numbers of the smallest unit that is counted, days are counted from today.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple


class Code(str, Enum):
    """Why it should be moved."""

    ONLY = "only"  # it cannot be had otherwise
    SOONER = "sooner"
    CHEAPER = "cheaper"


class Shortage(NamedTuple):
    """So much is missing there for customers, wanted in ``within`` days (below 0: overdue)."""

    product: int
    warehouse: int
    quantity: int
    within: int = 0


class Spare(NamedTuple):
    """So much a warehouse can do without."""

    product: int
    warehouse: int
    quantity: int


class Lane(NamedTuple):
    """What moving from one warehouse to another takes; costs in one currency, None where unknown."""

    days: int
    fixed: float | None = None
    per_kg: float = 0.0


class Buying(NamedTuple):
    """When, and for how much per unit of quantity, it could be had otherwise; None: not, or unknown."""

    days: int | None = None
    price: float | None = None


@dataclass(frozen=True, slots=True)
class Transfer:
    """Move ``quantity`` of a product; ``cost`` and ``price`` are of all of it, None where unknown."""

    product: int
    source: int
    target: int
    quantity: int
    code: Code
    days: int
    other_days: int | None = None
    cost: float | None = None
    price: float | None = None


def propose(
    shortages: Iterable[Shortage],
    spares: Iterable[Spare],
    lanes: Mapping[tuple[int, int], Lane],
    buying: Mapping[tuple[int, int], Buying] | None = None,
    weights: Mapping[int, float] | None = None,
) -> list[Transfer]:
    """Return the transfers that beat buying.

    ``lanes`` are by source and target warehouse; where there is none, nothing is moved. ``buying`` is by
    product and warehouse; ``weights`` are kg per unit of quantity, by product. The order of shortages and
    spares does not matter.
    """
    left = {(spare.product, spare.warehouse): spare.quantity for spare in spares if spare.quantity > 0}
    found: list[Transfer] = []
    for shortage in sorted(shortages, key=lambda one: (one.within, one.product, one.warehouse)):
        other = (buying or {}).get((shortage.product, shortage.warehouse), Buying())
        weight = (weights or {}).get(shortage.product, 0.0)
        missing = shortage.quantity
        while missing > 0:
            options = _options(shortage, missing, left, lanes, other, weight)
            if not options:
                break
            best = min(options, key=lambda one: _preference(one, missing, left))
            found.append(best)
            missing -= best.quantity
            left[best.product, best.source] -= best.quantity
    return found


def _options(shortage, missing, left, lanes, other: Buying, weight: float) -> list[Transfer]:
    """Return what each warehouse could give that would beat buying."""
    options = []
    for (product, source), spare in left.items():
        lane = lanes.get((source, shortage.warehouse))
        if product != shortage.product or source == shortage.warehouse or not lane or spare <= 0:
            continue
        quantity = min(spare, missing)
        cost = None if lane.fixed is None else lane.fixed + lane.per_kg * weight * quantity
        price = None if other.price is None else other.price * quantity
        if code := _verdict(lane, shortage, other, cost, price):
            options.append(
                Transfer(
                    product,
                    source,
                    shortage.warehouse,
                    quantity,
                    code,
                    lane.days,
                    other.days,
                    cost,
                    price,
                )
            )
    return options


def _verdict(
    lane: Lane, shortage: Shortage, other: Buying, cost: float | None, price: float | None
) -> Code | None:
    """Return why moving beats buying, None where it does not."""
    if other.days is None:
        return Code.ONLY
    is_known = cost is not None and price is not None
    if lane.days < other.days:
        in_time = other.days <= shortage.within
        return None if is_known and cost >= price and in_time else Code.SOONER
    if is_known and cost < price and lane.days <= max(shortage.within, other.days):
        return Code.CHEAPER
    return None


def _preference(one: Transfer, missing: int, left: Mapping[tuple[int, int], int]):
    cost = float("inf") if one.cost is None else one.cost
    return (one.quantity < missing, one.days, cost, -left[one.product, one.source], one.source)
