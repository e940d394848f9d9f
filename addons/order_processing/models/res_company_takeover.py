from odoo import fields, models
from odoo.fields import Domain

POLICIES = [
    ("never", "Never"),
    ("ask", "When a person asks for it"),
    ("automatic", "By itself, when an urgent order comes out short"),
]


class ResCompany(models.Model):
    """Whether urgent orders may take over what others have set aside."""

    _inherit = "res.company"

    takeover_policy = fields.Selection(
        POLICIES,
        string="Urgent orders take over reservations",
        required=True,
        default="never",
        help="Only from orders that are not urgent and come later, and that nobody has begun to pick. Whoever"
        " loses keeps its place in the queue and gets a new date.",
    )
    takeover_value_limit = fields.Monetary(
        "Take over up to",
        help="What the goods are sold for, without taxes. Above it a right is needed, and nothing is taken"
        " over by itself. 0 is no limit.",
    )
    takeover_rest_hours = fields.Integer(
        "An order that lost goods rests for",
        required=True,
        default=24,
        help="Hours in which nothing is taken from it again.",
    )

    _takeover_positive = models.Constraint(
        "CHECK(takeover_value_limit >= 0 AND takeover_rest_hours >= 0)",
        "The limit and the hours of rest are 0 or more.",
    )

    def write(self, vals):
        result = super().write(vals)
        if vals.get("takeover_policy") == "automatic":
            # The urgent orders that are short already are looked at now.
            Takeover = self.env["order.takeover"].sudo()  # sudo: guarded field, whoever may set the policy
            domain = Takeover._may_be_short_domain() & Domain("company_id", "in", self.ids)
            Takeover.env["sale.order"].search(domain)._note_takeover_due()
        return result


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    hold_quotation_hours = fields.Integer(related="company_id.hold_quotation_hours", readonly=False)
    hold_review_hours = fields.Integer(related="company_id.hold_review_hours", readonly=False)
    hold_longest_hours = fields.Integer(related="company_id.hold_longest_hours", readonly=False)
    takeover_policy = fields.Selection(related="company_id.takeover_policy", readonly=False)
    takeover_value_limit = fields.Monetary(related="company_id.takeover_value_limit", readonly=False)
    takeover_rest_hours = fields.Integer(related="company_id.takeover_rest_hours", readonly=False)
