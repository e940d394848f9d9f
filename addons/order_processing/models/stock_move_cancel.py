from odoo import models


class StockMove(models.Model):
    """What cancelling an order asks of its moves."""

    _inherit = "stock.move"

    def _is_towards_customer(self):
        """The move brings goods nearer to a customer, by the delivery itself or a step before it."""
        if self.location_id._is_at_customer():
            return False
        ends = self.location_final_id | self.location_dest_id | self.move_dest_ids.location_dest_id
        return any(location._is_at_customer() for location in ends)

    def _progress(self):
        """Return how far the goods are: ``done`` (with the customer), ``picked`` (still here) or ``open``.

        False for a step that is behind them: what was picked and has left since.
        """
        if self.state != "done":
            return "picked" if self.picked else "open"
        if self.location_dest_id._is_at_customer():
            return "done"
        following = self.move_dest_ids.filtered(lambda move: move.state != "cancel")
        return False if following and all(move.state == "done" for move in following) else "picked"

    def _left_to_return(self):
        """Return what of a done move is neither back nor on its way back, in the move's unit."""
        returned = self.returned_move_ids.filtered(lambda move: move.state != "cancel")
        back = sum(
            move.product_uom._compute_quantity(
                move.quantity if move.state == "done" else move.product_uom_qty, self.product_uom
            )
            for move in returned
        )
        return max(self.product_uom.round(self.quantity - back), 0.0)
