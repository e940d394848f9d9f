"""Values put into texts, and found in answers, as the generic connector's records say. Nothing is evaluated.

A template is a text with names in braces: ``{number}``. A path says where in a JSON answer something stands:
``data.accepted[].track_info.status``: names joined by dots, ``[]`` for every one of a list, ``[0]`` for one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from dateutil.parser import isoparse

NAME = re.compile(r"\{(\w+)\}")
STEP = re.compile(r"([^.\[\]]+)|\[(-?\d*)\]")
# Later than that a number of seconds is one of milliseconds.
MILLISECONDS_FROM = 100_000_000_000
LONGEST = 4000


def names_in(template: str) -> set[str]:
    """Return the names a template wants values for."""
    return set(NAME.findall(template))


def filled(template: str, values: Mapping[str, Any], how: Callable[[str], str] = str) -> str:
    """Return a template with its values; a name without a value becomes nothing.

    :param how: makes of a value what may stand there
    """
    return NAME.sub(lambda found: how(str(values.get(found.group(1), ""))), template)


def filled_url(template: str, values: Mapping[str, Any]) -> str:
    """Return an address with its values, each quoted: no number can become a path or a parameter."""
    return filled(template, values, lambda value: quote(value, safe=""))


def filled_header(template: str, values: Mapping[str, Any]) -> str:
    """Return a header's value; what may not stand there is left out."""
    text = filled(template, values).encode("latin-1", "ignore").decode("latin-1")
    return "".join(sign for sign in text if sign.isprintable() or sign == "\t")


def filled_json(template: Any, values: Mapping[str, Any]) -> Any:
    """Return read JSON with the values in its texts; a text that is one name only becomes the value itself.

    So a list can stand where ``"{numbers}"`` stands, and no value can break out of its text.
    """
    if isinstance(template, str):
        alone = NAME.fullmatch(template)
        return values.get(alone.group(1), "") if alone else filled(template, values)
    if isinstance(template, list):
        return [filled_json(one, values) for one in template]
    if isinstance(template, dict):
        return {filled(key, values): filled_json(one, values) for key, one in template.items()}
    return template


# ---------------------------------------------------------------- paths
def steps_of(path: str) -> list[str | int | None]:
    """Return a path as steps: a name, a place in a list, or None for all of a list.

    :raises ValueError: where it is not a path
    """
    steps: list[str | int | None] = []
    for part in filter(None, path.strip().split(".")):
        found = list(STEP.finditer(part))
        if "".join(one.group() for one in found) != part:
            raise ValueError(path)
        steps += [one.group(1) if one.group(1) else _place(one.group(2)) for one in found]
    return steps


def _place(digits: str) -> int | None:
    return int(digits) if digits else None


def found(data: Any, path: str) -> list[Any]:
    """Return what stands at a path, everything where it goes through lists; [] where nothing does."""
    values = [data]
    for step in steps_of(path):
        values = [inner for value in values for inner in _inner(value, step)]
    return [value for value in values if value is not None]


def _inner(value: Any, step: str | int | None) -> list[Any]:
    if isinstance(step, str):
        return [value[step]] if isinstance(value, dict) and step in value else []
    if step is None:
        if isinstance(value, list):
            return value
        # Many write a list of one as the one.
        return [value] if isinstance(value, dict) else []
    if isinstance(value, list) and -len(value) <= step < len(value):
        return [value[step]]
    return []


def text(data: Any, path: str) -> str:
    """Return the first plain value at a path as text, "" where there is none."""
    if not path:
        return ""
    for value in found(data, path):
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            return str(value).replace("\x00", "").strip()[:LONGEST]
    return ""


# ---------------------------------------------------------------- times
def moment(written: str, form: str = "", zone: str = "UTC") -> tuple[datetime | None, bool]:
    """Return a written time as UTC without zone, and whether the zone is our assumption.

    :param form: as ``strptime`` has it; "": ISO 8601, or seconds or milliseconds since 1970
    :param zone: IANA name of the zone of times written without one
    """
    try:
        at = datetime.strptime(written, form) if form else _plain_moment(written)  # noqa: DTZ007  below
        assumed = at.tzinfo is None
        if assumed:
            at = at.replace(tzinfo=ZoneInfo(zone or "UTC"))
        return at.astimezone(timezone.utc).replace(tzinfo=None, microsecond=0), assumed
    except (ValueError, OverflowError, OSError):
        return None, False


def _plain_moment(written: str) -> datetime:
    if re.fullmatch(r"\d{9,14}(\.\d+)?", written):
        seconds = float(written)
        seconds = seconds / 1000 if seconds >= MILLISECONDS_FROM else seconds
        return datetime.fromtimestamp(seconds, timezone.utc)
    return isoparse(written.replace(" ", "T", 1))


def read_json(raw: bytes) -> Any:
    """Return what a body says; raises ``ValueError`` for everything that is not JSON in UTF-8 or -16."""
    try:
        return json.loads(raw.decode("utf-8-sig") if raw[:3] == b"\xef\xbb\xbf" else raw)
    except (ValueError, RecursionError) as error:
        raise ValueError("json") from error
