from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import get_lang

from .dispatch_board import CARDS

CLOSED = ("draft", "done", "cancel")
# Which lane of the board a transfer is in.
LANE = SQL(
    """CASE WHEN p.dispatch_by_hand = 'held' AND p.state <> 'done' THEN 'held'
            WHEN p.departure_id IS NULL THEN 'none' ELSE 'wave' END"""
)


class OrderDispatchDeparture(models.Model):
    """The queries of the dispatch board: what is read is chosen by Odoo's own search, with its rules."""

    _inherit = "order.dispatch.departure"

    def _board_scope(self, warehouse, departure_ids):
        """Return a query of the transfers the board is about, which the reader may read."""
        pickings = self.env["stock.picking"]
        of_warehouse = Domain("picking_type_id.warehouse_id", "=", warehouse.id)
        leaving = of_warehouse & Domain("picking_type_id.code", "=", "outgoing")
        waiting = leaving & Domain("state", "not in", CLOSED)
        waiting &= Domain("departure_id", "=", False) | Domain("dispatch_by_hand", "=", "held")
        planned = Domain("departure_id", "in", departure_ids) & Domain("state", "not in", ("draft", "cancel"))
        return pickings._search(waiting | planned).subselect()

    def _board_transfers(self, scope):
        """Return the transfers with what the figures and the order of the cards need."""
        pickings = self.env["stock.picking"]
        return SQL(
            """SELECT p.id, %(lane)s AS kind,
                      CASE WHEN %(lane)s = 'wave' THEN p.departure_id ELSE 0 END AS departure_id,
                      CASE WHEN %(lane)s = 'wave' THEN COALESCE(p.batch_id, 0) ELSE 0 END AS batch_id,
                      pt.code, %(status)s AS status, %(urgent)s AS urgent,
                      COALESCE(p.priority_score, 0) AS score,
                      p.dispatch_due, COALESCE(p.weight, 0) AS weight, %(parcels)s AS parcels
                 FROM stock_picking p
                 JOIN stock_picking_type pt ON pt.id = p.picking_type_id
                WHERE p.id IN %(scope)s""",
            lane=LANE,
            status=pickings._board_status_sql(),
            urgent=pickings._board_urgent_sql(),
            parcels=pickings._board_parcels_sql(),
            scope=scope,
        )

    def _board_rows(self, query):
        """Return the rows of a query as dicts."""
        self.env.flush_all()
        self.env.cr.execute(query)
        return self.env.cr.dictfetchall()

    # ---------------------------------------------------------------- figures
    def _board_figures(self, scope):
        return self._board_rows(
            SQL(
                """SELECT kind, departure_id, batch_id, code, status, COUNT(*) AS transfers,
                          SUM(weight)::float AS weight, SUM(parcels)::int AS parcels,
                          COUNT(*) FILTER (WHERE urgent) AS urgent
                     FROM (%s) t GROUP BY 1, 2, 3, 4, 5""",
                self._board_transfers(scope),
            )
        )

    def _board_volumes(self, scope):
        rows = self._board_rows(
            SQL(
                """SELECT p.departure_id, SUM(m.product_qty * pp.volume)::float AS volume
                     FROM stock_picking p
                     JOIN stock_picking_type pt ON pt.id = p.picking_type_id AND pt.code = 'outgoing'
                     JOIN stock_move m ON m.picking_id = p.id AND m.state <> 'cancel'
                     JOIN product_product pp ON pp.id = m.product_id
                    WHERE p.id IN %s AND p.departure_id IS NOT NULL
                      AND p.dispatch_by_hand IS DISTINCT FROM 'held' GROUP BY 1""",
                scope,
            )
        )
        return {row["departure_id"]: row["volume"] for row in rows}

    def _board_carriers(self, scope):
        """Return the carriers there is something for, to choose from."""
        return self._board_rows(
            SQL(
                """SELECT c.id, %(name)s AS name FROM delivery_carrier c
                    WHERE c.id IN (SELECT p.carrier_id FROM stock_picking p WHERE p.id IN %(scope)s)
                    ORDER BY 2""",
                name=self._in_language("c.name"),
                scope=scope,
            )
        )

    # ---------------------------------------------------------------- cards
    def _board_cards(self, scope, lanes, filters, *, offset=0, limit=CARDS):
        """Return ``{kind, departure_id, batch_id, matching, cards}`` of each of the lanes."""
        if not lanes:
            return []
        rows = self._board_rows(self._cards_query(scope, lanes, filters or {}, offset, limit))
        found = {}
        for row in rows:
            key = tuple(row.pop(name) for name in ("kind", "departure_id", "batch_id"))
            lane = found.setdefault(key, {"matching": row["matching"], "cards": []})
            row.pop("matching")
            row.pop("place")
            lane["cards"].append(row)
        nothing = {"matching": 0, "cards": []}
        return [
            {"kind": kind, "departure_id": departure, "batch_id": batch}
            | found.get((kind, departure, batch), nothing)
            for kind, departure, batch in lanes
        ]

    def _cards_query(self, scope, lanes, filters, offset, limit):
        """The cards that are shown, and only of these what is written on them."""
        return SQL(
            """WITH t AS (%(transfers)s), chosen AS (
                 SELECT * FROM (
                   SELECT t.*, COUNT(*) OVER lane AS matching, ROW_NUMBER() OVER (lane ORDER BY
                          status = 'done', urgent DESC, score DESC, dispatch_due NULLS LAST, id) AS place
                     FROM t WHERE (kind, departure_id, batch_id) IN (%(lanes)s) AND %(filter)s
                   WINDOW lane AS (PARTITION BY kind, departure_id, batch_id)) numbered
                  WHERE place > %(offset)s AND place <= %(last)s)
               SELECT c.id, c.kind, c.departure_id, c.batch_id, c.matching, c.place, c.code, c.status,
                      c.urgent, c.score::float, c.weight::float, c.parcels,
                      p.name, p.priority = '1' AS star, p.state, p.dispatch_by_hand AS by_hand,
                      p.dispatch_hold_reason AS hold_reason, p.dispatch_join_key AS joined,
                      COALESCE(r.name, q.name) AS customer, r.city, %(carrier)s AS carrier,
                      o.orders, o.lines, %(flags)s
                 FROM chosen c
                 JOIN stock_picking p ON p.id = c.id
                 LEFT JOIN res_partner r ON r.id = p.partner_id
                 LEFT JOIN res_partner q ON q.id = r.parent_id
                 LEFT JOIN delivery_carrier dc ON dc.id = p.carrier_id
                 LEFT JOIN sale_order so ON so.id = p.sale_id
                 LEFT JOIN LATERAL (
                   SELECT COUNT(*) AS lines, array_agg(DISTINCT s.name) FILTER (WHERE s.id IS NOT NULL) AS orders
                     FROM stock_move m
                     LEFT JOIN sale_order_line l ON l.id = m.sale_line_id
                     LEFT JOIN sale_order s ON s.id = COALESCE(l.order_id, p.sale_id)
                    WHERE m.picking_id = c.id AND m.state <> 'cancel') o ON TRUE
                ORDER BY c.place""",
            transfers=self._board_transfers(scope),
            lanes=SQL(", ").join(SQL("(%s, %s, %s)", *lane) for lane in lanes),
            filter=self._board_filter(filters),
            offset=offset,
            last=offset + limit,
            carrier=self._in_language("dc.name"),
            flags=self._board_flags(),
        )

    def _board_flags(self):
        """What the packer has to heed: told by a sign on the card, in full at packing."""
        return SQL(
            """COALESCE(so.packing_instruction, '') <> '' AS instruction, COALESCE(so.gift_note, '') <> '' AS gift,
               COALESCE(so.no_substitutes, FALSE) AS no_substitutes"""
        )

    def _board_filter(self, filters):
        parts = [SQL("TRUE")]
        if status := filters.get("status"):
            parts.append(SQL("t.status = %s", status))
        if filters.get("urgent"):
            parts.append(SQL("t.urgent"))
        if carrier := filters.get("carrier_id"):
            parts.append(
                SQL("t.id IN (SELECT id FROM stock_picking WHERE carrier_id = %s AND id = t.id)", int(carrier))
            )
        if text := (filters.get("text") or "").strip():
            parts.append(self._text_filter(text))
        return SQL(" AND ").join(parts)

    def _text_filter(self, text):
        """The number of a transfer or an order, a customer or town, a SKU."""
        pattern = "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        return SQL(
            """EXISTS (SELECT FROM stock_picking f LEFT JOIN res_partner g ON g.id = f.partner_id
                        WHERE f.id = t.id AND (f.name ILIKE %(text)s OR f.origin ILIKE %(text)s
                              OR g.complete_name ILIKE %(text)s OR g.city ILIKE %(text)s
                              OR EXISTS (SELECT FROM stock_move m JOIN product_product v ON v.id = m.product_id
                                          WHERE m.picking_id = f.id
                                            AND (v.default_code ILIKE %(text)s OR v.barcode = %(exact)s))))""",
            text=pattern,
            exact=text,
        )

    def _in_language(self, column):
        """A translated column as the reader calls it."""
        table, name = column.split(".")
        field = SQL.identifier(table, name)
        return SQL("COALESCE(%s->>%s, %s->>'en_US')", field, get_lang(self.env).code, field)


class StockPicking(models.Model):
    _inherit = "stock.picking"

    def _board_status_sql(self):
        """Where the transfer ``p`` stands; what has gone is told apart from what is packed."""
        return SQL(
            "CASE WHEN p.state = 'done' THEN 'done' ELSE COALESCE(%s, 'short') END",
            self._dispatch_status_sql("p"),
        )

    def _board_urgent_sql(self):
        """An order behind it is urgent, or somebody has given it a star."""
        return SQL(
            """(p.priority = '1' OR EXISTS (
                  SELECT FROM stock_move m JOIN sale_order_line l ON l.id = m.sale_line_id
                    JOIN sale_order s ON s.id = l.order_id
                   WHERE m.picking_id = p.id AND s.urgency = 'urgent'))"""
        )

    def _board_parcels_sql(self):
        """What is packed already, else estimated by weight, as ``parcel_count`` does."""
        return SQL(
            """COALESCE(NULLIF((SELECT COUNT(DISTINCT l.result_package_id) FROM stock_move_line l
                                 WHERE l.picking_id = p.id), 0),
                        GREATEST(CEIL(COALESCE(p.weight, 0) / %s), 1))::int""",
            self._parcel_weight(self.env.company),
        )
