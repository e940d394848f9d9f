"""Numbers as people type them, in the way of writing of their language.

What could be two numbers is read as the language writes it: "1,000" is a thousand in English and one in
German. What is no number in any way of writing is none: an order is not changed by a guess.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST = 24
PLAIN = re.compile(r"([0-9]+)(?:[.,]([0-9]+))?|[.,]([0-9]+)")


def read_number(typed: str, point: str = ".", group: str = ",") -> float | None:
    """Return the number that was typed, or None.

    :param point: what the language writes before decimals
    :param group: what it writes between thousands; may be empty
    """
    text = unicodedata.normalize("NFKC", typed[: LONGEST + 1]).strip()
    if not text or len(text) > LONGEST or not text.isascii():
        return None
    thousands = "".join(re.escape(sign) for sign in {group.strip() or "'", " "} if sign != point)
    grouped = re.compile(
        rf"[0-9]{{1,3}}([{thousands}])[0-9]{{3}}(?:\1[0-9]{{3}})*(?:{re.escape(point)}[0-9]+)?"
    )
    if grouped.fullmatch(text):
        whole = re.sub(rf"[{thousands}]", "", text)
        return float(whole.replace(point, "."))
    return float(text.replace(",", ".")) if PLAIN.fullmatch(text) else None


def write_number(value: float, digits: int, point: str = ".") -> str:
    """Return the number so that ``read_number`` reads the same, without zeros nobody needs."""
    whole, _point, decimals = f"{value:.{digits}f}".partition(".")
    decimals = decimals.rstrip("0")
    return f"{whole}{point}{decimals}" if decimals else whole
