import base64
import hashlib
import json
from datetime import timedelta

import psycopg2.extras
from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ, STATUS_READY

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .sale_order_rules import RETRIED

CRON = "order_processing.ir_cron_tracking_read"
TRIES = 5
KEPT_DAYS, FAILED_KEPT_DAYS = 30, 180
DELETED_AT_ONCE = 5_000
# They say who was here, who may come or how it was sent, nothing of parcels.
NOT_KEPT = {"authorization", "cookie", "forwarded", "proxy-authorization", "x-real-ip"} | {
    *("accept", "accept-encoding", "connection", "content-length", "host"),
}
NOT_KEPT_PREFIXES = ("x-forwarded-", "cf-", "x-envoy-")
MOST_HEADERS, LONGEST_HEADER = 40, 1000


class Unlocked(fields.Many2one):
    """A link the database does not watch: each message would lock its account's row and look it up."""

    def update_db_foreign_key(self, model, column):
        """Add none; ``unlink`` of the account does what it would."""


class OrderTrackingInbox(models.Model):
    """What providers have pushed, as it came: stored at once, read by the scheduled action."""

    _name = "order.tracking.inbox"
    _description = "Pushed Tracking News"
    _order = "id desc"
    _log_access = False

    provider_id = Unlocked("order.tracking.provider", required=True, readonly=True, ondelete="cascade")
    received_at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    headers = fields.Json(readonly=True)
    form = fields.Json(readonly=True)
    raw = fields.Binary("Message", attachment=False, readonly=True)
    digest = fields.Char(required=True, readonly=True)
    state = fields.Selection(
        [("new", "New"), ("done", "Read"), ("unknown", "Of no parcel of ours"), ("failed", "Cannot be read")],
        required=True,
        readonly=True,
        default="new",
    )
    attempts = fields.Integer(readonly=True, default=0)
    retry_at = fields.Datetime("Read again at", readonly=True)
    times = fields.Integer("Times received", readonly=True, default=1)
    error = fields.Char(readonly=True)
    read_at = fields.Datetime(readonly=True)
    number_ids = fields.One2many("order.tracking.inbox.number", "inbox_id", "Unknown numbers", readonly=True)

    _once = models.UniqueIndex("(provider_id, digest)")
    _to_read = models.Index("(id) WHERE state = 'new'")
    _old = models.Index("USING brin (received_at)")

    # ---------------------------------------------------------------- storing
    @api.model
    def _store(self, provider_id, raw, form, headers, secrets=()):
        """Keep a pushed message, once however often it comes, and wake who reads it.

        One statement, and a transaction of its own where none is open: it sees what others commit meanwhile,
        so who stores the same at this moment is waited for, and both are counted. Where a transaction is
        open it is begun again here if it has to: Odoo's own way would let the provider wait for seconds.
        """
        now, cron = fields.Datetime.now(), self.env["ir.model.data"]._xmlid_to_res_id(CRON) or None
        values = [
            provider_id,
            now,
            base64.b64encode(raw).decode() if raw else None,  # as text: half as long to send as bytes
            _json(form) if form else None,
            _json(_kept(headers, secrets)),
            _digest(raw, form),
            *(cron, now),
        ]
        for attempt in range(TRIES):
            try:
                is_first = _stored_at_once(self.env.cr, values)
                break
            except RETRIED:
                if attempt == TRIES - 1:
                    raise
                self.env.cr.rollback()
        # Woken by the first message after it has begun, not by each.
        if is_first:
            self.env.cr.execute(WAKE, [now, cron])
            self.env.cr.postcommit.add(self.env["ir.cron"]._notifydb)

    # ---------------------------------------------------------------- keeping
    @api.autovacuum
    def _gc_inbox(self):
        """What was pushed is kept for a month; that something could not be read, for longer."""
        now = fields.Datetime.now()
        self.env.cr.execute(
            SQL(
                """DELETE FROM order_tracking_inbox WHERE id IN (
                   SELECT id FROM order_tracking_inbox
                    WHERE received_at < CASE WHEN state = 'failed' THEN %(long_ago)s ELSE %(old)s END
                      AND received_at < %(old)s
                    LIMIT %(most)s)""",
                long_ago=now - timedelta(days=FAILED_KEPT_DAYS),
                old=now - timedelta(days=KEPT_DAYS),
                most=DELETED_AT_ONCE,
            )
        )
        deleted = self.env.cr.rowcount
        self.env.cr.execute(
            SQL(
                """UPDATE order_tracking_inbox SET raw = NULL, form = NULL, headers = NULL
                    WHERE state = 'failed' AND received_at < %s AND headers IS NOT NULL""",
                now - timedelta(days=KEPT_DAYS),
            )
        )
        self.invalidate_model(flush=False)
        return deleted, deleted == DELETED_AT_ONCE

    def action_read_again(self):
        """Read messages again that could not be read, or were of no parcel of ours."""
        self.browse().check_access("read")
        if not self.env.is_admin():
            raise UserError(self.env._("Only administrators have messages read again."))
        # sudo: nobody writes the inbox but by this; checked above
        self.sudo().filtered(lambda one: one.raw or one.form)._read_soon()
        return True

    def _read_soon(self):
        self.write({"state": "new", "attempts": 0, "retry_at": False, "error": False})
        if cron := self.env.ref(CRON, raise_if_not_found=False):
            cron._trigger()


