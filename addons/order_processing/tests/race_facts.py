"""What is true in the database after a race, by SQL that knows nothing of Odoo's cache or of our code."""

from race_workers import connection

# One row for each place goods can be in: what is there, what is reserved, what open move lines say.
KEYS = """
WITH quants AS (
    SELECT product_id, location_id, COALESCE(lot_id, 0) AS lot, COALESCE(package_id, 0) AS package,
           COALESCE(owner_id, 0) AS owner, sum(quantity) AS on_hand, sum(reserved_quantity) AS reserved,
           count(*) AS rows
    FROM stock_quant GROUP BY 1, 2, 3, 4, 5
), lines AS (
    SELECT product_id, location_id, COALESCE(lot_id, 0) AS lot, COALESCE(package_id, 0) AS package,
           COALESCE(owner_id, 0) AS owner, sum(quantity_product_uom) AS in_lines
    FROM stock_move_line WHERE state NOT IN ('draft', 'done', 'cancel') GROUP BY 1, 2, 3, 4, 5
)
SELECT product_id, location_id, lot, package, owner, COALESCE(on_hand, 0), COALESCE(reserved, 0),
       COALESCE(in_lines, 0), COALESCE(rows, 0)
FROM quants FULL JOIN lines USING (product_id, location_id, lot, package, owner)
WHERE location_id IN (SELECT id FROM stock_location WHERE usage IN ('internal', 'transit'))
    AND product_id = ANY(%s)
"""

MOVES = """
SELECT m.product_id, m.state, m.product_qty,
       m.quantity * m.product_qty / NULLIF(m.product_uom_qty, 0) AS quantity,
       COALESCE((SELECT sum(quantity_product_uom) FROM stock_move_line WHERE move_id = m.id), 0) AS in_lines
FROM stock_move m JOIN stock_location l ON l.id = m.location_id
WHERE l.usage IN ('internal', 'transit') AND m.product_id = ANY(%s)
"""

OPEN = ("waiting", "confirmed", "partially_available", "assigned")
TINY = 1e-6


def read(database, products):
    """Return the facts about these products, the totals first."""
    with connection(database) as cnx, cnx.cursor() as cr:
        cr.execute(KEYS, [list(products)])
        keys = cr.fetchall()
        cr.execute(MOVES, [list(products)])
        moves = [move for move in cr.fetchall() if move[1] != "draft"]
    return {**_of_keys(keys), **_of_moves(moves), **_of_products(keys, moves)}


def _of_keys(keys):
    return {
        "on_hand": sum(key[5] for key in keys),
        "reserved": sum(key[6] for key in keys),
        "oversold": sum(max(0, key[6] - max(0, key[5])) for key in keys),
        "lines_differ": sum(abs(key[6] - key[7]) for key in keys),
        "duplicates": sum(max(0, key[8] - 1) for key in keys),
        "below_zero": sum(key[5] < -TINY for key in keys),
    }


def _of_moves(moves):
    states = [move[1] for move in moves]
    return {
        "moves": {state: states.count(state) for state in sorted(set(states))},
        "torn_moves": sum(_is_torn(*move) for move in moves if move[1] in OPEN),
    }


def _is_torn(_product, state, wanted, quantity, in_lines):
    """Half written: the move, its lines and its state do not say the same."""
    quantity = quantity or 0
    if abs(quantity - in_lines) > TINY:
        return True
    is_full, is_begun = quantity > wanted - TINY, quantity > TINY
    said = {"assigned": is_full, "partially_available": is_begun and not is_full}
    return not said.get(state, not is_begun)


def _of_products(keys, moves):
    """Return the demand, and by how much reservations miss the smaller of supply and demand."""
    demand = missing = 0
    for product in {key[0] for key in keys} | {move[0] for move in moves}:
        on_hand, reserved = (sum(key[i] for key in keys if key[0] == product) for i in (5, 6))
        wanted = sum(move[2] for move in moves if move[0] == product and move[1] in OPEN)
        demand += wanted
        missing += max(0, min(on_hand, wanted) - reserved)
    return {"demand": demand, "unserved": missing}


def deadlocks(database):
    with connection(database, "postgres") as cnx, cnx.cursor() as cr:
        cr.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = %s", [database])
        return cr.fetchone()[0]


def retire(database, products):
    """Take what still waits out of sight of the scheduler, so that the next race is not measured with it."""
    with connection(database) as cnx, cnx.cursor() as cr:
        cr.execute(
            "UPDATE stock_move SET state = 'cancel' WHERE product_id = ANY(%s) AND state = ANY(%s)",
            [list(products), ["waiting", "confirmed", "partially_available"]],
        )
