"""Delivery methods of other addons that can say themselves where their parcels are.

Two forms are known, both methods of ``delivery.carrier`` named after its ``delivery_type``:

``<type>_get_tracking_status(pickings)``
    returns what is known of each transfer: a list in their order, or a mapping by transfer, its id or its
    tracking number. Of each a code, or a mapping with ``status`` and, where known, ``at``, ``eta``, ``error``
    and ``events``, a list of mappings with ``at``, ``code``, ``text`` and ``place``. Times are datetimes or
    ISO 8601, UTC where they have no zone.
``<type>_tracking_state_update(picking)``
    writes the fields ``delivery_state``, ``date_delivered`` and ``tracking_state_history`` of the transfer,
    as addons built on OCA's ``delivery_state`` do; the state is read from there, and of the history the
    lines that begin with a day everybody understands.

Who calls them is models/order_tracking_method.py; here is what their answers mean.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timezone
from typing import Any

from ._paths import as_text
from .base import Connector, ConnectorError, Item, Request, Response, Result, Scan, Trouble, register

STATUS_METHOD = "{}_get_tracking_status"
STATE_METHOD = "{}_tracking_state_update"
# As most of them write a line: "2026-03-02 10:15:00 - [031] Delivered at the door".
_LINE = re.compile(
    r"\s*(?P<day>\d{4}-\d\d-\d\d)(?:[T ]+(?P<time>\d\d:\d\d(?::\d\d)?))?\s*[-–:]*\s*(?P<text>\S.*)",
    re.ASCII,
)
MOST_LINES = 500
# Their transfers have no carrier that could know anything.
NOBODY = (False, None, "", "fixed", "base_on_rule")


def method_of(carrier: Any, delivery_type: Any) -> str:
    """Return the name of the method by which a carrier's addon tells where its parcels are; "" for none."""
    if delivery_type in NOBODY:
        return ""
    for form in (STATUS_METHOD, STATE_METHOD):
        if callable(getattr(carrier, name := form.format(delivery_type), None)):
            return name
    return ""


def history_of(written: Any) -> list[dict[str, str]]:
    """Return what the lines of a history say: when and what. What it means for the parcel is the state's."""
    lines = written.splitlines() if isinstance(written, str) else []
    found = (_LINE.fullmatch(line) for line in lines[:MOST_LINES])
    return [
        {"at": f"{one['day']} {one['time'] or '00:00'}", "text": one["text"].strip()} for one in found if one
    ]


def told(key: int, number: str, answer: Any) -> dict[str, Any]:
    """Return what was said of a parcel as plain values, ready for JSON; whatever it is, it does not raise."""
    if isinstance(answer, str):
        answer = {"status": answer}
    if not isinstance(answer, Mapping):
        return {"key": key, "number": number, "error": "no answer"}
    events = answer.get("events")
    return {
        "key": key,
        "number": number,
        "code": _text(answer.get("status")),
        "at": _moment(answer.get("at")),
        "eta": _moment(answer.get("eta")),
        "error": _text(answer.get("error")),
        "events": [
            {
                "at": _moment(one.get("at")),
                **{name: _text(one.get(name)) for name in ("code", "text", "place")},
            }
            for one in (events if isinstance(events, list | tuple) else ())
            if isinstance(one, Mapping)
        ],
    }


def _text(value: Any) -> str:
    if value is None or value is False:
        return ""
    return as_text(value if isinstance(value, str) else str(value))


def _moment(value: Any) -> str | None:
    """Return a moment as ISO 8601 in UTC without zone; None for what is none."""
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)  # noqa: DTZ001  UTC by agreement
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    if value.tzinfo:
        try:
            value = value.astimezone(timezone.utc).replace(tzinfo=None)
        except OverflowError:
            return None
    return value.isoformat()


@register
class CarrierMethod(Connector):
    """Asks the delivery methods of other addons."""

    kind = "method"
    batch = 20

    def build_requests(self, items: Sequence[Item]) -> Iterable[Request]:
        """Return one call for up to ``batch`` parcels."""
        for first in range(0, len(items), self.batch):
            yield Request("POST", "method:track", tuple(items[first : first + self.batch]))

    def test_request(self) -> Request:
        """Return a call for no parcel."""
        return Request("POST", "method:track", purpose="test")

    def parse(self, response: Response, request: Request) -> list[Result]:
        """Return what was said of each parcel (``told``)."""
        try:
            return [_result(parcel) for parcel in json.loads(response.body)["parcels"]]
        except (KeyError, TypeError, ValueError):
            raise ConnectorError(Trouble.MALFORMED, "json") from None


def _result(parcel: dict[str, Any]) -> Result:
    if parcel.get("error") and not parcel.get("code") and not parcel.get("events"):
        return Result(
            parcel["number"], key=parcel["key"], trouble=Trouble.RETRY_LATER, message=parcel["error"]
        )
    scans = tuple(
        Scan(_read(one["at"]), one["code"], one["text"], one["place"], one["at"] or "")
        for one in parcel["events"]
    )
    return Result(
        parcel["number"],
        key=parcel["key"],
        scans=scans,
        code=parcel["code"],
        code_at=_read(parcel["at"]),
        eta=_read(parcel["eta"]),
        is_full_history=bool(scans),
    )


def _read(moment: str | None) -> datetime | None:
    return datetime.fromisoformat(moment) if moment else None
