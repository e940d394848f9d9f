import random
from datetime import timedelta
from typing import NamedTuple

from psycopg2.extras import execute_values

from odoo import api, fields, models
from odoo.tools import SQL

from ..connectors.base import Result, Scan, Trouble
from ..engine.tracking import TERMINAL, Status
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
MOST_WORDS = 300
WRITTEN = {
    "next_poll_at": "timestamp",
    "last_poll_at": "timestamp",
    "polls_today": "integer",
    "polls_day": "date",
    "fail_count": "integer",
    "trouble": "varchar",
    "trouble_message": "varchar",
}


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


class OrderShipmentParcel(models.Model):
    """When a parcel is asked for again."""

    _inherit = "order.shipment.parcel"

    @api.model
    def _note_polled(self, outcomes, provider, changed=()):
        """Store what came of asking and when to ask again, in one statement.

        :param outcomes: iterable of ``Polled``
        :param changed: ids of parcels whose status has become another by the answer
        """
        outcomes = {outcome.parcel_id: outcome for outcome in outcomes}
        now, kind = fields.Datetime.now(), provider._connector_class_or_none()
        pause = provider._pause(kind) if kind else FLOOR
        told = provider.mode in ("push", "both")
        rows = [row for row in self._poll_rows(outcomes) if row.provider_id == provider.id]
        lost = self._give_up(
            [row for row in rows if self._is_lost(row, outcomes[row.id], now)], provider, now
        )
        values = []
        for row in rows:
            outcome = outcomes[row.id]
            at = None
            # Emptied meanwhile: it is not to be asked for any more.
            if row.next_poll_at and row.id not in lost:
                at = self._asked_again_at(row, outcome, now, pause, told, row.id in changed)
            polls = 1 + (row.polls_today if row.polls_day == now.date() else 0)
            if at and polls >= polls_a_day(pause):
                at = max(at, next_day(now))
            fails = row.fail_count + 1 if outcome.trouble else 0
            trouble = outcome.trouble.value if outcome.trouble else None
            message = _text(outcome.message) if outcome.trouble else None
            values.append((row.id, at, now, polls, now.date(), fails, trouble, message))
        self._write_polled(values)
        self._release(outcomes)
        refused = [one.parcel_id for one in outcomes.values() if one.trouble == Trouble.NOT_REGISTERED]
        self._subscribe_again(refused, now)

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
        self.flush_model()
        query = SQL(
            "SELECT %s FROM order_shipment_parcel WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE",
            SQL(", ").join(map(SQL.identifier, Row._fields)),
            list(ids),
        )
        return [Row(*row)._replace(fail_count=row[8] or 0) for row in self.env.execute_query(query)]

    @api.model
    def _write_polled(self, values):
        if not values:
            return
        casts = ", ".join(f"{name} = new.{name}::{type_}" for name, type_ in WRITTEN.items())
        execute_values(
            self.env.cr._obj,
            f"""UPDATE order_shipment_parcel AS parcel SET {casts}, claimed_until = NULL
                  FROM (VALUES %s) AS new (id, {", ".join(WRITTEN)}) WHERE parcel.id = new.id""",
            values,
            page_size=len(values),
        )
        parcels = self.browse([row[0] for row in values])
        parcels.invalidate_recordset([*WRITTEN, "claimed_until"], flush=False)

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
        if outcome.trouble not in {None, Trouble.NOT_FOUND, *REFUSED} or Status(row.status) in TERMINAL:
            return False
        return is_given_up(now, row.shipped_at or row.create_date, row.last_event_at)

    @api.model
    def _give_up(self, rows, provider, now):
        """Let these be expired; the next scan of them, should one be pushed, brings them back."""
        reports = []
        for row in rows:
            scan = Scan(at=now, status=Status.EXPIRED.value, event_id=f"given-up:{row.event_count or 0}")
            reports.append((row.id, Result(row.number, scans=(scan,), is_full_history=False)))
        if reports:
            self._ingest(reports, "poll", provider)
        return {row.id for row in rows}

    # ---------------------------------------------------------------- news that came by themselves
    def _poll_after_change(self):
        """News came without our asking: when to ask next follows from the status it brought.

        What has come to its end is asked for once more after a day; where the provider signs nothing, soon:
        anybody could have said so.
        """
        now = fields.Datetime.now()
        self.invalidate_recordset(["status", "provider_id"], flush=False)
        values = []
        for parcel in self:
            provider = parcel.provider_id
            kind = provider._connector_class_or_none() if provider.active else None
            at = self._after_news(parcel, provider, kind, now) if kind and kind.can_poll else None
            values.append((parcel.id, at))
        self.flush_model(["next_poll_at"])
        self.env.cr.execute(
            SQL(
                """UPDATE order_shipment_parcel parcel SET next_poll_at = new.at
                     FROM unnest(%s::int[], %s::timestamp[]) AS new (id, at)
                    WHERE parcel.id = new.id AND parcel.next_poll_at IS DISTINCT FROM new.at""",
                [row[0] for row in values],
                [row[1] for row in values],
            )
        )
        self.invalidate_recordset(["next_poll_at"], flush=False)

    @api.model
    def _after_news(self, parcel, provider, kind, now):
        status, pause = Status(parcel.status), provider._pause(kind)
        told = provider.mode in ("push", "both")
        if status in TERMINAL and told and not kind.signs_pushes:
            return now + pause
        if provider.mode == "push":
            return None
        return next_poll(status, now, chance=random.random(), pause=pause, is_told=told, has_changed=True)

    @api.model
    def _subscribe_again(self, ids, now):
        """The provider wants these to be registered first: so they are, where it is to tell us."""
        parcels = self.browse(ids).filtered(lambda one: one.provider_id.mode in ("push", "both"))
        if parcels:
            parcels.write({"subscription": "wanted", "subscribe_at": now})


def _text(message):
    """Return a provider's words as PostgreSQL can store them."""
    return message.replace("\x00", "")[:MOST_WORDS]
