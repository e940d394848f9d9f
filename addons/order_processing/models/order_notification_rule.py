from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from .order_shipment_problem import KINDS

WAYS = [
    ("activity", "Activity"),
    ("note", "Note in Odoo"),
    ("mail", "E-mail"),
    ("digest", "E-mail once a day"),
]


class OrderNotificationRule(models.Model):
    """Who hears of which problem with a parcel, how, and after how many days."""

    _name = "order.notification.rule"
    _description = "Who Hears of a Problem"
    _order = "sequence, id"

    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index="btree_not_null", help="Empty: all companies.")
    kind = fields.Selection(KINDS, "Problem", required=True)
    role = fields.Selection(
        [
            ("salesperson", "Salesperson of the order"),
            ("warehouse", "Who looks after what comes back"),
            ("user", "This person"),
        ],
        "Who",
        required=True,
        default="salesperson",
        help="Where an order has no salesperson: the leader of the sales team, else who looks after parcels"
        " by the settings. Whoever is archived is passed over.",
    )
    user_id = fields.Many2one("res.users", "Person", domain=[("share", "=", False)], index="btree_not_null")
    way = fields.Selection(
        WAYS,
        "How",
        required=True,
        default="activity",
        help="A note is in the inbox, or comes by e-mail to who has chosen so in his preferences.",
    )
    after_days = fields.Integer(
        "Only after days",
        default=0,
        aggregator=None,
        help="When it is still open after so many days. 0: at once.",
    )

    _after_days_positive = models.Constraint(
        "CHECK(after_days >= 0)", "The days after which somebody hears of a problem are 0 or more."
    )

    @api.depends("kind", "role", "user_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        roles = dict(self._fields["role"]._description_selection(self.env))
        for rule in self:
            who = rule.user_id.name if rule.role == "user" else roles.get(rule.role)
            rule.display_name = f"{kinds.get(rule.kind, '')}: {who or ''}"

    @api.constrains("role", "user_id")
    def _check_user(self):
        for rule in self:
            if rule.role == "user" and not rule.user_id:
                raise ValidationError(self.env._("Say which person hears of it."))

    # ---------------------------------------------------------------- applying them
    @api.model
    def _active_ones(self):
        # sudo: the system applies them, whoever has scanned the parcel
        return self.sudo().search(Domain.TRUE)

    def _of(self, company, kind):
        return self.filtered(
            lambda rule: rule.kind == kind and (not rule.company_id or rule.company_id == company)
        )

    def _at_once(self, problem):
        """Return the rules by which somebody hears of a problem the moment it is opened."""
        return self._of(problem.company_id, problem.kind).filtered(lambda rule: not rule.after_days)

    def _responsible(self, company, kind, order):
        """Return who looks after it: the first who has the activity, else who has sold it."""
        for rule in self._of(company, kind):
            if rule.way == "activity" and (person := rule._person(company, order)):
                return person
        return self._seller(company, order)

    def _person(self, company, order):
        """Return who hears of it by this rule, if there is somebody."""
        if self.role == "salesperson":
            return self._seller(company, order)
        return _working(self.user_id if self.role == "user" else company.problem_returns_user_id, company)

    @api.model
    def _seller(self, company, order):
        chain = (order.user_id, order.team_id.user_id, company.problem_user_id)
        return next(filter(None, (_working(user, company) for user in chain)), self.env["res.users"])


def _working(user, company):
    """Return the user, unless he has left or is none of this company's."""
    return user.filtered(lambda one: one.active and not one.share and company in one.company_ids)
