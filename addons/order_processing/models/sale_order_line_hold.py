from collections import defaultdict

from odoo import api, fields, models

from .inside import Swap
from .stock_move_hold import SWAPPED

# What a hold follows when it is changed on the line.
HELD_FIELDS = frozenset(
    {
        "product_id",
        "product_uom_qty",
        "product_uom_id",
        "order_id",
        "route_ids",
        "warehouse_id",
        "source_warehouse_id",
    }
)


class SaleOrderLine(models.Model):
    """What is held for a line, until its order is confirmed."""

    _inherit = "sale.order.line"

    hold_move_ids = fields.One2many(
        "stock.move", "hold_line_id", string="Held goods", readonly=True, copy=False, groups="base.group_user"
    )

    def _hold_goods(self):
        """Return what of the line is to be held, as ``[(product, quantity in the product's unit)]``."""
        product = self.product_id
        if self.display_type or not product.is_storable or self.is_mto:
            return []
        quantity = self.product_uom_id._compute_quantity(self.product_uom_qty, product.uom_id)
        return [(product, quantity)] if product.uom_id.compare(quantity, 0) > 0 else []

    def _wanted_holds(self):
        """Return ``{(line id, product id, location id): quantity}`` of what is to be held for these lines."""
        wanted = defaultdict(float)
        for line in self:
            location = (line.warehouse_id or line.order_id.warehouse_id).lot_stock_id
            for product, quantity in line._hold_goods() if location else ():
                wanted[line.id, product.id, location.id] += quantity
        return wanted

    def _prepare_hold_vals(self, product_id, location_id, quantity):
        order = self.order_id
        partner = order.partner_shipping_id or order.partner_id
        return {
            "product_id": product_id,
            "product_uom": self.env["product.product"].browse(product_id).uom_id.id,
            "product_uom_qty": quantity,
            "location_id": location_id,
            "location_dest_id": partner.with_company(order.company_id).property_stock_customer.id,
            "partner_id": partner.id,
            "company_id": order.company_id.id,
            "origin": order.name,
            "date": order.commitment_date or self._expected_date(),
            "hold_line_id": self.id,
            "hold_until": order.hold_until,
        }

    # ---------------------------------------------------------------- holds follow the line
    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.order_id._holding_orders()._sync_holds()
        return lines

    def write(self, vals):
        if not HELD_FIELDS & vals.keys():
            return super().write(vals)
        orders = self.order_id
        result = super().write(vals)
        (orders | self.order_id)._holding_orders()._sync_holds()
        return result

    def unlink(self):
        if self.order_id._holding_orders():
            # sudo: whoever may take the line out gives back what is held for it
            holds = self.sudo().hold_move_ids
            holds._lock_holds()._release_holds()
        return super().unlink()

    # ---------------------------------------------------------------- the order is confirmed
    def _action_launch_stock_rule(self, *, previous_product_uom_qty=False):
        """What is held for the lines passes to the moves that are made for them now.

        Holds somebody else is at just now (the allocator, say) keep their goods; they are swapped a moment
        later, by the scheduled action.
        """
        launch = super()._action_launch_stock_rule
        holds = self._open_holds()
        if not holds:
            return launch(previous_product_uom_qty=previous_product_uom_qty)
        ours = holds._lock_holds()
        # Wanted once, not twice: or what is reordered is counted with both.
        ours.with_context(do_not_unreserve=True).write({"product_uom_qty": 0})
        swapping = super(SaleOrderLine, self.with_context(**{SWAPPED: Swap(ours.ids)}))
        result = swapping._action_launch_stock_rule(previous_product_uom_qty=previous_product_uom_qty)
        ours._drop_holds()
        if ours != holds:
            self.env["sale.order"]._wake_hold_clock()
        return result

    def _open_holds(self):
        lines = self.filtered(lambda line: line.state == "sale")
        Move = self.env["stock.move"].sudo()  # sudo: salespeople need not see moves to confirm an order
        return Move.search([("hold_line_id", "in", lines.ids)]) if lines else Move

    # ---------------------------------------------------------------- what the line says of the stock
    def _compute_qty_at_date(self):
        """What is held for the line is there for it."""
        result = super()._compute_qty_at_date()
        held = self.filtered(lambda line: line.state in ("draft", "sent"))._origin.order_id._holding_orders()
        for line in self.filtered(lambda line: line._origin.order_id in held) if held else ():
            # sudo: how much of it is held for himself
            holds = line.sudo()._origin.hold_move_ids.filtered(
                lambda hold, line=line: hold.product_id == line.product_id
            )
            in_unit = line.product_id.uom_id._compute_quantity
            line.free_qty_today += in_unit(sum(holds.mapped("quantity")), line.product_uom_id)
            line.virtual_available_at_date += in_unit(
                sum(holds.mapped("product_uom_qty")), line.product_uom_id
            )
        return result
