"""Trying rules on past orders: what an order was when it came in, what became of it, and the sums."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any, NamedTuple

from .clearance import SAME_PRICE, LineTerms, OrderTerms
from .review_facts import LineRow, Rule

# One step is to take about this long, whatever the orders and rules cost. The next orders may cost three
# times as much, and it has to stay within two seconds.
STEP_SECONDS = 0.7
FIRST_STEP, SMALLEST_STEP, LARGEST_STEP = 30, 5, 500


class Outcome(NamedTuple):
    """What became of an order after it was handed in."""

    cancelled: bool
    refunded: bool
    returned: bool
    changed: bool

    @property
    def went_wrong(self) -> bool:
        """Whether any of it happened: it did not simply go out and stay there."""
        return any(self)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many orders were judged and found, and what became of them."""

    judged: int = 0
    found: int = 0
    cancelled: int = 0
    refunded: int = 0
    returned: int = 0
    changed: int = 0
    wrong: int = 0
    all_wrong: int = 0


def tally(judged: Iterable[int], found: Iterable[int], outcomes: Mapping[int, Outcome]) -> Tally:
    """Sum up: what became of the orders ``found``, and how many of all those ``judged`` went wrong."""
    judged, found = set(judged), set(found)
    ends = [outcomes[order_id] for order_id in found]
    return Tally(
        judged=len(judged),
        found=len(found),
        cancelled=sum(end.cancelled for end in ends),
        refunded=sum(end.refunded for end in ends),
        returned=sum(end.returned for end in ends),
        changed=sum(end.changed for end in ends),
        wrong=sum(end.went_wrong for end in ends),
        all_wrong=sum(outcomes[order_id].went_wrong for order_id in judged),
    )


def next_step(done: int, seconds: float) -> int:
    """Return how many orders the next step takes, if ``done`` of them took so many seconds."""
    if done <= 0 or seconds <= 0:
        return FIRST_STEP
    return max(SMALLEST_STEP, min(LARGEST_STEP, int(done / seconds * STEP_SECONDS)))


# ================================================================ as it was handed in
def line_terms(row: LineRow) -> LineTerms:
    """Return a line of an order as its terms name it."""
    return LineTerms(
        row.product_id or 0,
        row.quantity,
        row.unit_id or 0,
        round(row.net_price, 6),
        row.subtotal,
        round(row.total - row.subtotal, 6),
    )


def is_same(first: OrderTerms, now: OrderTerms) -> bool:
    """Tell whether an order still says what it said first; addresses are compared as records only.

    ``now`` has the lines there are now. What is missing in ``first``, of an older version, is not compared.
    """
    for name in ("customer", "address", "invoice", "currency", "payment", "incoterm"):
        before = getattr(first, name)
        if before is not None and (before or 0) != (getattr(now, name) or 0):
            return False
    lines = {key: line for key, line in now.lines.items() if line.quantity}
    before = {key: line for key, line in first.lines.items() if line.quantity}
    return before.keys() == lines.keys() and all(_same_line(before[key], lines[key]) for key in before)


def _same_line(before: LineTerms, now: LineTerms) -> bool:
    return (
        (before.product or 0) == now.product
        and (before.unit or 0) == now.unit
        and math.isclose(before.quantity, now.quantity, rel_tol=1e-9, abs_tol=1e-9)
        and math.isclose(before.net_price, now.net_price, rel_tol=SAME_PRICE, abs_tol=1e-9)
    )


def amounts_of(first: OrderTerms) -> tuple[float, float]:
    """Return net amount and tax of an order as it was handed in, without what was not looked at."""
    net = sum(
        line.quantity * line.net_price if line.subtotal is None else line.subtotal
        for line in first.lines.values()
    )
    if first.total is not None:
        return net, first.total - net
    return net, sum(line.tax or 0.0 for line in first.lines.values())


# ================================================================ the rule it was run with
def rule_to_json(rule: Rule) -> dict[str, Any]:
    """Return a rule as a JSON column can keep it; that it failed once is not kept."""
    values = asdict(rule) | {"failed_at": None}
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    return value.isoformat() if isinstance(value, date | datetime) else value


def rule_from_json(data: dict[str, Any]) -> Rule:
    """Return the rule kept by :func:`rule_to_json`; when it was to be active does not matter any more."""
    known = {field.name for field in fields(Rule)} - {"failed_at", "date_from", "date_to"}
    values = {name: data[name] for name in known if name in data}
    return Rule(**{k: frozenset(v) if isinstance(v, list) else v for k, v in values.items()})
