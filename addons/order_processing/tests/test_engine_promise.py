import unittest
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import tagged

from ..engine.delivery_time import Way
from ..engine.promise import Code, Demand, Lead, Need, Promiser, Question, Stock, Supply, comes, forecast
from ..engine.stock_curve import StockCurve

NOW = datetime(2026, 3, 2, 8)  # a Monday
DAY = timedelta(days=1)
# Day and night, at once, from the door to the customer: ready is there.
AT_ONCE = Way([(NOW, NOW + 400 * DAY)], timedelta(), time(23, 59), (), 0)

days = st.integers(0, 30)
amounts = st.integers(1, 20)
supply_lists = st.lists(st.tuples(days, amounts), max_size=12)
order_lists = st.lists(st.tuples(amounts, days), min_size=1, max_size=12)
leads = st.none() | st.integers(1, 25)


def stock_of(on_hand, supplies, lead=None, demands=()):
    return Stock(
        on_hand,
        [Supply(NOW + day * DAY, quantity, ("receipt", i)) for i, (day, quantity) in enumerate(supplies)],
        list(demands),
        Lead(lead * DAY, lead * DAY) if lead else None,
    )


def promise_all(stock, orders):
    """Promise ``(quantity, wanted in so many days)`` one after the other."""
    promiser = Promiser({"mug": stock}, NOW)
    return [
        promiser.promise(Question(i, [Need("mug", quantity)], AT_ONCE, wanted and NOW + wanted * DAY))
        for i, (quantity, wanted) in enumerate(orders)
    ]


def is_kept(stock, taken, until):
    """Tell whether at no time more is taken than has come in, before ``until``."""
    times = [at for at, _ in taken if until is None or at < until]
    return all(
        stock.on_hand + sum(s.quantity for s in stock.supplies if s.at <= at)
        >= sum(quantity for when, quantity in taken if when <= at)
        for at in times
    )


@tagged("post_install", "-at_install")
class TestStockCurve(unittest.TestCase):
    @settings(max_examples=400, deadline=None)
    @given(
        st.integers(-5, 20),
        st.lists(st.tuples(days, st.integers(-20, 20)), max_size=60),
        st.lists(st.tuples(days, st.integers(-9, 9), days, st.integers(-5, 25)), max_size=30),
        st.none() | days,
    )
    def test_it_is_the_staircase_it_stands_for(self, on_hand, changes, steps, until):
        changes = [(NOW + day * DAY, quantity) for day, quantity in changes]
        curve, until = StockCurve(NOW, on_hand, changes), None if until is None else NOW + until * DAY
        for day, quantity, since, wanted in steps:
            curve.add(NOW + day * DAY, quantity)
            changes.append((NOW + day * DAY, quantity))
            since = NOW + since * DAY
            self.assertEqual(
                curve.earliest(wanted, since, until), self.slowly(on_hand, changes, wanted, since, until)
            )
            if until is None or since < until:
                self.assertEqual(curve.lowest_from(since, until), self.lowest(on_hand, changes, since, until))

    def height(self, on_hand, changes, at):
        return on_hand + sum(quantity for when, quantity in changes if when <= at)

    def lowest(self, on_hand, changes, since, until):
        times = {since, *(at for at, _ in changes if at > since and (until is None or at < until))}
        return min(self.height(on_hand, changes, at) for at in times)

    def slowly(self, on_hand, changes, wanted, since, until):
        for at in sorted({since, *(when for when, _ in changes if when > since)}):
            if until is not None and at >= until:
                return None
            if self.lowest(on_hand, changes, at, until) >= wanted:
                return at
        return None

    def test_many_steps_are_split_into_blocks(self):
        curve = StockCurve(NOW, 0)
        for i in range(3000):
            curve.add(NOW + timedelta(minutes=(i * 7919) % 3000), 1)
        self.assertEqual(curve.lowest_from(NOW), 1)
        self.assertEqual(curve.earliest(3000, NOW), NOW + timedelta(minutes=2999))
        self.assertIsNone(curve.earliest(3001, NOW))


