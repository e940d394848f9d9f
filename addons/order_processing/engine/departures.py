"""When a route departs: its times of the week, in the warehouse's own zone, without its holidays."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

UTC = ZoneInfo("UTC")

# From when to when nobody works, UTC.
Closed = tuple[datetime, datetime]


class Slot(NamedTuple):
    """A departure of every week; hours of the day as 15.5, weekday 0 is Monday."""

    key: int
    weekday: int
    cut_off: float
    departs: float


class Planned(NamedTuple):
    """A slot on a day, which is the warehouse's own; the moments are UTC."""

    slot: int
    cut_off: datetime
    departs: datetime
    day: date


def departures(
    slots: Iterable[Slot], zone: str, first: datetime, days: int, closed: Iterable[Closed] = ()
) -> list[Planned]:
    """Return what departs after ``first`` in so many days, but not while the place is closed."""
    tz = ZoneInfo(zone)
    today = _there(first, tz).date()
    slots, closed = list(slots), whole_days(closed, zone)
    found = []
    for number in range(days + 1):
        day = today + timedelta(days=number)
        for slot in slots:
            if slot.weekday == day.weekday():
                departs = moment(day, slot.departs, tz)
                # Where the clocks leave an hour out, the time before it may come after the one behind it.
                cut_off = min(moment(day, slot.cut_off, tz), departs)
                if departs > first and not is_closed(departs, closed):
                    found.append(Planned(slot.key, cut_off, departs, day))
    return sorted(found, key=lambda planned: (planned.departs, planned.cut_off, planned.slot))


def end_of_day(at: datetime, zone: str) -> datetime:
    """Return the last second of the day it is there."""
    tz = ZoneInfo(zone)
    day = _there(at, tz).date()
    return _utc(datetime.combine(day, time(23, 59, 59), tz))


def start_of_day(at: datetime, zone: str) -> datetime:
    """Return when the day it is there began."""
    tz = ZoneInfo(zone)
    return _utc(datetime.combine(_there(at, tz).date(), time(), tz))


def leaves_by(arrives: datetime, days: int, zone: str) -> datetime:
    """Return by when something has to leave that is so many weekdays on its way: the end of that day."""
    tz = ZoneInfo(zone)
    day = _there(arrives, tz).date()
    while days > 0:
        day -= timedelta(days=1)
        days -= day.weekday() < 5
    return _utc(datetime.combine(day, time(23, 59, 59), tz))


def _there(at, tz):
    return at.replace(tzinfo=UTC).astimezone(tz)


def _utc(there):
    return there.astimezone(UTC).replace(tzinfo=None)


def _whole_days(start, end, tz):
    """A holiday is the whole day, also where it is noted in working hours; an afternoon is an afternoon."""
    start, end = _there(start, tz), _there(end, tz)
    if start.hour < 12:
        start = datetime.combine(start.date(), time(), tz)
    if end.hour >= 12:
        end = datetime.combine(end.date() + timedelta(days=1), time(), tz)
    return _utc(start), _utc(end)


def whole_days(closed: Iterable[Closed], zone: str) -> list[Closed]:
    """Return holidays as whole days there, however they are noted."""
    tz = ZoneInfo(zone)
    return [_whole_days(start, end, tz) for start, end in closed]


def is_closed(at: datetime, closed: Iterable[Closed]) -> bool:
    """Return whether nobody works then."""
    return any(start <= at < end for start, end in closed)


def moment(day: date, hours: float, tz: ZoneInfo) -> datetime:
    """Return that time of day there, in UTC.

    An hour that the clocks leave out is the hour after it; of one that comes twice it is the first.
    """
    hour, minute = divmod(round(hours * 60), 60)
    return _utc(datetime.combine(day + timedelta(days=hour // 24), time(hour % 24, minute), tz))
