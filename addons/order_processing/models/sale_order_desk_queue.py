from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from .review_duties import ReviewDuties
from .sale_order_desk import WAITING_STATES

# What stands at the desk.
AT_DESK = Domain("review_state", "in", WAITING_STATES) & Domain("state", "!=", "cancel")
# A deadline nearer than this is shown as near.
SOON = timedelta(hours=2)


class SaleOrder(models.Model):
    """The queue of the review desk: whose turn it is, what is late, how much everybody has to do."""

    _inherit = "sale.order"

    _at_desk = models.Index(
        "(company_id, review_user_id, review_deadline) WHERE review_state IN ('pending', 'changes_requested')"
    )

    review_due = fields.Selection(
        [("late", "Late"), ("soon", "Soon"), ("later", "Later")],
        "Deadline",
        compute="_compute_review_due",
        groups="sales_team.group_sale_salesman",
    )
    review_may_decide = fields.Boolean(
        "I may decide",
        compute="_compute_review_may_decide",
        search="_search_review_may_decide",
        groups="sales_team.group_sale_salesman",
    )
    review_why_not = fields.Char(
        "Why not me", compute="_compute_review_may_decide", groups="sales_team.group_sale_salesman"
    )
    review_assigned_because = fields.Char(
        related="review_step_id.assigned_because",
        string="Asked because",
        groups="sales_team.group_sale_salesman",
    )
    review_here_because = fields.Char(
        related="review_step_id.here_because", string="Here because", groups="sales_team.group_sale_salesman"
    )

    @api.depends("review_deadline")
    def _compute_review_due(self):
        now = fields.Datetime.now()
        for order in self:
            deadline = order.review_deadline
            order.review_due = deadline and (
                "late" if deadline <= now else "soon" if deadline <= now + SOON else "later"
            )

    @api.depends("review_state", "state", "review_step_id", "review_user_id")
    @api.depends_context("uid", "lang")
    def _compute_review_may_decide(self):
        at_desk = self._origin.filtered_domain(AT_DESK)
        why_not = at_desk._why_not_decide()
        for order in self:
            code = why_not.get(order._origin)
            order.review_may_decide = order._origin in at_desk and not code
            order.review_why_not = order._origin._why_not_words(code) if code else False

    def _search_review_may_decide(self, operator, value):
        if operator != "in":
            return NotImplemented
        uid = self.env.uid
        mine = Domain("user_id", "=", uid) | Domain("create_uid", "=", uid)
        mine |= Domain("review_raised_by_ids", "in", uid)
        asked = Domain("review_user_id", "=", uid) | Domain(
            "review_stage_id", "in", self._stages_open_to_me()
        )
        return AT_DESK & asked & ~mine

    def _stages_open_to_me(self):
        """Return the ids of the stages where the acting user decides, and False for orders at no stage."""
        duties = ReviewDuties(self.browse())
        if self.env.uid not in duties.role_holders:
            return []
        # sudo: who decides follows from the settings
        stages = self.env["order.review.stage"].sudo().search([])
        return [False] + [
            stage.id
            for stage in stages
            if self.env.uid in duties.named(stage)
            or not (stage.user_ids or stage.group_ids or stage.is_for_manager)
        ]

    # ---------------------------------------------------------------- counters
    @api.model
    def review_desk_counters(self):
        """Return how much waits: for each reviewer, for nobody, and for customers to answer."""
        if not self.env.user.has_group("sales_team.group_sale_manager"):
            self._check_is_reviewer()
        company = Domain("company_id", "in", self.env.companies.ids)
        waiting = company & Domain("review_state", "=", "pending") & Domain("state", "!=", "cancel")
        late = waiting & Domain("review_deadline", "<=", fields.Datetime.now())
        counts = dict(self._read_group(waiting, ["review_user_id"], ["__count"]))
        overdue = dict(self._read_group(late, ["review_user_id"], ["__count"]))
        nobody = self.env["res.users"]
        return {
            "mine": self._counter(self.env.user, counts, overdue),
            "others": [
                self._counter(user, counts, overdue)
                for user in sorted(counts, key=lambda user: (-counts[user], user.sudo().name or ""))
                if user and user != self.env.user
            ],
            "nobody": self._counter(nobody, counts, overdue),
            "customer": self.search_count(
                company & Domain("review_state", "=", "changes_requested") & Domain("state", "!=", "cancel")
            ),
            "late": sum(overdue.values()),
            "all": sum(counts.values()),
        }

    @staticmethod
    def _counter(user, counts, overdue):
        return {
            "id": user.id,
            "name": user.sudo().name or "",  # sudo: the names of colleagues
            "open": counts.get(user, 0),
            "late": overdue.get(user, 0),
        }

    # ---------------------------------------------------------------- buttons
    def action_review_take_over(self):
        """From now on the acting reviewer is the one who is asked."""
        orders = self._to_decide()
        before = {order.id: order.review_user_id for order in orders}
        others = orders.filtered(lambda order: order.review_user_id != self.env.user)
        # sudo: steps are written by the system only; who may has been checked
        others.sudo()._undecided_steps_open()._take_over(self.env.user)
        data = {
            order.id: {"before": before[order.id].sudo().name or "–", "after": self.env.user.name}
            for order in others
        }
        self.env["order.event"]._log(others, "taken_over", data)
        return True

    def action_open_review(self):
        """Open the order at the desk, where it is decided on."""
        self.ensure_one()
        self._check_is_reviewer()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Decide"),
            "res_model": "sale.order",
            "res_id": self.id,
            "views": [(self.env.ref("order_processing.sale_order_view_form_review").id, "form")],
        }

    def action_open_order(self):
        """Open the whole order, where it can be mended."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": "sale.order",
            "res_id": self.id,
            "views": [(self.env.ref("sale.view_order_form").id, "form")],
        }
