from odoo import models


class StockMove(models.Model):
    """A promised delivery keeps its deadline when what it waits for comes on another day.

    Odoo passes a new deadline on along the chain, so that a delivery that is late never looks late. Where
    dates are promised, the promise says what is late: a receipt does not move it.
    """

    _inherit = "stock.move"

    def _set_date_deadline(self, new_deadline):
        if self._promised_deliveries():  # the order's own date moves: its steps go with it
            return super()._set_date_deadline(new_deadline)
        kept = (self.move_dest_ids | self.move_orig_ids)._promised_deliveries()
        if not kept:
            return super()._set_date_deadline(new_deadline)
        # Odoo's own mark for moves that have been seen to.
        seen = self.env.context.get("date_deadline_propagate_ids", set()) | set(kept.ids)
        marked = self.with_context(date_deadline_propagate_ids=seen)
        return super(StockMove, marked)._set_date_deadline(new_deadline)

    def _promised_deliveries(self):
        """Return those of these moves that bring goods to a customer of a company that promises dates."""
        # sudo: company settings, and whose order it is
        return (
            self.sudo()
            .filtered(
                lambda move: move.sale_line_id and move.company_id._promises() and move._is_towards_customer()
            )
            .with_env(self.env)
        )
