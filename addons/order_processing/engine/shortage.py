"""What is short of a product in a warehouse, for whom, and which receipt will help.

What lies there free goes to those who wait for it in order of rank; what comes in follows, the earliest
first. Whoever still misses something is short: of what was not there, with the receipts that will bring it,
and with what no receipt brings (nobody has ordered it).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Need:
    """So much of the product somebody waits for that is not set aside yet; the lowest rank goes first."""

    key: Hashable
    rank: str
    quantity: float


@dataclass(frozen=True, slots=True)
class Coming:
    """What comes in, when, and by which document. ``firm``: it is ordered, not only asked for."""

    key: Hashable
    date: datetime
    quantity: float
    firm: bool = True


@dataclass(frozen=True, slots=True)
class Short:
    """What is missing for a need now. ``date`` is when the last of it comes; None: nobody can say."""

    key: Hashable
    quantity: float
    uncovered: float
    helped_by: tuple[tuple[Coming, float], ...]

    @property
    def date(self) -> datetime | None:
        """When the last of it comes."""
        return None if self.uncovered else max(coming.date for coming, _quantity in self.helped_by)

    @property
    def firm(self) -> bool:
        """Whether everything that helps is ordered, and nothing is left without help."""
        return not self.uncovered and all(coming.firm for coming, _quantity in self.helped_by)


def shortages(
    needs: Iterable[Need], free: float, coming: Iterable[Coming], rounding: float = 0.01
) -> list[Short]:
    """Return who is short of a product, first in rank first; who has enough is left out."""
    queue = sorted(needs, key=lambda need: (need.rank, str(need.key)))
    # Of what comes on the same day, what is certain first.
    left = [[one, one.quantity] for one in sorted(coming, key=lambda c: (c.date, not c.firm, str(c.key)))]
    free = max(free, 0.0)
    found = []
    for need in queue:
        taken = min(free, need.quantity)
        free -= taken
        missing = _clean(need.quantity - taken, rounding)
        if missing:
            helped_by, uncovered = _help(missing, left, rounding)
            found.append(Short(need.key, missing, uncovered, helped_by))
    return found


def _help(
    missing: float, left: list[list], rounding: float
) -> tuple[tuple[tuple[Coming, float], ...], float]:
    """Take what is missing from what comes; return who helps, and what remains without help."""
    helped_by = []
    for entry in left:
        taken = _clean(min(entry[1], missing), rounding)
        if taken:
            entry[1] -= taken
            missing -= taken
            helped_by.append((entry[0], taken))
        if not _clean(missing, rounding):
            return tuple(helped_by), 0.0
    return tuple(helped_by), _clean(missing, rounding)


def _clean(quantity: float, rounding: float) -> float:
    """Return the quantity as it can be counted; what is less than half of the least unit is nothing."""
    return 0.0 if quantity < rounding / 2 else round(quantity / rounding) * rounding