class OrderTrackingProvider(models.Model):
    _inherit = "order.tracking.provider"

    def unlink(self):
        """Forget what was pushed for these; what is pushed at this moment goes when it is to be read."""
        ids = self.ids
        result = super().unlink()
        self.env.cr.execute(SQL("DELETE FROM order_tracking_inbox WHERE provider_id = ANY(%s)", ids))
        self.env["order.tracking.inbox"].invalidate_model(flush=False)
        return result


class OrderTrackingInboxNumber(models.Model):
    """A number in a pushed message that no parcel of ours has, yet."""

    _name = "order.tracking.inbox.number"
    _description = "Unknown Number in Pushed News"
    _log_access = False
    _rec_name = "number_key"

    inbox_id = fields.Many2one(
        "order.tracking.inbox", required=True, readonly=True, index=True, ondelete="cascade"
    )
    provider_id = fields.Many2one("order.tracking.provider", required=True, readonly=True, ondelete="cascade")
    number_key = fields.Char(required=True, readonly=True)

    _by_number = models.Index("(provider_id, number_key)")


# Short: PostgreSQL plans it for each message anew, as Odoo resets a connection whenever it is lent.
STORE = """
INSERT INTO order_tracking_inbox AS inbox
       (provider_id, received_at, raw, form, headers, digest, state, attempts, times)
VALUES (%s, %s, %s, %s, %s, %s, 'new', 0, 1)
    ON CONFLICT (provider_id, digest) DO UPDATE SET times = inbox.times + 1
RETURNING times = 1 AND NOT EXISTS (SELECT FROM ir_cron_trigger WHERE cron_id = %s AND call_at <= %s)
"""
WAKE = "INSERT INTO ir_cron_trigger (cron_id, call_at) SELECT id, %s FROM ir_cron WHERE id = %s AND active"


def _stored_at_once(cr, values):
    """Store a message and return whether the reader has to be woken.

    In Odoo's usual transactions an insert that meets a row somebody else has just stored ends with an error,
    however often it is tried while others store the same. So it is a transaction by itself; that saves the
    database two questions as well.
    """
    cnx = cr._cnx
    if cnx.status != STATUS_READY:
        cr.execute(STORE, values, log_exceptions=False)
        return cr.fetchone()[0]
    cnx.isolation_level = cnx.readonly = None  # as the database has it: nothing is asked of it
    cnx.autocommit = True
    try:
        cr.execute(STORE, values, log_exceptions=False)
        return cr.fetchone()[0]
    finally:
        if not cnx.closed:
            cnx.autocommit = cnx.readonly = False
            cnx.isolation_level = ISOLATION_LEVEL_REPEATABLE_READ


def _json(values):
    # PostgreSQL stores no NUL in JSON.
    return psycopg2.extras.Json(
        {key.replace("\x00", ""): text.replace("\x00", "") for key, text in values.items()}
    )


def _kept(headers, secrets):
    """Return the headers a connector may need later; none that holds a secret."""
    kept = {
        name: value[:LONGEST_HEADER]
        for name, value in headers.items()
        if name not in NOT_KEPT
        and not name.startswith(NOT_KEPT_PREFIXES)
        and not any(secret in value for secret in secrets)
    }
    return dict(list(kept.items())[:MOST_HEADERS])


def _digest(raw, form):
    """Return what is the same for the same message, and only for it."""
    if raw or not form:
        return hashlib.sha256(b"raw:" + raw).hexdigest()
    return hashlib.sha256(b"form:" + json.dumps(sorted(form.items())).encode()).hexdigest()
