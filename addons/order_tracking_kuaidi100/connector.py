"""Kuaidi100 (快递100): some 1,400 carriers in and out of China; a number is asked for, or subscribed to once.

Facts and what is not certain of them: README.md.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

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
    FORM,
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

from .station import waits_there

CHINA = "Asia/Shanghai"
ASKED = {
    "400": Trouble.BAD_NUMBER,  # or no credit, by its words
    "408": Trouble.NEED_PHONE,
    "500": Trouble.NOT_FOUND,  # or the carrier is another one
    "501": Trouble.RETRY_LATER,
    "502": Trouble.RETRY_LATER,
    "503": Trouble.AUTH,  # the signature
    "504": Trouble.RATE,  # of the account, or of this number, by its words
    "601": Trouble.QUOTA,
}
SUBSCRIBED = {
    "500": Trouble.RETRY_LATER,
    "501": Trouble.ALREADY_REGISTERED,
    "600": Trouble.AUTH,
    "601": Trouble.AUTH,  # the contract is over; or no credit, by its words
    "700": Trouble.BAD_NUMBER,
    "701": Trouble.BAD_NUMBER,
    "702": Trouble.BAD_NUMBER,  # whose it is cannot be told by the number
}
NO_CREDIT = re.compile("余额|欠费|用完|用尽|次数不足|单量|credit", re.IGNORECASE)
LOCKED = re.compile("锁|该单号|此单号|同一单号|48|24")
BY_STATION = {"304", "投柜或站签收"}
SIGNED = {"3", "301", "302", "303", "签收", "本人签收", "派件异常后签收", "代签", *BY_STATION}
DONE = '{"result":true,"returnCode":"200","message":"成功"}'
AGAIN = '{"result":false,"returnCode":"500","message":"失败"}'


@register
class Kuaidi100(Connector):
    """An account with Kuaidi100."""

    kind = "kuaidi100"
    # A number asked for more than 48 times a day is locked for a day.
    pause = timedelta(hours=1)
    can_push = can_subscribe = signs_pushes = needs_carrier = True
    default_url = "https://poll.kuaidi100.com"
    # All is said with status 200.
    reads_statuses = frozenset()
    secret_names = {"customer": "Customer", "key": "Key", "salt": "Salt of its news (made by itself)"}
    option_names = {
        "resultv2": "What is asked for",
        "language": "Language of its scans",
        "station_delivers": "What a station has signed for counts as delivered",
    }

    # ---------------------------------------------------------------- asking
    def build_requests(self, items: Sequence[Item]) -> Iterable[Request]:
        """Return a call for each parcel; it does not guess the carrier, but may have told us."""
        for item in items:
            if not (company := item.external_ref or item.carrier):
                raise ConnectorError(Trouble.BAD_NUMBER, "carrier_code")
            yield self._question(company, item.number, (item,), phone4(item))

    def parse(self, response: Response, request: Request) -> list[Result]:
        """Return what it knows of the parcel; that of another number is not taken for it."""
        answer, (item,) = read_object(response.body), request.items
        trouble, message = _refusal(answer, ASKED)
        if trouble == Trouble.RATE and LOCKED.search(message):
            # This number is locked: the others go on.
            locked = Result(item.number, item.key, trouble=Trouble.RETRY_LATER, message=message)
            return [replace(locked, retry_after=timedelta(days=1))]
        if trouble:
            return refused(request.items, trouble, message)
        result = self._parcel(answer)
        if plain(result.number) in ("", plain(item.number)):
            result = replace(result, number=item.number, key=item.key)
        return [result]

    def test_request(self) -> Request | None:
        """Ask for a number that looks like one, and that nobody has."""
        now = self.settings.now or datetime(2026, 1, 1)
        return self._question("yuantong", f"YT{now:%y%m%d%H%M%S}0", purpose="test")

    def read_test(self, response: Response) -> tuple[Trouble | None, str]:
        """Return what is wrong with the account: not that nobody has the number."""
        trouble, message = _refusal(read_object(response.body), ASKED)
        if trouble == Trouble.NOT_FOUND:
            return None, ""
        # It is not the number's fault: what we have sent with it is not as it should be.
        return Trouble.BAD_REQUEST if trouble == Trouble.BAD_NUMBER else trouble, message

    # ---------------------------------------------------------------- announcing
    def subscribe(self, items: Sequence[Item]) -> Iterable[Request]:
        """Return a call for each parcel; without a code Kuaidi100 finds out the carrier."""
        for item in items:
            company = (item.external_ref or item.carrier).lower()
            parameters = {
                "callbackurl": self.settings.callback_url,
                "salt": self._own("salt"),
                "resultv2": self._option("resultv2") or "4",
                "autoCom": "" if company else "1",
                "phone": phone4(item),
            }
            param = {"company": company, "number": ungrouped(item.number), "key": self._own("key")}
            param["parameters"] = {name: value for name, value in parameters.items() if value}
            body = form_body({"schema": "json", "param": json_body(param).decode()})
            url = f"{self.settings.base_url}/poll"
            yield Request("POST", url, (item,), FORM, body=body, purpose="subscribe")

    def parse_subscription(self, response: Response, request: Request) -> list[Result]:
        """Return whether it is subscribed to; that it was so before is as good."""
        trouble, message = _refusal(read_object(response.body), SUBSCRIBED)
        if trouble:
            return refused(request.items, trouble, message)
        return [Result(item.number, item.key) for item in request.items]

    # ---------------------------------------------------------------- being told
    def verify(self, headers: Mapping[str, str], raw: bytes, form: Mapping[str, str]) -> bool:
        """Tell whether it is signed by our salt: the field as it came, not what it says."""
        salt = self.secrets.get("salt", "")
        return bool(salt) and same(form.get("sign", "").upper(), _md5(form.get("param", "") + salt))

    def parse_push(self, raw: bytes, form: Mapping[str, str], headers: Mapping[str, str]) -> list[Result]:
        """Return what it tells: all scans there are, both here and abroad; or that it looks no longer."""
        told = read_object(form.get("param", ""))
        last, abroad = (next(iter(listed(told, part)), {}) for part in ("lastResult", "destResult"))
        result = self._parcel(last, abroad)
        if not result.number:
            raise ConnectorError(Trouble.MALFORMED, "number")
        # Announced under a wrong carrier: we still know it by that one, and ask by the right one from now on.
        right = name(told, "comNew") if text(told, "autoCheck") == "1" else ""
        known = right and name(told, "comOld") or result.carrier
        result = replace(result, carrier=known, external_ref=right or result.carrier)
        return [_stopped(result, told) if text(told, "status") == "abort" else result]

    def ack(self, ok: bool = True) -> Ack:
        """Return the answer it wants, word for word; any other, and it comes again three times."""
        return Ack(200, DONE.encode()) if ok else Ack(503, AGAIN.encode())

    # ---------------------------------------------------------------- calls and answers
    def _own(self, secret: str) -> str:
        if not (value := self.secrets.get(secret, "")):
            raise ConnectorError(Trouble.RETRY_LATER, "keys")
        return value

    def _option(self, option: str) -> str:
        return str(self.settings.options.get(option) or "")

    def _question(self, company, number, items=(), phone="", purpose="track") -> Request:
        asked = {
            "com": company.lower(),
            "num": ungrouped(number),
            "phone": phone,
            "show": "0",
            "resultv2": self._option("resultv2") or "4",
            "order": "desc",
            "lang": self._option("language"),
        }
        # What is signed is what is sent, byte for byte.
        param = json_body({name: value for name, value in asked.items() if value}).decode()
        customer = self._own("customer")
        fields = {"customer": customer, "sign": _md5(param + self._own("key") + customer), "param": param}
        url = f"{self.settings.base_url}/poll/query.do"
        return Request("POST", url, items, FORM, body=form_body(fields), purpose=purpose)

    def _parcel(self, answer: Mapping[str, Any], abroad: Mapping[str, Any] | None = None) -> Result:
        seen = [self._scan(one) for leg in (answer, abroad) for one in listed(leg, "data")]
        scans = tuple(scan for scan in seen if scan.code or scan.text)
        return Result(
            name(answer, "nu"),
            carrier=name(answer, "com"),
            scans=scans,
            code=_header(name(abroad, "state") or name(answer, "state"), scans),
            eta=since(text(answer, "arrivalTime"), CHINA, "%Y-%m-%d %H")[0],
        )

    def _scan(self, seen: Mapping[str, Any]) -> Scan:
        at, raw, assumed = since(text(seen, "ftime") or text(seen, "time"), CHINA)
        code, words = name(seen, "statusCode") or name(seen, "status"), text(seen, "context")
        place = name(seen, "location") or name(seen, "areaName")
        scan = Scan(at, code, words, place, raw, assumed)
        if code in BY_STATION and waits_there(words) and not self._option("station_delivers"):
            return scan._replace(status="available_for_pickup", substatus="locker")
        return scan


def _header(state: str, scans: Sequence[Scan]) -> str:
    """Return what is said of the parcel as a whole, unless a scan says it better, or otherwise."""
    newest, signed = _newest(scans), _newest([scan for scan in scans if scan.code in SIGNED])
    # 5 is what 501 is, but coarser; and what a station has signed for is not delivered.
    if newest and newest.code.startswith(state) or state in SIGNED and signed and signed.status:
        return ""
    return state


def _newest(scans: Sequence[Scan]) -> Scan | None:
    """Return the newest scan; of the same moment one that is fetched goes before one that waits."""
    return max(scans, key=lambda scan: (scan.at or datetime.min, not scan.status), default=None)


def _stopped(result: Result, told: Mapping[str, Any]) -> Result:
    """Three days without a scan, or sixty without another: it looks no longer, and can be asked to again."""
    newest = _newest(result.scans)
    # Just after its last scan: whatever comes later brings it back.
    at = newest.at + timedelta(seconds=1) if newest and newest.at else None
    message = text(told, "message")
    return replace(result, code="abort", code_at=at, trouble=Trouble.NOT_REGISTERED, message=message)


def _refusal(answer: Mapping[str, Any], troubles: Mapping[str, Trouble]) -> tuple[Trouble | None, str]:
    """Return why an answer says nothing of the parcel, and its words; (None, "") where it does."""
    code, said = text(answer, "returnCode") or text(answer, "status"), text(answer, "message")
    if code == "200":
        return None, ""
    if not code:
        raise ConnectorError(Trouble.MALFORMED, "parcels")
    trouble = troubles.get(code, Trouble.RETRY_LATER)
    if code in ("400", "601") and NO_CREDIT.search(said):
        trouble = Trouble.QUOTA
    return trouble, ": ".join(filter(None, (code[:10], said)))


def _md5(signed: str) -> str:
    return hashlib.md5(signed.encode(), usedforsecurity=False).hexdigest().upper()
