"""Reservations that do not add up: what is wrong at a place, why probably, and what is to be released.

A *place* is a product at one exact location, of one lot, package and owner. Quantities are in the product's
own unit and rounded already.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple


class Figures(NamedTuple):
    """What is known of a place.

    ``reserved`` stands on the stock records, ``by_lines`` is what open transfers hold, ``by_hand`` the part
    of it that people typed, ``automatic`` the rest. ``reserving`` and ``supplying`` are how many stock
    records carry a reservation and a quantity. ``lost`` and ``moved`` have left since the oldest of the
    reservations (``since``): to inventory loss or scrap, and by other transfers.
    """

    on_hand: float = 0.0
    reserved: float = 0.0
    by_lines: float = 0.0
    by_hand: float = 0.0
    automatic: float = 0.0
    records: int = 0
    reserving: int = 0
    supplying: int = 0
    lost: float = 0.0
    moved: float = 0.0
    since: datetime | None = None

    @property
    def claimed(self) -> float:
        """What is reserved, whoever says so."""
        return max(self.reserved, self.by_lines)

    @property
    def is_by_hand(self) -> bool:
        """More is reserved than is there, because people typed it: without them it fits."""
        return self.by_hand > 0 and self.by_lines > self.on_hand and self.automatic <= max(self.on_hand, 0)


class Line(NamedTuple):
    """An automatic reservation nobody has picked yet. The smaller ``rank`` goes first."""

    line_id: int
    quantity: float
    rank: str


def kinds_of(place: Figures) -> list[str]:
    """Return what is wrong there, in the order in which it is put right."""
    wrong = {
        "duplicate": place.records > 1,
        "mismatch": place.reserved != place.by_lines,
        # Less than nothing on hand is no drift as long as nothing is reserved: more was shipped than known.
        "over": place.claimed > 0 and place.claimed > place.on_hand,
    }
    return [kind for kind, is_wrong in wrong.items() if is_wrong]


def state_of(kind: str, place: Figures) -> str:
    """Return ``by_hand`` for what people have decided so, which no repair undoes, else ``open``."""
    return "by_hand" if kind == "over" and place.is_by_hand else "open"


def cause_of(kind: str, place: Figures) -> tuple[str, dict[str, Any]]:
    """Return the probable cause, as a code and its figures."""
    code = {"over": _why_over, "mismatch": _why_mismatch, "duplicate": _why_duplicate}[kind](place)
    names = {
        "by_hand": ("by_hand",),
        "lost": ("lost", "since"),
        "moved": ("moved", "since"),
        "no_line": ("reserved",),
        "release_lost": ("reserved", "by_lines"),
        "reservation_lost": ("reserved", "by_lines"),
        "same_moment": ("reserving",),
        "receipt": ("records",),
    }
    figures = {name: getattr(place, name) for name in names.get(code, ())}
    if place.since and "since" in figures:
        figures["since"] = place.since.isoformat(" ", "seconds")
    return code, figures


def _why_over(place: Figures) -> str:
    if place.is_by_hand:
        return "by_hand"
    if place.by_lines <= place.on_hand:
        return _why_mismatch(place)  # transfers hold no more than is there: it only stands on the record
    for code, left in (("lost", place.lost), ("moved", place.moved)):
        # It fitted before that much left.
        if left > 0 and place.on_hand + left >= place.by_lines:
            return code
    return "same_moment" if place.reserving > 1 else "unknown"


def _why_mismatch(place: Figures) -> str:
    if not place.by_lines:
        return "no_line"
    return "release_lost" if place.reserved > place.by_lines else "reservation_lost"


def _why_duplicate(place: Figures) -> str:
    if place.reserving > 1:
        return "same_moment"
    return "receipt" if place.supplying > 1 else "unknown"


def to_release(lines: Iterable[Line], excess: float) -> list[tuple[int, float]]:
    """Return (line, quantity) to release until it fits: the lowest rank first, the last one in part."""
    released = []
    for line in sorted(lines, key=lambda line: (line.rank, line.line_id), reverse=True):
        if excess <= 0:
            break
        quantity = min(line.quantity, excess)
        released.append((line.line_id, quantity))
        excess -= quantity
    return released
