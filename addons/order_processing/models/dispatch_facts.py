"""What a plan of departures is decided on, read from the database in a few queries."""

from collections import defaultdict
from datetime import timedelta
from typing import NamedTuple

from odoo import fields
from odoo.tools import SQL

from ..engine.consignment import Capacity, Departure, Load
from ..engine.delivery_time import Way
from .dispatch_address import Addresses
from .promise_facts import OPEN_STATES
from .sale_order_review import HELD_STATES
from .stock_picking_dispatch import parcels_of
from .stock_picking_dispatch_status import missing_sql, without_jit

# A departure nobody has said of that it left is believed to have left after so long.
GRACE = timedelta(hours=12)
GRAMS, MILLILITRES = 1000, 1_000_000

FLUSH = {
    "stock.move": """state picking_id picking_type_id location_id location_dest_id location_final_id
        product_id product_qty picked sale_line_id""",
    "stock.move.line": "picking_id result_package_id",
    "stock.picking": """state partner_id carrier_id priority priority_score scheduled_date weight batch_id
        batch_sequence departure_id dispatch_route_id dispatch_due dispatch_code dispatch_figures
        dispatch_by_hand dispatch_join_key picking_type_id name""",
    "stock.picking.batch": "state departure_id picking_type_id is_planned_wave is_urgent_wave user_id",
    "order.dispatch.departure": """route_id warehouse_id departs_at cut_off_at max_parcels max_weight
        max_volume state""",
    "sale.order": """urgency priority_score requested_date promise_date review_state state partner_shipping_id
        carrier_id partner_id""",
    "sale.order.line": "order_id ready_date promise_code promise_figures promise_date",
    "res.partner": "street street2 zip city state_id country_id parent_id commercial_partner_id",
}


class Row(NamedTuple):
    """An open transfer on its way to a customer, as the database has it."""

    id: int
    name: str
    kind: int
    partner: int | None
    carrier: int | None
    customers: list  # who ordered it: the companies, not their contacts
    score: float
    urgent: bool
    wanted: object  # the day the customer asked for
    departs: object  # when it was promised to leave
    arrives: object  # the date set by hand that it has to arrive by
    scheduled: object
    weight: float
    volume: float
    begun: bool  # somebody picks it, or its goods were picked for it
    missing: bool
    ready: object
    unknown: bool  # of some goods nobody knows when they come
    review: bool
    batch: int | None
    batch_sequence: int | None
    # What was decided before, and may be decided anew: as the columns are called.
    departure_id: int | None
    dispatch_route_id: int | None
    dispatch_due: object
    dispatch_code: str | None
    dispatch_figures: dict | None
    dispatch_join_key: str | None
    dispatch_by_hand: str | None


class Wave(NamedTuple):
    """A batch some of the transfers are in, or one of the plan's own."""

    id: int
    state: str
    departure: int | None
    kind: int
    planned: bool
    urgent: bool
    user: int | None


