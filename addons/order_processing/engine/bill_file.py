"""A carrier's bill out of a table: which column means what, and what cannot be read.

Cells come as they stand in the file: text from a CSV file; text, numbers and dates from a spreadsheet. Every
row of the file ends in exactly one :class:`Row`, readable or not: nothing is lost. What is wrong is a code
with the name of the column and what stands there; the words are made elsewhere.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from .bill_cells import (
    Format,
    Unreadable,
    read_amount,
    read_currency,
    read_date,
    read_number,
    read_text,
    read_weight,
    text_of,
)

__all__ = [
    "Charge",
    "Format",
    "Problem",
    "Row",
    "Unreadable",
    "guess_meanings",
    "read",
    "read_amount",
    "read_date",
]

# What a column can mean. Of SURCHARGE there may be several: each becomes a line of its own.
TRACKING, REFERENCE, SERVICE, WEIGHT = "tracking", "reference", "service", "weight"
AMOUNT, SURCHARGE, CURRENCY, DATE = "amount", "surcharge", "currency", "date"

TOTAL_WORDS = re.compile(r"\b(total|sum|summe|gesamt|somme|subtotal)\b|合计|总计", re.IGNORECASE)
# What says nothing about the other columns: the amount itself is missing.
AMOUNT_CODES = frozenset({"bad_amount", "ambiguous_amount", "no_amount", "too_precise"})


class Problem(NamedTuple):
    """What is wrong, in which column, and what stands there."""

    code: str
    column: str
    value: str

    @property
    def is_amount(self) -> bool:
        """Tell whether only this amount is missing; whose the row is, and what else it charges, is known."""
        return self.code in AMOUNT_CODES


class Charge(NamedTuple):
    """An amount of a row: what for, and how much."""

    service: str
    amount: Decimal


@dataclass(slots=True)
class Row:
    """A row of the file. ``is_total``: it only adds up what stands above it."""

    number: int
    tracking: str = ""
    reference: str = ""
    service: str = ""
    weight: Decimal | None = None
    currency: str = ""
    date: date | None = None
    charges: list[Charge] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    is_total: bool = False
    cells: tuple = ()

    @property
    def amount(self) -> Decimal:
        """Return all that the row charges."""
        return sum((charge.amount for charge in self.charges), Decimal(0))


def read(
    header: Sequence[str],
    rows: Sequence[tuple[int, Sequence]],
    meanings: Mapping[str, str],
    form: Format = Format(),  # noqa: B008
) -> list[Row]:
    """Read the rows, each with its number in the file, by what the columns of the header mean."""
    result: list[Row] = []
    sums = _Sums()
    for number, cells in rows:
        if not any(text_of(cell) for cell in cells):
            continue
        row = _read_row(number, header, cells, meanings, form)
        if _is_total(row, sums):
            row.is_total, row.problems = True, []
            sums.begin_anew(row.currency)
        elif not any(problem.is_amount for problem in row.problems):
            sums.add(row)
        result.append(row)
    return result


class _Sums:
    """What the rows add up to, all of them and since the last total, in each currency."""

    def __init__(self):
        self.all: dict[str, Decimal] = defaultdict(Decimal)
        self.since: dict[str, Decimal] = defaultdict(Decimal)
        self.counts: dict[str, int] = defaultdict(int)

    def add(self, row: Row) -> None:
        self.all[row.currency] += row.amount
        self.since[row.currency] += row.amount
        self.counts[row.currency] += 1

    def begin_anew(self, currency: str) -> None:
        self.since.pop(currency, None)

    def are(self, row: Row) -> bool:
        """Tell whether the row is what several above it come to, or those below the last total."""
        currency = row.currency
        own = (self.all[currency], *([self.since[currency]] if currency in self.since else ()))
        return self.counts[currency] > 1 and row.amount in own


def _read_row(
    number: int, header: Sequence[str], cells: Sequence, meanings: Mapping[str, str], form: Format
) -> Row:
    row = Row(number, currency=form.currency, cells=tuple(text_of(cell) for cell in cells))
    surcharges = []
    for name, cell in zip(header, cells, strict=False):
        meaning = meanings.get(name)
        if not meaning or not text_of(cell):
            continue
        try:
            value = READERS[meaning](cell, form)
        except Unreadable as error:
            row.problems.append(Problem(error.code, name, text_of(cell)))
            continue
        if meaning == SURCHARGE:
            if value:
                surcharges.append(Charge(name, value))
        elif meaning == AMOUNT:
            row.charges.append(Charge("", value))
        else:
            setattr(row, meaning, value)
    row.charges = [Charge(row.service, charge.amount) for charge in row.charges] + surcharges
    if not row.charges and not any(problem.is_amount for problem in row.problems):
        amount = next((name for name in header if meanings.get(name) in (AMOUNT, SURCHARGE)), "")
        row.problems.append(Problem("no_amount", amount, ""))
    return row


def _is_total(row: Row, sums: _Sums) -> bool:
    """Tell whether the row only adds up those above it: no parcel, "total" somewhere, their very sum."""
    if any(problem.code != "no_amount" for problem in row.problems):
        return False
    if not any(TOTAL_WORDS.search(cell) for cell in row.cells):
        return False
    named = row.tracking and not TOTAL_WORDS.search(row.tracking)
    return not named and sums.are(row)


READERS = {
    TRACKING: read_number,
    REFERENCE: read_number,
    SERVICE: read_text,
    WEIGHT: read_weight,
    AMOUNT: read_amount,
    SURCHARGE: read_amount,
    CURRENCY: read_currency,
    DATE: read_date,
}

# Headings that say what a column means, in the languages carriers bill in.
HINTS = (
    (TRACKING, r"track|waybill|awb|parcel n|paket|sendungs|consignment|运单|快递单"),
    (SURCHARGE, r"surcharge|fuel|toll|zuschlag|maut|附加"),
    (WEIGHT, r"weight|gewicht|poids|重量|\bkg\b"),
    (CURRENCY, r"currency|währung|devise|币种|\bccy\b"),
    (AMOUNT, r"amount|net|price|charge|betrag|montant|金额|费用|cost"),
    (SERVICE, r"service|product|description|leistung|服务|产品"),
    (REFERENCE, r"ref|order|auftrag|订单"),
    (DATE, r"date|datum|日期"),
)


def guess_meanings(header: Sequence[str]) -> dict[str, str]:
    """Return what the columns probably mean; each meaning once, surcharges as often as they come."""
    taken: dict[str, str] = {}
    for name in header:
        for meaning, hint in HINTS:
            if re.search(hint, name, re.IGNORECASE) and (
                meaning == SURCHARGE or meaning not in taken.values()
            ):
                taken[name] = meaning
                break
    return taken
