from collections import namedtuple
from datetime import datetime

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import get_lang
from odoo.tools.sql import escape_psql

from .stock_picking_dispatch_status import COUNTED_WHOLE, without_jit

Row = namedtuple(
    "Row",
    "id kind departure_id batch_id code leads state late lacks waits picked packed in_packages urgent score"
    " due weight carrier_id matches",
)
READ = (
    *("id", "name", "origin", "partner_id", "state", "priority", "picking_type_id", "carrier_id", "weight"),
    *("departure_id", "batch_id", "dispatch_by_hand", "dispatch_due", "priority_score"),
)
CLOSED = ("draft", "done", "cancel")


class OrderDispatchDeparture(models.Model):
    """The queries of the dispatch board: what is read is chosen by Odoo's own search, with its rules."""

    _inherit = "order.dispatch.departure"

    def _board_scope(self, warehouse, departure_ids):
        """Return a query of the transfers the board is about, which the reader may read."""
        of_warehouse = Domain("picking_type_id.warehouse_id", "=", warehouse.id)
        leaving = of_warehouse & Domain("picking_type_id.code", "=", "outgoing")
        inside = of_warehouse & Domain("picking_type_id.code", "=", "internal")
        # Most warehouses deliver in one step; to ask for the others costs as much as all the rest.
        if self.env["stock.picking"].search_count(inside & Domain("state", "not in", CLOSED), limit=1):
            leaving |= inside & self._first_of_several()
        waiting = leaving & Domain("state", "not in", CLOSED)
        waiting &= Domain("departure_id", "=", False) | Domain("dispatch_by_hand", "=", "held")
        planned = Domain("departure_id", "in", departure_ids) & Domain("state", "not in", ("draft", "cancel"))
        return self.env["stock.picking"]._search(waiting | planned)

    def _first_of_several(self):
        """Where a delivery takes several steps, the next transfer is made when the one before is done.

        Until there is one for the delivery, the step that is open stands for it.
        """
        customer = Domain("location_final_id.usage", "=", "customer")
        customer |= Domain("location_final_id.usage", "=", "transit") & Domain(
            "location_final_id.company_id", "=", False
        )
        last = Domain("move_dest_ids", "not any", [("state", "!=", "cancel")])
        going = customer & last & Domain("state", "not in", CLOSED)
        return Domain("move_ids", "any", going)

    # ---------------------------------------------------------------- every transfer, in short
    def _board_transfers(self, scope, filters):
        """Return of each transfer what figures, status and order need, the first to be dealt with first."""
        self.env.flush_all()
        without_jit(self.env)
        rows = self.env.execute_query(
            SQL(
                """WITH t AS MATERIALIZED (%(scope)s)
                   SELECT p.id, CASE WHEN p.dispatch_by_hand = 'held' AND p.state <> 'done' THEN 'held'
                                     WHEN p.departure_id IS NULL THEN 'none' ELSE 'wave' END,
                          p.departure_id, COALESCE(p.batch_id, 0), pt.code,
                          pt.code = 'outgoing' OR (pt.code = 'internal' AND p.state <> 'done'
                                                   AND NOT %(goes_on)s), p.state,
                          COALESCE(d.departs_at > p.dispatch_due OR d.departs_at < %(now)s
                                   OR d.state <> 'planned', p.dispatch_due < %(now)s, FALSE),
                          m.lacks, m.waits, l.picked, l.packed, l.in_packages,
                          p.priority = '1' OR u.picking_id IS NOT NULL,
                          p.priority_score::float, p.dispatch_due, p.weight::float, p.carrier_id, %(matches)s
                     FROM t p
                     JOIN stock_picking_type pt ON pt.id = p.picking_type_id
                     LEFT JOIN order_dispatch_departure d ON d.id = p.departure_id
                     LEFT JOIN (%(moves)s) m ON m.picking_id = p.id
                     LEFT JOIN (%(urgent)s) u ON u.picking_id = p.id
                     LEFT JOIN (%(lines)s) l ON l.picking_id = p.id""",
                scope=scope.select(*(SQL.identifier("stock_picking", name) for name in READ)),
                now=fields.Datetime.now(),
                matches=self._board_filter(filters),
                moves=self._board_moves(),
                urgent=self._board_urgent(),
                goes_on=self._board_goes_on(),
                lines=self._board_lines(),
            )
        )
        return sorted(map(Row._make, rows), key=_by_priority)

    def _board_moves(self):
        """What is not set aside; read by its state, as most moves are set aside or done."""
        return SQL(
            """SELECT m.picking_id, bool_or(m.state <> 'waiting') AS lacks,
                      bool_or(m.state = 'waiting') AS waits
                 FROM stock_move m
                WHERE m.state IN ('confirmed', 'partially_available', 'waiting')
                  AND m.picking_id IN (SELECT id FROM t)
                GROUP BY 1"""
        )

    def _board_urgent(self):
        """The transfers behind which an urgent order stands; read from the orders, which are few."""
        return SQL(
            """SELECT DISTINCT m.picking_id
                 FROM sale_order s JOIN sale_order_line sl ON sl.order_id = s.id
                 JOIN stock_move m ON m.sale_line_id = sl.id
                WHERE s.urgency = 'urgent' AND s.state = 'sale'
                  AND s.processing_stage NOT IN ('delivered', 'completed')"""
        )

    def _board_goes_on(self):
        """The next step of a delivery in several steps is there."""
        return SQL(
            """EXISTS (SELECT FROM stock_move m JOIN stock_move_move_rel r ON r.move_orig_id = m.id
                         JOIN stock_move n ON n.id = r.move_dest_id
                        WHERE m.picking_id = p.id AND n.state <> 'cancel')"""
        )

    def _board_lines(self):
        return SQL(
            """SELECT ml.picking_id,
                      bool_and(ml.picked IS TRUE AND (COALESCE(ml.packed_qty, 0) = 0 OR %(whole)s)) AS picked,
                      bool_and(ml.picked IS TRUE AND CASE WHEN ml.packed_qty > 0 THEN %(whole)s
                               ELSE ml.result_package_id IS NOT NULL END) AS packed,
                      COUNT(ml.result_package_id) AS in_packages
                 FROM t JOIN stock_move_line ml ON ml.picking_id = t.id AND ml.quantity > 0
                GROUP BY 1""",
            whole=COUNTED_WHOLE,
        )

    def _board_packages(self, ids):
        """Return ``{transfer id: in how many packages it is}``."""
        query = SQL(
            """SELECT picking_id, COUNT(DISTINCT result_package_id) FROM stock_move_line
                WHERE picking_id = ANY(%s) AND result_package_id IS NOT NULL GROUP BY 1""",
            ids,
        )
        return dict(self.env.execute_query(query))

    def _board_volumes(self, ids):
        """Return ``{departure: how much room these transfers take}``."""
        query = SQL(
            """SELECT p.departure_id, SUM(m.product_qty * pp.volume)::float
                 FROM stock_picking p
                 JOIN stock_move m ON m.picking_id = p.id AND m.state <> 'cancel'
                 JOIN product_product pp ON pp.id = m.product_id
                WHERE p.id = ANY(%s) GROUP BY 1""",
            ids,
        )
        return dict(self.env.execute_query(query))

    def _board_carriers(self, transfers):
        """Return the carriers there is something for, to choose from."""
        ids = {row.carrier_id for row in transfers} - {None}
        if not ids:
            return []
        # sudo: what the carriers are called is written on each card
        carriers = self.env["delivery.carrier"].sudo().browse(ids)
        return [{"id": one.id, "name": one.name} for one in carriers.sorted("name")]

    # ---------------------------------------------------------------- what is written on the cards
    def _board_details(self, ids):
        """Return ``{transfer id: what its card says}``."""
        rows = self.env.execute_query_dict(
            SQL(
                """SELECT p.id, p.name, p.priority = '1' AS star, p.dispatch_by_hand AS by_hand,
                          p.dispatch_hold_reason AS hold_reason, p.dispatch_join_key AS joined,
                          CASE WHEN p.departure_id IS NULL THEN COALESCE(p.dispatch_code, '') END AS why,
                          CASE WHEN pt.code <> 'outgoing' THEN %(step)s END AS step,
                          COALESCE(r.name, q.name) AS customer, r.city, %(carrier)s AS carrier,
                          o.orders, o.lines,
                          COALESCE(so.packing_instruction, '') <> '' AS instruction,
                          COALESCE(so.gift_note, '') <> '' AS gift,
                          COALESCE(so.no_substitutes, FALSE) AS no_substitutes
                     FROM stock_picking p
                     JOIN stock_picking_type pt ON pt.id = p.picking_type_id
                     LEFT JOIN res_partner r ON r.id = p.partner_id
                     LEFT JOIN res_partner q ON q.id = r.parent_id
                     LEFT JOIN delivery_carrier dc ON dc.id = p.carrier_id
                     LEFT JOIN sale_order so ON so.id = p.sale_id
                     LEFT JOIN (
                       SELECT m.picking_id, COUNT(*) AS lines,
                              array_agg(DISTINCT s.name) FILTER (WHERE s.id IS NOT NULL) AS orders
                         FROM stock_move m
                         LEFT JOIN sale_order_line l ON l.id = m.sale_line_id
                         LEFT JOIN sale_order s ON s.id = l.order_id
                        WHERE m.picking_id = ANY(%(ids)s) AND m.state <> 'cancel'
                        GROUP BY 1) o ON o.picking_id = p.id
                    WHERE p.id = ANY(%(ids)s)""",
                ids=list(ids),
                carrier=self._in_language("dc.name"),
                step=self._in_language("pt.name"),
            )
        )
        for row in rows:
            held = row["by_hand"] == "held"
            row["why"] = False if held or row["why"] is None else self._board_why(row["why"])
        return {row["id"]: row for row in rows}

    # ---------------------------------------------------------------- what is looked for
    def _board_filter(self, filters):
        parts = [SQL("TRUE")]
        if carrier := filters.get("carrier_id"):
            parts.append(SQL("COALESCE(p.carrier_id = %s, FALSE)", carrier))
        if text := filters.get("text"):
            parts.append(self._text_filter(text))
        return SQL(" AND ").join(parts)

    def _text_filter(self, text):
        """The number of a transfer or an order, a customer or town, a SKU."""
        return SQL(
            """COALESCE(p.name ILIKE %(text)s OR p.origin ILIKE %(text)s OR EXISTS (
                    SELECT FROM res_partner g WHERE g.id = p.partner_id
                       AND (g.complete_name ILIKE %(text)s OR g.city ILIKE %(text)s)) OR EXISTS (
                    SELECT FROM stock_move fm JOIN product_product v ON v.id = fm.product_id
                     WHERE fm.picking_id = p.id
                       AND (v.default_code ILIKE %(text)s OR v.barcode = %(exact)s)), FALSE)""",
            text=f"%{escape_psql(text)}%",
            exact=text,
        )

    def _in_language(self, column):
        """A translated column as the reader calls it."""
        table, name = column.split(".")
        field = SQL.identifier(table, name)
        return SQL("COALESCE(%s->>%s, %s->>'en_US')", field, get_lang(self.env).code, field)


def _by_priority(row):
    return (
        row.state == "done",
        not row.urgent,
        -(row.score or 0.0),
        row.due or datetime.max,
        row.id,
    )
