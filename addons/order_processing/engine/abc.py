"""ABC classes: the few products that make up most of what is used, and the many that do not.

A product is A as long as those used more, by value, do not make up the share of A yet; B as long as they do
not make up the shares of A and B; else C. So the products of class A together make up at least their share,
equal values are in the same class, and the order in which they are given does not matter.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from itertools import groupby
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)
SHARE_A, SHARE_B = 0.8, 0.15


def classify(
    values: Mapping[Key, float], share_a: float = SHARE_A, share_b: float = SHARE_B
) -> dict[Key, str]:
    """Return the class of each; what is not used at all (a value of 0 or less) is C."""
    classes: dict[Key, str] = dict.fromkeys(values, "C")
    used = sorted(((value, key) for key, value in values.items() if value > 0), key=_by_value)
    total = sum(value for value, _key in used)
    before = 0.0
    for value, group in groupby(used, key=_by_value):
        keys = [key for _value, key in group]
        if before < share_a * total:
            classes.update(dict.fromkeys(keys, "A"))
        elif before < (share_a + share_b) * total:
            classes.update(dict.fromkeys(keys, "B"))
        before += -value * len(keys)
    return classes


def _by_value(pair: tuple[float, object]) -> float:
    """Largest first."""
    return -pair[0]
