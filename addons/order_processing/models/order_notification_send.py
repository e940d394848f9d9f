import base64
import logging
from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models

from .order_notification import KINDS
from .sale_order_rules import RETRIED
from .sale_order_tell import LAYOUT

_logger = logging.getLogger(__name__)

# How many minutes later it is tried again after each failure; then it has failed.
BACK_OFF = (5, 30, 120, 480)
TEMPLATES = {
    ("accepted", "mail"): ("accepted_mail_template_id", "order_processing.mail_template_order_accepted"),
    ("shipped", "mail"): ("shipped_mail_template_id", "order_processing.mail_template_order_shipped"),
    ("shipped", "sms"): ("shipped_sms_template_id", "order_processing.sms_template_order_shipped"),
    ("out_for_delivery", "mail"): (None, "order_processing.mail_template_parcel_out_for_delivery"),
    ("out_for_delivery", "sms"): (None, "order_processing.sms_template_parcel_out_for_delivery"),
    ("available_for_pickup", "mail"): (None, "order_processing.mail_template_parcel_available_for_pickup"),
    ("available_for_pickup", "sms"): (None, "order_processing.sms_template_parcel_available_for_pickup"),
    ("attempt_failed", "mail"): (None, "order_processing.mail_template_parcel_attempt_failed"),
    ("attempt_failed", "sms"): (None, "order_processing.sms_template_parcel_attempt_failed"),
    ("delivered", "mail"): (None, "order_processing.mail_template_parcel_delivered"),
    ("delivered", "sms"): (None, "order_processing.sms_template_parcel_delivered"),
    ("parcel_problem", "mail"): (None, "order_processing.mail_template_parcel_parcel_problem"),
    ("parcel_problem", "sms"): (None, "order_processing.sms_template_parcel_parcel_problem"),
    ("parcel_new_date", "mail"): (None, "order_processing.mail_template_parcel_new_date"),
    ("parcel_new_date", "sms"): (None, "order_processing.sms_template_parcel_new_date"),
    ("digest", "mail"): (None, "order_processing.mail_template_parcel_digest"),
}
CONFIRMATION = "sale.action_report_saleorder"
MAIL_QUEUE = "mail.ir_cron_mail_scheduler_action"
RENDERED = ("subject", "body_html", "email_from", "attachment_ids", "report_template_ids")


