from hashlib import sha256

from odoo import models
from odoo.tools import format_amount, formatLang
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

# What is wrong with a line, in the customer's words; %(right)s is the nearest quantity that would do.
FAULT_WORDS = {
    "unknown": _lt("We do not know this number or name."),
    "several": _lt("There are several products of this name: please choose one."),
    "not_sold": _lt("This cannot be ordered here any more. Please take it out."),
    "bad_quantity": _lt("How many? We could not read: %(given)s"),
    "ambiguous_quantity": _lt("How many? This can be read two ways: %(given)s"),
    "bad_unit": _lt("It is not sold in this unit: please look at the quantity."),
    "none": _lt("How many would you like?"),
    "below_minimum": _lt("Smallest order: %(right)s"),
    "not_multiple": _lt("Sold by %(multiple)s: the next is %(right)s"),
    "too_fine": _lt("Parts as small as this cannot be had: the next is %(right)s"),
    "too_many": _lt("This is more than can be ordered here: please ask us."),
}
QUANTITY_FAULTS = ("below_minimum", "not_multiple", "too_fine", "bad_unit")


class OrderQuick(models.Model):
    """What the customer sees of a quick order."""

    _inherit = "order.quick"

    def _page_rows(self, lines=None):
        """Return ``[{line, name, …}]`` of these lines or all; queries do not depend on how many there are."""
        lines = self.line_ids if lines is None else lines
        suggestions, possible = self._suggestions(lines), self._possible(lines)
        return [line._page_row(suggestions.get(line), possible.get(line)) for line in lines]

    def _page_summary(self):
        """Return what stands below the lines: how many, what they come to, how many need a look."""
        faulty, count = self.line_ids.filtered(lambda line: not line._is_fine()), len(self.line_ids)
        one, many = self.env._("1 line:"), self.env._("%s lines:", count)
        look = self.env._("1 line needs a look")
        if len(faulty) > 1:
            look = self.env._("%s lines need a look", len(faulty))
        return {
            "count": one if count == 1 else many,
            "has_lines": bool(count),
            "amount": format_amount(self.env, sum(self.line_ids.mapped("subtotal")), self.currency_id),
            "faulty": faulty and look,
            "first_faulty": faulty[:1].id,
            "seen": self._seen(),
        }

    def _seen(self):
        """Return a mark of what would be ordered at which prices: another one if any of it changes."""
        lines = [
            f"{line.id} {line.product_id.id} {line.uom_id.id} {line.quantity:.6f} {line.subtotal:.6f}"
            for line in self.line_ids
        ]
        return sha256("\n".join(lines).encode()).hexdigest()[:16]

    def _delivery_places(self):
        """Return the addresses goods can be sent to: the customer's own."""
        return self._as_order(self.env["order.quick.line"])._delivery_places()

    def _past_orders(self, limit=10):
        """Return the last orders of the customer that hold something to order again."""
        orders = self.env["sale.order"].search(
            [
                ("partner_id", "child_of", self.partner_id.commercial_partner_id.id),
                ("company_id", "=", self.company_id.id),
                ("state", "=", "sale"),
            ],
            limit=limit,
            order="date_order desc, id desc",
        )
        return [
            {"order": order, "words": self._past_words(order, lines), "has_lines": bool(lines)}
            for order in orders
            for lines in [order._lines_to_reorder()]
        ]

    def _past_words(self, order, lines):
        day = order._day_words(order.date_order)
        return self.env._("%(day)s, %(count)s products", day=day, count=len(lines.product_id))


class OrderQuickLine(models.Model):
    _inherit = "order.quick.line"

    def _page_row(self, suggestions, possible):
        """Return what the row of this line shows."""
        verdict, product = self._verdict(), self.product_id
        code, right = verdict or (False, None)
        return {
            "line": self,
            "code": product.default_code or "" if product else self.code,
            "name": product._quick_name() if product else self.code,
            "quantity": self._shown_quantity(),
            "units": product.uom_id | product.uom_ids,
            "price": product and self.env._("%s each", self._money(self.price)),
            "subtotal": product and self._money(self.subtotal),
            "possible": possible if not self.fault else False,
            "comes": possible and possible["date"] and self.env._("with you %s", possible["date"]),
            "fault": code and self._fault_words(code, right),
            "is_quantity_fault": code not in (False, "unknown", "several", "not_sold"),
            "right": float(right) if right is not None and code in QUANTITY_FAULTS else False,
            "suggestions": suggestions or (),
        }

    def _shown_quantity(self):
        return self.given_quantity or (f"{self.quantity:.15g}" if self.quantity else "")

    def _money(self, amount):
        return formatLang(self.env, amount, currency_obj=self.currency_id)

    def _fault_words(self, code, right):
        multiple = self.product_id.uom_id._compute_quantity(
            self.product_id.order_multiple, self.uom_id, round=False
        )
        words = str(self.env._(FAULT_WORDS[code]))  # pylint: disable=prefer-env-translation
        return words % {
            "given": self.given_quantity or "",
            "right": self._amount_words(right),
            "multiple": self._amount_words(multiple),
        }

    def _amount_words(self, quantity):
        return f"{float(quantity or 0):.15g} {self.uom_id.name or ''}".strip()
