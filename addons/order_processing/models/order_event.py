import hashlib
import json

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_date
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

# What each kind of event says. A kind is a code; its figures are in ``data``; the words are made
# when somebody reads, in the reader's language. Other addons add theirs in ``_texts``.
STAFF_TEXTS = {
    "received": _lt("Order received"),
    "received_from": _lt("Order received from %(channel)s"),
    "held": _lt("Held for review: %(findings)s"),
    "refused_by_rule": _lt("Refused by the rules: %(findings)s"),
    "waived": _lt("Waived: %(findings)s. %(reason)s"),
    "cleared": _lt("Checked and found in order"),
    "approved": _lt("Approved. %(reason)s"),
    "stage_approved": _lt("Approved at %(stage)s, goes on to %(next)s. %(reason)s"),
    "reminded": _lt("%(reviewer)s was reminded to decide"),
    "escalated": _lt("Not decided in time: goes from %(before)s to %(after)s"),
    "overdue": _lt("Not decided in time; there is nobody it could go to but %(after)s"),
    "handed_over": _lt("%(before)s is away, or reviews no more: %(after)s decides"),
    "taken_over": _lt("%(after)s takes the review over from %(before)s"),
    "nobody_may_decide": _lt("Nobody may decide on this order: %(assign)s"),
    "refused": _lt("Refused: %(reason)s"),
    "changes_requested": _lt("Change requested: %(reason)s"),
    "answered": _lt("The customer answered: %(answer)s"),
    "completed_zip": _lt("The customer completed the delivery address: postal code %(value)s"),
    "completed_state_id": _lt("The customer completed the delivery address: state %(value)s"),
    "completed_phone": _lt("The customer gave a phone number: %(value)s"),
    "reopened": _lt("Changed after approval, review opened again: %(findings)s"),
    "change_taken_back": _lt("The change was taken back; the approval holds again"),
    "confirmed": _lt("Order confirmed"),
    "stage": "%(before)s → %(after)s",
    "shipped": _lt("%(parcel)s handed over for delivery"),
    "shipped_carrier": _lt("%(parcel)s handed to %(carrier)s"),
    "shipped_numbered": _lt("%(parcel)s handed over, tracking number %(tracking)s"),
    "shipped_tracked": _lt("%(parcel)s handed to %(carrier)s, tracking number %(tracking)s"),
    "shipped_together": _lt("Sent in one parcel with %(orders)s"),
    "taken_back": _lt("Taken back to quotation"),
    "parcel_status": _lt("Parcel %(parcel)s: %(status)s"),
    "resent": _lt("The same order arrived again from %(channel)s and was not entered twice"),
    "resent_differs": _lt(
        "Another order arrived under the number %(ref)s of %(channel)s. It was not entered"
    ),
    "rank_raised": _lt("Goes earlier now when stock is scarce"),
    "rank_lowered": _lt("Goes later now when stock is scarce"),
    "queue_jumped": _lt("Stock of %(transfer)s reserved out of turn: %(reason)s"),
    "promised": _lt("Promised for %(promised_for)s"),
    "promise_later": _lt("Promised for %(promised_for)s now, before for %(promised_before)s. %(why)s"),
    "promise_earlier": _lt("Promised for %(promised_for)s now, before for %(promised_before)s. %(why)s"),
    "promise_lines": _lt("Some of it comes on another day than promised. %(why)s"),
    "promise_unknown": _lt("Nobody can say when it will be there. %(why)s"),
    "sourced": _lt("Comes from %(warehouses)s"),
    "source_changed": _lt("%(product)s comes from %(warehouse)s now, no longer from %(was)s"),
    "transfer_made": _lt("%(product)s is brought from %(warehouse)s for this order: %(transfer)s"),
    "carrier_chosen": _lt("Sent with %(carrier)s"),
    "redacted": _lt("Event %(event)s was redacted: %(reason)s"),
}
CUSTOMER_TEXTS = {
    "received": _lt("We have received your order"),
    "received_from": _lt("We have received your order"),
    "held": _lt("We are checking your order"),
    "approved": _lt("Your order is approved"),
    "refused": _lt("We cannot accept this order: %(reason)s"),
    "refused_by_rule": _lt("We cannot accept this order as it is. Please contact us"),
    "changes_requested": _lt("We need something from you: %(reason)s"),
    "answered": _lt("You answered: %(answer)s"),
    "completed_zip": _lt("You completed your address: postal code %(value)s"),
    "completed_state_id": _lt("You completed your address: state %(value)s"),
    "completed_phone": _lt("You gave a phone number: %(value)s"),
    "confirmed": _lt("Your order is confirmed"),
    "stage": "%(after)s",
    "shipped": _lt("Your parcel %(parcel)s is on its way"),
    "shipped_carrier": _lt("Your parcel %(parcel)s was handed to %(carrier)s"),
    "shipped_numbered": _lt("Your parcel %(parcel)s is on its way, tracking number %(tracking)s"),
    "shipped_tracked": _lt("Your parcel %(parcel)s was handed to %(carrier)s, tracking number %(tracking)s"),
    "parcel_status": _lt("Parcel %(parcel)s: %(status)s"),
    "promised": _lt("You can expect your order on %(promised_for)s"),
    "promise_later": _lt("Your order comes later than we said: on %(promised_for)s"),
    "promise_earlier": _lt("Your order comes earlier than we said last: on %(promised_for)s"),
    "promise_lines": _lt("Part of your order comes on another day than we said"),
    "promise_unknown": _lt("We cannot say yet when your order will be with you"),
}
REDACTED_TEXT = _lt("Removed at the request of the person concerned")
# Figures that are codes of a selection: (model, field) to find their words in.
CODED_FIGURES = {
    "before": ("sale.order", "processing_stage"),
    "after": ("sale.order", "processing_stage"),
    "status": ("order.shipment", "status"),
}
DAYS = ("promised_for", "promised_before")
PENDING = "order_processing.events"


