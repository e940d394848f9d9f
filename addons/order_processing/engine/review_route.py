"""Which stages an order that is held goes through, in which order, and why each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple


class Stage(NamedTuple):
    """One stage of the review. ``amount_from`` is in the order's company's currency, 0 for no limit."""

    id: int
    amount_from: float = 0.0
    is_for_new_customers: bool = False
    is_for_all: bool = False
    team_ids: frozenset[int] = frozenset()

    def is_open_to(self, team_id: int | None) -> bool:
        """Tell whether orders of that sales team come here at all."""
        return not self.team_ids or team_id in self.team_ids


class HeldOrder(NamedTuple):
    """What decides on the way of an order: where its findings go (None: nowhere in particular), its total
    in the company's currency, whether its customer has never had one confirmed, and its sales team.
    """

    finding_stages: frozenset[int | None]
    amount: float
    is_new_customer: bool
    team_id: int | None


class Visit(NamedTuple):
    """One stage an order comes to; ``stage_id`` is None where there are no stages at all.

    ``reasons`` are codes with their figures. ``is_by_condition``: it comes here whatever is found, so the
    stage decides also when each finding has been let pass.
    """

    stage_id: int | None
    reasons: tuple[tuple[str, dict[str, Any]], ...]

    @property
    def is_by_condition(self) -> bool:
        """Whether something about the order itself brings it here, not only what was found."""
        return any(code != "findings" for code, _figures in self.reasons)


def route(stages: Iterable[Stage], order: HeldOrder) -> list[Visit]:
    """Return the stages the order visits, in the order of ``stages``; at least one.

    What is routed nowhere, or to a stage that is not for this order, is decided at the first stage the order
    visits anyway, else at the first one that is open to its team.
    """
    open_stages = [stage for stage in stages if stage.is_open_to(order.team_id)]
    visits = [Visit(stage.id, reasons) for stage in open_stages if (reasons := tuple(_reasons(stage, order)))]
    if visits:
        return visits
    return [Visit(open_stages[0].id if open_stages else None, (("findings", {}),))]


def _reasons(stage: Stage, order: HeldOrder) -> Iterable[tuple[str, dict[str, Any]]]:
    if stage.id in order.finding_stages:
        yield "findings", {}
    if stage.amount_from and order.amount >= stage.amount_from:
        yield "amount", {"amount": order.amount, "limit": stage.amount_from}
    if stage.is_for_new_customers and order.is_new_customer:
        yield "new_customer", {}
    if stage.is_for_all:
        yield "team" if stage.team_ids else "all", {}


def place_of(finding_stage: int | None, visits: Iterable[int | None]) -> int | None:
    """Return at which of the stages visited a finding is decided: its own, else the first."""
    visited = list(visits)
    return finding_stage if finding_stage in visited else next(iter(visited), None)
