import logging

from odoo import api, fields, models

from ..engine.cases import due, is_late

_logger = logging.getLogger(__name__)
BATCH = 50


class OrderCase(models.Model):
    """Until when a case is answered and solved, and who hears when it is not."""

    _inherit = "order.case"

    answer_by = fields.Datetime("First answer by", readonly=True, copy=False)
    solve_by = fields.Datetime("Solution by", readonly=True, copy=False)
    answered_at = fields.Datetime("Answered", readonly=True, copy=False)
    waiting_since = fields.Datetime(readonly=True, copy=False)
    resolved_at = fields.Datetime("Resolved on", readonly=True, copy=False)
    deadline = fields.Datetime(compute="_compute_deadline", store=True, index="btree_not_null")
    waits_for = fields.Selection(
        [("answer", "First answer"), ("solution", "Solution")], compute="_compute_deadline", store=True
    )
    escalated_for = fields.Char(readonly=True, copy=False)
    is_late = fields.Boolean(compute="_compute_is_late", search="_search_is_late")

    @api.depends("state", "answer_by", "answered_at", "solve_by")
    def _compute_deadline(self):
        for case in self:
            waits_for, deadline = due(
                case.state, case.answer_by or None, case.answered_at or None, case.solve_by or None
            )
            case.waits_for, case.deadline = waits_for, deadline

    @api.depends("deadline")
    def _compute_is_late(self):
        now = fields.Datetime.now()
        for case in self:
            case.is_late = is_late(case.deadline or None, now)

    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        late = [("deadline", "<", fields.Datetime.now())]
        both = {True, False} <= set(value)
        return [] if both else late if True in value else ["!", *late]

    def _deadlines(self, rule):
        """Return when the first answer and the solution are due, in the company's working hours.

        The cases are of one company.
        """
        if not rule:
            return {}
        calendar = self.company_id.resource_calendar_id
        now = fields.Datetime.now()
        return {
            "answer_by": _later(calendar, now, rule.answer_hours),
            "solve_by": _later(calendar, now, rule.solve_hours),
        }

    def _turn_clock(self, state):
        """While we wait for the customer the clock stands still: the solution is due so much later."""
        now = fields.Datetime.now()
        for case in self:
            if state == "waiting" and case.state != "waiting":
                case.waiting_since = now
            elif state != "waiting" and (since := case.waiting_since):
                calendar = case.company_id.resource_calendar_id
                if case.solve_by and calendar:
                    hours = calendar.get_work_hours_count(since, now)
                    case.solve_by = _later(calendar, case.solve_by, hours) or case.solve_by
                case.waiting_since = False

    # ---------------------------------------------------------------- the scheduled action
    @api.model
    def _cron_escalate(self):
        """Tell somebody of each case that has become late, once for each deadline; in small commits."""
        now = fields.Datetime.now()
        domain = [("deadline", "<", now), ("waits_for", "!=", False)]
        commit = self.env["ir.cron"]._commit_progress
        after = 0
        while cases := self.search([*domain, ("id", ">", after)], order="id", limit=BATCH):
            after = cases[-1].id
            for case in cases.filtered(lambda one: one.escalated_for != one.waits_for).try_lock_for_update():
                case._escalate_safely()
            if not commit(len(cases), remaining=int(len(cases) == BATCH)):
                return

    def _escalate_safely(self):
        """One that fails does not keep the others waiting."""
        try:
            with self.env.cr.savepoint():
                self._escalate()
        except Exception:
            _logger.exception("Case %s could not be escalated", self.id)

    def _escalate(self):
        rule = self.env["order.case.rule"]._by_case(self)[self]
        chain = (rule.escalate_user_id, self.order_id.team_id.user_id, self.user_id)
        who = next((user for user in chain if user.active), None)
        self.escalated_for = self.waits_for
        if who:
            words = (
                self.env._("Late: nobody has answered case %s yet", self.name)
                if self.waits_for == "answer"
                else self.env._("Late: case %s is not solved yet", self.name)
            )
            self._remind(who, words)
        self._tell_order("case_late")


def _later(calendar, moment, hours):
    """Return the moment so many working hours later; False where there are none, or nobody ever works."""
    planned = calendar.plan_hours(hours, moment, compute_leaves=True) if calendar and hours else False
    return fields.Datetime.to_datetime(planned and planned.replace(tzinfo=None))
