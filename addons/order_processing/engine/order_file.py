"""Orders out of a file of invoice lines, as dirty as real files are.

Every row of the file ends in exactly one :class:`Bucket`, and every document (the rows that share a
number) is of exactly one :class:`Kind`, so that what was read can be added up: nothing is dropped
silently. A document becomes an order when at least one of its rows is a line of an order::

    rows ──read_rows──▶ Row ──by number──▶ documents ──classify──▶ FileOrder
                         └── a Bucket each       └── a Kind each
"""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, TextIO

# Below half a hundredth a price is none.
NO_PRICE = 0.005
# A number no quantity or price of an order reaches.
TOO_LARGE = 1e12


class Bucket(Enum):
    """What became of one row."""

    GOODS = "goods"
    REPEATED = "repeated"  # the same SKU again in its order: a line of its own, as the customer ordered it
    ZERO_PRICE = "zero_price"  # in an order that is one: stays a line, and the price check will find it
    FREIGHT = "freight"
    MANUAL = "manual"  # a price somebody made up: no list has it
    VOUCHER = "voucher"
    CANCELLATION = "cancellation"
    CORRECTION = "correction"  # stock found or written off
    CHARGE = "charge"  # bookkeeping: bank charges, fees, samples
    UNREADABLE = "unreadable"
    INCOMPLETE = "incomplete"  # good in itself, but of an order with an unreadable row
    NOT_SELECTED = "not_selected"


class Kind(Enum):
    """What one document is."""

    ORDER = "order"
    CANCELLATION = "cancellation"
    CORRECTION = "correction"
    CHARGE = "charge"
    INCOMPLETE = "incomplete"
    NOT_SELECTED = "not_selected"


ORDERED = (Bucket.GOODS, Bucket.REPEATED, Bucket.ZERO_PRICE, Bucket.FREIGHT, Bucket.MANUAL, Bucket.VOUCHER)
PRICED_GOODS = (Bucket.GOODS, Bucket.REPEATED, Bucket.VOUCHER)
LEFT_OUT = tuple(bucket for bucket in Bucket if bucket not in ORDERED)
COLUMNS = {
    "ref": "InvoiceNo",
    "sku": "StockCode",
    "text": "Description",
    "quantity": "Quantity",
    "date": "InvoiceDate",
    "price": "UnitPrice",
    "customer": "CustomerID",
    "country": "Country",
}


@dataclass(frozen=True)
class FileFormat:
    """How to read a file: its columns, and what its special codes mean."""

    columns: dict[str, str] = field(default_factory=lambda: dict(COLUMNS))
    delimiter: str = ","
    encoding: str = "utf-8-sig"
    date_format: str = ""  # empty: ISO, 2010-12-01 08:26:00
    cancel_prefix: str = "C"
    freight_codes: frozenset[str] = frozenset({"POST", "DOT", "C2"})
    manual_codes: frozenset[str] = frozenset({"M", "D"})
    charge_codes: frozenset[str] = frozenset({"BANK CHARGES", "AMAZONFEE", "CRUK", "S", "B"})
    voucher_prefix: str = "GIFT_"

    def parse_date(self, value: str) -> datetime:
        """Return a date of the file."""
        if self.date_format:
            return datetime.strptime(value, self.date_format)
        return datetime.fromisoformat(value)


@dataclass(frozen=True)
class Selection:
    """Which documents of the file are meant: from one day to another, and at most so many orders."""

    first: date | None = None
    last: date | None = None
    limit: int | None = None

    def has(self, day: date) -> bool:
        """Tell whether a document of that day is meant."""
        return (self.first is None or day >= self.first) and (self.last is None or day <= self.last)


