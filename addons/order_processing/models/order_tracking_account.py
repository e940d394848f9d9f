import hashlib
import random
import threading
from datetime import datetime, time, timedelta

from odoo import fields, models
from odoo.tools import SQL

from ..connectors.base import ConnectorError, Settings, Trouble, connector_of
from ..engine.tracking_pace import Bucket, Limits, take
from .order_secret import SecretKeyError
from .order_tracking_again import settled
from .sale_order_rules import RETRIED

# A token is renewed so long before it ends: it may still be on its way then.
TOKEN_MARGIN = timedelta(seconds=60)
TOKEN = "token"  # noqa: S105  its name among the secrets
# {(database, account, what it was got with): (token, good until)}: of this process only, never stored.
_tokens = {}
_lock = threading.Lock()


class OrderTrackingProvider(models.Model):
    """The account as its connector sees it, and how many calls it may make."""

    _inherit = "order.tracking.provider"

    # ---------------------------------------------------------------- the connector
    def _connector(self):
        """Return the connector of this account, with its secrets and, where it needs one, a token."""
        kind = self._connector_class()
        settings, secrets = self._connector_settings(kind), self._connector_secrets()
        limits = self._limits(kind)
        connector = kind(settings, secrets)
        connector.limits = limits  # read once, for all calls made with it
        if request := connector.token_request():
            token = self._token(connector, request, secrets)
            connector = kind(settings, {**secrets, TOKEN: token})
            connector.limits = limits
        return connector

    def _connector_class(self):
        if kind := connector_of(self.kind):
            return kind
        raise ConnectorError(Trouble.RETRY_LATER, "no_connector")

    def _connector_settings(self, kind):
        return Settings(
            (self.base_url or kind.default_url or "").rstrip("/"),
            self._connector_options(),
            "",
            fields.Datetime.now(),
        )

    def _connector_secrets(self):
        try:
            return self._secrets()
        except SecretKeyError:
            # Ours to mend, not the account's: asked again later.
            raise ConnectorError(Trouble.RETRY_LATER, "secret_key") from None

    # ---------------------------------------------------------------- tokens
    def _token(self, connector, request, secrets):
        if token := self._known_token(connector):
            return token
        token, good_for = self._read_token(connector, request)
        until = fields.Datetime.now() + max(good_for - TOKEN_MARGIN, good_for / 2)
        with _lock:
            _tokens[self._token_key(connector.settings, secrets)] = token, until
        return token

    def _known_token(self, connector):
        """Return the token that is good now, if we have one."""
        with _lock:
            token, until = _tokens.get(self._key_of(connector), ("", datetime.min))
        return token if until > fields.Datetime.now() else ""

    def _key_of(self, connector):
        secrets = {name: value for name, value in connector.secrets.items() if name != TOKEN}
        return self._token_key(connector.settings, secrets)

    def _read_token(self, connector, request):
        """Ask for a token. What is wrong with it is wrong with the account."""
        token, good_for = self._call_once(connector, request, connector.read_token)
        if not token:
            raise ConnectorError(Trouble.AUTH, "token")
        return token, good_for

    def _token_key(self, settings, secrets):
        """Return what the token belongs to: with another password or address it is another."""
        facts = repr((settings.base_url, sorted(settings.options.items()), sorted(secrets.items())))
        return self.env.cr.dbname, self.id, hashlib.sha256(facts.encode()).hexdigest()

    def _forget_token(self, connector):
        """The token is refused; the next call gets a new one."""
        with _lock:
            _tokens.pop(self._key_of(connector), None)

    # ---------------------------------------------------------------- limits
    def _limits(self, kind=None):
        """Return what the account may: what people set, else what the kind says."""
        kind = kind or self._connector_class()
        return Limits(self.per_second or kind.per_second, self.per_day or kind.per_day)

    def _batch(self, kind=None):
        """Return how many parcels go into one call."""
        kind = kind or self._connector_class()
        return max(1, min(self.batch_size or kind.batch, kind.batch))

    def _pause(self, kind=None):
        """Return how long not to ask again for the same parcel."""
        kind = kind or self._connector_class()
        return max(timedelta(minutes=self.pause_minutes), kind.pause)

    def _take_turn(self, limits):
        """Take one call from the account, for all workers; return how long to wait for it first.

        Commits: who makes the call holds nothing while he waits for the answer.
        """
        if limits == Limits():
            return timedelta()
        try:
            return settled(self.env, lambda: self._take(limits))
        except RETRIED:
            # Many want one at this moment: nobody takes it for an error.
            return timedelta(milliseconds=random.uniform(50, 500))

    def _take(self, limits):
        query = SQL(
            """SELECT tokens, refilled_at, calls_today, calls_day, clock_timestamp() AT TIME ZONE 'UTC'
                 FROM order_tracking_provider WHERE id = %s""",
            self.id,
        )
        # The database's clock: that of all workers, on whatever machine.
        ((tokens, refilled_at, calls, day, now),) = self.env.execute_query(query)
        began = datetime.combine(day, time()) if day else None
        left, wait = take(Bucket(tokens or 0.0, refilled_at, calls or 0, began), limits, now)
        if wait:
            return wait
        # Compared and set in one statement: two workers never take the same call.
        query = SQL(
            """UPDATE order_tracking_provider
                  SET tokens = %s, refilled_at = %s, calls_today = %s, calls_day = %s
                WHERE id = %s AND refilled_at IS NOT DISTINCT FROM %s
                  AND COALESCE(calls_today, 0) = %s
            RETURNING id""",
            *(left.tokens, left.refilled_at, left.calls_today, left.day_began.date()),
            *(self.id, refilled_at, calls or 0),
        )
        taken = self.env.execute_query(query)
        self.invalidate_recordset(["tokens", "refilled_at", "calls_today", "calls_day"], flush=False)
        return timedelta() if taken else timedelta(milliseconds=50)