@tagged("post_install", "-at_install")
class TestPromise(unittest.TestCase):
    @settings(max_examples=500, deadline=None)
    @given(st.integers(0, 30), supply_lists, order_lists, leads)
    def test_never_earlier_than_supply_allows(self, on_hand, supplies, orders, lead):
        stock = stock_of(on_hand, supplies, lead)
        promises = promise_all(stock, orders)
        horizon = NOW + lead * DAY if lead else None
        taken = [
            (p.ready, orders[p.key][0])
            for p in promises
            if p.ready is not None and p.code is not Code.LEAD_TIME
        ]
        self.assertTrue(is_kept(stock, taken, horizon))
        for promise, (_quantity, wanted) in zip(promises, orders, strict=True):
            if promise.ready is None:
                self.assertIs(promise.code, Code.UNKNOWN)
                self.assertIsNone(lead)
            else:
                self.assertGreaterEqual(promise.arrives, NOW + wanted * DAY)

    @settings(max_examples=300, deadline=None)
    @given(st.integers(0, 30), supply_lists, order_lists)
    def test_the_first_day_that_breaks_no_earlier_promise(self, on_hand, supplies, orders):
        """Nothing earlier would have done: a day before, somebody's goods would be missing."""
        stock = stock_of(on_hand, supplies)
        taken = []
        for promise, (quantity, wanted) in zip(promise_all(stock, orders), orders, strict=True):
            first = AT_ONCE.latest_ready(NOW + wanted * DAY) if wanted else NOW
            ways = [
                at
                for at in [first, *(supply.at for supply in stock.supplies if supply.at > first)]
                if is_kept(stock, [*taken, (at, quantity)], None)
            ]
            self.assertEqual(promise.ready, min(ways, default=None))
            if promise.ready:
                taken.append((promise.ready, quantity))

    @settings(max_examples=300, deadline=None)
    @given(st.integers(0, 30), supply_lists, order_lists, leads, amounts, days)
    def test_more_demand_never_makes_it_earlier(self, on_hand, supplies, orders, lead, more, due):
        *before, last = orders
        stock = stock_of(on_hand, supplies, lead)
        demand = Demand("other", more, "0", NOW + due * DAY)
        busier = replace(stock, demands=[demand])
        later = promise_all(busier, [*before, last])[-1].ready
        alone = promise_all(stock, [last])[-1].ready
        self.assertTrue(later is None or (alone is not None and later >= alone))

    @settings(max_examples=400, deadline=None)
    @given(st.integers(0, 30), supply_lists, order_lists, leads)
    def test_what_is_promised_is_kept_when_goods_go_by_due_date(self, on_hand, supplies, orders, lead):
        stock = stock_of(on_hand, supplies, lead)
        promises = [p for p in promise_all(stock, orders) if p.ready]
        demands = [
            Demand(
                p.key,
                orders[p.key][0],
                f"{p.ready:%Y%m%d%H%M}{p.key:03}",
                p.ready,
                to_order=p.code is Code.LEAD_TIME,
            )
            for p in promises
        ]
        expected = forecast(replace(stock, demands=demands), NOW)
        for promise in promises:
            self.assertLessEqual(expected[promise.key].ready, promise.ready)
        # Looked at again with nothing moved, nothing moves.
        self.assertEqual(forecast(replace(stock, demands=demands[::-1]), NOW), expected)

    @settings(max_examples=300, deadline=None)
    @given(st.integers(0, 30), supply_lists, order_lists, days)
    def test_less_supply_never_makes_it_earlier(self, on_hand, supplies, orders, lost):
        demands = [Demand(i, q, f"{due:03}{i:03}", NOW + due * DAY) for i, (q, due) in enumerate(orders)]
        stock = stock_of(on_hand, supplies, demands=demands)
        poorer = replace(stock, on_hand=on_hand - lost)
        before, after = forecast(stock, NOW), forecast(poorer, NOW)
        for key, expected in after.items():
            self.assertTrue(
                expected.ready is None or (before[key].ready and before[key].ready <= expected.ready)
            )

    def test_what_is_overdue_is_counted_on_ever_more_rarely(self):
        told = {comes(NOW, NOW + timedelta(hours=hours)) for hours in range(1, 24 * 16)}
        self.assertEqual(sorted((day - NOW).days for day in told), [1, 2, 4, 8, 16])
        self.assertEqual(comes(NOW, NOW), NOW)
        for hours in range(1, 1000, 7):
            now = NOW + timedelta(hours=hours)
            self.assertGreater(comes(NOW, now), now)

    def test_a_kit_waits_for_the_last_of_its_parts(self):
        stocks = {
            "bulb": stock_of(5, []),
            "shade": stock_of(0, [(4, 3)]),
        }
        question = Question("kit", [Need("bulb", 1), Need("shade", 1)], AT_ONCE)
        promise = Promiser(stocks, NOW).promise(question)
        self.assertEqual((promise.ready, promise.code), (NOW + 4 * DAY, Code.RECEIPT))
        self.assertEqual(promise.source, ("receipt", 0))

    def test_part_of_it_could_go_now(self):
        promise = promise_all(stock_of(3, [(10, 20)]), [(5, 0)])[0]
        self.assertEqual((promise.now, promise.ready), (3, NOW + 10 * DAY))

    def test_who_asks_late_does_not_get_what_is_promised_for_later(self):
        """Ten are there and promised for the end of the month; nothing comes in before."""
        stock = stock_of(10, [(30, 10)], demands=[Demand("june", 10, "1", NOW + 25 * DAY)])
        self.assertEqual(promise_all(stock, [(1, 0)])[0].ready, NOW + 30 * DAY)
        # But where more can be ordered in time for it, the ten may go now.
        self.assertEqual(promise_all(stock_of(10, [], 5, stock.demands), [(1, 0)])[0].ready, NOW)

    def test_what_is_urgent_takes_what_comes_first_whenever_it_is_due(self):
        urgent = Demand("urgent", 5, "0", NOW + 10 * DAY, urgent=True)
        stock = stock_of(0, [(3, 5), (10, 5)], demands=[urgent])
        self.assertEqual(promise_all(stock, [(5, 0)])[0].ready, NOW + 10 * DAY)
        calm = replace(stock, demands=[urgent._replace(rank="1", urgent=False)])
        self.assertEqual(promise_all(calm, [(5, 0)])[0].ready, NOW + 3 * DAY)

    def test_a_promise_that_rests_on_ordering_holds_until_ordering_is_too_late(self):
        lead = Lead(7 * DAY, 5 * DAY)
        due = NOW + 7 * DAY
        stock = Stock(0, (), [Demand("a", 4, "1", due, to_order=True)], lead)
        self.assertEqual(forecast(stock, NOW + 2 * DAY)["a"].ready, due)
        self.assertEqual(forecast(stock, NOW + 3 * DAY)["a"].ready, NOW + 10 * DAY)
        # Something comes in later that nobody waits for: it could still be ordered in time.
        stock.supplies = [Supply(NOW + 30 * DAY, 9)]
        self.assertEqual(forecast(stock, NOW + 2 * DAY)["a"].ready, due)
        self.assertEqual(forecast(stock, NOW + 3 * DAY)["a"].ready, NOW + 30 * DAY)

    def test_what_rests_on_a_receipt_moves_with_it_whatever_could_be_ordered(self):
        stock = Stock(
            0, [Supply(NOW + 47 * DAY, 9)], [Demand("a", 4, "1", NOW + 7 * DAY)], Lead(7 * DAY, 5 * DAY)
        )
        self.assertEqual(forecast(stock, NOW)["a"].ready, NOW + 47 * DAY)


