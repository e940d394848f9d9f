from datetime import datetime, timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

CRON = "order_processing.ir_cron_send_notifications"
WOKEN = "order_processing.notifications_woken"
# Kinds of messages: by which medium each goes, and the company's switch for it.
KINDS = {
    "accepted": {"mail": "tell_accepted"},
    "shipped": {"mail": "tell_shipped", "sms": "tell_shipped_sms"},
    "out_for_delivery": {"mail": "tell_out_for_delivery", "sms": "tell_out_for_delivery_sms"},
    "available_for_pickup": {"mail": "tell_available_for_pickup", "sms": "tell_available_for_pickup_sms"},
    "attempt_failed": {"mail": "tell_attempt_failed", "sms": "tell_attempt_failed_sms"},
    "delivered": {"mail": "tell_delivered", "sms": "tell_delivered_sms"},
    "parcel_problem": {"mail": "tell_parcel_problem", "sms": "tell_parcel_problem_sms"},
    "parcel_new_date": {"mail": "tell_parcel_problem", "sms": "tell_parcel_problem_sms"},
}
# Why a message was not sent, or not yet.
REASONS = {
    "no_address": _lt("The customer has no e-mail address"),
    "no_phone": _lt("The customer has no phone number"),
    "channel_silent": _lt("The order's channel writes to customers itself"),
    "switched_off": _lt("Switched off before it was sent"),
    "order_cancelled": _lt("The order was cancelled before it was sent"),
    "archived": _lt("The customer is archived"),
    "not_theirs": _lt("The order is no longer this customer's"),
    "not_wanted": _lt("The customer does not want it"),
    "overtaken": _lt("The parcel had moved on before it was sent"),
    "no_template": _lt("The template is gone"),
    "error": _lt("It could not be sent: %(error)s"),
    "undelivered": _lt("It was not delivered: %(error)s"),
}


class Due(NamedTuple):
    """A message that is due, as it is inserted."""

    event_key: str
    kind: str
    medium: str
    partner_id: int
    order_id: int
    shipment_id: int | None
    company_id: int
    state: str
    reason_code: str | None
    due_at: datetime
    parcel_id: int | None = None
    problem_id: int | None = None


