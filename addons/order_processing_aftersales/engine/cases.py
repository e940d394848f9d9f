"""What is decided about a case: who has it, when it is late, how much may be given back."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

WORKED_ON = ("new", "progress")
NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9/_-]{2,39}")
LOOKED_AT = 4000  # so many characters of a mail, for the number of an order


class InvoicedLine(NamedTuple):
    """What an invoice says of one line of the order, in the order's unit."""

    line: int
    quantity: float


def due(state: str, first: datetime | None, answered: datetime | None, solve: datetime | None):
    """Return what is waited for, and until when: nothing while the customer's answer is."""
    if state not in WORKED_ON:
        return None, None
    if first and not answered:
        return "answer", first
    return ("solution", solve) if solve else (None, None)


def is_late(deadline: datetime | None, now: datetime) -> bool:
    """Tell whether the deadline has passed."""
    return deadline is not None and deadline < now


def first_rule(kind: str, company: int, rules: Iterable[tuple[int, str | None, int | None]]) -> int | None:
    """Return the first rule, of ``(rule, kind, company)`` in their order, that is for this case."""
    for rule, of_kind, of_company in rules:
        if of_kind in (None, kind) and of_company in (None, company):
            return rule
    return None


def at_most(limit: float, taken: float) -> float:
    """Return what is left of a quantity."""
    return max(limit - taken, 0.0)


def from_invoices(asked: float, invoiced: Sequence[InvoicedLine], refunded: float) -> list[InvoicedLine]:
    """Return what to credit of each invoice line: the oldest first, less what was given back already.

    Of more than was invoiced nothing is given: what cannot be covered is left out.
    """
    taken = []
    for line, quantity in invoiced:
        used = min(refunded, quantity)
        refunded -= used
        part = min(quantity - used, asked)
        if part > 0:
            taken.append(InvoicedLine(line, part))
            asked -= part
    return taken


def is_low(rating: float, threshold: float) -> bool:
    """Tell whether somebody should call the customer who has rated like this."""
    return 0 < rating <= threshold


def numbers_in(text: str) -> list[str]:
    """Return what might be numbers of orders, as they stand, each once: something with a digit."""
    found = (one for one in NUMBER.findall(text[:LOOKED_AT]) if any(sign.isdigit() for sign in one))
    return list(dict.fromkeys(found))[:50]
