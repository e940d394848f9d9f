from odoo import fields, models

FREIGHT_MODES = [
    ("off", "By hand, as Odoo does it"),
    ("suggest", "Compare carriers, people choose"),
    ("choose", "The cheapest carrier that keeps the date"),
]


class ResCompany(models.Model):
    """How carriers are chosen, and how far a carrier's bill may be off."""

    _inherit = "res.company"

    freight_mode = fields.Selection(
        FREIGHT_MODES,
        string="Carrier of an order",
        required=True,
        default="off",
        help="Chosen on approval where neither the customer nor a person has chosen one. What the customer"
        " pays for shipping stays as it is.",
    )
    freight_patience = fields.Integer(
        "Days a cheaper carrier may take longer",
        default=1,
        help="Where no date was asked for: so many days later than with the fastest carrier it may arrive, if"
        " that costs less.",
    )
    freight_tolerance = fields.Monetary(
        "Tolerance",
        currency_field="currency_id",
        default=0.5,
        help="A carrier's bill may be off by so much per parcel, or by the percentage, whichever is more.",
    )
    freight_tolerance_percent = fields.Float("Tolerance (%)", default=2.0)

    _freight_not_negative = models.Constraint(
        "CHECK(freight_patience >= 0 AND freight_tolerance >= 0 AND freight_tolerance_percent >= 0)",
        "Days and tolerances of freight are 0 or more.",
    )

    def _chooses_carriers(self):
        return self.freight_mode == "choose"
