from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.order_processing.engine.departures import Slot, departures, leaves_by
from odoo.addons.order_processing.engine.routes import Address, Code, Route, parse_zips, serve

DE, AT, BY = 1, 2, 9
EVERYWHERE = Route(1)
GERMANY = Route(2, countries=frozenset({DE}))
BAVARIA = Route(3, countries=frozenset({DE}), states=frozenset({BY}))
HAMBURG = Route(4, countries=frozenset({DE}), zips=parse_zips("20-21, 22113"))
MILLER = Route(5, sequence=99, partners=frozenset({70}))
EXPRESS = Route(6, carriers=frozenset({8}))
ZONES = ["Europe/London", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Asia/Tehran"]
ZONES += ["Australia/Lord_Howe", "Pacific/Auckland", "Africa/Casablanca", "Atlantic/Azores", "Pacific/Apia"]


def _changes():
    """Return (zone, day) of each day on which the clocks change, over some years."""
    found = []
    for zone in ZONES:
        days = [date(2010, 1, 1) + timedelta(days=number) for number in range(365 * 20)]
        offsets = [datetime.combine(day, time(12), ZoneInfo(zone)).utcoffset() for day in days]
        found += [(zone, days[i]) for i in range(1, len(days)) if offsets[i] != offsets[i - 1]]
    return found


CHANGES = _changes()
ALL = [EVERYWHERE, GERMANY, BAVARIA, HAMBURG, MILLER, EXPRESS]


@tagged("post_install", "-at_install")
class TestRoutes(BaseCase):
    """Who says most about an address serves it."""

    def served(self, routes=ALL, **address):
        found = serve(Address(**address), routes)
        return found.route, found.code

    def test_the_more_a_route_says_the_earlier_it_is_asked(self):
        self.assertEqual(self.served(country=AT), (1, Code.EVERYWHERE))
        self.assertEqual(self.served(country=DE), (2, Code.COUNTRY))
        self.assertEqual(self.served(country=DE, state=BY), (3, Code.STATE))
        self.assertEqual(self.served(country=DE, zip="20 355"), (4, Code.ZIP))
        self.assertEqual(self.served(country=DE, state=BY, zip="21999"), (4, Code.ZIP))
        self.assertEqual(self.served(country=AT, carrier=8), (6, Code.CARRIER))
        self.assertEqual(self.served(country=DE, zip="20355", partners=(71, 70)), (5, Code.CUSTOMER))

    def test_a_route_of_named_customers_serves_only_them(self):
        self.assertEqual(self.served([MILLER], country=DE, partners=(71,)), (None, Code.NONE))

    def test_carriers_are_needed_where_they_are_named(self):
        found = serve(Address(carrier=7), [EXPRESS])
        self.assertEqual(
            (found.route, found.code, found.figures), (None, Code.OTHER_CARRIER, {"routes": [6]})
        )

    def test_equal_ones_by_sequence_then_age(self):
        twins = [Route(8, sequence=2), Route(7, sequence=2), Route(6, sequence=3)]
        self.assertEqual(self.served(twins)[0], 7)

    def test_postal_codes(self):
        self.assertEqual(parse_zips("20-21, 80331; nw1"), (("20", "21"), ("80331", "80331"), ("NW1", "NW1")))
        for wrong in ("21-20", "1-2-3", "-", "20-"):
            with self.assertRaises(ValueError, msg=wrong):
                parse_zips(wrong)
        for code, goes in {
            "19999": False,
            "20": True,
            "21999": True,
            "22000": False,
            "2": False,
            "": False,
        }.items():
            found = serve(Address(country=DE, zip=code), [HAMBURG]).route
            self.assertEqual(found, 4 if goes else None, code)

    def test_a_hyphen_may_belong_to_the_code(self):
        """Poland, Brazil, Japan and the United States write one; a range is told from it by its shape."""
        for code, stranger in {
            "00-950": "30-001",
            "01310-100": "01310-200",
            "100-0001": "101-0001",
            "94105-1234": "94105-9999",
        }.items():
            route = Route(4, zips=parse_zips(code))
            self.assertEqual(serve(Address(zip=code), [route]).route, 4, code)
            self.assertEqual(serve(Address(zip=code.replace("-", " ")), [route]).route, 4, code)
            self.assertIsNone(serve(Address(zip=stranger), [route]).route, code)
        whole = Route(4, zips=parse_zips("94105, 00"))
        self.assertEqual(serve(Address(zip="94105-1234"), [whole]).route, 4)
        self.assertEqual(serve(Address(zip="00-950"), [whole]).route, 4)

    def test_a_range_may_be_written_so_that_nobody_doubts(self):
        for text, ends in {
            "20-21": ("20", "21"),
            "M1-M9": ("M1", "M9"),
            "20 - 21": ("20", "21"),
            "20..21": ("20", "21"),
            "20 … 21": ("20", "21"),
            "1000 - 19999": ("1000", "19999"),
            "00-950 .. 00-999": ("00950", "00999"),
        }.items():
            self.assertEqual(parse_zips(text), (ends,), text)
        for wrong in ("20 -21", "20- 21", "-21", "20 - 21 - 22", "20..", "999..100"):
            with self.assertRaises(ValueError, msg=wrong):
                parse_zips(wrong)

    @given(st.permutations(ALL), st.sampled_from([DE, AT]), st.sampled_from(["20355", "80331", ""]))
    def test_the_order_of_the_routes_changes_nothing(self, routes, country, code):
        address = Address((70,) if code == "80331" else (), country, BY, code, 8)
        self.assertEqual(serve(address, routes), serve(address, ALL))


@tagged("post_install", "-at_install")
class TestDepartures(BaseCase):
    """The same hour on the clock of the warehouse, summer and winter."""

    FRIDAY_FOUR = Slot(1, 4, 15.0, 16.5)

    def test_the_hour_is_that_of_the_warehouse(self):
        friday = datetime(2027, 3, 26, 6)  # London's clocks change on the 28th
        found = departures([self.FRIDAY_FOUR], "Europe/London", friday, 8)
        self.assertEqual(
            [planned.departs for planned in found],
            [datetime(2027, 3, 26, 16, 30), datetime(2027, 4, 2, 15, 30)],
        )
        self.assertEqual(found[1].cut_off, datetime(2027, 4, 2, 14))

    def test_what_has_left_is_not_planned(self):
        friday = datetime(2027, 3, 26, 16, 30)
        self.assertEqual(len(departures([self.FRIDAY_FOUR], "UTC", friday, 6)), 0)

    def test_nothing_leaves_on_a_holiday(self):
        friday = datetime(2027, 3, 26, 6)
        working_hours = datetime(2027, 3, 26, 8), datetime(2027, 3, 26, 16)
        found = departures([self.FRIDAY_FOUR], "UTC", friday, 7, [working_hours])
        self.assertEqual([planned.departs.day for planned in found], [2], "the whole day is a holiday")
        morning = datetime(2027, 3, 26, 0), datetime(2027, 3, 26, 11)
        self.assertEqual(len(departures([self.FRIDAY_FOUR], "UTC", friday, 7, [morning])), 2)
        evening = datetime(2027, 3, 26, 17), datetime(2027, 3, 27, 0)
        self.assertEqual(len(departures([self.FRIDAY_FOUR], "UTC", friday, 7, [evening])), 2)

    def test_by_when_it_has_to_leave(self):
        monday_noon = datetime(2027, 1, 11, 12)
        self.assertEqual(leaves_by(monday_noon, 1, "UTC"), datetime(2027, 1, 8, 23, 59, 59))
        self.assertEqual(leaves_by(monday_noon, 0, "Asia/Shanghai"), datetime(2027, 1, 11, 15, 59, 59))

    def test_the_day_is_the_warehouses(self):
        """Sunday evening in London is Monday morning in Auckland."""
        sunday = datetime(2027, 1, 10, 19)
        found = departures([Slot(1, 0, 9.0, 10.0)], "Pacific/Auckland", sunday, 0)
        self.assertEqual([planned.departs for planned in found], [datetime(2027, 1, 10, 21)])

    def test_an_hour_left_out_lies_before_the_departure(self):
        """London, the night the clocks go forward: half past one does not exist, two o'clock is one."""
        found = departures([Slot(1, 6, 1.5, 2.0)], "Europe/London", datetime(2027, 3, 20, 9), 14)
        self.assertEqual([planned.day.day for planned in found], [21, 28])
        self.assertEqual(found[1][1:3], (datetime(2027, 3, 28, 1), datetime(2027, 3, 28, 1)))

    @given(
        st.sampled_from(CHANGES),
        st.integers(0, 1439),
        st.integers(0, 1439),
        st.integers(-2, 2),
    )
    def test_packed_before_it_leaves_on_every_day_the_clocks_change(self, change, one, other, off):
        zone, day = change
        cut_off, departs = sorted((one, other))
        day += timedelta(days=off)
        slot = Slot(1, day.weekday(), cut_off / 60, departs / 60)
        for planned in departures([slot], zone, datetime.combine(day, time()) - timedelta(days=2), 5):
            self.assertLessEqual(planned.cut_off, planned.departs)
            self.assertEqual(planned.day.weekday(), day.weekday())

    @given(
        st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe", "UTC"]),
        st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)),
        st.integers(0, 6),
        st.integers(0, 1439),
    )
    def test_every_week_once_at_that_time_of_the_clock(self, zone, first, weekday, minute):
        found = departures([Slot(1, weekday, 0.0, minute / 60)], zone, first, 28)
        self.assertIn(len(found), (4, 5))
        for planned in found:
            there = planned.departs.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(zone))
            off = abs((there.hour * 60 + there.minute) - minute)
            self.assertIn(off, (0, 30, 60), "only an hour that the clocks leave out is another")
            self.assertEqual(there.weekday(), weekday)
        gaps = {b.departs - a.departs for a, b in zip(found, found[1:], strict=False)}
        self.assertTrue(all(abs(gap - timedelta(days=7)) <= timedelta(hours=1) for gap in gaps))
