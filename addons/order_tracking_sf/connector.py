"""SF Express by its open platform (Fengqiao): ten numbers a question, and news of orders placed there.

Facts and what is not certain of them: README.md.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from time import time
from typing import Any
from urllib.parse import quote_plus
from uuid import uuid4

from lxml import etree

from odoo.addons.order_processing.connectors.base import (
    Ack,
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
    by_number,
    form_body,
    json_body,
    listed,
    name,
    phone4,
    plain,
    read_object,
    refused,
    same,
    since,
    text,
    ungrouped,
)

from .codes import ACKS, ERRORS, NO_PHONE, NO_ROUTES, ON_ITS_WAY_BACK, REFUSALS, trap

TOKENS = "https://sfapi.sf-express.com/oauth2/accessToken"
TOKEN_SECONDS = 7200
FORM = {"Content-Type": "application/x-www-form-urlencoded;charset=UTF-8"}
EPOCH = datetime(1970, 1, 1)
# checkPhoneNo is as long as six ends of phone numbers.
PHONES_AT_ONCE = 6
# A mark of the byte order, and blanks.
AROUND = b"\xef\xbb\xbf\r\n\t "


@register
class SFExpress(Connector):
    """An application of the open platform."""

    kind = "sf"
    batch = 10
    per_second = 30
    per_day = 3000
    can_push = True
    reads_statuses = frozenset()
    default_url = "https://bspgw.sf-express.com/std/service"
    secret_names = {"partner_id": "Customer code (顾客编码)", "checkword": "Check word (校验码)"}
    option_names = {"login": "Log in by", "language": "Scans in", "signs_pushes": "Signs its news"}
    # Of the message that is answered.
    _is_xml = False

    @property
    def signs_pushes(self) -> bool:  # type: ignore[override]
        """Whether pushed messages have to be signed: nothing says that SF signs them."""
        return bool(self.settings.options.get("signs_pushes"))

    # ---------------------------------------------------------------- asking
    def build_requests(self, items: Sequence[Item]) -> Iterable[Request]:
        """Return one call for ten parcels, or for six of those whose receiver's phone number we give.

        Whether the phone numbers have to stand in the order of the parcels is not said, so they do.
        """
        with_phone = [item for item in items if item.phone]
        without = [item for item in items if not item.phone]
        for some, size in ((with_phone, PHONES_AT_ONCE), (without, self.batch)):
            for first in range(0, len(some), size):
                yield self._question(tuple(some[first : first + size]))

    def _question(self, items: tuple[Item, ...], purpose: str = "track") -> Request:
        content = {
            "language": self.settings.options.get("language") or "zh-CN",
            "trackingType": "1",
            "trackingNumber": [ungrouped(item.number) for item in items],
            "methodType": "1",
        }
        if phones := ",".join(phone4(item) for item in items if item.phone):
            content["checkPhoneNo"] = phones
        data, now = json_body(content), self.settings.now
        stamp = str(int(((now - EPOCH).total_seconds() if now else time()) * 1000))
        fields = {
            "partnerID": self.secrets.get("partner_id", ""),
            "requestID": str(uuid4()),
            "serviceCode": "EXP_RECE_SEARCH_ROUTES",
            "timestamp": stamp,
            "msgData": data.decode(),
        }
        if self.settings.options.get("login") == "oauth2":
            fields["accessToken"] = self.secrets.get("token", "")
        else:
            fields["msgDigest"] = self._digest(data, stamp)
        return Request("POST", self.settings.base_url, items, FORM, body=form_body(fields), purpose=purpose)

    def _digest(self, data: bytes, stamp: str) -> str:
        """Return the signature of a text; URL-encoded first, as Java does it, unless the account says not."""
        signed = data + (stamp + self.secrets.get("checkword", "")).encode()
        if self.settings.options.get("login") != "plain":
            signed = quote_plus(signed, safe="*").replace("~", "%7E").encode()
        return base64.b64encode(hashlib.md5(signed, usedforsecurity=False).digest()).decode()

    def parse(self, response: Response, request: Request) -> list[Result]:
        """Return the routes of each parcel; both envelopes can refuse."""
        said = _object(_passed(response).get("apiResultData"))
        code = name(said, "errorCode")
        if code != "S0000" or text(said, "success").lower() == "false":
            trouble = REFUSALS.get(code, Trouble.RETRY_LATER) if code else Trouble.MALFORMED
            return refused(request.items, trouble, _words(code, text(said, "errorMsg")))
        asked = by_number(request.items)
        return [_parcel(one, asked) for one in listed(_object(said.get("msgData")), "routeResps")]

    def test_request(self) -> Request | None:
        """Ask for a number nobody has: what is wrong with the account is said before."""
        return self._question((Item(0, "SF0000000000000"),), "test")

    def read_test(self, response: Response) -> tuple[Trouble | None, str]:
        """Return what the platform says of the account."""
        _passed(response)
        return None, ""

    def token_request(self) -> Request | None:
        """Return the call for a token, where the account logs in by OAuth2."""
        if self.settings.options.get("login") != "oauth2":
            return None
        fields = {
            "partnerID": self.secrets.get("partner_id", ""),
            "secret": self.secrets.get("checkword", ""),
            "grantType": "password",
        }
        url = str(self.settings.options.get("token_url") or TOKENS)
        return Request("POST", url, headers=FORM, body=form_body(fields), purpose="token")

    def read_token(self, response: Response) -> tuple[str, timedelta]:
        """Return the token and how long it is good for: two hours, where that is not said."""
        answer = _passed(response)
        seconds = text(answer, "expiresIn")
        good_for = int(seconds) if seconds.isdecimal() and len(seconds) < 5 else TOKEN_SECONDS
        return text(answer, "accessToken"), timedelta(seconds=good_for)

    # ---------------------------------------------------------------- being told
    def verify(self, headers: Mapping[str, str], raw: bytes, form: Mapping[str, str]) -> bool:
        """Tell whether a message is signed as our questions are, where the account says that it has to be."""
        body = _pushed(raw, form)
        self._is_xml = _is_xml(body)  # it wants to be answered in what it came
        if not self.signs_pushes:
            return True
        stamp = form.get("timestamp") or headers.get("timestamp") or ""
        given = form.get("msgDigest") or headers.get("msgdigest")
        return bool(self.secrets.get("checkword")) and same(given, self._digest(body, stamp))

    def parse_push(self, raw: bytes, form: Mapping[str, str], headers: Mapping[str, str]) -> list[Result]:
        """Return the news of each parcel: up to ten routes, of any parcels."""
        body = _pushed(raw, form)
        found: dict[str, list[Scan]] = {}
        routes = _elements(body) if _is_xml(body) else listed(read_object(body), "Body.WaybillRoute")
        for route in routes:
            found.setdefault(name(route, "mailno | mailNo"), []).append(_scan(route, is_pushed=True))
        found.pop("", None)
        if not found:
            raise ConnectorError(Trouble.MALFORMED, "parcels")
        return [Result(number, scans=tuple(scans), is_full_history=False) for number, scans in found.items()]

    def ack(self, ok: bool = True) -> Ack:
        """Return SF's own words for stored, or to come again."""
        return ACKS[self._is_xml, ok]


