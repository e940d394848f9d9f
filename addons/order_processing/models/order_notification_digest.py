from odoo import SUPERUSER_ID, api, fields, models
from odoo.fields import Domain

from ..engine.quiet_hours import clock, next_at
from .order_notification import Due


class OrderNotification(models.Model):
    """One e-mail a day about all parcels, for who has chosen so.

    The mail of the day is a message of the outbox like others, unique by its moment. What it tells waits with
    it, and is noted as sent in the transaction that sends it: killed at any moment, each event is told once.
    """

    _inherit = "order.notification"

    digest_id = fields.Many2one(
        "order.notification", "Told with", readonly=True, index="btree_not_null", ondelete="set null"
    )

    @api.model
    def _due_now(self, tried):
        # Who came too late for his mail of the day, or whose mail has failed, is taken along by the next.
        alone = Domain("digest_id", "=", False) | Domain("digest_id.state", "!=", "due")
        return Domain(super()._due_now(tried)) & alone

    def _waits(self):
        if self._belongs_into_digest():
            self._join_digest()
            return True
        return super()._waits()

    def _belongs_into_digest(self):
        return (
            bool(self.parcel_id) and self.medium == "mail" and self.partner_id._wants_digest(self.company_id)
        )

    def _join_digest(self):
        """Wait for the customer's next mail of the day, which is noted with the first who waits for it."""
        hour = clock(self.company_id.messages_digest_hour)
        moment = next_at(fields.Datetime.now(), hour, self._recipient_zone())
        key = f"digest,{self.company_id.id},{moment:%Y-%m-%d %H:%M}"
        row = Due(
            *(key, "digest", "mail", self.partner_id.id, self._told_order().id, None, self.company_id.id),
            *("due", None, moment),
        )
        self._insert([row])
        domain = [("event_key", "=", key), ("partner_id", "=", self.partner_id.id), ("medium", "=", "mail")]
        self.write({"digest_id": self.search(domain, limit=1).id, "due_at": moment})
        self._wake([moment])

    # ---------------------------------------------------------------- the mail of the day
    def _waiting(self):
        return self.search([("digest_id", "=", self.id), ("state", "=", "due")], order="id")

    def _current(self):
        """Return what is still to be told with it."""
        return self._waiting().filtered(lambda row: not row._why_not())

    def _why_not(self):
        if self.kind != "digest":
            return super()._why_not()
        if not self.partner_id.active:
            return "archived"
        if not self.partner_id.email_normalized:
            return "no_address"
        if not self._current():
            return "overtaken"
        return False if self._template() else "no_template"

    def _send(self):
        result = super()._send()
        if self.kind == "digest" and self.state in ("sent", "skipped"):
            for row in self._waiting():
                row._follow_digest(self)
        return result

    def _follow_digest(self, digest):
        """It was told with the mail of the day, or is no news any more."""
        code = self._why_not() or (digest.state == "skipped" and digest.reason_code)
        if code:
            self.write({"state": "skipped", "reason_code": code, "reason_figures": False})
            return
        vals = {"state": "sent", "sent_at": digest.sent_at, "attempts": self.attempts + 1}
        self.write({**vals, "message_id": digest.message_id.id, "reason_code": False})

    def _told_orders(self):
        if self.kind != "digest":
            return super()._told_orders()
        waiting = self.search([("digest_id", "=", self.id)])
        return self.env["sale.order"].union(*(row._told_orders() for row in waiting)).sorted("id")

    def _subject_record(self):
        if self.kind != "digest":
            return super()._subject_record()
        return self.with_user(SUPERUSER_ID).with_context(told_lang=self.partner_id.lang)

    def _digest_news(self):
        """Return ``{customer, order, parcels}``; of each parcel what it says alone, the newest last."""
        self.ensure_one()
        rows = self.sudo()._current()  # sudo: what is written to the customer
        # In the language of the mail.
        news = [
            row._subject_record().with_context(lang=self.env.lang)._parcel_news()
            for row in rows.sorted(lambda row: (row.parcel_id.number, row.id))
        ]
        order = self.sudo()._told_order()  # sudo: see above
        return {"customer": self.sudo().partner_id.name or "", "order": order, "parcels": news}
