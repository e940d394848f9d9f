from odoo import fields, models


class StockWarehouse(models.Model):
    """When a warehouse works, how long it takes, and when its last parcel of the day leaves."""

    _inherit = "stock.warehouse"

    shipping_calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working times",
        check_company=True,
        help="When orders are picked and handed over; public holidays count. Empty: the company's.",
    )
    handling_hours = fields.Float(
        "Handling time",
        default=2.0,
        help="Working hours from the moment the goods are there until they are packed.",
    )
    shipping_cut_off = fields.Float(
        "Cut-off time",
        default=15.0,
        help="What is packed by then leaves the same day, in the time zone of the working times.",
    )

    _handling_hours_positive = models.Constraint(
        "CHECK(handling_hours >= 0)", "The handling time is 0 hours or more."
    )
    _shipping_cut_off_range = models.Constraint(
        "CHECK(shipping_cut_off >= 0 AND shipping_cut_off < 24)", "The cut-off time is a time of day."
    )
