"""What is on hand and reserved at each place, as SQL.

A place is a product at one exact location, of one lot, package and owner. Only locations where Odoo reserves
count: internal ones and those between warehouses. Everything is rounded as Odoo compares quantities, to the
digits of *Product Unit*.
"""

from odoo.tools import SQL

OPEN_STATES = ("assigned", "partially_available", "waiting", "confirmed")
KEY = ("product_id", "location_id", "lot_id", "package_id", "owner_id")
# Written out, the planner finds the partial index of the open lines.
IS_OPEN = SQL("l.state IN ('assigned', 'partially_available', 'waiting', 'confirmed')")

# What the stock records say, and what open transfers hold; the same columns, to be added up together.
RECORDS = SQL(
    """
    SELECT q.product_id, q.location_id, q.lot_id, q.package_id, q.owner_id,
           q.quantity, q.reserved_quantity AS reserved, 0 AS by_lines, 0 AS by_hand,
           1 AS record, NULL::timestamp AS since
      FROM stock_quant q"""
)
LINES = SQL(
    """
    SELECT l.product_id, l.location_id, l.lot_id, l.package_id, l.owner_id,
           0, 0, l.quantity_product_uom,
           CASE WHEN l.reserved_by_hand THEN l.quantity_product_uom ELSE 0 END,
           0, l.create_date
      FROM stock_move_line l
      JOIN product_product p ON p.id = l.product_id
      JOIN product_template t ON t.id = p.product_tmpl_id AND t.is_storable
     WHERE %s AND l.quantity_product_uom <> 0""",
    IS_OPEN,
)
# What has left since the oldest reservation there: lost (inventory, scrap), or by other transfers.
LEFT = SQL(
    """
    SELECT sum(l.quantity_product_uom) FILTER (WHERE target.usage = 'inventory') AS lost,
           sum(l.quantity_product_uom) FILTER (WHERE target.usage <> 'inventory') AS moved
      FROM stock_move_line l
      JOIN stock_location target ON target.id = l.location_dest_id
     WHERE d.since IS NOT NULL AND l.state = 'done' AND l.date >= date_trunc('second', d.since)
       AND l.product_id = d.product_id AND l.location_id = d.location_id
       AND COALESCE(l.lot_id, 0) = COALESCE(d.lot_id, 0)
       AND COALESCE(l.package_id, 0) = COALESCE(d.package_id, 0)
       AND COALESCE(l.owner_id, 0) = COALESCE(d.owner_id, 0)"""
)


def of_company(company_id, with_shared):
    """Return the condition on locations ``place``: a company's own, and those of none as well."""
    own = SQL("place.company_id = %s", company_id)
    return SQL("(%s OR place.company_id IS NULL)", own) if with_shared else own


def drifting(locations, digits):
    """Return the SELECT of the places where something does not add up: ``KEY``, then ``Figures``."""
    return _places(
        locations,
        digits,
        # In words: several records; records and lines disagree; more is reserved than is there.
        SQL("records > 1 OR reserved <> by_lines OR GREATEST(reserved, by_lines) > GREATEST(on_hand, 0)"),
    )


def of_product(product_id, location_id, digits):
    """Return the SELECT of what is known of a product at a location, whether it adds up or not."""
    locations = SQL("place.id = %s", location_id)
    return _places(locations, digits, SQL("product_id = %s", product_id))


def _places(locations, digits, condition):
    rounded = [
        SQL("round(sum(%s)::numeric, %s) AS %s", SQL.identifier(column), digits, SQL.identifier(name))
        for column, name in (
            ("quantity", "on_hand"),
            ("reserved", "reserved"),
            ("by_lines", "by_lines"),
            ("by_hand", "by_hand"),
        )
    ]
    return SQL(
        """
        WITH place AS MATERIALIZED (
            SELECT place.id FROM stock_location place WHERE usage IN ('internal', 'transit') AND %(locations)s
        ), together AS (
            SELECT %(key)s, %(rounded)s, sum(record)::int AS records,
                   count(*) FILTER (WHERE record = 1 AND round(reserved::numeric, %(digits)s) <> 0)::int
                       AS reserving,
                   count(*) FILTER (WHERE record = 1 AND round(quantity::numeric, %(digits)s) <> 0)::int
                       AS supplying,
                   min(since) AS since
              FROM (%(records)s UNION ALL %(lines)s) x
             WHERE location_id IN (SELECT id FROM place)
             GROUP BY %(key)s
        ), wrong AS MATERIALIZED (SELECT * FROM together WHERE %(condition)s)
        SELECT %(key)s, on_hand::float8, reserved::float8, by_lines::float8, by_hand::float8,
               (by_lines - by_hand)::float8, records, reserving, supplying,
               round(COALESCE(x.lost, 0)::numeric, %(digits)s)::float8,
               round(COALESCE(x.moved, 0)::numeric, %(digits)s)::float8, since
          FROM wrong d LEFT JOIN LATERAL (%(left)s) x ON TRUE
         ORDER BY %(key)s
        """,
        key=SQL(", ").join(SQL.identifier(name) for name in KEY),
        rounded=SQL(", ").join(rounded),
        locations=locations,
        condition=condition,
        digits=digits,
        records=RECORDS,
        lines=LINES,
        left=LEFT,
    )
