"""A carrier that is not there: for trials, demonstrations and tests, without any network.

What has happened to a parcel by now follows from its number and from when it left, nothing else: asked
twice, it says the same and more of it; asked by two, it says the same to both. Most parcels arrive; a stable
share of the numbers meets what parcels meet.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from .base import Connector, ConnectorError, Item, Request, Response, Result, Scan, Trouble, register

# A journey of usual length, in hours, where the account does not say another.
USUAL_HOURS = 48.0
SHORTEST_HOURS, LONGEST_HOURS = 0.05, 24.0 * 30
DEPOTS = ("Leeds", "Leipzig", "Lyon", "Memphis", "上海", "Utrecht", "Wien", "Zaragoza")


class Step(NamedTuple):
    """Something that happens to a parcel."""

    share: float  # of the journey's length that has passed by then; more than 1: longer than usual
    code: str
    text: str
    is_far: bool = True  # at a depot, not at the receiver's


_BEGINNING = (
    Step(0.0, "INFO", "Shipment data received"),
    Step(0.04, "PICKUP", "Collected from sender"),
    Step(0.15, "TRANSIT", "Arrived at depot"),
    Step(0.45, "TRANSIT", "Left depot"),
)
_DOORSTEP = Step(0.85, "OUT", "With courier Mr Zhang, phone 13800138000", is_far=False)
# What becomes of parcels: of a hundred numbers so many, and what happens to them.
JOURNEYS: dict[str, tuple[int, tuple[Step, ...]]] = {
    "arrives": (
        64,
        (*_BEGINNING, _DOORSTEP, Step(1.0, "DONE", "Delivered, left with receiver", is_far=False)),
    ),
    "tried_twice": (
        9,
        (
            *_BEGINNING,
            _DOORSTEP,
            Step(0.95, "FAILED", "Nobody at home", is_far=False),
            Step(1.35, "OUT", "Second attempt today", is_far=False),
            Step(1.5, "DONE", "Delivered, left with neighbour", is_far=False),
        ),
    ),
    "locker": (
        7,
        (
            *_BEGINNING,
            Step(0.9, "LOCKER", "Ready in parcel locker 17, code by message", is_far=False),
            Step(1.3, "DONE", "Collected from parcel locker", is_far=False),
        ),
    ),
    "delayed": (
        7,
        (
            *_BEGINNING,
            Step(0.7, "DELAY", "Delayed by weather"),
            Step(1.6, "TRANSIT", "Left depot"),
            Step(1.9, "OUT", "Out for delivery", is_far=False),
            Step(2.0, "DONE", "Delivered, left with receiver", is_far=False),
        ),
    ),
    "damaged": (
        3,
        (
            *_BEGINNING,
            Step(0.6, "DAMAGED", "Contents damaged, parcel held"),
            Step(1.0, "RETURN", "On its way back to sender"),
            Step(1.6, "BACK", "Returned to sender"),
        ),
    ),
    "lost": (4, (*_BEGINNING, Step(2.5, "LOST", "Search without result"))),
    "silent": (3, _BEGINNING),
    "refused": (
        3,
        (
            *_BEGINNING,
            _DOORSTEP,
            Step(1.0, "REFUSED", "Receiver has refused it", is_far=False),
            Step(1.1, "RETURN", "On its way back to sender"),
            Step(1.8, "BACK", "Returned to sender"),
        ),
    ),
}


def drawn(number: str, salt: str = "") -> int:
    """Return a number from 0 to 99 that is always the same for a parcel."""
    return int.from_bytes(hashlib.sha256(f"{salt}{number}".encode()).digest()[:4], "big") % 100


def journey_of(number: str) -> str:
    """Return which journey a parcel makes: a key of ``JOURNEYS``. A number may name it: ``SIM-LOST-1``."""
    for name in JOURNEYS:
        if name.upper() in number.upper():
            return name
    draw = drawn(number)
    for name, (share, _steps) in JOURNEYS.items():
        draw -= share
        if draw < 0:
            return name
    raise AssertionError("The shares of all journeys make a hundred.")


def length_of(number: str, hours: float) -> timedelta:
    """Return how long the parcel takes, a quarter more or less than is usual."""
    return timedelta(hours=hours * (0.75 + drawn(number, "length") / 200))


def scans_of(number: str, shipped_at: datetime, now: datetime, hours: float) -> list[Scan]:
    """Return what has happened to a parcel by now, oldest first."""
    length = length_of(number, hours)
    depot = DEPOTS[drawn(number, "depot") % len(DEPOTS)]
    scans = []
    for order, step in enumerate(JOURNEYS[journey_of(number)][1]):
        at = (shipped_at + length * step.share).replace(microsecond=0)
        if at > now:
            break
        place = depot if step.is_far else ""
        scans.append(Scan(at, step.code, step.text, place, at.isoformat(), event_id=f"{number}/{order}"))
    return scans


def eta_of(number: str, shipped_at: datetime, now: datetime, hours: float) -> datetime | None:
    """Return when it is expected, as a carrier would say it: what is held up nobody sees coming."""
    name, length = journey_of(number), length_of(number, hours)
    if name in ("damaged", "refused", "lost"):
        return None
    expected = 1.0
    if name == "delayed" and now >= shipped_at + length * 0.7:
        expected = 2.0
    if name == "tried_twice" and now >= shipped_at + length * 0.95:
        expected = 1.5
    return (shipped_at + length * expected).replace(microsecond=0)


@register
class Simulator(Connector):
    """Knows every number, and asks nobody. Its option ``hours`` is how long a journey usually takes."""

    kind = "simulator"
    batch = 200
    pause = timedelta(minutes=1)
    rhythm = timedelta(minutes=5)
    is_local = True
    can_push = True
    option_names = {"hours": "Hours a parcel takes"}

    @property
    def hours(self) -> float:
        """How long a journey usually takes."""
        try:
            hours = float(self.settings.options.get("hours") or USUAL_HOURS)
        except (TypeError, ValueError):
            return USUAL_HOURS
        return min(max(hours, SHORTEST_HOURS), LONGEST_HOURS)

    @property
    def _now(self) -> datetime:
        return self.settings.now or datetime.now()  # noqa: DTZ005  only where nobody says the moment

    # -- asking
    def build_requests(self, items: Sequence[Item]) -> Iterable[Request]:
        """Return one call for up to ``batch`` parcels."""
        for first in range(0, len(items), self.batch):
            some = tuple(items[first : first + self.batch])
            yield Request("POST", "simulator:track", some)

    def answer(self, request: Request) -> Response:
        """Return what a carrier would answer."""
        parcels = [self._told(item) for item in request.items]
        body = json.dumps({"parcels": parcels}).encode()
        return Response(200, {"content-type": "application/json"}, body)

    def _told(self, item: Item) -> dict[str, Any]:
        left = item.shipped_at or self._now
        eta = eta_of(item.number, left, self._now, self.hours)
        return {
            "key": item.key,
            "number": item.number,
            "eta": eta.isoformat() if eta else None,
            "scans": [
                {"at": scan.raw_time, "code": scan.code, "text": scan.text, "place": scan.place}
                | {"id": scan.event_id}
                for scan in scans_of(item.number, left, self._now, self.hours)
            ],
        }

    def parse(self, response: Response, request: Request) -> list[Result]:
        """Return what the answer says of each parcel."""
        return self._read(response.body)

    def test_request(self) -> Request:
        """Return a call for no parcel."""
        return Request("POST", "simulator:track", purpose="test")

    # -- being told
    def pushed(self, item: Item) -> bytes:
        """Return the message it pushes of a parcel, where somebody has it push."""
        return json.dumps({"parcels": [{**self._told(item), "key": None}]}).encode()

    def parse_push(self, raw: bytes, form: Mapping[str, str], headers: Mapping[str, str]) -> list[Result]:
        """Return what such a message says."""
        return self._read(raw)

    def _read(self, body: bytes) -> list[Result]:
        try:
            return [_result(parcel) for parcel in json.loads(body)["parcels"]]
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
            raise ConnectorError(Trouble.MALFORMED, "json") from None


def _result(parcel: dict[str, Any]) -> Result:
    scans = tuple(
        Scan(
            datetime.fromisoformat(scan["at"]), scan["code"], scan["text"], scan["place"], event_id=scan["id"]
        )
        for scan in parcel["scans"]
    )
    eta = datetime.fromisoformat(parcel["eta"]) if parcel["eta"] else None
    seen = f"{len(scans)} {parcel['eta']}"
    return Result(str(parcel["number"]), key=parcel["key"], scans=scans, eta=eta, history_hash=seen)
