from odoo import api, fields, models
from odoo.exceptions import ValidationError

REPLENISH = [
    ("off", "Nothing is ordered from here"),
    ("propose", "On request: a planner presses the button"),
    ("automatic", "By itself: requests for quotation, production orders and transfers are raised"),
]


class ResCompany(models.Model):
    """What happens when goods are short, and what customers may choose then."""

    _inherit = "res.company"

    shortage_user_id = fields.Many2one(
        "res.users",
        string="Told what is short",
        ondelete="restrict",
        help="Has one activity as long as something is short that nobody else buys, and one message for what"
        " is new.",
    )
    shortage_replenish = fields.Selection(
        REPLENISH, string="Order what is short", required=True, default="propose"
    )
    choice_days = fields.Integer(
        "Choices are open for",
        default=7,
        required=True,
        help="So many days a customer may choose what to do about goods that come later.",
    )
    offers_choices = fields.Boolean(
        "Offer choices",
        default=True,
        help="Customers whose goods come later may choose: what is there now, everything together, a"
        " substitute, or cancel.",
    )

    _choice_days_range = models.Constraint(
        "CHECK(choice_days BETWEEN 1 AND 90)", "Choices are open for 1 to 90 days."
    )

    @api.constrains("shortage_user_id")
    def _check_shortage_user(self):
        for company in self:
            user = company.shortage_user_id
            if user and company not in user.company_ids:
                raise ValidationError(
                    self.env._("%(user)s does not work in %(company)s.", user=user.name, company=company.name)
                )
            if user and not self.env["order.shortage"].with_user(user).has_access("read"):
                raise ValidationError(
                    self.env._(
                        "%s cannot look at shortages without a role in Sales, Inventory or Purchase.",
                        user.name,
                    )
                )
