"""Moments as carriers write them, as UTC without zone."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1)
UTC = timezone.utc  # noqa: UP017  Odoo 19 runs on Python 3.10 as well
# What is later is milliseconds: the year 5138 in seconds.
MILLISECONDS_FROM = 10**11
_ISO = re.compile(
    r"(\d{4})[-/]?(\d\d)[-/]?(\d\d)"
    r"(?:[T ]\s*(\d\d):?(\d\d)(?::?(\d\d)(?:[.,]\d+)?)?)?"
    r"\s*(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?",
    re.IGNORECASE | re.ASCII,
)
# Without any sign between, as 20260302153000: as milliseconds it would be of another century.
_COMPACT = re.compile(r"((?:19|20)\d{6})(\d{4}(?:\d\d)?)", re.ASCII)
# Eight digits are a day.
_SECONDS = re.compile(r"\d{9,14}(?:\.\d{1,9})?", re.ASCII)


@lru_cache(maxsize=64)
def zone_of(name: str) -> tzinfo | None:
    """Return a time zone by its name, or None where there is none of that name."""
    if not name or name.upper() == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # names of files and directories are none of zones
        return None


def moment(written: str, form: str = "", zone: str = "UTC") -> tuple[datetime | None, bool]:
    """Return a written time as UTC without zone, and whether the zone is our assumption.

    :param form: as ``strptime`` has it; "", or what does not fit it: ISO 8601, or seconds or milliseconds
        since 1970
    :param zone: IANA name of the zone of times written without one
    """
    written = written.strip()
    try:
        at = _by_form(written, form) or _plain(written)
        if at is None:
            return None, False
        assumed = at.tzinfo is None
        if assumed:
            at = at.replace(tzinfo=zone_of(zone) or UTC)
        return at.astimezone(UTC).replace(tzinfo=None, microsecond=0), assumed
    except (ValueError, OverflowError):
        return None, False


def _by_form(written: str, form: str) -> datetime | None:
    if not form:
        return None
    try:
        return datetime.strptime(written, form)
    except (ValueError, re.error):
        return None


def _plain(written: str) -> datetime | None:
    written = _COMPACT.sub(r"\1T\2", written) if _COMPACT.fullmatch(written) else written
    if _SECONDS.fullmatch(written):
        seconds = float(written)
        seconds = seconds / 1000 if seconds >= MILLISECONDS_FROM else seconds
        return (EPOCH + timedelta(seconds=int(seconds))).replace(tzinfo=UTC)
    if not (found := _ISO.fullmatch(written)):
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    # A leap second is the one before.
    return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=_offset(found[7]))


def _offset(text: str | None) -> tzinfo | None:
    if not text:
        return None
    if text[0] not in "+-":
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    span = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-span if text[0] == "-" else span)
