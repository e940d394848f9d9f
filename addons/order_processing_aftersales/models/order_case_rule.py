from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..engine.cases import first_rule
from .order_case import KINDS


class OrderCaseRule(models.Model):
    """Who looks after which cases, and until when. The first that fits a case holds for it."""

    _name = "order.case.rule"
    _description = "Who Looks After Cases"
    _order = "sequence, id"

    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index="btree_not_null", help="Empty: all companies.")
    kind = fields.Selection(KINDS, help="Empty: all kinds.")
    role = fields.Selection(
        [
            ("salesperson", "Salesperson of the order"),
            ("problem", "Who looks after the parcel's problem"),
            ("team", "Leader of this team"),
            ("user", "This person"),
        ],
        "Who",
        required=True,
        default="salesperson",
        help="Where there is nobody of that kind: the salesperson, the leader of the sales team, or who looks"
        " after parcels by the settings.",
    )
    user_id = fields.Many2one("res.users", "Person", domain=[("share", "=", False)], index="btree_not_null")
    team_id = fields.Many2one("crm.team", index="btree_not_null")
    answer_hours = fields.Float(
        "First answer", default=8.0, aggregator=None, help="Working hours until the first answer. 0: none."
    )
    solve_hours = fields.Float(
        "Solution", default=40.0, aggregator=None, help="Working hours until the solution. 0: none."
    )
    escalate_user_id = fields.Many2one(
        "res.users",
        "When late",
        domain=[("share", "=", False)],
        index="btree_not_null",
        help="Who hears of a case that is late. Empty: the leader of the sales team, or who has the case.",
    )

    _hours_positive = models.Constraint(
        "CHECK(answer_hours >= 0 AND solve_hours >= 0)", "The hours until an answer are 0 or more."
    )

    @api.constrains("role", "user_id", "team_id")
    def _check_who(self):
        for rule in self:
            if rule.role == "user" and not rule.user_id:
                raise ValidationError(self.env._("Say which person has these cases."))
            if rule.role == "team" and not rule.team_id:
                raise ValidationError(self.env._("Say which team's leader has these cases."))

    @api.depends("kind", "role")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        roles = dict(self._fields["role"]._description_selection(self.env))
        for rule in self:
            rule.display_name = ": ".join(filter(None, [kinds.get(rule.kind), roles.get(rule.role)]))

    @api.model
    def _by_case(self, cases):
        """Return ``{case: the rule that holds for it, or none}``."""
        # sudo: the system applies them, whoever opens the case
        rules = self.sudo().search(Domain.TRUE)
        rows = [(rule.id, rule.kind or None, rule.company_id.id or None) for rule in rules]
        return {case: rules.browse(first_rule(case.kind, case.company_id.id, rows)) for case in cases}

    def _owner(self, case):
        order = case.order_id
        people = {
            "problem": case.problem_id.responsible_id,
            "team": self.team_id.user_id,
            "user": self.user_id,
        }
        chosen = people.get(self.role, self.env["res.users"])
        chosen = chosen.filtered(lambda user: user.active and not user.share)
        return chosen or self.env["order.notification.rule"]._seller(case.company_id, order)
