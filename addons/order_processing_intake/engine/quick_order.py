"""What a customer types, pastes or uploads, understood as lines of an order.

Every line that says anything ends in exactly one :class:`Asked`: what is not understood is kept with a code
of its fault, for the customer to put right. Which products there are is not known here:
:meth:`Asked.readings` says how a line can be meant, the most likely way first.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NamedTuple

from .headings import heading, words_of
from .quantities import UnreadableQuantity, can_be_meant, count_in, read_quantity

HEADING_WITHIN = 10  # rows; above it may stand titles and addresses
LONGEST_LINE = 500  # what is longer is no line of an order, and is kept as it is
MOST_IN_FRONT = 1000  # 4711 Enamel Mug: the number of a mug, and not so many
FIGURES = r"\d[\d.,'’\u00a0\u202f]*"
UNIT = r"[^\W\d_][^\s\d]{0,19}"
COUNTED = re.compile(rf"({FIGURES})\s*({UNIT})?")
# 3 x LAMP, 3x LAMP
COUNT_FIRST = re.compile(rf"({FIGURES})\s*[x×*]\s*(.*\S)", re.IGNORECASE)
# LAMP x 3, LAMP *3
COUNT_LAST = re.compile(rf"(.*\S)\s+[x×*]\s*({FIGURES})(?:\s*({UNIT}))?", re.IGNORECASE)
# LAMP 3, LAMP: 3 pcs, LAMP Metal Lantern, 3, LAMP 2,5
NUMBER_LAST = re.compile(rf"(.*?[^\s,;:|])[\s,;:|]+({FIGURES})(?:\s*({UNIT}))?")
# LAMP,2,5: two and a half, or two at a price of 5
TWO_NUMBERS = re.compile(r"([^,]*[^,\s]),(\d+,\d+)")
# 3 LAMP, 3 pcs LAMP
NUMBER_FIRST = re.compile(rf"({FIGURES})\s+(?:({UNIT})\s+)?(\S.*)")
# Words with figures that belong to a name: E27, T-2; with others, nobody knows which is the quantity.
NAMED = re.compile(r"[^\W\d_][\w-]*")
MEASURE = re.compile(r"\d+(mm|cm|m|w|v|a|k|kg|g|l|ml|hz)", re.IGNORECASE)
TOTAL = re.compile(
    r"(\w+ )?(total|sum|summe|gesamt|somme|subtotal|合计|总计)"
    r"( (net|gross|netto|brutto|ht|ttc))?[\W\d]*([a-z]{3})?",
    re.IGNORECASE,
)


class Reading(NamedTuple):
    """One way a line can be meant: which code, and how many (None: it does not say)."""

    code: str
    quantity: Decimal | None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """One line as the customer gave it.

    ``fault``: "", ``bad_quantity`` or ``ambiguous_quantity``; ``given`` is what stands for the quantity.
    ``is_unit_sure``: what stands for the unit is one, and no description behind the quantity.
    """

    number: int
    text: str
    code: str
    quantity: Decimal | None = None
    unit: str = ""
    fault: str = ""
    given: str = ""
    is_unit_sure: bool = True

    def readings(self) -> list[Reading]:
        """Return how the line can be meant, the most likely way first."""
        first, _space, rest = self.code.partition(" ")
        found = [Reading(self.code, self.quantity, self.unit)]
        if self.quantity is None and not self.fault:
            found += self._count_first()
        if rest and not self._has_numbers(rest):
            found.append(Reading(first, self.quantity, self.unit))  # a description stands behind the code
        if self.quantity is not None:
            found.append(Reading(self.text, None))  # a code with a number at its end
        # 3<tab>4711, meant the other way; a long number is a code rather than a quantity.
        is_count = self.given.isdecimal() and len(self.code) < len(self.given)
        if is_count and (count := count_in(self.code)) is not None:
            found.append(Reading(self.given, count))
        return list(dict.fromkeys(found))

    def _has_numbers(self, words: str) -> bool:
        """Tell whether a number among the words may be the quantity."""
        with_figures = [word for word in words.split() if re.search(r"\d", word)]
        if self.quantity is not None:
            with_figures = [word for word in with_figures if not MEASURE.fullmatch(word)]
        return not all(map(NAMED.fullmatch, with_figures))

    def _count_first(self) -> list[Reading]:
        match = NUMBER_FIRST.fullmatch(self.code)
        count = match and count_in(match[1])
        if not match or count is None:
            return []
        unit, name = match[2] or "", match[3]
        named = [Reading(f"{unit} {name}".strip(), count)] if count < MOST_IN_FRONT else []
        return [*named, Reading(name, count, unit)] if unit else named


# -------------------------------------------------------------------------------- text
def read_text(text: str) -> list[Asked]:
    """Return the lines of a text that was typed or pasted, out of a spreadsheet or out of a mail."""
    lines = [(number, line.strip(" ")) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if mark := _divider([line for _number, line in lines]):
        return read_rows([(number, _cells(line, mark)) for number, line in lines])
    if lines and heading(lines[0][1].split()):
        lines = lines[1:]
    return [_read_line(number, " ".join(line.split())) for number, line in lines]


def _cells(line: str, mark: str) -> list[str]:
    """Return the cells of one line; a quote that is not closed ends with its line."""
    try:
        return next(csv.reader([line], delimiter=mark))
    except csv.Error:
        return line.split(mark)


def _divider(lines: Sequence[str]) -> str:
    """Return what divides the cells of a table, if it is one."""
    for mark in "\t;|":
        if any(mark in line for line in lines) and sum(mark in line for line in lines) * 2 >= len(lines):
            return mark
    # A comma may also stand in a name or a number: it divides where there is a number behind it everywhere.
    cells = [line.split(",") for line in lines]
    if any(map(heading, cells[:HEADING_WITHIN])):
        return ","
    if any(len(row) > 1 and _has_decimal_comma(row) for row in cells):
        return ""
    return "," if lines and all(len(row) > 1 and count_in(row[1]) is not None for row in cells) else ""


def _has_decimal_comma(cells: Sequence[str]) -> bool:
    """Tell whether what looks like a divider belongs to the quantity: LAMP 2,5 and LAMP, 1,200."""
    behind = ",".join(cells[1:])
    match = COUNTED.fullmatch(behind.strip()) if len(cells) > 2 else None
    is_one_number = match is not None and can_be_meant(match[1])
    return is_one_number or (behind[:1].isdecimal() and re.search(r"\s\d{1,3}$", cells[0]) is not None)


def _read_line(number: int, line: str) -> Asked:
    if len(line) > LONGEST_LINE:
        return Asked(number, line, line)
    if match := TWO_NUMBERS.fullmatch(line):
        return Asked(number, line, match[1], None, "", "ambiguous_quantity", match[2])
    if match := COUNT_FIRST.fullmatch(line):
        return _asked(number, line, match[2], match[1])
    if match := COUNT_LAST.fullmatch(line) or NUMBER_LAST.fullmatch(line):
        return _asked(number, line, match[1], match[2], match[3] or "")
    return Asked(number, line, line)


def _asked(number: int, text: str, code: str, quantity: object, unit: str = "") -> Asked:
    given = words_of(quantity)
    try:
        return Asked(number, text, code, read_quantity(quantity), unit, given=given)
    except UnreadableQuantity as error:
        return Asked(number, text, code, None, unit, error.code, given)


# -------------------------------------------------------------------------------- tables
def read_rows(rows: Iterable[tuple[int, Sequence]]) -> list[Asked]:
    """Return the lines of a table, with a heading or without; each row comes with its number."""
    filled = [(number, list(cells)) for number, cells in rows if any(words_of(cell) for cell in cells)]
    places: dict[str, int] = {}
    for at, (_number, cells) in enumerate(filled[:HEADING_WITHIN]):
        if places := heading(cells):
            filled = filled[at + 1 :]
            break
    read = _read_placed if places else _read_cells
    found = (read(number, cells, places) for number, cells in filled)
    return [asked for asked in found if asked]


def _read_placed(number: int, cells: Sequence, places: Mapping[str, int]) -> Asked | None:
    values = {name: cells[at] if at < len(cells) else None for name, at in places.items()}
    code, unit, count = words_of(values["code"]), words_of(values.get("unit")), values["quantity"]
    if not code:
        rest = [cell for at, cell in enumerate(cells) if at not in places.values()]
        code = _text(rest)  # a name may do; what only adds up the others is no line
        if not code or TOTAL.fullmatch(code):
            return None
    text = _text(cells)
    if not words_of(count):
        # An order form lists what there is: where no quantity stands, nothing was ordered as yet.
        return Asked(number, text, code, Decimal(0), unit)
    if isinstance(count, str) and (match := COUNTED.fullmatch(words_of(count))):
        count, unit = match[1], unit or match[2] or ""
    return _asked(number, text, code, count, unit)


def _read_cells(number: int, cells: Sequence, _places: Mapping[str, int]) -> Asked:
    """Read a row without heading: a code, and somewhere behind it how many."""
    filled = [cell for cell in cells if words_of(cell)]
    text = _text(cells)
    if len(filled) == 1:
        return (
            _read_line(number, words_of(filled[0]))
            if isinstance(filled[0], str)
            else Asked(number, text, text)
        )
    code = words_of(filled[0])
    for at, cell in enumerate(filled[1:], 1):
        if not isinstance(cell, str) or _is_figure(cell):
            unit = words_of(filled[at + 1]) if at + 1 < len(filled) else ""
            asked = _asked(number, text, code, cell, "" if _is_figure(unit) else unit)
            return replace(asked, is_unit_sure=re.fullmatch(UNIT, unit) is not None)
    for cell in filled[1:]:
        if match := COUNTED.fullmatch(words_of(cell)):
            return _asked(number, text, code, match[1], match[2] or "")
    if (count := count_in(code)) is not None and count < MOST_IN_FRONT:
        return Asked(number, text, f"{code} {words_of(filled[1])}")  # how many, then what; or code and name
    if len(filled) == 2:
        return Asked(number, text, code, None, "", "bad_quantity", words_of(filled[1]))
    return Asked(number, text, code)


def _is_figure(text: str) -> bool:
    return re.fullmatch(r"\d[\d.,'’ \u00a0\u202f]*", text.strip()) is not None


def _text(cells: Sequence) -> str:
    return " ".join(filter(None, map(words_of, cells)))
