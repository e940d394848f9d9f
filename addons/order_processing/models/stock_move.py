from odoo import api, models
from odoo.exceptions import UserError

GUARDED_FIELDS = frozenset(
    {
        "reservation_pending",
        "reservation_asked",
        "released_by_hand",
        "reservation_code",
        "reservation_figures",
        "hold_line_id",
        "hold_until",
    }
)


class StockMove(models.Model):
    _name = "stock.move"
    _inherit = ["stock.move", "order.guarded"]

    def _is_short(self):
        """Reservation was tried and there was not enough.

        A move that waits for another one is not short itself; one whose operation type reserves
        later, or by hand, has not been tried yet; nor has one the allocator has not come to.
        """
        if self.reservation_pending:
            return False
        if self.state == "partially_available":
            return True
        return self.state == "confirmed" and self.picking_type_id.reservation_method == "at_confirm"

    @api.model
    def _guarded_fields(self):
        # Whoever could mark a rival's move as released would drop it from the queue.
        return super()._guarded_fields() | GUARDED_FIELDS

    # ---------------------------------------------------------------- hold while review is open again
    def write(self, vals):
        if "sale_line_id" in vals:
            # Tied to another order, or to none, a move would get away from the hold.
            self.filtered(lambda move: move.sudo().sale_line_id.id != vals["sale_line_id"])._check_not_held()
        return super().write(vals)

    def _held_orders(self):
        """Return the orders for which nothing may leave: under review again, or not confirmed any more."""
        moves = self.sudo()  # sudo: warehouse people need not see orders to be told that one is held
        orders = moves.sale_line_id.order_id
        held = orders.filtered(lambda order: order._is_on_review_hold())
        unconfirmed = orders.filtered(
            lambda order: order.state != "sale" and order.company_id.review_mode == "enforce"
        )
        if unconfirmed:
            leaving = moves.filtered(lambda move: move._is_leaving())
            held |= leaving.sale_line_id.order_id & unconfirmed
        return held

    def _is_leaving(self):
        """On its way to a customer: not a return, and not parts that a repair takes."""
        target = self.location_final_id or self.location_dest_id
        return target._is_at_customer() and not self.location_id._is_at_customer()

    def _action_assign(self, force_qty=False):
        held = self._held_orders()
        moves = self.filtered(lambda move: move.sudo().sale_line_id.order_id not in held) if held else self
        return super(StockMove, moves)._action_assign(force_qty=force_qty)

    def _action_done(self, cancel_backorder=False):
        self.filtered(lambda move: not move.location_id._is_at_customer())._check_not_held()
        return super()._action_done(cancel_backorder=cancel_backorder)

    def _check_not_held(self):
        if held := self._held_orders():
            reasons = [
                f"{order.name}: {order.review_hold_reason or self.env._('it is not confirmed')}"
                for order in held
            ]
            raise UserError(
                self.env._(
                    "Nothing may leave for these orders: they were changed after approval and wait for"
                    " a decision, or are not confirmed any more.\n%s",
                    "\n".join(reasons),
                )
            )
