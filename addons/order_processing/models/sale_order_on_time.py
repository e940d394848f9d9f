from odoo import api, fields, models

OUTCOMES = [("kept", "On time"), ("broken", "Late"), ("open", "Under way")]


class SaleOrder(models.Model):
    """Whether the customer got his goods when we first said so."""

    _inherit = "sale.order"

    promise_kept = fields.Selection(
        OUTCOMES,
        string="On time",
        compute="_compute_promise_kept",
        store=True,
        groups="base.group_user",
        help="All goods, by the date that was promised first, whatever it was moved to since. What counts is"
        " the day the last parcel was delivered; where no carrier tells it, the day the last goods left.",
    )

    @api.depends("first_promise_date", "fulfilment", "state", "shipment_ids.delivered_at")
    def _compute_promise_kept(self):
        for order in self:
            order.promise_kept = order._promise_outcome()

    def _promise_outcome(self):
        if not self.first_promise_date or self.state == "cancel":
            return False
        arrived = self._arrived_at()
        if not arrived:
            return "open"
        return "broken" if self._local_day(arrived) > self._local_day(self.first_promise_date) else "kept"

    def _arrived_at(self):
        """Return when the last of the goods was there, as far as we know; None while some are still here."""
        if self.fulfilment != "full":
            return None
        told = self.shipment_ids.filtered(lambda parcel: parcel.status != "cancelled").mapped("delivered_at")
        if told and all(told):
            return max(told)
        left = self.order_line.move_ids.filtered(
            lambda move: move.state == "done" and move.location_dest_id._is_at_customer()
        )
        return max(left.mapped("date"), default=None)
