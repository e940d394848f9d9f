from psycopg2.errors import SerializationFailure

from odoo import api, fields, models
from odoo.fields import Domain

from ..engine.reviewers import Candidates, pick
from .review_duties import ReviewDuties

# So many orders at a time, each time committed: well under two seconds.
STEP = 20
ACTIVITY = "order_processing.mail_activity_type_review"


class OrderReviewStep(models.Model):
    """What happens by itself as time passes: reminders, escalations, absences, and orders left behind."""

    _inherit = "order.review.step"

    @api.model
    def _cron_clock(self):
        """See to everything that is due, some at a time; stopped at any moment, the rest comes next time."""
        cron = self.env["ir.cron"]
        for due, act in self._due():
            done = set()
            while steps := self._claim(Domain(due) & Domain("id", "not in", sorted(done))):
                done |= set(steps.ids)
                getattr(steps, act)()
                if not cron._commit_progress(len(steps), remaining=1):
                    return
        self._take_in_left_behind()
        cron._commit_progress(remaining=0)

    @api.model
    def _due(self):
        """Return what there is to do: which steps, and the method that sees to them."""
        now = fields.Datetime.now()
        absent = list(self.env["order.review.absence"]._stand_ins())
        is_open = Domain("state", "=", "open")
        reviewers = list(ReviewDuties(self.env["sale.order"]).role_holders)
        left = is_open & Domain("reviewer_id", "!=", False) & Domain("reviewer_id", "not in", reviewers)
        return (
            (left, "_hand_over"),
            (is_open & Domain("reviewer_id", "in", absent), "_hand_over"),
            (is_open & Domain("reviewer_id", "=", False), "_ask_again"),
            (is_open & Domain("remind_at", "<=", now), "_remind"),
            (is_open & Domain("deadline", "<=", now) & Domain("escalated_at", "=", False), "_escalate"),
        )

    @api.model
    def _claim(self, domain):
        """Return some of these steps that nobody else is working on."""
        for _try in range(3):
            try:
                return self.search(domain, limit=STEP, order="id").try_lock_for_update()
            except SerializationFailure:
                # Somebody has decided since this transaction began: look again with fresh eyes. What was
                # done before is committed already.
                self.env.cr.rollback()
                self.env.invalidate_all(flush=False)
        return self.browse()

    # ---------------------------------------------------------------- what is due
    def _hand_over(self):
        """Whoever is asked is away, or no reviewer any more: somebody else decides."""
        before = {step.id: step.reviewer_id for step in self}
        self._assign()
        for step in self.filtered(lambda step: step.reviewer_id != before[step.id]):
            figures = {"before": before[step.id].name, "after": step.reviewer_id.name or "–"}
            self.env["order.event"]._log(step.order_id, "handed_over", figures)

    def _ask_again(self):
        """Nobody could be asked before: maybe there is somebody now."""
        self._assign()
        for step in self.filtered("reviewer_id"):
            figures = {"before": "–", "after": step.reviewer_id.name}
            self.env["order.event"]._log(step.order_id, "taken_over", figures)

    def _remind(self):
        for step in self.filtered("reviewer_id"):
            step._ask_by_activity(self.env._("Decide on this order soon"))
            self.env["order.event"]._log(step.order_id, "reminded", {"reviewer": step.reviewer_id.name})
        self.write({"remind_at": False})

    def _escalate(self):
        """Not decided in time: it goes to the manager; whoever was asked may still decide."""
        self.write({"escalated_at": fields.Datetime.now(), "remind_at": False})
        duties = ReviewDuties(self.order_id)
        load = self._load_of(duties.role_holders)
        for step in self:
            found = duties.candidates(step.order_id, step)
            managers = Candidates(frozenset(), found.managers, found.barred | frozenset(step.reviewer_id.ids))
            assignment = pick(managers, duties.stand_ins, load)
            before = step.reviewer_id
            if assignment.user_id:
                step._take_over(self.env["res.users"].browse(assignment.user_id), "escalated")
            figures = {"before": before.name or "–", "after": step.reviewer_id.name or "–"}
            kind = "escalated" if before != step.reviewer_id else "overdue"
            self.env["order.event"]._log(step.order_id, kind, figures)
            step._ask_by_activity(self.env._("This order was not decided in time"))

    # ---------------------------------------------------------------- telling
    def _ask_by_activity(self, summary):
        """Put the order on the reviewer's list of activities; there is one for each order, not many."""
        if not self.reviewer_id:
            return
        self.order_id.activity_unlink([ACTIVITY])
        self.order_id.activity_schedule(
            ACTIVITY,
            date_deadline=fields.Date.context_today(self, self.deadline or fields.Datetime.now()),
            summary=summary,
            note=self.order_id.review_hold_reason,
            user_id=self.reviewer_id.id,
        )

    def _move_activity(self):
        """The activity follows the order to whoever is asked now."""
        if self.reviewer_id:
            self.order_id.activity_reschedule([ACTIVITY], new_user_id=self.reviewer_id.id)
        else:
            self.order_id.activity_unlink([ACTIVITY])

    # ---------------------------------------------------------------- left behind
    @api.model
    def _take_in_left_behind(self):
        """Orders that wait and are at no stage: held by an older version, or their stage is gone."""
        domain = [
            ("review_state", "=", "pending"),
            ("review_step_id", "=", False),
            ("state", "!=", "cancel"),
            ("company_id.review_mode", "=", "enforce"),
        ]
        orders = self.env["sale.order"].search(domain, order="id")
        for start in range(0, len(orders), STEP):
            batch = orders[start : start + STEP].try_lock_for_update()
            batch._enter_review()
            if not self.env["ir.cron"]._commit_progress(len(batch), remaining=len(orders) - start):
                return
