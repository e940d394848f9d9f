"""Orders that came twice, or many at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple


class Placed(NamedTuple):
    """An order as far as it can be taken for another; ``content`` stands for its products and quantities.

    One that had ``ended``, cancelled or refused, when another came in is not repeated by that.
    """

    id: int
    customer_id: int
    moment: datetime
    is_confirmed: bool
    reference: str | None
    content: str | None
    ended: datetime | None = None

    @property
    def known_as(self) -> list[tuple[int, str, str]]:
        """What another order of the customer has in common with it, if it is the same."""
        reference = (self.reference or "").strip().casefold()
        keys = [(self.customer_id, "reference", reference), (self.customer_id, "content", self.content or "")]
        return [key for key in keys if key[2]]


class Twin(NamedTuple):
    """The order another one repeats, and whether only the customer's reference says so."""

    id: int
    by_reference: bool


def find_twins(ids: Iterable[int], placed: Iterable[Placed], days: float) -> dict[int, Twin]:
    """Return, for those of the orders that repeat another within so many days, which one.

    What was placed first is no repetition, unless the other has been confirmed already and it has not.
    """
    orders = {order.id: order for order in placed}
    alike = defaultdict(list)
    for order in sorted(orders.values(), key=lambda order: (order.moment, order.id)):
        for key in order.known_as:
            alike[key].append(order)
    twins = {}
    for order in (orders[order_id] for order_id in ids if order_id in orders):
        for key in order.known_as:
            twin = next((one for one in reversed(alike[key]) if _repeats(order, one, days)), None)
            if twin:
                by_reference = key[1] == "reference" and twin.content != order.content
                twins[order.id] = Twin(twin.id, by_reference)
                break
    return twins


def _repeats(order: Placed, other: Placed, days: float) -> bool:
    if order.id == other.id or abs(order.moment - other.moment) > timedelta(days=days):
        return False
    if other.ended and other.ended <= order.moment:
        return False
    if other.is_confirmed != order.is_confirmed:
        return other.is_confirmed
    return (other.moment, other.id) < (order.moment, order.id)


def count_recent(rows: Iterable[tuple[int, int, datetime, int]], days: float) -> dict[int, int]:
    """Return, for each order of a batch, how many of its customer have come in these days up to it.

    ``rows`` are order, customer, moment, and how many there are that are not in the batch.
    """
    counts, by_customer = {}, defaultdict(list)
    for order_id, customer_id, moment, others in rows:
        by_customer[customer_id].append((moment, order_id, others))
    for placed in by_customer.values():
        placed.sort()
        first = 0
        for place, (moment, order_id, others) in enumerate(placed):
            while placed[first][0] <= moment - timedelta(days=days):
                first += 1
            counts[order_id] = others + place - first + 1
    return counts
