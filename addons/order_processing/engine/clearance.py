"""What an approval covers, and what makes an order riskier than what was approved.

When an order is cleared (by the checks or by a person), a *clearance* records what was cleared.
A later change that goes beyond it re-opens the review; a change that only takes risk away (fewer
pieces, a line removed, a note) does not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

# Prices nearer to each other than this, relative to the price, are the same price written twice.
SAME_PRICE = 1e-4


@dataclass(frozen=True, slots=True)
class LineTerms:
    """The terms of one order line: product, quantity (in its sale unit), net price per unit."""

    product: int
    quantity: float
    unit: int
    net_price: float


@dataclass(frozen=True, slots=True)
class OrderTerms:
    """What is cleared: who buys, where it goes, in which currency, and the lines by their id."""

    customer: int
    address: int
    currency: int
    lines: dict[str, LineTerms] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the terms as values a JSON column can keep."""
        return {
            "customer": self.customer,
            "address": self.address,
            "currency": self.currency,
            "lines": {
                key: [line.product, line.quantity, line.unit, line.net_price]
                for key, line in self.lines.items()
            },
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> OrderTerms:
        """Return the terms kept by :meth:`to_json`."""
        lines = {key: LineTerms(*values) for key, values in data["lines"].items()}
        return cls(data["customer"], data["address"], data["currency"], lines)


@dataclass(frozen=True, slots=True)
class Deviation:
    """One way in which an order goes beyond its clearance: a code and the figures for its sentence."""

    code: str
    figures: dict[str, Any]


def deviations(cleared: OrderTerms, now: OrderTerms) -> list[Deviation]:
    """Return what makes ``now`` riskier than ``cleared``; an empty list means it is covered."""
    found = [
        Deviation(f"{name}_changed", {"before": getattr(cleared, name), "after": getattr(now, name)})
        for name in ("customer", "address", "currency")
        if getattr(cleared, name) != getattr(now, name)
    ]
    for key, line in now.lines.items():
        if not line.quantity:
            continue
        found += _line_deviations(cleared.lines.get(key), line)
    return found


def _line_deviations(before: LineTerms | None, after: LineTerms) -> list[Deviation]:
    if before is None or (before.product, before.unit) != (after.product, after.unit):
        return [Deviation("line_added", {"product": after.product, "quantity": after.quantity})]
    found = []
    # Above what was cleared, or below nothing: a line that takes off what the others cost.
    if not min(before.quantity, 0) <= after.quantity <= before.quantity:
        figures = {"product": after.product, "before": before.quantity, "after": after.quantity}
        found.append(Deviation("quantity_raised", figures))
    if not math.isclose(after.net_price, before.net_price, rel_tol=SAME_PRICE, abs_tol=1e-9):
        figures = {"product": after.product, "before": before.net_price, "after": after.net_price}
        found.append(Deviation("price_changed", figures))
    return found
