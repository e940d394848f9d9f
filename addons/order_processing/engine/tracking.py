"""The truth about a parcel, from what carriers report: in any order, any number of times, not always right.

An event is one scan. Where the parcel stands follows from the events alone, never from when or how often
they arrived: the newest by time decides, at the same time the one that is further on its way. What has come
to its end stays there, unless a later event says it has come to another.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import Enum
from typing import NamedTuple


class Status(str, Enum):
    """Where a parcel stands; every carrier's own codes are brought to one of these."""

    PENDING = "pending"
    INFO_RECEIVED = "info_received"
    PICKED_UP = "picked_up"
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    AVAILABLE_FOR_PICKUP = "available_for_pickup"
    ATTEMPT_FAILED = "attempt_failed"
    EXCEPTION = "exception"
    DELIVERED = "delivered"
    RETURNING = "returning"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


# At the same moment the higher one counts.
RANK = {
    Status.EXPIRED: 5,
    Status.PENDING: 0,
    Status.INFO_RECEIVED: 10,
    Status.PICKED_UP: 20,
    Status.IN_TRANSIT: 30,
    Status.EXCEPTION: 35,
    Status.OUT_FOR_DELIVERY: 40,
    Status.ATTEMPT_FAILED: 45,
    Status.AVAILABLE_FOR_PICKUP: 50,
    Status.RETURNING: 60,
    Status.DELIVERED: 90,
    Status.RETURNED: 90,
    Status.CANCELLED: 90,
}
# The parcel has come to its end. ``EXPIRED`` is none: it goes on with the next event.
TERMINAL = frozenset({Status.DELIVERED, Status.RETURNED, Status.CANCELLED})

# Why, where the status alone does not say; carriers may report others. Codes, the words are in models/.
SUBSTATUSES = (
    "customs",
    "customs_cleared",
    "customs_problem",
    "delayed",
    "refused",
    "damaged",
    "lost",
    "address_problem",
    "not_at_home",
    "held",
    "locker",
    "proxy",
    "unknown_number",
    "no_news",
)


# A scan dated further ahead says nothing yet; one so long before the parcel left is of another parcel that
# had the number.
AHEAD = timedelta(days=1)
BEFORE_IT_LEFT = timedelta(days=7)
# After its end a parcel is only where an event of these says it is.
AFTER_THE_END = TERMINAL | {Status.RETURNING}
# At the same moment shown in this order, where a shipment has several parcels.
PROBLEMS = (Status.RETURNING, Status.EXCEPTION, Status.ATTEMPT_FAILED)


class Event(NamedTuple):
    """One scan as the status is derived from it."""

    at: datetime | None  # UTC
    status: Status | None = None  # None: a code nobody has mapped
    substatus: str = ""
    is_header: bool = False  # the provider's word on the parcel as a whole
    by_hand: bool = False


class State(NamedTuple):
    """Where a parcel stands, and since when."""

    status: Status | None = None  # None: no event says
    substatus: str = ""
    since: datetime | None = None
    delivered_at: datetime | None = None
    last_event_at: datetime | None = None


def dedup_key(
    at: datetime | None, raw_time: str, code: str, text: str, place: str, event_id: str = ""
) -> str:
    """Return what makes a scan the same scan, however often it is reported."""
    when = at.replace(microsecond=0).isoformat() if at else raw_time.strip()
    parts = ("id", event_id) if event_id else (when, code, " ".join(text.split()), " ".join(place.split()))
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def edited(
    stored: Iterable[tuple[datetime | str | None, str]], reported: Iterable[tuple[datetime | str | None, str]]
) -> set[tuple[datetime | str | None, str]]:
    """Return the (time, code) of which a full history has no more scans than are stored.

    What differs in words there is the same scan, which the provider has edited or translated. The time of one
    that cannot be read is as it is written; without any, nothing says that two are the same.
    """
    known = Counter(stored)
    return {key for key, count in Counter(reported).items() if key[0] and count <= known[key]}


def counts(event: Event, shipped_at: datetime | None, now: datetime) -> bool:
    """Tell whether an event says where this parcel is."""
    if event.at is None:
        return True
    return event.at <= now + AHEAD and (shipped_at is None or event.at >= shipped_at - BEFORE_IT_LEFT)


def _place(event: Event) -> tuple[object, ...]:
    """Return where an event belongs in the row of all.

    A header at the moment of a scan wins, unless it is as coarse as many are: on its way, no more.
    """
    rank = RANK[event.status] if event.status else 0
    told = event.is_header and rank > RANK[Status.IN_TRANSIT]
    name = event.status.value if event.status else ""
    wins = told or event.by_hand
    how = (name, event.substatus, event.by_hand, event.is_header)
    return event.at is not None, event.at or datetime.min, wins, rank, *how


def fold(events: Iterable[Event], shipped_at: datetime | None, now: datetime) -> State:
    """Return where a parcel stands by all its events, in whatever order they are given.

    :param shipped_at: when it left us; what is more than a week older is of another parcel
    :param now: what is dated more than a day later does not count yet
    """
    counted = sorted((event for event in events if counts(event, shipped_at, now)), key=_place)
    current: Event | None = None
    since, delivered_at, ended = None, None, False
    for event in counted:
        if event.status is None:
            continue
        if ended and event.status not in AFTER_THE_END and not event.by_hand:
            continue
        if current is None or current.status != event.status:
            since = event.at
        current = event
        # A scan without a time cannot be an end that later scans have to respect.
        ended = event.status in TERMINAL if event.by_hand else ended or _ends(event)
        if event.status == Status.DELIVERED:
            delivered_at = delivered_at or event.at
        elif event.by_hand:
            delivered_at = None
    last = max((event.at for event in counted if event.at), default=None)
    if current is None:
        return State(last_event_at=last)
    return State(current.status, current.substatus, since, delivered_at, last)


def _ends(event: Event) -> bool:
    return event.status in TERMINAL and event.at is not None


def combine(statuses: Iterable[Status]) -> Status | None:
    """Return the status of what left together, from those of its parcels; None where it has none.

    A problem of one is a problem of all. Delivered is what has arrived with all its parcels; while one is
    on its way and others have arrived, it is on its way. Cancelled parcels count only where all are.
    """
    every = set(statuses)
    if not every:
        return None
    if not (live := every - {Status.CANCELLED}):
        return Status.CANCELLED
    if not (on_the_way := live - TERMINAL):
        return Status.RETURNED if Status.RETURNED in live else Status.DELIVERED
    for problem in PROBLEMS:
        if problem in on_the_way:
            return problem
    least = min(on_the_way - {Status.EXPIRED} or on_the_way, key=RANK.__getitem__)
    moving = any(RANK[one] >= RANK[Status.IN_TRANSIT] for one in live)
    if moving and RANK[least] < RANK[Status.IN_TRANSIT] and least != Status.EXPIRED:
        return Status.IN_TRANSIT
    return least