class OrderNotification(models.Model):
    """Sending what is due, one message in one transaction, through Odoo's own queues."""

    _inherit = "order.notification"

    @api.model
    def _cron_send(self):
        """Send what is due. Killed at any moment, a message is sent and noted so, or still due."""
        commit = self.env["ir.cron"]._commit_progress
        self._look_after_sent()
        commit()
        tried = set()
        while due := self.search(self._due_now(tried), order="due_at, id", limit=50):
            for row in due:
                tried.add(row.id)
                row._try_to_send()
                if not commit(1, remaining=len(due)):
                    return
        commit(remaining=0)

    @api.model
    def _due_now(self, tried):
        return [("state", "=", "due"), ("due_at", "<=", fields.Datetime.now()), ("id", "not in", list(tried))]

    def _try_to_send(self):
        """Send it, unless somebody else is about to; whatever fails is tried again later."""
        try:
            row = self.try_lock_for_update()
            row.invalidate_recordset()
            if row.state == "due":
                row._send()
            self.env.flush_all()
        except Exception:
            # Also what is noticed only when it is written; the row stays due, for the next run.
            self.env.cr.rollback()
            _logger.exception("Message %s could not be sent", self.id)

    def _send(self):
        if code := self._why_not():
            self.write({"state": "skipped", "reason_code": code, "reason_figures": False})
            if code == "no_template" or code in ("no_address", "archived") and self._calls_instead():
                self._ask_to_call()
            return
        if self._waits():
            return
        try:
            with self.env.cr.savepoint():
                message = self._send_mail() if self.medium == "mail" else self._send_sms()
                self.env.flush_all()
        except RETRIED:
            raise
        except Exception as error:  # noqa: BLE001  a template, an address, a report: the others go on
            _logger.warning("Message %s for %s failed", self.id, self.order_id.name, exc_info=True)
            self._note_failure(_root_of(error))
            return
        self.write(
            {
                "state": "sent",
                "sent_at": fields.Datetime.now(),
                "attempts": self.attempts + 1,
                "message_id": message.id,
                "reason_code": False,
                "reason_figures": False,
            }
        )
        # Of SMS the queue is woken by Odoo.
        if self.medium == "mail" and (queue := self.env.ref(MAIL_QUEUE, raise_if_not_found=False)):
            queue._trigger()

    def _why_not(self):
        """Return the code of what is in the way of sending it, if anything is."""
        if not self.company_id[KINDS[self.kind][self.medium]]:
            return "switched_off"
        if not self._told_orders():
            return "not_theirs"
        if self.kind == "accepted" and self.order_id.state != "sale":
            return "order_cancelled"
        if not self.partner_id.active:
            return "archived"  # Odoo writes to none of these
        if self.medium == "mail" and not self.partner_id.email_normalized:
            return "no_address"
        if self.medium == "sms" and not self.partner_id.phone:
            return "no_phone"
        return False if self._template() else "no_template"

    def _waits(self):
        """Tell whether it is not sent now; until when has been written then."""
        return False

    def _calls_instead(self):
        """Tell whether who has no e-mail address is called: of goods on their way he should know."""
        return self.kind != "accepted" or self.company_id.call_accepted

    # ---------------------------------------------------------------- failures
    def _note_failure(self, error):
        attempts = self.attempts + 1
        vals = {"attempts": attempts, "reason_code": "error", "reason_figures": {"error": error[:500]}}
        if attempts <= len(BACK_OFF):
            vals["due_at"] = fields.Datetime.now() + timedelta(minutes=BACK_OFF[attempts - 1])
            self._wake([vals["due_at"]])
        else:
            vals["state"] = "failed"
        self.write(vals)
        if self.state == "failed":
            self._ask_to_call()

    def _put_back_into_queue(self):
        """Let Odoo try the very mail again that it could not send; return the rows of which it is there."""
        mails = self.env["mail.mail"].search(
            [("mail_message_id", "in", self.message_id.ids), ("state", "=", "exception")]
        )
        mails.mark_outgoing()
        back = self.filtered(lambda row: row.message_id in mails.mail_message_id)
        lost = back.message_id.notification_ids.filtered(lambda one: one.notification_status == "exception")
        lost.write({"notification_status": "ready", "failure_type": False, "failure_reason": False})
        back.write({"state": "sent", "reason_code": False, "reason_figures": False})
        return back

    def _ask_to_call(self):
        """Let the salesperson tell the customer, unless he is reached by another medium."""
        others = self.search(
            [
                ("event_key", "=", self.event_key),
                ("partner_id", "=", self.partner_id.id),
                ("id", "!=", self.id),
                ("state", "in", ("due", "sent")),
            ]
        )
        if others.filtered(lambda row: row.medium == "sms" and row.partner_id.phone or row.state == "sent"):
            return
        self._told_order()._ask_to_call(self.kind, self.reason or "")

    # ---------------------------------------------------------------- e-mail
    def _template(self):
        field, default = TEMPLATES[self.kind, self.medium]
        quotation = self.kind == "accepted" and self.order_id.sale_order_template_id.mail_template_id
        chosen = quotation or (field and self.company_id[field])
        return chosen or self.env.ref(default, raise_if_not_found=False)

    def _subject_record(self):
        """Return what the template is about, knowing whom it is told to."""
        record = (self.parcel_id or self.shipment_id or self.order_id).with_user(SUPERUSER_ID)
        return record.with_context(
            told_customer=self.partner_id.id, told_lang=self.partner_id.lang, told_problem=self.problem_id.id
        )

    def _send_mail(self):
        record, template = self._subject_record(), self._template()
        values = template.with_env(record.env)._generate_template(record.ids, RENDERED)[record.id]
        order = self._told_order().with_user(SUPERUSER_ID).with_context(lang=self.partner_id.lang)
        author = order.user_id.partner_id or order.company_id.partner_id
        attachments = [(name, base64.b64decode(data)) for name, data in values.get("attachments", ())]
        if self.kind == "accepted" and not attachments:
            attachments = [order._confirmation_paper()]
        message = order.message_post(
            body=values["body_html"],
            subject=values["subject"],
            email_from=values["email_from"],
            author_id=author.id,
            partner_ids=self.partner_id.ids,
            attachments=attachments,
            attachment_ids=values.get("attachment_ids") or None,
            message_type="notification",
            subtype_xmlid="mail.mt_comment",
            email_layout_xmlid=LAYOUT,
            force_send=False,
        )
        self._note_on_others(message)
        return message

    def _note_on_others(self, message):
        """A shipment of several orders is one message; the other orders keep what it said as a note."""
        others = self._told_orders() - self._told_order()
        for order in others.with_user(SUPERUSER_ID):
            order.message_post(
                body=message.body,
                subject=message.subject,
                author_id=message.author_id.id,
                subtype_xmlid="mail.mt_note",
            )

    def _told_orders(self):
        """Return the orders it is about that are this customer's still: he may be another one since."""
        orders = self.parcel_id._told_orders() or self.shipment_id.order_ids or self.order_id
        return orders.filtered(lambda order: order.partner_id == self.partner_id).sorted("id")

    def _told_order(self):
        """Return the one of them that the message stands on."""
        orders = self._told_orders()
        return self.order_id & orders or orders[:1]

    # ---------------------------------------------------------------- SMS
    def _send_sms(self):
        record, template = self._subject_record(), self._template()
        lang = {"set_lang": self.partner_id.lang} if self.partner_id.lang else {}
        body = template.with_env(record.env)._render_field("body", record.ids, **lang)[record.id]
        order = self._told_order().with_user(SUPERUSER_ID)
        return order._message_sms(body.strip(), partner_ids=self.partner_id.ids, put_in_queue=True)


def _root_of(error):
    """Return what has really gone wrong: around it stands, at length, the template it has happened in."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__
    return str(error) or type(error).__name__
