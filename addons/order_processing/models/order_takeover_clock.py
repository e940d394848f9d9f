import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from .order_allocation_run import CONCURRENCY
from .order_takeover import BusyError
from .stock_move_assign import BY_RANK
from .takeover_facts import TakeoverFacts

_logger = logging.getLogger(__name__)
# When all urgent orders were last looked at, whether or not something was noted of them.
SWEPT = "order_processing.takeover_swept_at"


class OrderTakeover(models.Model):
    """Taking over by itself, where the company wants that."""

    _inherit = "order.takeover"

    @api.model
    def _cron_take_over(self):
        """Let urgent orders that came out short take over what they may, each in its own transaction."""
        Order = self.env["sale.order"]
        self._note_who_is_short()
        todo = Order.search([("takeover_due", "=", True)], order="allocation_rank, id").ids
        while todo:
            order, todo = Order.browse(todo[0]), todo[1:]
            try:
                self._take_by_itself(order)
                self.env.cr.flush()
            except (BusyError, *CONCURRENCY):
                self.env.cr.rollback()  # somebody is at the goods: next minute
            except Exception:
                self.env.cr.rollback()
                _logger.exception("Taking over for the order %s failed", order.id)
            if not self.env["ir.cron"]._commit_progress(1, remaining=len(todo)):
                return

    @api.model
    def _note_who_is_short(self):
        """Once an hour, find the urgent orders that have come to lack something since they were looked at."""
        parameters = self.env["ir.config_parameter"]
        now = fields.Datetime.now()
        last = fields.Datetime.to_datetime(parameters.get_param(SWEPT) or False)
        if last and now - timedelta(hours=1) < last <= now:
            return
        parameters.set_param(SWEPT, fields.Datetime.to_string(now))
        self.env["sale.order"].search(self._may_be_short_domain()).takeover_due = True

    @api.model
    def _may_be_short_domain(self):
        return (
            Domain("urgency", "=", "urgent")
            & Domain("state", "=", "sale")
            & Domain("reservation_state", "in", ("none", "partial"))
            & Domain("fulfilment", "!=", "full")
            & Domain("takeover_due", "=", False)
            & Domain("company_id.takeover_policy", "=", "automatic")
            & Domain("company_id.reservation_mode", "in", BY_RANK)
        )

    @api.model
    def _take_by_itself(self, order):
        if any(order.order_line.move_ids.mapped("reservation_pending")):
            return  # the allocator has not come to it yet
        if order._is_on_review_hold():
            return  # when it goes on, it is seen to
        order.takeover_due = False
        if not order._is_short_and_urgent() or order.company_id.takeover_policy != "automatic":
            return
        if self.search_count([("winner_order_id", "=", order.id), ("state", "=", "undone")], limit=1):
            return  # somebody has given it back: that is not undone by a machine
        limit = order.company_id.takeover_value_limit
        if limit and self._value_of(order) > limit:
            if "takeover_too_dear" not in order._events().mapped("kind"):  # said once is enough
                self.env["order.event"]._log(order, "takeover_too_dear")
            return
        self._take(order, automatic=True)

    @api.model
    def _value_of(self, order):
        facts = TakeoverFacts(order)
        return sum(loss["value"] for loss in facts.losses(facts.decide()))
