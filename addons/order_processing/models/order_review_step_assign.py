from datetime import timedelta

from odoo import fields, models

from ..engine.reviewers import pick
from .review_duties import ReviewDuties


class OrderReviewStep(models.Model):
    """Asking somebody to decide: who, and by when."""

    _inherit = "order.review.step"

    def _open(self):
        """The orders have come to these stages: from now on the time runs."""
        now = fields.Datetime.now()
        clocks = {}
        for step in self:
            key = (step._working_hours(), step.stage_id.deadline_hours, step.stage_id.reminder_hours)
            if key not in clocks:
                clocks[key] = self._clock(now, *key)
            deadline, remind_at = clocks[key]
            step.write(
                {
                    "state": "open",
                    "opened_at": now if step.state == "waiting" else step.opened_at or now,
                    "deadline": deadline,
                    "remind_at": remind_at,
                    "escalated_at": False,
                }
            )

    def _clock(self, now, calendar, deadline_hours, reminder_hours):
        """Return the deadline and the moment of the reminder, in working time."""
        if not deadline_hours:
            return False, False
        deadline = self._after(now, calendar, deadline_hours)
        if not reminder_hours:
            return deadline, False
        return deadline, self._after(now, calendar, deadline_hours - reminder_hours)

    def _after(self, start, calendar, hours):
        """Return the moment after so many working hours, public holidays left out."""
        # A calendar without a working hour in years ahead gives none: then the clock counts.
        return (
            calendar
            and calendar.plan_hours(hours, start, compute_leaves=True)
            or start + timedelta(hours=hours)
        )

    def _wait_again(self):
        """These stages come later after all: another one has to decide first."""
        self.write({"state": "waiting", "deadline": False, "remind_at": False, "escalated_at": False})

    def _pause(self):
        """The customer has to answer: until then no time runs."""
        self.write({"state": "paused", "deadline": False, "remind_at": False, "escalated_at": False})

    # ---------------------------------------------------------------- who
    def _assign(self):
        """Ask somebody for each of these steps; whoever is asked already and may decide is kept."""
        if not self:
            return
        duties = ReviewDuties(self.order_id)
        load = self._load_of(duties.role_holders)
        for step in self.sorted("id"):
            if step.reviewer_id and step._keeps_reviewer(duties):
                continue
            self._give_to(step, pick(duties.candidates(step.order_id, step), duties.stand_ins, load))

    def _keeps_reviewer(self, duties):
        user_id = self.reviewer_id.id
        return user_id not in duties.stand_ins and not duties.why_not(user_id, self.order_id, self)

    def _give_to(self, step, assignment):
        if not assignment.user_id:
            if step.assign_code == assignment.code and not step.reviewer_id:
                return  # said already
            self.env["order.event"]._log(step.order_id, "nobody_may_decide", {"assign": assignment.code})
        moves = bool(step.reviewer_id)
        step.write(
            {
                "reviewer_id": assignment.user_id or False,
                "assign_code": assignment.code,
                "assign_figures": assignment.figures,
                "assigned_at": fields.Datetime.now() if assignment.user_id else False,
            }
        )
        if moves:
            step._move_activity()

    def _take_over(self, user, code="taken_over"):
        """Somebody else decides from now on."""
        for step in self:
            figures = {"before": step.reviewer_id.id} if step.reviewer_id else {}
            step.write(
                {
                    "reviewer_id": user.id,
                    "assign_code": code,
                    "assign_figures": figures,
                    "assigned_at": fields.Datetime.now(),
                }
            )
            step._move_activity()
