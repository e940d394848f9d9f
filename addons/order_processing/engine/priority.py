"""How soon an order is to be picked: 0 to 100, from weighted parts of which each is 0 to 1.

    urgency   an urgent order, or a star on the transfer          0 or 1
    slack     time until the goods have to leave to keep the      1 when none is left, 0 from ``slack_days``
              promise                                             on; half without a promise
    tier      what the company thinks of the customer             points / 100
    age       time since the order was confirmed                  1 from ``age_days`` on
    waiting   what it has suffered: promises that slipped, and    x / (1 + x)
              by how long, departures it has missed
    value     what it is worth to the company                     half at ``reference``, nearing 1

    value = 100 · Σ weight · part / Σ weight

Every part only ever grows with what it stands for, so nobody gets behind by getting more important. With the
default weights urgency has half of all points: an urgent order is never behind one that is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

PARTS = ("urgency", "slack", "tier", "age", "waiting", "value")
NEUTRAL = 0.5
HOURS = 24.0
# So many days of slipping weigh as much as one more slip.
DAYS_OF_A_SLIP = 7.0


@dataclass(frozen=True)
class Weights:
    """What a company finds important, and the scales; only the proportions of the weights count."""

    urgency: float = 50.0
    slack: float = 20.0
    tier: float = 10.0
    age: float = 8.0
    waiting: float = 8.0
    value: float = 4.0
    slack_days: float = 5.0
    age_days: float = 10.0
    reference: float = 500.0

    @property
    def total(self) -> float:
        """All weights together."""
        return sum(getattr(self, name) for name in PARTS)


@dataclass(frozen=True)
class Facts:
    """What is known of an order.

    ``slack``: hours left until the goods have to leave, negative when it is too late for that, None without
    a promise. ``age``: hours since it was confirmed. ``tier``: points of the customer's tier, 0 to 100.
    ``value``: in the company's currency. ``slips``, ``slip_days``: how often and how far the promise moved
    back. ``missed``: departures that left without it.
    """

    urgent: bool = False
    starred: bool = False
    slack: float | None = None
    tier: float = 0.0
    age: float = 0.0
    slips: int = 0
    slip_days: float = 0.0
    missed: int = 0
    value: float = 0.0


class Part(NamedTuple):
    """What a part gives: its share of what it could give, its points, and the points it could give."""

    share: float
    points: float
    most: float


class Score(NamedTuple):
    """The score, larger is sooner, with one decimal; and where it comes from."""

    value: float
    parts: dict[str, Part]


def score(facts: Facts, weights: Weights = Weights()) -> Score:  # noqa: B008 (it is frozen)
    """Return how soon an order is to be picked."""
    total = weights.total
    if total <= 0:
        return Score(0.0, {name: Part(0.0, 0.0, 0.0) for name in PARTS})
    parts, points = {}, 0.0
    for name, share in shares(facts, weights).items():
        most = 100 * getattr(weights, name) / total
        parts[name] = Part(share, share * most, most)
        points += share * most
    return Score(round(min(points, 100.0), 1), parts)


def shares(facts: Facts, weights: Weights) -> dict[str, float]:
    """Return each part, from 0 to 1."""
    return {
        "urgency": 1.0 if facts.urgent or facts.starred else 0.0,
        "slack": _slack(facts.slack, weights.slack_days),
        "tier": _between(facts.tier / 100),
        "age": _of(facts.age / HOURS, weights.age_days),
        "waiting": _waiting(facts),
        "value": _value(facts.value, weights.reference),
    }


def _slack(hours: float | None, days: float) -> float:
    if hours is None:
        return NEUTRAL
    return 1 - _of(hours / HOURS, days)


def _waiting(facts: Facts) -> float:
    suffered = max(facts.slips, 0) + max(facts.missed, 0) + max(facts.slip_days, 0.0) / DAYS_OF_A_SLIP
    return 1 - 1 / (1 + suffered)


def _value(value: float, reference: float) -> float:
    if value <= 0:
        return 0.0
    return 1 - 1 / (1 + value / reference) if reference > 0 else 1.0


def _of(amount: float, full: float) -> float:
    """Return the share of ``full``; where nothing is needed to be full, it is full from 0 on."""
    if full <= 0:
        return 1.0 if amount > 0 else 0.0
    return _between(amount / full)


def _between(share: float) -> float:
    return min(max(share, 0.0), 1.0)
