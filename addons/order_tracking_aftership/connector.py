"""AfterShip Tracking: some 1,200 carriers; a parcel is announced once, and then asked for or told of.

Facts and what is not certain of them: README.md.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

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
    check_status,
    json_body,
    listed,
    name,
    plain,
    read_object,
    refused,
    same,
    since,
    text,
    ungrouped,
)

# By meta.code. Those of the account (401, 403, 429, 5xx) come with that HTTP status and are read by it.
ERRORS = {
    "402": Trouble.QUOTA,
    "4003": Trouble.ALREADY_REGISTERED,
    "4004": Trouble.NOT_REGISTERED,
    "4005": Trouble.BAD_NUMBER,
    "4010": Trouble.BAD_NUMBER,  # the carrier's slug
    "4012": Trouble.BAD_NUMBER,  # whose it is cannot be told by the number
    "4013": Trouble.ALREADY_REGISTERED,  # to be taken up again, and is being followed
    "4017": Trouble.BAD_NUMBER,
}
EXPIRED = "Expired"
OUR_KEY = "order_processing_parcel"
# The newest name first; older versions of the interface have the others.
EXPECTED = (
    "latest_estimated_delivery.datetime_max | latest_estimated_delivery.datetime"
    " | courier_estimated_delivery_date.estimated_delivery_date_max"
    " | courier_estimated_delivery_date.estimated_delivery_date"
    " | aftership_estimated_delivery_date.estimated_delivery_date | expected_delivery"
)
PLACES = ("city", "location", "state", "postal_code", "zip", "country_region_name", "country_name")


@register
class AfterShip(Connector):
    """An account with AfterShip."""

    kind = "aftership"
    batch = 40
    per_second = 6
    can_push = can_subscribe = signs_pushes = True
    announces_always = True
    has_carriers = True
    reads_statuses = frozenset({400, 402, 404})
    # The version is a part of it.
    default_url = "https://api.aftership.com/tracking/2026-01"
    secret_names = {"key": "API key", "webhook_secret": "Webhook secret"}
    option_names = {"time_zone": "Time zone", "postcode": "Postcode"}

    # ---------------------------------------------------------------- asking
    def build_requests(self, items: Sequence[Item]) -> Iterable[Request]:
        """Return one call for each forty parcels."""
        for first in range(0, len(items), self.batch):
            some = tuple(items[first : first + self.batch])
            numbers = ",".join(ungrouped(item.number) for item in some)
            query = urlencode({"tracking_numbers": numbers, "limit": 100})
            yield self._request("GET", f"trackings?{query}", some)

    def parse(self, response: Response, request: Request) -> list[Result]:
        """Return what it knows of each; what it does not mention has to be announced."""
        answer, items = read_object(response.body), request.items
        trouble, words = _trouble(answer, response.status)
        if trouble:
            return refused(items, trouble, words)
        data = answer.get("data")
        trackings = data.get("trackings") if isinstance(data, dict) else None
        if not isinstance(trackings, list):
            raise ConnectorError(Trouble.MALFORMED, "parcels")
        found = [(item, _mine(listed(trackings), item, items)) for item in items]
        return [self._parcel(one, item.number, item.key, not one) for item, one in found]

    def test_request(self) -> Request | None:
        """Ask for one parcel, whichever; that costs nothing."""
        return self._request("GET", "trackings?limit=1", purpose="test")

    def read_test(self, response: Response) -> tuple[Trouble | None, str]:
        """Return what is wrong with the account, or with its address."""
        said = read_object(response.body)
        check_status(response, {402: Trouble.QUOTA}, text(said, "meta.message"))
        return None, ""

    def carriers_request(self) -> Request | None:
        """Return the call for the carriers."""
        return self._request("GET", "couriers", purpose="carriers")

    def read_carriers(self, response: Response) -> list[CarrierName]:
        """Return the carriers; their codes there are called slugs."""
        check_status(response, {})
        found = listed(read_object(response.body), "data.couriers")
        return [CarrierName(name(one, "slug"), name(one, "name")) for one in found]

    # ---------------------------------------------------------------- announcing
    def subscribe(self, items: Sequence[Item]) -> Iterable[Request]:
        """Announce these; those it knows, it has let expire: they are to be taken up again.

        Announced once more all the same: somebody may have deleted them there.
        """
        for item in items:
            body = json_body(self._announced(item))
            yield self._request("POST", "trackings", (item,), "subscribe", body)
            if item.external_ref:
                again = f"trackings/{quote(item.external_ref, safe='')}/retrack"
                yield self._request("POST", again, (item,), "subscribe", b"{}")

    def parse_subscription(self, response: Response, request: Request) -> list[Result]:
        """Return whether it is announced, and AfterShip's id of it."""
        (item,) = request.items
        said = read_object(response.body)
        trouble, words = _trouble(said, response.status)
        if trouble == Trouble.NOT_REGISTERED and request.url.endswith("/retrack"):
            return []  # deleted there, and announced anew by the call before
        # No more parcels by the plan says nothing against asking for others.
        if trouble not in (None, Trouble.ALREADY_REGISTERED, Trouble.QUOTA):
            return refused(request.items, trouble, words)
        reference = name(said, "data.id | data.tracking.id")
        return [Result(item.number, item.key, external_ref=reference, trouble=trouble, message=words)]

    def _announced(self, item: Item) -> dict[str, Any]:
        extra = {
            "slug": item.carrier,
            "tracking_ship_date": item.shipped_at.strftime("%Y-%m-%d") if item.shipped_at else "",
            "destination_postal_code": item.postcode if self.settings.options.get("postcode") else "",
        }
        given = {name: value for name, value in extra.items() if value}
        return {"tracking_number": ungrouped(item.number), "custom_fields": {OUR_KEY: str(item.key)}, **given}

    # ---------------------------------------------------------------- being told
    def verify(self, headers: Mapping[str, str], raw: bytes, form: Mapping[str, str]) -> bool:
        """Tell whether it is signed with the secret of the webhook."""
        secret = self.secrets.get("webhook_secret", "")
        expected = base64.b64encode(hmac.new(secret.encode(), raw, hashlib.sha256).digest()).decode()
        return bool(secret) and same(headers.get("aftership-hmac-sha256"), expected)

    def parse_push(self, raw: bytes, form: Mapping[str, str], headers: Mapping[str, str]) -> list[Result]:
        """Return what it tells: all scans there are; one that has expired is to be taken up again."""
        tracking = read_object(raw).get("msg")
        if not (number := name(tracking, "tracking_number")):
            raise ConnectorError(Trouble.MALFORMED, "number")
        return [self._parcel(tracking, number, _key(tracking), name(tracking, "tag") == EXPIRED)]

    # ---------------------------------------------------------------- calls and answers
    def _request(self, method, path, items=(), purpose="track", body=None) -> Request:
        headers = {"as-api-key": self.secrets.get("key", ""), "Content-Type": "application/json"}
        return Request(method, f"{self.settings.base_url}/{path}", items, headers, None, body, purpose)

    def _parcel(self, tracking: dict[str, Any], number: str, key: int | None, is_lost: bool) -> Result:
        code = name(tracking, "subtag") or name(tracking, "tag")
        # Of the others the newest scan says since when; this one is said because there is none.
        at = text(tracking, "updated_at") if code.startswith(EXPIRED) else ""
        return Result(
            number,
            key,
            carrier=name(tracking, "slug"),
            scans=tuple(self._scan(one) for one in listed(tracking, "checkpoints")),
            code=code,
            code_at=since(at)[0],
            eta=self._since(text(tracking, EXPECTED))[0],
            external_ref=name(tracking, "id"),
            is_full_history=isinstance(tracking.get("checkpoints"), list),
            trouble=Trouble.NOT_REGISTERED if is_lost else None,
        )

    def _scan(self, checkpoint: dict[str, Any]) -> Scan:
        at, raw, assumed = self._since(text(checkpoint, "checkpoint_time"))
        return Scan(
            at,
            code=name(checkpoint, "subtag") or name(checkpoint, "tag"),
            text=text(checkpoint, "message") or text(checkpoint, "subtag_message"),
            place=next(filter(None, (name(checkpoint, one) for one in PLACES)), ""),
            raw_time=raw,
            zone_assumed=assumed,
        )

    def _since(self, written: str):
        return since(written, self.settings.options.get("time_zone") or "UTC")


