"""The one processing stage of an order, derived from what its documents say.

The stage answers one question for everybody: *what is this order waiting for now?* It is never
written by hand. ``RULES`` is the table of precedence: the first row that holds gives the stage, so
the table is read from top to bottom, and every row has a test.

What has gone out already stands beside the stage, in ``fulfilment``: an order of which one half has
been shipped and the other half is short is in ``waiting_stock`` with fulfilment ``partial``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple


class Stage(str, Enum):
    """Where an order stands, in the order of its life."""

    QUOTATION = "quotation"
    RECEIVED = "received"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    WAITING_STOCK = "waiting_stock"
    IN_PRODUCTION = "in_production"
    READY = "ready"
    SHIPPED = "shipped"
    IN_TRANSIT = "in_transit"
    DELIVERED = "delivered"
    COMPLETED = "completed"
    REFUSED = "refused"
    CANCELLED = "cancelled"


class Progress(str, Enum):
    """How much of something has happened."""

    NONE = "none"
    PARTIAL = "partial"
    FULL = "full"


class Reservation(str, Enum):
    """How much of what is still to ship has stock set aside; ``PENDING``: that is being decided."""

    NONE = "none"
    PARTIAL = "partial"
    FULL = "full"
    PENDING = "pending"


# A parcel in one of these has reached its end, good or bad.
PARCEL_ENDED = frozenset({"delivered", "returned", "cancelled"})
# The carrier knows of the parcel, but it has not left the area it was handed over in.
PARCEL_NOT_MOVING = frozenset({"pending", "info_received", "picked_up"})


@dataclass(slots=True)
class OrderFacts:
    """What the stage is derived from: stored states of the order's own documents.

    ``state`` is the order's document state (``draft``, ``sent``, ``sale``, ``cancel``), ``review``
    its review state. The counts are numbers of stock moves on their way to the customer: ``open_*``
    not done yet, ``done_moves`` gone out. Returns are counted apart and never take a stage back.
    """

    state: str = "draft"
    submitted: bool = False
    review: str = "not_required"
    has_goods: bool = False
    open_moves: int = 0
    short_moves: int = 0  # open, reservation tried, not enough there
    reserved_moves: int = 0  # open, everything they need is set aside
    partly_reserved_moves: int = 0  # open, some of what they need is set aside
    pending_moves: int = 0  # open, the allocator has not come to them yet
    done_moves: int = 0
    open_returns: int = 0
    in_production: bool = False
    parcel_states: tuple[str, ...] = ()
    services_done: bool = True
    invoiced: bool = False  # nothing is left to invoice
    open_cases: int = 0

    @property
    def is_confirmed(self) -> bool:
        """The order binds both sides."""
        return self.state == "sale"

    @property
    def all_out(self) -> bool:
        """Every piece that will go out has gone out."""
        return self.has_goods and self.done_moves > 0 and self.open_moves == 0

    @property
    def all_arrived(self) -> bool:
        """Every piece has gone out and every parcel has come to its end.

        Goods that left without a parcel we know of (picked up at the counter, orders older than
        this software) count as handed over.
        """
        return self.all_out and all(state in PARCEL_ENDED for state in self.parcel_states)

    @property
    def nothing_to_ship(self) -> bool:
        """Services, down payments or a zero-line order: no goods will ever move."""
        return not self.has_goods

    @property
    def is_settled(self) -> bool:
        """Nobody owes anybody anything for this order."""
        return self.invoiced and not self.open_returns and not self.open_cases


class Row(NamedTuple):
    """One line of the table: the stage, and when it holds."""

    stage: Stage
    holds: Callable[[OrderFacts], bool]


RULES: tuple[Row, ...] = (
    # Ended before it was fulfilled. A refusal that was then cancelled still reads "refused".
    Row(Stage.REFUSED, lambda f: f.submitted and not f.is_confirmed and f.review == "refused"),
    Row(Stage.CANCELLED, lambda f: f.state == "cancel"),
    # Before confirmation.
    Row(
        Stage.IN_REVIEW,
        lambda f: not f.is_confirmed and f.submitted and f.review in ("pending", "changes_requested"),
    ),
    Row(Stage.RECEIVED, lambda f: not f.is_confirmed and f.submitted),
    Row(Stage.QUOTATION, lambda f: not f.is_confirmed),
    # Nothing to ship: services, down payments.
    Row(Stage.COMPLETED, lambda f: f.nothing_to_ship and f.services_done and f.is_settled),
    Row(Stage.DELIVERED, lambda f: f.nothing_to_ship and f.services_done),
    # Everything is out: where is it?
    Row(Stage.COMPLETED, lambda f: f.all_arrived and f.is_settled),
    Row(Stage.DELIVERED, lambda f: f.all_arrived),
    # A change after approval waits for a decision, and holds what is still here.
    Row(Stage.IN_REVIEW, lambda f: f.review in ("pending", "changes_requested", "refused") and not f.all_out),
    Row(
        Stage.IN_TRANSIT,
        lambda f: f.all_out and any(s not in PARCEL_ENDED | PARCEL_NOT_MOVING for s in f.parcel_states),
    ),
    Row(Stage.SHIPPED, lambda f: f.all_out),
    # Something is still here: what does it wait for?
    Row(Stage.IN_PRODUCTION, lambda f: f.in_production and f.open_moves > f.reserved_moves),
    Row(Stage.WAITING_STOCK, lambda f: f.short_moves > 0),
    Row(Stage.READY, lambda f: f.reserved_moves > 0),
    # Confirmed; its goods are not reserved yet, or come straight from a supplier.
    Row(Stage.APPROVED, lambda f: True),
)


def derive_stage(facts: OrderFacts) -> Stage:
    """Return the stage of an order: the first row of ``RULES`` that holds."""
    return next(row.stage for row in RULES if row.holds(facts))


def derive_fulfilment(facts: OrderFacts) -> Progress:
    """Return how much of the goods has left for the customer."""
    if not facts.done_moves:
        return Progress.NONE
    return Progress.PARTIAL if facts.open_moves else Progress.FULL


def derive_reservation(facts: OrderFacts) -> Reservation:
    """Return how much of what is still to ship has stock set aside for it."""
    if facts.pending_moves:
        return Reservation.PENDING
    if not facts.open_moves or not (facts.reserved_moves or facts.partly_reserved_moves):
        return Reservation.NONE
    return Reservation.FULL if facts.reserved_moves == facts.open_moves else Reservation.PARTIAL
