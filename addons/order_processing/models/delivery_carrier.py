from odoo import fields, models


class DeliveryCarrier(models.Model):
    """On which days a carrier delivers."""

    _inherit = "delivery.carrier"

    transit_days = fields.Integer(
        "Days on the way",
        default=1,
        help="Working days of the carrier, where no freight rate says it for the address.",
    )
    transit_calendar_id = fields.Many2one(
        "resource.calendar", string="Delivers on", help="Empty: Monday to Friday, whatever the holidays."
    )

    _transit_days_positive = models.Constraint(
        "CHECK(transit_days >= 0)", "A parcel is on its way for 0 days or more."
    )
