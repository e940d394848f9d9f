"""When to ask for a parcel, and how often at all: what carriers put up with, as plain arithmetic.

Chance comes in as a number from 0 to 1, so that the same question always has the same answer.
"""

from __future__ import annotations

import email.utils
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone

from .tracking import TERMINAL, Status

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

# A parcel that is about to arrive is worth more questions than one that waits to be fetched.
CADENCE = {
    Status.PENDING: 4 * HOUR,
    Status.INFO_RECEIVED: 4 * HOUR,
    Status.PICKED_UP: 4 * HOUR,
    Status.IN_TRANSIT: 4 * HOUR,
    Status.OUT_FOR_DELIVERY: HOUR,
    Status.AVAILABLE_FOR_PICKUP: 8 * HOUR,
    Status.ATTEMPT_FAILED: 4 * HOUR,
    Status.EXCEPTION: 6 * HOUR,
    Status.RETURNING: 6 * HOUR,
    # Said by the provider; what we have given up ourselves is asked for no more.
    Status.EXPIRED: DAY,
}
# Who tells us by itself is asked only to be sure.
WHEN_TOLD = DAY
FLOOR = 30 * MINUTE
JITTER = 0.2
# What has come to its end is asked for once more: scans by mistake are taken back within a day.
CONFIRMED_AFTER = DAY
# Nothing heard for so long: it will not arrive any more, or nobody scans it.
GIVEN_UP_AFTER = 45 * DAY
# A number the provider cannot do anything with is asked for once a day: it may be mended there.
REFUSED_AGAIN_AFTER = DAY

FIRST_RETRY, LAST_RETRY = timedelta(seconds=30), HOUR
FIRST_COOLDOWN, LAST_COOLDOWN = MINUTE, HOUR
# Whatever a provider asks for: past a day we look whether it still means it.
LONGEST_WAIT = DAY

FAILURES_TO_OPEN = 5
OPEN_FOR = 15 * MINUTE


# ---------------------------------------------------------------- the next question
def jittered(span: timedelta, chance: float) -> timedelta:
    """Return a span up to a fifth shorter or longer: parcels sent together are not asked for together."""
    return span * (1 + JITTER * (2 * chance - 1))


def next_poll(
    status: Status,
    now: datetime,
    *,
    chance: float,
    pause: timedelta = FLOOR,
    is_told: bool = False,
    has_changed: bool = False,
) -> datetime | None:
    """Return when to ask again for a parcel that was just answered for; None: no more.

    :param pause: the provider wants at least so long between two questions for the same parcel
    :param is_told: the provider pushes news of it
    :param has_changed: it has just come to this status
    """
    if status in TERMINAL:
        return now + max(CONFIRMED_AFTER, pause) if has_changed else None
    if status not in CADENCE:
        return None
    span = WHEN_TOLD if is_told else CADENCE[status]
    return now + max(jittered(span, chance), pause)


def is_given_up(now: datetime, *signs_of_life: datetime | None) -> bool:
    """Tell whether nothing was heard of a parcel for so long that asking is of no use."""
    last = max((sign for sign in signs_of_life if sign), default=None)
    return last is not None and now - last >= GIVEN_UP_AFTER


def polls_a_day(pause: timedelta) -> int:
    """Return how often a day a parcel is asked for at most, failures included."""
    return max(1, int(DAY / max(pause, MINUTE)))


def next_day(now: datetime) -> datetime:
    """Return when the quotas of a day begin anew."""
    return datetime(now.year, now.month, now.day) + DAY


# ---------------------------------------------------------------- after a failure
def back_off(
    failures: int, chance: float, first: timedelta = FIRST_RETRY, last: timedelta = LAST_RETRY
) -> timedelta:
    """Return how long to wait after so many failures in a row: anywhere up to a limit that doubles.

    Never less than ``first``, or those that failed together would come again at once.
    """
    limit = _doubled(failures, first, last)
    return first + (limit - first) * chance


def cooldown(failures: int, retry_after: timedelta | None = None) -> timedelta:
    """Return how long an account waits that was told to: as told, else a minute doubling to an hour."""
    if retry_after is not None:
        return min(max(retry_after, timedelta(seconds=1)), LONGEST_WAIT)
    return _doubled(failures, FIRST_COOLDOWN, LAST_COOLDOWN)


