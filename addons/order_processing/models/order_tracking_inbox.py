from odoo import fields, models


class OrderTrackingInbox(models.Model):
    """What providers have pushed, as it came: stored at once, read by the scheduled action."""

    _name = "order.tracking.inbox"
    _description = "Pushed Tracking News"
    _order = "id desc"
    _log_access = False

    provider_id = fields.Many2one("order.tracking.provider", required=True, readonly=True, ondelete="cascade")
    received_at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    headers = fields.Json(readonly=True)
    form = fields.Json(readonly=True)
    raw = fields.Binary(attachment=False, readonly=True)
    digest = fields.Char(required=True, readonly=True)
    state = fields.Selection(
        [("new", "New"), ("done", "Read"), ("unknown", "Of no parcel of ours"), ("failed", "Cannot be read")],
        required=True,
        readonly=True,
        default="new",
    )
    attempts = fields.Integer(readonly=True, default=0)
    times = fields.Integer("Times received", readonly=True, default=1)
    error = fields.Char(readonly=True)
    read_at = fields.Datetime(readonly=True)

    _once = models.UniqueIndex("(provider_id, digest)")
    _to_read = models.Index("(id) WHERE state = 'new'")
