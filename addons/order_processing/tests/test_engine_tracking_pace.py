import email.utils
import unittest
from datetime import datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import tagged

from ..engine import tracking_pace as pace
from ..engine.tracking import TERMINAL, Status
from ..engine.tracking_pace import Bucket, Limits, back_off, cooldown, next_poll, retry_after, take

UTC = timezone.utc

NOW = datetime(2026, 3, 2, 15)
SECOND = timedelta(seconds=1)
chances = st.floats(0, 1)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1))
pauses = st.integers(1, 3 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))
limits = st.builds(Limits, st.none() | st.floats(0.01, 20), st.none() | st.integers(1, 5000))
FRESH = Bucket(0.0, None, 0, None)


@tagged("post_install", "-at_install")
class TestTrackingPace(unittest.TestCase):
    """When to ask again, as a carrier can stand it."""

    # ---------------------------------------------------------------- the next question
    @given(st.sampled_from(list(pace.CADENCE)), moments, chances, pauses, st.booleans(), st.booleans())
    def test_what_is_on_its_way_is_asked_for_again_but_not_too_soon(
        self, status, now, chance, pause, told, changed
    ):
        at = next_poll(status, now, chance=chance, pause=pause, is_told=told, has_changed=changed)
        span = pace.WHEN_TOLD if told else pace.CADENCE[status]
        self.assertGreaterEqual(at, now + pause)
        self.assertLessEqual(at, now + max(span * 1.2, pause) + SECOND)
        self.assertGreaterEqual(at, now + span * 0.8 - SECOND)

    @given(st.sampled_from(sorted(TERMINAL)), moments, chances, pauses)
    def test_what_has_arrived_is_asked_for_once_more(self, status, now, chance, pause):
        first = next_poll(status, now, chance=chance, pause=pause, has_changed=True)
        self.assertGreaterEqual(first, now + timedelta(days=1))
        self.assertIsNone(next_poll(status, now, chance=chance, pause=pause))

    def test_every_status_has_an_answer(self):
        for status in Status:
            at = next_poll(status, NOW, chance=0.5)
            self.assertEqual(at is None, status in TERMINAL, status)
        self.assertEqual(next_poll(Status.OUT_FOR_DELIVERY, NOW, chance=0.5), NOW + timedelta(hours=1))

    def test_nothing_heard_for_45_days_is_given_up(self):
        long_ago = NOW - timedelta(days=45)
        self.assertTrue(pace.is_given_up(NOW, long_ago, None))
        self.assertFalse(pace.is_given_up(NOW, long_ago, NOW - timedelta(days=44)))
        self.assertFalse(pace.is_given_up(NOW, None, None))

    # ---------------------------------------------------------------- after a failure
    @given(st.integers(1, 10**6), chances)
    def test_waiting_grows_and_has_an_end(self, failures, chance):
        wait = back_off(failures, chance)
        self.assertTrue(pace.FIRST_RETRY <= wait <= pace.LAST_RETRY)
        self.assertLessEqual(back_off(failures, 1), back_off(failures + 1, 1))
        self.assertTrue(pace.FIRST_COOLDOWN <= cooldown(failures) <= pace.LAST_COOLDOWN)

    def test_those_that_failed_together_do_not_come_again_together(self):
        waits = {back_off(4, chance / 10) for chance in range(11)}
        self.assertEqual(len(waits), 11)
        self.assertEqual([cooldown(n) / pace.MINUTE for n in range(1, 9)], [1, 2, 4, 8, 16, 32, 60, 60])

    def test_five_failures_open_the_circuit_and_the_sixth_again(self):
        opened = [pace.circuit(failures) for failures in (0, 4, 5, 6)]
        self.assertEqual(opened, [None, None, timedelta(minutes=15), timedelta(minutes=15)])

    # ---------------------------------------------------------------- Retry-After
    @given(st.integers(0, 86400), moments)
    def test_seconds_and_date_say_the_same(self, seconds, now):
        now = now.replace(microsecond=0)
        told = timedelta(seconds=seconds)
        date = email.utils.format_datetime((now + told).replace(tzinfo=UTC), usegmt=True)
        unix = str(int((now + told).replace(tzinfo=UTC).timestamp()))
        self.assertEqual(retry_after({"retry-after": str(seconds)}, now), told)
        self.assertEqual(retry_after({"retry-after": date}, now), told)
        self.assertEqual(retry_after({"x-ratelimit-reset": str(seconds)}, now), told)
        self.assertEqual(retry_after({"x-ratelimit-reset": unix}, now), told)
        self.assertEqual(retry_after({"x-ratelimit-reset": unix + "000"}, now), told)

    def test_retry_after_counts_before_the_reset(self):
        headers = {"retry-after": "7", "x-ratelimit-reset": "100"}
        self.assertEqual(retry_after(headers, NOW), 7 * SECOND)
        self.assertEqual(retry_after({**headers, "retry-after": "soon"}, NOW), 100 * SECOND)

    @given(st.text(), st.text(), moments)
    def test_whatever_it_says_the_wait_has_an_end(self, one, other, now):
        told = retry_after({"retry-after": one, "x-ratelimit-reset": other}, now)
        self.assertTrue(told is None or timedelta() <= told <= pace.LONGEST_WAIT)
        self.assertTrue(SECOND <= cooldown(1, told) <= pace.LONGEST_WAIT)

    def test_dates_of_all_kinds(self):
        for date in (
            "Mon, 02 Mar 2026 15:01:00 GMT",
            "Mon, 02 Mar 2026 16:01:00 +0100",
            "2 Mar 2026 15:01:00",
        ):
            self.assertEqual(retry_after({"retry-after": date}, NOW), 60 * SECOND, date)
        self.assertEqual(retry_after({"retry-after": "Mon, 02 Mar 2020 15:01:00 GMT"}, NOW), timedelta())
        for nonsense in ("-5", "1e9", "nan", "9" * 30, "²", "Mon, 99 Foo"):
            self.assertIsNone(retry_after({"retry-after": nonsense}, NOW), nonsense)

    # ---------------------------------------------------------------- calls of an account
    @given(limits, st.lists(st.floats(0, 3600), max_size=150), moments)
    def test_no_sequence_of_tries_makes_more_calls_than_allowed(self, allowed, steps, now):
        bucket, made = FRESH, []
        for seconds in steps:
            now += timedelta(seconds=seconds)
            bucket, wait = take(bucket, allowed, now)
            if not wait:
                made.append(now)
            self.assertGreaterEqual(wait, timedelta())
        if allowed.per_second:
            for first in range(len(made)):
                span = (made[-1] - made[first]).total_seconds()
                count = len(made) - first
                self.assertLessEqual(count, allowed.burst + span * allowed.per_second + 1e-3)
        if allowed.per_day:
            for day in {at.date() for at in made}:
                self.assertLessEqual(sum(at.date() == day for at in made), allowed.per_day)

    @given(limits, moments)
    def test_who_waits_as_told_gets_a_turn(self, allowed, now):
        bucket = FRESH
        for _call in range(5):
            for _try in range(4):
                bucket, wait = take(bucket, allowed, now)
                if not wait:
                    break
                now += wait + timedelta(milliseconds=1)
            self.assertFalse(wait)

    def test_a_quota_is_spread_over_the_day(self):
        now, bucket, calls = datetime(2026, 3, 2), FRESH, []
        end = now + timedelta(days=1)
        while now < end:
            bucket, wait = take(bucket, Limits(None, 96), now)
            if not wait:
                calls.append(now)
            now += wait or SECOND
        self.assertTrue(90 <= len(calls) <= 96, len(calls))
        self.assertTrue(40 <= sum(at.hour < 12 for at in calls) <= 56)

    def test_the_next_day_has_a_quota_of_its_own(self):
        used_up = Bucket(0.0, NOW, 10, datetime(2026, 3, 2))
        self.assertEqual(take(used_up, Limits(None, 10), NOW)[1], timedelta(hours=9))
        bucket, wait = take(used_up, Limits(None, 10), NOW + timedelta(hours=9))
        self.assertEqual((wait, bucket.calls_today), (timedelta(), 1))

    def test_a_clock_set_back_takes_nothing_away(self):
        bucket = Bucket(2.0, NOW, 3, datetime(2026, 3, 2))
        left, wait = take(bucket, Limits(2.0), NOW - timedelta(hours=1))
        self.assertEqual((wait, left.tokens), (timedelta(), 1.0))
