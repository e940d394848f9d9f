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
from decimal import ROUND_CEILING, Decimal
from difflib import SequenceMatcher
from typing import NamedTuple

MOST = Decimal(1_000_000)
HEADING_WITHIN = 10  # rows; above it may stand titles and addresses
LIKE_ENOUGH = 0.6
FIGURES = r"\d[\d.,'’\u00a0\u202f]*"
UNIT = r"[^\W\d_][^\s\d]{0,19}"
COUNTED = re.compile(rf"({FIGURES})\s*({UNIT})?")
# 3 x LAMP, 3x LAMP
COUNT_FIRST = re.compile(rf"({FIGURES})\s*[x×*]\s*(.*\S)", re.IGNORECASE)
# LAMP x 3, LAMP *3
COUNT_LAST = re.compile(rf"(.*\S)\s+[x×*]\s*({FIGURES})(?:\s*({UNIT}))?", re.IGNORECASE)
# LAMP 3, LAMP: 3 pcs, LAMP Metal Lantern, 3
NUMBER_LAST = re.compile(rf"(.*[^\s,;:|])[\s,;:|]+({FIGURES})(?:\s*({UNIT}))?")
TOTAL = re.compile(r"\b(total|sum|summe|gesamt|somme|subtotal)\b|合计|总计", re.IGNORECASE)
HEADINGS = {
    "quantity": r"\b(qty|quantity|pcs|pieces|count|ordered)\b|menge|anzahl|stück|quantité|cantidad|数量|件数",
    "unit": r"^(unit|uom|unit of measure|packaging|einheit|unité|单位)$",
    "code": r"\b(sku|code|item|article|part|product|ref|reference|barcode|ean)\b|artikel|référence"
    r"|编号|编码|货号|品号|料号|型号|产品|商品",
}


