"""What an account of the generic kind is told by its records, and what can be wrong with it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from . import _template as template
from ._moments import moment, zone_of
from ._paths import PathError, parsed
from ._signatures import ALGORITHMS, PARTS
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
    "error_text_path": "",
    "failure_path": "",  # of the whole answer
    "failure_text_path": "",
    "read_statuses": "",  # HTTP statuses whose answers are read as well: 400, 422
    "ask_news_only": False,  # an answer has only what is new
    "fine": "0, 200, ok, success, true",
    "errors": "",  # lines: code = trouble
    # -- being told
    "push_parcels_path": "",  # "": as in answers
    "push_all": False,  # a message has all there is to say
    "push_field": "",  # of a form that holds the JSON
    "sign_with": "none",  # see _signatures.py
    "sign_header": "",  # or, where it is empty:
    "sign_field": "",
    "sign_encoding": "hex",  # hex, base64
    "sign_prefix": "",
    "sign_text": "{body}",  # {body}, {secret}, {timestamp}
    "timestamp_header": "",
    "timestamp_minutes": 5,
    "ack_status": 200,
    "ack_body": '{"success": true}',
    "ack_type": "application/json",
    "subscribe_method": "POST",
    "subscribe_path": "",
    "subscribe_body": "",
}
# What templates may name. Secrets only where we send something to the provider.
OF_ITEM = ("number", "carrier", "phone", "phone4", "postcode", "country", "external_ref", "shipped_at")
OF_CALL = ("numbers", "items", "callback_url", "user", "key", "token")
SIGNATURES = ("none", *ALGORITHMS)
IN_JSON = ("ask_body", "ask_item", "subscribe_body")
TROUBLES = {trouble.value for trouble in Trouble}
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_SERVER = re.compile(r"https?://[^/?#{}@\s]+(?:[/?#]|$)")
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


def statuses_of(written: str) -> frozenset[int]:
    """Return the HTTP statuses of a list with commas; what is none is left out."""
    parts = (part.strip() for part in written.split(","))
    return frozenset(int(part) for part in parts if re.fullmatch(r"[45]\d\d", part, re.ASCII))


def faults(options: Mapping[str, Any], asks: bool) -> Iterator[Fault]:
    """Yield what is wrong with the options of an account.

    :param asks: it is asked, not only told by
    """
    given = {name: str(options.get(name) or OPTIONS[name] or "") for name in OPTIONS}
    yield from _missing(given, asks)
    yield from _templates(given)
    yield from _addresses(given)
    yield from _places(given)
    yield from _times(given)
    yield from _lines(given)
    yield from _headers(given)
    yield from _statuses(given)
    if given["sign_with"] != "none":
        yield from _signature(given)


def _missing(given: Mapping[str, str], asks: bool) -> Iterator[Fault]:
    if asks and not given["ask_path"]:
        yield Fault("ask_path", "missing")
    if asks and given["ask_path"] and not given["scans_path"] and not given["code_path"]:
        yield Fault("scans_path", "nothing_read")
    if asks_for_several(given) and not given["number_path"]:
        yield Fault("number_path", "several")
    if given["auth"] == "oauth2" and not given["token_path"]:
        yield Fault("token_path", "missing")


def _signature(given: Mapping[str, str]) -> Iterator[Fault]:
    named = template.names_in(given["sign_text"])
    if not given["sign_header"] and not given["sign_field"]:
        yield Fault("sign_header", "missing")
    if not ALGORITHMS.get(given["sign_with"], ("", True))[1] and "secret" not in named:
        # Anybody can make a sum of what he sends.
        yield Fault("sign_text", "no_secret")
    if "body" not in named:
        yield Fault("sign_text", "no_body")
    if "timestamp" in named and not given["timestamp_header"]:
        yield Fault("timestamp_header", "missing")
    if given["timestamp_header"] and "timestamp" not in named:
        # Anybody could send an old message with a new time.
        yield Fault("sign_text", "no_time")


def _places(given: Mapping[str, str]) -> Iterator[Fault]:
    for name, path in given.items():
        if name.endswith("_path") and name not in ("ask_path", "subscribe_path", "token_path"):
            try:
                parsed(path)
            except PathError as error:
                yield Fault(name, "path", str(error))


def _times(given: Mapping[str, str]) -> Iterator[Fault]:
    if zone_of(given["time_zone"]) is None:
        yield Fault("time_zone", "zone", given["time_zone"])
    if (form := given["time_format"]) and not _is_readable(form):
        yield Fault("time_format", "time", form)


def _is_readable(form: str) -> bool:
    """Tell whether a day written in this form is read as the same day."""
    sample = datetime(2021, 12, 31, 23, 58, 59)
    try:
        at, _assumed = moment(sample.strftime(form), form)
    except ValueError:
        return False
    return at is not None and at.date() == sample.date()


def _templates(given: Mapping[str, str]) -> Iterator[Fault]:
    known = {*OF_ITEM, *OF_CALL}
    for name in ("ask_path", "ask_headers", "ask_body", "ask_item", "subscribe_path", "subscribe_body"):
        for strange in sorted(template.names_in(given[name]) - known):
            yield Fault(name, "name", strange)
        wishes = template.WISHES if name in IN_JSON else ()
        for strange in sorted(template.wishes_in(given[name]) - set(wishes)):
            yield Fault(name, "wish", strange)
    for strange in sorted(template.names_in(given["sign_text"]) - set(PARTS)):
        yield Fault("sign_text", "name", strange)
    for name in IN_JSON:
        try:
            json.loads(given[name] or "{}")
        except (ValueError, RecursionError) as error:
            yield Fault(name, "json", str(error)[:100])


def _addresses(given: Mapping[str, str]) -> Iterator[Fault]:
    for name in ("ask_path", "subscribe_path", "token_path"):
        # Keys go to the server that was entered, whatever a number is.
        if re.match(r"\w+://", given[name]) and not _SERVER.match(given[name]):
            yield Fault(name, "address", given[name])


def _lines(given: Mapping[str, str]) -> Iterator[Fault]:
    for name, sign in (("ask_headers", ":"), ("errors", "=")):
        for line in given[name].splitlines():
            if line.strip() and (sign not in line or not line.partition(sign)[0].strip()):
                yield Fault(name, "line", line.strip()[:100])
    for _code, trouble in pairs_of(given["errors"], "="):
        if trouble not in TROUBLES:
            yield Fault("errors", "trouble", trouble)


def _headers(given: Mapping[str, str]) -> Iterator[Fault]:
    for name, _value in pairs_of(given["ask_headers"], ":"):
        if not _HEADER.fullmatch(name):
            yield Fault("ask_headers", "header", name)
    if not _HEADER.fullmatch(given["auth_header"]):
        yield Fault("auth_header", "header", given["auth_header"])


def _statuses(given: Mapping[str, str]) -> Iterator[Fault]:
    written = given["read_statuses"]
    if written and len(statuses_of(written)) != len(written.split(",")):
        yield Fault("read_statuses", "statuses", written)
    if not re.fullmatch(r"2\d\d", given["ack_status"], re.ASCII):
        yield Fault("ack_status", "ack", given["ack_status"])
