from odoo import models

from ..engine.review import (
    Found,
    choose_habit,
    is_worth_a_look,
    percent_off,
    unusual,
)

# The sentence for each level of what is usual.
QUANTITY_CODES = {
    "customer_product": "quantity_unusual",
    "customer": "quantity_unusual_customer",
    "product": "quantity_unusual_product",
    "company": "quantity_unusual_company",
}
AMOUNT_CODES = {"customer": "amount_unusual", "company": "amount_unusual_company"}


class SaleOrder(models.Model):
    """Checks against what is usual: for this customer, or else for others (``order.review.habit``)."""

    _inherit = "sale.order"

    # ---------------------------------------------------------------- quantities
    def _check_quantity_unusual(self, rule, facts):
        """No product is ordered many times more than usual: as this customer does, or else as others do.

        ``threshold``: robust deviations; ``factor``: times the usual; both have to be reached.
        """
        findings = {}
        for order_id in self._ids:
            row = facts.orders[order_id]
            usual_order = choose_habit(facts.habits.amount(row.commercial_id), rule.min_history)
            found = []
            for product_id, (quantity, stake) in _ordered(row, facts.lines.get(order_id, ())).items():
                candidates = facts.habits.quantity(row.commercial_id, product_id)
                habit = choose_habit(candidates, rule.min_history)
                one = unusual(quantity, habit, rule.threshold, rule.factor)
                if one and is_worth_a_look(stake, usual_order, one.ratio):
                    found.append((product_id, quantity, one))
            if found:
                findings[order_id] = self._quantity_finding(facts, found)
        return findings

    def _quantity_finding(self, facts, found):
        """Return one finding for all products, told by the one that stands out most."""
        product_id, quantity, one = max(found, key=lambda each: each[2].ratio)
        figures = {
            "product": facts.product_name(product_id),
            "quantity": _plain(quantity),
            "times": _times(one.ratio),
            "low": _plain(one.low),
            "high": _plain(one.high),
        }
        sizes = {f"product:{each_id}": amount for each_id, amount, _one in found}
        if len(found) > 1:
            return Found("quantity_unusual_more", {**figures, "more": len(found) - 1}, sizes)
        return Found(QUANTITY_CODES[one.level], figures, sizes)

    # ---------------------------------------------------------------- amounts
    def _check_amount_unusual(self, rule, facts):
        """The total is not many times what this customer usually orders; for a new one, what anybody does."""
        findings = {}
        for order_id in self._ids:
            row = facts.orders[order_id]
            habit = choose_habit(facts.habits.amount(row.commercial_id), rule.min_history)
            one = unusual(row.amount_company, habit, rule.threshold, rule.factor)
            if one:
                figures = {
                    "amount": row.amount_company,
                    "times": _times(one.ratio),
                    "lowest": one.low,
                    "highest": one.high,
                    "currency": facts.company.currency_id.id,
                }
                findings[order_id] = Found(AMOUNT_CODES[one.level], figures, {"amount": row.amount_company})
        return findings

    def _check_amount_high(self, rule, facts):
        """The total in the company's currency is not over the rule's threshold."""
        findings = {}
        for order_id in self._ids:
            amount = facts.orders[order_id].amount_company
            if amount > rule.threshold:
                figures = {
                    "amount": amount,
                    "limit": rule.threshold,
                    "currency": facts.company.currency_id.id,
                }
                findings[order_id] = Found("amount_high", figures, {"amount": amount})
        return findings

    # ---------------------------------------------------------------- prices
    def _check_price_paid(self, rule, facts):
        """No price differs from what this customer last paid by more than the threshold, in percent."""
        findings = {}
        for order_id in self._ids:
            row, off = facts.orders[order_id], []
            for line in facts.lines.get(order_id, ()):
                paid = facts.habits.last_price(row.commercial_id, line.product_id)
                if not paid or line.quantity <= 0 or not line.base_quantity:
                    continue
                price = line.net_price * line.quantity / line.base_quantity / row.rate
                percent = percent_off(price, paid)
                if abs(percent) > rule.threshold:
                    off.append((line, price, paid, percent))
            if off:
                findings[order_id] = self._price_paid_finding(facts, off)
        return findings

    def _price_paid_finding(self, facts, off):
        line, price, paid, percent = max(off, key=lambda one: abs(one[1] - one[2]) * one[0].base_quantity)
        figures = {
            "product": facts.product_name(line.product_id),
            "actual": price,
            "paid": paid,
            "percent": f"{percent:+.0f}",
            "currency": facts.company.currency_id.id,
        }
        sizes = {f"{'below' if one[3] < 0 else 'above'}:{one[0].id}": abs(one[3]) for one in off}
        if len(off) > 1:
            return Found("price_paid_more", {**figures, "more": len(off) - 1}, sizes)
        return Found("price_paid", figures, sizes)


def _ordered(row, lines):
    """Return ``{product id: (quantity in its own unit, what it is worth)}``, its lines taken together.

    Worth at least as much as its list price says: what is given away is worth a look, too.
    """
    ordered = {}
    for line in lines:
        if line.product_id:
            quantity, worth = ordered.get(line.product_id, (0.0, 0.0))
            value = max(line.subtotal / row.rate, line.list_price * line.base_quantity)
            ordered[line.product_id] = (quantity + line.base_quantity, worth + value)
    return ordered


def _times(ratio):
    return f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.1f}"


def _plain(value):
    """Return a quantity as people write it: 12, not 12.00."""
    return round(value) if abs(value - round(value)) < 0.005 else value
