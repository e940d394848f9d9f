"""Is an address in an area that carriers charge extra for, or take longer to?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

# Postal codes of unequal length: AB1 2CD, AB12 3CD. What counts is the area and the district before the last
# three signs, and PH2 is not between PH17 and PH26.
BRITISH = frozenset({"GB", "XI", "IM", "JE", "GG"})
BRITISH_CODE = re.compile(r"([A-Z]{1,2})(\d{1,2})?[A-Z]?(?:\d[A-Z]{2})?")
HIGHEST = 99


class RemoteArea(NamedTuple):
    """One row of the table: a country, or some of its states, or a range of its postal codes.

    States and codes are alternatives: either is enough, for addresses may lack one of them. No carriers
    means all of them.
    """

    id: int
    name: str
    country_code: str
    state_ids: frozenset[int] = frozenset()
    zip_from: str = ""
    zip_to: str = ""
    carrier_ids: frozenset[int] = frozenset()

    def includes(self, state_id: int | None, zip_code: str) -> bool:
        """Tell whether an address of this country, with that state and postal code, lies in the area."""
        if not self.state_ids and not self.zip_from:
            return True
        if state_id in self.state_ids:
            return True
        low, high = self.zip_from, self.zip_to
        return bool(low) and is_between(zip_code, low, high, self.country_code)


def find_area(
    areas: Iterable[RemoteArea], state_id: int | None, zip_code: str | None, carrier_id: int | None
) -> RemoteArea | None:
    """Return the first of a country's areas the address lies in; areas of other carriers do not count."""
    for area in areas:
        if area.carrier_ids and carrier_id not in area.carrier_ids:
            continue
        if area.includes(state_id, zip_code or ""):
            return area
    return None


def is_between(zip_code: str, low: str, high: str, country_code: str) -> bool:
    """Tell whether a postal code lies in a range whose ends are codes or how codes begin.

    Both ends belong to it; without a high end it is the codes that begin like the low one. ``83`` to
    ``84`` is all that begins with 83 or 84, and ``HS1`` to ``HS9`` all of the Hebrides.
    """
    high = high or low
    if country_code in BRITISH:
        first, last, code = _british(low), _british(high), _british(zip_code)
        if not (first and last and code) or code[1] is None:
            return False
        return (first[0], first[1] or 0) <= code <= (last[0], HIGHEST if last[1] is None else last[1])
    low, high, zip_code = plain_zip(low), plain_zip(high), plain_zip(zip_code)
    if low.isdigit() and high.isdigit():
        zip_code = re.sub(r"\D", "", zip_code)  # D-10115, LV-1010, 1791 AA
    if not low or len(zip_code) < len(low):
        return False
    return low <= zip_code[: len(low)] <= high


def range_fault(low: str, high: str, country_code: str) -> str:
    """Return what is wrong with a range: ``low``, ``high``, ``length``, ``order``, or an empty text."""
    if high and not low:
        return "low"
    if country_code in BRITISH:
        return _british_fault(low, high)
    low, high = plain_zip(low), plain_zip(high) or plain_zip(low)
    if len(low) != len(high):
        return "length"
    return "order" if low > high else ""


@lru_cache(maxsize=20_000)
def plain_zip(text: str) -> str:
    """Return a postal code in capitals, without blanks and signs."""
    text = unicodedata.normalize("NFKC", text).upper()
    return "".join(letter for letter in text if letter.isalnum())


def _british_fault(low: str, high: str) -> str:
    first, last = _british(low), _british(high or low)
    if low and not first:
        return "low"
    if high and not last:
        return "high"
    if not first or not last:
        return ""
    lowest = (first[0], first[1] or 0)
    return "order" if lowest > (last[0], HIGHEST if last[1] is None else last[1]) else ""


@lru_cache(maxsize=20_000)
def _british(text: str) -> tuple[str, int | None] | None:
    """Return area and district of a British code (``PH``, 26), or None when it is none."""
    match = BRITISH_CODE.fullmatch(plain_zip(text))
    if not match:
        return None
    letters, number = match.groups()
    return letters, None if number is None else int(number)
