"""How what is usual is learned, as SQL.

The past values come from one SELECT per kind of habit. Each reads, for the habits in ``due`` (id,
company_id, partner_id, product_id), at most so many of the latest orders or lines, by index, and returns
``(id, value, moment, price)``. What is cancelled, was never confirmed, or is dated at or after ``as_of``
does not count. Quantities are in the product's own unit, the lines of one product in one order taken
together; prices and amounts in the company's currency.
"""

from odoo.tools import SQL

# How many of the latest orders, or lines, say what is usual.
LATEST = 200
# The same for how much a customer orders of anything: an order has many lines.
LATEST_FOR_LINES = 50

# A line's quantity in the product's own unit, and what one such unit was sold for.
QUANTITY = SQL("l.product_uom_qty * COALESCE(lu.factor / NULLIF(tu.factor, 0), 1)")
PRICE = SQL(
    """l.price_unit * (1 - COALESCE(l.discount, 0) / 100.0) * COALESCE(tu.factor / NULLIF(lu.factor, 0), 1)
       / COALESCE(NULLIF(o.currency_rate, 0), 1)"""
)
UNITS = SQL(
    """JOIN product_product p ON p.id = l.product_id
       JOIN product_template t ON t.id = p.product_tmpl_id
       LEFT JOIN uom_uom lu ON lu.id = l.product_uom_id
       LEFT JOIN uom_uom tu ON tu.id = t.uom_id"""
)
COUNTED = SQL("l.display_type IS NULL AND NOT COALESCE(l.is_delivery, FALSE)")


def array_of(values):
    """Return the values as PostgreSQL writes an array: ten thousands of them, read as one literal."""
    return "{" + ",".join(map(str, values)) + "}"


def samples_of(measure, level, as_of):
    """Return the SELECT of the past values for one measure and level."""
    until = SQL("AND o.date_order < %s", as_of) if as_of else SQL()
    if measure == "quantity":
        return _quantities(level, until)
    if measure == "velocity":
        return _velocities(until)
    return _amounts(level, until)


def _quantities(level, until):
    if level in ("customer", "company"):
        return SQL(
            """
            SELECT due.id, sum(%(quantity)s) AS value, max(o.date_order) AS moment, NULL::float8 AS price
              FROM due CROSS JOIN LATERAL (%(orders)s) o
              JOIN sale_order_line l ON l.order_id = o.id AND %(counted)s
              %(units)s
             GROUP BY due.id, o.id, l.product_id
            """,
            quantity=QUANTITY,
            orders=_latest_orders(level, until, LATEST if level == "company" else LATEST_FOR_LINES),
            counted=COUNTED,
            units=UNITS,
        )
    return SQL(
        """
        SELECT due.id, sum(x.quantity) AS value, max(x.moment) AS moment,
               (array_agg(x.price ORDER BY x.line_id DESC) FILTER (WHERE x.price > 0 AND x.quantity > 0))[1]
               AS price
          FROM due CROSS JOIN LATERAL (%s) x
         GROUP BY due.id, x.order_id
        """,
        _latest_lines(level, until),
    )


def _latest_lines(level, until):
    """Return the latest lines of the product in ``due``, of one customer and all their contacts or of all."""
    lines = SQL(
        """
        SELECT l.id AS line_id, l.order_id, o.date_order AS moment,
               (%(quantity)s)::float8 AS quantity, (%(price)s)::float8 AS price
          FROM sale_order_line l
          JOIN sale_order o ON o.id = l.order_id %(until)s
          %(units)s
         WHERE l.product_id = due.product_id AND l.company_id = due.company_id AND l.state = 'sale'
           AND %(counted)s AND %(customer)s
         ORDER BY l.id DESC LIMIT %(latest)s
        """,
        quantity=QUANTITY,
        price=PRICE,
        until=until,
        units=UNITS,
        counted=COUNTED,
        customer=SQL("l.order_partner_id = c.id") if level == "customer_product" else SQL("TRUE"),
        latest=LATEST,
    )
    if level == "product":
        return lines
    return _of_all_contacts(lines, SQL("x.line_id"), LATEST)


