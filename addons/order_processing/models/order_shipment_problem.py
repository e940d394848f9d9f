from odoo import fields, models

KINDS = [
    ("late", "Later than promised"),
    ("eta_late", "The carrier expects it later than promised"),
    ("silent", "No scan for days"),
    ("attempt_failed", "Delivery attempt failed"),
    ("pickup_waits", "Waits to be collected"),
    ("damaged", "Damaged"),
    ("lost", "Lost"),
    ("returning", "On its way back"),
    ("returned", "Came back"),
    ("exception", "Problem on the way"),
]


class OrderShipmentProblem(models.Model):
    """Something is wrong with a parcel: who looks after it, what the customer was told, how it ended."""

    _name = "order.shipment.problem"
    _description = "Problem with a Parcel"
    _inherit = ["mail.thread", "mail.activity.mixin", "order.guarded"]
    _order = "opened_at desc, id desc"
    _rec_name = "kind"

    parcel_id = fields.Many2one(
        "order.shipment.parcel", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    kind = fields.Selection(KINDS, required=True, readonly=True)
    state = fields.Selection(
        [("open", "Open"), ("solved", "Solved"), ("gone", "Gone by itself")],
        required=True,
        readonly=True,
        default="open",
        index=True,
        tracking=True,
    )
    opened_at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    closed_at = fields.Datetime(readonly=True)
    figures = fields.Json(readonly=True)

    _one_open = models.UniqueIndex("(parcel_id, kind) WHERE state = 'open'")
