"""Choosing among more warehouses than all sets of can be weighed: a search, and how good it can be at best.

The problem is that of placing facilities: opening a warehouse costs something, each demand then takes its
cheapest way among those that are open.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

INFINITE = float("inf")
TOO_LITTLE = 1e-9  # to be worth another step


class Way(NamedTuple):
    """One way to serve a demand: from the warehouses in ``mask``, at ``cost`` (freight and balance).

    ``gives``: pairs of a warehouse's number and the quantity it gives.
    """

    mask: int
    cost: float
    freight: float
    balance: float
    gives: tuple[tuple[int, int], ...]


def cost_of(lists: list[list[Way]], opening: list[float], open_set: int) -> float:
    """Return what a set of warehouses costs, all of it paid for; infinite where it cannot serve a demand.

    ``lists`` hold the cheapest way first.
    """
    total, closed = 0.0, ~open_set
    for number, cost in enumerate(opening):
        if open_set >> number & 1:
            total += cost
    for ways in lists:
        for way in ways:
            if not way.mask & closed:
                total += way.cost
                break
        else:
            return INFINITE
    return total


def local_search(
    lists: list[list[Way]], numbers: list[int], opening: list[float], used: int, without: int | None = None
) -> int | None:
    """Return a set of warehouses that no single closing, opening or swap makes cheaper.

    ``without``: this one stays closed. None where the demands cannot be served then. It starts with
    everything open, so that it always has a plan.
    """
    lists = [sorted(ways, key=lambda way: way.cost) for ways in lists]
    candidates = [number for number in numbers if number != without]
    current = used
    for number in candidates:
        current |= 1 << number
    if without is not None:
        current &= ~(1 << without)
    cost = cost_of(lists, opening, current)
    if cost == INFINITE:
        return None
    while True:
        steps = ((cost_of(lists, opening, step), step) for step in _neighbours(current, candidates, used))
        new, step = min(steps, default=(INFINITE, current))
        if new >= cost - TOO_LITTLE:
            return current
        current, cost = step, new


def _neighbours(current: int, candidates: list[int], used: int):
    inside = [number for number in candidates if current >> number & 1 and not used >> number & 1]
    outside = [number for number in candidates if not current >> number & 1]
    yield from (current ^ 1 << number for number in inside)
    yield from (current | 1 << number for number in outside)
    yield from (current ^ 1 << a ^ 1 << b for a in inside for b in outside)


def dual_ascent(lists: list[list[Way]], numbers: Iterable[int], opening: list[float]) -> float:
    """Return a lower bound of what any set of warehouses costs.

    Each demand offers a price; it is raised, level by level of what its ways cost, while it can be paid
    for: what demands offer above a way's cost may together not exceed what opening its warehouse costs.
    The sum of such prices is a solution of the dual, so no plan is cheaper. A way that takes several
    warehouses is counted as if each could give all of it at the least that any way with it costs.
    """
    costs = [_least_by_warehouse(ways, numbers) for ways in lists]
    slack = {number: opening[number] for number in numbers}
    prices = [min(each.values(), default=0.0) for each in costs]
    rising = True
    while rising:
        rising = False
        for demand, each in enumerate(costs):
            new = _raised(prices[demand], each, slack)
            rising |= new > prices[demand]
            prices[demand] = new
    return sum(prices)


def _raised(price: float, costs: dict[int, float], slack: dict[int, float]) -> float:
    """Raise a demand's price to the next of its costs, or as far as can be paid; take that from the slack."""
    tight = [number for number, cost in costs.items() if cost <= price + TOO_LITTLE]
    target = min((cost for cost in costs.values() if cost > price + TOO_LITTLE), default=INFINITE)
    step = min(min((slack[number] for number in tight), default=0.0), target - price)
    if step <= TOO_LITTLE:
        return price
    for number in tight:
        slack[number] -= step
    return price + step


def _least_by_warehouse(ways: list[Way], numbers: Iterable[int]) -> dict[int, float]:
    least = dict.fromkeys(numbers, INFINITE)
    for way in ways:
        for number, _quantity in way.gives:
            least[number] = min(least[number], way.cost)
    return least
