"""A carrier's bill out of a table: which column means what, and what cannot be read.

Cells come as they stand in the file: text from a CSV file; text, numbers and dates from a spreadsheet. Every
row of the file ends in exactly one :class:`Row`, readable or not: nothing is lost. What is wrong is a code
with the name of the column and what stands there; the words are made elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

# What a column can mean. Of SURCHARGE there may be several: each becomes a line of its own.
TRACKING, REFERENCE, SERVICE, WEIGHT = "tracking", "reference", "service", "weight"
AMOUNT, SURCHARGE, CURRENCY, DATE = "amount", "surcharge", "currency", "date"
MEANINGS = (TRACKING, REFERENCE, SERVICE, WEIGHT, AMOUNT, SURCHARGE, CURRENCY, DATE)

TOTAL_WORDS = re.compile(r"\b(total|sum|summe|gesamt|somme|subtotal)\b|合计|总计", re.IGNORECASE)
SCIENTIFIC = re.compile(r"\d([.,]\d+)?e\+?\d+", re.IGNORECASE)
EXCEL_DIGITS = 15  # a spreadsheet keeps no more of a number
EXCEL_DAY_0 = date(1899, 12, 30)
MOST = Decimal(10) ** 12


class Problem(NamedTuple):
    """What is wrong, in which column, and what stands there."""

    code: str
    column: str
    value: str


class Format(NamedTuple):
    """How the file writes numbers and dates. ``decimal``: "." or "," or "" where each number says it."""

    decimal: str = ""
    date_format: str = "%Y-%m-%d"
    currency: str = ""


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
    sums: dict[str, Decimal] = {}
    counts: dict[str, int] = {}
    for number, cells in rows:
        if not any(_text(cell) for cell in cells):
            continue
        row = _read_row(number, header, cells, meanings, form)
        if _is_total(row, sums, counts):
            row.is_total, row.problems = True, []
        elif not row.problems:
            sums[row.currency] = sums.get(row.currency, Decimal(0)) + row.amount
            counts[row.currency] = counts.get(row.currency, 0) + 1
        result.append(row)
    return result


def _read_row(number, header, cells, meanings, form) -> Row:
    row = Row(number, currency=form.currency, cells=tuple(_text(cell) for cell in cells))
    surcharges = []
    for name, cell in zip(header, cells, strict=False):
        meaning = meanings.get(name)
        if not meaning or not _text(cell):
            continue
        try:
            value = READERS[meaning](cell, form)
        except Unreadable as error:
            row.problems.append(Problem(error.code, name, _text(cell)))
            continue
        if meaning == SURCHARGE:
            if value:
                surcharges.append(Charge(name, value))
        elif meaning == AMOUNT:
            row.charges.append(Charge("", value))
        else:
            setattr(row, meaning, value)
    row.charges = [Charge(row.service, charge.amount) for charge in row.charges] + surcharges
    if not row.charges and not row.problems:
        amount = next((name for name in header if meanings.get(name) in (AMOUNT, SURCHARGE)), "")
        row.problems.append(Problem("no_amount", amount, ""))
    return row


def _is_total(row: Row, sums, counts) -> bool:
    """Tell whether the row only adds up those above it: no parcel, "total" somewhere, their very sum."""
    if any(problem.column and problem.code not in ("no_amount",) for problem in row.problems):
        return False
    if not any(TOTAL_WORDS.search(cell) for cell in row.cells):
        return False
    named = row.tracking and not TOTAL_WORDS.search(row.tracking)
    return not named and counts.get(row.currency, 0) > 1 and row.amount == sums.get(row.currency)


# -------------------------------------------------------------------- cells
class Unreadable(ValueError):
    """A cell that does not hold what its column should."""

    def __init__(self, code: str):
        """Remember what is wrong."""
        super().__init__(code)
        self.code = code


def _text(cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime) and cell.time() == cell.min.time():
        return cell.date().isoformat()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 10**EXCEL_DIGITS:
        return str(int(cell))
    text = str(cell).replace("\u00a0", " ").replace("\ufeff", "").strip()
    if match := re.fullmatch(r'="(.*)"', text):  # how some write text so that a spreadsheet leaves it alone
        text = match[1].strip()
    return text


def read_text(cell, _form=None) -> str:
    """Return a cell as text."""
    return _text(cell)


def read_number(cell, _form=None) -> str:
    """Return a tracking number; refuse one that a spreadsheet has shortened."""
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        if abs(cell) >= 10**EXCEL_DIGITS:
            raise Unreadable("digits_lost")
        return _text(cell)
    text = _text(cell).removeprefix("'")
    if SCIENTIFIC.fullmatch(text):
        raise Unreadable("digits_lost")
    return text


def read_amount(cell, form: Format = Format()) -> Decimal:  # noqa: B008
    """Return an amount: 1,234.50, 1.234,50, 1 234.50-, (12.00), € 5, 12.00 CR."""
    if isinstance(cell, bool | date):
        raise Unreadable("bad_amount")
    if isinstance(cell, float | int):
        return _bounded(Decimal(repr(round(cell, 6))))
    text = _text(cell).replace(" ", "").replace("\u202f", "").replace("’", "").replace("'", "")
    text = text.replace("−", "-")
    negative = text.startswith("(") and text.endswith(")")
    text = text.strip("()")
    if text.upper().endswith("CR"):
        negative, text = True, text[:-2]
    text = re.sub(r"^[^\d.,+-]{1,4}(?=[\d.,+-])|[^\d.,+-]{1,4}$", "", text)
    if text.endswith("-"):
        text = "-" + text[:-1]
    # The currency may stand between the sign and the figures: -€5
    match = re.fullmatch(r"([+-]?)[^\d.,+-]{0,3}([\d.,]+)", text)
    if not match:
        raise Unreadable("bad_amount")
    sign, figures = match.groups()
    try:
        value = Decimal(_with_point(figures, form.decimal))
    except InvalidOperation:
        raise Unreadable("bad_amount") from None
    return _bounded(-value if (sign == "-") != negative else value)


def _bounded(value: Decimal) -> Decimal:
    if not value.is_finite() or abs(value) > MOST:
        raise Unreadable("bad_amount")
    return value


def _with_point(figures: str, decimal: str) -> str:
    """Return figures with a point before the decimals and nothing between the thousands."""
    if not decimal:
        decimal = _guess_decimal(figures)
    thousands = "," if decimal == "." else "."
    head, point, tail = figures.rpartition(decimal) if decimal in figures else (figures, "", "")
    if decimal in head or thousands in tail:
        raise Unreadable("bad_amount")
    groups = head.split(thousands)
    if len(groups) > 1 and (not 0 < len(groups[0]) <= 3 or any(len(group) != 3 for group in groups[1:])):
        raise Unreadable("bad_amount")
    return "".join(groups) + (f".{tail}" if point else "")


def _guess_decimal(figures: str) -> str:
    marks = [mark for mark in figures if mark in ".,"]
    if not marks:
        return "."
    if len(set(marks)) == 2:
        return marks[-1]
    if len(marks) > 1:
        return "," if marks[0] == "." else "."
    if re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", figures):
        raise Unreadable("ambiguous_amount")  # 1,234 is a thousand to some and one to others
    return marks[0]


def read_date(cell, form: Format = Format()) -> date:  # noqa: B008
    """Return a date: one of a spreadsheet, its day number, or text as the format says."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        if not 1 <= cell < 100_000:
            raise Unreadable("bad_date")
        return EXCEL_DAY_0 + timedelta(days=int(cell))
    try:
        return datetime.strptime(_text(cell), form.date_format).date()
    except ValueError:
        raise Unreadable("bad_date") from None


def read_currency(cell, _form=None) -> str:
    """Return the code of a currency."""
    code = _text(cell).upper()
    if not re.fullmatch(r"[A-Z]{3}", code):
        raise Unreadable("bad_currency")
    return code


def read_weight(cell, form: Format = Format()) -> Decimal:  # noqa: B008
    """Return a weight; its unit may stand behind it."""
    if isinstance(cell, str):
        cell = re.sub(r"\s*(kg|kgs|lb|lbs|g)\.?$", "", cell.strip(), flags=re.IGNORECASE)
    try:
        return read_amount(cell, form)
    except Unreadable as error:
        raise Unreadable(error.code.replace("amount", "weight")) from None


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
