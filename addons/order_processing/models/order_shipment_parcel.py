from odoo import api, fields, models

from .order_shipment import STATUSES

# Past so many days a carrier has used a number again: it is another parcel.
REUSED_AFTER_DAYS = 60


class OrderShipmentParcel(models.Model):
    """One parcel: a number of a carrier, what is known of it, and when we ask again.

    A shipment has as many as the carrier gave numbers; transfers that share a number share the parcel.
    Everything but the number follows from its events (``engine/tracking.py``); see ``_ingest``.
    """

    _name = "order.shipment.parcel"
    _description = "Parcel"
    _inherit = ["order.guarded"]
    _order = "id desc"
    _rec_name = "number"

    number = fields.Char("Tracking number", required=True, readonly=True)
    number_key = fields.Char(required=True, readonly=True, help="The number as it is compared.")
    incarnation = fields.Integer(
        readonly=True, default=1, aggregator=None, help="Carriers use their numbers again after a while."
    )
    # Each index is written with each poll of a parcel: those below serve company, provider and status too.
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    shipment_ids = fields.Many2many("order.shipment", string="Shipments", readonly=True)
    carrier_id = fields.Many2one("delivery.carrier", "Delivery method", readonly=True, index="btree_not_null")
    provider_id = fields.Many2one(
        "order.tracking.provider",
        readonly=True,
        ondelete="set null",
        help="Who is asked where it is; empty: nobody, its status is set by hand.",
    )
    carrier_code = fields.Char(readonly=True, help="What the provider calls the carrier.")
    shipped_at = fields.Datetime(readonly=True, help="When it left us, the first time.")

    # ---------------------------------------------------------------- where it is: from its events
    status = fields.Selection(STATUSES, required=True, readonly=True, default="pending")
    substatus = fields.Char("Reason", readonly=True)
    status_since = fields.Datetime(readonly=True)
    eta = fields.Datetime("Expected by the carrier", readonly=True)
    delivered_at = fields.Datetime(readonly=True)
    last_event_at = fields.Datetime("Last scan", readonly=True)
    event_ids = fields.One2many("order.shipment.event", "parcel_id", readonly=True)
    event_count = fields.Integer(readonly=True, default=0, aggregator=None)

    # ---------------------------------------------------------------- asking for it
    next_poll_at = fields.Datetime("Asked again at", readonly=True, help="Empty: it is not asked for.")
    claimed_until = fields.Datetime(readonly=True, help="Somebody is asking for it.")
    last_poll_at = fields.Datetime("Asked last", readonly=True)
    polls_today = fields.Integer(readonly=True, default=0, aggregator=None)
    polls_day = fields.Date(readonly=True)
    fail_count = fields.Integer("Failures in a row", readonly=True, default=0, aggregator=None)
    trouble = fields.Char(readonly=True, help="Code of why the last question had no answer.")
    trouble_message = fields.Char(readonly=True)
    external_ref = fields.Char(readonly=True)
    history_hash = fields.Char(readonly=True)
    subscription = fields.Selection(
        [("none", "No"), ("wanted", "Wanted"), ("active", "Yes"), ("failed", "Refused"), ("ended", "Ended")],
        readonly=True,
        default="none",
        help="Whether the provider tells us of news by itself.",
    )
    subscribe_at = fields.Datetime(readonly=True, help="When it is (again) asked to.")

    _once = models.UniqueIndex("(company_id, number_key, COALESCE(carrier_id, 0), incarnation)")
    _due = models.Index("(provider_id, next_poll_at, id) WHERE next_poll_at IS NOT NULL")
    _to_subscribe = models.Index("(provider_id, subscribe_at, id) WHERE subscription = 'wanted'")
    _by_number = models.Index("(number_key, company_id)")

    @api.model
    def _guarded_fields(self):
        return super()._guarded_fields() | (set(self._fields) - set(models.MAGIC_COLUMNS))

    # ---------------------------------------------------------------- what else follows, by override
    def _status_changed(self, changes):
        """Parcels are somewhere else now; once for all of a batch. ``changes``: list of ``Change``."""

    def _poll_after_change(self):
        """News came without our asking: when to ask next is another matter now."""