class OrderEvent(models.Model):
    """One thing that happened to an order. Written once, never changed: the database itself refuses.

    Actor, order, customer and document are kept as id and name without foreign keys, so that an
    event never stands in the way of deleting a user, merging contacts or removing a draft.
    """

    _name = "order.event"
    _description = "Order Event"
    _order = "id"
    _log_access = False
    _allow_sudo_commands = False

    company_id = fields.Many2one("res.company", required=True, ondelete="restrict", index=True, readonly=True)
    occurred_at = fields.Datetime(required=True, default=fields.Datetime.now, readonly=True)
    order_id = fields.Integer("Order ID", required=True, index=True, readonly=True, aggregator=None)
    order_name = fields.Char("Order", required=True, readonly=True)
    customer_id = fields.Integer("Customer ID", readonly=True, aggregator=None)
    customer_name = fields.Char("Customer", readonly=True)
    kind = fields.Char(required=True, index=True, readonly=True)
    data = fields.Json("Figures", readonly=True)
    audience = fields.Selection(
        [("internal", "Internal"), ("customer", "Customer")], required=True, readonly=True
    )
    actor_id = fields.Integer("User ID", readonly=True, aggregator=None)
    actor_name = fields.Char("By", readonly=True)
    document = fields.Char(readonly=True, help="What the event came from, as model,id.")
    document_name = fields.Char(readonly=True)

    redacted = fields.Boolean(readonly=True)
    content_hash = fields.Char(readonly=True)
    seal_position = fields.Integer("Place in the chain", readonly=True, aggregator=None)
    seal_hash = fields.Char("Seal", readonly=True)

    text = fields.Char("What happened", compute="_compute_text")
    salesperson_id = fields.Many2one(
        "res.users", compute="_compute_salesperson_id", search="_search_salesperson_id", compute_sudo=True
    )

    _unsealed = models.Index("(company_id, id) WHERE seal_position IS NULL")
    _seal_position_uniq = models.UniqueIndex("(company_id, seal_position) WHERE seal_position IS NOT NULL")

    # ---------------------------------------------------------------- nobody changes an event
    def init(self):
        self.env.cr.execute("""
            CREATE OR REPLACE FUNCTION order_event_append_only() RETURNS trigger AS $$
            BEGIN
                IF current_setting('order_processing.event_maintenance', true) = 'on' THEN
                    RETURN COALESCE(NEW, OLD);
                END IF;
                -- The one change allowed: an event that has no seal gets one.
                IF TG_OP = 'UPDATE' AND OLD.seal_position IS NULL AND NEW.seal_position IS NOT NULL
                   AND to_jsonb(OLD) - ARRAY['seal_position', 'seal_hash', 'content_hash']
                     = to_jsonb(NEW) - ARRAY['seal_position', 'seal_hash', 'content_hash'] THEN
                    RETURN NEW;
                END IF;
                RAISE EXCEPTION 'Order events are append-only: % refused', TG_OP
                    USING ERRCODE = 'restrict_violation';
            END
            $$ LANGUAGE plpgsql;
            DROP TRIGGER IF EXISTS order_event_append_only_row ON order_event;
            CREATE TRIGGER order_event_append_only_row BEFORE UPDATE OR DELETE ON order_event
                FOR EACH ROW EXECUTE FUNCTION order_event_append_only();
            DROP TRIGGER IF EXISTS order_event_append_only_truncate ON order_event;
            CREATE TRIGGER order_event_append_only_truncate BEFORE TRUNCATE ON order_event
                FOR EACH STATEMENT EXECUTE FUNCTION order_event_append_only();
        """)

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._("Events cannot be changed. What was wrong is put right by a new event."))

    @api.ondelete(at_uninstall=True)
    def _unlink_except_never(self):
        raise UserError(self.env._("Events cannot be deleted."))

    def copy(self, default=None):  # pylint: disable=method-required-super
        raise UserError(self.env._("Events cannot be copied."))

    # ---------------------------------------------------------------- writing
    @api.model
    def _log(self, orders, kind, data=None, audience="internal", document=None):
        """Note that something happened to each of ``orders``.

        :param data: figures of the event, one dict for all orders or ``{order id: dict}``
        :param document: record the event came from, where it is not the order itself

        The rows are inserted together, in one statement per hundred, before the transaction is
        committed; a rolled-back transaction leaves none.
        """
        user = self.env.user
        if not orders:
            return
        pending = self.env.cr.precommit.data.setdefault(PENDING, [])
        if not pending:
            self.env.cr.precommit.add(self.env["order.event"].sudo()._insert_pending)
        now = fields.Datetime.now()
        for order in orders.sudo():  # sudo: names are kept with the event, whoever acts
            figures = (data or {}).get(order.id) or {
                k: v for k, v in (data or {}).items() if isinstance(k, str)
            }
            pending.append(
                {
                    "company_id": order.company_id.id,
                    "occurred_at": now,
                    "order_id": order.id,
                    "order_name": order.name,
                    "customer_id": order.partner_id.id,
                    "customer_name": order.partner_id.display_name,
                    "kind": kind,
                    "data": figures,
                    "audience": audience,
                    "actor_id": user.id,
                    "actor_name": user.name,
                    "document": f"{document._name},{document.id}" if document else False,
                    "document_name": document.display_name if document else False,
                }
            )

    @api.model
    def _insert_pending(self):
        """Insert what ``_log`` collected. Reading code calls it to see its own transaction's events."""
        if pending := self.env.cr.precommit.data.pop(PENDING, None):
            self.sudo().create(pending)

    # ---------------------------------------------------------------- reading
    @api.model
    def _texts(self, audience):
        """Return ``{kind: words}`` for readers of ``audience``; addons add their kinds here."""
        return CUSTOMER_TEXTS if audience == "customer" else STAFF_TEXTS

    @api.depends_context("lang", "order_event_audience")
    def _compute_text(self):
        texts = self._texts(self.env.context.get("order_event_audience", "internal"))
        for event in self:
            event.text = event._render(texts)

    def _render(self, texts):
        if self.redacted:
            return self._in_reader_language(REDACTED_TEXT)
        template = texts.get(self.kind)
        if template is None:
            return self.kind
        figures = {key: self._figure_words(key, value) for key, value in (self.data or {}).items()}
        return (self._in_reader_language(template) % _Missing(figures)).strip()

    def _in_reader_language(self, lazy):
        return lazy if isinstance(lazy, str) else self.env._(lazy)

    def _figure_words(self, key, value):
        if key == "findings":
            return "; ".join(self.env["order.review.finding"]._words(code, facts) for code, facts in value)
        if key == "assign":
            return self.env["order.review.step"]._because(value, {})
        if key == "why":
            return self.env["order.promise"]._cause_words(*value)
        if key in DAYS and value:
            return format_date(self.env, value)
        if key in CODED_FIGURES:
            model, field = CODED_FIGURES[key]
            return dict(self.env[model]._fields[field]._description_selection(self.env)).get(value, value)
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            return ", ".join(value)
        return "" if value in (None, False) else value

    def _compute_salesperson_id(self):
        orders = self.env["sale.order"].browse(self.mapped("order_id")).exists()
        salesperson = {order.id: order.user_id for order in orders}
        for event in self:
            event.salesperson_id = salesperson.get(event.order_id, False)

    def _search_salesperson_id(self, operator, value):
        # sudo: only used to find the orders a record rule speaks of
        orders = (
            self.env["sale.order"]
            .sudo()
            .with_context(active_test=False)
            ._search([("user_id", operator, value)])
        )
        return [("order_id", "in", orders)]

    def action_open_order(self):
        self.ensure_one()
        order = self.env["sale.order"].browse(self.order_id)
        if not order.exists():
            raise UserError(self.env._("The order %s has been deleted since.", self.order_name))
        return order.get_formview_action()

    # ---------------------------------------------------------------- sealing
    HASHED = (
        "company_id",
        "occurred_at",
        "order_id",
        "order_name",
        "customer_id",
        "customer_name",
        "kind",
        "data",
        "audience",
        "actor_id",
        "actor_name",
        "document",
        "document_name",
    )

    @api.model
    def _content_hash(self, event_id, row):
        """Return the hash of an event's content; ``row`` holds the columns of ``HASHED``."""
        content = [event_id, *(row[name] for name in self.HASHED)]
        text = json.dumps(content, sort_keys=True, default=str, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @api.model
    def _link_hash(self, previous, position, content_hash):
        """Return the seal of an event: the seal before it, its place and its content in one hash."""
        return hashlib.sha256(f"{previous}|{position}|{content_hash}".encode()).hexdigest()

    def _rows_of(self, where):
        """Return the events ``where`` names as plain rows, with what is sealed and the seals."""
        columns = SQL(", ").join(SQL.identifier(name) for name in self.HASHED)
        query = SQL(
            "SELECT id, redacted, content_hash, seal_position, seal_hash, %s FROM order_event WHERE %s",
            columns,
            where,
        )
        names = ("id", "redacted", "content_hash", "seal_position", "seal_hash", *self.HASHED)
        return [dict(zip(names, row, strict=True)) for row in self.env.execute_query(query)]

    # ---------------------------------------------------------------- privacy
    def action_redact(self, reason):
        """Remove names and figures from these events for good, keeping their hashes and places.

        For requests of erasure. Only administrators; the redaction is an event itself.
        """
        if not self.env.user.has_group("base.group_system"):
            raise AccessError(self.env._("Only an administrator may redact events."))
        if not (reason or "").strip():
            raise UserError(
                self.env._("Say why these events are redacted, for example the number of the request.")
            )
        if unsealed := self.filtered(lambda event: not event.seal_position):
            self._seal_all(unsealed.company_id)
        self.env.cr.execute("SET LOCAL order_processing.event_maintenance = 'on'")
        self.env.cr.execute(
            SQL(
                """UPDATE order_event
                      SET redacted = TRUE, data = NULL, customer_id = NULL, customer_name = NULL,
                          actor_name = NULL, document_name = NULL WHERE id = ANY(%s)""",
                self.ids,
            )
        )
        self.env.cr.execute("SET LOCAL order_processing.event_maintenance = 'off'")
        self.invalidate_recordset()
        for event in self:
            order = self.env["sale.order"].browse(event.order_id)
            self._log_for_deleted(event, "redacted", {"event": event.id, "reason": reason}, order)

    @api.model
    def _seal_all(self, companies):
        chains = self.env["order.event.chain"].sudo()  # sudo: nobody may write a seal by hand
        for company in companies:
            chain = chains._for_company(company)
            while chain._seal_batch():
                pass

    def _log_for_deleted(self, event, kind, data, order):
        """Note something about an event whose order may be gone."""
        if order.exists():
            self._log(order, kind, data)
            return
        # sudo: nobody may create events by hand; the caller has been checked
        self.sudo().create(
            {
                "company_id": event.company_id.id,
                "order_id": event.order_id,
                "order_name": event.order_name,
                "kind": kind,
                "data": data,
                "audience": "internal",
                "actor_id": self.env.uid,
                "actor_name": self.env.user.name,
            }
        )


class _Missing(dict):
    """Figures for a sentence, in which a figure nobody gave is simply left out."""

    def __missing__(self, key):
        return ""
