from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class OrderReviewWaive(models.TransientModel):
    """Asks why findings may pass, and until when."""

    _name = "order.review.waive"
    _description = "Waive Findings"

    finding_ids = fields.Many2many(
        "order.review.finding", required=True, readonly=True, default=lambda self: self._default_finding_ids()
    )
    shown = fields.Json(readonly=True, default=lambda self: self._default_shown())
    reason = fields.Text()
    until = fields.Date(help="After this day it counts again. Empty: for as long as it gets no worse.")

    def _default_finding_ids(self):
        if self.env.context.get("active_model") == "order.review.finding":
            return [Command.set(self.env.context.get("active_ids", []))]
        return []

    def _default_shown(self):
        ids = self.env.context.get("default_finding_ids")
        if not ids and self.env.context.get("active_model") == "order.review.finding":
            ids = self.env.context.get("active_ids")
        return self._as_shown(self.env["order.review.finding"].browse(ids or []))

    @staticmethod
    def _as_shown(findings):
        return sorted([finding.id, finding.code, finding.facts] for finding in findings)

    def action_waive(self):
        self.ensure_one()
        if self.shown and self.shown != self._as_shown(self.finding_ids):
            raise UserError(
                self.env._("The order was changed while you were deciding. Close this and look at it again.")
            )
        close = {"type": "ir.actions.act_window_close"}
        report = self.finding_ids.action_waive(self.reason, self.until)
        if report is True:
            return close
        report["params"]["next"] = close  # something still holds an order: say so, then close
        return report
