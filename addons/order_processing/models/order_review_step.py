import pytz

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import formatLang
from odoo.tools.translate import LazyTranslate

from ..engine.review import covers
from ..engine.reviewers import Load

_lt = LazyTranslate(__name__)

STEP_STATES = [
    ("waiting", "Comes later"),
    ("open", "To decide"),
    ("paused", "Waits for an answer"),
    ("approved", "Approved"),
    ("refused", "Refused"),
    ("gone", "Not needed any more"),
]
UNDECIDED = ("waiting", "open", "paused")
# Why somebody was asked to decide. Ids of users in the figures become names when somebody reads.
ASSIGNED_BECAUSE = {
    "least_loaded": _lt("fewest open reviews of the %(people)s who may decide (%(open)s before this one)"),
    "only_one": _lt("the only one here who may decide on it"),
    "stands_in": _lt("stands in for %(absent)s"),
    "manager_empty": _lt("nobody is named here who has the role Reviewer: it goes to the manager"),
    "manager_barred": _lt(
        "nobody else may decide here, having made the order, raised its risk or approved it already: it goes"
        " to the manager"
    ),
    "manager_absent": _lt("everybody here is away: it goes to the manager"),
    "nobody_empty": _lt(
        "nobody is named here who has the role Reviewer, and there is no manager to go to. Name somebody in"
        " the stage, or in the settings"
    ),
    "nobody_barred": _lt(
        "everybody who could decide has made the order, raised its risk or approved it already, and there is"
        " no manager to go to. Give a colleague the role Reviewer, or name somebody in the settings"
    ),
    "nobody_absent": _lt("everybody who could decide is away, and nobody stands in"),
    "escalated": _lt("it was not decided in time"),
    "taken_over": _lt("has taken it over"),
}
HERE_BECAUSE = {
    "findings": _lt("something was found on it"),
    "amount": _lt("the total of %(amount)s is %(limit)s or more"),
    "new_customer": _lt("the customer has never had an order confirmed"),
    "team": _lt("every held order of the sales team comes here"),
    "all": _lt("every held order comes here"),
}


