"""What of a carrier's bill is right: each line gets a verdict.

The lines of one parcel (freight, fuel, a toll) belong together: what they add up to is compared with what
was expected. The largest of them *leads* and carries the verdict; the others go along with it (``PART``), so
that nothing is counted twice. A line that was billed before, in this bill or an earlier one, is a duplicate
and is left out of the sum. So:

====================  ==========================================================================
``OK``                within the tolerance of what was expected
``OVERCHARGED``       more than that; ``difference`` is what is too much
``UNDERCHARGED``      less than that
``NO_EXPECTATION``    the parcel is ours, what it should cost nobody knows
``DUPLICATE``         the same parcel and service again, oftener than there are parcels
``UNKNOWN``           no parcel of ours has that number
``OTHER_CARRIER``     the parcel went with another carrier
``CREDIT``            money back, for a parcel nothing else is billed for here
``PART``              counted with the line that leads
====================  ==========================================================================

Amounts are whole cents of the company's currency. The order of the lines decides only which of two equal
ones is the duplicate: the later.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple


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


# What the carrier is asked about.
DISPUTED = frozenset({Verdict.OVERCHARGED, Verdict.DUPLICATE, Verdict.UNKNOWN, Verdict.OTHER_CARRIER})


@dataclass(frozen=True, slots=True)
class BillLine:
    """A line: ``number`` is the tracking number as it stands there, ``amount`` in cents, with its sign.

    ``parcel``: where a person has said whose it is.
    """

    key: int
    number: str
    service: str
    amount: int
    reference: str = ""
    parcel: int | None = None


@dataclass(frozen=True, slots=True)
class Parcel:
    """A shipment of ours with its tracking numbers. ``expected``: in cents, None where nobody knows."""

    key: int
    numbers: tuple[str, ...]
    expected: int | None
    parcels: int = 1
    is_ours: bool = True  # went with the carrier whose bill it is
    references: tuple[str, ...] = ()


class Earlier(NamedTuple):
    """A line of an earlier bill of the same carrier. ``counts``: not a duplicate itself."""

    number: str
    service: str
    amount: int
    parcel: int | None = None
    counts: bool = True


class Judged(NamedTuple):
    """What a line is; ``expected`` and ``difference`` stand on the line that leads."""

    verdict: Verdict
    parcel: int | None = None
    lead: int | None = None
    expected: int | None = None
    difference: int = 0


class Tolerance(NamedTuple):
    """How far off is right: so many cents or so many per cent, whichever is more."""

    cents: int = 0
    percent: float = 0.0

    def of(self, expected: int) -> int:
        """Return how many cents too much still are right."""
        return max(self.cents, int(abs(expected) * self.percent / 100 + 1e-9))


def plain(number: str) -> str:
    """Return a number as it is compared: letters and digits only."""
    return "".join(filter(str.isalnum, number or "")).upper()


def keys_of(number: str) -> tuple[str, ...]:
    """Return how a number may be written: spreadsheets drop the zeros it begins with."""
    code = plain(number)
    short = code.lstrip("0")
    return (code, short) if code and short and short != code else ((code,) if code else ())


def judge(
    lines: Sequence[BillLine],
    parcels: Iterable[Parcel],
    earlier: Iterable[Earlier] = (),
    tolerance: Tolerance = Tolerance(),  # noqa: B008
) -> dict[int, Judged]:
    """Return the verdict on each line, by its key."""
    parcels, earlier = list(parcels), list(earlier)
    by_number, by_key = _index(parcels), {parcel.key: parcel for parcel in parcels}
    found = {line.key: _find(line, by_number) for line in lines}
    judged: dict[int, Judged] = {}
    seen = _Seen(by_key, earlier)
    groups: dict[int, list[BillLine]] = defaultdict(list)
    for line in lines:
        parcel = found[line.key]
        if seen.is_again(line, parcel):
            judged[line.key] = Judged(Verdict.DUPLICATE, parcel, difference=line.amount)
        elif parcel is None:
            verdict = Verdict.CREDIT if line.amount < 0 else Verdict.UNKNOWN
            judged[line.key] = Judged(verdict, difference=max(line.amount, 0))
        else:
            groups[parcel].append(line)
    before = _billed_before(earlier)
    for key, group in groups.items():
        judged.update(_judge_parcel(by_key[key], group, before.get(key, 0), tolerance))
    return judged


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


class _Seen:
    """How often a service has been billed for a number: as often as there are parcels it is right."""

    def __init__(self, parcels: Mapping[int, Parcel], earlier: Iterable[Earlier]):
        self.parcels = parcels
        self.here: dict[tuple, int] = defaultdict(int)
        self.before: dict[tuple, int] = defaultdict(int)
        for line in earlier:
            if line.counts and line.amount > 0:
                self.before[self._key(line, line.parcel)] += 1

    def is_again(self, line: BillLine, parcel: int | None) -> bool:
        """Note a line, and tell whether it is one too many."""
        if line.amount <= 0 or not (parcel or plain(line.number)):
            return False
        key = self._key(line, parcel)
        allowed = self._parcels_of(parcel)
        # Of one bill only lines that cost the same are the same: a parcel may have two tolls. Of an earlier
        # bill a service that was charged already is charged twice, whatever it costs now.
        if self.before[key] and self.before[key] + self._count(key) >= allowed:
            return True
        self.here[(*key, line.amount)] += 1
        if self.here[(*key, line.amount)] > allowed:
            self.here[(*key, line.amount)] -= 1
            return True
        return False

    def _count(self, key: tuple) -> int:
        return sum(count for (*rest, _amount), count in self.here.items() if tuple(rest) == key)

    def _parcels_of(self, parcel: int | None) -> int:
        if parcel is None:
            return 1
        numbers = max(len(self.parcels[parcel].numbers), 1)
        return max(-(-self.parcels[parcel].parcels // numbers), 1)

    @staticmethod
    def _key(line, parcel: int | None) -> tuple:
        number = plain(line.number).lstrip("0") or (f"#{parcel}" if parcel else "")
        # Where no service is named, only the same amount tells that it is the same again.
        service = " ".join((line.service or "").upper().split()) or str(line.amount)
        return parcel, number, service


def _billed_before(earlier: Iterable[Earlier]) -> dict[int, int]:
    before: dict[int, int] = defaultdict(int)
    for line in earlier:
        if line.parcel is not None and line.counts:
            before[line.parcel] += line.amount
    return before


def _judge_parcel(
    parcel: Parcel, group: list[BillLine], before: int, tolerance: Tolerance
) -> dict[int, Judged]:
    """Return the verdicts on the lines of one parcel."""
    lead = max(group, key=lambda line: line.amount)  # the first of equals
    total = sum(line.amount for line in group)
    judged = {line.key: Judged(Verdict.PART, parcel.key, lead.key) for line in group if line is not lead}
    judged[lead.key] = _judge_sum(parcel, total, lead, before, tolerance)
    return judged


def _judge_sum(parcel, total, lead, before, tolerance) -> Judged:
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
