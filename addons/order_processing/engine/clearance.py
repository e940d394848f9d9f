"""What an approval covers, and what makes an order riskier than what was approved.

When an order is cleared (by the checks or by a person), a *clearance* records what was cleared.
A later change that goes beyond it re-opens the review; a change that only takes risk away (fewer
pieces, a line removed, a note) does not. What counts, and why:

* **Customer, delivery address, invoice address**: another record, or the same record with another
  text. Of the text only what a carrier goes by counts: street, place, postal code, state, country,
  whatever the case and punctuation. A postal code or state filled in where there was none is no
  risk; names, phone numbers and e-mail addresses are none either.
* **Lines**: new ones, more pieces, another product or unit, another net price. A *higher* price
  counts, too: the customer would pay more than was agreed. How a price came about (price list,
  discount, price unit) does not matter, only what is left of it; so neither does the price list.
* **Tax** that falls while what is taxed does not, through whatever taxes or fiscal position.
* **Currency**, and **payment terms** and **incoterm** that leave us worse off.
* **Total**, the last safety net: it may not rise, nor fall by more than the missing pieces cost.
  It is compared in the order's currency: another currency is a deviation of its own, and another
  exchange rate is not the order's doing.

A line that was split, because its goods come from several warehouses, is still the line that was cleared:
its parts are added up and judged together, see :func:`joined`. So nothing is won by calling a line a
part of another, and nothing is held because of a second parcel.

No risk, and left out: the carrier and the warehouse (they change how goods travel, not what, where
to or who pays), dates, references, the salesperson.
"""

from __future__ import annotations

import hashlib
import math
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

# Prices nearer to each other than this, relative to the price, are the same price written twice.
SAME_PRICE = 1e-4
# Of an address: what may be filled in later where there was nothing.
MAY_BE_COMPLETED = frozenset({"zip", "state"})


@dataclass(frozen=True, slots=True)
class LineTerms:
    """The terms of one order line: product, quantity (in its sale unit), net price per unit.

    ``subtotal`` is without tax, in the order's currency; it and ``tax`` are None in clearances of
    older versions, which did not record them.
    """

    product: int
    quantity: float
    unit: int
    net_price: float
    subtotal: float | None = None
    tax: float | None = None


@dataclass(frozen=True, slots=True)
class OrderTerms:
    """What is cleared: who buys, where it goes, on which terms, and the lines by their id.

    Ids are 0 where there is none, and None where a clearance of an older version did not record
    them. The texts are digests by part, see :func:`address_digests`. ``rounding`` is the smallest
    step of the currency.
    """

    customer: int
    address: int
    currency: int
    lines: dict[str, LineTerms] = field(default_factory=dict)
    invoice: int | None = None
    payment: int | None = None
    incoterm: int | None = None
    address_text: dict[str, str] | None = None
    invoice_text: dict[str, str] | None = None
    total: float | None = None
    rounding: float = 0.01

    def to_json(self) -> dict[str, Any]:
        """Return the terms as values a JSON column can keep."""
        data = {name: getattr(self, name) for name in self.__dataclass_fields__}
        data["lines"] = {
            key: [line.product, line.quantity, line.unit, line.net_price, line.subtotal, line.tax]
            for key, line in self.lines.items()
        }
        return data

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> OrderTerms:
        """Return the terms kept by :meth:`to_json`, of this version or an older one."""
        known = {name: data[name] for name in cls.__dataclass_fields__ if name in data}
        return cls(**known | {"lines": {key: LineTerms(*values) for key, values in data["lines"].items()}})


@dataclass(frozen=True, slots=True)
class Deviation:
    """One way in which an order goes beyond its clearance: a code and the figures for its sentence.

    ``sizes`` says how far, for waivers: see :class:`~.review.Found`.
    """

    code: str
    figures: dict[str, Any]
    sizes: dict[str, float]


def address_digests(parts: dict[str, str]) -> dict[str, str]:
    """Return a short digest of each part of an address, ``""`` of an empty one.

    Digests, because the order need not keep a copy of where somebody lives. Upper and lower case,
    punctuation and the width of letters make no difference; in a postal code, neither do blanks.
    """
    return {part: _digest(text, "" if part == "zip" else " ") for part, text in parts.items()}


