import logging

from odoo import api, fields, models

from .inside import Swap
from .order_allocation_run import CONCURRENCY
from .stock_move_hold import SWAPPED

_logger = logging.getLogger(__name__)
BATCH = 100


class SaleOrder(models.Model):
    """Holds that are over: freed when their time is, swapped where that could not be done at once."""

    _inherit = "sale.order"

    @api.model
    def _wake_hold_clock(self):
        # sudo: whoever confirms an order need not know of scheduled actions
        cron = self.env.ref("order_processing.ir_cron_release_holds", raise_if_not_found=False)
        if cron:
            cron.sudo()._trigger()

    @api.model
    def _cron_release_holds(self):
        """Go through the holds that are over, in batches of a transaction each.

        Killed at any moment, what is done is done; the rest comes with the next run. Where a batch fails, the
        one hold that does is closed in on, and left.
        """
        todo = self.env["stock.move"].search(self._holds_over_domain(), order="id").ids
        queue = [todo[start : start + BATCH] for start in range(0, len(todo), BATCH)]
        while queue:
            batch = queue.pop(0)
            try:
                self.env["stock.move"].browse(batch).exists()._end_holds_over()
                self.env.cr.flush()
            except CONCURRENCY:
                self.env.cr.rollback()  # somebody else is at them: next minute
            except Exception:
                self.env.cr.rollback()
                if len(batch) > 1:
                    middle = len(batch) // 2
                    queue[:0] = [batch[:middle], batch[middle:]]
                    continue
                _logger.exception("Releasing held stock failed: stock move %s", batch[0])
            if not self.env["ir.cron"]._commit_progress(len(batch), remaining=sum(map(len, queue))):
                return
        self._forget_empty_holds()

    @api.model
    def _forget_empty_holds(self):
        """Of what was to be held nothing is left on these quotations."""
        orders = self.search([("hold_until", "<=", fields.Datetime.now())], limit=BATCH)
        orders.filtered(lambda order: not order.order_line.hold_move_ids).write({"hold_until": False})

    @api.model
    def _holds_over_domain(self):
        """Return the holds whose time is over, or whose order is not held any more for another reason."""
        return [
            ("hold_until", "!=", False),
            *("|", "|", "|"),
            ("hold_until", "<=", fields.Datetime.now()),
            ("hold_line_id", "=", False),
            ("hold_line_id.order_id.hold_until", "=", False),
            ("hold_line_id.order_id.state", "not in", ("draft", "sent")),
        ]


class StockMove(models.Model):
    _inherit = "stock.move"

    def _end_holds_over(self):
        """End these holds; those of a confirmed order pass their goods to its moves."""
        ours = self._lock_holds()
        confirmed = ours.filtered(lambda hold: hold.hold_line_id.state == "sale")
        orders = (ours - confirmed).hold_line_id.order_id
        if confirmed:
            moves = confirmed.hold_line_id.move_ids
            moves.with_context(**{SWAPPED: Swap(confirmed.ids)})._take_from_holds()
        ours._release_holds()
        over = orders.filtered(lambda order: order.hold_until and not order._is_holding())
        over._log_hold("hold_expired")
        over.write({"hold_until": False})
        # A hold that was changed while somebody else was at it.
        (orders - over)._holding_orders()._sync_holds()
