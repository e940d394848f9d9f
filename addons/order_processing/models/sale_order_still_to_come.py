from odoo import fields, models

from .stock_picking_papers import quantity_words


class SaleOrder(models.Model):
    """What has not been sent yet, for slips and messages."""

    _inherit = "sale.order"

    def _still_to_come(self, pickings=None):
        """Return ``[{name, quantity, day}]`` of what is ordered and is not in ``pickings``.

        Of transfers that are still open it is what they do not hold; the day is the promised one, where one
        is promised and not over.
        """
        orders = self.sudo()  # sudo: what the customer himself has ordered
        pickings = (pickings or self.env["stock.picking"]).sudo()  # sudo: see above
        rest = {}
        for move in orders.order_line.move_ids:
            if move.state in ("done", "cancel") or not move._leaves_last():
                continue
            here = move.quantity if move.picking_id in pickings else 0.0
            missing = move.product_uom._compute_quantity(
                move.product_uom_qty - here, move.product_id.uom_id, round=False
            )
            if move.product_id.uom_id.compare(missing, 0) > 0:
                key = move.product_id, move.sale_line_id._day_to_come()
                rest[key] = rest.get(key, 0.0) + missing
        return [
            {
                "name": product.with_context(lang=self.env.lang, display_default_code=False).display_name,
                "quantity": quantity_words(self.env, quantity, product.uom_id),
                "day": day,
            }
            for (product, day), quantity in rest.items()
        ]


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _day_to_come(self):
        order = self.order_id
        if not self.promise_date or not order.company_id._promises():
            return False
        return self.promise_date >= fields.Datetime.now() and order._day_words(self.promise_date)

    def _expected_words(self):
        """Return the day the line is promised for, as the confirmation says it; False where there is none."""
        line = self.sudo()  # sudo: whoever may print the order, the customer among them, reads the date
        if line.state != "sale" or not line.promise_date or not line.company_id._promises():
            return False
        return line.order_id._day_words(line.promise_date)


class StockMove(models.Model):
    _inherit = "stock.move"

    def _leaves_last(self):
        """Tell whether with this move goods leave for a customer: not the steps before it, where there are
        moves for those, too.
        """
        if self.location_id._is_at_customer():
            return False
        if self.location_dest_id._is_at_customer():
            return True
        final = self.location_final_id
        return bool(final) and final._is_at_customer() and not self.move_dest_ids