@dataclass(slots=True)
class Row:
    """One row of the file, understood; SKUs are compared without regard to case."""

    number: int
    ref: str
    sku: str = ""
    text: str = ""
    quantity: float = 0.0
    price: float = 0.0
    date: datetime | None = None
    customer: str = ""
    country: str = ""
    bucket: Bucket | None = None

    @property
    def is_ordered(self) -> bool:
        """Whether the row is a line of an order."""
        return self.bucket in ORDERED


@dataclass(slots=True)
class FileOrder:
    """One order of the file; a missing customer number means a customer nobody knows by name."""

    ref: str
    date: datetime
    customer: str
    country: str
    lines: list[Row]

    @property
    def is_walk_in(self) -> bool:
        """Whether the file does not say who ordered."""
        return not self.customer


@dataclass(slots=True)
class OrderFile:
    """What a file holds: its orders, and how many rows and documents are what."""

    orders: list[FileOrder] = field(default_factory=list)
    rows: Counter[Bucket] = field(default_factory=Counter)
    documents: Counter[Kind] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)

    @property
    def row_count(self) -> int:
        """How many rows the file has."""
        return sum(self.rows.values())

    @property
    def line_count(self) -> int:
        """How many of its rows are lines of orders."""
        return sum(self.rows[bucket] for bucket in ORDERED)


class MissingColumns(ValueError):
    """The file's first line does not name these columns."""

    def __init__(self, missing: list[str], found: list[str]) -> None:
        """Keep both lists, to tell the user."""
        super().__init__(", ".join(missing))
        self.missing = missing
        self.found = found


class Fault(NamedTuple):
    """A row that cannot be understood: the code of its fault, and the value at fault."""

    row: Row
    code: str
    value: str


# -------------------------------------------------------------------------------- reading
def open_file(path: str | Path, encoding: str) -> TextIO:
    """Open a text file, packed with gzip or not."""
    if str(path).endswith(".gz"):
        return gzip.open(path, "rt", encoding=encoding, newline="")
    return open(path, encoding=encoding, newline="")


def load(path: str | Path, form: FileFormat | None = None, selection: Selection | None = None) -> OrderFile:
    """Return what the file at ``path`` holds, as far as it is selected."""
    form = form or FileFormat()
    with open_file(path, form.encoding) as lines:
        return sort_out(read_rows(lines, form), form, selection or Selection())


def read_rows(lines: Iterable[str], form: FileFormat) -> Iterator[Row | Fault]:
    """Yield the rows, and as a :class:`Fault` each one that cannot be understood."""
    reader = csv.reader(lines, delimiter=form.delimiter)
    header = next(reader, [])
    if missing := [name for name in form.columns.values() if name not in header]:
        raise MissingColumns(missing, header)
    places = {ours: header.index(theirs) for ours, theirs in form.columns.items()}
    parse_date = lru_cache(maxsize=1000)(form.parse_date)  # all rows of an order bear one date
    for cells in reader:
        if cells:
            values = {name: cells[at].strip() if at < len(cells) else "" for name, at in places.items()}
            yield _row(reader.line_num, values, parse_date)


def _row(number: int, values: dict[str, str], parse_date: Callable[[str], datetime]) -> Row | Fault:
    row = Row(number, values["ref"], values["sku"].upper(), values["text"], country=values["country"])
    # Spreadsheets turn numbers that may be missing into decimals: 17850.0.
    row.customer = values["customer"].removesuffix(".0")
    for name in ("ref", "sku"):
        if not values[name]:
            return Fault(row, f"no_{name}", "")
    for name, parse in (("date", parse_date), ("quantity", _number), ("price", _number)):
        try:
            setattr(row, name, parse(values[name]))
        except ValueError:
            return Fault(row, f"bad_{name}", values[name])
    return row


def _number(value: str) -> float:
    number = float(value)
    if not -TOO_LARGE < number < TOO_LARGE:  # also true for "nan"
        raise ValueError(value)
    return number


