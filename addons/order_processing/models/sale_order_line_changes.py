from odoo import api, models

from .sale_order_line import RISK_FIELDS


class SaleOrderLine(models.Model):
    """Who may change a line of a confirmed order, and what is remembered of the change."""

    _inherit = "sale.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.order_id._remember_lines(lines, new=True)
        # What the packer adds himself has no quantity ordered: it sells nothing.
        added = lines.filtered(lambda line: line.product_uom_qty and line._is_sold())
        added.order_id._check_may_change()
        return lines

    def write(self, vals):
        if not RISK_FIELDS & vals.keys():
            return super().write(vals)
        self.order_id._remember_lines(self)
        sold = self.filtered(lambda line: line._is_sold() and line._changes(vals))
        sold.order_id._check_may_change()
        result = super().write(vals)
        if "order_id" in vals:
            sold.order_id._check_may_change()
        if "product_uom_qty" in vals:
            sold.order_id._check_not_cancelled_piecemeal()
        return result

    def unlink(self):
        self.order_id._remember_lines(self)
        return super().unlink()

    def _is_sold(self):
        return self.state == "sale" and self._is_under_review()

    def _changes(self, vals):
        names = RISK_FIELDS & vals.keys()
        return any(self._fields[name].convert_to_write(self[name], self) != vals[name] for name in names)

    def _terms_for_history(self):
        """Return what the timeline tells of a line, as plain values that outlive it."""
        return {
            "order": self.order_id.id,
            "product": self.product_id.display_name or self.name,
            "quantity": self.product_uom_qty,
            "unit": self.product_uom_id.display_name or "",
            "price": self.price_unit,
            "discount": self.discount,
        }