def _doubled(failures: int, first: timedelta, last: timedelta) -> timedelta:
    return min(last, first * 2 ** min(max(failures - 1, 0), 20))


def circuit(failures: int) -> timedelta | None:
    """Return how long nobody asks any more after so many failures in a row; None: going on.

    Afterwards one call is tried: the failures still count, so the next one opens the circuit again.
    """
    return OPEN_FOR if failures >= FAILURES_TO_OPEN else None


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Return how long the provider wants us to wait; None where it does not say.

    :param headers: by lower-case name
    :param now: UTC without zone
    """
    told = _seconds_or_date(headers.get("retry-after", ""), now)
    if told is None:
        told = _reset(headers.get("x-ratelimit-reset", ""), now)
    return told if told is None else min(max(told, timedelta()), LONGEST_WAIT)


def _number(text: str) -> float | None:
    """Return a plain number of a header; what cannot be a time is none."""
    text = text.strip()
    if not text.isascii() or not text.replace(".", "", 1).isdigit() or len(text) > 20:
        return None
    return float(text)


def _seconds_or_date(text: str, now: datetime) -> timedelta | None:
    if (seconds := _number(text)) is not None:
        return timedelta(seconds=min(seconds, LONGEST_WAIT.total_seconds()))
    try:
        at = email.utils.parsedate_to_datetime(text)
        return (at.astimezone(timezone.utc) if at.tzinfo else at).replace(tzinfo=None) - now
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _reset(text: str, now: datetime) -> timedelta | None:
    """Return what X-RateLimit-Reset says: seconds from now, or the Unix time in seconds or milliseconds."""
    if (number := _number(text)) is None:
        return None
    if number > 1e11:
        number /= 1000
    if number > 1e9:
        number -= now.replace(tzinfo=timezone.utc).timestamp()
    return timedelta(seconds=max(min(number, LONGEST_WAIT.total_seconds()), 0))


# ---------------------------------------------------------------- calls of an account
@dataclass(frozen=True)
class Limits:
    """What an account may: calls a second and a day; None: as much as it likes."""

    per_second: float | None = None
    per_day: int | None = None

    @property
    def burst(self) -> float:
        """How many calls may follow one another at once: those of a second."""
        return max(1.0, self.per_second or 1.0)


@dataclass(frozen=True)
class Bucket:
    """The calls an account has left, as stored."""

    tokens: float
    refilled_at: datetime | None
    calls_today: int
    day_began: datetime | None


def _rate(limits: Limits, calls_today: int, now: datetime) -> float | None:
    """Return how many calls a second may be made for the rest of the day; None: any."""
    rates = [limits.per_second] if limits.per_second else []
    if limits.per_day:
        left = max(limits.per_day - calls_today, 0)
        rates.append(left / max((next_day(now) - now).total_seconds(), 1.0))
    return min(rates) if rates else None


def take(bucket: Bucket, limits: Limits, now: datetime) -> tuple[Bucket, timedelta]:
    """Take one call; return what is left, and how long to wait for it first (then nothing was taken).

    The quota of a day is spread over what is left of it: it is not used up by noon, and what the morning did
    not use the afternoon can.
    """
    today = datetime(now.year, now.month, now.day)
    calls = bucket.calls_today if bucket.day_began == today else 0
    rate = _rate(limits, calls, now)
    if rate is None:
        return Bucket(limits.burst, now, calls + 1, today), timedelta()
    if rate <= 0:
        return bucket, next_day(now) - now
    # Somebody's clock was set back: nothing is filled, nothing is taken away.
    passed = max((now - bucket.refilled_at).total_seconds(), 0.0) if bucket.refilled_at else None
    filled = limits.burst if passed is None else min(limits.burst, bucket.tokens + passed * rate)
    if filled < 1 - 1e-6:
        return bucket, min(timedelta(seconds=(1 - filled) / rate), next_day(now) - now)
    left = replace(bucket, tokens=max(filled - 1, 0.0), refilled_at=now, calls_today=calls + 1)
    return replace(left, day_began=today), timedelta()