class DispatchFacts(Addresses):
    """The open transfers of a warehouse, its departures and its waves."""

    def __init__(self, warehouse):
        # su: ids and figures only; the plan is the same whoever asks for it
        self.env = warehouse.env(su=True)
        self.warehouse = warehouse.with_env(self.env)
        self.company = self.warehouse.company_id
        self.now = fields.Datetime.now()
        self.zone = self.warehouse._dispatch_zone()
        for model, names in FLUSH.items():
            self.env[model].flush_model(names.split())
        without_jit(self.env)
        self.rows = {row[0]: Row(*row) for row in self.env.execute_query(self._transfers())}
        self.ids = list(self.rows)
        self.roots = self._read_roots()
        self.feeding = defaultdict(list)
        for id_, root in self.roots.items():
            self.feeding[root].append(self.rows[id_])
        self.packages = self._read_packages(self.ids)
        self.partners = self._read_partners()
        self.departures = self._read_departures()
        self.waves = self._read_waves()
        self.done = self._read_done()
        self.parcel_limit = self.env["stock.picking"]._parcel_weight(self.company)
        self.way = self._make_way()

    # ---------------------------------------------------------------- what the engine gets
    def load(self, id_, weight, volume):
        """Return the room a transfer takes."""
        parcels = parcels_of(self.packages.get(id_), weight, self.parcel_limit)
        return Load(parcels, round(weight * GRAMS), round(volume * MILLILITRES))

    def join_key(self, departure, first):
        """Return the name of a parcel of several transfers: another one than those that are packed have."""
        key, number = f"{departure}-{first}", 1
        while key in self.used_keys:
            number += 1
            key = f"{departure}-{first}-{number}"
        return key

    def _make_way(self):
        first_day = self.now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        calendar = self.warehouse._dispatch_calendar()
        work = calendar._working_hours(first_day, self.company.id) if calendar else ()
        handling = timedelta(hours=self.warehouse.handling_hours)
        return Way(work, handling, None, (), 0, self.zone)

    # ---------------------------------------------------------------- reading
    def _transfers(self):
        return SQL(
            """
            SELECT p.id, p.name, p.picking_type_id, COALESCE(p.partner_id, g.partner_id),
                   COALESCE(p.carrier_id, g.carrier_id), g.customers,
                   GREATEST(COALESCE(p.priority_score, 0), COALESCE(g.score, 0))::float,
                   p.priority = '1' OR g.urgent, g.wanted, g.departs, g.arrives, p.scheduled_date,
                   COALESCE(p.weight, 0)::float, g.volume, g.begun, g.missing, g.ready, g.unknown, g.review,
                   p.batch_id, p.batch_sequence, p.departure_id, p.dispatch_route_id, p.dispatch_due,
                   p.dispatch_code, p.dispatch_figures, p.dispatch_join_key, p.dispatch_by_hand
              FROM stock_picking p JOIN (%(goods)s) g ON g.picking_id = p.id
             WHERE p.state IN ('waiting', 'confirmed', 'assigned')
             ORDER BY p.id
            """,
            goods=self._goods(),
        )

    def _goods(self):
        """The moves of each transfer in one row."""
        return SQL(
            """
            SELECT m.picking_id, min(o.partner_shipping_id) AS partner_id, min(o.carrier_id) AS carrier_id,
                   array_agg(DISTINCT buyer.commercial_partner_id) FILTER (WHERE o.id IS NOT NULL)
                       AS customers,
                   max(o.priority_score) AS score, COALESCE(bool_or(o.urgency = 'urgent'), FALSE) AS urgent,
                   min(o.requested_date) AS wanted,
                   min(CASE WHEN sl.promise_code != 'by_hand'
                            THEN (sl.promise_figures->>'departs')::timestamp END) AS departs,
                   min(CASE WHEN sl.promise_code = 'by_hand' THEN sl.promise_date END) AS arrives,
                   COALESCE(sum(pp.volume * m.product_qty), 0)::float AS volume,
                   bool_or(COALESCE(m.picked, FALSE)) OR bool_or(%(fed)s) AS begun,
                   bool_or(%(missing)s) AS missing,
                   max(CASE WHEN %(missing)s THEN sl.ready_date END) AS ready,
                   bool_or(%(missing)s AND sl.ready_date IS NULL) AS unknown,
                   COALESCE(bool_or(c.review_mode = 'enforce'
                       AND (o.state != 'sale' OR o.review_state IN %(held)s)), FALSE) AS review
              FROM stock_move m
              JOIN stock_picking_type t ON t.id = m.picking_type_id
              JOIN stock_location target ON target.id = COALESCE(m.location_final_id, m.location_dest_id)
              JOIN stock_location source ON source.id = m.location_id
              JOIN product_product pp ON pp.id = m.product_id
              LEFT JOIN sale_order_line sl ON sl.id = m.sale_line_id
              LEFT JOIN sale_order o ON o.id = sl.order_id
              LEFT JOIN res_company c ON c.id = o.company_id
              LEFT JOIN res_partner buyer ON buyer.id = o.partner_id
             WHERE t.warehouse_id = %(warehouse)s AND t.code IN ('outgoing', 'internal')
               AND m.state IN %(open)s AND m.picking_id IS NOT NULL AND source.usage = 'internal'
               AND (target.usage = 'customer' OR (target.usage = 'transit' AND target.company_id IS NULL))
             GROUP BY m.picking_id
            """,
            warehouse=self.warehouse.id,
            open=OPEN_STATES,
            held=HELD_STATES,
            missing=missing_sql("m"),
            fed=SQL(
                # Its goods come from a transfer in the warehouse that is done.
                """EXISTS (SELECT FROM stock_move_move_rel r JOIN stock_move fed ON fed.id = r.move_orig_id
                     JOIN stock_picking_type k ON k.id = fed.picking_type_id AND k.code = 'internal'
                    WHERE r.move_dest_id = m.id AND fed.state = 'done')"""
            ),
        )

    def _read_roots(self):
        """Return ``{transfer: the last open one its goods go through}`` for those that feed another."""
        if not self.ids:
            return {}
        rows = self.env.execute_query(
            SQL(
                """SELECT a.picking_id, min(b.picking_id)
                     FROM stock_move_move_rel r JOIN stock_move a ON a.id = r.move_orig_id
                     JOIN stock_move b ON b.id = r.move_dest_id
                    WHERE a.picking_id = ANY(%(ids)s) AND b.picking_id = ANY(%(ids)s)
                      AND a.state IN %(open)s AND b.state IN %(open)s AND a.picking_id != b.picking_id
                    GROUP BY a.picking_id""",
                ids=self.ids,
                open=OPEN_STATES,
            )
        )
        after = dict(rows)

        def last(id_, seen=()):
            return last(after[id_], (*seen, id_)) if id_ in after and id_ not in seen else id_

        return {id_: last(id_) for id_ in after}

    def _read_packages(self, ids):
        rows = self.env.execute_query(
            SQL(
                """SELECT picking_id, count(DISTINCT result_package_id) FROM stock_move_line
                    WHERE picking_id = ANY(%s) AND result_package_id IS NOT NULL GROUP BY picking_id""",
                ids,
            )
        )
        return dict(rows)

    def _read_partners(self):
        names = "street", "street2", "zip", "city", "state_id", "country_id", "parent_id"
        names = (*names, "commercial_partner_id")
        rows = self.env.execute_query(
            SQL(
                "SELECT id, %s FROM res_partner WHERE id = ANY(%s)",
                SQL(", ").join(map(SQL.identifier, names)),
                list({row.partner for row in self.rows.values() if row.partner}),
            )
        )
        return {id_: dict(zip(names, values, strict=True)) for id_, *values in rows}

    def _read_departures(self):
        """Return ``{id: departure}`` of what has not left yet, as far as is known; the earliest first."""
        rows = self.env.execute_query(
            SQL(
                """SELECT id, route_id, cut_off_at, departs_at, NULLIF(max_parcels, 0),
                          NULLIF(max_weight, 0), NULLIF(max_volume, 0)
                     FROM order_dispatch_departure
                    WHERE warehouse_id = %s AND state = 'planned' AND departs_at > %s
                    ORDER BY departs_at, id""",
                self.warehouse.id,
                self.now - GRACE,
            )
        )
        found = {}
        for id_, route, cut_off, departs, parcels, weight, volume in rows:
            room = Capacity(parcels, _units(weight, GRAMS), _units(volume, MILLILITRES))
            found[id_] = Departure(id_, route, cut_off, departs, room)
        return found

    def _read_waves(self):
        """Return the batches the transfers are in, and those the plan has made."""
        rows = self.env.execute_query(
            SQL(
                """SELECT b.id, b.state, b.departure_id, b.picking_type_id,
                          COALESCE(b.is_planned_wave, FALSE),
                          COALESCE(b.is_urgent_wave, FALSE), b.user_id
                     FROM stock_picking_batch b JOIN stock_picking_type t ON t.id = b.picking_type_id
                    WHERE t.warehouse_id = %s AND b.state IN ('draft', 'in_progress')
                    ORDER BY b.id""",
                self.warehouse.id,
            )
        )
        return {row[0]: Wave(*row) for row in rows}

    def _read_done(self):
        """Return what is packed and waits for its departure: it takes room."""
        rows = self.env.execute_query(
            SQL(
                """SELECT p.id, p.departure_id, COALESCE(p.weight, 0)::float,
                          COALESCE(sum(pp.volume * m.product_qty), 0)::float, p.dispatch_join_key
                     FROM stock_picking p JOIN stock_move m ON m.picking_id = p.id AND m.state = 'done'
                     JOIN product_product pp ON pp.id = m.product_id
                     JOIN stock_picking_type t ON t.id = p.picking_type_id AND t.code = 'outgoing'
                    WHERE p.departure_id = ANY(%s) AND p.state = 'done'
                    GROUP BY p.id ORDER BY p.id""",
                list(self.departures),
            )
        )
        self.packages.update(self._read_packages([row[0] for row in rows]))
        self.used_keys = {row[4] for row in rows}
        return [row[:4] for row in rows]


def _units(value, scale):
    return None if value is None else round(float(value) * scale)
