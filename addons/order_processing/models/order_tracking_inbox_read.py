import base64
import logging
import random
from collections import defaultdict
from datetime import timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL

from ..connectors.base import ConnectorError, Settings, Trouble, connector_of
from ..engine.freight_seen import key_of
from ..engine.tracking import TERMINAL
from ..engine.tracking_pace import GIVEN_UP_AFTER
from .order_tracking_again import settled

_logger = logging.getLogger(__name__)

READ_AT_ONCE = 100
MOST_ATTEMPTS = 6
FIRST_RETRY, LONGEST_RETRY = timedelta(minutes=1), timedelta(hours=4)
# A provider that has given up on a parcel does not take it back at once.
SUBSCRIBED_AGAIN_AFTER = timedelta(minutes=30)
# Nor for ever: each time it is announced may cost, and it gives up on what nobody scans again and again.
SUBSCRIBED_AGAIN_WITHIN = 2 * GIVEN_UP_AFTER
# A parcel may take so long to be made: its carrier is asked for a label first.
OVERTAKEN_WITHIN = timedelta(minutes=10)
OVER = frozenset(status.value for status in TERMINAL)


class Message(NamedTuple):
    """A pushed message as it is read."""

    id: int
    provider_id: int
    raw: object
    form: object
    headers: object
    attempts: int


class Outcome(NamedTuple):
    """What became of a message."""

    id: int
    state: str
    error: str | None = None
    attempts: int = 0
    retry_at: object = None


