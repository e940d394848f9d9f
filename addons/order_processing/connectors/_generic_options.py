"""What an account of the generic kind is told by its records, and what can be wrong with it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from . import _template as template
from .base import Trouble

# What the records say: {option: what it is where they say nothing}.
OPTIONS: dict[str, Any] = {
    # -- asking
    "ask_method": "GET",
    "ask_path": "",  # {number}; or {numbers}, several joined by commas
    "ask_headers": "",  # lines: Name: value
    "ask_body": "",  # JSON, with "{number}", "{numbers}" or "{items}"
    "ask_item": "",  # JSON, one of "{items}"
    "ask_form": False,  # the body's names and texts go as a form
    # -- who we are
    "auth": "none",  # none, header, basic, bearer, oauth2
    "auth_header": "X-Api-Key",
    "token_path": "",
    "token_in_body": False,  # client id and secret in the body, not as basic
    "token_scope": "",
    # -- what the answer says
    "parcels_path": "",
    "rejected_path": "",
    "number_path": "",
    "carrier_path": "",
    "code_path": "",
    "code_at_path": "",
    "eta_path": "",
    "ref_path": "",
    "scans_path": "",
    "scan_code_path": "",
    "scan_time_path": "",
    "scan_text_path": "",
    "scan_place_path": "",
    "scan_id_path": "",
    "time_format": "",
    "time_zone": "UTC",
    "error_path": "",  # of one parcel
    "failure_path": "",  # of the whole answer
    "fine": "0, 200, ok, success, true",
    "errors": "",  # lines: code = trouble
    # -- being told
    "push_parcels_path": "",  # "": as in answers
    "push_field": "",  # of a form that holds the JSON
    "sign_with": "none",  # hmac-sha256, hmac-sha1, hmac-md5, sha256, sha1, md5
    "sign_header": "",  # or, where it is empty:
    "sign_field": "",
    "sign_encoding": "hex",  # hex, base64
    "sign_prefix": "",
    "sign_text": "{body}",  # {body}, {secret}, {timestamp}
    "timestamp_header": "",
    "timestamp_minutes": 5,
    "ack_body": '{"success": true}',
    "ack_type": "application/json",
    "subscribe_method": "POST",
    "subscribe_path": "",
    "subscribe_body": "",
}
# What templates may name. Secrets only where we send something to the provider.
OF_ITEM = ("number", "carrier", "phone", "phone4", "postcode", "country", "external_ref", "shipped_at")
OF_CALL = ("numbers", "items", "callback_url", "user", "key", "token")
OF_SIGNATURE = ("body", "secret", "timestamp")
SIGNATURES = ("none", "hmac-sha256", "hmac-sha1", "hmac-md5", "sha256", "sha1", "md5")
TROUBLES = {trouble.value for trouble in Trouble}
MOST_AT_ONCE = 100


def asks_for_several(options: Mapping[str, Any]) -> bool:
    """Tell whether one call asks for several parcels."""
    return is_of_several(f"{options.get('ask_path') or ''}{options.get('ask_body') or ''}")


def is_of_several(written: str) -> bool:
    return bool({"numbers", "items"} & template.names_in(written))


def pairs_of(lines: str, sign: str) -> list[tuple[str, str]]:
    """Return the lines of a text as pairs; those without the sign between are left out."""
    pairs = [line.partition(sign) for line in lines.splitlines() if sign in line]
    return [(name.strip(), value.strip()) for name, _sign, value in pairs if name.strip()]


class Fault(NamedTuple):
    """Something that is wrong with an option: which, in what way, and what is meant."""

    option: str
    code: str
    figure: str = ""


def faults(options: Mapping[str, Any], asks: bool) -> Iterator[Fault]:
    """Yield what is wrong with the options of an account.

    :param asks: it is asked, not only told by
    """
    given = {name: str(options.get(name) or OPTIONS[name] or "") for name in OPTIONS}
    yield from _missing(given, asks)
    yield from _templates(given)
    yield from _places(given)
    yield from _lines(given)


def _missing(given: Mapping[str, str], asks: bool) -> Iterator[Fault]:
    if asks and not given["ask_path"]:
        yield Fault("ask_path", "missing")
    if given["auth"] == "oauth2" and not given["token_path"]:
        yield Fault("token_path", "missing")
    if given["sign_with"] != "none" and not given["sign_header"] and not given["sign_field"]:
        yield Fault("sign_header", "missing")
    if given["sign_with"] in ("sha256", "sha1", "md5") and "secret" not in template.names_in(
        given["sign_text"]
    ):
        # Anybody can make a sum of what he sends.
        yield Fault("sign_text", "no_secret")


def _places(given: Mapping[str, str]) -> Iterator[Fault]:
    for name, path in given.items():
        if name.endswith("_path") and name not in ("ask_path", "subscribe_path", "token_path"):
            try:
                template.steps_of(path)
            except ValueError:
                yield Fault(name, "path", path)
    try:
        ZoneInfo(given["time_zone"])
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield Fault("time_zone", "zone", given["time_zone"])


def _templates(given: Mapping[str, str]) -> Iterator[Fault]:
    known = {*OF_ITEM, *OF_CALL}
    for name in ("ask_path", "ask_headers", "ask_body", "ask_item", "subscribe_path", "subscribe_body"):
        for strange in sorted(template.names_in(given[name]) - known):
            yield Fault(name, "name", strange)
    for strange in sorted(template.names_in(given["sign_text"]) - set(OF_SIGNATURE)):
        yield Fault("sign_text", "name", strange)
    for name in ("ask_body", "ask_item", "subscribe_body"):
        try:
            json.loads(given[name] or "{}")
        except ValueError as error:
            yield Fault(name, "json", str(error)[:100])


def _lines(given: Mapping[str, str]) -> Iterator[Fault]:
    for name, sign in (("ask_headers", ":"), ("errors", "=")):
        for line in given[name].splitlines():
            if line.strip() and (sign not in line or not line.partition(sign)[0].strip()):
                yield Fault(name, "line", line.strip()[:100])
    for _code, trouble in pairs_of(given["errors"], "="):
        if trouble not in TROUBLES:
            yield Fault("errors", "trouble", trouble)
