"""A month of real orders, its made-up supply, and the days as they pass; who keeps shop is left open.

The file has orders only. Made up, always the same for the same file: 20 vendors with lead times of 3 to 14
days, who deliver at nine on working days; for each article a reorder point (the mean demand of the lead time
and a day, times ``SAFETY``) and an order-up-to level ten days' demand above it; stock at the start somewhere
between the two. Purchasing looks at four in the afternoon of each working day. The warehouse works Monday to
Friday from eight to five, is closed on one Wednesday, takes two hours to pack, and its parcels leave at
three. Customers are one, two, four or seven working days away. One order in four is shipped in one piece;
some are wanted on a later day, and some are urgent.
"""

import hashlib
import math
import os
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from statistics import median

WEEKS = timedelta(weeks=835)  # the month is played in the future: 2011-03-02 becomes 2027-03-03
SAFETY = float(os.environ.get("BENCH_SAFETY", 0.8))
SIZE = float(os.environ.get("BENCH_SIZE", 1.0))
URGENT = float(os.environ.get("BENCH_URGENT", 0.02))
WANTED_LATER = 0.05
IN_ONE_PIECE = 0.25
VENDORS, LEADS = 20, (3, 5, 7, 10, 14)
HANDLING = timedelta(hours=2)
OPENS, ARRIVALS, PACKED_FROM, CUT_OFF, PURCHASE, CLOSES = (time(h) for h in (8, 9, 13, 15, 16, 17))
TRANSIT = {"near": 1, "far": 2, "europe": 4, "world": 7}
# Of receipts: told two days before that they come 3 to 7 days later; late without a word; cancelled the day
# before; of the lines of the others: short by 40 %.
LATE, SILENT, CANCELLED, SHORT = 0.10, 0.05, 0.03, 0.05
RUN_OUT = 60  # days after the last order in which everything is still delivered


def draw(*keys):
    """A number from 0 to less than 1 that depends on the keys only."""
    return int.from_bytes(hashlib.sha256("/".join(map(str, keys)).encode()).digest()[:6], "big") / 2**48


@dataclass(eq=False)
class Line:
    order: "Order"
    sku: str
    quantity: int
    key: int = 0
    first: date | None = None  # promised first
    code: str = ""  # what the first promise rests on
    promised: date | None = None  # as things stand
    ready: datetime | None = None
    departs: datetime | None = None
    left: datetime | None = None
    arrived: date | None = None
    waited: bool = False  # not all of it could be set aside when it was ordered
    slips: list = field(default_factory=list)  # (when noted, code, new date, told?)


@dataclass(eq=False)
class Order:
    ref: str
    at: datetime
    customer: str
    transit: int
    whole: bool
    urgent: bool
    wanted: date | None
    lines: list = field(default_factory=list)
    number: int = 0
    first: date | None = None
    promised: date | None = None
    slips: list = field(default_factory=list)

    @property
    def arrived(self):
        days = [line.arrived for line in self.lines]
        return max(days) if all(days) else None


@dataclass(eq=False)
class Receipt:
    number: int
    vendor: int
    due: datetime  # as the document says
    arrives: datetime | None  # in truth; None: never
    lines: dict  # sku: planned
    comes: dict  # sku: what comes in truth
    told_at: datetime | None = None
    told_due: datetime | None = None  # None: cancelled
    document: int = 0


@dataclass
class Article:
    vendor: int
    lead: int
    reorder: int
    up_to: int
    start: int


