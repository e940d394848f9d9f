"""What is wrong with a parcel, from where it stands now: plain facts in, problems out.

Nothing is remembered here. A problem is there as long as the facts say so, and is gone when the parcel has
moved on; only damage stays, for no later scan makes whole what is broken. The ``episode`` of a problem is
what it is about (this failed attempt, this promise): of one episode people hear once, whatever is repeated.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from .tracking import TERMINAL, Status

# Nobody expects scans of these: they lie somewhere, or it is all over.
RESTING = frozenset({*TERMINAL, Status.AVAILABLE_FOR_PICKUP, Status.EXPIRED})
# On its way to the customer no more: it is late in no useful sense.
TURNED = frozenset({*TERMINAL, Status.RETURNING})
# What follows from the status alone.
BY_STATUS = {
    Status.ATTEMPT_FAILED: "attempt_failed",
    Status.EXCEPTION: "exception",
    Status.RETURNING: "returning",
    Status.RETURNED: "returned",
}
BY_SUBSTATUS = ("damaged", "lost")
# What staff had better do about each.
PROPOSALS = {
    "late": "contact",
    "eta_late": "new_date",
    "silent": "contact",
    "attempt_failed": "wait",
    "pickup_waits": "pick_up",
    "damaged": "re_ship",
    "lost": "re_ship",
    "returning": "wait",
    "returned": "refund",
    "exception": "contact",
}


@dataclass(frozen=True)
class Facts:
    """A parcel as it stands; all moments in UTC without zone."""

    status: str
    substatus: str | None = None
    status_since: datetime | None = None
    last_event_at: datetime | None = None
    shipped_at: datetime | None = None
    eta: datetime | None = None
    # The first moment at which it is later than promised: the end of the promised day.
    promised: datetime | None = None

    @property
    def last_news(self) -> datetime | None:
        """When it was heard of last."""
        return self.last_event_at or self.shipped_at


@dataclass(frozen=True)
class Settings:
    """After how many days it is a problem; 0: never."""

    silent_days: int = 3
    pickup_days: int = 3


@dataclass(frozen=True)
class Trouble:
    """One thing that is wrong."""

    kind: str
    # What it is about, so that the same is not opened again.
    episode: str
    figures: tuple[tuple[str, Any], ...] = ()


def working_days_between(start: date, end: date, days: tuple[date, ...] | None) -> int:
    """Return how many working days lie after ``start``, up to and including ``end``.

    :param days: the days on which the carrier works, sorted; None: Monday to Friday
    """
    if end <= start:
        return 0
    if days is not None:
        return bisect_right(days, end) - bisect_right(days, start)
    weeks, rest = divmod((end - start).days, 7)
    return weeks * 5 + sum((start + timedelta(days=i)).weekday() < 5 for i in range(1, rest + 1))


def troubles(
    facts: Facts, now: datetime, settings: Settings, days: tuple[date, ...] | None = None
) -> list[Trouble]:
    """Return what is wrong with the parcel, worst first, each kind at most once."""
    status = Status(facts.status)
    found = [one for one in (_by_status(facts, status), _in_time(facts, status, now)) if one]
    if status not in RESTING and (silent := _silent(facts, now, settings, days)):
        # Of what is lost nobody expects a scan.
        found += [] if any(one.kind == "lost" for one in found) else [silent]
    if status is Status.EXPIRED:
        found.append(Trouble("silent", _episode(facts.last_news), (("expired", True),)))
    if waits := _waits(facts, status, now, settings):
        found.append(waits)
    return found


def remains(kind: str, facts: Facts, found: list[Trouble]) -> bool:
    """Tell whether a problem that is open is still one."""
    if any(one.kind == kind for one in found):
        return True
    over = facts.status in (Status.RETURNED, Status.CANCELLED)
    return kind == "damaged" and not over


def _by_status(facts: Facts, status: Status) -> Trouble | None:
    figures = (("substatus", facts.substatus),) if facts.substatus else ()
    if status in (Status.RETURNED, Status.RETURNING):
        return Trouble(BY_STATUS[status], _episode(facts.status_since), figures)
    if facts.substatus == "damaged" or (facts.substatus == "lost" and status is Status.EXCEPTION):
        return Trouble(facts.substatus, _episode(facts.status_since))
    if status in BY_STATUS:
        return Trouble(BY_STATUS[status], _episode(facts.status_since), figures)
    return None


def _in_time(facts: Facts, status: Status, now: datetime) -> Trouble | None:
    if status in TURNED or not facts.promised:
        return None
    promised = ("promised", _episode(facts.promised))
    expected = ("eta", _episode(facts.eta))
    if now >= facts.promised:
        return Trouble("late", _episode(facts.promised), (promised, expected) if facts.eta else (promised,))
    if facts.eta and facts.eta >= facts.promised:
        return Trouble("eta_late", f"{promised[1]} {expected[1]}", (promised, expected))
    return None


def _silent(facts: Facts, now: datetime, settings: Settings, days: tuple[date, ...] | None) -> Trouble | None:
    last = facts.last_news
    if not settings.silent_days or not last:
        return None
    passed = working_days_between(last.date(), now.date(), days)
    if passed < settings.silent_days:
        return None
    return Trouble("silent", _episode(last), (("days", passed), ("since", _episode(last))))


def _waits(facts: Facts, status: Status, now: datetime, settings: Settings) -> Trouble | None:
    since = facts.status_since
    if status is not Status.AVAILABLE_FOR_PICKUP or not settings.pickup_days or not since:
        return None
    passed = (now - since).days
    if passed < settings.pickup_days:
        return None
    return Trouble("pickup_waits", _episode(since), (("days", passed), ("since", _episode(since))))


def _episode(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S") if moment else ""
