from odoo import fields, models


class OrderTrackingProvider(models.Model):
    """An account with somebody who knows where parcels are: a carrier, or who collects from carriers."""

    _name = "order.tracking.provider"
    _description = "Tracking Provider"
    _inherit = ["mail.thread", "mail.activity.mixin", "order.guarded", "order.secret.owner"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    # Addons with a connector add theirs: selection_add.
    kind = fields.Selection(
        [
            ("generic", "HTTP and JSON, as configured here"),
            ("simulator", "Simulator, for trials"),
            ("method", "Delivery methods that know it themselves"),
        ],
        required=True,
        default="generic",
        tracking=True,
    )
    base_url = fields.Char("Address", tracking=True)
    mode = fields.Selection(
        [("poll", "We ask"), ("push", "It tells us"), ("both", "It tells us, and we ask to be sure")],
        required=True,
        default="poll",
        tracking=True,
    )
    # Headers may hold what is not everybody's business.
    options = fields.Json(
        help="What the kind needs besides; written through fields of its own.", groups="base.group_system"
    )
    responsible_id = fields.Many2one(
        "res.users", help="Who is told when the account no longer works; empty: administrators."
    )
    carrier_code_ids = fields.One2many("order.tracking.carrier.code", "provider_id", "Delivery methods")

    # ---------------------------------------------------------------- limits
    per_second = fields.Float("Calls a second", help="0: as the kind has it.")
    per_day = fields.Integer("Calls a day", help="0: as the kind has it.")
    batch_size = fields.Integer("Parcels a call", help="0: as the kind has it.")
    pause_minutes = fields.Integer(
        "Minutes between", default=30, help="Before the same parcel is asked for again."
    )
    tokens = fields.Float(readonly=True, copy=False, default=0.0)
    refilled_at = fields.Datetime(readonly=True, copy=False)
    calls_today = fields.Integer(readonly=True, copy=False, aggregator=None)
    calls_day = fields.Date(readonly=True, copy=False)

    # ---------------------------------------------------------------- health
    health = fields.Selection(
        [
            ("new", "Not tried yet"),
            ("ok", "Works"),
            ("slow", "Told us to wait"),
            ("down", "Does not answer"),
            ("auth", "Refuses the account"),
            ("quota", "Used up"),
        ],
        readonly=True,
        required=True,
        default="new",
        copy=False,
        tracking=True,
    )
    cooldown_until = fields.Datetime("Waits until", readonly=True, copy=False)
    failures_in_a_row = fields.Integer(readonly=True, copy=False, aggregator=None)
    last_ok_at = fields.Datetime("Last answer", readonly=True, copy=False)
    last_error = fields.Char(readonly=True, copy=False)

    def _connector_options(self):
        """Return what the connector needs besides, plain values; kinds with fields of their own extend it."""
        return self.sudo().options or {}  # sudo: it is called as administrators have set it up

    def _guarded_fields(self):
        return super()._guarded_fields() | {
            "tokens",
            "refilled_at",
            "calls_today",
            "calls_day",
            "health",
            "cooldown_until",
            "failures_in_a_row",
            "last_ok_at",
            "last_error",
        }


class OrderTrackingCarrierCode(models.Model):
    """Which provider is asked for the parcels of a delivery method, and what it calls the carrier."""

    _name = "order.tracking.carrier.code"
    _description = "Carrier at a Tracking Provider"
    _order = "sequence, id"
    _check_company_auto = True

    sequence = fields.Integer(default=10)
    provider_id = fields.Many2one("order.tracking.provider", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="provider_id.company_id", store=True)
    carrier_id = fields.Many2one(
        "delivery.carrier",
        "Delivery method",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    code = fields.Char("Code there", help="Empty: the provider finds out by the number.")
    needs_phone = fields.Boolean(help="The carrier answers only who knows the receiver's phone number.")

    _once = models.UniqueIndex(
        "(provider_id, carrier_id)", "The account knows this delivery method already: it has one code there."
    )


class OrderTrackingCall(models.Model):
    """A call to a provider: what it was for and what came of it. Never what was sent or answered."""

    _name = "order.tracking.call"
    _description = "Call to a Tracking Provider"
    _order = "id desc"
    _log_access = False

    provider_id = fields.Many2one(
        "order.tracking.provider", required=True, readonly=True, index=True, ondelete="cascade"
    )
    called_at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    purpose = fields.Char(readonly=True)
    parcels = fields.Integer(readonly=True)
    http_status = fields.Integer(readonly=True, aggregator=None)
    outcome = fields.Char(readonly=True, help="ok, or the code of the trouble")
    message = fields.Char(readonly=True)
    milliseconds = fields.Integer(readonly=True, aggregator="avg")
