from odoo import api, fields, models
from odoo.tools.misc import formatLang
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

# What cannot be known any more, by what the rule looks at.
JUDGED_BY = {
    "price": _lt("judged by today's price list"),
    "price_below": _lt("judged by today's price list"),
    "pricelist": _lt("judged by the price list the customer and the order have today"),
    "margin": _lt("judged by today's costs"),
    "sellable": _lt("judged by what is sold today"),
    "blocked": _lt("judged by who is blocked today"),
    "address": _lt("judged by today's address"),
    "address_detail": _lt("judged by today's address"),
    "contact": _lt("judged by today's phone numbers and e-mail addresses"),
    "remote_area": _lt("judged by today's address and remote areas"),
    "credit_limit": _lt("judged by today's credit limit, and what was owed then"),
    "domain": _lt("judged by what the order's fields say today"),
    "expression": _lt("judged by what the order's fields say today"),
}
# The figures each kind of rule goes by.
LIMITS = {
    "threshold": _lt("limit %s"),
    "factor": _lt("%s times the usual"),
    "min_history": _lt("minimum history %s"),
    "period_days": _lt("%s days"),
}
LIMITS_OF = {
    "margin": ("threshold",),
    "price_below": ("threshold",),
    "amount_high": ("threshold",),
    "new_customer": ("threshold",),
    "duplicate": ("period_days",),
    "quantity_unusual": ("threshold", "factor", "min_history"),
    "amount_unusual": ("threshold", "factor", "min_history"),
    "velocity": ("threshold", "factor", "min_history", "period_days"),
    "price_paid": ("threshold",),
}


class OrderReviewBacktestLine(models.Model):
    """What a trial says of one rule, kept beside the rule with the limits it was run with."""

    _name = "order.review.backtest.line"
    _description = "Trial of a Review Rule"
    _inherit = "order.review.backtest.figures"
    # Trials come newest first; the rules of one in their own order.
    _order = "backtest_id, id"

    backtest_id = fields.Many2one(
        "order.review.backtest", "Trial", required=True, ondelete="cascade", index=True, readonly=True
    )
    company_id = fields.Many2one(related="backtest_id.company_id", store=True, index=True)
    rule_id = fields.Many2one("order.review.rule", ondelete="set null", index="btree_not_null", readonly=True)
    name = fields.Char("Rule then", required=True, readonly=True, help="What the rule was called.")
    severity = fields.Selection(
        [("inform", "Inform"), ("warn", "Warn"), ("hold", "Hold"), ("refuse", "Refuse")],
        required=True,
        readonly=True,
    )
    run_with = fields.Json(readonly=True, groups="base.group_system", help="The rule as it was run.")
    limits = fields.Char("Run with", compute="_compute_limits", compute_sudo=True)
    judged_by = fields.Char("Not known any more", compute="_compute_limits", compute_sudo=True)
    failed_count = fields.Integer("Could not judge", readonly=True, aggregator=None)
    failure = fields.Char("What went wrong", readonly=True)
    days = fields.Integer(related="backtest_id.days")
    state = fields.Selection(related="backtest_id.state")
    user_id = fields.Many2one(related="backtest_id.user_id")
    summary = fields.Text("Result", compute="_compute_summary")

    @api.depends("run_with")
    @api.depends_context("lang")
    def _compute_limits(self):
        for line in self:
            rule = line.run_with or {}
            looks_at = rule.get("check") or rule.get("kind") or ""
            line.limits = line._limits_in_words(rule, LIMITS_OF.get(looks_at, ())) or False
            line.judged_by = self.env._(JUDGED_BY[looks_at]) if looks_at in JUDGED_BY else False

    def _limits_in_words(self, rule, names):
        words = {name: self.env._(LIMITS[name]) for name in names if rule.get(name)}
        return ", ".join(text % self._number(rule[name]) for name, text in words.items())

    def _number(self, value):
        return formatLang(self.env, value, digits=0 if float(value).is_integer() else 2)

    @api.depends("judged_count", "found_count", "wrong_count", "all_wrong_count", "severity")
    @api.depends_context("lang")
    def _compute_summary(self):
        for line in self:
            line.summary = line._figures_in_words([line.severity])

    def action_open_trial(self):
        self.ensure_one()
        return self.backtest_id.get_formview_action()
