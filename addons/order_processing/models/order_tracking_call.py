import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..connectors.base import ConnectorError, Trouble
from ..engine import tracking_pace
from . import order_tracking_transport as transport
from .order_tracking_account import TOKEN
from .order_tracking_again import settled

KEPT_DAYS = 14
DELETED_AT_ONCE = 10_000
# A call waits so long for its turn; then somebody else has it.
WORTH_WAITING = timedelta(seconds=2)
MOST_WORDS = 300


class NoTurn(ConnectorError):
    """The account has no call left for now: nothing was asked, nothing is wrong."""

    def __init__(self, wait):
        """Keep how long to wait."""
        super().__init__(Trouble.RATE, "own_limit", wait)


class OrderTrackingProvider(models.Model):
    """One call to a provider: within its limits, outside of any transaction, and noted."""

    _inherit = "order.tracking.provider"

    def _call(self, request, connector=None, read=None):
        """Make a call and return the answer; raises ``ConnectorError`` where it is of no use.

        Commits before and after, so that nothing is locked meanwhile: never from within a step that may have
        to be undone. A token the provider no longer takes is renewed once.

        :param read: what makes something of the answer; then that is returned. An answer it cannot read is
            the account's failure as well.
        """
        connector = connector or self._connector()
        if not (old := connector.secrets.get(TOKEN)):
            return self._call_once(connector, request, read)
        # Renewed since the call was built: the one before it has found out.
        token = self._known_token(connector) or old
        try:
            return self._call_once(connector, _with_token(request, old, token), read, may_renew=True)
        except ConnectorError as error:
            if error.trouble != Trouble.AUTH:
                raise
            self._forget_token(connector)
        # Outside of the handler: what goes wrong now is not shown with what went wrong before.
        renewed = self._connector()
        return self._call_once(renewed, _with_token(request, old, renewed.secrets[TOKEN]), read)

    def _call_once(self, connector, request, read=None, may_renew=False):
        limits = connector.limits
        wait = self._take_turn(limits)
        while wait:
            if wait > WORTH_WAITING:
                raise NoTurn(wait)
            time.sleep(wait.total_seconds())
            wait = self._take_turn(limits)
        if not connector.is_local:
            # Nothing is read or locked by us while the provider thinks.
            self.env.cr.commit()  # pylint: disable=invalid-commit
        began, response = time.monotonic(), None
        try:
            response = self._answer(connector, request)
            self._check_answer(connector, request, response)
            answer = _read(read, response) if read else response
        except ConnectorError as error:
            # A token that is over says nothing of the account.
            is_over = may_renew and error.trouble == Trouble.AUTH
            self._note_call(request, response, began, error, of_account=not is_over)
            raise
        self._note_call(request, response, began)
        return answer

    def _answer(self, connector, request):
        """Return what the provider answers; kinds that need no network answer themselves."""
        if not connector.is_local:
            return transport.send(request)
        try:
            return connector.answer(request)
        except ConnectorError:
            raise
        except Exception as error:  # noqa: BLE001  its text may hold anything
            raise ConnectorError(Trouble.RETRY_LATER, f"answer: {type(error).__name__}") from None

    def _check_answer(self, connector, request, response):
        read = getattr(connector, "reads_statuses", transport.READ_BY_CONNECTORS)
        if not (found := transport.trouble_of(response, read)):
            return
        trouble, code = found
        wait = None
        if trouble in (Trouble.RATE, Trouble.QUOTA) or response.status == 503:
            wait = tracking_pace.retry_after(response.headers, fields.Datetime.now())
        if request.purpose == "token" and trouble == Trouble.BAD_REQUEST:
            trouble = Trouble.AUTH  # as OAuth2 refuses an account
        raise ConnectorError(trouble, code, wait)

    def _note_call(self, request, response, began, error=None, of_account=True):
        """Note the call and what it says of the account. Never what was sent or answered."""
        values = {
            "provider_id": self.id,
            "called_at": fields.Datetime.now(),
            "purpose": request.purpose,
            "parcels": len(request.items),
            "http_status": response.status if response else None,
            "outcome": error.trouble.value if error else "ok",
            "message": error.message[:MOST_WORDS].replace("\x00", "") if error else None,
            "milliseconds": round((time.monotonic() - began) * 1000),
        }

        def note():
            self.env["order.tracking.call"]._insert(values)
            if not error:
                self._note_ok()
            elif of_account:
                self._note_failed(error)

        settled(self.env, note)


class OrderTrackingCall(models.Model):
    _inherit = "order.tracking.call"

    _old = models.Index("(called_at)")

    @api.model
    def _insert(self, values):
        """Note a call: there are as many of them as of nothing else."""
        names = SQL(", ").join(map(SQL.identifier, values))
        self.env.cr.execute(
            SQL("INSERT INTO order_tracking_call (%s) VALUES %s", names, tuple(values.values()))
        )

    @api.autovacuum
    def _gc_calls(self):
        """What was called is kept for two weeks."""
        before = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        old = self.search([("called_at", "<", before)], limit=DELETED_AT_ONCE)
        old.unlink()
        return len(old), len(old) == DELETED_AT_ONCE


def _read(read, response):
    try:
        return read(response)
    except ConnectorError:
        raise
    except Exception as error:  # noqa: BLE001  an answer no connector has thought of; its text may hold anything
        raise ConnectorError(Trouble.MALFORMED, f"read: {type(error).__name__}") from None


def _with_token(request, old, new):
    """Return the call with another token, wherever the connector has put it."""
    swapped = {
        "url": request.url.replace(old, new),
        "headers": {name: value.replace(old, new) for name, value in request.headers.items()},
        "params": request.params and {key: value.replace(old, new) for key, value in request.params.items()},
        "body": request.body and request.body.replace(old.encode(), new.encode()),
    }
    return type(request)(request.method, items=request.items, purpose=request.purpose, **swapped)
