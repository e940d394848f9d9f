"""Whether somebody who knows the number of an order is the one it is for: his e-mail address or phone number.

The same is done whatever there is: an order nobody has, and one whose contacts are others, take as long.
So the contacts are filled up to a fixed number, and all of them are compared, also after one was right.
"""

from __future__ import annotations

import hmac
import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

import phonenumbers

# So many contacts are compared each time.
SLOTS = 24
LONGEST_NUMBER, LONGEST_CONTACT = 64, 254
# A number that nobody can make sense of is compared by its digits, if it has so many.
FEWEST_DIGITS = 7
# So many of a phone number's last digits tell which contacts may be meant.
LAST_DIGITS = 7
SAME_NUMBER = frozenset({phonenumbers.MatchType.EXACT_MATCH, phonenumbers.MatchType.NSN_MATCH})
NOT_DIGITS = re.compile(r"\D")
BLANKS = re.compile(r"\s+")


class Contact(NamedTuple):
    """How somebody of an order is reached."""

    order_id: int
    email: str
    phone: str
    country: str


NOBODY = Contact(0, "nobody@example.invalid", "+44 20 7946 0999", "GB")


def _plain(text: str, longest: int) -> str:
    # A database takes no NUL.
    return unicodedata.normalize("NFKC", (text or "")[:longest]).replace("\0", "")


def number_key(text: str) -> str:
    """Return an order's number as it is looked for: however it is written, capital letters or not."""
    plain = _plain(text, LONGEST_NUMBER)
    return BLANKS.sub(" ", plain).strip().lstrip("#").strip().lower()


def contact_key(text: str) -> str:
    """Return what was typed as e-mail address or phone number, ready to be compared."""
    plain = _plain(text, LONGEST_CONTACT)
    plain = BLANKS.sub(" ", plain).strip().lower()
    return "+" + plain[2:].lstrip() if plain.startswith("00") else plain


def last_digits(typed: str) -> str:
    """Return the end of what may be a phone number; what is none has an end no number has."""
    digits = NOT_DIGITS.sub("", typed)
    return digits[-LAST_DIGITS:] if len(digits) >= LAST_DIGITS else "-"


def order_of(typed: str, contacts: Sequence[Contact]) -> int | None:
    """Return the first order one of whose contacts was typed; the same work whatever the answer is.

    :param typed: as ``contact_key`` returns it
    """
    found = None
    rows = [*contacts[:SLOTS], *([NOBODY] * max(0, SLOTS - len(contacts)))]
    for row in rows:
        is_same = _is_same(typed, row)
        if is_same and row.order_id and found is None:
            found = row.order_id
    return found


def _is_same(typed: str, row: Contact) -> bool:
    email = hmac.compare_digest(typed.encode(), (row.email or "").strip().lower().encode())
    phone = _is_same_phone(typed, row.phone or "", row.country or "")
    return bool(typed) and (email or phone)


def _is_same_phone(typed: str, phone: str, country: str) -> bool:
    known = _parsed(phone or NOBODY.phone, country or None)
    if known is None:
        digits = NOT_DIGITS.sub("", typed)
        return len(digits) >= FEWEST_DIGITS and digits == NOT_DIGITS.sub("", phone)
    is_same = phonenumbers.is_number_match(known, typed) in SAME_NUMBER
    return is_same and bool(phone)


def _parsed(phone: str, country: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(phone, country)
    except phonenumbers.NumberParseException:
        return None
