"""What was known when an order came in, and what became of it, as SQL.

``o`` is an order of the table; ``b`` an order of the batch that is judged, with its id, the customer it had
then and the moment it was handed in. Each statement reads for a whole batch.
"""

from odoo.tools import SQL

from .order_review_habit_sql import array_of

# Nobody reviews longer: an order is looked for among those confirmed up to so many days after it came in.
REVIEWED_WITHIN = 30

# When an order was handed in. Dated back before that (imported), its own date tells. Whole seconds, as the
# cursor of a trial is kept.
HANDED_IN = SQL(
    """date_trunc('second', CASE WHEN o.state = 'sale' THEN LEAST(o.submitted_at, o.date_order)
                                ELSE COALESCE(o.submitted_at, o.date_order) END)"""
)
HAS_DOCUMENTS = SQL(
    """(EXISTS (SELECT FROM stock_picking d WHERE d.sale_id = o.id)
        OR EXISTS (SELECT FROM sale_order_line l JOIN sale_order_line_invoice_rel r ON r.order_line_id = l.id
                    WHERE l.order_id = o.id))"""
)
# Confirmed, or cancelled or refused after it was handed in; no mere quotation.
WAS_HANDED_IN = SQL(
    """(o.state = 'sale'
        OR (o.submitted_at IS NOT NULL AND (o.state = 'cancel' OR o.review_state = 'refused'))
        OR (o.state = 'cancel' AND %s))""",
    HAS_DOCUMENTS,
)
# When it was cancelled or refused; without a timeline, by when it was at the latest.
ENDED = SQL(
    """(CASE WHEN o.state = 'cancel' OR o.review_state = 'refused' THEN COALESCE(
            (SELECT max(e.occurred_at) FROM order_event e
              WHERE e.order_id = o.id AND e.kind = 'stage' AND e.data->>'after' IN ('cancelled', 'refused')),
            o.write_date) END)"""
)
STOOD = SQL("COALESCE(%s > b.moment, TRUE)", ENDED)
# It had been confirmed, whatever it is now.
WAS_CONFIRMED = SQL(
    """(o.state = 'sale' OR (o.state = 'cancel' AND (
            EXISTS (SELECT FROM order_event e WHERE e.order_id = o.id AND e.kind = 'confirmed') OR %s)))""",
    HAS_DOCUMENTS,
)
# What an order was when it was first held or cleared, where that is known.
FIRST_TERMS = SQL("COALESCE(o.review_first_terms, o.review_replay->'terms', o.review_clearance)")


def batch_of(rows):
    """Return the batch ``b`` of ``(order id, customer id, moment)``."""
    ids, customers, moments = zip(*rows, strict=True)
    return SQL(
        "unnest(%s::int[], %s::int[], %s::timestamp[]) AS b(id, customer_id, moment)",
        array_of(ids),
        array_of(customers),
        array_of(f'"{moment}"' for moment in moments),
    )


# ---------------------------------------------------------------- which orders
def orders_between(company_id, since, until):
    """Return the SELECT of id and moment of the company's orders that were handed in then."""
    return SQL(
        """SELECT id, moment FROM (
               SELECT o.id, %(handed_in)s AS moment FROM sale_order o
                WHERE o.company_id = %(company)s
                  AND (o.submitted_at >= %(since)s OR o.date_order >= %(since)s)
                  AND %(was_handed_in)s) o
            WHERE moment >= %(since)s AND moment < %(until)s""",
        handed_in=HANDED_IN,
        company=company_id,
        was_handed_in=WAS_HANDED_IN,
        since=since,
        until=until,
    )


def next_orders(orders, moment, order_id, backtest_id, limit):
    """Return the SELECT of the next orders after that one: id, moment, and whether it was found already.

    It was, if it has changed its place meanwhile. Looked up for these few only.
    """
    return SQL(
        """SELECT o.id, o.moment, EXISTS (SELECT FROM order_review_backtest_hit h
                                           WHERE h.order_id = o.id AND h.backtest_id = %s)
             FROM (SELECT id, moment FROM (%s) o WHERE (moment, id) > (%s, %s)
                    ORDER BY moment, id LIMIT %s) o
            ORDER BY o.moment, o.id""",
        backtest_id,
        orders,
        moment,
        order_id,
        limit,
    )


# ---------------------------------------------------------------- as they were handed in
def first_terms(order_ids):
    """Return the SELECT of what the orders were first, and of what else they are now."""
    return SQL(
        "SELECT o.id, %s, COALESCE(o.payment_term_id, 0), COALESCE(o.incoterm, 0) FROM sale_order o"
        " WHERE o.id = ANY(%s)",
        FIRST_TERMS,
        list(order_ids),
    )


