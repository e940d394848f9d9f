from collections import defaultdict

from odoo import fields, models
from odoo.tools import SQL, split_every

AT_ONCE = 500
STATUS = ("status", "substatus")


class OrderShipmentParcel(models.Model):
    """Reading again what is stored: somebody has decided, or decided otherwise, what a code means."""

    _inherit = "order.shipment.parcel"

    def _refold(self):
        """Give the scans of these the meaning their codes have now, and let statuses follow.

        What people said by hand stays. Nobody is told: for customers it is no news.
        """
        for ids in split_every(AT_ONCE, sorted(self.ids)):
            self._refold_some(list(ids))

    def _refold_some(self, ids):
        self.flush_model()
        self.env["order.shipment.event"].flush_model()
        rows = self._lock_parcels(ids)
        self._mean_again(list(rows))
        stored, now = self._stored_events(list(rows)), fields.Datetime.now()
        updates = {}
        for id_, row in rows.items():
            values = {**row, **self._folded(row, stored[id_], now)}
            if values != row:
                updates[id_] = values
        self._update_parcels(updates)
        changed = {
            id_: (rows[id_]["status"], values["status"])
            for id_, values in updates.items()
            if values["status"] != rows[id_]["status"]
        }
        if changed:
            self._follow(changed, updates, "import", now)

    def _mean_again(self, ids):
        """Write the present meaning of their codes to the scans whose meaning is another."""
        by_provider = defaultdict(list)
        for parcel in self.browse(ids):
            by_provider[parcel.provider_id].append(parcel.id)
        for provider, some in by_provider.items():
            lookup = self.env["order.tracking.status.map"]._meanings(provider)
            query = SQL(
                """SELECT DISTINCT code FROM order_shipment_event
                    WHERE parcel_id = ANY(%s) AND code IS NOT NULL AND source <> 'hand'""",
                some,
            )
            meant = [(code, *means) for (code,) in self.env.execute_query(query) if (means := lookup(code))]
            if meant:
                self._write_meanings(some, meant)

    def _write_meanings(self, ids, meant):
        query = SQL(
            """UPDATE order_shipment_event event
                  SET status = new.status, substatus = NULLIF(new.substatus, '')
                 FROM unnest(%s::varchar[], %s::varchar[], %s::varchar[]) AS new (code, status, substatus)
                WHERE event.parcel_id = ANY(%s) AND event.code = new.code AND event.source <> 'hand'
                  AND (event.status, COALESCE(event.substatus, ''))
                      IS DISTINCT FROM (new.status, new.substatus)""",
            *map(list, zip(*meant, strict=True)),
            ids,
        )
        self.env.cr.execute(query)
        self.env["order.shipment.event"].invalidate_model(STATUS, flush=False)
