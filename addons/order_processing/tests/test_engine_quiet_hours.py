from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..engine.quiet_hours import UTC, Window, clock, next_allowed, next_at, zone_of

LONDON, SHANGHAI, HOWE = (
    ZoneInfo(name) for name in ("Europe/London", "Asia/Shanghai", "Australia/Lord_Howe")
)
zones = st.sampled_from([LONDON, SHANGHAI, HOWE, ZoneInfo("America/St_Johns"), UTC])
times = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
windows = st.builds(Window, times, times)
# Days around changes of clocks are as likely as all others together.
moments = st.one_of(
    st.datetimes(datetime(2027, 1, 1), datetime(2028, 1, 1)),
    st.datetimes(datetime(2027, 3, 13), datetime(2027, 4, 5)),
    st.datetimes(datetime(2027, 10, 1), datetime(2027, 11, 9)),
).map(lambda one: one.replace(microsecond=0))


def shown(moment, zone):
    return moment.replace(tzinfo=UTC).astimezone(zone)


@tagged("post_install", "-at_install")
class TestEngineQuietHours(BaseCase):
    """Nobody is disturbed, and nobody waits longer than the quiet hours last."""

    @given(moments, windows, zones)
    def test_the_first_moment_that_is_not_quiet(self, now, window, zone):
        then = next_allowed(now, window, zone)
        self.assertGreaterEqual(then, now)
        self.assertFalse(window.holds(shown(then, zone).time()))
        self.assertLess(then - now, timedelta(hours=25))
        # All before is quiet.
        for part in range(40):
            between = now + (then - now) * part / 40
            if between < then:
                self.assertTrue(window.holds(shown(between, zone).time()), between)

    @given(moments, windows, zones)
    def test_once_allowed_it_stays_so(self, now, window, zone):
        then = next_allowed(now, window, zone)
        self.assertEqual(next_allowed(then, window, zone), then)

    @given(moments, times, zones)
    def test_the_next_time_the_clock_shows_it(self, now, at, zone):
        then = next_at(now, at, zone)
        self.assertGreater(then, now)
        # On days with 25 hours, or where the hour was left out, it is further.
        self.assertLessEqual(then - now, timedelta(hours=26))
        local = shown(then, zone)
        before = shown(then - timedelta(seconds=1), zone)
        self.assertTrue(local.time() == at or before.time() < at < local.time())

    def test_over_midnight(self):
        night = Window(time(22), time(8))
        for asked, told in (
            ((11, 21), (11, 21)),
            ((11, 22), (12, 8)),
            ((11, 23), (12, 8)),
            ((12, 7), (12, 8)),
            ((12, 8), (12, 8)),
        ):
            now, then = datetime(2027, 1, *asked), datetime(2027, 1, *told)
            self.assertEqual(next_allowed(now, night, LONDON), then)

    def test_clocks_are_changed(self):
        early = Window(time(0), time(1, 30))
        # On March 28, London's clocks go from 1 to 2: there is no half past one.
        self.assertEqual(next_allowed(datetime(2027, 3, 28, 0, 30), early, LONDON), datetime(2027, 3, 28, 1))
        # On October 31 they go from 2 back to 1: the first half past one ends it …
        october = datetime(2027, 10, 31)
        self.assertEqual(next_allowed(october, early, LONDON), october + timedelta(minutes=30))
        # … and what comes in the hour shown twice waits for the second.
        again = october + timedelta(hours=1, minutes=10)
        self.assertEqual(next_allowed(again, early, LONDON), october + timedelta(hours=1, minutes=30))

    def test_the_same_from_and_until_is_never(self):
        self.assertFalse(Window(time(9), time(9)).holds(time(9)))

    def test_hours_and_zones_as_people_enter_them(self):
        self.assertEqual(clock(17.5), time(17, 30))
        self.assertEqual((clock(24.0), clock(-1.0)), (time(), time()))
        self.assertEqual(zone_of(None, "Nowhere/At all", "Asia/Shanghai"), SHANGHAI)
        self.assertEqual(zone_of(None, ""), UTC)
