from odoo import fields, models

from .order_shipment import STATUSES


class OrderTrackingStatusMap(models.Model):
    """What a provider's code means. Seeded with what is known; people add what they meet."""

    _name = "order.tracking.status.map"
    _description = "Meaning of a Carrier's Code"
    _order = "kind, code"
    _rec_name = "code"

    kind = fields.Selection(
        selection=lambda self: self.env["order.tracking.provider"]
        ._fields["kind"]
        ._description_selection(self.env),
        string="Kind of provider",
        required=True,
    )
    provider_id = fields.Many2one(
        "order.tracking.provider", ondelete="cascade", help="Empty: for all accounts of the kind."
    )
    code = fields.Char(required=True, help="As the provider writes it; * stands for anything, as in 10*.")
    status = fields.Selection(STATUSES, help="Empty: nobody has decided yet; parcels keep their status.")
    substatus = fields.Char("Reason")
    seen_count = fields.Integer("Times seen", readonly=True, default=0)
    seen_at = fields.Datetime("Seen last", readonly=True)
    example = fields.Char(readonly=True, help="What the carrier wrote with it.")

    _once = models.UniqueIndex("(kind, COALESCE(provider_id, 0), code)")
