"""When a route departs: its times of the week, in the warehouse's own zone, without its holidays."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

UTC = ZoneInfo("UTC")


class Slot(NamedTuple):
    """A departure of every week; hours of the day as 15.5, weekday 0 is Monday."""

    key: int
    weekday: int
    cut_off: float
    departs: float


class Planned(NamedTuple):
    """A slot on a day, in UTC."""

    slot: int
    cut_off: datetime
    departs: datetime


def departures(
    slots: Iterable[Slot], zone: str, first: datetime, days: int, holidays: Collection[date] = ()
) -> list[Planned]:
    """Return what departs after ``first`` in so many days; a holiday is a day of the warehouse's place."""
    tz = ZoneInfo(zone)
    today = first.replace(tzinfo=UTC).astimezone(tz).date()
    slots = list(slots)
    found = []
    for number in range(days + 1):
        day = today + timedelta(days=number)
        if day in holidays:
            continue
        for slot in slots:
            if slot.weekday == day.weekday():
                planned = Planned(slot.key, moment(day, slot.cut_off, tz), moment(day, slot.departs, tz))
                if planned.departs > first:
                    found.append(planned)
    return sorted(found, key=lambda planned: (planned.departs, planned.cut_off, planned.slot))


def moment(day: date, hours: float, tz: ZoneInfo) -> datetime:
    """Return that time of day there, in UTC.

    An hour that the clocks leave out is the hour after it; of one that comes twice it is the first.
    """
    hour, minute = divmod(round(hours * 60), 60)
    there = datetime.combine(day + timedelta(days=hour // 24), time(hour % 24, minute), tz)
    return there.astimezone(UTC).replace(tzinfo=None)