@tagged("post_install", "-at_install")
class TestDeliveryTime(unittest.TestCase):
    """A warehouse that works nine to five, Monday to Friday, and is closed on Friday the sixth."""

    def setUp(self):
        super().setUp()
        free = date(2026, 3, 6)
        weekdays = [
            day for i in range(60) if (day := date(2026, 3, 2) + i * DAY).weekday() < 5 and day != free
        ]
        self.work = [(datetime.combine(d, time(9)), datetime.combine(d, time(17))) for d in weekdays]
        self.carrier_days = [day for i in range(60) if (day := date(2026, 3, 2) + i * DAY).weekday() < 6]

    def way(self, hours=2, cut_off=15, transit=1, zone="UTC"):
        return Way(self.work, timedelta(hours=hours), time(cut_off), self.carrier_days, transit, zone)

    def assertDelivered(self, way, ready, departs, arrives):
        self.assertEqual(way.deliver(ready), (departs, arrives))

    def test_packed_by_the_cut_off_it_leaves_the_same_day(self):
        self.assertDelivered(
            self.way(), datetime(2026, 3, 3, 13), datetime(2026, 3, 3, 15), datetime(2026, 3, 4, 12)
        )

    def test_packed_after_it_the_next_day(self):
        self.assertDelivered(
            self.way(), datetime(2026, 3, 3, 13, 1), datetime(2026, 3, 4, 15), datetime(2026, 3, 5, 12)
        )

    def test_over_a_holiday_and_a_week_end(self):
        self.assertDelivered(
            self.way(), datetime(2026, 3, 5, 14), datetime(2026, 3, 9, 15), datetime(2026, 3, 10, 12)
        )

    def test_the_carrier_delivers_on_saturdays(self):
        self.assertDelivered(
            self.way(transit=2), datetime(2026, 3, 5, 9), datetime(2026, 3, 5, 15), datetime(2026, 3, 7, 12)
        )

    def test_the_cut_off_is_local_time(self):
        self.assertDelivered(
            self.way(zone="America/New_York"),  # 15:00 there is 20:00 UTC; summer time begins on the 8th
            datetime(2026, 3, 3, 14, 30),
            datetime(2026, 3, 3, 20),
            datetime(2026, 3, 4, 17),
        )

    @settings(max_examples=300, deadline=None)
    @given(st.integers(0, 30 * 24), st.integers(0, 16), st.integers(0, 23), st.integers(0, 5), days)
    def test_what_is_ready_at_the_latest_moment_arrives_in_time(self, hour, hours, cut_off, transit, wanted):
        way = self.way(hours, cut_off, transit)
        ready, wanted = NOW + timedelta(hours=hour), NOW + wanted * DAY + timedelta(hours=4)
        later = way.deliver(ready + timedelta(hours=1))
        self.assertLessEqual(way.deliver(ready), later)
        latest = way.latest_ready(wanted)
        if latest is not None:
            self.assertLessEqual(way.deliver(latest).arrives.date(), wanted.date())
            self.assertGreater(
                way.deliver(max(latest, NOW) + 30 * DAY).arrives.date(), wanted.date() - 30 * DAY
            )
        if way.deliver(ready).arrives.date() <= wanted.date() and latest is not None:
            self.assertGreaterEqual(latest + timedelta(days=4), ready)
