"""17TRACK v2.4: some 3,300 carriers; a parcel is registered once, and then asked for or told of.

Facts and what is not certain of them: README.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from odoo.addons.order_processing.connectors.base import (
    CarrierName,
    Connector,
    ConnectorError,
    Item,
    Request,
    Response,
    Result,
    Scan,
    Trouble,
    register,
)
from odoo.addons.order_processing.connectors.kit import (
    json_body,
    listed,
    name,
    plain,
    read_json,
    read_object,
    refused,
    same,
    since,
    text,
    ungrouped,
)

CARRIERS = "https://res.17track.net/asset/carrier/info/apicarrier.all.json"
ERRORS = {
    "-18010001": Trouble.AUTH,  # our address is not on its list
    "-18010002": Trouble.AUTH,  # the key
    "-18010003": Trouble.RETRY_LATER,
    "-18010004": Trouble.AUTH,  # switched off
    "-18010005": Trouble.AUTH,
    "-18010012": Trouble.BAD_NUMBER,
    "-18010020": Trouble.NEED_PHONE,
    "-18019901": Trouble.ALREADY_REGISTERED,
    "-18019902": Trouble.NOT_REGISTERED,
    "-18019903": Trouble.BAD_NUMBER,  # whose it is cannot be told by the number
    "-18019905": Trouble.BAD_REQUEST,  # taken up again once already
    "-18019907": Trouble.QUOTA,
    "-18019908": Trouble.QUOTA,
    "-18019909": Trouble.NOT_FOUND,
}
# What our reference to a parcel says of it, as 17TRACK has none of its own.
STOPPED, RETRACKED, FORGOTTEN = "stopped", "retracked", "forgotten"


@register
class SeventeenTrack(Connector):
    """An account with 17TRACK."""

    kind = "17track"
    batch = 40
    per_second = 3
    can_push = can_subscribe = signs_pushes = True
    announces_always = True
    has_carriers = True
    default_url = "https://api.17track.net/track/v2.4"
    secret_names = {"key": "Access key (17token)"}
    option_names = {"language": "Language of scans"}

    # ---------------------------------------------------------------- asking
    def build_requests(self, items: Sequence[Item]) -> Iterable[Request]:
        """Return one call for each forty parcels."""
        yield from self._in_calls("gettrackinfo", items, _numbered)

    def parse(self, response: Response, request: Request) -> list[Result]:
        """Return what it knows of each, and why it knows nothing of others: both in one answer is usual."""
        data = self._data(response)
        accepted = [self._parcel(one, request.items) for one in listed(data, "accepted")]
        return accepted + [_rejected(one, request.items) for one in listed(data, "rejected")]

    def test_request(self) -> Request | None:
        """Ask how much is left of the quota; that costs nothing."""
        return self._request("getquota", [], (), "test")

    def read_test(self, response: Response) -> tuple[Trouble | None, str]:
        """Return what is wrong with the account."""
        self._data(response)
        return None, ""

    def carriers_request(self) -> Request | None:
        """Return the call for the published list of carriers; it wants no key."""
        return Request("GET", str(self.settings.options.get("carriers_url") or CARRIERS), purpose="carriers")

    def read_carriers(self, response: Response) -> list[CarrierName]:
        """Return the carriers; their codes there are numbers."""
        found = read_json(response.body)
        found = found if isinstance(found, list) else []
        return [CarrierName(name(one, "key | _key"), name(one, "_name")) for one in found]

    # ---------------------------------------------------------------- announcing
    def subscribe(self, items: Sequence[Item]) -> Iterable[Request]:
        """Register these; those it has stopped following are taken up again, which is possible once."""
        stopped = [item for item in items if item.external_ref == STOPPED]
        fresh = [item for item in items if item.external_ref != STOPPED]
        yield from self._in_calls("register", fresh, self._registered, "subscribe")
        yield from self._in_calls("retrack", stopped, _numbered, "subscribe")

    def unsubscribe(self, items: Sequence[Item]) -> Iterable[Request]:
        """Have it follow these no longer."""
        yield from self._in_calls("stoptrack", items, _numbered, "unsubscribe")

    def parse_subscription(self, response: Response, request: Request) -> list[Result]:
        """Return which are registered. That the quota is used up says nothing against asking for others."""
        items = request.items
        try:
            data = self._data(response)
        except ConnectorError as error:
            if error.trouble != Trouble.QUOTA:
                raise
            return [
                Result(one.number, one.key, trouble=Trouble.QUOTA, message=error.message) for one in items
            ]
        reference = RETRACKED if request.url.endswith("/retrack") else ""
        done = [
            Result(name(one, "number"), _key(one, items), name(one, "carrier"), external_ref=reference)
            for one in listed(data, "accepted")
        ]
        # Deleted there: the next time it is registered.
        return done + [
            replace(one, external_ref=FORGOTTEN) if one.trouble == Trouble.NOT_REGISTERED else one
            for one in (_rejected(one, items) for one in listed(data, "rejected"))
        ]

    def _registered(self, item: Item) -> dict[str, Any]:
        extra = {"lang": self.settings.options.get("language"), "param": item.phone[-4:]}
        given = {name: value for name, value in extra.items() if value}
        return {**_numbered(item), "tag": str(item.key), **given}

    # ---------------------------------------------------------------- being told
    def verify(self, headers: Mapping[str, str], raw: bytes, form: Mapping[str, str]) -> bool:
        """Tell whether it is signed by our key."""
        key = self.secrets.get("key", "")
        return bool(key) and same(
            headers.get("sign", "").lower(), hashlib.sha256(raw + f"/{key}".encode()).hexdigest()
        )

    def parse_push(self, raw: bytes, form: Mapping[str, str], headers: Mapping[str, str]) -> list[Result]:
        """Return what it tells: all scans there are, or that it follows a parcel no longer."""
        told = read_object(raw)
        event, parcels = text(told, "event"), listed(told, "data")
        if event == "TRACKING_STOPPED":
            return [_stopped(one) for one in parcels]
        if event == "TRACKING_UPDATED" and parcels:
            return [self._parcel(one, None) for one in parcels]
        raise ConnectorError(Trouble.MALFORMED, "event")

    # ---------------------------------------------------------------- calls and answers
    def _in_calls(self, what, items, written, purpose="track") -> Iterable[Request]:
        for first in range(0, len(items), self.batch):
            some = tuple(items[first : first + self.batch])
            yield self._request(what, [written(item) for item in some], some, purpose)

    def _request(self, what: str, content: Any, items: tuple[Item, ...], purpose: str) -> Request:
        headers = {"17token": self.secrets.get("key", ""), "Content-Type": "application/json"}
        url = f"{self.settings.base_url}/{what}"
        return Request("POST", url, items, headers, body=json_body(content), purpose=purpose)

    @staticmethod
    def _data(response: Response) -> dict[str, Any]:
        """Return what an answer says; it may refuse the call as a whole with status 200."""
        answer = read_object(response.body)
        error = next(iter(listed(answer, "data.errors")), {})
        code = text(error, "code") or text(answer, "code")
        if code != "0" or not isinstance(answer.get("data"), dict | list):
            refusal = ERRORS.get(code, Trouble.RETRY_LATER) if code != "0" else Trouble.MALFORMED
            # Which number it does not like, is found by smaller calls.
            refusal = Trouble.BAD_REQUEST if refusal == Trouble.BAD_NUMBER else refusal
            refused((), refusal, _words(code, text(error, "message") or text(answer, "message")))
        return answer["data"] if isinstance(answer["data"], dict) else {}

    def _parcel(self, parcel: dict[str, Any], items: Sequence[Item] | None) -> Result:
        said = parcel.get("track_info")
        events = [one for of in listed(said, "tracking.providers") for one in listed(of, "events")]
        eta = since(
            text(said, "time_metrics.estimated_delivery_date.to | time_metrics.estimated_delivery_date.from")
        )
        return Result(
            name(parcel, "number"),
            _key(parcel, items),
            carrier=name(parcel, "carrier"),
            scans=tuple(map(_scan, events)),
            code=name(said, "latest_status.sub_status") or name(said, "latest_status.status"),
            code_at=_moment_of(next(iter(listed(said, "latest_event")), {}))[0],
            eta=eta[0],
        )


def _numbered(item: Item) -> dict[str, Any]:
    carrier = {"carrier": int(item.carrier)} if item.carrier.isascii() and item.carrier.isdigit() else {}
    return {"number": ungrouped(item.number), **carrier}


def _key(parcel: dict[str, Any], items: Sequence[Item] | None = None) -> int | None:
    """Return what we have called it: our id, as we have registered it.

    It keeps the tag it was registered with first, perhaps by another database of the same account: in an
    answer only one of those asked for with this number is meant.
    """
    tag, number = text(parcel, "tag"), plain(name(parcel, "number"))
    key = int(tag) if tag.isascii() and tag.isdigit() and len(tag) < 10 else None
    if items is None or any(item.key == key and plain(item.number) == number for item in items):
        return key
    return None


def _rejected(parcel: dict[str, Any], items: Sequence[Item]) -> Result:
    code = text(parcel, "error.code")
    trouble = ERRORS.get(code, Trouble.RETRY_LATER)
    words = _words(code, text(parcel, "error.message"))
    return Result(
        name(parcel, "number"), _key(parcel, items), name(parcel, "carrier"), trouble=trouble, message=words
    )


def _stopped(parcel: dict[str, Any]) -> Result:
    """What it follows no longer has come to its end there, unless it goes on after all."""
    return Result(
        name(parcel, "number"),
        _key(parcel),
        name(parcel, "carrier"),
        code="TRACKING_STOPPED",
        external_ref=STOPPED,
        is_full_history=False,
        trouble=Trouble.NOT_REGISTERED,
    )


def _scan(event: dict[str, Any]) -> Scan:
    at, raw, assumed = _moment_of(event)
    return Scan(
        at,
        code=name(event, "sub_status") or name(event, "stage"),
        text=text(event, "description"),
        place=name(event, "location"),
        raw_time=raw,
        zone_assumed=assumed,
    )


def _moment_of(event: dict[str, Any]):
    """Return when it was; some events have only what the carrier wrote, with or without a zone."""
    if written := text(event, "time_utc") or text(event, "time_iso"):
        return since(written)
    raw = (text(event, "time_raw.date"), text(event, "time_raw.time"), text(event, "time_raw.timezone"))
    return since(f"{' '.join(filter(None, raw[:2]))}{raw[2]}")


def _words(code: str, message: str) -> str:
    return ": ".join(filter(None, (code, message)))
