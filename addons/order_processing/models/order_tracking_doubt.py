import random
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..connectors.base import ConnectorError, Trouble
from ..engine.tracking import TERMINAL, Event, Status, fold
from ..engine.tracking_pace import CONFIRMED_AFTER, next_poll
from .order_tracking_health import ACTIVITY

# What a provider tells it may know before its own list of scans does: what it denies so soon is asked again.
BEFORE_DENIED = timedelta(minutes=15)
OVER = tuple(sorted(status.value for status in TERMINAL))


class OrderTrackingProvider(models.Model):
    """Whom to believe: where pushed messages are not signed, anybody who knows the address can send them."""

    _inherit = "order.tracking.provider"

    push_hint = fields.Char("Who can tell us", compute="_compute_push_hint")

    @api.depends("kind", "mode", "options", "active")
    @api.depends_context("lang")
    def _compute_push_hint(self):
        for provider in self:
            provider.push_hint = provider._push_hint() if provider.mode in ("push", "both") else False

    def _push_hint(self):
        kind = self._connector_class_or_none()
        if not kind or not kind.can_push or self._signs_pushes():
            return False
        if self._push_connector().can_poll:
            return self.env._(
                "What it tells us is not signed. That a parcel has arrived is made sure of by asking, within"
                " the hour, and taken back where it is not so."
            )
        return self.env._(
            "What it tells us is not signed, and it cannot be asked: whoever knows its address for news can"
            " say anything of our parcels. Give the address to nobody else, and renew it now and then."
        )

    def _signs_pushes(self):
        """Tell whether what is pushed proves who sent it; with some kinds that depends on the account."""
        try:
            return bool(self._push_connector().signs_pushes)
        except ConnectorError:
            return False

    def _asked_to_be_sure(self):
        """Return (its kind, where it can be asked; whether what it pushes has to be made sure of)."""
        kind = self._connector_class_or_none()
        if not kind or not kind.can_poll:
            return None, False
        return kind, not self._signs_pushes()

    def _tell_of_forgery(self, count):
        """Let somebody know that what was pushed was not true: once, until he has seen to it."""
        if self.activity_search([ACTIVITY]):
            return
        note = self.env._(
            "%(count)s parcels were said to have arrived, and the provider itself knows nothing of it. This"
            " was taken back. Somebody may know the address for news: renew it under Keys and address.",
            count=count,
        )
        self._let_see_to_it(self.env._("Untrue news are sent in the name of this account"), note)


