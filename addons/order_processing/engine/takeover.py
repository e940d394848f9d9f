"""What an urgent order takes over from others that have it set aside.

Goods that are set aside stay where they are unless somebody lets an urgent order take them. From whom is
decided here: first from those whose own promise can be kept all the same, because enough comes in time;
then from as few orders as possible; then from those that are served last.

Why nothing goes round in circles: only urgent orders take, and only from orders that are not urgent and
later in rank. So each unit that changes hands goes to an earlier rank, and no unit ever comes back by a
take-over: after at most one for each unit and urgent order there is nothing left to take.

Quantities are whole numbers of the smallest unit that is counted, moments whole minutes; the smaller rank
goes first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

Place = tuple[int, ...]


class Bar(str, Enum):
    """Why an order that has the goods does not lose them."""

    OTHER_COMPANY = "other_company"
    URGENT = "urgent"  # it is urgent itself
    EARLIER = "earlier"  # it is served before the one that wants them
    PICKED = "picked"  # somebody has begun to pick it
    RELEASED = "released"  # printed, or in a batch that has begun
    TAKEN_LATELY = "taken_lately"  # it has lost goods already, a short time ago


class Winner(NamedTuple):
    """The order that wants goods."""

    order_id: int
    company_id: int
    rank: str
    urgent: bool


class Want(NamedTuple):
    """What a move of the winner lacks, from a place and everything below it."""

    move_id: int
    product_id: int
    place: Place
    need: int


class Piece(NamedTuple):
    """What a move line of another order has set aside; ``needed_by``: when its goods have to be there."""

    line_id: int
    move_id: int
    order_id: int
    product_id: int
    place: Place
    quantity: int
    needed_by: int | None = None


class Other(NamedTuple):
    """An order that has goods."""

    order_id: int
    company_id: int
    rank: str
    urgent: bool = False
    picked: bool = False
    released: bool = False
    taken_lately: bool = False


class Coming(NamedTuple):
    """What comes of a product next, after all earlier promises, and when."""

    when: int
    quantity: int


class Take(NamedTuple):
    """So much of a line goes to a move of the winner."""

    line_id: int
    move_id: int
    quantity: int


@dataclass(slots=True)
class Decision:
    """What is taken from whom.

    ``losers`` says of each order that loses whether its promise survives, ``barred`` why others that have
    the goods keep them, ``missing`` what the winner's moves lack even so.
    """

    takes: list[Take] = field(default_factory=list)
    losers: dict[int, bool] = field(default_factory=dict)
    barred: dict[int, Bar] = field(default_factory=dict)
    missing: dict[int, int] = field(default_factory=dict)


def bar(winner: Winner, other: Other) -> Bar | None:
    """Return why the other order keeps what it has; None where it may lose it."""
    rules = (
        (Bar.OTHER_COMPANY, other.company_id != winner.company_id),
        (Bar.URGENT, other.urgent),
        (Bar.EARLIER, not other.rank > winner.rank),
        (Bar.PICKED, other.picked),
        (Bar.RELEASED, other.released),
        (Bar.TAKEN_LATELY, other.taken_lately),
    )
    return next((code for code, holds in rules if holds), None)


def decide(
    winner: Winner,
    wants: Iterable[Want],
    pieces: Iterable[Piece],
    others: Mapping[int, Other],
    coming: Mapping[int, Coming] | None = None,
) -> Decision:
    """Return what the winner takes. The order of ``wants`` and ``pieces`` does not matter."""
    wants = sorted(want for want in wants if want.need > 0)
    decision = Decision(missing={want.move_id: want.need for want in wants})
    if not winner.urgent:
        return decision
    pool: dict[int, list[Piece]] = defaultdict(list)
    for piece in sorted(pieces):
        if piece.quantity <= 0 or not any(_fits(piece, want) for want in wants):
            continue
        if code := bar(winner, others[piece.order_id]):
            decision.barred[piece.order_id] = code
        else:
            pool[piece.order_id].append(piece)
    coming = coming or {}
    while best := _next_loser(pool, wants, decision.missing, others, coming):
        takes = _takes(pool.pop(best), wants, decision.missing)
        for take in takes:
            decision.missing[take.move_id] -= take.quantity
        decision.takes += takes
        decision.losers[best] = True
    _settle_survivors(decision, pieces, coming)
    return decision


def _fits(piece: Piece, want: Want) -> bool:
    return piece.product_id == want.product_id and want.place[-1] in piece.place


def _takes(pieces: list[Piece], wants: list[Want], missing: Mapping[int, int]) -> list[Take]:
    """Return what these pieces, all of one order, can give to what is missing."""
    left, takes = dict(missing), []
    for piece in pieces:
        quantity = piece.quantity
        for want in wants:
            if quantity and _fits(piece, want) and (part := min(quantity, left[want.move_id])):
                takes.append(Take(piece.line_id, want.move_id, part))
                left[want.move_id] -= part
                quantity -= part
    return takes


def _next_loser(
    pool: Mapping[int, list[Piece]],
    wants: list[Want],
    missing: Mapping[int, int],
    others: Mapping[int, Other],
    coming: Mapping[int, Coming],
) -> int | None:
    """Return the order to take from next: its promise survives, it gives the most, it is served last."""

    def merit(order_id: int) -> tuple[bool, int, str, int]:
        takes = _takes(pool[order_id], wants, missing)
        survives = _survives(pool[order_id], takes, coming)
        return survives, sum(take.quantity for take in takes), others[order_id].rank, order_id

    useful = [order_id for order_id in pool if _takes(pool[order_id], wants, missing)]
    return max(useful, key=merit, default=None)


def _survives(pieces: Iterable[Piece], takes: Iterable[Take], coming: Mapping[int, Coming]) -> bool:
    """Tell whether everything that is taken comes again in time."""
    by_line = {piece.line_id: piece for piece in pieces}
    lost: dict[int, int] = defaultdict(int)
    for take in takes:
        piece = by_line[take.line_id]
        lost[piece.product_id] += take.quantity
        next_ = coming.get(piece.product_id)
        if next_ is None or piece.needed_by is None or next_.when > piece.needed_by:
            return False
    return all(quantity <= coming[product_id].quantity for product_id, quantity in lost.items())


def _settle_survivors(decision: Decision, pieces: Iterable[Piece], coming: Mapping[int, Coming]) -> None:
    """Say of each loser whether its promise survives, when what comes is shared in the order chosen."""
    by_line = {piece.line_id: piece for piece in pieces}
    takes: dict[int, list[Take]] = defaultdict(list)
    for take in decision.takes:
        takes[by_line[take.line_id].order_id].append(take)
    left = dict(coming)
    for order_id in decision.losers:
        decision.losers[order_id] = _survives(by_line.values(), takes[order_id], left)
        if decision.losers[order_id]:
            for take in takes[order_id]:
                product_id = by_line[take.line_id].product_id
                next_ = left[product_id]
                left[product_id] = next_._replace(quantity=next_.quantity - take.quantity)
