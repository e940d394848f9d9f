"""One walk through the warehouse for many transfers: each shelf once, each product once, split by box."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

_NUMBERS = re.compile(r"(\d+)")


@dataclass(frozen=True)
class Take:
    """So much of one thing, at one place, for the transfer in one box of the trolley."""

    place: str
    thing: object  # whatever tells things apart that lie side by side: product, lot, package
    label: str  # by which things at one place are put in order
    quantity: float
    box: int


@dataclass(frozen=True)
class Row:
    """What is taken of one thing at one stop, and how it is shared out: ``((box, quantity), …)``."""

    thing: object
    quantity: float
    split: tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class Stop:
    """One place on the way."""

    place: str
    rows: tuple[Row, ...]


def natural_key(text: str) -> tuple:
    """Order names as people read them: shelf A-2 comes before shelf A-10."""
    parts = _NUMBERS.split(text.casefold())
    return tuple((1, int(part), "") if part.isdecimal() else (0, 0, part) for part in parts)


def walk(takes: list[Take]) -> list[Stop]:
    """Return the stops in the order of their names; what is taken for one box twice is summed."""
    places: dict[str, dict[object, list[Take]]] = defaultdict(lambda: defaultdict(list))
    for take in takes:
        places[take.place][take.thing].append(take)
    return [
        Stop(place, tuple(_row(thing, some) for thing, some in sorted(things.items(), key=_by_label)))
        for place, things in sorted(places.items(), key=lambda item: (natural_key(item[0]), item[0]))
    ]


def _by_label(item: tuple[object, list[Take]]) -> tuple:
    return natural_key(item[1][0].label), item[1][0].label


def _row(thing: object, takes: list[Take]) -> Row:
    boxes: dict[int, float] = defaultdict(float)
    for take in takes:
        boxes[take.box] += take.quantity
    return Row(thing, sum(boxes.values()), tuple(sorted(boxes.items())))
