from odoo import models
from odoo.exceptions import UserError


class StockMove(models.Model):
    _inherit = "stock.move"

    def _is_short(self):
        """Reservation was tried and there was not enough.

        A move that waits for another one is not short itself; one whose operation type reserves
        later, or by hand, has not been tried yet.
        """
        if self.state == "partially_available":
            return True
        return self.state == "confirmed" and self.picking_type_id.reservation_method == "at_confirm"

    # ---------------------------------------------------------------- hold while review is open again
    def _held_orders(self):
        # sudo: warehouse people need not see orders to be told that one is held
        return self.sudo().sale_line_id.order_id.filtered(lambda order: order._is_on_review_hold())

    def _action_assign(self, force_qty=False):
        held = self._held_orders()
        moves = self.filtered(lambda move: move.sudo().sale_line_id.order_id not in held) if held else self
        return super(StockMove, moves)._action_assign(force_qty=force_qty)

    def _action_done(self, cancel_backorder=False):
        self.filtered(lambda move: not move.location_id._is_at_customer())._check_not_held()
        return super()._action_done(cancel_backorder=cancel_backorder)

    def _check_not_held(self):
        if held := self._held_orders():
            reasons = [f"{order.name}: {order.review_hold_reason or ''}" for order in held]
            raise UserError(
                self.env._(
                    "Nothing may leave for these orders: they were changed after approval and wait for"
                    " a decision.\n%s",
                    "\n".join(reasons),
                )
            )
