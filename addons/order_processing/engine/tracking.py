"""The truth about a parcel, from what carriers report: in any order, any number of times, not always right.

An event is one scan. Where the parcel stands follows from the events alone, never from when or how often
they arrived: the newest by time decides, at the same time the one that is further on its way. What has come
to its end stays there, unless a later event says it has come to another.
"""

from __future__ import annotations

from enum import Enum


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
