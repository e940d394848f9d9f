"""What a plan of departures is about: what leaves, with which departure, and why.

Moments are UTC; parcels, weight and volume are whole numbers of the smallest unit that counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import NamedTuple

FOREVER = datetime.max


class Load(NamedTuple):
    """How much room something takes."""

    parcels: int = 1
    weight: int = 0
    volume: int = 0

    def __add__(self, other):
        """Return both together."""
        return Load(*(a + b for a, b in zip(self, other, strict=True)))


class Capacity(NamedTuple):
    """How much room there is; None is no limit."""

    parcels: int | None = None
    weight: int | None = None
    volume: int | None = None

    def short_of(self, load: Load) -> str | None:
        """Return what there is not enough of for this load; None where it fits."""
        for name, limit, need in zip(self._fields, self, load, strict=True):
            if limit is not None and need > limit:
                return name
        return None


class Code(str, Enum):
    """Why a consignment leaves when it does."""

    NEXT = "next"  # the next departure of its route
    CUT_OFF = "cut_off"  # not packed in time for an earlier one
    FULL = "full"  # others took the room of an earlier one
    WAITS = "waits"  # its goods come later
    WANTED = "wanted"  # the customer wants it later
    JOINED = "joined"  # waits for another to the same address
    FIXED = "fixed"  # a person has decided, or work on it has begun
    OUTSIZE = "outsize"  # no departure of its route can ever take it: it fits nowhere
    NO_DATE = "no_date"  # goods are missing and nobody knows until when
    NO_DEPARTURE = "no_departure"  # all departures that are known have left, are full or too early


@dataclass(frozen=True)
class Departure:
    """A departure of a route: what is packed by ``cut_off`` can be on it."""

    key: int
    route: int
    cut_off: datetime
    departs: datetime
    capacity: Capacity = Capacity()

    @property
    def order(self):
        """In time, and always the same."""
        return self.departs, self.cut_off, self.key


@dataclass(frozen=True)
class Consignment:
    """Goods for one address that leave together.

    ``ready``: when they are, or will be, packed; None: nobody knows. ``waits``: goods are still missing.
    ``due``: it has to leave by then to keep the promise. ``not_before``: the customer does not want it to
    leave earlier, as long as that keeps the promise. ``address``: those with the same one may go as one;
    None: it goes alone. ``may_join``: it may wait for others. ``fixed``: the departure it stays with.
    """

    key: int
    route: int
    ready: datetime | None
    load: Load = Load()
    urgent: bool = False
    score: float = 0.0
    due: datetime | None = None
    not_before: datetime | None = None
    waits: bool = False
    address: str | None = None
    may_join: bool = True
    fixed: int | None = None

    @property
    def rank(self):
        """Who chooses first: a total order."""
        return not self.urgent, -self.score, self.due or FOREVER, self.key


class Placement(NamedTuple):
    """With which departure a consignment leaves, why, and with whom as one parcel (the smallest key)."""

    key: int
    departure: int | None
    code: Code
    figures: dict
    joined: int | None = None
