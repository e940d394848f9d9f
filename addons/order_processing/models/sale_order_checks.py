from odoo import models

from ..engine.review import Found

# Totals differ by less than this many rounding steps per line, and it is rounding.
ROUNDING_STEPS = 1.01


class SaleOrder(models.Model):
    """Checks of the order in itself: its totals, its products, its customer's standing.

    Each check gets the orders of one company once, with the rule and the facts of the batch, and
    answers ``{order id: Found}`` for those it found something on.
    """

    _inherit = "sale.order"

    # ---------------------------------------------------------------- does it add up?
    def _check_totals(self, rule, facts):
        """Lines come to what quantity and price make, and the order to what its lines make."""
        findings = {}
        currencies = self.env["res.currency"].browse({facts.orders[i].currency_id for i in self._ids})
        steps = {currency.id: currency.rounding * ROUNDING_STEPS for currency in currencies}
        for order_id in self._ids:
            row = facts.orders[order_id]
            step = steps[row.currency_id]
            lines = facts.lines.get(order_id, ())
            wrong = {
                f"line:{line.id}": gap
                for line in lines
                if (gap := _line_gap(line)) > step and not self._has_mixed_taxes(line)
            }
            total = facts.subtotals.get(order_id, 0.0) + row.amount_tax
            if (gap := abs(total - row.amount_total)) > step * max(len(lines), 1):
                wrong["total"] = gap
            if wrong:
                figures = {"actual": row.amount_total, "expected": total, "currency": row.currency_id}
                findings[order_id] = Found("totals_differ", figures, wrong)
        return findings

    def _has_mixed_taxes(self, line):
        """Some taxes in the price and others on top: the amount is between the line's two, and right."""
        # In a trial on the past the line may be gone.
        in_price = self.env["sale.order.line"].browse(line.id).exists().tax_ids.mapped("price_include")
        low, high = sorted((line.subtotal, line.total))
        return any(in_price) and not all(in_price) and low <= line.quantity * line.net_price <= high

    # ---------------------------------------------------------------- do we sell it?
    def _check_sellable(self, rule, facts):
        """Every product is one we sell, today."""
        findings = {}
        for order_id in self._ids:
            gone = [
                line
                for line in facts.lines.get(order_id, ())
                if line.product_id and not line.is_sold and line.quantity * line.net_price >= 0
            ]
            if gone:
                figures = {"product": facts.product_name(gone[0].product_id), "more": len(gone) - 1}
                code = "not_sold_more" if len(gone) > 1 else "not_sold"
                findings[order_id] = Found(code, figures, {f"line:{x.id}": x.quantity for x in gone})
        return findings

    # ---------------------------------------------------------------- is something given back?
    def _check_taken_off(self, rule, facts):
        """No line takes something off unseen: by a negative quantity, or with no product to have a price."""
        findings = {}
        for order_id in self._ids:
            off = [x for x in facts.lines.get(order_id, ()) if not x.product_id or x.quantity < 0]
            if not off:
                continue
            worst = max(off, key=lambda line: abs(line.subtotal))
            if worst.product_id:
                code = "credit_line"
                figures = {"product": facts.product_name(worst.product_id), "quantity": -worst.quantity}
            else:
                code = "line_without_product"
                figures = {
                    "text": self.env["sale.order.line"].browse(worst.id).exists().name or "",
                    "actual": worst.subtotal,
                    "currency": facts.orders[order_id].currency_id,
                }
            if len(off) > 1:
                code, figures = f"{code}_more", {**figures, "more": len(off) - 1}
            findings[order_id] = Found(code, figures, {f"line:{x.id}": abs(x.subtotal) for x in off})
        return findings

    # ---------------------------------------------------------------- do we deliver to them?
    def _check_blocked(self, rule, facts):
        """Neither the customer, nor whoever gets it, nor their company is blocked for orders."""
        findings = {}
        for order_id in self._ids:
            row = facts.orders[order_id]
            for partner_id in (row.commercial_id, row.partner_id, row.shipping_id):
                partner = facts.partners.get(partner_id)
                if partner and partner.is_blocked:
                    code = "customer_blocked_why" if partner.block_reason else "customer_blocked"
                    figures = {"partner": partner.name, "reason": partner.block_reason}
                    sizes = {f"partner:{partner_id}": 1.0, "amount": row.amount_company}
                    findings[order_id] = Found(code, figures, sizes)
                    break
        return findings

    def _check_credit_limit(self, rule, facts):
        """What the customer owes, has ordered and orders now stays within the credit limit, where one is set.

        Odoo's own figures; orders of one customer that come together count one after the other.
        """
        company = facts.company
        if not company.account_use_credit_limit:
            return {}
        findings = {}
        customers = self.env["res.partner"].browse({facts.orders[i].commercial_id for i in self._ids})
        # sudo: what a customer owes is for the accountants; the check only compares
        limits = {p.id: p.credit_limit for p in customers.sudo() if p.credit_limit}
        for order_id, due in facts.due_with(self, limits).items():
            customer_id = facts.orders[order_id].commercial_id
            limit = limits[customer_id]
            if due > limit:
                figures = {
                    "partner": facts.partner_name(customer_id),
                    "due": due,
                    "limit": limit,
                    "currency": company.currency_id.id,
                }
                findings[order_id] = Found("credit_limit", figures, {"over": due - limit})
        return findings

    def _due_with(self, facts, customers):
        """Return ``{order id: due}`` for the orders of these customers, one order after the other."""
        # sudo: see the check
        limited = self.env["res.partner"].browse(customers).sudo()
        # Orders confirmed a moment ago, in this transaction, count as well.
        limited.invalidate_recordset(["credit", "credit_to_invoice"])
        due = {p.id: p.credit + p.credit_to_invoice for p in limited}
        with_order = {}
        for order_id in self._ids:
            row = facts.orders[order_id]
            if row.commercial_id in due:
                if row.state not in ("sale", "done"):  # a confirmed order is among what is to be invoiced
                    due[row.commercial_id] += row.amount_company
                with_order[order_id] = due[row.commercial_id]
        return with_order

    # ---------------------------------------------------------------- do we earn on it?
    def _check_margin(self, rule, facts):
        """The goods that have a cost earn at least the rule's floor, in percent of what they are sold for."""
        findings = {}
        for order_id in self._ids:
            row = facts.orders[order_id]
            sold = cost = 0.0
            for line in facts.lines.get(order_id, ()):
                if line.cost:
                    sold += line.subtotal / row.rate
                    cost += line.base_quantity * line.cost
            if not cost or sold - cost >= sold * rule.threshold / 100 - 0.005:
                continue
            percent = (sold - cost) / sold * 100 if sold > 0 else -100.0
            figures = {
                "percent": f"{percent:.1f}",
                "floor": f"{rule.threshold:g}",
                "actual": sold,
                "cost": cost,
                "currency": facts.company.currency_id.id,
            }
            findings[order_id] = Found("margin_low", figures, {"loss": cost - sold, "percent": 100 - percent})
        return findings


def _line_gap(line):
    """Return by how much a line's amounts miss quantity × price: that without taxes where they come on
    top, that with them where they are in the price."""
    amount = line.quantity * line.net_price
    return min(abs(line.subtotal - amount), abs(line.total - amount))
