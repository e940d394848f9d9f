from odoo import api, fields, models
from odoo.fields import Command


class OrderReviewDecide(models.TransientModel):
    """Asks for the reason of a decision on one order or on many."""

    _name = "order.review.decide"
    _description = "Decide on Orders"

    order_ids = fields.Many2many("sale.order", required=True)
    decision = fields.Selection(
        [("approve", "Approve"), ("refuse", "Refuse"), ("request_change", "Ask for a change")],
        required=True,
        default="approve",
    )
    reason = fields.Text()
    findings = fields.Text(compute="_compute_findings")

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        if "order_ids" in fields and self.env.context.get("active_model") == "sale.order":
            values["order_ids"] = [Command.set(self.env.context.get("active_ids", []))]
        return values

    @api.depends("order_ids")
    def _compute_findings(self):
        for wizard in self:
            wizard.findings = "\n".join(
                f"{order.name}: {order.review_hold_reason}"
                for order in wizard.order_ids
                if order.review_hold_reason
            )

    def action_decide(self):
        self.ensure_one()
        close = {"type": "ir.actions.act_window_close"}
        report = getattr(self.order_ids, f"action_review_{self.decision}")(self.reason)
        if report is True:
            return close
        report["params"]["next"] = close  # something was not decided: say so, then close
        return report
