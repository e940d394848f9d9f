import logging
import time
from datetime import timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL

from ..connectors.base import Trouble, connector_of
from .order_shipment_polled import Polled
from .order_tracking_again import settled
from .order_tracking_ask import is_own_limit

_logger = logging.getLogger(__name__)

CRON = "order_processing.ir_cron_tracking_poll"
# A worker that has not stored what it asked for after so long is dead; others ask then.
LEASE = timedelta(minutes=10)
# Claimed in one go: calls of a second, so that all are asked for long before the lease is over.
CALLS_AT_ONCE, PARCELS_AT_ONCE = 20, 200
# Of those that answer themselves. What is claimed is stored in one step of a fraction of a second.
LOCAL_AT_ONCE = 500
# A provider's turn: no call is begun later. The action as a whole has as long as Odoo gives it (ten seconds,
# then other scheduled actions have their turn).
ASKING_SECONDS = 20
# The scheduled action waits so long for a provider's turn; then it comes again by itself.
WORTH_SLEEPING = 3.0
# One that does not answer comes last for a while: the others do not wait for it.
PAUSE_AFTER_FAILURE = 30.0


class Turn(NamedTuple):
    """What came of asking one provider once."""

    asked: int
    again_in: float | None  # seconds; None: nothing more is due, or it is left alone


