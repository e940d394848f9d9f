"""What of a carrier's bill is right: each line gets a verdict.

The lines of one parcel (freight, fuel, a toll) belong together: what they add up to is compared with what
was expected. The largest of them *leads* and carries the verdict; the others go along with it (``PART``), so
that nothing is counted twice. A line that was billed before, in this bill or an earlier one, is a duplicate:
it is disputed in full, and left out of what is compared. (It is billed all the same: what bills say of a
parcel is the sum of all lines, until a bill takes one back.) A credit that undoes something of an earlier
bill is left out of the comparison together with that. So:

====================  ==========================================================================
``OK``                within the tolerance of what was expected
``OVERCHARGED``       more than that; ``difference`` is what is too much
``UNDERCHARGED``      less than that
``NO_EXPECTATION``    the parcel is ours, what it should cost nobody knows
``DUPLICATE``         the same parcel and service again, oftener than there are parcels
``UNKNOWN``           no parcel of ours has that number
``OTHER_CARRIER``     the parcel went with another carrier
``CREDIT``            money back, for what is not billed here
``PART``              counted with the line that leads
====================  ==========================================================================

Amounts are whole cents of the company's currency; beside them, what stands on the bill. The order of the
lines decides only which of two equal ones is the duplicate: the later.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from .freight_seen import Earlier, Seen, keys_of, money

__all__ = ["DISPUTED", "BillLine", "Earlier", "Judged", "Parcel", "Tolerance", "Verdict", "judge"]


class Verdict(str, Enum):
    """What a line of the bill is."""

    OK = "ok"
    OVERCHARGED = "overcharged"
    UNDERCHARGED = "undercharged"
    NO_EXPECTATION = "no_expectation"
    DUPLICATE = "duplicate"
    UNKNOWN = "unknown"
    OTHER_CARRIER = "other_carrier"
    CREDIT = "credit"
    PART = "part"


# What the carrier is asked about, where it is about any money.
DISPUTED = frozenset({Verdict.OVERCHARGED, Verdict.DUPLICATE, Verdict.UNKNOWN, Verdict.OTHER_CARRIER})


@dataclass(frozen=True, slots=True)
class BillLine:
    """A line: ``number`` is the tracking number as it stands there, ``amount`` in cents, with its sign.

    ``parcel``: where a person has said whose it is. ``currency``, ``billed``: the amount as it stands there.
    """

    key: int
    number: str
    service: str
    amount: int
    reference: str = ""
    parcel: int | None = None
    currency: str = ""
    billed: int | None = None


@dataclass(frozen=True, slots=True)
class Parcel:
    """A shipment of ours with its tracking numbers. ``expected``: in cents, None where nobody knows."""

    key: int
    numbers: tuple[str, ...]
    expected: int | None
    parcels: int = 1
    is_ours: bool = True  # went with the carrier whose bill it is
    references: tuple[str, ...] = ()


class Judged(NamedTuple):
    """What a line is; ``expected`` and ``difference`` stand on the line that leads."""

    verdict: Verdict
    parcel: int | None = None
    lead: int | None = None
    expected: int | None = None
    difference: int = 0

    @property
    def is_disputed(self) -> bool:
        """Tell whether the carrier is asked to give something back."""
        return self.verdict in DISPUTED and self.difference > 0


class Tolerance(NamedTuple):
    """How far off is right: so many cents or so many per cent, whichever is more."""

    cents: int = 0
    percent: float = 0.0

    def of(self, expected: int) -> int:
        """Return how many cents too much still are right."""
        return max(self.cents, int(abs(expected) * self.percent / 100 + 1e-9))


def judge(
    lines: Sequence[BillLine],
    parcels: Iterable[Parcel],
    earlier: Iterable[Earlier] = (),
    tolerance: Tolerance = Tolerance(),  # noqa: B008
) -> dict[int, Judged]:
    """Return the verdict on each line, by its key."""
    parcels = list(parcels)
    by_number, by_key = _index(parcels), {parcel.key: parcel for parcel in parcels}
    found = {line.key: _find(line, by_number) for line in lines}
    seen = Seen(lambda key: _charges_allowed(by_key.get(key)), earlier)
    judged: dict[int, Judged] = {}
    groups: dict[int, list[BillLine]] = defaultdict(list)
    # Credits first: whether a charge is one too many depends on what is taken back, wherever that stands.
    back = [line for line in lines if money(line).coins < 0]
    answers = {line.key for line in back if seen.is_answer(line, found[line.key])}
    for line in lines:
        parcel = found[line.key]
        if line.key in answers:
            judged[line.key] = Judged(Verdict.CREDIT, parcel)
        elif seen.is_again(line, parcel):
            judged[line.key] = Judged(Verdict.DUPLICATE, parcel, difference=line.amount)
        elif parcel is None:
            verdict = Verdict.CREDIT if line.amount < 0 else Verdict.UNKNOWN
            judged[line.key] = Judged(verdict, difference=max(line.amount, 0))
        else:
            groups[parcel].append(line)
    for key, group in groups.items():
        judged.update(_judge_parcel(by_key[key], group, seen.total[key], tolerance))
    return judged


def _charges_allowed(parcel: Parcel | None) -> int:
    """Return how often a service may be billed for one of its numbers."""
    return max(-(-parcel.parcels // max(len(parcel.numbers), 1)), 1) if parcel else 1


def _index(parcels: Iterable[Parcel]) -> dict[str, int]:
    """Return which parcel has a number: the first given, and one of our own carrier before any other."""
    index: dict[str, int] = {}
    for parcel in sorted(parcels, key=lambda parcel: not parcel.is_ours):
        for number in (*parcel.numbers, *parcel.references):
            for key in keys_of(number):
                index.setdefault(key, parcel.key)
    return index


def _find(line: BillLine, index: Mapping[str, int]) -> int | None:
    if line.parcel is not None:
        return line.parcel
    for number in (line.number, line.reference):
        for key in keys_of(number):
            if key in index:
                return index[key]
    return None


def _judge_parcel(
    parcel: Parcel, group: list[BillLine], before: int, tolerance: Tolerance
) -> dict[int, Judged]:
    """Return the verdicts on the lines of one parcel."""
    lead = max(group, key=lambda line: line.amount)  # the first of equals
    total = sum(line.amount for line in group)
    judged = {line.key: Judged(Verdict.PART, parcel.key, lead.key) for line in group if line is not lead}
    judged[lead.key] = _judge_sum(parcel, total, lead, before, tolerance)
    return judged


def _judge_sum(parcel: Parcel, total: int, lead: BillLine, before: int, tolerance: Tolerance) -> Judged:
    if not parcel.is_ours:
        return Judged(Verdict.OTHER_CARRIER, parcel.key, difference=max(total, 0))
    if lead.amount < 0:
        return Judged(Verdict.CREDIT, parcel.key)
    if parcel.expected is None:
        return Judged(Verdict.NO_EXPECTATION, parcel.key)
    expected = max(parcel.expected - before, 0)
    difference = total - expected
    verdict = Verdict.OK
    if abs(difference) > tolerance.of(parcel.expected):
        verdict = Verdict.OVERCHARGED if difference > 0 else Verdict.UNDERCHARGED
    return Judged(verdict, parcel.key, expected=expected, difference=difference)