# -------------------------------------------------------------------------------- sorting out
def sort_out(rows: Iterable[Row | Fault], form: FileFormat, selection: Selection) -> OrderFile:
    """Put every row into its bucket and every document into its kind."""
    result = OrderFile()
    documents: dict[str, list[Row]] = {}
    for item in rows:
        row = item.row if isinstance(item, Fault) else item
        if isinstance(item, Fault):
            row.bucket = Bucket.UNREADABLE
            result.faults.append(item)
        if not row.ref:
            result.rows[row.bucket] += 1  # belongs to no document
        else:
            documents.setdefault(row.ref, []).append(row)
    for ref, members in documents.items():
        kind = _classify(members, form, selection, result)
        if kind is Kind.ORDER:
            result.orders.append(_order(ref, members))
        result.documents[kind] += 1
        result.rows.update(row.bucket for row in members)
    return result


def _classify(rows: list[Row], form: FileFormat, selection: Selection, result: OrderFile) -> Kind:
    """Give each row of one document its bucket; return what the document is."""
    dates = [row.date for row in rows if row.date]
    if dates and not selection.has(min(dates).date()):
        result.faults = [fault for fault in result.faults if fault.row.ref != rows[0].ref]
        return _all(rows, Bucket.NOT_SELECTED, Kind.NOT_SELECTED)
    if rows[0].ref.startswith(form.cancel_prefix) and form.cancel_prefix:
        return _all(_readable(rows), Bucket.CANCELLATION, Kind.CANCELLATION)
    _find_other_customers(rows, result)
    if len(_readable(rows)) < len(rows):
        # An order that lacks a line is not what the customer ordered.
        return _all(_readable(rows), Bucket.INCOMPLETE, Kind.INCOMPLETE)
    for row in rows:
        row.bucket = _bucket(row, form)
    ordered = [row for row in rows if row.is_ordered]
    if not ordered:
        return Kind.CORRECTION if any(row.bucket is Bucket.CORRECTION for row in rows) else Kind.CHARGE
    if not rows[0].customer and all(row.bucket is Bucket.ZERO_PRICE for row in ordered):
        return _all(ordered, Bucket.CORRECTION, Kind.CORRECTION)
    if selection.limit is not None and len(result.orders) >= selection.limit:
        return _all(rows, Bucket.NOT_SELECTED, Kind.NOT_SELECTED)
    _mark_repeated(ordered)
    return Kind.ORDER


def _all(rows: list[Row], bucket: Bucket, kind: Kind) -> Kind:
    for row in rows:
        row.bucket = bucket
    return kind


def _readable(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row.bucket is not Bucket.UNREADABLE]


def _find_other_customers(rows: list[Row], result: OrderFile) -> None:
    for row in rows:
        if row.bucket is None and row.customer != rows[0].customer:
            row.bucket = Bucket.UNREADABLE
            result.faults.append(Fault(row, "other_customer", row.customer))


def _bucket(row: Row, form: FileFormat) -> Bucket:
    """Return what a readable row is, seen alone."""
    if row.sku in form.charge_codes or row.price < 0:
        return Bucket.CHARGE
    if row.quantity <= 0:
        return Bucket.CORRECTION
    if row.sku in form.freight_codes:
        return Bucket.FREIGHT
    if row.sku in form.manual_codes:
        return Bucket.MANUAL
    if row.price < NO_PRICE:
        return Bucket.ZERO_PRICE
    if form.voucher_prefix and row.sku.startswith(form.voucher_prefix):
        return Bucket.VOUCHER
    return Bucket.GOODS


def _mark_repeated(rows: list[Row]) -> None:
    seen: set[str] = set()
    for row in rows:
        if row.bucket is Bucket.GOODS and row.sku in seen:
            row.bucket = Bucket.REPEATED
        seen.add(row.sku)


def _order(ref: str, rows: list[Row]) -> FileOrder:
    first = rows[0]
    ordered = [row for row in rows if row.is_ordered]
    return FileOrder(ref, min(row.date for row in rows), first.customer, first.country, ordered)