# -------------------------------------------------------------------- answers
def _passed(response: Response) -> dict[str, Any]:
    """Return what the platform says, which is not yet what the service behind it says."""
    answer = read_object(response.body)
    if (code := name(answer, "apiResultCode")) != "A1000":
        trouble = ERRORS.get(code, Trouble.RETRY_LATER) if code else Trouble.MALFORMED
        raise ConnectorError(trouble, _words(code, text(answer, "apiErrorMsg")))
    return answer


def _object(node: Any) -> dict[str, Any]:
    """Return an object that is documented as text and seen as either."""
    return node if isinstance(node, dict) else read_object(node if isinstance(node, str) else "")


def _parcel(parcel: dict[str, Any], asked: Mapping[str, Item]) -> Result:
    number, routes = name(parcel, "mailNo | mailno"), listed(parcel, "routes")
    if routes:
        return Result(number, scans=tuple(map(_scan, routes)))
    item = asked.get(plain(number))
    why = NO_ROUTES if item and item.phone else NO_PHONE
    return Result(number, trouble=Trouble.NOT_FOUND, message=why)


def _scan(route: dict[str, Any], is_pushed: bool = False) -> Scan:
    code, remark = name(route, "opCode | opcode"), text(route, "remark")
    first, second = name(route, "firstStatusCode"), name(route, "secondaryStatusCode")
    at, raw, assumed = since(text(route, "acceptTime"), "Asia/Shanghai")
    status, substatus = trap(code, remark, name(route, "reasonCode"), is_pushed)
    # Two spaces of numbers, so they are written differently: opCode 204 delivers, status 2/204 is at customs.
    has_status = first.isdigit() and code not in ON_ITS_WAY_BACK
    return Scan(
        at,
        code=f"{first}/{second}" if has_status else code,
        text=remark,
        place=name(route, "acceptAddress"),
        raw_time=raw,
        zone_assumed=assumed,
        # Told and asked for it is the same scan, though only answers have status codes.
        event_id=f"{code}|{raw}|{' '.join(remark.split())}",
        status=status,
        substatus=substatus,
    )


def _words(code: str, message: str) -> str:
    return ": ".join(filter(None, (code, message)))


# -------------------------------------------------------------------- messages
def _pushed(raw: bytes, form: Mapping[str, str]) -> bytes:
    """Return what was pushed: the same that is signed and read."""
    written = form.get("msgData") or form.get("content")
    return written.encode(errors="replace") if written else raw


def _is_xml(body: bytes) -> bool:
    return body.lstrip(AROUND)[:1] == b"<"


def _elements(xml: bytes) -> list[dict[str, str]]:
    """Return the attributes of the routes. A document type is refused: entities can fill our memory."""
    parser = etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = None if b"<!DOCTYPE" in xml else etree.fromstring(xml.strip(AROUND), parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    if root is None:
        raise ConnectorError(Trouble.MALFORMED, "xml")
    return [dict(one.attrib) for one in root.iter("{*}WaybillRoute")]
