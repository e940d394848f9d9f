"""ABC classes: the few products that make up most of what is used, and the many that do not.

A product is A as long as those used more, by value, do not make up the share of A yet; B as long as they do
not make up the shares of A and B; else C. So the products of class A together make up at least their share,
equal values are in the same class, and the order in which they are given does not matter.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)
SHARE_A, SHARE_B = 0.8, 0.15


def classify(
    values: Mapping[Key, float], share_a: float = SHARE_A, share_b: float = SHARE_B
) -> dict[Key, str]:
    """Return the class of each; what is not used at all (a value of 0 or less) is C."""
    classes: dict[Key, str] = dict.fromkeys(values, "C")
    by_value: dict[float, list[Key]] = {}
    for key, value in values.items():
        if value > 0:
            by_value.setdefault(value, []).append(key)
    largest_first = sorted(by_value, reverse=True)
    total = sum(value * len(by_value[value]) for value in largest_first)
    before = 0.0
    for value in largest_first:
        if before < share_a * total:
            classes.update(dict.fromkeys(by_value[value], "A"))
        elif before < (share_a + share_b) * total:
            classes.update(dict.fromkeys(by_value[value], "B"))
        before += value * len(by_value[value])
    return classes
