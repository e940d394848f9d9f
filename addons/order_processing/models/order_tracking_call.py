import time
from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import quote_plus

from psycopg2.extensions import STATUS_READY, TRANSACTION_STATUS_INERROR

import odoo.modules.module
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
TOLD_TO_WAIT = (Trouble.RATE, Trouble.QUOTA)
OK = "ok"


class CallNote(NamedTuple):
    """A call as it is stored."""

    provider_id: int
    called_at: datetime
    purpose: str
    parcels: int
    http_status: int | None
    outcome: str
    message: str | None
    milliseconds: int


class NoTurn(ConnectorError):
    """The account has no call left for now: nothing was asked, nothing is wrong."""

    def __init__(self, wait):
        """Keep how long to wait."""
        super().__init__(Trouble.RATE, "own_limit", wait)


class OrderTrackingProvider(models.Model):
    """One call to a provider: within its limits, outside of any transaction, and noted."""

    _inherit = "order.tracking.provider"

    def _call(self, request, connector=None, read=None, notes=None):
        """Make a call and return the answer; raises ``ConnectorError`` where it is of no use.

        Commits before and after, so that nothing is locked meanwhile: refuses to be called from within a
        step that has written or locked anything. A token the provider no longer takes is renewed once.

        :param read: what makes something of the answer; then that is returned. An answer it cannot read is
            the account's failure as well.
        :param notes: a list for what is to be noted of calls that went well; the caller stores them
            (``_note_calls``) together with what was answered, and sees to it that nothing is pending. Left
            out, each is noted at once.
        """
        if notes is None:
            self._check_nothing_pending()
        connector = connector or self._connector()
        if not (old := connector.secrets.get(TOKEN)):
            return self._call_once(connector, request, read, notes=notes)
        # Renewed since the call was built: the one before it has found out.
        token = self._known_token(connector) or old
        try:
            return self._call_once(connector, _with_token(request, old, token), read, True, notes)
        except ConnectorError as error:
            if error.trouble != Trouble.AUTH:
                raise
            self._forget_token(connector)
        # Outside of the handler: what goes wrong now is not shown with what went wrong before.
        renewed = self._connector()
        return self._call_once(renewed, _with_token(request, old, renewed.secrets[TOKEN]), read, notes=notes)

    def _check_nothing_pending(self):
        """Refuse to call while this transaction holds locks: they would last until the provider answers.

        And what is not finished would be committed. A test's transaction always has written something.
        """
        self.env.flush_all()
        cr = self.env.cr
        if current_test_is_running() or cr._cnx.status == STATUS_READY:
            return
        # Also given to who has locked rows only.
        cr.execute("SELECT pg_current_xact_id_if_assigned()")
        if cr.fetchone()[0]:
            raise RuntimeError("A provider is called before anything is written or locked: commit first.")

    def _call_once(self, connector, request, read=None, may_renew=False, notes=None):
        limits = connector.limits
        wait = self._take_turn(limits)
        while wait:
            if wait > WORTH_WAITING:
                raise NoTurn(wait)
            time.sleep(wait.total_seconds())
            wait = self._take_turn(limits)
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
            noted = [*(notes or ()), self._to_note(request, response, began, error)]
            failure = None if is_over else error
            settled(self.env, lambda: self._note_calls(noted, failure))
            if notes:
                notes.clear()
            raise
        if notes is None:
            settled(self.env, lambda: self._note_calls([self._to_note(request, response, began)]))
        else:
            notes.append(self._to_note(request, response, began))
        return answer

    def _answer(self, connector, request):
        """Return what the provider answers; kinds that need no network answer themselves."""
        if not connector.is_local:
            return transport.send(request)
        try:
            answer = connector.answer(request)
            # Other addons' delivery methods write what they have found out: it is kept, and not locked.
            self.env.flush_all()
            self.env.cr.commit()  # pylint: disable=invalid-commit
        except ConnectorError:
            raise
        except Exception as error:  # noqa: BLE001  its text may hold anything
            if self.env.cr._cnx.info.transaction_status == TRANSACTION_STATUS_INERROR:
                self.env.cr.rollback()
            raise ConnectorError(Trouble.RETRY_LATER, f"answer: {type(error).__name__}") from None
        return answer

    def _check_answer(self, connector, request, response):
        read = getattr(connector, "reads_statuses", transport.READ_BY_CONNECTORS)
        if not (found := transport.trouble_of(response, read)):
            return
        trouble, code = found
        wait = None
        if trouble in TOLD_TO_WAIT or response.status == 503:
            wait = tracking_pace.retry_after(response.headers, fields.Datetime.now())
        if request.purpose == "token" and trouble == Trouble.BAD_REQUEST:
            trouble = Trouble.AUTH  # as OAuth2 refuses an account
        raise ConnectorError(trouble, code, wait)

    def _to_note(self, request, response, began, error=None):
        """Return what is noted of a call. Never what was sent or answered."""
        return CallNote(
            self.id,
            fields.Datetime.now(),
            request.purpose,
            len(request.items),
            response.status if response else None,
            error.trouble.value if error else OK,
            error.message[:MOST_WORDS].replace("\x00", "") if error else None,
            round((time.monotonic() - began) * 1000),
        )

    def _note_calls(self, notes, error=None):
        """Note calls, in one statement, and what they say of the account.

        :param error: of the last of them, where that is the account's failure
        """
        if not notes:
            return
        self.env["order.tracking.call"]._insert(notes)
        if any(note.outcome == OK for note in notes):
            self._note_ok()
        if error:
            self._note_failed(error)


class OrderTrackingCall(models.Model):
    _inherit = "order.tracking.call"

    _old = models.Index("(called_at)")

    @api.model
    def _insert(self, notes):
        """Store ``CallNote``s: there are as many of them as of nothing else."""
        names = SQL(", ").join(map(SQL.identifier, CallNote._fields))
        rows = SQL(", ").join(SQL("%s", tuple(note)) for note in notes)
        self.env.cr.execute(SQL("INSERT INTO order_tracking_call (%s) VALUES %s", names, rows))

    @api.autovacuum
    def _gc_calls(self):
        """What was called is kept for two weeks."""
        before = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        old = self.search([("called_at", "<", before)], limit=DELETED_AT_ONCE)
        old.unlink()
        return len(old), len(old) == DELETED_AT_ONCE


def current_test_is_running():
    return bool(odoo.modules.module.current_test)


def _read(read, response):
    try:
        return read(response)
    except ConnectorError as error:
        if error.trouble in TOLD_TO_WAIT and error.retry_after is None:
            # Whoever reads such an answer, its headers say how long.
            error.retry_after = tracking_pace.retry_after(response.headers, fields.Datetime.now())
        raise
    except Exception as error:  # noqa: BLE001  an answer no connector has thought of; its text may hold anything
        raise ConnectorError(Trouble.MALFORMED, f"read: {type(error).__name__}") from None


def _with_token(request, old, new):
    """Return the call with another token, wherever the connector has put it; also where it is URL-encoded."""
    for before, after in {old: new, quote_plus(old): quote_plus(new)}.items():
        request = _with_text(request, before, after)
    return request


def _with_text(request, old, new):
    swapped = {
        "url": request.url.replace(old, new),
        "headers": {name: value.replace(old, new) for name, value in request.headers.items()},
        "params": request.params and {key: value.replace(old, new) for key, value in request.params.items()},
        "body": request.body and request.body.replace(old.encode(), new.encode()),
    }
    return type(request)(request.method, items=request.items, purpose=request.purpose, **swapped)