class OrderTrackingProvider(models.Model):
    """The scheduled action that asks where parcels are: what is due, one batch of one provider at a time.

    claim, commit → ask (nothing is locked) → scans, outcomes and progress in one transaction.

    Killed between, a batch is asked for again when its lease is over, and its scans are stored once.
    """

    _inherit = "order.tracking.provider"

    @api.model
    def _cron_poll(self):
        """Ask for what is due. No exception leaves it: after five, Odoo would switch it off."""
        try:
            self._poll_due()
        except Exception as error:  # noqa: BLE001  see above
            self.env.cr.rollback()
            _log("Asking where parcels are ended early", error)

    @api.model
    def _poll_due(self):
        commit = self.env["ir.cron"]._commit_progress
        ready, later = self._due_providers()
        waiting = dict.fromkeys(ready, 0.0)  # {provider id: when it can be asked, monotonic}
        while waiting:
            # In turn: each goes behind the others after its batch.
            id_ = min(waiting, key=waiting.get)
            wait = waiting.pop(id_) - time.monotonic()
            if wait > WORTH_SLEEPING:
                later.append(fields.Datetime.now() + timedelta(seconds=wait))
                continue
            time.sleep(max(wait, 0))
            turn = self.browse(id_)._poll_once()
            if turn.again_in is not None:
                waiting[id_] = time.monotonic() + turn.again_in
            elif until := self._cooling_until(id_):
                later.append(until)
            soon = time.monotonic() + WORTH_SLEEPING
            # Those that have to wait are nothing Odoo could go on with at once.
            if not commit(turn.asked, remaining=sum(at <= soon for at in waiting.values())):
                break
        self._come_again(later)
        commit(remaining=sum(at <= time.monotonic() + WORTH_SLEEPING for at in waiting.values()))

    @api.model
    def _due_providers(self):
        """Return the ids of those with parcels due, and until when others wait.

        The longest waiting comes first; those that did not answer the last time come last.
        """
        query = SQL(
            """SELECT provider.id, provider.cooldown_until
                 FROM order_tracking_provider provider
                CROSS JOIN LATERAL (
                      SELECT next_poll_at FROM order_shipment_parcel parcel
                       WHERE parcel.provider_id = provider.id AND next_poll_at <= %(now)s
                         AND (claimed_until IS NULL OR claimed_until <= %(now)s)
                       ORDER BY next_poll_at LIMIT 1
                      ) AS first
                WHERE provider.active
                ORDER BY COALESCE(provider.failures_in_a_row, 0) > 0, first.next_poll_at, provider.id""",
            now=(now := fields.Datetime.now()),
        )
        self.env.flush_all()
        ready, later = [], []
        for id_, until in self.env.execute_query(query):
            if until and until > now:
                later.append(until)
            else:
                ready.append(id_)
        return ready, later

    @api.model
    def _cooling_until(self, provider_id):
        provider = self.browse(provider_id)
        provider.invalidate_recordset(["cooldown_until"])
        return provider.cooldown_until if provider._is_waiting(fields.Datetime.now()) else None

    @api.model
    def _come_again(self, moments):
        """Wake the scheduled action when the first of them can be asked, once."""
        cron = self.env.ref(CRON, raise_if_not_found=False)
        if not moments or not cron:
            return
        at, now = min(moments), fields.Datetime.now()
        known = [("cron_id", "=", cron.id), ("call_at", ">=", now), ("call_at", "<=", at)]
        if at < now + timedelta(days=1) and not self.env["ir.cron.trigger"].search_count(known, limit=1):
            cron._trigger(at=at)

    # ---------------------------------------------------------------- one batch
    def _poll_once(self):
        """Ask for one batch. Whatever goes wrong, the other providers have their turn."""
        claimed = []
        try:
            return self._poll_batch(claimed)
        except Exception as error:  # noqa: BLE001  its parcels are asked for again when their claim is over
            self.env.cr.rollback()
            _log(f"Tracking account {self.id} could not be asked", error)
            return Turn(len(claimed), None)

    def _poll_batch(self, claimed):
        if self._cooling_until(self.id):
            return Turn(0, None)
        kind = self._connector_class_or_none()
        if not kind or not kind.can_poll:
            # Its addon is gone, or it cannot be asked: nobody looks at these again and again.
            settled(self.env, self._stop_asking)
            return Turn(0, None)
        claimed += settled(self.env, lambda: self._claim(self._claim_size(kind)))
        if not claimed:
            return Turn(0, None)
        asked = self._ask(self._items(claimed), time.monotonic() + ASKING_SECONDS)
        self._store(claimed, asked)
        if asked.error is None:
            return Turn(len(asked.outcomes), 0.0)
        if is_own_limit(asked.error):
            return Turn(len(asked.outcomes), asked.error.retry_after.total_seconds())
        if self._cooling_until(self.id):
            return Turn(len(asked.outcomes), None)
        return Turn(len(asked.outcomes), PAUSE_AFTER_FAILURE)

    def _claim_size(self, kind):
        batch, per_second = self._batch(kind), self._limits(kind).per_second
        if self._hangs():
            return batch  # one call shows whether it answers again
        if kind.is_local:
            return max(batch, LOCAL_AT_ONCE)
        calls = max(1, min(CALLS_AT_ONCE, int(per_second or CALLS_AT_ONCE)))
        return max(batch, min(batch * calls, PARCELS_AT_ONCE))

    def _claim(self, size):
        """Claim what is due and nobody is asking for; return the ids. Committed by the caller."""
        now = fields.Datetime.now()
        self.env.flush_all()
        query = SQL(
            """UPDATE order_shipment_parcel SET claimed_until = %(until)s
                WHERE id IN (SELECT id FROM order_shipment_parcel
                              WHERE provider_id = %(provider)s AND next_poll_at <= %(now)s
                                AND (claimed_until IS NULL OR claimed_until <= %(now)s)
                              ORDER BY next_poll_at, id LIMIT %(size)s FOR NO KEY UPDATE SKIP LOCKED)
            RETURNING id""",
            until=now + LEASE,
            provider=self.id,
            now=now,
            size=size,
        )
        ids = [id_ for (id_,) in self.env.execute_query(query)]
        self.env["order.shipment.parcel"].browse(ids).invalidate_recordset(["claimed_until"], flush=False)
        return ids

    def _stop_asking(self):
        self.env.cr.execute(
            SQL("UPDATE order_shipment_parcel SET next_poll_at = NULL WHERE provider_id = %s", self.id)
        )
        self.env["order.shipment.parcel"].invalidate_model(["next_poll_at"], flush=False)

    @api.model
    def _connector_class_or_none(self):
        return connector_of(self.kind) if self.kind else None

    # ---------------------------------------------------------------- storing
    def _store(self, claimed, asked):
        """Store scans and outcomes of a batch at once; where one cannot be stored, the others."""
        left = set(claimed) - set(asked.outcomes)
        try:
            settled(
                self.env, lambda: self._store_step(asked.reports, asked.outcomes.values(), left, asked.calls)
            )
        except Exception as error:  # noqa: BLE001  which it was is found one by one
            _log(f"Answers of tracking account {self.id} are stored one by one", error)
            self._store_one_by_one(asked, left)

    def _store_step(self, reports, outcomes, left, calls=()):
        parcels = self.env["order.shipment.parcel"]
        if outcomes:
            parcels._store_polled(reports, outcomes, self)
        if left:
            parcels._release(left)
        self._note_calls(calls)

    def _store_one_by_one(self, asked, left):
        for id_, outcome in asked.outcomes.items():
            reports = [report for report in asked.reports if report[0] == id_]
            try:
                settled(self.env, lambda: self._store_step(reports, [outcome], ()))  # noqa: B023  called here
            except Exception as error:  # noqa: BLE001  the others are stored
                _log(f"The answer for parcel {id_} could not be stored", error)
                failed = Polled(id_, Trouble.MALFORMED, f"store: {type(error).__name__}")
                settled(self.env, lambda: self._store_step([], [failed], ()))  # noqa: B023  called here
        settled(self.env, lambda: self._store_step([], [], left, asked.calls))


def _log(what, error):
    """Say where it happened, not its text: that may hold an address with a key, or what was answered."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}" if trace else ""
    _logger.error("%s: %s at %s", what, type(error).__name__, place)