class OrderTrackingInbox(models.Model):
    """The scheduled action that reads what was pushed: a batch, one transaction, the next.

    Nothing is claimed beyond the transaction: killed at any moment, the batch is as if it had never been
    begun. The same message read twice writes nothing.
    """

    _inherit = "order.tracking.inbox"

    @api.model
    def _cron_read(self):
        """Read what was pushed. No exception leaves it: after five, Odoo would switch it off."""
        commit = self.env["ir.cron"]._commit_progress
        try:
            settled(self.env, self._read_overtaken)
            while count := self._read_batch():
                if not commit(count, remaining=1):
                    return
            commit(remaining=0)
        except Exception as error:  # noqa: BLE001  see above
            self.env.cr.rollback()
            _logger.error("Reading pushed news ended early: %s", _named(error))

    @api.model
    def _read_batch(self):
        """Read some messages at once; where one of them goes wrong, one by one. Return how many."""
        ids = []

        def step():
            ids[:] = self._read_step(READ_AT_ONCE)

        try:
            settled(self.env, step)
        except Exception as error:  # noqa: BLE001  which it was is found one by one
            _logger.warning("Pushed messages are read one by one: %s", _named(error))
            ids[:] = self._read_one_by_one()
        return len(ids)

    @api.model
    def _read_one_by_one(self):
        # Each is a transaction of its own.
        ids = settled(self.env, lambda: [message.id for message in self._due(READ_AT_ONCE)])
        for id_ in ids:
            try:
                settled(self.env, lambda id_=id_: self._read_step(1, id_))
            except Exception as error:  # noqa: BLE001  the others are read
                settled(self.env, lambda id_=id_, error=error: self._note_failure(id_, error))
        return ids

    @api.model
    def _read_step(self, size, id_=None):
        """Read messages in the transaction that is open; return their ids."""
        messages = self._due(size, id_)
        by_provider = defaultdict(list)
        for message in messages:
            by_provider[message.provider_id].append(message)
        outcomes = []
        for provider_id, some in by_provider.items():
            if provider := self.env["order.tracking.provider"].browse(provider_id).exists():
                outcomes += self._read_messages(provider, some)
            else:  # the account is gone
                gone = [message.id for message in some]
                self.env.cr.execute(SQL("DELETE FROM order_tracking_inbox WHERE id = ANY(%s)", gone))
        self._write_outcomes(outcomes)
        return [message.id for message in messages]

    @api.model
    def _due(self, size, id_=None):
        self.flush_model()
        query = SQL(
            """SELECT %s FROM order_tracking_inbox
                WHERE state = 'new' AND (retry_at IS NULL OR retry_at <= %s) %s
                ORDER BY id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED""",
            SQL(", ").join(map(SQL.identifier, Message._fields)),
            fields.Datetime.now(),
            SQL("AND id = %s", id_) if id_ else SQL(),
            size,
        )
        return [Message(*row) for row in self.env.execute_query(query)]

    # ---------------------------------------------------------------- one provider's
    @api.model
    def _read_messages(self, provider, messages):
        """Bring what the messages say to the parcels; return what became of each."""
        outcomes, told = [], {}
        connector = provider._push_connector()
        for message in messages:
            try:
                told[message.id] = _parsed(connector, message)
            except ConnectorError as error:
                words = f"{error.trouble.value}: {error.message}" if error.message else error.trouble.value
                outcomes.append(Outcome(message.id, "failed", words[:300].replace("\x00", "")))
        parcels = self._parcels_of(provider, [result for results in told.values() for result in results])
        reports, missing, lost = [], defaultdict(set), set()
        for id_, results in told.items():
            for result in results:
                parcel_id = _meant(result, parcels[key_of(result.number)])
                if not parcel_id:
                    missing[id_].add(key_of(result.number))
                    continue
                if result.trouble == Trouble.NOT_REGISTERED:
                    lost.add(parcel_id)
                if result.trouble in (None, Trouble.ALREADY_REGISTERED) or result.scans or result.code:
                    reports.append((parcel_id, result))
            is_of_ours = not results or len(missing[id_]) < len({key_of(one.number) for one in results})
            outcomes.append(Outcome(id_, "done" if is_of_ours else "unknown"))
        self._ingest_pushed(provider, connector, reports)
        self._subscribe_lost(lost)
        self._note_missing(provider, list(told), missing)
        return outcomes

    @api.model
    def _ingest_pushed(self, provider, connector, reports):
        if not reports:
            return
        parcels = self.env["order.shipment.parcel"]
        changed = parcels._ingest(reports, "push", provider).changed
        ended = [id_ for id_, (_before, after) in changed.items() if after in OVER]
        if ended and connector.can_poll and not connector.signs_pushes:
            # Anybody who knows the address could have said so: it is asked for, as soon as it may be.
            self.env.cr.execute(
                SQL(
                    """UPDATE order_shipment_parcel
                          SET next_poll_at = GREATEST(%(now)s, last_poll_at + %(pause)s)
                        WHERE id = ANY(%(ids)s) AND provider_id = %(provider)s""",
                    now=fields.Datetime.now(),
                    pause=provider._pause(type(connector)),
                    ids=ended,
                    provider=provider.id,
                )
            )
            parcels.browse(ended).invalidate_recordset(["next_poll_at"], flush=False)

    @api.model
    def _subscribe_lost(self, ids):
        """The provider has stopped looking at these while they are on their way: it is asked to go on."""
        now = fields.Datetime.now()
        parcels = self.env["order.shipment.parcel"].browse(sorted(ids))
        still = parcels.filtered(lambda one: one.status not in OVER)
        hopeful = still.filtered(lambda one: now - one._last_sign() < SUBSCRIBED_AGAIN_WITHIN)
        hopeful.write({"subscription": "wanted", "subscribe_at": now + SUBSCRIBED_AGAIN_AFTER})
        (still - hopeful).write({"subscription": "ended", "subscribe_at": False})

    @api.model
    def _parcels_of(self, provider, results):
        """Return {number key: [(id, carrier code)]} of the newest parcels with these numbers."""
        found = defaultdict(list)
        if keys := sorted({key for result in results if (key := key_of(result.number))}):
            self.env["order.shipment.parcel"].flush_model()
            query = SQL(
                """SELECT DISTINCT ON (number_key, carrier_id) number_key, id, carrier_code
                     FROM order_shipment_parcel WHERE provider_id = %s AND number_key = ANY(%s)
                    ORDER BY number_key, carrier_id, incarnation DESC""",
                *(provider.id, keys),
            )
            for key, id_, code in self.env.execute_query(query):
                found[key].append((id_, code or ""))
        return found

    # ---------------------------------------------------------------- what became of it
    @api.model
    def _write_outcomes(self, outcomes):
        if not outcomes:
            return
        self.env.cr.execute(
            SQL(
                """UPDATE order_tracking_inbox inbox
                      SET state = new.state, error = new.error, attempts = new.attempts,
                          retry_at = new.retry_at, read_at = %s
                     FROM unnest(%s::int[], %s::varchar[], %s::varchar[], %s::int[], %s::timestamp[])
                          AS new (id, state, error, attempts, retry_at)
                    WHERE inbox.id = new.id""",
                fields.Datetime.now(),
                *map(list, zip(*outcomes, strict=True)),
            )
        )
        self.invalidate_model(flush=False)

    @api.model
    def _note_missing(self, provider, ids, missing):
        """Keep which numbers of the messages are of no parcel: they are read again when it appears."""
        self.env.cr.execute(SQL("DELETE FROM order_tracking_inbox_number WHERE inbox_id = ANY(%s)", ids))
        if rows := [(id_, provider.id, key) for id_ in ids for key in sorted(missing[id_]) if key]:
            self.env.cr.execute(
                SQL(
                    """INSERT INTO order_tracking_inbox_number (inbox_id, provider_id, number_key)
                       SELECT * FROM unnest(%s::int[], %s::int[], %s::varchar[])""",
                    *map(list, zip(*rows, strict=True)),
                )
            )
        self.env["order.tracking.inbox.number"].invalidate_model(flush=False)

    @api.model
    def _note_failure(self, id_, error):
        """It could not be stored; try it again later, and in the end leave it to people."""
        ((attempts,),) = self.env.execute_query(
            SQL("SELECT attempts FROM order_tracking_inbox WHERE id = %s", id_)
        )
        attempts += 1
        wait = min(LONGEST_RETRY, FIRST_RETRY * 4 ** (attempts - 1)) * random.uniform(0.8, 1.2)
        state = "failed" if attempts >= MOST_ATTEMPTS else "new"
        retry_at = fields.Datetime.now() + wait if state == "new" else None
        self._write_outcomes([Outcome(id_, state, _named(error)[:300], attempts, retry_at)])

    # ---------------------------------------------------------------- parcels that appear later
    @api.model
    def _read_overtaken(self):
        """Have messages read again whose parcel was being made while they were read.

        Who makes a parcel after a long call to its carrier does not see what has been read meanwhile, so
        ``_read_again`` misses it.
        """
        self.env.flush_all()
        query = SQL(
            """UPDATE order_tracking_inbox inbox SET state = 'new', retry_at = NULL
                WHERE state = 'unknown' AND received_at > %s
                  AND EXISTS (SELECT FROM order_tracking_inbox_number number
                                JOIN order_shipment_parcel parcel
                                  ON parcel.provider_id = number.provider_id
                                 AND parcel.number_key = number.number_key
                               WHERE number.inbox_id = inbox.id)""",
            fields.Datetime.now() - OVERTAKEN_WITHIN,
        )
        self.env.cr.execute(query)
        self.invalidate_model(["state", "retry_at"], flush=False)

    @api.model
    def _read_again(self, provider_id, keys):
        """Have messages with these numbers read again: there are parcels for them now."""
        query = SQL(
            """UPDATE order_tracking_inbox SET state = 'new', retry_at = NULL, attempts = 0
                WHERE id IN (SELECT inbox_id FROM order_tracking_inbox_number
                              WHERE provider_id = %s AND number_key = ANY(%s))
            RETURNING id""",
            *(provider_id, keys),
        )
        if self.env.execute_query(query):
            self.invalidate_model(flush=False)
            if cron := self.env.ref("order_processing.ir_cron_tracking_read", raise_if_not_found=False):
                cron._trigger()