class OrderShipmentParcel(models.Model):
    _inherit = "order.shipment.parcel"

    # ---------------------------------------------------------------- news that came by themselves
    def _poll_after_change(self):
        """News came without our asking: when to ask next follows from the status it brought.

        What has come to its end is asked for once more after a day; where the provider signs nothing, soon:
        anybody could have said so.
        """
        now = fields.Datetime.now()
        self.invalidate_recordset(["status", "provider_id"], flush=False)
        values, kinds = [], {}
        for parcel in self:
            provider = parcel.provider_id
            if provider not in kinds:
                kinds[provider] = provider._asked_to_be_sure() if provider.active else (None, False)
            kind, is_doubted = kinds[provider]
            at = self._after_news(parcel, provider, kind, is_doubted, now) if kind else None
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
    def _after_news(self, parcel, provider, kind, is_doubted, now):
        status, pause = Status(parcel.status), provider._pause(kind)
        told = provider.mode in ("push", "both")
        if status in TERMINAL and told and is_doubted:
            return now + pause
        if provider.mode == "push":
            return None
        return next_poll(status, now, chance=random.random(), pause=pause, is_told=told, has_changed=True)

    # ---------------------------------------------------------------- what was told is made sure of
    @api.model
    def _not_confirmed(self, rows, reports, outcomes, provider):
        """Take back ends that were told without a signature where the provider itself denies them.

        :param rows: ``Row``s of the parcels as they were before this answer
        :return: {parcel id: when to ask again} of those that are neither confirmed nor denied yet
        """
        over = [row.id for row in rows if row.status in OVER and row.provider_id == provider.id]
        if not over or not provider._asked_to_be_sure()[1] or not (told := self._told_ends(over)):
            return {}
        lookup = self.env["order.tracking.status.map"]._meanings(provider)
        now, again, denied = fields.Datetime.now(), {}, {}
        for id_, events in told.items():
            is_over = _is_over([one for key, one in reports if key == id_], outcomes[id_], lookup, now)
            received = max(event[1] for event in events)
            if is_over is None:
                again[id_] = now + CONFIRMED_AFTER
            elif not is_over and now - received < BEFORE_DENIED:
                again[id_] = max(now + provider._pause(), received + BEFORE_DENIED)
            elif not is_over:
                denied[id_] = [event[0] for event in events]
        if denied:
            self._take_back(denied, now)
            provider._tell_of_forgery(len(denied))
            again.update(dict.fromkeys(denied, now + provider._pause()))
        return again

    @api.model
    def _told_ends(self, ids):
        """Return {parcel id: [(event id, when it was received)]} of ends nobody but a message says."""
        query = SQL(
            """SELECT parcel_id, id, received_at FROM order_shipment_event told
                WHERE parcel_id = ANY(%(ids)s) AND source = 'push' AND status = ANY(%(over)s)
                  AND NOT EXISTS (SELECT FROM order_shipment_event said
                                   WHERE said.parcel_id = told.parcel_id AND said.source != 'push'
                                     AND said.status = ANY(%(over)s))""",
            ids=ids,
            over=list(OVER),
        )
        found = {}
        for parcel_id, *event in self.env.execute_query(query):
            found.setdefault(parcel_id, []).append(event)
        return found

    @api.model
    def _take_back(self, denied, now):
        """Forget these scans: {parcel id: [event id]}; the parcels are where the others say they are."""
        gone = [id_ for ids in denied.values() for id_ in ids]
        rows = self._lock_parcels(denied)
        self.env.cr.execute(SQL("DELETE FROM order_shipment_event WHERE id = ANY(%s)", gone))
        self.env["order.shipment.event"].browse(gone).invalidate_recordset(flush=False)
        stored = self._stored_events(list(rows))
        nothing = {"status": "pending", "substatus": None, "status_since": None, "delivered_at": None}
        updates = {
            id_: {**row, **nothing, **self._folded(row, stored[id_], now)} for id_, row in rows.items()
        }
        self._update_parcels(updates)
        changed = {
            id_: (rows[id_]["status"], values["status"])
            for id_, values in updates.items()
            if values["status"] != rows[id_]["status"]
        }
        if changed:
            self._follow(changed, updates, "poll", now)
        shipments = self.browse(denied).shipment_ids.filtered(lambda one: one.status != "delivered")
        shipments.filtered("delivered_at").write({"delivered_at": False})


def _is_over(results, outcome, lookup, now):
    """Tell whether the provider says a parcel has come to its end; None: it does not say where it is."""
    if outcome.trouble == Trouble.NOT_FOUND:
        return False
    if outcome.trouble or not results:
        return None
    events = []
    for result in results:
        newest = max((scan.at for scan in result.scans if scan.at), default=None)
        events += [
            _event(scan.at, scan.status, scan.code, lookup) for scan in result.scans if scan.at or scan.status
        ]
        if result.code:
            events.append(_event(result.code_at or newest or now, "", result.code, lookup, is_header=True))
    status = fold([event for event in events if event.status], None, now).status
    if status is None:
        return False if all(result.is_full_history for result in results) else None
    return status in TERMINAL


def _event(at, status, code, lookup, is_header=False):
    known = status or (lookup(code) or ("",))[0]
    return Event(at, Status(known) if known else None, is_header=is_header)
