import logging

from odoo import api, models
from odoo.tools import SQL

from .order_allocation_run import CONCURRENCY
from .promise_facts import OPEN_STATES

_logger = logging.getLogger(__name__)
# Orders in one step: a fraction of a second.
AT_ONCE = 500


class SaleOrder(models.Model):
    """As time passes orders get older and promises nearer: their priorities follow."""

    _inherit = "sale.order"

    @api.model
    def _wake_priority_clock(self):
        # sudo: whoever changes an order need not know of scheduled actions
        cron = self.env.ref("order_processing.ir_cron_reprioritise", raise_if_not_found=False)
        if cron:
            cron.sudo()._trigger()

    @api.model
    def _cron_reprioritise(self):
        """Go through what is open, or was, in steps of a transaction each.

        Killed at any moment, what is done is done. Rows that somebody is writing are left out, and a step
        that meets somebody else's change is given up: the next run finds them. It begins somewhere else
        each time, so that no order is always the last.
        """
        queue = self._priority_queue()
        while queue:
            batch, queue = queue[:AT_ONCE], queue[AT_ONCE:]
            try:
                self._reprioritise(self.browse(batch))
            except CONCURRENCY:
                self.env.cr.rollback()
            except Exception:
                self.env.cr.rollback()
                _logger.exception("Priorities not worked out of sale orders %s to %s", batch[0], batch[-1])
            if not self.env["ir.cron"]._commit_progress(len(batch), remaining=len(queue)):
                return

    @api.model
    def _priority_queue(self):
        """Return the ids of the orders that are open, and of those that still have a score."""
        self.env["stock.move"].flush_model(["state", "sale_line_id"])
        rows = self.env.execute_query(
            SQL(
                """SELECT sl.order_id FROM stock_move m JOIN sale_order_line sl ON sl.id = m.sale_line_id
                     JOIN sale_order o ON o.id = sl.order_id
                    WHERE (m.state = ANY(%s) AND o.company_id = ANY(%s)) OR m.priority_score > 0
                    UNION SELECT id FROM sale_order WHERE priority_score > 0
                    ORDER BY 1""",
                list(OPEN_STATES),
                self.env["res.company"]._scoring_ids(),
            )
        )
        ids = [id_ for (id_,) in rows]
        start = int(self.env.cr.now().timestamp()) * AT_ONCE % max(len(ids), 1)
        return ids[start:] + ids[:start]
