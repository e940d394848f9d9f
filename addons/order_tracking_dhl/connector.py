"""DHL's Shipment Tracking - Unified: the parcels of all its divisions, one number a call.

Facts and what is not certain of them: README.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from odoo.addons.order_processing.connectors.base import (
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
    listed,
    name,
    plain,
    read_object,
    refused,
    since,
    text,
    ungrouped,
)

TROUBLES = {400: Trouble.BAD_NUMBER, 404: Trouble.NOT_FOUND, 429: Trouble.RATE}
# With these in its words, "too many requests" are those of the day.
USED_UP = ("quota", "daily", "per day")
DELIVERED, UNKNOWN = "delivered", "unknown"
# What stands in DHL's own description of the call. Known or not, the answer shows whether the key works.
SAMPLE = "7777777770"


@register
class Dhl(Connector):
    """A key of DHL's developer portal."""

    kind = "dhl"
    per_second = 0.2
    per_day = 250
    # Nine times a day at most; ten are allowed.
    pause = timedelta(hours=2, minutes=30)
    reads_statuses = frozenset(TROUBLES)
    default_url = "https://api-eu.dhl.com/track"
    secret_names = {"key": "API key (Consumer Key)"}
    option_names = {"language": "Language of scans", "time_zone": "Time zone", "postcode": "Postcode"}

    # ---------------------------------------------------------------- asking
    def build_requests(self, items: Sequence[Item]) -> Iterable[Request]:
        """Return a call for each parcel: DHL takes one number at a time."""
        for item in items:
            with_postcode = item.postcode if self.settings.options.get("postcode") else ""
            yield self._request(
                ungrouped(item.number), (item,), service=item.carrier, recipientPostalCode=with_postcode
            )

    def parse(self, response: Response, request: Request) -> list[Result]:
        """Return what DHL says of the parcel; shipments of other numbers are not taken for it."""
        if response.status in TROUBLES:
            return _refused(response, request.items)
        shipments = read_object(response.body).get("shipments")
        if not isinstance(shipments, list):
            raise ConnectorError(Trouble.MALFORMED, "parcels")
        (item,) = request.items
        if mine := _mine(listed(shipments), item):
            return [self._parcel(mine, item)]
        others = " ".join(name(one, "id") for one in listed(shipments))
        return refused(request.items, Trouble.NOT_FOUND, f"other_number: {others}" if others else "")

    def test_request(self) -> Request | None:
        """Ask for DHL's own sample."""
        return self._request(SAMPLE, (), "test")

    def read_test(self, response: Response) -> tuple[Trouble | None, str]:
        """Return what is wrong with the account: nothing, where DHL looks for the number at all."""
        if response.status in TROUBLES:
            # Raises unless it is DHL that says so: a wrong address has nothing to say of numbers.
            _refused(response, (Item(0, SAMPLE),))
        return None, ""

    def _request(self, number: str, items: tuple[Item, ...], purpose: str = "track", **more: str) -> Request:
        params = {"trackingNumber": number, **more, "language": self.settings.options.get("language", "")}
        # An empty parameter is an error there.
        query = urlencode({name: value for name, value in params.items() if value})
        headers = {"DHL-API-Key": self.secrets.get("key", ""), "Accept": "application/json"}
        return Request("GET", f"{self.settings.base_url}/shipments?{query}", items, headers, purpose=purpose)

    # ---------------------------------------------------------------- what it answers
    def _parcel(self, shipment: dict[str, Any], item: Item) -> Result:
        returns = shipment.get("returnFlag") is True
        status = next(iter(listed(shipment, "status")), {})
        code = _code(status)
        scans = tuple(self._scan(event, returns) for event in listed(shipment, "events"))
        if any(scan.code not in ("", UNKNOWN) for scan in scans):
            # "No simplified code" says nothing where others say something.
            scans = tuple(scan._replace(code="") if scan.code == UNKNOWN else scan for scan in scans)
            code = "" if code == UNKNOWN else code
        expected = text(shipment, "estimatedTimeOfDelivery | estimatedDeliveryTimeFrame.estimatedThrough")
        return Result(
            item.number,
            item.key,
            carrier=name(shipment, "service"),
            scans=scans,
            code=f"return-{code}" if code and returns else code,
            code_at=self._since(status)[0],
            eta=since(expected, self._zone)[0],
        )

    def _scan(self, event: dict[str, Any], returns: bool) -> Scan:
        at, raw, assumed = self._since(event)
        code = _code(event)
        words = [text(event, "description"), text(event, "status")]
        if code == DELIVERED:
            # The description may be nothing but the name of who has signed for it.
            words.reverse()
        return Scan(
            at,
            # Of a parcel that comes back, delivered is: to us.
            code=f"return-{code}" if returns and code == DELIVERED else code,
            text=words[0] or words[1],
            place=name(event, "location.address.addressLocality"),
            raw_time=raw,
            zone_assumed=assumed,
        )

    def _since(self, event: dict[str, Any]) -> tuple[datetime | None, str, bool]:
        return since(text(event, "timestamp"), self._zone)

    @property
    def _zone(self) -> str:
        return self.settings.options.get("time_zone") or "UTC"


def _code(event: dict[str, Any]) -> str:
    """Return DHL's code, else the division's own word; never what its description says."""
    return (name(event, "statusCode") or name(event, "status")).lower()


def _refused(response: Response, items: Sequence[Item]) -> list[Result]:
    trouble = TROUBLES[response.status]
    try:
        said = read_object(response.body)
    except ConnectorError:
        if trouble != Trouble.RATE:
            raise  # not DHL's own words: an address that is wrong, or something between us
        said = {}
    words = text(said, "detail") or text(said, "title")
    if trouble == Trouble.RATE and any(one in words.lower() for one in USED_UP):
        trouble = Trouble.QUOTA
    return refused(items, trouble, words)


def _mine(shipments: list[dict[str, Any]], item: Item) -> dict[str, Any] | None:
    """Return the shipment that is ours, of those of this number: several divisions may have it.

    Without ``service`` DHL may even answer for another number.
    """
    number, postcode = _bare(item.number), plain(item.postcode)
    mine = [one for one in shipments if number in _numbers(one)]
    for is_ours in (
        lambda one: name(one, "service") == item.carrier,
        lambda one: name(one, "destination.address.countryCode").upper() == item.country,
        lambda one: plain(name(one, "destination.address.postalCode")) == postcode,
    ):
        mine = [one for one in mine if is_ours(one)] or mine
    return max(mine, key=lambda one: since(text(one, "status.timestamp"))[0] or datetime.min, default=None)


def _numbers(shipment: dict[str, Any]) -> set[str]:
    """Return the numbers of a shipment: its own, and those of its pieces, which can be asked for as well."""
    pieces = shipment.get("details")
    pieces = pieces.get("pieceIds") if isinstance(pieces, dict) else None
    numbers = [shipment.get("id"), *(pieces if isinstance(pieces, list) else ())]
    return {_bare(name(one)) for one in numbers} - {""}


def _bare(number: str) -> str:
    """Return a number as it is compared: divisions write it with leading zeros and without."""
    return plain(number).lstrip("0")
