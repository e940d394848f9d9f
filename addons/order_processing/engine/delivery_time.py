"""From goods on the shelf to the customer's door: working hours, cut-off times, days on the way.

All moments are UTC without zone, as Odoo stores them; days are those of the place where people work.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

# Nobody says at what hour a parcel is delivered: noon keeps the day the same for readers far and near.
ARRIVAL = time(12)
UTC = ZoneInfo("UTC")

Interval = tuple[datetime, datetime]


class Delivery(NamedTuple):
    """When goods leave and when they arrive."""

    departs: datetime
    arrives: datetime


@dataclass(frozen=True)
class Way:
    """From a warehouse by a carrier to a customer.

    ``work``: when the warehouse works, sorted, without overlaps. ``handling``: working hours from the
    moment the goods are there to the packed parcel. ``cut_off``: what is packed by that time of day leaves
    the same day. ``carrier_days``: the days on which the carrier delivers, sorted; ``transit_days``: how
    many of them the parcel is on its way (0: it arrives the day it leaves). ``zone``: of the warehouse.

    Beyond the days that are known, every day counts as one on which all work.
    """

    work: Sequence[Interval]
    handling: timedelta
    cut_off: time
    carrier_days: Sequence[date]
    transit_days: int
    zone: str = "UTC"
    _arrivals: dict[date, datetime] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def _ends(self) -> list[datetime]:
        return [end for _start, end in self.work]

    @cached_property
    def _cut_offs(self) -> list[datetime]:
        """The last moment of each working day at which a packed parcel still leaves."""
        days = sorted({self._day(start) for start, _end in self.work})
        return [self._moment(day, self.cut_off) for day in days]

    def packed(self, ready: datetime) -> datetime:
        """Return when goods that are there at ``ready`` are packed."""
        left = self.handling
        for start, end in self.work[bisect_left(self._ends, ready) :]:
            begin = max(start, ready)
            if end - begin >= left:
                return begin + left
            left -= end - begin
        last = self._ends[-1] if self._ends else ready
        return max(last, ready) + left

    def deliver(self, ready: datetime) -> Delivery:
        """Return when goods that are there at ``ready`` leave, and when they arrive."""
        packed = self.packed(ready)
        index = bisect_left(self._cut_offs, packed)
        departs = self._cut_offs[index] if index < len(self._cut_offs) else packed
        return Delivery(departs, self._arrival(departs))

    def latest_ready(self, arrives: datetime) -> datetime | None:
        """Return the last moment at which goods have to be there to arrive on the day of ``arrives``.

        None where nothing that leaves in the days that are known arrives by then.
        """
        day = self._day(arrives)
        cut_offs = self._cut_offs
        if not cut_offs:  # nobody says when there is work: every day
            return self._moment(day - timedelta(days=self.transit_days), self.cut_off) - self.handling
        low, high = 0, len(cut_offs)
        while low < high:  # arrivals never decrease with departures
            middle = (low + high) // 2
            if self._day(self._arrival(cut_offs[middle])) <= day:
                low = middle + 1
            else:
                high = middle
        return self._begin(cut_offs[low - 1]) if low else None

    def _begin(self, departs: datetime) -> datetime | None:
        """Return when work on a parcel has to begin that leaves at ``departs``."""
        left = self.handling
        for start, end in reversed(self.work[: bisect_left([start for start, _ in self.work], departs)]):
            stop = min(end, departs)
            if stop - start >= left:
                return stop - left
            left -= stop - start
        return None

    def _arrival(self, departs: datetime) -> datetime:
        day = self._day(departs)
        if day not in self._arrivals:
            arrival = day
            if self.transit_days:
                index = bisect_right(self.carrier_days, day) + self.transit_days - 1
                if index < len(self.carrier_days):
                    arrival = self.carrier_days[index]
                else:
                    arrival = day + timedelta(days=self.transit_days)
            self._arrivals[day] = self._moment(arrival, ARRIVAL)
        return max(self._arrivals[day], departs)

    @cached_property
    def _tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def _day(self, moment: datetime) -> date:
        return moment.replace(tzinfo=UTC).astimezone(self._tz).date()

    def _moment(self, day: date, hour: time) -> datetime:
        return datetime.combine(day, hour, self._tz).astimezone(UTC).replace(tzinfo=None)
