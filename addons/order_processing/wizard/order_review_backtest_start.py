from odoo import fields, models
from odoo.fields import Command


class OrderReviewBacktestStart(models.TransientModel):
    """Asks on how many days the chosen rules are to be tried."""

    _name = "order.review.backtest.start"
    _description = "Try Rules on Past Orders"

    rule_ids = fields.Many2many(
        "order.review.rule",
        string="Rules",
        required=True,
        default=lambda self: self._default_rule_ids(),
        context={"active_test": False},
    )
    days = fields.Integer("Last days", default=90, required=True)

    def _default_rule_ids(self):
        if self.env.context.get("active_model") == "order.review.rule":
            return [Command.set(self.env.context.get("active_ids", []))]
        return []

    def action_start(self):
        """Start the trial and show it; it may be watched, or looked at later."""
        self.ensure_one()
        rules = self.with_context(active_test=False).rule_ids
        return rules.backtest(self.days).get_formview_action()
