"""What was used and what is to be counted in a warehouse, as SQL.

The places of a warehouse that are planned here are its internal locations without an inventory frequency of
their own: those Odoo plans itself.
"""

from odoo.tools import SQL

# The places, and the goods that lie there.
PLACES = """
    SELECT l.id FROM stock_location l
     WHERE l.warehouse_id = {warehouse} AND l.usage = 'internal'
       AND COALESCE(l.cyclic_inventory_frequency, 0) = 0
"""


def used(warehouse, since):
    """Return the SELECT of the value of what left the warehouse since then: (product, value).

    Sold or used up, less what came back; at cost, or where there is none at the price. Goods that lie there
    and were not used have a value of 0.
    """
    company = str(warehouse.company_id.id)
    return SQL(
        """
        WITH moved AS (
            SELECT ml.product_id, sum(CASE WHEN source.usage = 'internal' THEN ml.quantity_product_uom
                                           ELSE -ml.quantity_product_uom END) AS quantity
              FROM stock_move_line ml
              JOIN stock_location source ON source.id = ml.location_id
              JOIN stock_location target ON target.id = ml.location_dest_id
             WHERE ml.state = 'done' AND ml.date >= %(since)s AND ml.company_id = %(company_id)s
               AND (source.usage = 'internal' AND source.warehouse_id = %(warehouse)s
                    AND target.usage IN ('customer', 'production')
                    OR source.usage IN ('customer', 'production')
                    AND target.usage = 'internal' AND target.warehouse_id = %(warehouse)s)
             GROUP BY ml.product_id
        ), lying AS (
            SELECT DISTINCT q.product_id FROM stock_quant q JOIN stock_location l ON l.id = q.location_id
             WHERE l.warehouse_id = %(warehouse)s AND l.usage = 'internal'
        )
        SELECT p.id, COALESCE(GREATEST(moved.quantity, 0), 0)::float8
                     * COALESCE(NULLIF((p.standard_price ->> %(company)s)::float8, 0),
                                t.list_price::float8, 0)
          FROM product_product p
          JOIN product_template t ON t.id = p.product_tmpl_id AND t.is_storable
          LEFT JOIN moved ON moved.product_id = p.id
         WHERE p.id IN (SELECT product_id FROM moved UNION SELECT product_id FROM lying)
        """,
        since=since,
        company_id=warehouse.company_id.id,
        company=company,
        warehouse=warehouse.id,
    )


def keep_classes(warehouse, rows, now):
    """Return the statement that keeps (product, class, value); a class set by hand stays."""
    products, classes, values = zip(*rows, strict=True)
    return SQL(
        """
        INSERT INTO order_count_plan (warehouse_id, company_id, product_id, computed_class, abc_class, value,
                                      classified_at)
        SELECT %(warehouse)s, %(company)s, d.product_id, d.class, d.class, d.value, %(now)s
          FROM unnest(%(products)s::int[], %(classes)s::text[], %(values)s::float8[])
               AS d (product_id, class, value)
        ON CONFLICT (product_id, warehouse_id) DO UPDATE
            SET computed_class = EXCLUDED.computed_class, value = EXCLUDED.value,
                abc_class = COALESCE(order_count_plan.fixed_class, EXCLUDED.computed_class),
                classified_at = EXCLUDED.classified_at
        RETURNING id
        """,
        warehouse=warehouse.id,
        company=warehouse.company_id.id,
        products=list(products),
        classes=list(classes),
        values=list(values),
        now=now,
    )


def to_plan(warehouse):
    """Return the SELECT of what has no date that still holds: (id, class, last counted, places to count).

    No date yet; counted since it was planned; or in another class since.
    """
    return SQL(
        """
        SELECT plan.id, plan.abc_class, counted.date::date, lying.places
          FROM order_count_plan plan
          CROSS JOIN LATERAL (
              SELECT count(*)::int AS places FROM stock_quant q
               WHERE q.product_id = plan.product_id AND q.location_id IN (%(places)s)
          ) lying
          CROSS JOIN LATERAL (
              SELECT max(ml.date) AS date
                FROM stock_move_line ml
                JOIN stock_move m ON m.id = ml.move_id AND m.is_inventory
                JOIN stock_location source ON source.id = ml.location_id
                JOIN stock_location target ON target.id = ml.location_dest_id
               WHERE ml.product_id = plan.product_id AND ml.state = 'done'
                 AND %(warehouse)s IN (source.warehouse_id, target.warehouse_id)
          ) counted
         WHERE plan.warehouse_id = %(warehouse)s AND lying.places > 0
           AND (plan.next_count_date IS NULL OR counted.date >= plan.planned_at
                OR plan.planned_class IS DISTINCT FROM plan.abc_class)
        """,
        warehouse=warehouse.id,
        places=SQL(PLACES.format(warehouse="plan.warehouse_id")),
    )


def keep_dates(rows, now):
    """Return the statement that keeps (id, date or None, last counted or None)."""
    ids, dates, counted = zip(*rows, strict=True)
    return SQL(
        """
        UPDATE order_count_plan plan
           SET next_count_date = d.date, last_count_date = d.counted, planned_class = plan.abc_class,
               planned_at = %(now)s, is_requested = d.date IS NULL
          FROM unnest(%(ids)s::int[], %(dates)s::date[], %(counted)s::date[]) AS d (id, date, counted)
         WHERE plan.id = d.id
        RETURNING plan.id
        """,
        ids=list(ids),
        dates=list(dates),
        counted=list(counted),
        now=now,
    )


def to_request(warehouse, after, limit):
    """Return the SELECT of what Odoo is still to be told: (plan, date, its stock records).

    All records of what was just planned, and those that have come since.
    """
    return SQL(
        """
        SELECT plan.id, plan.next_count_date, plan.is_requested, array_agg(q.id ORDER BY q.id)
          FROM order_count_plan plan
          JOIN stock_quant q ON q.product_id = plan.product_id AND q.location_id IN (%(places)s)
         WHERE plan.warehouse_id = %(warehouse)s AND plan.next_count_date IS NOT NULL AND plan.id > %(after)s
           AND (NOT plan.is_requested OR q.create_date > plan.planned_at)
           AND NOT COALESCE(q.inventory_quantity_set, FALSE)
           AND (q.inventory_date IS NULL OR q.inventory_date > plan.next_count_date)
         GROUP BY plan.id
         ORDER BY plan.id LIMIT %(limit)s
        """,
        warehouse=warehouse.id,
        places=SQL(PLACES.format(warehouse="plan.warehouse_id")),
        after=after,
        limit=limit,
    )
