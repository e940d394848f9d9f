from odoo import models


class StockPicking(models.Model):
    """Sending what is there, the rest later."""

    _inherit = "stock.picking"

    def _split_off_what_is_missing(self):
        """Put what is not set aside into a transfer of its own; return it, if there is any."""
        moves = self.move_ids.filtered(lambda move: move.state not in ("done", "cancel"))
        there = moves.filtered(lambda move: move.state in ("assigned", "partially_available"))
        there -= moves._of_incomplete_kits()
        partly = there.filtered(lambda move: move.state == "partially_available")
        waiting = moves - there
        if not there or not (partly or waiting):
            return self.browse()
        rest = self._create_backorder_picking()
        waiting.write({"picking_id": rest.id})
        waiting.move_line_ids.write({"picking_id": rest.id})  # what is there of a kit waits with the rest
        for move in partly:
            missing = move.product_qty - sum(move.move_line_ids.mapped("quantity_product_uom"))
            move._split_off(missing).write({"picking_id": rest.id})
        rest.move_ids.filtered(lambda move: move.state == "draft")._action_confirm(merge=False)
        return rest


class StockMove(models.Model):
    _inherit = "stock.move"

    def _of_incomplete_kits(self):
        """Return the moves of order lines that need several products of which not all are there."""
        kits = self.filtered(
            lambda move: move.sale_line_id and move.product_id != move.sale_line_id.product_id
        )
        incomplete = kits.filtered(lambda move: move.state != "assigned").sale_line_id
        return self.filtered(lambda move: move.sale_line_id in incomplete)

    def _split_off(self, quantity):
        """Return a move for so much of this one, in the product's unit; this one itself when it is all."""
        if self.product_id.uom_id.compare(quantity, self.product_qty) >= 0:
            return self
        return self.create(self._split(quantity))
