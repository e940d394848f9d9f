import logging
import random
import time
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..connectors.base import ConnectorError, Trouble, connector_of
from ..engine.tracking import TERMINAL
from .order_secret import SecretKeyError
from .order_shipment_polled import plain_text
from .order_tracking_again import settled
from .order_tracking_ask import _by_number, _meant, _plain
from .order_tracking_health import OF_THE_ACCOUNT
from .order_tracking_inbox_read import _named

_logger = logging.getLogger(__name__)

AT_ONCE = 200
# Who has not come back by then is dead; others go on.
LEASE = timedelta(minutes=10)
AGAIN_AFTER = timedelta(minutes=30)
# Credits and plans are renewed by the day or the month: until then each parcel would be refused again.
USED_UP_AGAIN_AFTER = timedelta(hours=6)
# No call is begun later: who stays away longer than Odoo lets him is killed, and what he knows with him.
ANNOUNCING_SECONDS = 20
# A delivery is taken back sooner or never.
ENDED_AFTER = timedelta(days=1)
OVER = tuple(sorted(status.value for status in TERMINAL))
# The provider will not tell us of this parcel, whenever it is asked to.
REFUSED = {Trouble.NEED_PHONE, Trouble.BAD_NUMBER, Trouble.BAD_REQUEST}
# Shown with the parcel: somebody has to do something, or wait.
TOLD = REFUSED | {Trouble.QUOTA}


