"""When goods are counted: each within its time, and on no day more than on others."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import NamedTuple

# Goods counted on one day are not all due on one day again: each may come so much of its time earlier.
SLACK = 0.2


class Item(NamedTuple):
    """Goods to be counted every ``days`` days. ``rows`` is how many places there are to count."""

    key: int
    days: int
    counted: date | None = None
    rows: int = 1


def window(item: Item, today: date) -> tuple[date, date]:
    """Return the first and the last day on which it may be counted.

    What was never counted, and what is overdue, is spread: the former over the whole of its time, the
    latter over the days it may come earlier.
    """
    slack = timedelta(days=max(int(item.days * SLACK), 1))
    tomorrow = today + timedelta(days=1)
    if item.counted is None:
        return tomorrow, today + timedelta(days=item.days)
    due = item.counted + timedelta(days=item.days)
    return max(due - slack, tomorrow), max(due, today + slack)


def plan(
    items: Iterable[Item], working_days: Iterable[date], today: date, load: Mapping[date, int] | None = None
) -> dict[int, date]:
    """Return the day of each: the working day of its window with the least to count so far.

    ``load`` is what is planned already. Where the window has no working day, the next one is taken.
    """
    days = sorted(set(working_days))
    loads = {day: (load or {}).get(day, 0) for day in days}
    planned = {}
    # Those with the least choice choose first.
    for item in sorted(items, key=lambda item: (window(item, today)[1], window(item, today)[0], item.key)):
        first, last = window(item, today)
        choice = (
            days[bisect_left(days, first) : bisect_right(days, last)] or days[bisect_left(days, first) :][:1]
        )
        if not choice:
            continue
        day = min(choice, key=lambda day: (loads[day], day))
        loads[day] += max(item.rows, 1)
        planned[item.key] = day
    return planned
