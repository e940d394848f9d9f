from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import ormcache

from ..engine.review_route import Stage

REVIEWER_GROUP = "order_processing.group_order_processing_reviewer"


class OrderReviewStage(models.Model):
    """One station of the review: which orders come here, who decides on them, and by when.

    An order that is held goes through the stages that concern it, in their order. Nobody comes here
    whom nothing holds: conditions only say where held orders go.
    """

    _name = "order.review.stage"
    _description = "Review Stage"
    _inherit = ["mail.thread"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True, tracking=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one(
        "res.company",
        index=True,
        tracking=True,
        ondelete="restrict",
        help="Leave empty to share the stage between companies.",
    )
    rule_ids = fields.One2many("order.review.rule", "stage_id", string="Rules that send orders here")

    # ---------------------------------------------------------------- which orders
    amount_from = fields.Float(
        "Total of at least",
        tracking=True,
        help="Held orders from this total on come here as well, in the order's company's currency. 0: the"
        " total does not matter.",
    )
    is_for_new_customers = fields.Boolean(
        "New customers",
        tracking=True,
        help="Held orders of customers who have never had one confirmed come here as well.",
    )
    is_for_all = fields.Boolean(
        "Every held order",
        tracking=True,
        help="Whatever it is held for; of these teams, where some are named.",
    )
    team_ids = fields.Many2many(
        "crm.team", string="Only of these teams", ondelete="restrict", help="Empty: of all sales teams."
    )

    # ---------------------------------------------------------------- who
    user_ids = fields.Many2many(
        "res.users",
        string="Reviewers",
        help="With the role Reviewer. Nobody and no group named: everybody who has the role.",
    )
    group_ids = fields.Many2many(
        "res.groups", string="Reviewers of these groups", help="Of their members those who have the role."
    )
    is_for_manager = fields.Boolean(
        "The salesperson's manager",
        tracking=True,
        help="The leader of the order's sales team decides here, too.",
    )
    approvals = fields.Integer(
        "Approvals needed", default=1, required=True, tracking=True, help="By as many different people."
    )

    # ---------------------------------------------------------------- by when
    deadline_hours = fields.Float(
        "Decide within",
        tracking=True,
        help="In working hours from when the order comes here. 0: no deadline.",
    )
    reminder_hours = fields.Float(
        "Remind before", tracking=True, help="So many working hours before the deadline. 0: no reminder."
    )
    calendar_id = fields.Many2one(
        "resource.calendar", "Working hours", ondelete="restrict", help="Empty: those of the order's company."
    )
    escalation_user_id = fields.Many2one(
        "res.users",
        "Escalates to",
        tracking=True,
        ondelete="restrict",
        help="Gets what is not decided in time, or what nobody here may decide. Empty: the leader of the"
        " order's sales team, else whom the settings name.",
    )
    open_count = fields.Integer("Waiting here", compute="_compute_open_count")
    who = fields.Char("Who decides", compute="_compute_who", compute_sudo=True)

    _approvals_positive = models.Constraint("CHECK(approvals >= 1)", "At least one approval is needed.")
    _figures_positive = models.Constraint(
        "CHECK(COALESCE(amount_from, 0) >= 0 AND COALESCE(deadline_hours, 0) >= 0"
        " AND COALESCE(reminder_hours, 0) >= 0)",
        "Amounts and hours are 0 or more; 0 is none.",
    )
    _reminder_before_deadline = models.Constraint(
        "CHECK(COALESCE(reminder_hours, 0) = 0 OR reminder_hours < deadline_hours)",
        "The reminder comes before the deadline: choose fewer hours, or a later deadline.",
    )

    @api.constrains("user_ids", "escalation_user_id")
    def _check_reviewers(self):
        for stage in self:
            users = stage.user_ids | stage.escalation_user_id
            if without := users.filtered(lambda user: not user.has_group(REVIEWER_GROUP)):
                raise ValidationError(
                    self.env._(
                        "%(stage)s: %(users)s cannot decide without the role Reviewer. Give them the role"
                        " first.",
                        stage=stage.name,
                        users=", ".join(without.mapped("name")),
                    )
                )

    @api.constrains("approvals", "user_ids", "group_ids", "is_for_manager")
    def _check_enough_reviewers(self):
        for stage in self:
            by_name = stage.user_ids and not stage.group_ids and not stage.is_for_manager
            if by_name and stage.approvals > len(stage.user_ids):
                raise ValidationError(
                    self.env._(
                        "%(stage)s: %(needed)s people have to approve, and only %(named)s are named.",
                        stage=stage.name,
                        needed=stage.approvals,
                        named=len(stage.user_ids),
                    )
                )

    def _compute_open_count(self):
        domain = [("stage_id", "in", self.ids), ("state", "in", ("open", "paused"))]
        counts = dict(self.env["order.review.step"]._read_group(domain, ["stage_id"], ["__count"]))
        for stage in self:
            stage.open_count = counts.get(stage, 0)

    @api.depends("user_ids", "group_ids", "is_for_manager", "approvals")
    @api.depends_context("lang")
    def _compute_who(self):
        for stage in self:
            who = [*stage.user_ids.mapped("name"), *stage.group_ids.mapped("full_name")]
            if stage.is_for_manager:
                who.append(self.env._("the salesperson's manager"))
            words = ", ".join(who) or self.env._("all reviewers")
            stage.who = words if stage.approvals < 2 else f"{words} ({stage.approvals}×)"

    def _is_open_to_all(self):
        """Tell whether nobody is named here, so that everybody with the role decides."""
        return not (self.user_ids or self.group_ids or self.is_for_manager)

    # ---------------------------------------------------------------- as plain values
    @api.model
    def _of_company(self, company):
        """Return the stages of the company, in their order."""
        # sudo: the stages apply to everybody's orders
        return self.sudo().search([("company_id", "in", (company.id, False))])

    @api.model
    @ormcache("user_id")
    def _open_to(self, user_id):
        """Return the ids of the stages where the user decides, and False for orders at no stage."""
        user = self.env["res.users"].browse(user_id).sudo()  # sudo: who decides follows from the settings
        if not user.has_group(REVIEWER_GROUP):
            return ()
        stages = self.sudo().search([])  # pylint: disable=no-search-all
        groups = user.all_group_ids if stages.group_ids else stages.group_ids
        return (
            False,
            *(
                stage.id
                for stage in stages
                if user in stage.user_ids or stage.group_ids & groups or stage._is_open_to_all()
            ),
        )

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    def _as_plain(self):
        self.ensure_one()
        return Stage(
            id=self.id,
            amount_from=self.amount_from,
            is_for_new_customers=self.is_for_new_customers,
            is_for_all=self.is_for_all,
            team_ids=frozenset(self.team_ids.ids),
        )

    # ---------------------------------------------------------------- buttons
    def action_view_waiting(self):
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("order_processing.sale_order_action_review")
        return {**action, "domain": [("review_stage_id", "=", self.id)], "context": {}}