def _trouble(answer: dict[str, Any], status: int) -> tuple[Trouble | None, str]:
    """Return what is wrong by an answer; (None, "") where nothing is."""
    code = text(answer, "meta.code") or str(status)
    if code.startswith("2"):
        return None, ""
    return ERRORS.get(code, Trouble.BAD_REQUEST), f"{code}: {text(answer, 'meta.message')}"


def _mine(trackings: list[dict[str, Any]], item: Item, items: Sequence[Item]) -> dict[str, Any]:
    """Return the tracking that is ours, of those of this number: several carriers may have it."""
    number = plain(item.number)
    mine = [one for one in trackings if plain(name(one, "tracking_number")) == number]
    by_ref = [one for one in mine if item.external_ref and name(one, "id") == item.external_ref]
    by_slug = [one for one in mine if name(one, "slug") == item.carrier]
    # AfterShip may know better whose it is; but not where the number is asked for twice.
    is_asked_twice = sum(plain(one.number) == number for one in items) > 1
    mine = by_ref or by_slug or ([] if is_asked_twice else mine)
    return max(mine, key=lambda one: text(one, "updated_at"), default={})


def _key(tracking: dict[str, Any]) -> int | None:
    """Return what we have called it when it was announced."""
    key = text(tracking, f"custom_fields.{OUR_KEY}")
    return int(key) if key.isascii() and key.isdigit() and len(key) < 10 else None
