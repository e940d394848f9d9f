from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import float_is_zero

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
        before = {}
        if {"quantity", "product_uom_id", "picked"} & vals.keys():
            before = {line.id: line.quantity_product_uom for line in self if line.packed_qty}
        result = super().write(vals) if vals else True
        if before:
            self.browse(before)._look_at_count_again(before)
        return result

    def _look_at_count_again(self, before):
        """What somebody types is stronger than the count.

        Nothing was counted of what is said not to be picked, no more than there is, and a quantity that was
        raised goes as it was typed: of what is picked Odoo sets no more aside by itself.
        """
        for line in self:
            now = line.quantity_product_uom
            raised = line.product_id.uom_id.compare(now, before[line.id]) > 0
            counted = min(line.packed_qty, now) if line.picked and not raised else 0.0
            if counted != line.packed_qty:
                line.with_context(counting=COUNTING).write({"packed_qty": counted})

    def _is_counting(self):
        return self.env.context.get("counting") is COUNTING

    # ---------------------------------------------------------------- counting
    def _wanted(self):
        """Return how much of the line is to be packed: what is set aside, and no more than is asked for."""
        return self._wanted_of_each()[self]

    def _wanted_of_each(self):
        shares = {}
        for move in self.move_id:
            shares |= move._pack_shares()
        return {line: shares.get(line, line.quantity_product_uom) for line in self}

    def _room(self):
        """Return how much of the line is still to be counted, in the unit of the product."""
        return self._room_of_each()[self]

    def _room_of_each(self):
        return {line: max(wanted - line.packed_qty, 0.0) for line, wanted in self._wanted_of_each().items()}

    def _count(self, quantity):
        """Set how much of the line was counted."""
        self.ensure_one()
        self.with_context(counting=COUNTING).write({"packed_qty": quantity, "picked": quantity > 0})

    def _check_can_be_counted(self, quantity):
        """Refuse what cannot be in the parcel, in a sentence."""
        product, unit, most = self.product_id, self.product_id.uom_id, self._wanted()
        if product.tracking == "serial" and quantity not in (0, 1):
            raise UserError(
                self.env._("%s has serial numbers: each piece is in the parcel or not.", product.display_name)
            )
        # What is too much may be taken out piece by piece.
        highest = max(most, self.packed_qty - unit.rounding)
        if unit.compare(quantity, 0) >= 0 and unit.compare(quantity, highest) <= 0:
            return self._check_not_too_fine(quantity)
        values = {"product": product.display_name, "most": f"{most:g}", "unit": unit.name}
        if unit.compare(most, self.quantity_product_uom) < 0:
            raise UserError(
                self.env._(
                    "Of %(product)s %(most)s %(unit)s are asked for now: no more than that can be packed.",
                    **values,
                )
            )
        raise UserError(
            self.env._(
                "Of %(product)s %(most)s %(unit)s are set aside: no more than that can be packed.", **values
            )
        )

    def _check_not_too_fine(self, quantity):
        product, unit = self.product_id, self.product_id.uom_id
        if not float_is_zero(quantity - unit.round(quantity), precision_digits=6):
            raise UserError(
                self.env._(
                    "%(quantity)s %(unit)s of %(product)s is finer than can be counted.",
                    quantity=f"{quantity:g}",
                    unit=unit.name,
                    product=product.display_name,
                )
            )

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
            # Five of a dozen cannot be said in dozens: rounded, they would be a little more than five.
            line.with_context(counting=COUNTING)._set_quantity_in_unit(line.packed_qty)


class StockMove(models.Model):
    _inherit = "stock.move"

    def _pack_shares(self):
        """Return how much of each of the lines is to be packed, in the unit of the product.

        More may be set aside than is asked for: the order was made smaller when packing had begun, and Odoo
        leaves what is picked. What is counted already stays wanted as long as it can.
        """
        self.ensure_one()
        lines = self.move_line_ids.sorted("id")
        shares = {line: line.quantity_product_uom for line in lines}
        if not self.product_qty and not self.sale_line_id:
            return shares  # added by hand to the transfer: nobody asked for any, and somebody says it goes
        excess = sum(shares.values()) - self.product_qty
        for kept in (lambda line: min(line.packed_qty, shares[line]), lambda line: 0.0):
            for line in reversed(lines):
                cut = min(max(excess, 0.0), shares[line] - kept(line))
                shares[line] -= cut
                excess -= cut
        return shares

    def _counted_quantity(self):
        """Return how much of the move is counted, in the unit of the product."""
        return sum(self.move_line_ids.mapped("packed_qty"))

    def _is_counted_over(self):
        """More is in the parcel than is asked for."""
        counted = self._counted_quantity()
        return (
            bool(counted) and self.product_id.uom_id.compare(counted, sum(self._pack_shares().values())) > 0
        )

    def _get_picked_quantity(self):
        """Where something was counted, that is what goes: Odoo asks what becomes of the rest."""
        if not any(line._is_counted_partly() for line in self.move_line_ids):
            return super()._get_picked_quantity()
        unit = self.product_id.uom_id
        picked = sum(
            line.packed_qty if line._is_counted_partly() else line.quantity_product_uom
            for line in self.move_line_ids
            if line.picked
        )
        return unit._compute_quantity(picked, self.product_uom, round=False)
