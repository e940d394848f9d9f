from decimal import Decimal

from odoo import api, fields, models

from ..engine.quantities import can_be_meant, check_quantity

# What was not understood when it was given; what is wrong with a quantity is looked at anew each time.
FAULTS = [
    ("unknown", "Not found"),
    ("several", "Several products"),
    ("bad_quantity", "Not a quantity"),
    ("ambiguous_quantity", "Quantity can be meant two ways"),
    ("bad_unit", "Not sold in this unit"),
]


class OrderQuickLine(models.Model):
    """One line of a quick order: what was typed, and what we take it for."""

    _name = "order.quick.line"
    _description = "Line of a Quick Order"
    _order = "quick_id, sequence, id"
    _rec_name = "code"

    quick_id = fields.Many2one("order.quick", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="quick_id.company_id", store=True)
    currency_id = fields.Many2one(related="quick_id.currency_id")
    sequence = fields.Integer(default=0)
    code = fields.Char("As typed", required=True)
    product_id = fields.Many2one("product.product", index="btree_not_null", ondelete="set null")
    uom_id = fields.Many2one("uom.uom", "Unit")
    quantity = fields.Float(digits="Product Unit")
    given_quantity = fields.Char("Quantity as typed", help="Where it could not be understood.")
    given_unit = fields.Char("Unit as typed", help="For when it is known which product is meant.")
    fault = fields.Selection(FAULTS, "What is wrong")
    price = fields.Float(digits="Product Price", help="Of one unit, for this customer, without taxes.")
    subtotal = fields.Monetary("Total")
    priced_at = fields.Datetime(help="When price and total were worked out.")

    # ---------------------------------------------------------------- what is wrong with it
    def _verdict(self):
        """Return what keeps it from being ordered as ``(code, quantity that would be right)``, or None."""
        self.ensure_one()
        if self.fault:
            is_as_many = self.fault == "bad_unit" and self.quantity
            return self.fault, self._exact(self.quantity) if is_as_many else None
        if not self.product_id._is_quickly_ordered(self.company_id):
            return "not_sold", None
        unit, product = self.uom_id, self.product_id
        verdict = check_quantity(
            self._exact(self.quantity),
            self._exact(product.uom_id._compute_quantity(product.order_minimum, unit, round=False)),
            self._exact(product.uom_id._compute_quantity(product.order_multiple, unit, round=False)),
            self._exact(unit.rounding),
        )
        return verdict and (verdict.code, verdict.suggestion)

    @staticmethod
    def _exact(number):
        """Return a figure as it is written, without what binary fractions add."""
        return Decimal(repr(round(number, 6)))

    def _is_fine(self):
        return not self._verdict()

    # ---------------------------------------------------------------- changed by the customer
    def _set_quantity(self, quantity, unit=None):
        """Take a new quantity; ``quantity`` is what the engine read."""
        values = {"quantity": float(quantity), "given_quantity": False}
        if unit:
            values["uom_id"] = unit.id
        if self.fault in ("bad_quantity", "ambiguous_quantity", "bad_unit"):
            values["fault"] = False
        self.write(values)

    def _set_product(self, product):
        """Take one of the products proposed for what was typed; return the line that has it now."""
        meant = self.quick_id._unit_of(product, self.given_unit)
        unit, is_unit_bad = meant or product.uom_id, not meant
        quantity = self.quantity or (0 if self.given_quantity else product._least_quantity(unit))
        there = self.quick_id.line_ids.filtered(
            lambda line: line != self
            and line.product_id == product
            and line.uom_id == unit
            and not line.fault
        )
        if there and quantity and not is_unit_bad:
            there[0]._set_quantity(there[0].quantity + quantity)
            self.unlink()
            return there[0]
        fault = "bad_unit" if is_unit_bad else False
        if self.given_quantity:
            fault = "ambiguous_quantity" if can_be_meant(self.given_quantity) else "bad_quantity"
        self.write({"product_id": product.id, "uom_id": unit.id, "quantity": quantity, "fault": fault})
        return self

    @api.model
    def _limit_code(self, text):
        """What is kept of what was typed: enough to know it again."""
        return text[:120]
