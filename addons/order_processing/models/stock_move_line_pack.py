from odoo import api, fields, models

from .inside import COUNTING


class StockMoveLine(models.Model):
    """How much of a line the packer has counted.

    Counting books nothing: no quant is touched until the parcel is closed, so that several people count the
    same product at the same time without waiting for each other. What has been counted is marked as picked:
    no other order takes it over. When the transfer is validated, what was counted goes and the rest does not.
    """

    _inherit = "stock.move.line"

    packed_qty = fields.Float(
        "Counted at packing",
        digits="Product Unit",
        readonly=True,
        copy=False,
        help="In the unit of the product. What is validated then is what was counted.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if not self._is_counting():
                vals.pop("packed_qty", None)
        return super().create(vals_list)

    def write(self, vals):
        if self._is_counting():
            return super().write(vals)
        vals = {name: value for name, value in vals.items() if name != "packed_qty"}
        result = super().write(vals) if vals else True
        if "quantity" in vals or "picked" in vals:
            self.filtered("packed_qty")._look_at_count_again()
        return result

    def _look_at_count_again(self):
        """Nothing was counted of what somebody says is not picked, and not more than there is."""
        for line in self:
            counted = min(line.packed_qty, line.quantity_product_uom) if line.picked else 0.0
            if counted != line.packed_qty:
                line.with_context(counting=COUNTING).write({"packed_qty": counted})

    def _is_counting(self):
        return self.env.context.get("counting") is COUNTING

    # ---------------------------------------------------------------- counting
    def _room(self):
        """Return how much of the line is still to be counted, in the unit of the product."""
        return self.quantity_product_uom - self.packed_qty

    def _count(self, quantity):
        """Set how much of the line was counted."""
        self.ensure_one()
        self.with_context(counting=COUNTING).write({"packed_qty": quantity, "picked": quantity > 0})

    def _is_counted_partly(self):
        unit = self.product_id.uom_id
        return (
            not unit.is_zero(self.packed_qty) and unit.compare(self.packed_qty, self.quantity_product_uom) < 0
        )

    def _keep_counted(self):
        """What was not counted stays: the lines become as large as what was counted of them."""
        for line in self.filtered(
            lambda one: one.state not in ("done", "cancel") and one._is_counted_partly()
        ):
            counted = line.product_id.uom_id._compute_quantity(
                line.packed_qty, line.product_uom_id, rounding_method="HALF-UP"
            )
            line.with_context(counting=COUNTING).write({"quantity": counted})
