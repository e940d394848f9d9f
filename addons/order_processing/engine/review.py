"""What the automatic review finds on an order, and how far something is from what is usual."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import exp, log
from statistics import median
from typing import Any, NamedTuple


@dataclass(frozen=True, slots=True)
class Found:
    """What one rule has found on one order.

    ``code`` names the sentence, ``figures`` are its values (JSON). ``sizes`` says how big each part of
    the finding is, by a key that stays the same when the order is checked again (``{"line:12": 35.0}``):
    a waiver covers a later finding only when it has no other parts and none that is bigger.
    """

    code: str
    figures: dict[str, Any] = field(default_factory=dict)
    sizes: dict[str, float] = field(default_factory=dict)


def covers(waived: dict[str, float], now: dict[str, float]) -> bool:
    """Tell whether what was waived covers what is found now: the same parts or fewer, none bigger."""
    # A size may be negative: of a price that is too low, the lower the bigger.
    return all(
        key in waived and size <= waived[key] + abs(waived[key]) * 1e-9 + 1e-9 for key, size in now.items()
    )


def is_off_price(
    actual: float, expected: float, quantity: float, tolerance_percent: float, rounding: float
) -> bool:
    """Tell whether a unit price is further from the list price than allowed, upwards or downwards.

    ``tolerance_percent`` is relative to the list price. What does not amount to one ``rounding``
    step of the currency over the whole ``quantity`` is never reported.
    """
    difference = abs(actual - expected)
    return difference * abs(quantity) >= rounding and difference > abs(expected) * tolerance_percent / 100.0


# ================================================================ what is usual
# The most particular first: what this customer orders of this product says more than what anybody orders.
LEVELS = ("customer_product", "customer", "product", "company")
# Nobody orders exactly the same for ever: a habit is taken to vary by at least this much (log scale, ~28 %).
MIN_SPREAD = 0.25
# So many times the usual is a slip, however cheap the goods.
SLIP_RATIO = 200.0
# The mean deviation of a bell curve is this many times its median deviation.
TO_DEVIATION = 1.4826


class Habit(NamedTuple):
    """What is usual, learned from ``count`` past values, all of them above zero.

    ``median`` is in plain units, ``spread`` is a robust standard deviation of the logarithm (0.7: about
    half to double); from ``low`` to ``high`` is the usual range, both real values of the past. A plain
    tuple, for a batch of orders needs ten thousands of them.
    """

    count: int
    median: float
    spread: float
    low: float
    high: float
    level: str = "customer_product"


class Unusual(NamedTuple):
    """How far a value is from what is usual: ``ratio`` to the median, ``z`` robust deviations."""

    ratio: float
    z: float
    low: float
    high: float
    level: str


def habit_of(values: Iterable[float], level: str = "customer_product") -> Habit | None:
    """Learn what is usual from past values; what is not above zero does not count. None: nothing to learn.

    Median and median deviation of the logarithms: one huge slip among them changes next to nothing. The
    range leaves out a tenth at either end, and always the largest and the smallest.
    """
    known = sorted(value for value in values if value > 0)
    if not known:
        return None
    logs = [log(value) for value in known]
    middle = median(logs)
    deviation = median(abs(one - middle) for one in logs) * TO_DEVIATION
    last, usual = len(known) - 1, exp(middle)
    low, high = known[(last + 9) // 10], known[last * 9 // 10]
    return Habit(len(known), usual, deviation, min(low, usual), max(high, usual), level)


def choose_habit(candidates: Iterable[Habit | None], min_history: int) -> Habit | None:
    """Return the first habit that is learned from enough; the most particular has to come first."""
    for habit in candidates:
        if habit and habit.count >= max(min_history, 1):
            return habit
    return None


def unusual(
    value: float, habit: Habit | None, limit: float, factor: float, min_spread: float = MIN_SPREAD
) -> Unusual | None:
    """Tell how far a value is above what is usual; None when it is not, or when nothing is known.

    It has to be ``limit`` robust deviations above the median, and ``factor`` times the median as well:
    somebody who always orders 1 may order 2, and somebody whose orders vary a lot may vary. What lies
    within the usual range never is unusual, nor is what is below it.
    """
    if habit is None or habit.median <= 0 or value <= habit.high or value < habit.median * factor:
        return None
    ratio = value / habit.median
    z = log(ratio) / max(habit.spread, min_spread)
    return Unusual(ratio, z, habit.low, habit.high, habit.level) if z >= limit else None


def too_many(count: int, usual_per_day: float, days: float, limit: float, factor: float) -> bool:
    """Tell whether so many orders in so many days are more than ``limit``, and ``factor`` times the usual.

    ``usual_per_day`` is what a customer places on a day with orders, at least one.
    """
    return count > limit and count >= factor * max(usual_per_day, 1.0) * max(days, 1.0)


def percent_off(actual: float, before: float) -> float:
    """Return by how many percent a price differs from the one before: -50.0 is half of it."""
    return (actual - before) / before * 100.0


def is_worth_a_look(stake: float, usual_order: Habit | None, ratio: float) -> bool:
    """Tell whether an unusual quantity is worth somebody's time.

    It is when the goods alone are worth as much as a usual order, ``stake`` being their value; and when
    the quantity is so many times the usual that it can only be a slip, whatever it costs.
    """
    return usual_order is None or stake >= usual_order.median or ratio >= SLIP_RATIO
