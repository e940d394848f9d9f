"""Who gets a review: of those who may decide on the order, whoever has the least open work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple


class Candidates(NamedTuple):
    """Who may be asked to decide on one order at one stage, by the ids of their users.

    ``pool`` are the reviewers of the stage, ``managers`` whoever it goes to when none of them may, the
    nearest first. ``barred`` must not decide on this order: they made it, raised its risk, or have
    approved it at this stage already.
    """

    pool: frozenset[int]
    managers: tuple[int, ...] = ()
    barred: frozenset[int] = frozenset()


class Assignment(NamedTuple):
    """Who decides (None: nobody may) and why: a code and its figures; ids of users are in ``figures``."""

    user_id: int | None
    code: str
    figures: dict[str, Any]


@dataclass(slots=True)
class Load:
    """Open reviews of each reviewer, and when they last got one (UTC). Grows as reviews are given out."""

    open: dict[int, int] = field(default_factory=dict)
    last: dict[int, datetime] = field(default_factory=dict)
    turns: dict[int, int] = field(default_factory=dict)
    given: int = 0

    def rank(self, user_id: int) -> tuple[int, int, datetime, int]:
        """Return the order in which people are asked: least open work, then who got one longest ago."""
        # Given out in this very batch is later than whatever happened before it.
        turn = self.turns.get(user_id, 0)
        return self.open.get(user_id, 0), turn, self.last.get(user_id, datetime.min), user_id

    def give(self, user_id: int) -> None:
        """Note that this reviewer gets one more."""
        self.given += 1
        self.turns[user_id] = self.given
        self.open[user_id] = self.open.get(user_id, 0) + 1


def present(user_id: int, stand_ins: Mapping[int, int | None]) -> int | None:
    """Return who is there for a user: the user, or whoever stands in; None when nobody is.

    ``stand_ins`` has the absent ones, each with their stand-in or None. A stand-in who is absent, too,
    has one of their own; people who stand in for each other in a circle are all absent.
    """
    seen = set()
    while user_id in stand_ins:
        if user_id in seen:
            return None
        seen.add(user_id)
        stand_in = stand_ins[user_id]
        if stand_in is None:
            return None
        user_id = stand_in
    return user_id


def pick(candidates: Candidates, stand_ins: Mapping[int, int | None], load: Load) -> Assignment:
    """Choose the reviewer of one order at one stage, and count it as theirs.

    The same people, absences and loads give the same choice. Nobody barred is ever chosen.
    """
    assignment = _from_pool(candidates, stand_ins, load) or _from_managers(candidates, stand_ins)
    if assignment.user_id is not None:
        load.give(assignment.user_id)
    return assignment


def _from_pool(candidates: Candidates, stand_ins: Mapping[int, int | None], load: Load) -> Assignment | None:
    asked: dict[int, int] = {}  # who is there, for whom
    for user_id in sorted(candidates.pool - candidates.barred):
        there = present(user_id, stand_ins)
        if there is not None and there not in candidates.barred:
            # Who is at the stage in their own right stands in for nobody.
            asked[there] = user_id if there == user_id else asked.get(there, user_id)
    if not asked:
        return None
    chosen = min(asked, key=load.rank)
    if asked[chosen] != chosen:
        return Assignment(chosen, "stands_in", {"absent": asked[chosen]})
    if len(asked) == 1:
        return Assignment(chosen, "only_one", {})
    return Assignment(chosen, "least_loaded", {"open": load.open.get(chosen, 0), "people": len(asked)})


def _from_managers(candidates: Candidates, stand_ins: Mapping[int, int | None]) -> Assignment:
    why = why_nobody(candidates)
    for user_id in candidates.managers:
        there = present(user_id, stand_ins)
        if there is not None and user_id not in candidates.barred and there not in candidates.barred:
            return Assignment(there, f"manager_{why}", {} if there == user_id else {"absent": user_id})
    return Assignment(None, f"nobody_{why}", {})


def why_nobody(candidates: Candidates) -> str:
    """Return why none of the stage's own reviewers is asked: ``empty``, ``barred`` or ``absent``."""
    if not candidates.pool:
        return "empty"
    return "absent" if candidates.pool - candidates.barred else "barred"
