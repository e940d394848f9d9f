import hashlib
import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from math import ceil
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL

from ..connectors.base import Result, Scan, Trouble
from ..engine.tracking import AHEAD, TERMINAL, Status
from ..engine.tracking_pace import (
    FIRST_RETRY,
    FLOOR,
    REFUSED_AGAIN_AFTER,
    back_off,
    is_given_up,
    next_day,
    next_poll,
    polls_a_day,
)

# The parcel is known not to be known, or not as asked: asking sooner makes it no better.
REFUSED = {Trouble.NEED_PHONE, Trouble.BAD_NUMBER, Trouble.BAD_REQUEST}
# What has come to its end need only be made sure of: without any answer, not for ever.
LAST_TRIES, TRIED_FOR = 14, timedelta(days=7)
MISSING = "missing"  # the answer says nothing of it
MOST_WORDS = 300
WRITTEN = (
    *("next_poll_at", "last_poll_at", "polls_today", "polls_day"),
    *("fail_count", "trouble", "trouble_message", "claimed_until"),
)


class Polled(NamedTuple):
    """What came of asking for one parcel; without trouble it was answered for."""

    parcel_id: int
    trouble: Trouble | None = None
    message: str = ""
    retry_after: timedelta | None = None


class Row(NamedTuple):
    """What decides when a parcel is asked for again."""

    id: int
    status: str
    next_poll_at: object
    shipped_at: object
    last_event_at: object
    create_date: object
    polls_today: int
    polls_day: object
    fail_count: int
    event_count: int
    provider_id: int
    number: str
    history_hash: str
    subscription: str
    trouble: str
    trouble_message: str


