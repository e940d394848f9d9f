"""The shop of the simulated month kept by the engine alone: dates by promise.py, goods by allocation.py.

BENCH_WITHOUT="line_due collecting" shows what two rules are good for: that a line's place in the queue goes
by when its own goods have to be there (without it: by when all of the order arrives), and that an order
shipped in one piece sets aside bit by bit what it was promised (without it: others may take it meanwhile).
"""

import os
import sys
from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path

from _month import CLOSES, CUT_OFF, HANDLING, OPENS

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "addons" / "order_processing"))

from engine import allocation, promise
from engine.delivery_time import Way

WITHOUT = os.environ.get("BENCH_WITHOUT", "").split()


class EngineShop:
    """Does what the models do, without a database."""

    def __init__(self, plan):
        self.plan = plan
        self.free = {sku: article.start for sku, article in plan.articles.items()}
        self.supplies = defaultdict(dict)  # sku: {receipt: (due, quantity)}
        self.waiting = defaultdict(list)  # sku: lines that lack something
        self.need = {}  # line: how much of it is not set aside
        self.numbers = {sku: number for number, sku in enumerate(plan.articles)}
        self.expected = {}  # line: when it gets its goods, when last looked at
        self.by_key, self.open_orders, self.keys = {}, [], 0
        self.ways = {}

    def way(self, order, now):
        if (order.transit, now.month) not in self.ways:
            first = now.replace(day=1, hour=0, minute=0).date()
            days = [first + timedelta(days=i) for i in range(500)]
            work = [
                (datetime.combine(d, OPENS), datetime.combine(d, CLOSES)) for d in days if self.plan.works(d)
            ]
            weekdays = [day for day in days if day.weekday() < 5]
            self.ways[order.transit, now.month] = Way(work, HANDLING, CUT_OFF, weekdays, order.transit)
        return self.ways[order.transit, now.month]

    def stock(self, sku, now):
        supplies = [
            promise.Supply(promise.comes(due, now), quantity, number, due < now)
            for number, (due, quantity) in sorted(self.supplies[sku].items(), key=lambda item: item[1])
        ]
        demands = [
            promise.Demand(
                line.key,
                self.need[line.key],
                self.rank(line),
                max(line.ready, now),
                line.order.urgent,
                line.code == promise.Code.LEAD_TIME.value,
            )
            for line in self.waiting[sku]
        ]
        lead = timedelta(days=self.plan.articles[sku].lead)
        lead = promise.Lead(lead + self._planning(now.date()), lead)
        return promise.Stock(self.free[sku], supplies, demands, lead)

    def _planning(self, today):
        """Purchasing orders on the next working day at the latest."""
        day = today + timedelta(days=1)
        while not self.plan.works(day):
            day += timedelta(days=1)
        return day - today

    # ---------------------------------------------------------------- selling
    def sell(self, order):
        now, way = order.at, self.way(order, order.at)
        wanted = order.wanted and datetime.combine(order.wanted, datetime.min.time().replace(hour=12))
        promiser = promise.Promiser({line.sku: self.stock(line.sku, now) for line in order.lines}, now)
        for line in order.lines:
            question = promise.Question(line, [promise.Need(line.sku, line.quantity)], way, wanted)
            answer = promiser.promise(question)
            self.keys += 1
            line.key, line.ready, line.code = self.keys, answer.ready, answer.code.value
            line.first = line.promised = answer.arrives.date()
            line.departs = answer.departs
            self.by_key[line.key], self.need[line.key] = line, line.quantity
        order.first = order.promised = max(line.first for line in order.lines)
        if order.whole:  # it leaves when the last of it is there
            ready = max(line.ready for line in order.lines)
            departs = max(line.departs for line in order.lines)
            for line in order.lines:
                line.first = line.promised = order.first
                line.ready, line.departs = ready, departs
        self.open_orders.append(order)
        for line in order.lines:
            self.waiting[line.sku].append(line)
        self._allocate(order.lines)
        for line in order.lines:
            line.waited = self.need[line.key] > 0
        if order.urgent:
            self._look_again(now, {line.sku for line in order.lines}, "urgent_order")

    def rank(self, line):
        order = line.order
        due = datetime.combine(order.first, CLOSES) if "line_due" in WITHOUT else line.ready
        return f"{1 - order.urgent}{due:%Y%m%d%H%M%S}{order.at:%Y%m%d%H%M%S}{order.number:06}{line.key:08}"

    def _allocate(self, lines):
        lines = [line for line in lines if self.need[line.key]]
        demands = [
            allocation.Demand(
                line.key,
                self.rank(line),
                self.numbers[line.sku],
                (1,),
                self.need[line.key],
                line.order.number if line.order.whole else None,
            )
            for line in lines
        ]
        skus = {line.sku for line in lines}
        supplies = [
            allocation.Supply(self.numbers[sku], self.numbers[sku], (1,), self.free[sku]) for sku in skus
        ]
        collects = "collecting" not in WITHOUT
        groups = {line.order.number: allocation.Group(collects) for line in lines if line.order.whole}
        for key, outcome in allocation.allocate(demands, supplies, groups).items():
            line = self.by_key[key]
            self.need[key] -= outcome.served
            self.free[line.sku] -= outcome.served
        for sku in skus:
            self.waiting[sku] = [line for line in self.waiting[sku] if self.need[line.key]]

    # ---------------------------------------------------------------- supply
    def positions(self):
        positions = dict(self.free)
        for sku, lines in self.waiting.items():
            positions[sku] -= sum(self.need[line.key] for line in lines)
        return positions

    def ordered(self, now, receipts):
        for receipt in receipts:
            for sku, quantity in receipt.lines.items():
                self.supplies[sku][receipt.number] = (receipt.due, quantity)
            self._look_again(now, receipt.lines, "receipt_changed")

    def moved(self, now, receipt):
        for sku, quantity in receipt.lines.items():
            self.supplies[sku][receipt.number] = (receipt.due, quantity)
        self._look_again(now, receipt.lines, "receipt_moved")

    def cancelled(self, now, receipt):
        for sku in receipt.lines:
            del self.supplies[sku][receipt.number]
        self._look_again(now, receipt.lines, "receipt_cancelled")

    def receive(self, now, receipts):
        skus = set()
        for receipt in receipts:
            for sku in receipt.lines:
                del self.supplies[sku][receipt.number]
                self.free[sku] += receipt.comes[sku]
                skus.add(sku)
        self._allocate([line for lines in self.waiting.values() for line in lines])
        self._look_again(now, skus, "receipt_changed")

    # ---------------------------------------------------------------- leaving
    def packable(self, now):
        packed = []
        for order in self.open_orders:
            lines = [line for line in order.lines if not line.left and not self.need[line.key]]
            if order.wanted and lines and now.date() < min(line.departs for line in lines).date():
                continue  # what is wanted on a later day does not leave before it has to
            if lines and (not order.whole or len(lines) == len(order.lines)):
                packed += lines
        return packed

    def leave(self, now, packed):
        for line in packed:
            line.left, line.arrived = now, self.plan.arrival(now, line.order.transit)
        self.open_orders = [o for o in self.open_orders if not all(line.left for line in o.lines)]

    def is_done(self):
        return not self.open_orders

    # ---------------------------------------------------------------- looking again
    def sweep(self, now):
        self._look_again(now, [sku for sku, lines in self.waiting.items() if lines], "looked_again")

    def _look_again(self, now, skus, code):
        touched = {}
        for sku in skus:
            if self.waiting[sku]:
                for key, expected in promise.forecast(self.stock(sku, now), now).items():
                    self.expected[key] = expected
                    touched[key] = self.by_key[key]
        for line in list(touched.values()):
            if line.order.whole:
                touched.update((other.key, other) for other in line.order.lines)
        for line in touched.values():
            self._moved(now, line, code)

    def _moved(self, now, line, code):
        """Write a slip where the line comes on a later day than it was promised; recover where it may."""
        together = line.order.lines if line.order.whole else [line]
        known = [self.expected[l.key] for l in together if self.need[l.key] and l.key in self.expected]
        if not known:
            return
        expected = max(known, key=lambda expected: expected.ready)
        after = self.way(line.order, now).deliver(expected.ready).arrives.date()
        if line.order.wanted:
            after = max(after, line.order.wanted)
        later = after > line.promised
        if code == "looked_again" and expected.code is promise.Code.OVERDUE:
            code = "overdue"
        if later and expected.code is not promise.Code.IN_STOCK:
            line.slips.append((now, code, after, False))
            if after > line.order.promised:
                line.order.slips.append((now, code, after, False))
            line.promised, line.ready = after, expected.ready
        elif not later and line.promised > line.first and max(after, line.first) != line.promised:
            line.promised, line.ready = max(after, line.first), expected.ready
        line.order.promised = max(other.promised for other in line.order.lines)
