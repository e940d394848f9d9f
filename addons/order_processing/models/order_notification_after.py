import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .sale_order_rules import RETRIED

_logger = logging.getLogger(__name__)

# Failures that are ours to mend: no customer is called as our mail server is down.
OURS = {
    "mail_smtp",
    "mail_from_invalid",
    "mail_from_missing",
    "sms_acc",
    "sms_credit",
    "sms_registration_needed",
    "sms_server",
    "unknown",
}
# For so many days after it was sent a message may come back, and so many come back in one run.
COME_BACK_DAYS = 7
AT_ONCE = 100
# Longer than the year in which somebody asks when a customer was told.
KEPT_DAYS = 400
DELETED_AT_ONCE = 10_000


class OrderNotification(models.Model):
    """What becomes of messages after they were sent."""

    _inherit = "order.notification"

    @api.model
    def _look_after_sent(self):
        """Whatever is wrong with what was sent before, what is due is sent."""
        try:
            self._note_undelivered()
            self.env.flush_all()
        except Exception:
            self.env.cr.rollback()
            _logger.exception("What was not delivered could not be noted")

    @api.model
    def _note_undelivered(self):
        """Odoo's queue has given up on some, or they came back: where it is the address, somebody calls."""
        for row, lost in self._undelivered():
            try:
                with self.env.cr.savepoint():
                    row._note_lost(lost)
                    self.env.flush_all()
            except RETRIED:
                raise
            except Exception:
                _logger.exception("That message %s was not delivered could not be noted", row.id)

    @api.model
    def _undelivered(self):
        """Return ``[(row, notification)]`` where the customer's own was lost: followers are not counted."""
        self.env.flush_all()
        query = SQL(
            """SELECT o.id, min(n.id) FROM order_notification o
                 JOIN mail_notification n ON n.mail_message_id = o.message_id
                  AND n.res_partner_id = o.partner_id AND n.notification_status IN ('bounce', 'exception')
                WHERE o.state = 'sent' AND o.sent_at > %s
                GROUP BY o.id ORDER BY o.id LIMIT %s""",
            fields.Datetime.now() - timedelta(days=COME_BACK_DAYS),
            AT_ONCE,
        )
        Notification = self.env["mail.notification"]
        return [(self.browse(row), Notification.browse(lost)) for row, lost in self.env.execute_query(query)]

    def _note_lost(self, lost):
        error = lost.failure_reason or lost.format_failure_reason()
        self.write({"state": "failed", "reason_code": "undelivered", "reason_figures": {"error": error}})
        if lost.failure_type not in OURS:
            self._ask_to_call()

    @api.autovacuum
    def _gc_done(self):
        """What was sent, or not to be sent, is kept for 400 days; what is due or has failed for ever."""
        before = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        sent = Domain("state", "=", "sent") & Domain("sent_at", "<", before)
        skipped = Domain("state", "=", "skipped") & Domain("write_date", "<", before)
        old = self.search(sent | skipped, limit=DELETED_AT_ONCE)
        old.unlink()
        return len(old), len(old) == DELETED_AT_ONCE