class OrderShipmentParcel(models.Model):
    """What was answered for parcels, and when they are asked for again."""

    _inherit = "order.shipment.parcel"

    def _auto_init(self):
        result = super()._auto_init()
        # A claim is written beside the row it is of, and touches no index.
        self.env.cr.execute("ALTER TABLE order_shipment_parcel SET (fillfactor = 75)")
        return result

    @api.model
    def _store_polled(self, reports, outcomes, provider):
        """Store what was answered and when to ask again; an answer that is the same as before is nothing new.

        :param reports: list of ``(parcel id, Result)``
        :param outcomes: iterable of ``Polled``
        """
        outcomes = {outcome.parcel_id: outcome for outcome in outcomes}
        rows = self._poll_rows(outcomes)
        news = self._news(reports, {row.id: row.history_hash for row in rows})
        changed = self._ingest(news, "poll", provider).changed if news else {}
        again = self._not_confirmed(rows, reports, outcomes, provider)
        told = {id_ for id_, _result in news}
        rows = [
            row._replace(
                status=changed[row.id][1] if row.id in changed else row.status,
                last_event_at=fields.Datetime.now() if row.id in told else row.last_event_at,
            )
            for row in rows
        ]
        self._note_polled(outcomes, provider, changed, rows, again)

    @api.model
    def _news(self, reports, known):
        """Return the reports that say something else than the last time, each with what tells that."""
        times, news = Counter(id_ for id_, _result in reports), []
        ahead = fields.Datetime.now() + AHEAD
        for id_, result in reports:
            seen = fingerprint(result)
            if times[id_] > 1 or any(scan.at and scan.at > ahead for scan in result.scans):
                # Which of them was the last would change each time; and what is dated too far ahead to count
                # is looked at again until it does.
                news.append((id_, result))
            elif seen != known.get(id_):
                news.append((id_, replace(result, history_hash=seen)))
        return news

    @api.model
    def _note_polled(self, outcomes, provider, changed=(), rows=None, again=()):
        """Store what came of asking and when to ask again.

        :param outcomes: iterable of ``Polled``, or {parcel id: ``Polled``}
        :param changed: ids of parcels whose status has become another by the answer
        :param rows: ``Row``s of them as they are now, where the caller has them
        :param again: {parcel id: when it has to be asked for again, whatever its status}
        """
        if not isinstance(outcomes, dict):
            outcomes = {outcome.parcel_id: outcome for outcome in outcomes}
        now, kind = fields.Datetime.now(), provider._connector_class_or_none()
        pause = provider._pause(kind) if kind else FLOOR
        told, most = provider.mode in ("push", "both"), polls_a_day(pause)
        rows = [row for row in rows or self._poll_rows(outcomes) if row.provider_id == provider.id]
        lost = [row for row in rows if self._is_lost(row, outcomes[row.id], now)]
        lost = self._give_up(lost, provider, now)
        moments, troubles = {}, []
        for row in rows:
            outcome, at = self._why_not_announced(row, outcomes[row.id]), None
            # Emptied meanwhile: it is not to be asked for any more.
            if row.next_poll_at and row.id not in lost:
                at = self._asked_again_at(row, outcome, now, pause, told, row.id in changed)
                at = again.get(row.id, at) if again else at
                at = None if self._is_left_alone(row, outcome, now) else at
                if at and kind and kind.rhythm and not outcome.trouble:
                    at = min(at, now + kind.rhythm)
            polls = 1 + (row.polls_today if row.polls_day == now.date() else 0)
            if at and polls >= most:
                at = max(at, next_day(now))
            if outcome.trouble:
                message = plain_text(outcome.message)
                troubles.append((row.id, at, row.fail_count + 1, outcome.trouble.value, message))
            else:
                moments[row.id] = at
        self._write_polled(moments, now)
        self._write_troubles(troubles, now)
        if len(rows) < len(outcomes):
            self._release(outcomes)
        refused = [one.parcel_id for one in outcomes.values() if one.trouble == Trouble.NOT_REGISTERED]
        self._subscribe_again(refused, now)

    @api.model
    def _why_not_announced(self, row, outcome):
        """One that cannot be announced is not known there: why it cannot is what is to be seen to."""
        if outcome.trouble != Trouble.NOT_REGISTERED or row.subscription != "failed":
            return outcome
        why = next((trouble for trouble in REFUSED if trouble.value == row.trouble), None)
        return outcome._replace(trouble=why, message=row.trouble_message or "") if why else outcome

    @api.model
    def _asked_again_at(self, row, outcome, now, pause, told, has_changed):
        """Return when, by what the provider said of it; None: never."""
        trouble, chance = outcome.trouble, random.random()
        if trouble is None or trouble == Trouble.NOT_FOUND:
            status = Status(row.status)
            at = next_poll(status, now, chance=chance, pause=pause, is_told=told, has_changed=has_changed)
            return at if at is None or not outcome.retry_after else max(at, now + outcome.retry_after)
        if trouble in REFUSED:
            wait = max(REFUSED_AGAIN_AFTER, pause)
        elif trouble == Trouble.NOT_REGISTERED:
            wait = max(pause, FLOOR)
        else:
            wait = back_off(row.fail_count + 1, chance)
        return now + max(wait, outcome.retry_after or FIRST_RETRY)

    @api.model
    def _poll_rows(self, ids):
        """Return the ``Row``s of these. Not locked: who changes one meanwhile lets the step begin again."""
        self.flush_model()
        query = SQL(
            "SELECT %s FROM order_shipment_parcel WHERE id = ANY(%s) ORDER BY id",
            SQL(", ").join(map(SQL.identifier, Row._fields)),
            list(ids),
        )
        return [
            row._replace(polls_today=row.polls_today or 0, fail_count=row.fail_count or 0)
            if row.polls_today is None or row.fail_count is None
            else row
            for row in map(Row._make, self.env.execute_query(query))
        ]

    # ---------------------------------------------------------------- writing
    @api.model
    def _write_polled(self, moments, now):
        """Write when to ask again for those that were answered for: {id: when, or None}."""
        if not moments:
            return
        # In seconds: half as long to send, and to read.
        waits = [None if at is None else ceil((at - now).total_seconds()) for at in moments.values()]
        self.env.cr.execute(
            SQL(
                """UPDATE order_shipment_parcel parcel
                      SET next_poll_at = %(now)s + new.wait * interval '1 second', %(polled)s,
                          fail_count = 0, trouble = NULL, trouble_message = NULL
                     FROM unnest(%(ids)s::int[], %(waits)s::int[]) AS new (id, wait)
                    WHERE parcel.id = new.id""",
                now=now,
                polled=_polled(now),
                ids=list(moments),
                waits=waits,
            )
        )
        self.browse(moments).invalidate_recordset(WRITTEN, flush=False)

    @api.model
    def _write_troubles(self, values, now):
        """Write the same of those that were not: [(id, when, failures, trouble, its words)]."""
        if not values:
            return
        self.env.cr.execute(
            SQL(
                """UPDATE order_shipment_parcel parcel
                      SET next_poll_at = new.at, fail_count = new.fails, trouble = new.trouble,
                          trouble_message = new.words, %(polled)s
                     FROM unnest(%(ids)s::int[], %(ats)s::timestamp[], %(fails)s::int[], %(codes)s::varchar[],
                                 %(words)s::varchar[]) AS new (id, at, fails, trouble, words)
                    WHERE parcel.id = new.id""",
                polled=_polled(now),
                **dict(
                    zip(
                        ("ids", "ats", "fails", "codes", "words"),
                        map(list, zip(*values, strict=True)),
                        strict=True,
                    )
                ),
            )
        )
        parcels = self.browse([row[0] for row in values])
        parcels.invalidate_recordset(WRITTEN, flush=False)

    @api.model
    def _release(self, ids):
        """Let others ask for these: nobody is asking for them any more."""
        self.env.cr.execute(
            SQL(
                """UPDATE order_shipment_parcel SET claimed_until = NULL
                    WHERE id = ANY(%s) AND claimed_until IS NOT NULL""",
                list(ids),
            )
        )
        self.browse(ids).invalidate_recordset(["claimed_until"], flush=False)

    # ---------------------------------------------------------------- giving up
    @api.model
    def _is_lost(self, row, outcome, now):
        """Tell whether to give up on it: it was asked for, and nothing was heard for weeks."""
        is_answered = outcome.trouble in {None, Trouble.NOT_FOUND, Trouble.NOT_REGISTERED, *REFUSED}
        # Others were answered for in the same call: the provider is there, and knows nothing of it.
        is_answered = is_answered or outcome.message == MISSING
        if not is_answered or Status(row.status) in TERMINAL:
            return False
        return is_given_up(now, row.shipped_at or row.create_date, row.last_event_at)

    @api.model
    def _is_left_alone(self, row, outcome, now):
        """Tell whether nobody asks any more for one that has arrived: again and again there was no answer."""
        if not outcome.trouble or Status(row.status) not in TERMINAL or row.fail_count + 1 < LAST_TRIES:
            return False
        return now - (row.last_event_at or row.shipped_at or row.create_date) >= TRIED_FOR

    @api.model
    def _give_up(self, rows, provider, now):
        """Let these be expired; the next scan of them, should one be pushed, brings them back."""
        reports = []
        for row in rows:
            # As of its last scan: whatever was scanned after that, and is told of late, brings it back.
            at = row.last_event_at + timedelta(seconds=1) if row.last_event_at else now
            scan = Scan(at=at, status=Status.EXPIRED.value, event_id=f"given-up:{row.event_count or 0}")
            reports.append((row.id, Result(row.number, scans=(scan,), is_full_history=False)))
        if reports:
            self._ingest(reports, "poll", provider)
        return {row.id for row in rows}

    @api.model
    def _subscribe_again(self, ids, now):
        """The provider wants these to be registered first: so they are, where it is to tell us."""
        parcels = self.browse(ids).filtered(lambda one: one.provider_id._announces())
        # Those that wait for it already have their time: it was refused a while ago.
        if parcels := parcels.filtered(lambda one: one.subscription != "wanted"):
            parcels.write({"subscription": "wanted", "subscribe_at": now})


def fingerprint(result):
    """Return what is the same for the same answer, and only for it."""
    parts = [result.code, result.external_ref, result.history_hash, str(result.code_at), str(result.eta)]
    for at, code, text, place, raw_time, zone_assumed, event_id, status, substatus in result.scans:
        when = f"{at.isoformat() if at else raw_time}{'?' if zone_assumed else ''}"
        parts += (when, code, text, place, event_id, status, substatus)
    whole = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(whole, digest_size=16).hexdigest()


def _polled(now):
    """Return what is written of every parcel that was asked for."""
    return SQL(
        """last_poll_at = %(now)s, polls_day = %(today)s, claimed_until = NULL,
           polls_today = 1 + CASE WHEN parcel.polls_day = %(today)s
                                  THEN COALESCE(parcel.polls_today, 0) ELSE 0 END""",
        now=now,
        today=now.date(),
    )


def plain_text(message):
    """Return a provider's words as PostgreSQL can store them."""
    return message.replace("\x00", "")[:MOST_WORDS]
