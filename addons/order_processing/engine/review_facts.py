"""The plain values the rules of the review look at, and what a rule is to them.

Amounts are in the order's currency unless a name ends in ``_company``; times are UTC without zone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

# Severities that keep an order from going on.
HOLDING = frozenset({"hold", "refuse"})


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the review as the checks see it; ``id`` is that of its record, 0 for none."""

    id: int
    kind: str
    check: str
    severity: str
    threshold: float = 0.0
    factor: float = 0.0
    period_days: int = 0
    min_history: int = 0
    stage_id: int | None = None
    domain: str = "[]"
    expression: str = ""
    message: str = ""
    failed_at: datetime | None = None
    channel_ids: frozenset[int] = field(default=frozenset())
    partner_ids: frozenset[int] = field(default=frozenset())
    category_ids: frozenset[int] = field(default=frozenset())
    except_ids: frozenset[int] = field(default=frozenset())
    date_from: date | None = None
    date_to: date | None = None

    def is_active_on(self, day: date) -> bool:
        """Tell whether the rule is in its period on that day; both ends belong to it."""
        return (not self.date_from or self.date_from <= day) and (not self.date_to or day <= self.date_to)

    @property
    def is_scoped(self) -> bool:
        """Whether the rule is for some orders only."""
        return bool(self.channel_ids or self.partner_ids or self.category_ids or self.except_ids)


class OrderRow(NamedTuple):
    """One order. ``rate`` is how much of the order's currency one unit of the company's buys."""

    id: int
    state: str
    company_id: int
    partner_id: int
    commercial_id: int
    shipping_id: int
    invoice_id: int
    pricelist_id: int | None
    currency_id: int
    rate: float
    date_order: datetime
    amount_untaxed: float
    amount_tax: float
    amount_total: float
    channel_id: int | None
    carrier_id: int | None
    client_order_ref: str | None
    fiscal_position_id: int | None

    @property
    def amount_company(self) -> float:
        """The total in the company's currency."""
        return self.amount_total / self.rate


class LineRow(NamedTuple):
    """One line that is under review. ``base_quantity`` is in the product's own unit, ``cost`` per that unit
    in the company's currency; ``net_price`` is per sale unit, after discount.
    """

    id: int
    order_id: int
    product_id: int | None
    template_id: int | None
    product_type: str | None
    quantity: float
    unit_id: int | None
    product_unit_id: int | None
    price_unit: float
    discount: float
    subtotal: float
    total: float
    is_delivery: bool
    is_expense: bool
    is_combo_item: bool
    list_price: float
    expense_policy: str | None
    is_sold: bool
    cost: float
    base_quantity: float
    net_price: float


class LineKind(NamedTuple):
    """As much of a line as tells whether it is looked at."""

    product_id: int | None
    product_type: str | None
    quantity: float
    price_unit: float
    net_price: float
    is_delivery: bool
    is_expense: bool
    list_price: float
    expense_policy: str | None


class PartnerRow(NamedTuple):
    """A customer, delivery contact or commercial entity, with the address as it is typed."""

    id: int
    commercial_id: int
    name: str | None
    street: str | None
    street2: str | None
    city: str | None
    zip: str | None
    state_id: int | None
    country_id: int | None
    email: str | None
    phone: str | None
    is_blocked: bool
    block_reason: str | None
    country_code: str | None
    state_code: str | None
    state_name: str | None
    state_count: int


def is_under_review(line: LineRow | LineKind, carrier_product_id: int | None) -> bool:
    """Tell whether a line is looked at. Goods always are; of services, not those Odoo adds by itself:
    freight and expenses passed on. The flags alone prove nothing, anybody can set them: the product
    must be meant for it (the carrier's own, or one that has no price of its own; an expense that is
    passed on by policy), and the line must not take anything off.
    """
    if not line.product_id:  # Odoo's own down payments; they have no quantity on the order
        return bool(line.quantity and line.price_unit)
    if line.product_type != "service":
        return True
    if line.net_price * line.quantity < 0:
        return True
    is_freight = line.is_delivery and (line.product_id == carrier_product_id or not line.list_price)
    is_passed_on = line.is_expense and line.expense_policy != "no"
    return not (is_freight or is_passed_on)