class Reading(NamedTuple):
    """One way a line can be meant: which code, and how many (None: it does not say)."""

    code: str
    quantity: Decimal | None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """One line as the customer gave it.

    ``fault``: "", ``bad_quantity`` or ``ambiguous_quantity``; ``given`` is then what stands for the quantity.
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
        if rest and not re.search(r"(?<!\S)\d+(?!\S)", rest):
            # A description stands behind the code; with a number in it, nobody knows which is the quantity.
            found.append(Reading(first, self.quantity, self.unit))
        if self.quantity is not None:
            found.append(Reading(self.text, None))  # a code with a number at its end
        if (count := _count(self.code)) is not None and (other := self._quantity_as_code()):
            found.append(Reading(other, count))  # 3<tab>4711, meant the other way
        return list(dict.fromkeys(found))

    def _quantity_as_code(self) -> str:
        """Return what stands for the quantity, where it can be a code of figures."""
        if self.quantity is None:
            return self.given if self.given.isdecimal() else ""
        return format(self.quantity, "f") if self.quantity == self.quantity.to_integral() else ""


class Verdict(NamedTuple):
    """What is wrong with a quantity, and the nearest one from there up that is right."""

    code: str
    suggestion: Decimal | None = None


# -------------------------------------------------------------------------------- quantities
class UnreadableQuantity(ValueError):
    """Why something is no quantity, as a code."""

    def __init__(self, code: str) -> None:
        """Keep the code."""
        super().__init__(code)
        self.code = code


def read_quantity(value: object) -> Decimal:
    """Return a quantity: 3, 2.5, 2,5, 1 200, 1'200, 1,200.5.

    1,200 is refused: it is 1200 to some and 1.2 to others. Numbers of a spreadsheet are taken as they are.
    """
    if isinstance(value, bool):
        raise UnreadableQuantity("bad_quantity")
    if isinstance(value, int | float | Decimal):
        number = Decimal(repr(round(value, 6)) if isinstance(value, float) else value)
        return _bounded(number)
    figures = re.sub(r"(?<=\d)[ '’\u00a0\u202f](?=\d{3}(\D|$))", "", str(value).strip())
    if not re.fullmatch(r"\d+([.,]\d+)*", figures, re.ASCII):
        raise UnreadableQuantity("bad_quantity")
    marks = re.findall(r"[.,]", figures)
    if len(marks) == 1 and re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", figures):
        raise UnreadableQuantity("ambiguous_quantity")
    return _bounded(_with_point(figures, marks))


def _with_point(figures: str, marks: list[str]) -> Decimal:
    if len(marks) > 1:
        point = marks[-1] if marks[-1] not in marks[:-1] else ""
        between = set(marks[:-1] if point else marks)
        groups = re.split(r"[.,]", figures)[1 : -1 if point else None]
        if len(between) > 1 or any(len(group) != 3 for group in groups):
            raise UnreadableQuantity("bad_quantity")
        for mark in between:
            figures = figures.replace(mark, "")
    return Decimal(figures.replace(",", "."))


def _bounded(number: Decimal) -> Decimal:
    if not number.is_finite() or not 0 <= number <= MOST:
        raise UnreadableQuantity("bad_quantity")
    return number


def _count(text: str) -> Decimal | None:
    try:
        return read_quantity(text)
    except UnreadableQuantity:
        return None


def check_quantity(
    quantity: Decimal,
    minimum: Decimal = Decimal(0),
    multiple: Decimal = Decimal(0),
    step: Decimal = Decimal(0),
) -> Verdict | None:
    """Return what is wrong with a quantity, or None; all figures in the same unit.

    :param minimum: the smallest order, 0 for none
    :param multiple: it is sold by so many, 0 for any number
    :param step: the smallest part of the unit, 0 for any
    """
    if quantity <= 0:
        return Verdict("none", _next_right(max(minimum, multiple, step, Decimal(1)), multiple or step))
    if quantity > MOST:
        return Verdict("too_many")
    if quantity < minimum:
        return Verdict("below_minimum", _next_right(minimum, multiple or step))
    if multiple and quantity % multiple:
        return Verdict("not_multiple", _next_right(quantity, multiple))
    if step and not multiple and quantity % step:
        return Verdict("too_fine", _next_right(quantity, step))
    return None


def _next_right(quantity: Decimal, by: Decimal) -> Decimal:
    if not by:
        return quantity
    return (quantity / by).to_integral_value(ROUND_CEILING) * by


# -------------------------------------------------------------------------------- text
def read_text(text: str) -> list[Asked]:
    """Return the lines of a text that was typed or pasted, out of a spreadsheet or out of a mail."""
    lines = [(number, line.strip(" ")) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if mark := _divider([line for _number, line in lines]):
        return read_rows([(number, _cells(line, mark)) for number, line in lines])
    if lines and _heading(lines[0][1].split()):
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
    if any(map(_heading, cells[:HEADING_WITHIN])):
        return ","
    return "," if lines and all(len(row) > 1 and _count(row[1]) is not None for row in cells) else ""


def _read_line(number: int, line: str) -> Asked:
    if match := COUNT_FIRST.fullmatch(line):
        return _asked(number, line, match[2], match[1])
    if match := COUNT_LAST.fullmatch(line) or NUMBER_LAST.fullmatch(line):
        return _asked(number, line, match[1], match[2], match[3] or "")
    return Asked(number, line, line)


def _asked(number: int, text: str, code: str, quantity: object, unit: str = "") -> Asked:
    try:
        return Asked(number, text, code, read_quantity(quantity), unit)
    except UnreadableQuantity as error:
        return Asked(number, text, code, None, unit, error.code, _words(quantity))


# -------------------------------------------------------------------------------- tables
def read_rows(rows: Iterable[tuple[int, Sequence]]) -> list[Asked]:
    """Return the lines of a table, with a heading or without; each row comes with its number."""
    filled = [(number, list(cells)) for number, cells in rows if any(_words(cell) for cell in cells)]
    places: dict[str, int] = {}
    for at, (_number, cells) in enumerate(filled[:HEADING_WITHIN]):
        if places := _heading(cells):
            filled = filled[at + 1 :]
            break
    read = _read_placed if places else _read_cells
    found = (read(number, cells, places) for number, cells in filled)
    return [asked for asked in found if asked]


def _heading(cells: Sequence) -> dict[str, int]:
    """Return which column means what, if these cells are a heading: it names a code and a quantity."""
    places: dict[str, int] = {}
    for at, cell in enumerate(cells):
        words = _words(cell).casefold()
        meaning = next((name for name, hint in HEADINGS.items() if re.search(hint, words)), None)
        if meaning and meaning not in places and not re.search(r"\d{2}", words):
            places[meaning] = at
    return places if {"code", "quantity"} <= places.keys() else {}


def _read_placed(number: int, cells: Sequence, places: Mapping[str, int]) -> Asked | None:
    values = {name: cells[at] if at < len(cells) else None for name, at in places.items()}
    code, unit = _words(values["code"]), _words(values.get("unit"))
    if not code:
        rest = [cell for at, cell in enumerate(cells) if at not in places.values()]
        code = _text(rest)  # a name may do; what only adds up the others is no line
        if not code or TOTAL.search(code):
            return None
    text = _text(cells)
    if not _words(values["quantity"]):
        return Asked(number, text, code, None, unit)
    return _asked(number, text, code, values["quantity"], unit)


def _read_cells(number: int, cells: Sequence, _places: Mapping[str, int]) -> Asked:
    """Read a row without heading: a code, and somewhere behind it how many."""
    filled = [cell for cell in cells if _words(cell)]
    text = _text(cells)
    if len(filled) == 1:
        return (
            _read_line(number, _words(filled[0])) if isinstance(filled[0], str) else Asked(number, text, text)
        )
    code = _words(filled[0])
    for at, cell in enumerate(filled[1:], 1):
        if not isinstance(cell, str) or _is_figure(cell):
            unit = _words(filled[at + 1]) if at + 1 < len(filled) else ""
            asked = _asked(number, text, code, cell, "" if _is_figure(unit) else unit)
            return replace(asked, is_unit_sure=re.fullmatch(UNIT, unit) is not None)
    for cell in filled[1:]:
        if match := COUNTED.fullmatch(_words(cell)):
            return _asked(number, text, code, match[1], match[2] or "")
    if (count := _count(code)) is not None:
        return Asked(number, text, _words(filled[1]), count)  # how many, then what
    if len(filled) == 2:
        return Asked(number, text, code, None, "", "bad_quantity", _words(filled[1]))
    return Asked(number, text, code)


def _is_figure(text: str) -> bool:
    return re.fullmatch(r"\d[\d.,'’ \u00a0\u202f]*", text.strip()) is not None


def _words(cell: object) -> str:
    """Return a cell as text; a spreadsheet keeps 4711 as 4711.0."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 10**15:
        cell = int(cell)
    text = " ".join(str(cell).replace("\ufeff", "").split())
    return match[1] if (match := re.fullmatch(r'="(.*)"', text)) else text.strip('"')


def _text(cells: Sequence) -> str:
    return " ".join(filter(None, map(_words, cells)))


# -------------------------------------------------------------------------------- what was meant
def closest(code: str, known: Mapping[int, Sequence[str]], most: int = 3) -> list[int]:
    """Return whose codes or names are most like what was typed, at most so many, the likest first."""
    asked = _plain(code)
    scores = {
        key: max((_likeness(asked, _plain(one)) for one in names), default=0.0)
        for key, names in known.items()
    }
    likest = sorted(
        (key for key, score in scores.items() if score >= LIKE_ENOUGH), key=lambda key: (-scores[key], key)
    )
    return likest[:most]


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())


def _likeness(asked: str, name: str) -> float:
    if not asked or not name:
        return 0.0
    ratio = SequenceMatcher(None, asked, name, autojunk=False).ratio()
    # A part of a name, of some length, means it as much as a misspelt code does.
    return max(ratio, 0.75) if len(asked) >= 4 and asked in name else ratio
