from odoo import fields, models


class ResCompany(models.Model):
    """When a parcel is a problem, and whose."""

    _inherit = "res.company"

    parcel_problems = fields.Boolean(
        "Problems with parcels",
        help="Of parcels that are followed a problem is opened when one is late, lost, damaged, comes back or"
        " is not heard of, and closed by itself when the parcel moves on. Who hears of which is said in the"
        " table of who hears of what.",
    )
    problem_silent_days = fields.Integer(
        "Working days without a scan",
        default=3,
        help="After so many working days of the carrier without news a parcel is a problem. 0: never.",
    )
    problem_pickup_days = fields.Integer(
        "Days until it should be collected",
        default=3,
        help="After so many days in which nobody collects a parcel it is a problem. 0: never.",
    )
    problem_user_id = fields.Many2one(
        "res.users", "Looks after parcels", help="Where an order has no salesperson, and its team no leader."
    )
    problem_returns_user_id = fields.Many2one(
        "res.users", "Looks after what comes back", help="In the warehouse. Empty: the salesperson only."
    )

    _problem_days_positive = models.Constraint(
        "CHECK(problem_silent_days >= 0 AND problem_pickup_days >= 0)",
        "The days after which a parcel is a problem are 0 or more.",
    )