def lines_of_terms(orders):
    """Return the lines the first terms name as if they were order lines; ``orders`` selects ``id, terms``."""
    return SQL(
        """(SELECT x.key::int AS id, t.id AS order_id, 0 AS sequence, v.product_id,
                   v.quantity AS product_uom_qty, v.unit_id AS product_uom_id,
                   v.price AS price_unit, 0 AS discount,
                   COALESCE(v.net, v.quantity * v.price) AS price_subtotal,
                   COALESCE(v.net, v.quantity * v.price) + COALESCE(v.tax, 0) AS price_total,
                   FALSE AS is_delivery, FALSE AS is_expense, l.combo_item_id, NULL AS display_type
              FROM (%s) t
              CROSS JOIN LATERAL jsonb_each(t.terms->'lines') x
              CROSS JOIN LATERAL (
                   SELECT NULLIF(NULLIF(x.value->>0, 'false')::int, 0) AS product_id,
                          (x.value->>1)::numeric AS quantity,
                          NULLIF(NULLIF(x.value->>2, 'false')::int, 0) AS unit_id,
                          (x.value->>3)::numeric AS price, (x.value->>4)::numeric AS net,
                          (x.value->>5)::numeric AS tax) v
              LEFT JOIN sale_order_line l ON l.id = x.key::int)""",
        orders,
    )


# ---------------------------------------------------------------- the customer's other orders
def with_earlier_orders(batch, company_id):
    """Return the SELECT of the orders whose customer had had another one confirmed by then."""
    return SQL(
        """SELECT b.id FROM %(batch)s
            WHERE EXISTS (SELECT FROM res_partner c JOIN sale_order o ON o.partner_id = c.id
                           WHERE c.commercial_partner_id = b.customer_id AND o.id <> b.id
                             AND o.company_id = %(company)s AND o.date_order < b.moment
                             AND %(was_confirmed)s AND %(stood)s)""",
        batch=batch,
        company=company_id,
        was_confirmed=WAS_CONFIRMED,
        stood=STOOD,
    )


def recent_orders(batch, company_id, days):
    """Return the SELECT of how many orders the customer had placed in these days, itself included."""
    return SQL(
        """SELECT b.id, 1 + count(o.id) FROM %(batch)s
             LEFT JOIN res_partner c ON c.commercial_partner_id = b.customer_id
             LEFT JOIN LATERAL (
                  SELECT o.id FROM sale_order o
                   WHERE o.partner_id = c.id AND o.company_id = %(company)s AND o.id <> b.id
                     AND o.date_order > b.moment - make_interval(days => %(days)s)
                     AND o.date_order <= b.moment + make_interval(days => %(reviewed)s)
                     AND (o.submitted_at IS NOT NULL OR %(was_handed_in)s)
                     AND %(handed_in)s > b.moment - make_interval(days => %(days)s)
                     AND (%(handed_in)s, o.id) < (b.moment, b.id)
                     AND %(stood)s OFFSET 0) o ON TRUE
            GROUP BY b.id""",
        batch=batch,
        company=company_id,
        days=days,
        reviewed=REVIEWED_WITHIN,
        was_handed_in=WAS_HANDED_IN,
        handed_in=HANDED_IN,
        stood=STOOD,
    )


def placed_nearby(batch, company_id, days):
    """Return the SELECT of the orders their customers had placed in these days before, and of themselves.

    Id, customer, moment, confirmed (nobody knew yet), reference, content as handed in, and when it ended.
    """
    terms = SQL(
        """SELECT o.id, %(terms)s AS terms FROM sale_order o JOIN near n ON n.id = o.id
            WHERE n.has_others AND %(terms)s IS NOT NULL""",
        terms=FIRST_TERMS,
    )
    return SQL(
        """
        WITH batch AS MATERIALIZED (SELECT * FROM %(batch)s), window_of AS MATERIALIZED (
            SELECT customer_id, min(moment) - make_interval(days => %(days)s) AS first, max(moment) AS last
              FROM batch GROUP BY 1
        ), near AS MATERIALIZED (
            SELECT n.*, count(*) OVER (PARTITION BY customer_id) > 1 AS has_others FROM (
                SELECT o.id, w.customer_id, %(handed_in)s AS moment, o.client_order_ref, %(ended)s AS ended
                  FROM window_of w JOIN res_partner c ON c.commercial_partner_id = w.customer_id
                  CROSS JOIN LATERAL (
                       SELECT o.* FROM sale_order o
                        WHERE o.partner_id = c.id AND o.company_id = %(company)s
                          AND o.date_order >= w.first
                          AND o.date_order <= w.last + make_interval(days => %(reviewed)s)
                          AND (o.submitted_at IS NOT NULL OR %(was_handed_in)s) OFFSET 0) o
                 WHERE %(handed_in)s BETWEEN w.first AND w.last AND o.id NOT IN (SELECT id FROM batch)
                UNION ALL
                SELECT b.id, b.customer_id, b.moment, o.client_order_ref, %(ended)s
                  FROM batch b JOIN sale_order o ON o.id = b.id
            ) n
        ), line AS (
            SELECT order_id, product_id, product_uom_qty, product_uom_id FROM %(lines_of_terms)s x
            UNION ALL
            SELECT l.order_id, l.product_id, l.product_uom_qty, l.product_uom_id
              FROM near n JOIN sale_order o ON o.id = n.id JOIN sale_order_line l ON l.order_id = o.id
             WHERE n.has_others AND %(terms)s IS NULL AND NOT COALESCE(l.is_delivery, FALSE)
        ), content AS (
            SELECT order_id, string_agg(product_id || '×' || quantity, ' ' ORDER BY product_id) AS content
              FROM (SELECT l.order_id, l.product_id,
                           round(sum(l.product_uom_qty * COALESCE(u.factor, 1))::numeric, 4) AS quantity
                      FROM line l LEFT JOIN uom_uom u ON u.id = l.product_uom_id
                     WHERE l.product_id IS NOT NULL GROUP BY 1, 2) x
             GROUP BY order_id
        )
        SELECT n.id, n.customer_id, n.moment, FALSE, n.client_order_ref, c.content, n.ended
          FROM near n LEFT JOIN content c ON c.order_id = n.id WHERE n.has_others
        """,
        batch=batch,
        company=company_id,
        days=days,
        reviewed=REVIEWED_WITHIN,
        was_handed_in=WAS_HANDED_IN,
        handed_in=HANDED_IN,
        ended=ENDED,
        terms=FIRST_TERMS,
        lines_of_terms=lines_of_terms(terms),
    )


