from odoo import api, fields, models

# A change of one of these on a confirmed order may go beyond what was cleared.
RISK_FIELDS = frozenset(
    {
        "partner_id",
        "partner_shipping_id",
        "partner_invoice_id",
        "pricelist_id",
        "currency_id",
        "payment_term_id",
        "incoterm",
        "amount_untaxed",
        "amount_tax",
        "amount_total",
    }
)
# Derived or decided, never typed: nobody may write these by form, import or API.
GUARDED_FIELDS = frozenset(
    {
        "processing_stage",
        "fulfilment",
        "reservation_state",
        "submitted_at",
        "review_state",
        "review_clearance",
        "review_replay",
        "review_first_terms",
        "channel_digest",
        "shipment_ids",
        "review_step_ids",
        "review_step_id",
        "review_stage_id",
        "review_user_id",
        "review_deadline",
        "review_since",
        "review_raised_by_ids",
        "review_answer_unread",
        "allocation_rank",
        "promise_date",
        "first_promise_date",
        "promise_slip",
        "promise_at_risk",
        "promise_kept",
        "promise_ids",
        "hold_until",
        "hold_since",
        "takeover_due",
        "priority_score",
        "priority_figures",
        "freight_code",
        "freight_figures",
        "freight_offer_ids",
        "freight_share_ids",
    }
)


# What a timeline shows of an event: read together with it.
TOLD = ["order_id", "kind", "data", "occurred_at", "actor_name", "redacted"]


class SaleOrder(models.Model):
    _name = "sale.order"
    _inherit = ["sale.order", "order.guarded"]

    channel_id = fields.Many2one(
        "order.channel",
        index="btree_not_null",
        copy=False,
        ondelete="restrict",
        check_company=True,
        help="Where the order came from.",
    )
    channel_ref = fields.Char(
        "Number at the channel", copy=False, help="The number the order has where it came from."
    )
    channel_digest = fields.Char(copy=False, readonly=True, groups="base.group_system")
    urgency = fields.Selection(
        [("normal", "Normal"), ("urgent", "Urgent")],
        required=True,
        default="normal",
        tracking=True,
        index=True,
    )
    requested_date = fields.Datetime(
        "Requested for",
        copy=False,
        tracking=True,
        help="When the customer wants it. What we promise is the delivery date.",
    )
    packing_instruction = fields.Text(help="Special requirements of the customer; the packer sees them.")
    submitted_at = fields.Datetime("Received on", copy=False, readonly=True, index="btree_not_null")
    event_ids = fields.One2many("order.event", compute="_compute_event_ids", groups="base.group_user")
    timeline_html = fields.Html(
        "Timeline", compute="_compute_timeline_html", sanitize=False, groups="base.group_user"
    )

    _channel_ref_uniq = models.UniqueIndex(
        "(company_id, channel_id, channel_ref) WHERE channel_id IS NOT NULL AND channel_ref IS NOT NULL",
        "This channel has sent an order with this number already.",
    )

    # ---------------------------------------------------------------- derived fields are not typed
    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._number_by_channel(vals)
        orders = super().create(vals_list)
        orders.filtered(lambda order: order.state == "sale")._mark_submitted()
        return orders

    @api.model
    def _guarded_fields(self):
        return super()._guarded_fields() | GUARDED_FIELDS

    def write(self, vals):
        if RISK_FIELDS & vals.keys():
            self._touch()
        taken_back = self.browse()
        if vals.get("state") in ("draft", "sent"):
            taken_back = self.filtered(lambda order: vals["state"] == "draft" or order.state == "sale")
            self.env["order.event"]._log(taken_back.filtered("submitted_at"), "taken_back")
        result = super().write(vals)
        taken_back._forget_clearance("draft")
        if vals.get("state") == "cancel":
            self._forget_clearance("cancel")
        if vals.get("state") == "sale":
            self._mark_submitted()
        if RISK_FIELDS & vals.keys():
            self._review_after_change()
        return result

    def _number_by_channel(self, vals):
        """Give the order a number of its channel's own sequence, where it has one."""
        if not vals.get("channel_id") or vals.get("name", "/") not in ("/", self.env._("New")):
            return
        sequence = (
            self.env["order.channel"].browse(vals["channel_id"]).sudo().order_sequence_id
        )  # sudo: settings
        if sequence:
            vals["name"] = sequence.with_company(vals.get("company_id")).next_by_id()

    # ---------------------------------------------------------------- timeline
    def _compute_event_ids(self):
        events = self._events().grouped("order_id")
        for order in self:
            order.event_ids = events.get(order.id, self.env["order.event"])

    def _events(self, audience=None):
        """Return the events of these orders, oldest first; the caller may read the orders."""
        self.env["order.event"]._insert_pending()
        domain = [("order_id", "in", self.ids)]
        if audience:
            domain.append(("audience", "=", audience))
        # sudo: who may read an order may read what happened to it
        return self.env["order.event"].sudo().search_fetch(domain, TOLD)

    @api.depends_context("lang", "tz")
    def _compute_timeline_html(self):
        events = self._events().grouped("order_id")
        _day, moment = self._clock(str(self.env.tz))
        for order in self:
            newest_first = events.get(order.id, self.env["order.event"])[::-1]
            order.timeline_html = self.env["ir.qweb"]._render(
                "order_processing.order_timeline",
                {"events": newest_first, "show_actor": True, "moment": moment},
            )
