"""What connectors have in common: reading answers that may look like anything, and writing calls.

Whatever is read by these, nothing but ``ConnectorError`` leaves: see docs/connectors.md.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from ._generic_read import LONGEST_NAME, MOST_SCANS, OF_THE_PARCEL, plain, read_json
from ._moments import moment
from ._paths import as_text, first
from .base import ConnectorError, Item, Response, Result, Trouble

# Of other files, for connectors to have from here.
__all__ = ["plain", "read_json"]
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


# ---------------------------------------------------------------- reading
def read_object(body: bytes | str) -> dict[str, Any]:
    """Return the JSON object a body is; whatever else it is raises ``ConnectorError``."""
    data = read_json(body)
    if not isinstance(data, dict):
        raise ConnectorError(Trouble.MALFORMED, "json")
    return data


def text(node: Any, path: str = "") -> str:
    """Return a plain value as text, or what a dotted path into it names; "" for lists and objects."""
    return as_text(first(node, path) if path else node)


def name(node: Any, path: str = "") -> str:
    """Return the same where it is a code, a number, a place: not longer than those are."""
    return text(node, path)[:LONGEST_NAME]


def listed(node: Any, path: str = "") -> list[dict[str, Any]]:
    """Return the objects of a list; one object is a list of one, whatever else is left out."""
    found = first(node, path) if path else node
    found = [found] if isinstance(found, dict) else found
    return [one for one in found if isinstance(one, dict)][:MOST_SCANS] if isinstance(found, list) else []


def since(written: Any, zone: str = "UTC", form: str = "") -> tuple[datetime | None, str, bool]:
    """Return a written time as a ``Scan`` has it: UTC, as it was written, and whether we assumed the zone."""
    raw = name(written)
    at, assumed = moment(raw, form, zone)
    return at, raw, assumed


# ---------------------------------------------------------------- writing
def json_body(content: Any) -> bytes:
    """Return JSON as short as it can be: some sign what is sent, byte by byte."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def form_body(fields: Mapping[str, str]) -> bytes:
    """Return a form as browsers send it; fields without value are left out."""
    return urlencode({name: value for name, value in fields.items() if value}).encode()


def ungrouped(number: str) -> str:
    """Return a number without the blanks people group it by; no carrier has any."""
    return "".join(number.split())


def phone4(item: Item) -> str:
    """Return the last four digits of the receiver's phone number: enough for every carrier."""
    return item.phone[-4:]


def same(given: str | None, expected: str) -> bool:
    """Tell whether a signature is the one expected, in constant time; of nothing there is none."""
    return bool(expected) and hmac.compare_digest((given or "").encode(), expected.encode())


# ---------------------------------------------------------------- what went wrong
def refused(items: Sequence[Item], trouble: Trouble, message: str = "") -> list[Result]:
    """Return what a refusal of a call means for its parcels; raises where it is not of a parcel.

    Of several parcels it is the matter of one: which, is found by smaller calls.
    """
    if trouble not in OF_THE_PARCEL:
        raise ConnectorError(trouble, message)
    if len(items) > 1:
        raise ConnectorError(Trouble.BAD_REQUEST, message)
    return [Result(item.number, item.key, trouble=trouble, message=message) for item in items]


def check_status(response: Response, troubles: Mapping[int, Trouble], message: str = "") -> None:
    """Raise what an HTTP status means, of those the connector reads itself (``reads_statuses``)."""
    if not 200 <= response.status < 300:
        usual = Trouble.RETRY_LATER if response.status >= 500 else Trouble.BAD_REQUEST
        raise ConnectorError(
            troubles.get(response.status, usual), (message or f"http_{response.status}")[:LONGEST_NAME]
        )


def by_number(items: Iterable[Item]) -> dict[str, Item]:
    """Return the parcels asked for by their numbers as they are compared (``plain``)."""
    return {plain(item.number): item for item in items}