# ---------------------------------------------------------------- what the customer owed
def owed_then(batch, company_id, company_ids):
    """Return the SELECT of what each order's customer owed when it came in, in the company's currency.

    What the books said the evening before, and what was confirmed and not invoiced by then.
    """
    return SQL(
        """
        SELECT b.id, COALESCE(books.amount, 0)::float8 + COALESCE(ordered.amount, 0)::float8
          FROM %(batch)s
          LEFT JOIN LATERAL (
               SELECT sum(l.balance) AS amount FROM account_move_line l
                 JOIN account_account a ON a.id = l.account_id AND a.account_type = 'asset_receivable'
                WHERE l.partner_id = b.customer_id AND l.parent_state = 'posted'
                  AND l.company_id = ANY(%(companies)s) AND l.date < b.moment::date) books ON TRUE
          LEFT JOIN LATERAL (
               SELECT sum(GREATEST(o.amount_total / COALESCE(NULLIF(o.currency_rate, 0), 1)
                                   - invoiced.amount, 0)) AS amount
                 FROM res_partner c JOIN sale_order o ON o.partner_invoice_id = c.id
                 CROSS JOIN LATERAL (
                      SELECT COALESCE(sum(CASE m.move_type WHEN 'out_refund' THEN -i.price_total
                                                           ELSE i.price_total END
                                          / COALESCE(NULLIF(m.invoice_currency_rate, 0), 1)), 0) AS amount
                        FROM sale_order_line l
                        JOIN sale_order_line_invoice_rel r ON r.order_line_id = l.id
                        JOIN account_move_line i ON i.id = r.invoice_line_id
                        JOIN account_move m ON m.id = i.move_id
                       WHERE l.order_id = o.id AND m.state = 'posted' AND m.date < b.moment::date) invoiced
                WHERE c.commercial_partner_id = b.customer_id AND o.company_id = %(company)s
                  AND o.id <> b.id AND (date_trunc('second', o.date_order), o.id) < (b.moment, b.id)
                  AND %(was_confirmed)s AND %(stood)s) ordered ON TRUE
        """,
        batch=batch,
        company=company_id,
        companies=list(company_ids),
        was_confirmed=WAS_CONFIRMED,
        stood=STOOD,
    )


# ---------------------------------------------------------------- what became of them
def outcomes_of(order_ids):
    """Return the SELECT of whether each order was cancelled (or refused), refunded, returned and changed."""
    return SQL(
        """
        SELECT o.id, o.state = 'cancel' OR o.review_state = 'refused',
               EXISTS (SELECT FROM sale_order_line l
                         JOIN sale_order_line_invoice_rel r ON r.order_line_id = l.id
                         JOIN account_move_line i ON i.id = r.invoice_line_id
                         JOIN account_move m ON m.id = i.move_id
                        WHERE l.order_id = o.id AND m.move_type = 'out_refund' AND m.state = 'posted'),
               EXISTS (SELECT FROM sale_order_line l
                         JOIN stock_move s ON s.sale_line_id = l.id AND s.state = 'done'
                         JOIN stock_location source ON source.id = s.location_id AND source.usage = 'customer'
                         JOIN stock_location target ON target.id = s.location_dest_id
                        WHERE l.order_id = o.id AND target.usage <> 'customer'),
               EXISTS (SELECT FROM order_event e
                        WHERE e.order_id = o.id AND e.kind = 'changed' AND e.occurred_at >= %s)
          FROM sale_order o WHERE o.id = ANY(%s)
        """,
        HANDED_IN,
        list(order_ids),
    )