def _latest_orders(level, until, latest):
    """Return the latest confirmed orders of the customer in ``due`` and all their contacts, or of all."""
    orders = SQL(
        """
        SELECT o.id, o.date_order, o.amount_total / COALESCE(NULLIF(o.currency_rate, 0), 1) AS amount
          FROM sale_order o
         WHERE o.company_id = due.company_id AND o.state = 'sale' AND %(customer)s %(until)s
         ORDER BY o.date_order DESC LIMIT %(latest)s
        """,
        customer=SQL("o.partner_id = c.id") if level == "customer" else SQL("TRUE"),
        until=until,
        latest=latest,
    )
    return _of_all_contacts(orders, SQL("x.date_order"), latest) if level == "customer" else orders


def _of_all_contacts(latest_of_one, order, latest):
    return SQL(
        """
        SELECT x.* FROM res_partner c CROSS JOIN LATERAL (%s) x
         WHERE c.commercial_partner_id = due.partner_id ORDER BY %s DESC LIMIT %s
        """,
        latest_of_one,
        order,
        latest,
    )


def _amounts(level, until):
    return SQL(
        """SELECT due.id, o.amount AS value, o.date_order AS moment, NULL::float8 AS price
             FROM due CROSS JOIN LATERAL (%s) o""",
        _latest_orders(level, until, LATEST),
    )


def _velocities(until):
    """Orders on each day with orders."""
    return SQL(
        """SELECT due.id, count(*) AS value, max(o.date_order) AS moment, NULL::float8 AS price
             FROM due CROSS JOIN LATERAL (%s) o
            GROUP BY due.id, o.date_order::date""",
        _latest_orders("customer", until, LATEST),
    )


# Of the samples: what is usual, and how much that varies. The same figures as ``engine.review.habit_of``
# takes from a list; a test compares them. Nothing is joined with what was computed on the way: PostgreSQL
# cannot know how much that is, and may choose badly.
STATISTICS = SQL(
    """ranked AS MATERIALIZED (
            SELECT id, value::float8 AS value, ln(value::float8) AS size, moment, price,
                   row_number() OVER (PARTITION BY id ORDER BY value) - 1 AS place,
                   count(*) OVER (PARTITION BY id) - 1 AS last
              FROM samples WHERE value > 0
        ), middle AS MATERIALIZED (
            SELECT id, count(*) AS count, percentile_cont(0.5) WITHIN GROUP (ORDER BY size) AS size,
                   array_agg(size) AS sizes,
                   min(value) FILTER (WHERE place >= (last + 9) / 10) AS low,
                   max(value) FILTER (WHERE place <= last * 9 / 10) AS high,
                   max(moment) AS moment,
                   (array_agg(price ORDER BY moment DESC) FILTER (WHERE price > 0))[1] AS price
              FROM ranked GROUP BY id
        )"""
)
SPREAD = SQL(
    """CROSS JOIN LATERAL (
               SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(one - m.size)) * 1.4826 AS spread
                 FROM unnest(m.sizes) one) d"""
)
MEDIAN = SQL("exp(m.size)")
LOW, HIGH = SQL("LEAST(m.low, exp(m.size))"), SQL("GREATEST(m.high, exp(m.size))")


def learn_statement(samples, due_ids):
    """Return the statement that learns the habits with these ids, and removes what has no past."""
    return SQL(
        """
        WITH due AS MATERIALIZED (
            SELECT id, company_id, partner_id, product_id FROM order_review_habit WHERE id = ANY(%(due)s)
        ), samples AS MATERIALIZED (%(samples)s), %(statistics)s, gone AS (
            DELETE FROM order_review_habit WHERE id = ANY(%(due)s) AND id NOT IN (SELECT id FROM middle)
        )
        UPDATE order_review_habit h
           SET history_count = m.count, median = %(median)s, spread = d.spread,
               low = %(low)s, high = %(high)s,
               last_value = m.price, last_date = m.moment, is_due = FALSE
          FROM middle m
         %(spread)s
         WHERE h.id = m.id
        RETURNING h.id
        """,
        due=list(due_ids),
        samples=samples,
        statistics=STATISTICS,
        median=MEDIAN,
        low=LOW,
        high=HIGH,
        spread=SPREAD,
    )


