from odoo import api, fields, models
from odoo.exceptions import UserError
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
    shown = fields.Json(readonly=True, help="The open findings when the reviewer looked.")
    findings = fields.Text(compute="_compute_findings")

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        if "order_ids" in fields and self.env.context.get("active_model") == "sale.order":
            orders = self.env["sale.order"].browse(self.env.context.get("active_ids", []))
            values["order_ids"] = [Command.set(orders.ids)]
            values["shown"] = self._open_findings(orders)
        return values

    @api.depends("order_ids")
    def _compute_findings(self):
        for wizard in self:
            wizard.findings = "\n".join(
                f"{order.name}: {order.review_hold_reason}"
                for order in wizard.order_ids
                if order.review_hold_reason
            )

    def _open_findings(self, orders):
        open_findings = orders.review_finding_ids.filtered(lambda finding: finding.state == "open")
        return sorted([finding.id, finding.code, finding.facts] for finding in open_findings)

    def action_decide(self):
        self.ensure_one()
        if self.decision == "approve" and self.shown not in (False, self._open_findings(self.order_ids)):
            raise UserError(
                self.env._("The order was changed while you were deciding. Close this and look at it again.")
            )
        close = {"type": "ir.actions.act_window_close"}
        report = getattr(self.order_ids, f"action_review_{self.decision}")(self.reason)
        if report is True:
            return close
        report["params"]["next"] = close  # something was not decided: say so, then close
        return report
