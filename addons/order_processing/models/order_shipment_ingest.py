from collections import Counter, defaultdict
from datetime import timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL

from ..connectors.base import Scan
from ..engine.tracking import Event, Status, counts, dedup_key, edited, fold

# What happened longer ago is history: nobody is told of it.
NEWS_DAYS = 7
HEADER = "header:"
# What the report itself says of a parcel, beside the scans: (column, of the Result).
HEADERS = ("eta", "external_ref", "history_hash")
FOLDED = ("status", "substatus", "status_since", "delivered_at", "last_event_at")
# The columns one UPDATE writes, with their types there.
WRITTEN = {
    "status": "varchar",
    "substatus": "varchar",
    "status_since": "timestamp",
    "delivered_at": "timestamp",
    "last_event_at": "timestamp",
    "event_count": "integer",
    "eta": "timestamp",
    "external_ref": "varchar",
    "history_hash": "varchar",
}


class Change(NamedTuple):
    """A parcel's status became another."""

    parcel_id: int
    before: str
    after: str
    substatus: str
    at: object  # since when, UTC
    is_news: bool  # not history read later


class Ingested(NamedTuple):
    """What came of a batch of reports."""

    new_events: int
    changed: dict  # {parcel id: (status before, after)}


class OrderShipmentParcel(models.Model):
    """The one way by which parcels learn of their scans: asked, told, by hand or imported."""

    _inherit = "order.shipment.parcel"

    @api.model
    def _ingest(self, reports, source, provider):
        """Store what was reported and let statuses follow. The same again writes nothing.

        :param reports: list of ``(parcel id, connectors.base.Result)``
        :param source: "poll", "push", "hand" or "import"
        """
        self.flush_model()
        events = self.env["order.shipment.event"]
        events.flush_model()
        rows = self._lock_parcels({id_ for id_, _result in reports})
        if not rows:
            return Ingested(0, {})
        stored = self._stored_events(list(rows))
        now = fields.Datetime.now()
        new, unknown = self._new_scans(reports, rows, stored, source, provider, now)
        inserted = self._insert_scans(new)
        self.env["order.tracking.status.map"]._count_unknown(provider, unknown)
        for parcel_id, *facts in inserted:
            stored[parcel_id].append(facts)
        updates = self._updates(rows, stored, reports, {row[0] for row in inserted}, now)
        self._update_parcels(updates)
        changed = {
            id_: (rows[id_]["status"], values["status"])
            for id_, values in updates.items()
            if values["status"] != rows[id_]["status"]
        }
        if changed:
            self._follow(changed, updates, source, now)
        return Ingested(len(inserted), changed)

    def _lock_parcels(self, ids):
        """Lock the parcels, always in the same order; return {id: row}."""
        names = ("id", "shipped_at", *WRITTEN)
        query = SQL(
            "SELECT %s FROM order_shipment_parcel WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE",
            SQL(", ").join(map(SQL.identifier, names)),
            list(ids),
        )
        return {row[0]: dict(zip(names, row, strict=True)) for row in self.env.execute_query(query)}

    def _stored_events(self, ids):
        """Return {parcel id: [[key, time, code, status, substatus, source, time as written]]}."""
        found = defaultdict(list)
        query = SQL(
            """SELECT parcel_id, dedup_key, event_time, code, status, substatus, source, raw_time
                 FROM order_shipment_event WHERE parcel_id = ANY(%s)""",
            ids,
        )
        for parcel_id, *facts in self.env.execute_query(query):
            found[parcel_id].append(facts)
        return found

    # ---------------------------------------------------------------- scans
    def _new_scans(self, reports, rows, stored, source, provider, now):
        """Return the rows of scans not stored yet, and the codes nobody knows: {code: (times, example)}."""
        lookup = self.env["order.tracking.status.map"]._meanings(provider) if provider else lambda code: None
        new, times, examples = {}, Counter(), {}
        for parcel_id, result in reports:
            if parcel_id not in rows:
                continue
            known = {facts[0] for facts in stored[parcel_id]}
            for key, scan in self._scans_of(result, stored[parcel_id], lookup, now):
                if key in known or (parcel_id, key) in new:
                    continue
                status, substatus = scan.status, scan.substatus
                if not status and scan.code and (means := lookup(scan.code)):
                    status, substatus = means[0], substatus or means[1]
                elif not status and scan.code:
                    times[scan.code] += 1
                    examples[scan.code] = scan.text
                new[parcel_id, key] = (
                    *(parcel_id, key, scan.at, scan.code or None, status or None, substatus or None, source),
                    *(scan.raw_time or None, scan.zone_assumed, scan.text or None, scan.place or None, now),
                )
        return list(new.values()), {code: (count, examples[code]) for code, count in times.items()}

    def _scans_of(self, result, stored, lookup, now):
        """Return the scans of a report with their keys, and what its header says as one more."""
        keyed = {}
        for scan in result.scans:
            at = scan.at and scan.at.replace(microsecond=0)
            key = dedup_key(at, scan.raw_time, scan.code, scan.text, scan.place, scan.event_id)
            keyed.setdefault(key, scan._replace(at=at))
        scans = list(keyed.items())
        if result.is_full_history:
            have = [
                (_when(at, raw), code or "")
                for key, at, code, *_meaning, raw in stored
                if not key.startswith(HEADER)
            ]
            same = edited(have, [(_when(scan.at, scan.raw_time), scan.code) for scan in keyed.values()])
            scans = [
                pair for pair in scans if (_when(pair[1].at, pair[1].raw_time), pair[1].code) not in same
            ]
        if header := self._header_scan(result, stored, lookup, now):
            scans.append(header)
        return scans

    def _header_scan(self, result, stored, lookup, now):
        """Return what is said of the parcel as a whole, as a scan; None where it says nothing new.

        Where it does not say since when, it is of the newest scan; without scans, of when it was first read.
        """
        if not (code := result.code):
            return None
        means = lookup(code)
        at = result.code_at or max((scan.at for scan in result.scans if scan.at), default=None)
        if means and means[0] == Status.EXPIRED.value:
            at = _after_last(result, stored, now) or at
        headers = [facts for facts in stored if facts[0].startswith(HEADER)]
        if at is None:
            last = max(headers, key=lambda facts: facts[1], default=None)
            if last and last[2] == code:
                return None
            at = now
        at = at.replace(microsecond=0)
        if means and any(one.at == at and one.code == code for one in result.scans):
            return None
        return f"{HEADER}{at.isoformat()}:{code}", Scan(at=at, code=code)

    def _insert_scans(self, new):
        """Insert those nobody else has inserted meanwhile; return them as ``_stored_events`` does."""
        if not new:
            return []
        # One statement per batch: a page is as long as the list.
        return self.env.cr.execute_values(
            """INSERT INTO order_shipment_event
                   (parcel_id, dedup_key, event_time, code, status, substatus, source, raw_time,
                    zone_assumed, text, place, received_at)
               VALUES %s ON CONFLICT (parcel_id, dedup_key) DO NOTHING
            RETURNING parcel_id, dedup_key, event_time, code, status, substatus, source, raw_time""",
            new,
            page_size=len(new),
            fetch=True,
        )

    # ---------------------------------------------------------------- parcels
    def _updates(self, rows, stored, reports, with_news, now):
        """Return {parcel id: {column: value}} of the parcels whose row has to change."""
        updates = {}
        for parcel_id, result in reports:
            if parcel_id not in rows:
                continue
            row = updates.get(parcel_id) or rows[parcel_id]
            told = {name: value for name in HEADERS if (value := getattr(result, name))}
            if any(row[name] != value for name, value in told.items()):
                updates[parcel_id] = {**row, **told}
        for parcel_id in with_news | self._matured(rows, stored, now):
            row = updates.get(parcel_id) or rows[parcel_id]
            updates[parcel_id] = {**row, **self._folded(row, stored[parcel_id], now)}
        return updates

    @staticmethod
    def _matured(rows, stored, now):
        """Return the ids of those with scans that were dated too far ahead to count, and count by now."""
        return {
            id_
            for id_, row in rows.items()
            for _key, at, *_rest in stored[id_]
            if at
            and (row["last_event_at"] is None or at > row["last_event_at"])
            and counts(Event(at), row["shipped_at"], now)
        }

    @staticmethod
    def _folded(row, stored, now):
        events = [
            Event(
                at, Status(status) if status else None, substatus or "", key.startswith(HEADER), how == "hand"
            )
            for key, at, _code, status, substatus, how, _raw in stored
        ]
        state = fold(events, row["shipped_at"], now)
        values = (
            dict(zip(FOLDED, state, strict=True)) if state.status else {"last_event_at": state.last_event_at}
        )
        if state.status:
            values.update(status=state.status.value, substatus=state.substatus or None)
        return {**values, "event_count": len(stored)}

    def _update_parcels(self, updates):
        if not updates:
            return
        casts = ", ".join(f"{name} = new.{name}::{type_}" for name, type_ in WRITTEN.items())
        self.env.cr.execute_values(
            f"""UPDATE order_shipment_parcel AS parcel
                   SET {casts}, write_date = now() AT TIME ZONE 'UTC', write_uid = {self.env.uid:d}
                  FROM (VALUES %s) AS new (id, {", ".join(WRITTEN)}) WHERE parcel.id = new.id""",
            [(id_, *(values[name] for name in WRITTEN)) for id_, values in sorted(updates.items())],
            page_size=len(updates),
        )
        parcels = self.browse(updates)
        parcels.invalidate_recordset([*WRITTEN, "event_ids", "write_date", "write_uid"], flush=False)
        parcels.modified(WRITTEN)

    # ---------------------------------------------------------------- what follows
    def _follow(self, changed, updates, source, now):
        """Shipments, orders and whoever wants to know follow parcels that are somewhere else now."""
        parcels = self.browse(changed)
        parcels._update_shipments()
        changes = []
        for id_, (before, after) in changed.items():
            at = updates[id_]["status_since"] or now
            is_news = source != "import" and at >= now - timedelta(days=NEWS_DAYS)
            changes.append(Change(id_, before, after, updates[id_]["substatus"] or "", at, is_news))
        parcels._status_changed(changes)
        if source != "poll":
            parcels._poll_after_change()


def _when(at, raw_time):
    """Return when a scan was: as the carrier wrote it where that cannot be read."""
    return at or (raw_time or "").strip()


def _after_last(result, stored, now):
    """Return the moment after the last scan; None where there is none.

    That there is no news is said of then: at the moment of a scan the scan would count, and later than that
    it would hide what was scanned meanwhile and is told of late.
    """
    scanned = [scan.at for scan in result.scans if scan.status != Status.EXPIRED.value]
    scanned += [at for _key, at, _code, status, *_rest in stored if status != Status.EXPIRED.value]
    last = max((at for at in scanned if at and at <= now), default=None)
    return last + timedelta(seconds=1) if last else None
