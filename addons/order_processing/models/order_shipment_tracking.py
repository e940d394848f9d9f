from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..connectors.base import Result, Scan
from ..engine.tracking import AFTER_THE_END, TERMINAL, Status, combine

# Columns from which the status of a shipment is told to the outside.
STATUS = ("status", "delivered_at")


class OrderShipmentParcel(models.Model):
    _inherit = "order.shipment.parcel"

    def _update_shipments(self):
        """Let the shipments these are in have the status that follows from all their parcels.

        Set-based, without mail's tracking: hundreds of parcels move in one batch, and the timeline of
        the order and the scans of the parcel say it all.
        """
        shipments = self.env["order.shipment"]
        shipments.flush_model(["status", "delivered_at", "parcel_ids", "said_at"])
        query = SQL(
            """SELECT shipment.id, shipment.status, shipment.said_at IS NOT NULL,
                      array_agg(parcel.status), max(parcel.delivered_at)
                 FROM order_shipment shipment
                 JOIN order_shipment_order_shipment_parcel_rel link ON link.order_shipment_id = shipment.id
                 JOIN order_shipment_parcel parcel ON parcel.id = link.order_shipment_parcel_id
                WHERE shipment.id IN (SELECT order_shipment_id FROM order_shipment_order_shipment_parcel_rel
                                       WHERE order_shipment_parcel_id = ANY(%s))
                GROUP BY shipment.id HAVING shipment.said_at IS NULL
                    OR max(parcel.status_since) > shipment.said_at
                ORDER BY shipment.id""",
            self.ids,
        )
        now = fields.Datetime.now()
        changed = []
        for id_, before, was_said, statuses, delivered_at in self.env.execute_query(query):
            after = combine(map(Status, statuses)).value
            stays = was_said and before in TERMINAL and after not in AFTER_THE_END
            if after != before and not stays:
                arrived = (delivered_at or now) if after == "delivered" else None
                changed.append((id_, after, arrived))
        shipments._write_statuses(changed)


class OrderShipment(models.Model):
    """The parcels of a shipment: its status follows from theirs."""

    _inherit = "order.shipment"

    parcel_ids = fields.Many2many("order.shipment.parcel", string="Parcels of it", readonly=True, copy=False)
    said_at = fields.Datetime(
        "Said by hand",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="Since when its status is what people said, until one of its parcels is somewhere else. Kept"
        " where other shipments are in the same parcel.",
    )

    @api.model
    def _guarded_fields(self):
        return super()._guarded_fields() | {"parcel_ids", "said_at"}

    @api.model_create_multi
    def create(self, vals_list):
        shipments = super().create(vals_list)
        # sudo: parcels follow from the numbers, whoever typed them
        shipments.filtered("tracking_number").sudo()._sync_parcels()
        return shipments

    def write(self, vals):
        result = super().write(vals)
        if {"tracking_number", "carrier_id"} & vals.keys():
            self.sudo()._sync_parcels()  # sudo: see above
        if "status" in vals:
            self.sudo()._note_by_hand(vals["status"])  # sudo: see above
        return result

    def _note_by_hand(self, status):
        """A person, or carriers' software, has said where these shipments are: so say their parcels.

        Parcels that others are in as well stay where they are: of those nobody has said anything.
        """
        parcels = self.parcel_ids
        shared = parcels.filtered(lambda parcel: parcel.shipment_ids - self)
        now, reports = fields.Datetime.now(), []
        # Said last, however far ahead of our clock the carrier's last scan is.
        last = max((parcel.last_event_at for parcel in parcels if parcel.last_event_at), default=now)
        at = max(now, last + timedelta(seconds=1)) if last >= now else now
        self.filtered(lambda one: one.parcel_ids & shared).write({"said_at": at})
        for parcel in parcels - shared:
            if parcel.status != status:
                scan = Scan(at=at, status=status, event_id=f"hand:{status}:{parcel.event_count}")
                reports.append((parcel.id, Result(parcel.number, scans=(scan,), is_full_history=False)))
        if reports:
            parcels._ingest(reports, "hand", self.env["order.tracking.provider"])

    @api.model
    def _write_statuses(self, changed):
        """Write ``[(id, status, delivered_at)]`` in one statement; stages and timelines of orders follow."""
        if not changed:
            return
        ids, statuses, arrivals = map(list, zip(*changed, strict=True))
        self.env.cr.execute(
            SQL(
                """UPDATE order_shipment shipment
                      SET status = new.status,
                          delivered_at = CASE WHEN new.status IN ('returning', 'returned', 'delivered')
                                              THEN COALESCE(new.arrived, shipment.delivered_at) END,
                          write_date = now() AT TIME ZONE 'UTC', write_uid = %s
                     FROM unnest(%s::int[], %s::varchar[], %s::timestamp[]) AS new (id, status, arrived)
                    WHERE shipment.id = new.id""",
                self.env.uid,
                ids,
                statuses,
                arrivals,
            )
        )
        shipments = self.browse(ids)
        shipments.invalidate_recordset([*STATUS, "write_date", "write_uid"], flush=False)
        shipments.modified(STATUS)
        for shipment in shipments:
            shipment._log_status()