def _digest(text: str, separator: str) -> str:
    words = re.split(r"[\W_]+", unicodedata.normalize("NFKC", text).casefold())
    plain = separator.join(filter(None, words))
    return hashlib.blake2b(plain.encode(), digest_size=6).hexdigest() if plain else ""


def _always_worse(kind: str, before: int, after: int) -> bool:
    return True


def deviations(
    cleared: OrderTerms, now: OrderTerms, is_worse: Callable[[str, int, int], bool] = _always_worse
) -> list[Deviation]:
    """Return what makes ``now`` riskier than ``cleared``; an empty list means it is covered.

    ``is_worse(kind, before, after)`` tells whether we are worse off with another ``payment`` or
    ``incoterm``.
    """
    found = _party_deviations(cleared, now)
    for kind in ("payment", "incoterm"):
        before, after = getattr(cleared, kind), getattr(now, kind)
        if before is not None and before != after and is_worse(kind, before, after):
            found.append(Deviation(f"{kind}_worse", _change(before, after), {f"{kind}:{after}": 1.0}))
    for key, line in now.lines.items():
        if line.quantity:
            found += _line_deviations(key, cleared.lines.get(key), line, now.rounding)
    return found or _total_deviations(cleared, now)


def _change(before: Any, after: Any) -> dict[str, Any]:
    return {"before": before, "after": after}


def joined(lines: Iterable[tuple[str, str, LineTerms]]) -> dict[str, LineTerms]:
    """Return the terms by the key of the line they were cleared as.

    ``lines`` are key, the key of the line it was split from (its own where it was not), and terms. A part
    counts with the others while product, unit and net price are the same; otherwise it is a line of its
    own, which nobody has cleared.
    """
    found: dict[str, LineTerms] = {}
    for key, whole, terms in sorted(lines, key=lambda line: line[0] != line[1]):
        other = found.get(whole)
        if other is None:
            found[whole] = terms
        elif _is_same(other, terms):
            found[whole] = _together(other, terms)
        else:
            found[key] = terms
    return found


def _is_same(one: LineTerms, other: LineTerms) -> bool:
    return (
        one.product == other.product
        and one.unit == other.unit
        and math.isclose(one.net_price, other.net_price, rel_tol=SAME_PRICE, abs_tol=1e-9)
    )


def _together(one: LineTerms, other: LineTerms) -> LineTerms:
    sums = {
        name: None if None in (parts := (getattr(one, name), getattr(other, name))) else round(sum(parts), 6)
        for name in ("quantity", "subtotal", "tax")
    }
    return replace(one, **sums)


# ---------------------------------------------------------------- who and where
def _party_deviations(cleared: OrderTerms, now: OrderTerms) -> list[Deviation]:
    found = []
    if cleared.customer != now.customer:
        sizes = {f"customer:{now.customer}": 1.0}
        found.append(Deviation("customer_changed", _change(cleared.customer, now.customer), sizes))
    found += _address_deviations(cleared, now, "address")
    # One contact for both: a rewritten text is told once.
    if not (cleared.invoice == cleared.address and now.invoice == now.address):
        found += _address_deviations(cleared, now, "invoice")
    if cleared.currency != now.currency:
        sizes = {f"currency:{now.currency}": 1.0}
        found.append(Deviation("currency_changed", _change(cleared.currency, now.currency), sizes))
    return found


def _address_deviations(cleared: OrderTerms, now: OrderTerms, which: str) -> list[Deviation]:
    before, after = getattr(cleared, which), getattr(now, which)
    old, new = getattr(cleared, f"{which}_text"), getattr(now, f"{which}_text") or {}
    digest = "-".join(new.get(part, "") for part in sorted(new))
    sizes = {f"{which}:{after}:{digest}": 1.0}
    if before is not None and before != after:
        return [Deviation(f"{which}_changed", _change(before, after), sizes)]
    if parts := _rewritten_parts(old, new):
        # The digest tells one rewriting from the next: nobody approves another than he was shown.
        return [Deviation(f"{which}_rewritten", {"parts": parts, "digest": digest}, sizes)]
    return []


