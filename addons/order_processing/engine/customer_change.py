"""What a customer may change of his order by himself, what he may ask for, and what is too late.

A change is made at once as long as nobody has begun to pick and nothing about it needs a person's eye; from
then on it is a wish somebody decides on; of what has left nothing is changed any more. Each kind of change
has its policy. The rows are read from top to bottom, the first that holds gives the answer and its reason.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple


class Kind(str, Enum):
    """What is to be changed."""

    CANCEL = "cancel"
    QUANTITY = "quantity"
    ADDRESS = "address"
    DATE = "date"


class Policy(str, Enum):
    """What a company allows of a kind of change."""

    NEVER = "never"
    ASK = "ask"
    BEFORE_PICKING = "before_picking"


class Answer(str, Enum):
    """What becomes of a change."""

    DO = "do"
    ASK = "ask"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Facts:
    """Where an order stands, and what the change would do."""

    stage: str
    locked: bool = False
    picking_begun: bool = False
    something_left: bool = False
    everything_left: bool = False
    waits_for_answer: bool = False  # an earlier wish of the customer is not decided
    invoiced: bool = False  # something is on a posted invoice
    paid: bool = False
    ordered_more: bool = False
    costs_more: bool = False  # less is ordered, at a higher price
    special_price: bool = False  # agreed on by hand, or something is taken off the whole order
    freight_changes: bool = False  # sending was free because of the amount, and would not be now
    other_country: bool = False
    other_taxes: bool = False
    carrier_refuses: bool = False


class Verdict(NamedTuple):
    """What becomes of a change, and why."""

    answer: Answer
    code: str


OVER = frozenset({"quotation", "refused", "cancelled", "delivered", "completed"})
GOODS = (Kind.CANCEL, Kind.QUANTITY)

Row = tuple[Answer, str, Callable[[Kind, Policy, Facts], bool]]
ROWS: tuple[Row, ...] = (
    (Answer.NO, "over", lambda kind, policy, facts: facts.stage in OVER),
    (Answer.NO, "left", lambda kind, policy, facts: facts.everything_left),
    (Answer.NO, "never", lambda kind, policy, facts: policy is Policy.NEVER),
    (Answer.NO, "waits", lambda kind, policy, facts: facts.waits_for_answer),
    (Answer.ASK, "policy", lambda kind, policy, facts: policy is Policy.ASK),
    (Answer.ASK, "partly_left", lambda kind, policy, facts: facts.something_left),
    (Answer.ASK, "begun", lambda kind, policy, facts: facts.picking_begun),
    (Answer.ASK, "locked", lambda kind, policy, facts: facts.locked),
    (Answer.ASK, "made", lambda kind, policy, facts: kind in GOODS and facts.stage == "in_production"),
    (Answer.ASK, "invoiced", lambda kind, policy, facts: kind is Kind.QUANTITY and facts.invoiced),
    (
        Answer.ASK,
        "paid",
        lambda kind, policy, facts: kind is Kind.QUANTITY
        and facts.paid
        and (facts.ordered_more or facts.costs_more),
    ),
    (Answer.ASK, "price", lambda kind, policy, facts: kind is Kind.QUANTITY and facts.special_price),
    (Answer.ASK, "freight", lambda kind, policy, facts: kind is Kind.QUANTITY and facts.freight_changes),
    (Answer.ASK, "country", lambda kind, policy, facts: kind is Kind.ADDRESS and facts.other_country),
    (Answer.ASK, "taxes", lambda kind, policy, facts: kind is Kind.ADDRESS and facts.other_taxes),
    (Answer.ASK, "carrier", lambda kind, policy, facts: kind is Kind.ADDRESS and facts.carrier_refuses),
)


def decide(kind: Kind, policy: Policy, facts: Facts) -> Verdict:
    """Say what becomes of a change of this kind."""
    for answer, code, holds in ROWS:
        if holds(kind, policy, facts):
            return Verdict(answer, code)
    return Verdict(Answer.DO, "free")
