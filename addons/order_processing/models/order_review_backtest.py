from odoo import api, fields, models
from odoo.exceptions import AccessError

UNFINISHED = ("queued", "running")


class OrderReviewBacktest(models.Model):
    """A trial: chosen rules applied to past orders, each judged by what was known when it came in.

    Made by ``order.review.rule.backtest()`` and worked on in the background. Nothing but the trial itself is
    written: no finding, no mark on a rule, nothing of what is usual.
    """

    _name = "order.review.backtest"
    _description = "Trial of Review Rules"
    _inherit = "order.review.backtest.figures"
    _order = "id desc"

    name = fields.Char("Trial", compute="_compute_name")
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", index=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(
        "res.users", "Asked by", default=lambda self: self.env.user, readonly=True, ondelete="set null"
    )
    days = fields.Integer(required=True, readonly=True, aggregator=None)
    date_from = fields.Datetime("From", required=True, readonly=True)
    date_to = fields.Datetime("Until", required=True, readonly=True)
    state = fields.Selection(
        [
            ("queued", "Waiting"),
            ("running", "Running"),
            ("done", "Done"),
            ("failed", "Failed"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="queued",
        readonly=True,
    )
    total_count = fields.Integer("Orders to judge", readonly=True, aggregator=None)
    progress = fields.Float(compute="_compute_progress", aggregator=None)
    started_at = fields.Datetime("Started", readonly=True)
    finished_at = fields.Datetime("Finished", readonly=True)
    failure = fields.Char("What went wrong", readonly=True)
    cursor_moment = fields.Datetime(readonly=True, groups="base.group_system", help="Judged up to here.")
    cursor_order = fields.Integer(readonly=True, groups="base.group_system", aggregator=None)
    line_ids = fields.One2many("order.review.backtest.line", "backtest_id", "Rules", readonly=True)
    hit_ids = fields.One2many("order.review.backtest.hit", "backtest_id", "Orders found", readonly=True)
    summary = fields.Text("Result", compute="_compute_summary")

    _unfinished = models.Index("(id) WHERE state IN ('queued', 'running')")

    @api.depends("line_ids.name", "days")
    @api.depends_context("lang")
    def _compute_name(self):
        for trial in self:
            names = trial.line_ids.mapped("name")
            rules = names[0] if names else "–"
            if len(names) > 1:
                rules = self.env._("%(rule)s and %(more)s more", rule=rules, more=len(names) - 1)
            trial.name = self.env._("%(rules)s, last %(days)s days", rules=rules, days=trial.days)

    @api.depends("judged_count", "total_count", "state")
    def _compute_progress(self):
        for trial in self:
            done = 100.0 * trial.judged_count / trial.total_count if trial.total_count else 0.0
            trial.progress = 100.0 if trial.state == "done" else min(done, 100.0)

    @api.depends("judged_count", "found_count", "wrong_count", "all_wrong_count", "line_ids.severity")
    @api.depends_context("lang")
    def _compute_summary(self):
        for trial in self:
            trial.summary = trial._figures_in_words(trial.line_ids.mapped("severity"))

    # ---------------------------------------------------------------- buttons
    def action_cancel(self):
        """Stop; what has been judged so far stays readable."""
        self._check_may_try()
        self.check_access("read")
        # sudo: trials are written by the system only; the role has been checked
        self.sudo().filtered(lambda trial: trial.state in UNFINISHED).write(
            {"state": "cancelled", "finished_at": fields.Datetime.now()}
        )
        return True

    def action_view_hits(self):
        """List the orders found, to filter and group."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "order_processing.order_review_backtest_hit_action"
        )
        return {**action, "domain": [("backtest_id", "in", self.ids)], "context": {}}

    @api.model
    def _check_may_try(self):
        if not self.env.su and not self.env.user.has_group("sales_team.group_sale_manager"):
            raise AccessError(self.env._("Only sales managers try rules on past orders. Ask one of them."))
