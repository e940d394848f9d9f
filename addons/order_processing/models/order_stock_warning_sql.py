"""What is free of the products that have a warning level, as SQL."""

from typing import NamedTuple

from odoo.tools import SQL

FREE = """
    SELECT COALESCE(round(sum(COALESCE(q.quantity, 0) - q.reserved_quantity)::numeric, {digits}), 0)::float8
           AS quantity
      FROM stock_quant q
      JOIN stock_location l ON l.id = q.location_id
     WHERE q.product_id = {product} AND l.parent_path LIKE {place}.parent_path || '%%'
"""


class Row(NamedTuple):
    """A level at which something has perhaps happened."""

    orderpoint_id: int
    product_id: int
    warehouse_id: int
    location_id: int
    company_id: int
    level: float
    critical: float
    margin: float  # per cent
    warning_id: int | None
    severity: str | None
    quantity: float


def changes(condition, digits, after=0, limit=None):
    """Return the SELECT of the levels that something has perhaps happened at, as ``Row``.

    That is more than really has: whoever reads it asks ``engine/stock_warning.py``.
    """
    return SQL(
        """
        SELECT op.id, op.product_id, op.warehouse_id, op.location_id, op.company_id,
               op.warning_level::float8, COALESCE(op.critical_level, 0)::float8,
               COALESCE(c.stock_warning_margin, 0), w.id, w.severity, free.quantity
          FROM stock_warehouse_orderpoint op
          JOIN product_product p ON p.id = op.product_id AND p.active
          JOIN product_template t ON t.id = p.product_tmpl_id AND t.is_storable
          JOIN stock_location place ON place.id = op.location_id
          JOIN res_company c ON c.id = op.company_id
          LEFT JOIN order_stock_warning w ON w.orderpoint_id = op.id AND w.state = 'open'
          CROSS JOIN LATERAL (%s) free
         WHERE op.active AND op.warning_level > 0 AND op.id > %s AND %s
           AND (w.id IS NULL AND free.quantity <= op.warning_level
                OR w.id IS NOT NULL AND free.quantity > op.warning_level
                OR w.severity = 'warning' AND free.quantity <= op.critical_level)
         ORDER BY op.id LIMIT %s
        """,
        SQL(FREE.format(product="op.product_id", place="place", digits=int(digits))),
        after,
        condition,
        limit,
    )


def free_now(warning_ids, digits):
    """Return the SELECT of what is free where these warnings are about: (id, quantity)."""
    return SQL(
        """
        SELECT w.id, free.quantity
          FROM order_stock_warning w
          JOIN stock_location place ON place.id = w.location_id
          CROSS JOIN LATERAL (%s) free
         WHERE w.id = ANY(%s)
        """,
        SQL(FREE.format(product="w.product_id", place="place", digits=int(digits))),
        list(warning_ids),
    )


def next_receipts(warning_ids):
    """Return the SELECT of what comes in next where these warnings are about.

    (id, date, quantity, transfer or None, reference)
    """
    return SQL(
        """
        SELECT w.id, m.date, m.product_qty::float8, m.picking_id, m.reference
          FROM order_stock_warning w
          JOIN stock_location place ON place.id = w.location_id
          CROSS JOIN LATERAL (
              SELECT m.date, m.product_qty, m.picking_id, m.reference
                FROM stock_move m
                JOIN stock_location source ON source.id = m.location_id
                JOIN stock_location target ON target.id = COALESCE(m.location_final_id, m.location_dest_id)
               WHERE m.product_id = w.product_id
                 AND m.state IN ('waiting', 'confirmed', 'assigned', 'partially_available')
                 AND target.parent_path LIKE place.parent_path || '%%'
                 AND source.parent_path NOT LIKE place.parent_path || '%%'
               ORDER BY m.date, m.id LIMIT 1
          ) m
         WHERE w.id = ANY(%s)
        """,
        list(warning_ids),
    )
