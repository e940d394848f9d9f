from odoo import models

from .inside import PLANNING
from .stock_picking_dispatch import MARK


class StockPicking(models.Model):
    """Where departures are planned, Odoo's own batches do not get in their way."""

    _inherit = "stock.picking"

    def _is_planned_for_departures(self):
        # sudo: a setting of the company
        return self.sudo().company_id._plans_dispatch() and any(move._is_leaving() for move in self.move_ids)

    def _find_auto_batch(self):
        if self._is_planned_for_departures():
            return False
        return super()._find_auto_batch()

    def action_confirm(self):
        """A wave that is released begins with transfers that are open already."""
        if self.env.context.get(MARK) is PLANNING:
            # Odoo has the reordering rules of all their goods looked at once more.
            return super(StockPicking, self.filtered(lambda one: one.state == "draft")).action_confirm()
        return super().action_confirm()

    def assign_batch_user(self, user_id):
        """Nobody is told of each transfer the plan puts into his wave."""
        if self.env.context.get(MARK) is PLANNING:
            return None
        return super().assign_batch_user(user_id)


class StockMoveLine(models.Model):
    _inherit = "stock.move.line"

    def _auto_wave(self):
        planned = self.picking_id.filtered(lambda picking: picking._is_planned_for_departures())
        others = self.filtered(lambda line: line.picking_id not in planned)
        return super(StockMoveLine, others)._auto_wave()
