"""What the automatic review finds on an order, and how far something is from what is usual."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


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
    return all(key in waived and size <= waived[key] * (1 + 1e-9) + 1e-9 for key, size in now.items())


def is_off_price(
    actual: float, expected: float, quantity: float, tolerance_percent: float, rounding: float
) -> bool:
    """Tell whether a unit price is further from the list price than allowed, upwards or downwards.

    ``tolerance_percent`` is relative to the list price. What does not amount to one ``rounding``
    step of the currency over the whole ``quantity`` is never reported.
    """
    difference = abs(actual - expected)
    return difference * abs(quantity) >= rounding and difference > abs(expected) * tolerance_percent / 100.0
