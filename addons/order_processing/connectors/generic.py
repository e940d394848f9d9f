"""Any carrier with an HTTP interface that speaks JSON, as records describe it.

What to send and where in the answers things stand are options of the account: templates and paths
(``_template.py``, ``_paths.py``), named in ``_generic_options.py``. Nothing of it is evaluated.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from . import _template as template
from ._generic_options import MOST_AT_ONCE, OPTIONS, asks_for_several, is_of_several, pairs_of, statuses_of
from ._generic_read import Reader, read_json
from ._moments import UTC
from ._paths import text
from ._signatures import Scheme, is_signed
from .base import Ack, Connector, ConnectorError, Item, Request, Response, Result, Trouble, register

# Where the provider does not say how long a token is good for.
TOKEN_SECONDS = 3600
LONGEST_TOKEN = timedelta(days=90)


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
    def can_poll(self) -> bool:  # type: ignore[override]
        """Whether it is said how to ask."""
        return bool(self.option("ask_path"))

    @property
    def can_subscribe(self) -> bool:  # type: ignore[override]
        """Whether parcels have to be announced."""
        return bool(self.option("subscribe_path"))

    @property
    def signs_pushes(self) -> bool:  # type: ignore[override]
        """Whether pushed messages prove who sent them."""
        return self.option("sign_with") != "none"

    @property
    def reads_statuses(self) -> frozenset[int]:
        """With which HTTP statuses an answer says in JSON what is wrong."""
        return frozenset({404}) | statuses_of(str(self.option("read_statuses")))

    # ---------------------------------------------------------------- asking
    def build_requests(self, items: Sequence[Item]) -> Iterable[Request]:
        """Return one call for each parcel, or for all of them where the templates name several."""
        if not self.option("ask_path"):
            # Nothing is wrong with the parcels: they are asked for when somebody has set it up.
            raise ConnectorError(Trouble.RETRY_LATER, "not_set_up")
        size = MOST_AT_ONCE if asks_for_several(self.settings.options) else 1
        for first in range(0, len(items), size):
            yield self._request("ask", tuple(items[first : first + size]))

    def test_request(self) -> Request | None:
        """Return a question for a number nobody has."""
        if not self.option("ask_path"):
            return None
        return replace(self._request("ask", (Item(0, "TEST000000000"),)), items=(), purpose="test")

    def read_test(self, response: Response) -> tuple[Trouble | None, str]:
        """Return what is wrong with the account: many say it with status 200."""
        return Reader(self.option).refusal(response)

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
        try:
            return self._built(what, items)
        except template.TemplateError as error:
            raise ConnectorError(Trouble.BAD_NUMBER, str(error)) from None
        except ValueError:
            raise ConnectorError(Trouble.BAD_REQUEST, "template") from None

    def _built(self, what: str, items: tuple[Item, ...]) -> Request:
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
        if path.startswith(("http://", "https://")):
            return path
        return f"{self.settings.base_url.rstrip('/')}/{path.lstrip('/')}"

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
        data = read_json(response.body)
        seconds = text(data, "expires_in").partition(".")[0]
        is_known = seconds.isascii() and seconds.isdigit() and len(seconds) < 10
        good_for = timedelta(seconds=int(seconds) if is_known else TOKEN_SECONDS)
        return text(data, "access_token"), min(good_for, LONGEST_TOKEN)

    # ---------------------------------------------------------------- answers
    def parse(self, response: Response, request: Request) -> list[Result]:
        """Return what an answer says of the parcels asked for."""
        return Reader(self.option).answer(response, request.items)

    def parse_subscription(self, response: Response, request: Request) -> list[Result]:
        """Return which parcels are announced: all of the call but those the answer names with an error."""
        return Reader(self.option).subscription(response, request.items)

    # ---------------------------------------------------------------- being told
    def verify(self, headers: Mapping[str, str], raw: bytes, form: Mapping[str, str]) -> bool:
        """Tell whether a message is signed by the secret we share, and young where it says when."""
        if not self.signs_pushes:
            return True
        scheme = Scheme(
            algorithm=str(self.option("sign_with")),
            header=str(self.option("sign_header")),
            field="" if self.option("sign_header") else str(self.option("sign_field")),
            prefix=str(self.option("sign_prefix")),
            encoding=str(self.option("sign_encoding")),
            template=str(self.option("sign_text")),
            time_header=str(self.option("timestamp_header")),
            tolerance=timedelta(minutes=float(self.option("timestamp_minutes"))),
        )
        now = self.settings.now or datetime.now(UTC).replace(tzinfo=None)
        secret = self.secrets.get("push_secret", "")
        return is_signed(scheme, secret, headers, self._pushed(raw, form), form, now)

    def _pushed(self, raw: bytes, form: Mapping[str, str]) -> bytes:
        """Return what was pushed: the same that is signed and read."""
        return raw or str(form.get(str(self.option("push_field")), "")).encode()

    def parse_push(self, raw: bytes, form: Mapping[str, str], headers: Mapping[str, str]) -> list[Result]:
        """Return what a pushed message says; it need not be all there is to say."""
        return Reader(self.option).push(read_json(self._pushed(raw, form)))

    def ack(self, ok: bool = True) -> Ack:
        """Return what the provider wants to hear."""
        body = str(self.option("ack_body")).encode() if ok else b""
        status = int(self.option("ack_status")) if ok else 503
        return Ack(status, body, str(self.option("ack_type")))


def _of_item(item: Item) -> dict[str, str]:
    return {
        "number": item.number,
        "carrier": item.carrier,
        "phone": item.phone,
        "phone4": item.phone[-4:],
        "postcode": item.postcode,
        "country": item.country,
        "external_ref": item.external_ref,
        "shipped_at": f"{item.shipped_at.isoformat()}Z" if item.shipped_at else "",
    }