class OrderNotification(models.Model):
    """The outbox: what customers are told, because of which event, and what became of it.

    A message is due because something happened, at most once for each event, recipient and medium: the
    database sees to it, in however many processes the event is noticed. Due is noted in the transaction of
    the event itself, so it is due if, and only if, that is committed.
    """

    _name = "order.notification"
    _description = "Message to a Customer"
    _order = "id desc"
    _rec_name = "kind"

    event_key = fields.Char(required=True, readonly=True)
    kind = fields.Selection(
        [
            ("accepted", "Order accepted"),
            ("shipped", "Order sent"),
            ("out_for_delivery", "Out for delivery"),
            ("available_for_pickup", "Ready to be collected"),
            ("attempt_failed", "Delivery attempt failed"),
            ("delivered", "Delivered"),
            ("parcel_problem", "Problem with a parcel"),
            ("parcel_new_date", "New date for a parcel"),
            ("digest", "News of the day"),
        ],
        required=True,
        readonly=True,
    )
    medium = fields.Selection([("mail", "E-mail"), ("sms", "SMS")], required=True, readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True, index="btree_not_null")
    order_id = fields.Many2one("sale.order", readonly=True, index=True, ondelete="cascade")
    shipment_id = fields.Many2one("order.shipment", readonly=True, index="btree_not_null", ondelete="cascade")
    parcel_id = fields.Many2one(
        "order.shipment.parcel", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    problem_id = fields.Many2one(
        "order.shipment.problem", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="cascade")
    state = fields.Selection(
        [("due", "Due"), ("sent", "Sent"), ("failed", "Failed"), ("skipped", "Not sent")],
        required=True,
        readonly=True,
        default="due",
        help="Sent: put into Odoo's queue of mails or SMS.",
    )
    due_at = fields.Datetime("Due since", readonly=True)
    sent_at = fields.Datetime(readonly=True)
    attempts = fields.Integer(readonly=True, default=0, aggregator=None)
    reason_code = fields.Char(readonly=True)
    reason_figures = fields.Json(readonly=True)
    reason = fields.Char("Why not", compute="_compute_reason")
    message_id = fields.Many2one(
        "mail.message", readonly=True, index="btree_not_null", ondelete="set null", groups="base.group_system"
    )

    _once = models.UniqueIndex("(event_key, partner_id, medium)")
    _due_first = models.Index("(due_at, id) WHERE state = 'due'")
    _sent_lately = models.Index("(sent_at) WHERE state = 'sent'")

    @api.depends("reason_code", "reason_figures")
    @api.depends_context("lang")
    def _compute_reason(self):
        for row in self:
            words = row.reason_code in REASONS and self.env._(REASONS[row.reason_code])
            row.reason = str(words) % (row.reason_figures or {}) if words else False

    # ---------------------------------------------------------------- due
    @api.model
    def _due(self, kind, records, event_key=None):
        """Note that customers are to be told; what was noted before is left alone.

        :param records: the orders, or the shipments, it happened to
        :param event_key: a function that names, for each of them, the event among others of its kind
        """
        records = records.sudo()  # sudo: settings and addresses, whoever has done it
        rows = [
            row
            for record in records
            for row in self._rows(kind, record, event_key(record) if event_key else "")
        ]
        if not rows:
            return self.browse()
        # What the rows point to must be in the database before them.
        self.env.flush_all()
        noted = self._insert(rows)
        self._wake([row.due_at for row in rows if row.state == "due"])
        return noted

    @api.model
    def _rows(self, kind, record, event, orders=None):
        shipment = record if record._name == "order.shipment" else None
        if orders is None:
            orders = shipment.order_ids.sorted("id") if shipment else record
        key = f"{kind},{record._name},{record.id},{event}"
        for partner, some in orders.grouped("partner_id").items():
            company = some[0].company_id
            silent = all(order.channel_id and not order.channel_id.tells_customers for order in some)
            for medium, switch in KINDS[kind].items():
                if company[switch]:
                    yield Due(
                        key,
                        kind,
                        medium,
                        partner.id,
                        some[0].id,
                        shipment and shipment.id,
                        company.id,
                        "skipped" if silent else "due",
                        "channel_silent" if silent else None,
                        self._when(kind, record, company),
                    )

    @api.model
    def _when(self, kind, record, company):
        """Return when it is sent: a parcel's number may become known a moment after it has left."""
        now = fields.Datetime.now()
        waits = kind == "shipped" and record.carrier_id and not record.tracking_number
        return now + timedelta(minutes=company.shipped_wait_minutes) if waits else now

    @api.model
    def _insert(self, rows):
        """Insert what is not there yet, in one statement; return the new rows.

        What was overtaken before it was sent, and has happened again, is due again: nobody was told.
        """
        uid, now = self.env.uid, fields.Datetime.now()
        stamp = SQL("%s, %s, %s, %s", uid, now, uid, now)
        values = SQL(", ").join(SQL("(%s, 0, %s)", SQL(", ").join(row), stamp) for row in rows)
        columns = SQL(", ").join(SQL.identifier(name) for name in Due._fields)
        query = SQL(
            "INSERT INTO order_notification (%s, attempts, create_uid, create_date, write_uid, write_date)"
            " VALUES %s ON CONFLICT (event_key, partner_id, medium) DO UPDATE"
            " SET state = EXCLUDED.state, due_at = EXCLUDED.due_at, problem_id = EXCLUDED.problem_id,"
            " reason_code = EXCLUDED.reason_code, attempts = 0, write_date = EXCLUDED.write_date"
            " WHERE order_notification.state = 'skipped' AND order_notification.reason_code = 'overtaken'"
            " RETURNING id",
            columns,
            values,
        )
        rows = self.browse(id_ for (id_,) in self.env.execute_query(query))
        rows.invalidate_recordset(flush=False)
        return rows

    @api.model
    def _wake(self, moments):
        """Let the scheduled action run when these messages are due, once for each minute."""
        noted = self.env.cr.precommit.data.setdefault(WOKEN, set())
        new = {moment.replace(second=0, microsecond=0): moment for moment in moments}
        new = {minute: moment for minute, moment in new.items() if minute not in noted}
        cron = self.env.ref(CRON, raise_if_not_found=False)
        if new and cron:
            noted.update(new)
            cron.sudo()._trigger(list(new.values()))  # sudo: whoever ships need not know of scheduled actions

    @api.model
    def _wait_no_longer(self, shipments):
        """The tracking number has become known: what has waited for it is sent now."""
        now = fields.Datetime.now()
        domain = [("state", "=", "due"), ("due_at", ">", now), ("attempts", "=", 0)]
        # sudo: whoever writes the number
        waiting = self.sudo().search([("shipment_id", "in", shipments.ids), *domain])
        if waiting:
            waiting.write({"due_at": now})
            self._wake([now])

    # ---------------------------------------------------------------- staff
    def action_retry(self):
        """Send again what has failed, or was not sent; somebody has mended what was in the way."""
        self.check_access("read")
        self.order_id.check_access("write")
        again = self.sudo().filtered(lambda row: row.state in ("failed", "skipped"))  # sudo: checked above
        again -= again._put_back_into_queue()
        now = fields.Datetime.now()
        again.write(
            {"state": "due", "due_at": now, "attempts": 0, "reason_code": False, "reason_figures": False}
        )
        if again:
            self._wake([now])
