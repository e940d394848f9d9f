from datetime import timedelta

from odoo import api, fields, models

from .inside import PLANNING
from .stock_picking_dispatch import MARK

NOTED = "order_processing.dispatch_noted"
# Orders come in crowds: so long others may follow before it is planned. Urgent ones do not wait.
GATHER = timedelta(seconds=20)
PLANNED_BY = frozenset({"partner_id", "carrier_id", "scheduled_date", "priority", "batch_id"})
ORDER_FIELDS = frozenset({"urgency", "requested_date", "commitment_date", "promise_date", "review_state"})


class StockPicking(models.Model):
    """The plan is made again soon after something has changed that it rests on."""

    _inherit = "stock.picking"

    def _compute_field_value(self, field):
        result = super()._compute_field_value(field)
        if field.name == "state":
            self._note_dispatch_of_planned()
        return result

    def write(self, vals):
        result = super().write(vals)
        if PLANNED_BY & vals.keys():
            self._note_dispatch_of_planned(urgent=vals.get("priority") == "1")
        return result

    def _note_dispatch_of_planned(self, urgent=False):
        if self.env.context.get(MARK) is PLANNING:
            return
        # sudo: a setting of the company
        if any(company._plans_dispatch() for company in self.sudo().company_id):
            self._note_dispatch(urgent)

    @api.model
    def _note_dispatch(self, urgent=False):
        """Have the plan made when this transaction is committed; noted once, however much changes."""
        data = self.env.cr.precommit.data
        if NOTED not in data:
            data[NOTED] = False
            self.env.cr.precommit.add(self._wake_dispatch)
        data[NOTED] |= urgent

    @api.model
    def _wake_dispatch(self):
        urgent = self.env.cr.precommit.data.pop(NOTED, None)
        cron = self.env.ref("order_processing.ir_cron_plan_dispatch", raise_if_not_found=False)
        if urgent is None or not cron:
            return
        now = fields.Datetime.now()
        cron.sudo()._trigger(now if urgent else now + GATHER)  # sudo: nobody has to know of scheduled actions


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def write(self, vals):
        result = super().write(vals)
        if ORDER_FIELDS & vals.keys():
            planned = self.sudo().filtered(  # sudo: a setting of the company
                lambda order: order.state == "sale" and order.company_id._plans_dispatch()
            )
            if planned:
                self.env["stock.picking"]._note_dispatch(vals.get("urgency") == "urgent")
        return result
