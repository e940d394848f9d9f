"""Whether a pushed message was signed with the secret we share: by hash or HMAC, over whatever parts."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from ._moments import moment

# {name: (hash, whether the secret is its key); without, the secret stands among what is hashed}
ALGORITHMS = {
    "hmac-sha256": ("sha256", True),
    "hmac-sha512": ("sha512", True),
    "hmac-sha1": ("sha1", True),
    "hmac-md5": ("md5", True),
    "sha256": ("sha256", False),
    "sha1": ("sha1", False),
    "md5": ("md5", False),
}
PARTS = ("body", "secret", "timestamp")
_PART = re.compile(rf"\{{({'|'.join(PARTS)})\}}")
MOST_SIGNATURES = 8


class Scheme(NamedTuple):
    """How a provider signs."""

    algorithm: str
    header: str = ""  # where the signature stands
    field: str = ""  # or, of a form
    prefix: str = ""  # before the signature
    encoding: str = "hex"  # hex or base64
    template: str = "{body}"  # what is signed
    time_header: str = ""  # {timestamp}
    tolerance: timedelta = timedelta(minutes=5)


def is_signed(
    scheme: Scheme,
    secret: str,
    headers: Mapping[str, str],
    body: bytes,
    form: Mapping[str, str],
    now: datetime,
) -> bool:
    """Tell whether a message is signed; in constant time for each signature it brings.

    :param headers: by lower-case name
    :param body: what ``{body}`` stands for: the body as it came, or the field of a form
    """
    given = form.get(scheme.field, "") if scheme.field else headers.get(scheme.header.lower(), "")
    if not secret or not given:
        return False
    timestamp = headers.get(scheme.time_header.lower(), "") if scheme.time_header else ""
    if scheme.time_header and not _is_fresh(timestamp, scheme.tolerance, now):
        return False
    parts = {"body": body, "timestamp": timestamp.encode(), "secret": secret.encode()}
    return _is_any(given, scheme, _digest(scheme, secret, signed_text(scheme.template, parts)))


def signed_text(template: str, parts: Mapping[str, bytes]) -> bytes:
    """Return what is signed, byte for byte."""
    pieces = _PART.split(template or "{body}")
    return b"".join(parts[piece] if at % 2 else piece.encode() for at, piece in enumerate(pieces))


def _digest(scheme: Scheme, secret: str, message: bytes) -> bytes:
    name, is_keyed = ALGORITHMS[scheme.algorithm]
    if not is_keyed:
        # The algorithm is the provider's.
        return hashlib.new(name, message, usedforsecurity=False).digest()
    return hmac.new(secret.encode(), message, name).digest()


def _is_any(given: str, scheme: Scheme, expected: bytes) -> bool:
    """Tell whether one of the signatures is the expected one; while keys change some send two."""
    is_base64 = scheme.encoding == "base64"
    wanted = base64.b64encode(expected) if is_base64 else expected.hex().encode()
    found = False
    for one in (given.split() if scheme.prefix else [given.strip()])[:MOST_SIGNATURES]:
        if not one.startswith(scheme.prefix):
            continue
        one = one[len(scheme.prefix) :]
        one = one if is_base64 else one.lower()
        found |= hmac.compare_digest(one.encode("utf-8", "replace"), wanted)
    return found


def _is_fresh(timestamp: str, tolerance: timedelta, now: datetime) -> bool:
    at, _assumed = moment(timestamp)
    return at is not None and abs(now - at) <= tolerance