def read_statement(samples, company_id, partners, products):
    """Return the SELECT of what is usual for these customers and products, one of each for every habit.

    Nothing is kept. The rows are place of the key (from 1), count, median, spread, low, high and last price.
    """
    return SQL(
        """
        WITH due AS MATERIALIZED (
            SELECT k.n AS id, %(company)s AS company_id, k.partner_id, k.product_id
              FROM unnest(%(partners)s::int[], %(products)s::int[]) WITH ORDINALITY
                   k(partner_id, product_id, n)
        ), samples AS MATERIALIZED (%(samples)s), %(statistics)s
        SELECT m.id, m.count, %(median)s, d.spread, %(low)s, %(high)s, m.price
          FROM middle m
         %(spread)s
        """,
        company=company_id,
        partners=array_of(partners),
        products=array_of(products),
        samples=samples,
        statistics=STATISTICS,
        median=MEDIAN,
        low=LOW,
        high=HIGH,
        spread=SPREAD,
    )


# ---------------------------------------------------------------- what has changed
def changed_orders(company_id, between):
    """Return the SELECT of the orders something of which was written then; ``x`` is what was written."""
    return SQL(
        """SELECT x.id FROM sale_order x WHERE x.company_id = %(company)s AND %(between)s
           UNION
           SELECT x.order_id FROM sale_order_line x WHERE x.company_id = %(company)s AND %(between)s""",
        company=company_id,
        between=between,
    )


def end_of_step(company_id, start, size):
    """Return the SELECT of the moment by which so many changes after ``start`` are reached; none: no row."""
    since = SQL("AND write_date > %s", start) if start else SQL("AND write_date IS NOT NULL")
    return SQL(
        """SELECT write_date FROM (
               SELECT write_date FROM sale_order WHERE company_id = %(company)s %(since)s
               UNION ALL
               SELECT write_date FROM sale_order_line WHERE company_id = %(company)s %(since)s
           ) x ORDER BY write_date OFFSET %(size)s LIMIT 1""",
        company=company_id,
        since=since,
        size=size,
    )


def mark_statement(company_id, orders):
    """Return the statement that marks all habits those orders touch, as something to be learned anew."""
    return SQL(
        """
        WITH changed AS MATERIALIZED (%(orders)s), seen AS MATERIALIZED (
            SELECT o.id, o.state = 'sale' AS confirmed, p.commercial_partner_id AS partner_id
              FROM changed JOIN sale_order o USING (id) JOIN res_partner p ON p.id = o.partner_id
        ), line AS MATERIALIZED (
            SELECT DISTINCT s.partner_id, l.product_id, s.confirmed
              FROM seen s JOIN sale_order_line l ON l.order_id = s.id
             WHERE l.product_id IS NOT NULL AND NOT COALESCE(l.is_delivery, FALSE)
        ), touched AS (
            SELECT 'quantity' AS measure, 'customer_product' AS level, partner_id, product_id, confirmed
              FROM line
            UNION ALL SELECT 'quantity', 'product', NULL, product_id, confirmed FROM line
            UNION ALL SELECT 'quantity', 'customer', partner_id, NULL, confirmed FROM line
            UNION ALL SELECT 'quantity', 'company', NULL, NULL, confirmed FROM line
            UNION ALL SELECT 'amount', 'customer', partner_id, NULL, confirmed FROM seen
            UNION ALL SELECT 'amount', 'company', NULL, NULL, confirmed FROM seen
            UNION ALL SELECT 'velocity', 'customer', partner_id, NULL, confirmed FROM seen
        ), known AS (
            SELECT measure, level, partner_id, product_id, bool_or(confirmed) AS confirmed
              FROM touched GROUP BY 1, 2, 3, 4
        ), marked AS (
            INSERT INTO order_review_habit
                        (company_id, measure, level, partner_id, product_id, history_count, is_due)
            SELECT %(company)s, measure, level, partner_id, product_id, 0, TRUE
              FROM known k
             WHERE confirmed OR EXISTS (
                   SELECT FROM order_review_habit h
                    WHERE h.company_id = %(company)s AND h.measure = k.measure
                      AND COALESCE(h.partner_id, 0) = COALESCE(k.partner_id, 0)
                      AND COALESCE(h.product_id, 0) = COALESCE(k.product_id, 0))
            ON CONFLICT (company_id, measure, COALESCE(partner_id, 0), COALESCE(product_id, 0))
            DO UPDATE SET is_due = TRUE WHERE NOT order_review_habit.is_due
            RETURNING 1
        ) SELECT count(*) FROM marked
        """,
        orders=orders,
        company=company_id,
    )