def _rewritten_parts(old: dict[str, str] | None, new: dict[str, str]) -> list[str]:
    """Return which parts of an address are not what they were; none where only something was added."""
    if old is None:
        return []
    changed = [part for part in new if new[part] != old.get(part, "")]
    if all(part in MAY_BE_COMPLETED and not old.get(part) for part in changed):
        return []
    return changed


# ---------------------------------------------------------------- lines
def _line_deviations(
    key: str, before: LineTerms | None, after: LineTerms, rounding: float
) -> list[Deviation]:
    prefix = f"line:{key}:{after.product}:{after.unit}"
    figures = {"product": after.product, "quantity": after.quantity}
    if before is None:
        return [Deviation("line_added", figures, _line_sizes(prefix, after))]
    if before.product != after.product:
        figures["before"] = before.product
        return [Deviation("product_changed", figures, _line_sizes(prefix, after))]
    if before.unit != after.unit:
        figures |= _change(before.unit, after.unit)
        return [Deviation("unit_changed", figures, _line_sizes(prefix, after))]
    found = []
    # Above what was cleared, or below nothing: a line that takes off what the others cost.
    if not min(before.quantity, 0) <= after.quantity <= before.quantity:
        figures = {"product": after.product, **_change(before.quantity, after.quantity)}
        found.append(Deviation("quantity_raised", figures, _quantity_size(prefix, after)))
    if not math.isclose(after.net_price, before.net_price, rel_tol=SAME_PRICE, abs_tol=1e-9):
        figures = {"product": after.product, **_change(before.net_price, after.net_price)}
        is_lower = after.net_price < before.net_price
        found.append(Deviation("price_changed", figures, _price_size(prefix, after, is_lower)))
    return found + _tax_deviations(prefix, before, after, rounding)


def _line_sizes(prefix: str, line: LineTerms) -> dict[str, float]:
    """Return the sizes of a line that is new altogether: this quantity at this price, no other."""
    sizes = _quantity_size(prefix, line)
    for is_lower in (True, False):
        sizes |= _price_size(prefix, line, is_lower)
    return sizes


def _quantity_size(prefix: str, line: LineTerms) -> dict[str, float]:
    return {f"{prefix}:{'quantity' if line.quantity > 0 else 'credit'}": abs(line.quantity)}


def _price_size(prefix: str, line: LineTerms, is_lower: bool) -> dict[str, float]:
    # The bigger, the worse: a price below what was cleared is the worse the lower it is.
    return {f"{prefix}:low": -line.net_price} if is_lower else {f"{prefix}:high": line.net_price}


def _tax_deviations(prefix: str, before: LineTerms, after: LineTerms, rounding: float) -> list[Deviation]:
    if not before.subtotal or before.tax is None or not after.subtotal or after.tax is None:
        return []
    before_rate, after_rate = before.tax / before.subtotal, after.tax / after.subtotal
    # Rounding on either side, scaled to the same amount.
    slack = rounding * (1 + abs(after.subtotal / before.subtotal))
    if (before_rate - after_rate) * abs(after.subtotal) <= slack:
        return []
    figures = {
        "product": after.product,
        **_change(round(before_rate * 100, 2), round(after_rate * 100, 2)),
    }
    return [Deviation("tax_lowered", figures, {f"{prefix}:tax": -round(after_rate, 4)})]


# ---------------------------------------------------------------- the total
def _total_deviations(cleared: OrderTerms, now: OrderTerms) -> list[Deviation]:
    """Return whether the total is off although nothing else is: the last safety net."""
    if cleared.total is None or now.total is None:
        return []
    slack = SAME_PRICE * abs(cleared.total) + now.rounding * (len(now.lines) + 1)
    least = _least_total(cleared, now)
    is_risen = now.total > cleared.total + slack
    if not is_risen and (least is None or now.total >= least - slack):
        return []
    size = {"total:high": now.total} if is_risen else {"total:low": -now.total}
    return [Deviation("total_changed", _change(cleared.total, now.total), size)]


def _least_total(cleared: OrderTerms, now: OrderTerms) -> float | None:
    """Return what is left of the cleared total for the pieces that are left; None where unknown."""
    least = 0.0
    for key, line in now.lines.items():
        before = cleared.lines.get(key)
        if before is None or not line.quantity:
            continue
        if before.subtotal is None or before.tax is None:
            return None
        least += (before.subtotal + before.tax) * line.quantity / before.quantity
    return least
