from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_datetime

from ..engine.reviewers import present
from .sale_order_desk import WAITING_STATES

# What stands at the desk.
AT_DESK = Domain("review_state", "in", WAITING_STATES) & Domain("state", "!=", "cancel")
# A deadline nearer than this is shown as near.
SOON = timedelta(hours=2)


class SaleOrder(models.Model):
    """The queue of the review desk: whose turn it is, what is late, how much everybody has to do."""

    _inherit = "sale.order"

    # In the order in which the desk shows them.
    _at_desk = models.Index(
        "(urgency DESC, review_deadline, submitted_at, id)"
        " WHERE review_state IN ('pending', 'changes_requested')"
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

    review_where = fields.Char(
        "Who decides", compute="_compute_review_where", groups="sales_team.group_sale_salesman"
    )

    @api.depends("review_step_id", "review_stage_id", "review_user_id", "review_deadline", "review_state")
    @api.depends_context("lang", "tz")
    def _compute_review_where(self):
        for order in self:
            # sudo: who decides, and by when, is told to whoever sees the order
            order.review_where = order.review_state == "pending" and order.sudo()._where_words()

    def _where_words(self):
        """Say with whom the order is, and until when."""
        if not self.review_user_id:
            because = self.review_step_id.assigned_because
            return self.env._("Nobody decides on it: %s.", because) if because else False
        figures = {"reviewer": self.review_user_id.name, "stage": self.review_stage_id.name or "–"}
        if not self.review_deadline:
            return self.env._("%(reviewer)s decides (%(stage)s).", **figures)
        figures["deadline"] = format_datetime(self.env, self.review_deadline, dt_format="short")
        return self.env._("%(reviewer)s decides (%(stage)s), by %(deadline)s.", **figures)

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
        approved = [("user_id", "=", uid), ("decision", "=", "approved")]
        done = Domain("review_step_id.decision_ids", "any", approved)
        stages = self.env["order.review.stage"]
        stand_ins = self.env["order.review.absence"]._stand_ins()
        people = [uid, *(one for one in stand_ins if present(one, stand_ins) == uid)]
        asked = Domain("review_user_id", "=", uid)
        asked |= Domain("review_stage_id", "in", {id_ for one in people for id_ in stages._open_to(one)})
        led = stages.sudo().search([("is_for_manager", "=", True)])  # sudo: settings
        asked |= Domain("review_stage_id", "in", led.ids) & Domain("team_id.user_id", "=", uid)
        return AT_DESK & asked & ~mine & ~done

    # ---------------------------------------------------------------- counters
    @api.model
    def review_desk_counters(self):
        """Return how much waits: for each reviewer, for nobody, and for customers to answer."""
        if not self.env.user.has_group("sales_team.group_sale_manager"):
            self._check_is_reviewer()
        rows = self.env.execute_query(self._counting_query())
        names = self._names_of({user_id for user_id, *_counts in rows if user_id})
        counters = {
            user_id: {"id": user_id, "name": names.get(user_id, ""), "open": waiting, "late": late}
            for user_id, waiting, late, _customer in rows
        }
        none = {"id": False, "name": "", "open": 0, "late": 0}
        others = [counter for counter in counters.values() if counter["open"] and counter["id"]]
        return {
            "mine": counters.get(self.env.uid, none),
            "others": sorted(
                (counter for counter in others if counter["id"] != self.env.uid),
                key=lambda counter: (-counter["open"], counter["name"]),
            ),
            "nobody": counters.get(None, none),
            "customer": sum(customer for *_others, customer in rows),
            "late": sum(counter["late"] for counter in counters.values()),
            "all": sum(counter["open"] for counter in counters.values()),
        }

    def _counting_query(self):
        """Return the SELECT of reviewer, to decide, late, waiting for customers; of what one may see."""
        query = self._search(AT_DESK & Domain("company_id", "in", self.env.companies.ids))
        reviewer, state, deadline = (
            self._field_to_sql(query.table, name, query)
            for name in ("review_user_id", "review_state", "review_deadline")
        )
        query.groupby = reviewer
        return query.select(
            reviewer,
            SQL("count(*) FILTER (WHERE %s = 'pending')", state),
            SQL(
                "count(*) FILTER (WHERE %s = 'pending' AND %s <= %s)", state, deadline, fields.Datetime.now()
            ),
            SQL("count(*) FILTER (WHERE %s = 'changes_requested')", state),
        )

    def _names_of(self, user_ids):
        # sudo: the names of colleagues, and only these: whole users would be read otherwise
        users = self.env["res.users"].sudo().with_context(active_test=False)
        return {user.id: user.name for user in users.search_fetch([("id", "in", list(user_ids))], ["name"])}

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