class OrderReviewStep(models.Model):
    """One order at one stage: who decides, since when, by when, and what came of it.

    Rows are never reused: an order that is held again gets new ones, and the old ones tell how long
    everything took.
    """

    _name = "order.review.step"
    _description = "Order at a Review Stage"
    _order = "order_id, sequence, id"
    _rec_name = "stage_id"

    order_id = fields.Many2one("sale.order", required=True, ondelete="cascade", index=True, readonly=True)
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)
    stage_id = fields.Many2one(
        "order.review.stage", "Review stage", ondelete="restrict", index="btree_not_null", readonly=True
    )
    sequence = fields.Integer(readonly=True, help="Its place on the way of the order.", aggregator=None)
    state = fields.Selection(STEP_STATES, required=True, default="waiting", readonly=True)
    is_current = fields.Boolean(
        default=True, readonly=True, help="Of the review that runs now; not of an earlier one of this order."
    )
    is_by_condition = fields.Boolean(
        readonly=True, help="The stage decides also when each finding has been let pass."
    )
    reasons = fields.Json(readonly=True, help="Why the order comes here: codes and figures.")
    approvals_needed = fields.Integer(readonly=True, default=1, aggregator=None)
    approvals_given = fields.Integer(readonly=True, aggregator=None)
    reviewer_id = fields.Many2one("res.users", readonly=True, ondelete="set null")
    assign_code = fields.Char(readonly=True)
    assign_figures = fields.Json(readonly=True)
    assigned_at = fields.Datetime(readonly=True)
    opened_at = fields.Datetime("Came here", readonly=True)
    deadline = fields.Datetime(readonly=True)
    remind_at = fields.Datetime(readonly=True)
    escalated_at = fields.Datetime(readonly=True)
    closed_at = fields.Datetime("Decided", readonly=True)
    waited_hours = fields.Float(
        "Working hours waited",
        readonly=True,
        aggregator="avg",
        help="From when it came here until it was decided.",
    )
    is_late = fields.Boolean("Decided late", readonly=True, aggregator="sum")
    decision_ids = fields.One2many("order.review.decision", "step_id", string="Decisions", readonly=True)
    approved_terms = fields.Json(readonly=True, groups="base.group_system", help="What was approved here.")
    approved_sizes = fields.Json(readonly=True, groups="base.group_system", help="Which findings, how big.")
    assigned_because = fields.Char(compute="_compute_words", compute_sudo=True)
    here_because = fields.Char(compute="_compute_words", compute_sudo=True)

    _one_current = models.UniqueIndex(
        "(order_id, COALESCE(stage_id, 0)) WHERE is_current AND state <> 'gone'",
        "An order is at a stage once.",
    )
    _open_of_reviewer = models.Index("(reviewer_id) WHERE state = 'open'")
    _last_of_reviewer = models.Index("(reviewer_id, assigned_at DESC) WHERE reviewer_id IS NOT NULL")
    _remind_due = models.Index("(remind_at) WHERE state = 'open' AND remind_at IS NOT NULL")
    _escalation_due = models.Index("(deadline) WHERE state = 'open' AND escalated_at IS NULL")

    # ---------------------------------------------------------------- in words
    @api.depends("assign_code", "assign_figures", "reasons")
    @api.depends_context("lang")
    def _compute_words(self):
        for step in self:
            step.assigned_because = step._assign_words()
            step.here_because = "; ".join(step._reason_words(*reason) for reason in step.reasons or ())

    def _assign_words(self):
        figures = dict(self.assign_figures or {})
        for key in ("absent", "before"):
            if key in figures:
                figures[key] = self.env["res.users"].browse(figures[key]).exists().name or "–"
        return self._because(self.assign_code, figures)

    @api.model
    def _because(self, code, figures):
        """Say why somebody, or nobody, was asked to decide."""
        template = self.env._(ASSIGNED_BECAUSE[code]) if code in ASSIGNED_BECAUSE else ""
        return template and template % figures

    def _reason_words(self, code, figures):
        currency = self.order_id.company_id.currency_id
        words = {key: formatLang(self.env, value, currency_obj=currency) for key, value in figures.items()}
        template = self.env._(HERE_BECAUSE[code])
        return template % words

    # ---------------------------------------------------------------- how much everybody has to do
    @api.model
    def _load_of(self, user_ids):
        """Return the :class:`Load` of these reviewers: two look-ups by index for each, in one query."""
        self.flush_model(["reviewer_id", "state", "assigned_at"])
        query = SQL(
            """
            SELECT u.id,
                   (SELECT count(*) FROM order_review_step s WHERE s.reviewer_id = u.id AND s.state = 'open'),
                   (SELECT s.assigned_at FROM order_review_step s WHERE s.reviewer_id = u.id
                     AND s.assigned_at IS NOT NULL ORDER BY s.assigned_at DESC LIMIT 1)
              FROM unnest(%s) u(id)
            """,
            sorted(user_ids),
        )
        rows = self.env.execute_query(query) if user_ids else []
        return Load(
            open={user_id: count for user_id, count, _last in rows},
            last={user_id: last for user_id, _count, last in rows if last},
        )

    # ---------------------------------------------------------------- does an approval still hold?
    def _still_covers(self, findings):
        """Tell whether what was approved here, if anything was, covers the order as it is now with these
        findings. Where several have to approve, the first approval says what they approve.
        """
        if not self.approved_terms:
            return self.state != "approved"
        if self.order_id._deviations_from(self.approved_terms):
            return False
        approved = self.approved_sizes or {}
        return all(
            (key := str(finding._rule_key())) in approved and covers(approved[key], finding.sizes or {})
            for finding in findings
        )

    def _note_approval(self):
        """Somebody approves the order as it is now, with what is open on it here."""
        for step in self:
            findings = step.order_id._findings_at(step.stage_id)
            step.write(
                {
                    "approved_terms": step.order_id._terms().to_json(),
                    "approved_sizes": {str(f._rule_key()): f.sizes or {} for f in findings},
                    # Two who approve at the same moment write to the same row: the second starts over.
                    "approvals_given": step.approvals_given + 1,
                }
            )
        complete = self.filtered(lambda step: step.approvals_given >= step.approvals_needed)
        complete._close("approved")
        complete.order_id._forget_review_activities()

    def _approvers(self):
        return self.decision_ids.filtered(lambda decision: decision.decision == "approved").user_id

    # ---------------------------------------------------------------- time
    def _working_hours(self):
        """Return the calendar that counts here: the stage's, else the company's."""
        return self.stage_id.calendar_id or self.company_id.resource_calendar_id

    def _close(self, state):
        """Note that these steps are over, and how long the open ones took."""
        now = fields.Datetime.now()
        waited = self._hours_waited(now)
        for step in self:
            vals = {"state": state, "closed_at": now, "remind_at": False}
            if step.opened_at:
                vals["waited_hours"] = waited[step.id]
                vals["is_late"] = bool(step.deadline and now > step.deadline)
            step.write(vals)

    def _hours_waited(self, now):
        """Return ``{step id: working hours}`` since each was opened; each calendar is asked once."""
        hours, end = {}, pytz.utc.localize(now)
        for calendar, steps in self.filtered("opened_at").grouped(lambda s: s._working_hours()).items():
            start = pytz.utc.localize(min(steps.mapped("opened_at")))
            worked = calendar._work_intervals_batch(start, end)[False] if calendar else [(start, end)]
            for step in steps:
                opened = pytz.utc.localize(step.opened_at)
                spans = (last - max(first, opened) for first, last, *_meta in worked if last > opened)
                hours[step.id] = sum(span.total_seconds() for span in spans) / 3600
        return hours