class OrderTrackingProvider(models.Model):
    _inherit = "order.tracking.provider"

    def _push_connector(self):
        """Return the connector that reads what was pushed: it needs neither secrets nor a token."""
        kind = connector_of(self.kind)
        if not kind:
            # Its addon is gone; the messages wait.
            raise ConnectorError(Trouble.RETRY_LATER, "no_connector")
        settings = self._connector_settings(kind)
        return kind(Settings(settings.base_url, settings.options, "", settings.now), {})


class OrderShipmentParcel(models.Model):
    _inherit = "order.shipment.parcel"

    @api.model_create_multi
    def create(self, vals_list):
        parcels = super().create(vals_list)
        parcels._read_waiting_news()
        return parcels

    def write(self, vals):
        result = super().write(vals)
        if vals.get("provider_id"):
            self._read_waiting_news()
        return result

    def _last_sign(self):
        """Return when it was last seen, or left."""
        return max(filter(None, (self.last_event_at, self.shipped_at or self.create_date)))

    def _read_waiting_news(self):
        """Providers may have told of these before we knew them."""
        keys = defaultdict(list)
        for parcel in self.filtered("provider_id"):
            keys[parcel.provider_id.id].append(parcel.number_key)
        for provider_id, some in keys.items():
            # sudo: the inbox is nobody's, parcels are shipped by many
            self.env["order.tracking.inbox"].sudo()._read_again(provider_id, some)


def _parsed(connector, message):
    """Return the results of a message; whatever is wrong with it is a ``ConnectorError``."""
    raw = base64.b64decode(bytes(message.raw)) if message.raw else b""
    try:
        return list(connector.parse_push(raw, message.form or {}, message.headers or {}))
    except ConnectorError:
        raise
    except Exception as error:  # noqa: BLE001  a message no connector has thought of; its text may hold anything
        raise ConnectorError(Trouble.MALFORMED, f"read: {type(error).__name__}") from None


def _meant(result, candidates):
    """Return the id of the parcel that is meant; of several carriers' the one of the carrier named.

    Some send back what we have called it. Only a parcel with that number is believed to be meant.
    """
    if any(one[0] == result.key for one in candidates):
        return result.key
    if len(candidates) > 1:
        candidates = [one for one in candidates if one[1] == result.carrier]
    return candidates[0][0] if len(candidates) == 1 else None


def _named(error):
    """Return where it happened and what it is, not its text: that may hold what was pushed."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f" at {trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}" if trace else ""
    return f"{type(error).__name__}{place}"
