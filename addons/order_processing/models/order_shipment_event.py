from odoo import fields, models

from .order_shipment import STATUSES


class OrderShipmentEvent(models.Model):
    """One scan of a parcel. Inserted once, however often it is reported; never changed."""

    _name = "order.shipment.event"
    _description = "Scan of a Parcel"
    _order = "event_time desc, id desc"
    _log_access = False
    _rec_name = "text"

    parcel_id = fields.Many2one(
        "order.shipment.parcel", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="parcel_id.company_id")
    event_time = fields.Datetime("When", readonly=True)
    raw_time = fields.Char(readonly=True, help="As the carrier wrote it.")
    zone_assumed = fields.Boolean(readonly=True, help="It came without a time zone.")
    status = fields.Selection(STATUSES, readonly=True, help="Empty: a code nobody has mapped yet.")
    substatus = fields.Char("Reason", readonly=True)
    code = fields.Char("Carrier's code", readonly=True)
    text = fields.Char("What happened", readonly=True)
    place = fields.Char("Where", readonly=True)
    source = fields.Selection(
        [("poll", "Asked"), ("push", "Told"), ("hand", "By hand"), ("import", "Imported")],
        required=True,
        readonly=True,
    )
    received_at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    dedup_key = fields.Char(required=True, readonly=True)

    _once = models.UniqueIndex("(parcel_id, dedup_key)")
