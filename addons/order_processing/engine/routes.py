"""Which delivery route serves an address.

Customers named on a route go first, wherever they are. Then the area decides: of the routes that take the
address in, the one that says most about it (postal code before state before country before carrier), then
the sequence, then the older one. A route that names carriers takes only what goes by one of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

ZipRange = tuple[str, str]
# Between the ends of a range, whatever they look like.
RANGE = re.compile(r"\s+[-–]\s+|\s*(?:\.{2,3}|…)\s*")


class Code(str, Enum):
    """Why this route, or none."""

    CUSTOMER = "route_customer"
    ZIP = "route_zip"
    STATE = "route_state"
    COUNTRY = "route_country"
    CARRIER = "route_carrier"
    EVERYWHERE = "route_everywhere"
    OTHER_CARRIER = "no_route_carrier"  # the area is served, but not with this carrier
    NONE = "no_route"


class Address(NamedTuple):
    """Where it goes, for whom (the address itself and those above it), and how."""

    partners: tuple[int, ...] = ()
    country: int | None = None
    state: int | None = None
    zip: str = ""
    carrier: int | None = None


@dataclass(frozen=True)
class Route:
    """What a route serves; empty is everything. One that only names customers serves only them."""

    key: int
    sequence: int = 10
    partners: frozenset[int] = frozenset()
    carriers: frozenset[int] = frozenset()
    countries: frozenset[int] = frozenset()
    states: frozenset[int] = frozenset()
    zips: tuple[ZipRange, ...] = ()

    @property
    def has_area(self) -> bool:
        """Whether it says where it goes."""
        return bool(self.countries or self.states or self.zips)


class Served(NamedTuple):
    """The route of an address and why; ``route`` None: no route serves it."""

    route: int | None
    code: Code
    figures: dict


def plain_zip(code: str | None) -> str:
    """Return a postal code as it is compared: letters and digits only."""
    return "".join(filter(str.isalnum, code or "")).upper()


def parse_zips(text: str | None) -> tuple[ZipRange, ...]:
    """Return the ranges of "20-21, 80331, 00-950, 1000 - 1999".

    Raises ValueError with the part that is not a range, or whose end is before its beginning.
    """
    ranges = []
    for part in map(str.strip, (text or "").replace(";", ",").split(",")):
        if not part:
            continue
        ends = [plain_zip(end) for end in _ends(part)]
        if len(ends) > 2 or not all(ends) or _before(ends[-1], ends[0]):
            raise ValueError(part)
        ranges.append((ends[0], ends[-1]))
    return tuple(ranges)


def _ends(part):
    """Return the ends of a range, or the one code it is.

    Many countries write a hyphen within a code: 00-950, 100-0001. One without spaces around it is that of a
    range only between two ends of the same shape, as in 20-21 and M1-M9.
    """
    ends = RANGE.split(part)
    if len(ends) > 1:
        return ends
    ends = re.split("[-–]", part)
    if len(ends) == 1:
        return ends
    if len(ends) > 2 or any(end != end.strip() for end in ends):
        return [""]  # neither a code nor a range
    return ends if _shape(ends[0]) == _shape(ends[1]) or not all(ends) else [part]


def _shape(code):
    return ["9" if char.isdigit() else "A" if char.isalpha() else char for char in code]


def serve(address: Address, routes: Iterable[Route]) -> Served:
    """Return which of the routes serves the address."""
    there = [(said, route) for route in routes if (said := _says(route, address)) is not None]
    by_carrier = [
        (said, route) for said, route in there if not route.carriers or address.carrier in route.carriers
    ]
    if not by_carrier:
        if there:
            return Served(
                None, Code.OTHER_CARRIER, {"routes": sorted(route.key for _said, route in there)[:3]}
            )
        return Served(None, Code.NONE, {})
    (named, digits, *area), route = min(by_carrier, key=lambda found: _order(*found))
    return Served(route.key, _code(route, not named, -digits, area), {})


def _says(route, address):
    """How much a route says about an address, the smaller the more; None where it does not go there."""
    if route.partners.intersection(address.partners):
        return False, 0, False, False
    if route.partners and not route.has_area:
        return None
    if route.countries and address.country not in route.countries:
        return None
    if route.states and address.state not in route.states:
        return None
    digits = 0
    if route.zips:
        code = plain_zip(address.zip)
        digits = max((len(low) for low, high in route.zips if _within(code, low, high)), default=None)
        if digits is None:
            return None
    return True, -digits, not route.states, not route.countries


def _within(code, low, high):
    return bool(code) and not _before(code, low) and code[: len(high)] <= high


def _before(code, low):
    return code[: len(low)] < low[: len(code)] or (
        len(code) < len(low) and low.startswith(code) and code != low
    )


def _order(said, route):
    return *said, not route.carriers, route.sequence, route.key


def _code(route, named, digits, area):
    if named:
        return Code.CUSTOMER
    if digits:
        return Code.ZIP
    no_state, no_country = area
    if not no_state:
        return Code.STATE
    if not no_country:
        return Code.COUNTRY
    return Code.CARRIER if route.carriers else Code.EVERYWHERE
