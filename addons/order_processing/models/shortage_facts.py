"""What is waited for, what is free and what comes in, read in a few queries."""

from collections import defaultdict
from typing import NamedTuple

from odoo.tools import SQL

from ..engine.shortage import Coming, Need, shortages
from .allocation_facts import OPEN_STATES, RANK_SOURCE, flush_facts

# The shelves of each warehouse: its stock location and all below. What lies at the gate is on none yet.
PLACES = SQL("""
    SELECT l.id, w.id AS warehouse_id
      FROM stock_warehouse w
      JOIN stock_location lot ON lot.id = w.lot_stock_id
      JOIN stock_location l ON l.parent_path LIKE lot.parent_path || '%%'
""")


class Document(NamedTuple):
    """What brings goods: a receipt, a request for quotation, a production order, a transfer."""

    kind: str
    model: str
    id: int
    name: str


class Wanted(NamedTuple):
    """For which line of which order something is waited for."""

    line_id: int
    product_id: int
    warehouse_id: int


class ShortageFacts:
    def __init__(self, env, product_ids, warehouse_ids):
        # su: numbers only; what is short must not depend on what the user may see
        self.env = env(su=True)
        self.product_ids, self.warehouse_ids = list(product_ids), list(warehouse_ids)
        flush_facts(self.env)
        self.env["stock.move"].flush_model(["location_final_id", "move_dest_ids"])

    def found(self):
        """Return ``{Wanted: Short}``."""
        needs, free, coming = self._needs(), self._free(), self._coming()
        products = self.env["product.product"].browse({product for product, _warehouse in needs})
        rounding = {product.id: product.uom_id.rounding for product in products}
        return {
            short.key: short
            for (product, warehouse), wanted in needs.items()
            for short in shortages(
                wanted,
                free.get((product, warehouse), 0.0),
                coming.get((product, warehouse), ()),
                rounding[product],
            )
            if isinstance(short.key, Wanted)
        }

    def _rows(self, query):
        return self.env.execute_query(query)

    def _needs(self):
        """Return ``{(product, warehouse): [Need]}`` of what is not set aside; a line's moves in one."""
        query = SQL(
            """
            WITH place AS (%(places)s WHERE w.id = ANY(%(warehouses)s))
            SELECT m.product_id, place.warehouse_id, m.sale_line_id, min(r.rank), min(m.id),
                   sum(m.product_qty - COALESCE(aside.quantity, 0))
              FROM stock_move m
              JOIN place ON place.id = m.location_id
              LEFT JOIN place target ON target.id = m.location_dest_id
                    AND target.warehouse_id = place.warehouse_id
              %(rank_source)s
              LEFT JOIN LATERAL (SELECT sum(ml.quantity_product_uom) AS quantity
                                   FROM stock_move_line ml WHERE ml.move_id = m.id) aside ON TRUE
             WHERE m.product_id = ANY(%(products)s)
               AND m.state IN %(open)s
               AND m.procure_method = 'make_to_stock'
               AND target.id IS NULL
             GROUP BY m.product_id, place.warehouse_id, m.sale_line_id,
                      CASE WHEN m.sale_line_id IS NULL THEN m.id END
            """,
            places=PLACES,
            warehouses=self.warehouse_ids,
            products=self.product_ids,
            rank_source=RANK_SOURCE,
            open=OPEN_STATES,
        )
        needs = defaultdict(list)
        for product, warehouse, line, rank, move, quantity in self._rows(query):
            key = Wanted(line, product, warehouse) if line else move
            needs[product, warehouse].append(Need(key, rank, float(quantity)))
        return needs

    def _free(self):
        """Return ``{(product, warehouse): quantity}`` of what lies on the shelves and nobody has."""
        query = SQL(
            """
            WITH place AS (%(places)s WHERE w.id = ANY(%(warehouses)s))
            SELECT q.product_id, place.warehouse_id, sum(q.quantity - q.reserved_quantity)
              FROM stock_quant q JOIN place ON place.id = q.location_id
             WHERE q.product_id = ANY(%(products)s) AND q.owner_id IS NULL
             GROUP BY 1, 2
            """,
            places=PLACES,
            warehouses=self.warehouse_ids,
            products=self.product_ids,
        )
        return {(product, warehouse): float(quantity) for product, warehouse, quantity in self._rows(query)}

    def _coming(self):
        """Return ``{(product, warehouse): [Coming]}``; the key of each is its :class:`Document`."""
        query = SQL(
            """
            WITH place AS (%(places)s WHERE w.id = ANY(%(warehouses)s))
            SELECT m.id, m.product_id, place.warehouse_id, m.date, m.product_qty
              FROM stock_move m
              JOIN place ON place.id = COALESCE(m.location_final_id, m.location_dest_id)
             WHERE m.product_id = ANY(%(products)s)
               AND m.state IN ('waiting', 'confirmed', 'partially_available', 'assigned')
               AND NOT EXISTS (SELECT 1 FROM place source
                                WHERE source.id = m.location_id AND source.warehouse_id = place.warehouse_id)
               -- what is made or bought to order goes on to that order
               AND NOT EXISTS (SELECT 1 FROM stock_move_move_rel rel
                                 JOIN stock_move onward ON onward.id = rel.move_dest_id
                                 JOIN place shelf ON shelf.id = onward.location_id
                                WHERE rel.move_orig_id = m.id AND onward.state NOT IN ('done', 'cancel'))
            """,
            places=PLACES,
            warehouses=self.warehouse_ids,
            products=self.product_ids,
        )
        rows = self._rows(query)
        moves = self.env["stock.move"].browse(row[0] for row in rows)
        documents = moves._bringing_documents()
        coming = defaultdict(list)
        for move, product, warehouse, date, quantity in rows:
            coming[product, warehouse].append(Coming(documents[move], date, float(quantity)))
        return self._add_asked_for(coming)

    def _add_asked_for(self, coming):
        """Add what is asked for but not ordered yet; the purchase glue knows of requests for quotation."""
        asked = self.env["order.shortage"]._asked_for(self.product_ids, self.warehouse_ids)
        for key, entries in asked.items():
            coming[key] += [Coming(*entry, firm=False) for entry in entries]
        return coming
