"""When people are not to be disturbed, and the hour at which news of a day are told together.

Moments are UTC without zone, as Odoo stores them; the hours are those of the recipient's clock. A window may
go over midnight. Where clocks are put forward, what ends in the hour that does not exist ends with it; where
they are put back, a window ends the first time its end is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

UTC = ZoneInfo("UTC")
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Window:
    """Quiet from one time of day until another, the second not included; both the same: never."""

    start: time
    end: time

    def holds(self, at: time) -> bool:
        """Tell whether this time of day is quiet."""
        if self.start <= self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end


def clock(hours: float) -> time:
    """Return the time of day of 17.5, which is half past five; midnight of what is none."""
    minutes = round(hours * 60)
    return time(*divmod(minutes, 60)) if 0 <= minutes < 24 * 60 else time()


def zone_of(*names: str | None) -> ZoneInfo:
    """Return the first zone that has a name the computer knows; UTC where none has."""
    for name in filter(None, names):
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return UTC


def next_allowed(now: datetime, window: Window, zone: ZoneInfo) -> datetime:
    """Return the first moment from ``now`` on that is not quiet."""
    local = _local(now, zone)
    if not window.holds(local.time()):
        return now
    day = local.date() if local.time() < window.end else local.date() + DAY
    return _first_from(now, datetime.combine(day, window.end), zone)


def next_at(now: datetime, at: time, zone: ZoneInfo) -> datetime:
    """Return the first moment after ``now`` at which the clock shows ``at``."""
    day = _local(now, zone).date()
    while (moment := _first_from(None, datetime.combine(day, at), zone)) <= now:
        day += DAY
    return moment


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.replace(tzinfo=UTC).astimezone(zone)


def _first_from(now: datetime | None, wall: datetime, zone: ZoneInfo) -> datetime:
    """Return when the clock shows ``wall`` the first time (from ``now`` on), or jumps over it."""
    first, second = (
        wall.replace(tzinfo=zone, fold=fold).astimezone(UTC).replace(tzinfo=None) for fold in (0, 1)
    )
    if second < first:
        return _jump(second, first, zone)
    return second if now and first < now else first


def _jump(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment in between at which clocks are put forward."""
    old = _local(before, zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        if middle <= before:
            break
        if _local(middle, zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after
