"""Warning levels: when the free quantity of a product crosses one, and when it has recovered.

Quantities are in the product's own unit and rounded already. One alert for each crossing: as long as the
quantity has not recovered, nothing more is said, except once when it gets critical.
"""

from __future__ import annotations

from typing import NamedTuple

WARNING, CRITICAL, RECOVERED = "warning", "critical", "recovered"


class Watch(NamedTuple):
    """A level that is watched, and what is open about it.

    At ``level`` or below a warning is due, at ``critical`` or below an urgent one; 0 is no such level.
    ``margin`` is how much above the level, as a share of it, the quantity counts as recovered: stock that
    goes up and down around the level does not call people each time. ``severity`` is what people have been
    told and has not recovered yet.
    """

    level: float
    critical: float = 0.0
    margin: float = 0.0
    severity: str | None = None


def look(quantity: float, watch: Watch) -> str | None:
    """Return what has happened: ``warning``, ``critical``, ``recovered``, or None for nothing new."""
    if watch.level <= 0:
        return None
    if watch.severity and quantity > watch.level * (1 + max(watch.margin, 0.0)):
        return RECOVERED
    if watch.severity != CRITICAL and watch.critical > 0 and quantity <= watch.critical:
        return CRITICAL
    if not watch.severity and quantity <= watch.level:
        return WARNING
    return None


def after(verdict: str | None, severity: str | None) -> str | None:
    """Return what is open afterwards."""
    if verdict == RECOVERED:
        return None
    return verdict or severity