class Plan:
    """The orders of the month and what was made up to them."""

    def __init__(self, path, month, share, days, read_file):
        self.orders = self._orders(path, month, share, days, read_file)
        self.first_day, self.last_day = self.orders[0].at.date(), self.orders[-1].at.date()
        wednesdays = [d for d in self.days() if d.weekday() == 2]
        self.closed = {wednesdays[len(wednesdays) // 2]}
        self.articles = self._articles()

    def days(self, more=0):
        number = (self.last_day - self.first_day).days + 1 + more
        return [self.first_day + timedelta(days=i) for i in range(number)]

    def works(self, day):
        return day.weekday() < 5 and day not in self.closed

    @staticmethod
    def _orders(path, month, share, days, read_file):
        orders = []
        for read in sorted(read_file(path, month), key=lambda order: (order.date, order.ref)):
            if draw("share", read.ref) >= share:
                continue
            customer, at = read.customer or "walk-in " + read.country, read.date + WEEKS
            far = "far" if draw("far", customer) < 0.5 else "near"
            place = (
                far if read.country == "United Kingdom" else "europe" if draw(read.country) < 0.8 else "world"
            )
            later = draw("wanted", read.ref) < WANTED_LATER
            wanted = at.date() + timedelta(days=8 + int(draw("day", read.ref) * 14)) if later else None
            order = Order(
                read.ref, at, customer, TRANSIT[place], draw("whole", read.ref) < IN_ONE_PIECE,
                draw("urgent", read.ref) < URGENT, wanted, number=len(orders) + 1,
            )  # fmt: skip
            order.lines = [
                Line(order, row.sku, math.ceil(row.quantity))
                for row in read.lines
                if row.bucket.value in ("goods", "repeated", "zero_price")
            ]
            if order.lines:
                orders.append(order)
        last = orders[0].at.date() + timedelta(days=days - 1)
        return [order for order in orders if order.at.date() <= last]

    def _articles(self):
        ordered = defaultdict(list)
        for order in self.orders:
            for line in order.lines:
                ordered[line.sku].append(line.quantity)
        length, articles = len(self.days()), {}
        for sku, quantities in ordered.items():
            vendor, mean = int(draw("vendor", sku) * VENDORS), sum(quantities) / length
            lead = LEADS[vendor % len(LEADS)]
            reorder = math.ceil(mean * (lead + 1) * SAFETY + median(quantities) * SIZE)
            up_to = reorder + max(1, math.ceil(mean * 10))
            start = reorder + int(draw("start", sku) * (up_to - reorder + 1))
            articles[sku] = Article(vendor, lead, reorder, up_to, start)
        return articles

    def arrival(self, left, transit):
        """The day on which a parcel that has left arrives: carriers know no closed Wednesday."""
        day = left.date()
        while transit:
            day += timedelta(days=1)
            transit -= day.weekday() < 5
        return day


class Month:
    """The days of the month as they pass, in a shop; ``delays``: the second world."""

    def __init__(self, plan, shop, delays):
        self.plan, self.shop, self.delays = plan, shop, delays
        self.receipts, self.open, self.fates = [], [], defaultdict(int)

    def play(self, progress=lambda day: None):
        waiting = list(self.plan.orders)
        for day in self.plan.days(RUN_OUT):
            at = lambda hour, day=day: datetime.combine(day, hour)
            works = self.plan.works(day)
            self.shop.sweep(at(time(6)))
            self._notices(at(OPENS))
            if works:
                self._arrivals(at(ARRIVALS))
            self._sell(waiting, at(PACKED_FROM))
            packed = self.shop.packable(at(PACKED_FROM)) if works else ()
            self._sell(waiting, at(CUT_OFF))
            if packed:
                self.shop.leave(at(CUT_OFF), packed)
            self._sell(waiting, at(PURCHASE))
            if works:
                self._purchase(at(PURCHASE))
            self._sell(waiting, datetime.combine(day, time.max))
            progress(day)
            if not waiting and self.shop.is_done():
                break
        return self

    def _sell(self, waiting, until):
        while waiting and waiting[0].at <= until:
            self.shop.sell(waiting.pop(0))

    def _notices(self, now):
        for receipt in [r for r in self.open if r.told_at and r.told_at <= now]:
            if receipt.told_due is None:
                self.open.remove(receipt)
                self.shop.cancelled(now, receipt)
            else:
                receipt.due = receipt.told_due
                self.shop.moved(now, receipt)
            receipt.told_at = None

    def _arrivals(self, now):
        arrived = [r for r in self.open if r.arrives and r.arrives <= now]
        self.open = [r for r in self.open if r not in arrived]
        if arrived:
            self.shop.receive(now, arrived)

    def _purchase(self, now):
        """Order up to the level whatever has fallen below its reorder point; a receipt for each vendor.

        As with Odoo's orderpoints, what comes later than it would, ordered now, does not count.
        """
        positions, wanted = self.shop.positions(), defaultdict(dict)
        for receipt in self.open:
            if receipt.due <= self._due(now, receipt.vendor):
                for sku, quantity in receipt.lines.items():
                    positions[sku] += quantity
        for sku, article in self.plan.articles.items():
            if positions[sku] < article.reorder:
                wanted[article.vendor][sku] = article.up_to - positions[sku]
        receipts = [self._receipt(now, vendor, lines) for vendor, lines in sorted(wanted.items())]
        if receipts:
            self.shop.ordered(now, receipts)

    def _working(self, day):
        while not self.plan.works(day):
            day += timedelta(days=1)
        return datetime.combine(day, ARRIVALS)

    def _due(self, now, vendor):
        return self._working(now.date() + timedelta(days=LEADS[vendor % len(LEADS)]))

    def _receipt(self, now, vendor, lines):
        due = self._due(now, vendor)
        receipt = Receipt(len(self.receipts) + 1, vendor, due, due, lines, dict(lines))
        self.receipts.append(receipt)
        self.open.append(receipt)
        fate = draw("fate", vendor, now.date()) if self.delays else 1.0
        days, notice = 3 + int(draw("days", vendor, now.date()) * 5), datetime.combine(due.date(), OPENS)
        if fate < LATE:
            receipt.arrives = receipt.told_due = self._working(due.date() + timedelta(days=days))
            receipt.told_at = notice - timedelta(days=2)
            self.fates["known late"] += 1
        elif fate < LATE + SILENT:
            receipt.arrives = self._working(due.date() + timedelta(days=days - 1))
            self.fates["late without a word"] += 1
        elif fate < LATE + SILENT + CANCELLED:
            receipt.arrives, receipt.told_at = None, notice - timedelta(days=1)
            self.fates["cancelled"] += 1
        else:
            self.fates["on time"] += 1
            for sku, quantity in lines.items():
                if self.delays and draw("short", now.date(), sku) < SHORT:
                    receipt.comes[sku] = math.floor(quantity * 0.6)
                    self.fates["lines short"] += 1
        return receipt
