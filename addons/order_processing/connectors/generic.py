"""Any carrier with an HTTP interface that speaks JSON, as records describe it.

What to send and where in the answers things stand are options of the account: templates and paths
(``_template.py``), named in ``_generic_options.py``. Nothing of it is evaluated.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import urljoin

from . import _template as template
from ._generic_options import MOST_AT_ONCE, OPTIONS, TROUBLES, asks_for_several, is_of_several, pairs_of
from .base import Ack, Connector, ConnectorError, Item, Request, Response, Result, Scan, Trouble, register


@register
class Generic(Connector):
    """An account with a carrier as its records describe it."""

    kind = "generic"
    batch = MOST_AT_ONCE
    can_push = True
    secret_names = {
        "user": "User name or client id",
        "key": "Key, password or client secret",
        "push_secret": "Secret that signs pushed messages",
    }

    def option(self, name: str) -> Any:
        """Return what the records say, or what that means where they say nothing."""
        value = self.settings.options.get(name)
        return OPTIONS[name] if value in (None, False, "") else value

    @property
    def can_subscribe(self) -> bool:  # type: ignore[override]
        """Whether parcels have to be announced."""
        return bool(self.option("subscribe_path"))

    @property
    def signs_pushes(self) -> bool:  # type: ignore[override]
        """Whether pushed messages prove who sent them."""
        return self.option("sign_with") != "none"

    # ---------------------------------------------------------------- asking
    def build_requests(self, items: Sequence[Item]) -> Iterable[Request]:
        """Return one call for each parcel, or for all of them where the templates name several."""
        if not self.option("ask_path"):
            raise ConnectorError(Trouble.BAD_REQUEST, "ask_path")
        size = MOST_AT_ONCE if asks_for_several(self.settings.options) else 1
        for first in range(0, len(items), size):
            yield self._request("ask", tuple(items[first : first + size]))

    def test_request(self) -> Request | None:
        """Return a question for a number nobody has."""
        if not self.option("ask_path"):
            return None
        return replace(self._request("ask", (Item(0, "TEST000000000"),)), items=(), purpose="test")

    def subscribe(self, items: Sequence[Item]) -> Iterable[Request]:
        """Return one call for each parcel, or for all of them where the templates name several."""
        if not self.can_subscribe:
            return
        written = f"{self.option('subscribe_path')}{self.option('subscribe_body')}"
        size = MOST_AT_ONCE if is_of_several(written) else 1
        for first in range(0, len(items), size):
            some = tuple(items[first : first + size])
            yield replace(self._request("subscribe", some), purpose="subscribe")

    def _request(self, what: str, items: tuple[Item, ...]) -> Request:
        values = self._values(items)
        joined = {**values, "numbers": ",".join(values["numbers"])}
        url = self._url(template.filled_url(str(self.option(f"{what}_path")), joined))
        headers = {"Accept": "application/json", **self._headers(values), **self._login()}
        body = None
        if written := str(self.option(f"{what}_body")):
            content = template.filled_json(json.loads(written), values)
            body, kind = self._body(content)
            headers["Content-Type"] = kind
        return Request(str(self.option(f"{what}_method")), url, items, headers, body=body)

    def _values(self, items: tuple[Item, ...]) -> dict[str, Any]:
        values: dict[str, Any] = {name: self.secrets.get(name, "") for name in ("user", "key", "token")}
        values["callback_url"] = self.settings.callback_url
        numbers = [item.number for item in items]
        values["numbers"] = numbers
        each = [_of_item(item) for item in items]
        values |= each[0] if each else {}
        if one := str(self.option("ask_item")):
            read = json.loads(one)
            values["items"] = [template.filled_json(read, {**values, **item}) for item in each]
        else:
            values["items"] = [{"number": number} for number in numbers]
        return values

    def _body(self, content: Any) -> tuple[bytes, str]:
        if not self.option("ask_form"):
            return json.dumps(content, ensure_ascii=False).encode(), "application/json"
        pairs = content if isinstance(content, dict) else {}
        written = {
            name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            for name, value in pairs.items()
        }
        body = "&".join(
            f"{template.quote(name, safe='')}={template.quote(value, safe='')}"
            for name, value in written.items()
        )
        return body.encode(), "application/x-www-form-urlencoded"

    def _url(self, path: str) -> str:
        base = self.settings.base_url.rstrip("/") + "/"
        return path if path.startswith(("http://", "https://")) else urljoin(base, path.lstrip("/"))

    def _headers(self, values: Mapping[str, Any]) -> dict[str, str]:
        return {
            name: template.filled_header(value, values)
            for name, value in pairs_of(str(self.option("ask_headers")), ":")
        }

    def _login(self) -> dict[str, str]:
        how, key = self.option("auth"), self.secrets.get("key", "")
        if how == "header":
            return {str(self.option("auth_header")): template.filled_header("{key}", {"key": key})}
        if how == "basic":
            return {"Authorization": self._basic()}
        if how in ("bearer", "oauth2"):
            token = key if how == "bearer" else self.secrets.get("token", "")
            return {"Authorization": template.filled_header("Bearer {token}", {"token": token})}
        return {}

    def _basic(self) -> str:
        pair = f"{self.secrets.get('user', '')}:{self.secrets.get('key', '')}"
        return f"Basic {base64.b64encode(pair.encode()).decode()}"

    # ---------------------------------------------------------------- tokens
    def token_request(self) -> Request | None:
        """Return the call for a token by client credentials (RFC 6749, 4.4), or None."""
        if self.option("auth") != "oauth2":
            return None
        fields = {"grant_type": "client_credentials", "scope": str(self.option("token_scope"))}
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        if self.option("token_in_body"):
            fields |= {
                "client_id": self.secrets.get("user", ""),
                "client_secret": self.secrets.get("key", ""),
            }
        else:
            headers["Authorization"] = self._basic()
        body = "&".join(f"{k}={template.quote(v, safe='')}" for k, v in fields.items() if v)
        url = self._url(str(self.option("token_path")))
        return Request("POST", url, headers=headers, body=body.encode(), purpose="token")

    def read_token(self, response: Response) -> tuple[str, timedelta]:
        """Return the token and how long it is good for; an hour where that is not said."""
        data = self._read(response.body)
        try:
            seconds = min(max(float(template.text(data, "expires_in") or 3600), 0), 86400 * 90)
        except ValueError:
            seconds = 3600
        return template.text(data, "access_token"), timedelta(seconds=seconds)

    # ---------------------------------------------------------------- answers
    def parse(self, response: Response, request: Request) -> list[Result]:
        """Return what an answer says of the parcels asked for."""
        alone = request.items[0] if len(request.items) == 1 else None
        if response.status == 404:
            if alone:
                return [Result(alone.number, alone.key, trouble=Trouble.NOT_FOUND)]
            raise ConnectorError(Trouble.RETRY_LATER, "404")
        return self._results(self._read(response.body), str(self.option("parcels_path")), alone)

    def parse_subscription(self, response: Response, request: Request) -> list[Result]:
        """Return which parcels are announced: all of the call but those the answer names with an error."""
        if response.status == 404:
            raise ConnectorError(Trouble.BAD_REQUEST, "404")
        alone = request.items[0] if len(request.items) == 1 else None
        said = []
        if response.body.strip():
            said = self._results(self._read(response.body), str(self.option("parcels_path")), alone)
        known = {one.key if one.key is not None else one.number.upper(): one for one in said}
        found = [(item, known.get(item.key) or known.get(item.number.upper())) for item in request.items]
        return [
            Result(
                item.number,
                item.key,
                external_ref=one.external_ref if one else "",
                trouble=one.trouble if one else None,
                message=one.message if one else "",
            )
            for item, one in found
        ]

    def _results(self, data: Any, path: str, alone: Item | None) -> list[Result]:
        if failure := self._failure(template.text(data, str(self.option("failure_path")))):
            raise ConnectorError(failure[0], failure[1])
        # An answer that is a list is the list of parcels.
        parcels = template.found(data, path or ("[]" if isinstance(data, list) else ""))
        results = [one for parcel in parcels if (one := self._result(parcel, alone))]
        return results + self._rejected(data)

    def _rejected(self, data: Any) -> list[Result]:
        """Return the parcels that stand in a list of their own, each with what is wrong."""
        if not (path := str(self.option("rejected_path"))):
            return []
        results = []
        for parcel in template.found(data, path):
            if number := template.text(parcel, str(self.option("number_path"))):
                code = template.text(parcel, str(self.option("error_path")))
                trouble, message = self._failure(code) or (Trouble.RETRY_LATER, "")
                results.append(Result(number, trouble=trouble, message=message))
        return results

    def _result(self, parcel: Any, alone: Item | None) -> Result | None:
        """Return what is said of one parcel; None where it is not said of which."""
        if not isinstance(parcel, dict | list):
            return None
        number, key = template.text(parcel, str(self.option("number_path"))), None
        if not self.option("number_path") and alone:
            number, key = alone.number, alone.key
        if not number:
            return None
        if failure := self._failure(template.text(parcel, str(self.option("error_path")))):
            return Result(number, key, trouble=failure[0], message=failure[1])
        told = {
            name: template.text(parcel, str(self.option(f"{name}_path")))
            for name in ("carrier", "code", "code_at", "eta", "ref")
        }
        return Result(
            number,
            key,
            carrier=told["carrier"],
            scans=tuple(self._scans(parcel)),
            code=told["code"][:100],
            code_at=self._moment(told["code_at"])[0],
            eta=self._moment(told["eta"])[0],
            external_ref=told["ref"][:200],
        )

    def _scans(self, parcel: Any) -> Iterable[Scan]:
        if not (path := str(self.option("scans_path"))):
            return
        for scan in template.found(parcel, path):
            if not isinstance(scan, dict | list):
                continue
            said = {
                name: template.text(scan, str(self.option(f"scan_{name}_path")))
                for name in ("code", "time", "text", "place", "id")
            }
            at, assumed = self._moment(said["time"])
            if said["code"] or said["text"]:
                yield Scan(
                    *(at, said["code"][:100], said["text"], said["place"][:200]),
                    *(said["time"][:100], assumed, said["id"][:200]),
                )

    def _moment(self, written: str) -> tuple[datetime | None, bool]:
        if not written:
            return None, False
        return template.moment(written, str(self.option("time_format")), str(self.option("time_zone")))

    def _failure(self, code: str) -> tuple[Trouble, str] | None:
        """Return what an error code means and the code; None for one that means all is well."""
        fine = {one.strip().lower() for one in str(self.option("fine")).split(",")}
        if not code or code.lower() in fine:
            return None
        known = dict(pairs_of(str(self.option("errors")), "="))
        meant = known.get(code, known.get("*", Trouble.RETRY_LATER.value))
        return Trouble(meant if meant in TROUBLES else Trouble.RETRY_LATER.value), code[:100]

    @staticmethod
    def _read(body: bytes) -> Any:
        try:
            return template.read_json(body)
        except ValueError:
            raise ConnectorError(Trouble.MALFORMED, "json") from None

    # ---------------------------------------------------------------- being told
    def verify(self, headers: Mapping[str, str], raw: bytes, form: Mapping[str, str]) -> bool:
        """Tell whether a message is signed by the secret we share, and young where it says when."""
        if not self.signs_pushes:
            return True
        secret = self.secrets.get("push_secret", "")
        given = self._signature(headers, form)
        stamp = headers.get(str(self.option("timestamp_header")).lower(), "")
        if not secret or not given:
            return False
        if self.option("timestamp_header") and not self._is_young(stamp):
            return False
        body = raw or form.get(str(self.option("push_field")), "").encode()
        expected = self._signed(secret, body, stamp)
        return hmac.compare_digest(expected.encode(), given.encode())

    def _signature(self, headers: Mapping[str, str], form: Mapping[str, str]) -> str:
        header = str(self.option("sign_header")).lower()
        given = headers.get(header, "") if header else form.get(str(self.option("sign_field")), "")
        prefix = str(self.option("sign_prefix"))
        if not given.startswith(prefix):
            return ""
        given = given[len(prefix) :].strip()
        return given.lower() if self.option("sign_encoding") == "hex" else given

    def _signed(self, secret: str, body: bytes, stamp: str) -> str:
        """Return the signature a message ought to have."""
        values = {"body": body, "secret": secret.encode(), "timestamp": stamp.encode()}
        # Piece by piece: the body is bytes, and what stands in it is never taken for a name.
        pieces = template.NAME.split(str(self.option("sign_text")))
        message = b"".join(
            values.get(piece, b"") if place % 2 else piece.encode() for place, piece in enumerate(pieces)
        )
        how = str(self.option("sign_with"))
        name = how.removeprefix("hmac-")
        if how.startswith("hmac-"):
            digest = hmac.new(secret.encode(), message, name).digest()
        else:
            digest = hashlib.new(name, message, usedforsecurity=True).digest()
        return digest.hex() if self.option("sign_encoding") == "hex" else base64.b64encode(digest).decode()

    def _is_young(self, stamp: str) -> bool:
        at, _assumed = template.moment(stamp)
        now = self.settings.now or datetime.now(timezone.utc).replace(tzinfo=None)
        return at is not None and abs(now - at) <= timedelta(minutes=float(self.option("timestamp_minutes")))

    def parse_push(self, raw: bytes, form: Mapping[str, str], headers: Mapping[str, str]) -> list[Result]:
        """Return what a pushed message says; it need not be all there is to say."""
        body = raw or form.get(str(self.option("push_field")), "").encode()
        path = str(self.option("push_parcels_path") or self.option("parcels_path"))
        results = self._results(self._read(body), path, None)
        return [replace(one, is_full_history=False) for one in results]

    def ack(self, ok: bool = True) -> Ack:
        """Return what the provider wants to hear."""
        body = str(self.option("ack_body")).encode() if ok else b""
        return Ack(200 if ok else 503, body, str(self.option("ack_type")))


def _of_item(item: Item) -> dict[str, str]:
    return {
        "number": item.number,
        "carrier": item.carrier,
        "phone": item.phone,
        "phone4": item.phone[-4:],
        "postcode": item.postcode,
        "country": item.country,
        "external_ref": item.external_ref,
        "shipped_at": item.shipped_at.isoformat() if item.shipped_at else "",
    }
