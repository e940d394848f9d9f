"""What a carrier has billed already, here and on earlier bills, and what it has taken back.

A service may be billed as often for a parcel as there are parcels. A credit of just what was billed once
takes one off, so that the right bill after it is no duplicate. A credit for what was billed twice answers
that, and says nothing about the first time. Compared is what stands on the bill, in its own currency: cents
converted to the company's currency add up, and so two equal amounts may differ by one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from enum import Enum
from typing import NamedTuple


def plain(number: str) -> str:
    """Return a number as it is compared: letters and digits only."""
    return "".join(filter(str.isalnum, number or "")).upper()


def keys_of(number: str) -> tuple[str, ...]:
    """Return how a number may be written: spreadsheets drop the zeros it begins with."""
    code = plain(number)
    short = code.lstrip("0")
    return (code, short) if code and short and short != code else ((code,) if code else ())


def key_of(number: str) -> str:
    """Return the one way to write a number by which it is looked up."""
    return plain(number).lstrip("0")


class Money(NamedTuple):
    """What stands on a bill: whole coins of its own currency."""

    currency: str
    coins: int


def money(line) -> Money:
    """Return what a line says in its own currency; in the company's where it says no other."""
    return Money(line.currency, line.amount if line.billed is None else line.billed)


class Earlier(NamedTuple):
    """A line of an earlier bill of the same carrier. ``counts``: no duplicate, or one that is paid after all.

    ``currency``, ``billed``: as it stands on the bill; ``amount`` in cents of the company's currency.
    """

    number: str
    service: str
    amount: int
    parcel: int | None = None
    counts: bool = True
    currency: str = ""
    billed: int | None = None


class Billed(NamedTuple):
    """A charge that is remembered: its service, and what it came to."""

    service: str
    money: Money


class Answer(Enum):
    """What a credit answers."""

    NOTHING = 0
    CHARGED = 1
    DOUBLED = 2


class Seen:
    """How often a service has been billed for a number: as often as there are parcels it is right."""

    def __init__(self, parcels_of: Callable[[int | None], int], earlier: Iterable[Earlier]):
        """Remember the earlier lines, in the order in which they were checked."""
        self.parcels_of = parcels_of
        self.before: Counter[tuple] = Counter()  # by number and service, on earlier bills
        self.here: Counter[tuple] = Counter()  # the same on this one
        self.alike: Counter[tuple] = Counter()  # ... and by what it costs
        self.spare: Counter[tuple] = Counter()  # credits of this bill that answer no earlier one
        self.total: Counter[int] = Counter()  # what earlier bills charge for a parcel, in the company's cents
        self.charged: dict[tuple, list[Billed]] = defaultdict(list)
        self.doubled: dict[tuple, list[Billed]] = defaultdict(list)
        self.given: Counter[tuple] = Counter()  # credits that answer no single charge
        for line in earlier:
            self._remember(line)

    def _remember(self, line: Earlier) -> None:
        place, service = _place(line, line.parcel), _service(line)
        if money(line).coins > 0 and any(place):
            billed = Billed(service, money(line))
            (self.charged if line.counts else self.doubled)[place].append(billed)
            if line.counts:
                self.before[*place, service] += 1
        answer = self._answer(line, place, service) if money(line).coins < 0 else Answer.NOTHING
        if line.parcel is not None and line.counts and answer is not Answer.DOUBLED:
            self.total[line.parcel] += line.amount

    # ---------------------------------------------------------------- credits
    def is_answer(self, line, parcel: int | None) -> bool:
        """Note a credit of this bill; tell whether it undoes something of an earlier one."""
        place = _place(line, parcel)
        answer = self._answer(line, place, _service(line))
        if answer is Answer.NOTHING:
            self.spare[place, _back(line)] += 1
        elif answer is Answer.CHARGED and parcel is not None:
            self.total[parcel] += line.amount
        return answer is not Answer.NOTHING

    def _answer(self, line, place: tuple, service: str) -> Answer:
        """Take off what a credit answers, and tell what that is.

        What was billed twice and comes to just that goes first, then a charge of that, then a part of what
        was billed twice. Credits that together come to all that was charged take all of it off.
        """
        if not any(place):
            return Answer.NOTHING
        back = _back(line)
        if _take(self.doubled[place], service, back) or self._take_part(place, service, back):
            return Answer.DOUBLED
        if charge := _take(self.charged[place], service, back):
            self.before[*place, charge.service] -= 1
            return Answer.CHARGED
        return Answer.CHARGED if self._take_all(place, back) else Answer.NOTHING

    def _take_part(self, place: tuple, service: str, back: Money) -> bool:
        if any(one.money == back for one in self.charged[place]):
            return False
        doubled = self.doubled[place]
        for index, one in enumerate(doubled):
            rest = one.money.coins - back.coins
            if one.service == service and one.money.currency == back.currency and rest > 0:
                doubled[index] = one._replace(money=one.money._replace(coins=rest))
                return True
        return False

    def _take_all(self, place: tuple, back: Money) -> bool:
        self.given[place, back.currency] += back.coins
        charged = [one for one in self.charged[place] if one.money.currency == back.currency]
        if not charged or self.given[place, back.currency] < sum(one.money.coins for one in charged):
            return False
        for one in charged:
            self.charged[place].remove(one)
            self.before[*place, one.service] -= 1
        self.given[place, back.currency] = 0
        return True

    # ---------------------------------------------------------------- charges
    def is_again(self, line, parcel: int | None) -> bool:
        """Note a charge, and tell whether it is one too many."""
        if money(line).coins <= 0 or not (parcel or plain(line.number)):
            return False
        place, service = _place(line, parcel), _service(line)
        key, alike = (*place, service), (*place, service, money(line))
        allowed = self.parcels_of(parcel)
        # Of one bill only lines that cost the same are the same: a parcel may have two tolls. Of an earlier
        # bill a service that was charged already is charged twice, whatever it costs now.
        again = self.before[key] > 0 and self.before[key] + self.here[key] >= allowed
        again = again or self.alike[alike] >= allowed
        if again and self.spare[place, money(line)]:
            self.spare[place, money(line)] -= 1
            return False
        if not again:
            self.here[key] += 1
            self.alike[alike] += 1
        return again


def _back(line) -> Money:
    """Return what a credit gives back."""
    own = money(line)
    return own._replace(coins=-own.coins)


def _take(some: list[Billed], service: str, what: Money) -> Billed | None:
    """Take out what comes to just that; the same service goes first."""
    found = [one for one in some if one.money == what]
    if not found:
        return None
    best = next((one for one in found if one.service == service), found[0])
    some.remove(best)
    return best


def _place(line, parcel: int | None) -> tuple:
    number = key_of(line.number) or (f"#{parcel}" if parcel else "")
    return parcel, number


def _service(line) -> str:
    # Where no service is named, only the same amount tells that it is the same again.
    return " ".join((line.service or "").upper().split()) or str(money(line).coins)