class OrderTrackingProvider(models.Model):
    """The scheduled action that has providers tell us of parcels, and no longer of those that have arrived.

    claim, commit → call (nothing is locked) → store, commit. Killed between, a parcel is announced again
    when its claim is over; that it is announced already is as good as done.
    """

    _inherit = "order.tracking.provider"

    @api.model
    def _cron_subscribe(self):
        """Announce what is wanted. No exception leaves it: after five, Odoo would switch it off."""
        commit = self.env["ir.cron"]._commit_progress
        try:
            settled(self.env, self._end_unannounced)
            for id_ in self._with_wanted():
                provider = self.browse(id_)
                while count := provider._subscribe_safely():
                    if not commit(count, remaining=1):
                        return
            for id_ in self._with_ended():
                self.browse(id_)._unsubscribe_safely()
            commit(remaining=0)
        except Exception as error:  # noqa: BLE001  see above
            self.env.cr.rollback()
            _logger.error("Having providers tell us ended early: %s", _named(error))

    @api.model
    def _with_wanted(self):
        now = fields.Datetime.now()
        self.env.flush_all()
        query = SQL(
            """SELECT id FROM order_tracking_provider provider
                WHERE active AND (cooldown_until IS NULL OR cooldown_until <= %(now)s)
                  AND EXISTS (SELECT FROM order_shipment_parcel parcel WHERE subscription = 'wanted'
                                 AND parcel.provider_id = provider.id AND subscribe_at <= %(now)s)
                ORDER BY id""",
            now=now,
        )
        return [id_ for (id_,) in self.env.execute_query(query)]

    # ---------------------------------------------------------------- announcing
    def _subscribe_safely(self):
        """Announce some parcels; whatever goes wrong, the other providers have their turn."""
        try:
            return self._subscribe_some()
        except Exception as error:  # noqa: BLE001  they are announced again when their claim is over
            self.env.cr.rollback()
            _logger.error("Tracking account %s cannot be asked to tell us: %s", self.id, _named(error))
            return 0

    def _subscribe_some(self):
        kind = connector_of(self.kind)
        if not kind:
            return 0
        if not self._push_connector().can_subscribe:
            # It tells us of all parcels of the account, or of none.
            settled(self.env, lambda: self._set_all("active" if kind.can_push else "none"))
            return 0
        if not (ids := settled(self.env, self._claim_wanted)):
            return 0
        answers, left, error = self._announce(ids)
        settled(self.env, lambda: self._note_subscribed(ids, answers, left))
        # The account as a whole is to be left alone: the rest waits with it.
        return 0 if error else len(ids)

    def _claim_wanted(self):
        now = fields.Datetime.now()
        query = SQL(
            """UPDATE order_shipment_parcel SET subscribe_at = %(until)s
                WHERE id IN (SELECT id FROM order_shipment_parcel
                              WHERE provider_id = %(provider)s AND subscription = 'wanted'
                                AND subscribe_at <= %(now)s
                              ORDER BY subscribe_at, id LIMIT %(size)s FOR NO KEY UPDATE SKIP LOCKED)
            RETURNING id""",
            until=now + LEASE,
            provider=self.id,
            now=now,
            size=AT_ONCE,
        )
        ids = [id_ for (id_,) in self.env.execute_query(query)]
        self.env["order.shipment.parcel"].browse(ids).invalidate_recordset(["subscribe_at"], flush=False)
        return ids

    def _announce(self, ids):
        """Make the calls, as many as the time allows: what they have brought is kept, whatever comes next.

        Return {parcel id: Result or ConnectorError}, the ids left for later, and what stops the account.
        """
        answers, items, until = {}, self._items(ids), time.monotonic() + ANNOUNCING_SECONDS
        try:
            # First: what a message is signed with may be made with the address.
            address = self._push_address()
            connector = self._connector()
            # Only these calls say where news are to go to.
            connector.settings = replace(connector.settings, callback_url=address)
        except ConnectorError as error:
            return {}, set(), error
        queue = _announcements(connector, items, answers)
        while queue and (not answers or time.monotonic() < until):
            request = queue.pop(0)
            try:
                results = self._call(
                    request, connector, lambda got, of=request: connector.parse_subscription(got, of)
                )
            except ConnectorError as error:
                if error.trouble in OF_THE_ACCOUNT:
                    for item in request.items:
                        answers.pop(item.key, None)  # of several calls of a parcel the first is not all
                    return answers, set(), error
                if error.trouble == Trouble.BAD_REQUEST and len(request.items) > 1:
                    # Which of them it does not like is found one by one.
                    queue += [one for item in request.items for one in connector.subscribe([item])]
                    continue
                answers.update((item.key, error) for item in request.items)
                if error.trouble == Trouble.RETRY_LATER:
                    return answers, set(), error
                continue
            answers.update(_by_key(results, request.items))
        return answers, {item.key for request in queue for item in request.items}, None

    def _push_address(self):
        try:
            return settled(self.env, self._push_url)
        except SecretKeyError:
            raise ConnectorError(Trouble.RETRY_LATER, "secret_key") from None

    def _note_subscribed(self, ids, answers, left=()):
        """Write what came of it; those not answered for come again, those ``left`` at once."""
        now, rows = fields.Datetime.now(), []
        for id_ in ids:
            answer = None if id_ in left else answers.get(id_)
            trouble = answer.trouble if answer else Trouble.RETRY_LATER
            if trouble in (None, Trouble.ALREADY_REGISTERED):
                rows.append((id_, "active", None, getattr(answer, "external_ref", None) or None, None, None))
                continue
            told = (trouble.value, plain_text(answer.message)) if trouble in TOLD else (None, None)
            usual = USED_UP_AGAIN_AFTER if trouble == Trouble.QUOTA else AGAIN_AFTER
            wait = getattr(answer, "retry_after", None) or usual * random.uniform(0.8, 1.2)
            wait = timedelta() if id_ in left else wait
            state = ("failed", None) if trouble in REFUSED else ("wanted", now + wait)
            rows.append((id_, *state, getattr(answer, "external_ref", None) or None, *told))
        self.env.cr.execute(
            SQL(
                """UPDATE order_shipment_parcel parcel
                      SET subscription = new.state, subscribe_at = new.at,
                          external_ref = COALESCE(new.ref, external_ref),
                          trouble = CASE WHEN new.trouble IS NOT NULL OR COALESCE(fail_count, 0) = 0
                                         THEN new.trouble ELSE parcel.trouble END,
                          trouble_message = CASE WHEN new.trouble IS NOT NULL OR COALESCE(fail_count, 0) = 0
                                                 THEN new.words ELSE trouble_message END
                     FROM unnest(%s::int[], %s::varchar[], %s::timestamp[], %s::varchar[], %s::varchar[],
                                 %s::varchar[]) AS new (id, state, at, ref, trouble, words)
                    WHERE parcel.id = new.id AND parcel.provider_id = %s
                      AND parcel.subscription = 'wanted'""",
                *map(list, zip(*rows, strict=True)),
                self.id,
            )
        )
        self.env["order.shipment.parcel"].browse(ids).invalidate_recordset(flush=False)
        if any(row[4] == Trouble.QUOTA.value for row in rows):
            self._tell_it_takes_no_more()

    def _set_all(self, state):
        query = SQL(
            """UPDATE order_shipment_parcel SET subscription = %s, subscribe_at = NULL
                WHERE provider_id = %s AND subscription = 'wanted' RETURNING id""",
            *(state, self.id),
        )
        self._forget_cached(self.env.execute_query(query))

    # ---------------------------------------------------------------- those that have arrived
    @api.model
    def _end_unannounced(self):
        """What arrived before it was announced is not announced any more."""
        self.env.flush_all()
        query = SQL(
            """UPDATE order_shipment_parcel SET subscription = 'ended', subscribe_at = NULL
                WHERE subscription = 'wanted' AND status = ANY(%s) RETURNING id""",
            list(OVER),
        )
        self._forget_cached(self.env.execute_query(query))

    @api.model
    def _with_ended(self):
        query = SQL("SELECT DISTINCT provider_id FROM order_shipment_parcel WHERE %s", self._ended())
        return [id_ for (id_,) in self.env.execute_query(query)]

    @api.model
    def _ended(self):
        before = fields.Datetime.now() - ENDED_AFTER
        return SQL(
            """subscription = 'active' AND status IN ('delivered', 'returned', 'cancelled')
               AND provider_id IS NOT NULL AND (status_since IS NULL OR status_since < %s)""",
            before,
        )

    def _unsubscribe_safely(self):
        try:
            while self._unsubscribe_some() == AT_ONCE:
                pass
        except Exception as error:  # noqa: BLE001  the others have their turn
            self.env.cr.rollback()
            _logger.error(
                "Tracking account %s cannot be asked to stop telling us: %s", self.id, _named(error)
            )

    def _unsubscribe_some(self):
        """Have it no longer tell us of some that have arrived. Nothing depends on its answer."""
        query = SQL(
            """UPDATE order_shipment_parcel SET subscription = 'ended' WHERE id IN (
               SELECT id FROM order_shipment_parcel WHERE provider_id = %s AND %s
                LIMIT %s FOR NO KEY UPDATE SKIP LOCKED) RETURNING id""",
            *(self.id, self._ended(), AT_ONCE),
        )
        rows = settled(self.env, lambda: self.env.execute_query(query))
        self._forget_cached(rows)
        kind = connector_of(self.kind)
        if rows and self.active and kind and self._push_connector().can_subscribe:
            # Where that goes wrong it is noted with the account; what it still tells us does no harm.
            with suppress(ConnectorError):
                connector = self._connector()
                for request in connector.unsubscribe(self._items([id_ for (id_,) in rows])):
                    self._call(request, connector)
        return len(rows)

    @api.model
    def _forget_cached(self, rows):
        parcels = self.env["order.shipment.parcel"].browse([id_ for (id_,) in rows])
        parcels.invalidate_recordset(["subscription", "subscribe_at"], flush=False)


class OrderShipmentParcel(models.Model):
    _inherit = "order.shipment.parcel"

    _to_unsubscribe = models.Index(
        "(provider_id, id) WHERE subscription = 'active' AND status IN ('delivered', 'returned', 'cancelled')"
    )


def _announcements(connector, items, answers):
    """Return the calls for these; whatever is wrong with one of them, the others are announced."""
    try:
        return list(connector.subscribe(items))
    except ConnectorError as error:
        answers.update((item.key, error) for item in items)
    except Exception as error:  # noqa: BLE001  a connector's mistake is not the others'
        if len(items) > 1:
            return [one for item in items for one in _announcements(connector, [item], answers)]
        wrong = ConnectorError(Trouble.BAD_REQUEST, f"subscribe: {type(error).__name__}")
        answers[items[0].key] = wrong
    return []


def _by_key(results, items):
    """Return {parcel id: Result} of an answer; by the number where the answer has no key."""
    keys, numbers, found = {item.key for item in items}, _by_number(items), {}
    for result in results:
        item = None if result.key in keys else _meant(result, numbers[_plain(result.number)])
        key = item.key if item else result.key
        if key in keys:
            found[key] = result
    return found
