"""Giving scarce stock to thousands of waiting moves: our allocator against plain Odoo's assignment.

The same moves in both: 500 products, transfers of four moves each, a tenth urgent, due over the next 30 days.
Shown: CPU of Python and PostgreSQL together, as a multiple of plain Odoo's and of the least that the
database needs (one window query and the row inserts); units that went to somebody although one before him
waited; how it grows from 2,000 to 100,000 moves.

BENCH_MOVES, BENCH_PRODUCTS, BENCH_RUNS change the size; BENCH_PARTS="plain lots growth" says which parts.
"""

import os
import random
import resource

from _lib import Cost, alternate, closing_line, drop, fresh, in_child, measure, registry, table

MOVES = int(os.environ.get("BENCH_MOVES", 20_000))
PRODUCTS = int(os.environ.get("BENCH_PRODUCTS", 500))
RUNS = int(os.environ.get("BENCH_RUNS", 1))
PARTS = os.environ.get("BENCH_PARTS", "plain lots growth").split()
LINES = 4
URGENT = 0.1
STOCK = {"30 %": 0.3, "120 %": 1.2}
LIMITS = {"30 %": 10, "120 %": 7}


def goods(env, number, tracked=False):
    vals = {"type": "consu", "is_storable": True, "tracking": "lot" if tracked else "none"}
    return env["product.product"].create([{**vals, "name": f"Article {i}"} for i in range(number)])


def waiting(env, products, number, share):
    """Return so many confirmed moves nothing is reserved for, with stock for ``share`` of them."""
    dice = random.Random(number)
    kind = env["stock.warehouse"].search([("company_id", "=", env.company.id)], limit=1).out_type_id
    kind.reservation_method = "manual"  # nothing is reserved while they are made
    places = {
        "picking_type_id": kind.id,
        "location_id": kind.default_location_src_id.id,
        "location_dest_id": env.ref("stock.stock_location_customers").id,
    }
    pickings = env["stock.picking"].create(
        [{**places, "priority": "1" if dice.random() < URGENT else "0"} for _i in range(-(-number // LINES))]
    )
    moves = env["stock.move"].create(
        [
            {
                **places,
                "picking_id": pickings[i // LINES].id,
                "product_id": products[dice.randrange(len(products))].id,
                "product_uom_qty": dice.randint(1, 9),
                "date": f"2026-12-{dice.randint(1, 30):02} 08:00:00",
                "date_deadline": f"2026-12-{dice.randint(1, 30):02} 08:00:00",
            }
            for i in range(number)
        ]
    )
    moves._action_confirm(merge=False)
    kind.reservation_method = "at_confirm"
    wanted = {}
    for move in moves:
        wanted[move.product_id] = wanted.get(move.product_id, 0) + move.product_uom_qty
    for product, quantity in wanted.items():
        put(env, product, kind.default_location_src_id, round(quantity * share))
    return moves


def put(env, product, place, quantity):
    """Lay it there; of what is tracked, in three lots."""
    if not quantity:
        return
    if product.tracking == "none":
        env["stock.quant"]._update_available_quantity(product, place, quantity)
        return
    for number in range(3):
        lot = env["stock.lot"].create({"name": f"{product.id}-{number}", "product_id": product.id})
        part = quantity // 3 + (quantity % 3 if number == 0 else 0)
        if part:
            env["stock.quant"]._update_available_quantity(product, place, part, lot_id=lot)


def assign(env, moves):
    """Plain Odoo: what its scheduler does, in its order and in its portions."""
    domain = env["stock.rule"]._get_moves_to_assign_domain(env.company.id)
    order = "reservation_date, priority desc, date asc, id asc"
    found = env["stock.move"].search(domain, order=order)
    for start in range(0, len(found), 1000):
        found[start : start + 1000]._action_assign()
        env.cr.commit()


def allocate(env, moves):
    env["order.allocation.run"]._cron_allocate()


# The same rank for both sides: urgent, due, number.
RANK = "(CASE WHEN m.priority = '1' THEN 0 ELSE 1 END, m.date_deadline, m.id)"
INVERSIONS = f"""
    WITH ranked AS (
        SELECT m.product_id, m.product_qty AS need, COALESCE(m.quantity, 0) AS got, {RANK} AS rank
          FROM stock_move m WHERE m.id = ANY(%s)
    ), worst AS (  -- the first in rank of each product that lacks something
        SELECT DISTINCT ON (product_id) product_id, rank FROM ranked
         WHERE got < need ORDER BY product_id, rank
    )
    SELECT COALESCE(sum(r.got), 0) FROM ranked r JOIN worst w USING (product_id) WHERE r.rank > w.rank"""


def outcome(env, moves):
    env.cr.execute(INVERSIONS, [moves.ids])
    inverted = float(env.cr.fetchone()[0])
    env.cr.execute(
        "SELECT sum(quantity), sum(product_qty) FILTER (WHERE priority = '1'),"
        " sum(quantity) FILTER (WHERE priority = '1') FROM stock_move WHERE id = ANY(%s)",
        [moves.ids],
    )
    total, urgent, urgent_got = map(float, env.cr.fetchone())
    return {"inverted": inverted, "total": total, "urgent": urgent_got / urgent}


def bare_sql(env, moves):
    """The least the database has to do: who gets how much in one query, the lines, the sums on the quants."""
    env.cr.execute(
        f"""
        WITH free AS (
            SELECT product_id, min(id) AS quant_id, sum(quantity - reserved_quantity) AS free
              FROM stock_quant WHERE location_id = %(place)s GROUP BY product_id
        ), queue AS (
            SELECT m.*, free.free, free.quant_id,
                   sum(m.product_qty) OVER (PARTITION BY m.product_id ORDER BY {RANK})
                       - m.product_qty AS ahead
              FROM stock_move m JOIN free ON free.product_id = m.product_id WHERE m.id = ANY(%(ids)s)
        ), won AS (
            SELECT *, least(product_qty, free - ahead) AS got FROM queue WHERE ahead < free
        ), lines AS (
            INSERT INTO stock_move_line (move_id, product_id, product_uom_id, location_id, location_dest_id,
                   picking_id, company_id, quantity, quantity_product_uom, state, date, picked)
            SELECT id, product_id, product_uom, location_id, location_dest_id, picking_id, company_id,
                   got, got,
                   'assigned', date, FALSE FROM won
        ), states AS (
            UPDATE stock_move m SET quantity = won.got,
                   state = CASE WHEN won.got < m.product_qty THEN 'partially_available' ELSE 'assigned' END
              FROM won WHERE won.id = m.id
        )
        UPDATE stock_quant q SET reserved_quantity = q.reserved_quantity + sums.got
          FROM (SELECT quant_id, sum(got) AS got FROM won GROUP BY quant_id) sums
         WHERE sums.quant_id = q.id""",
        {"ids": moves.ids, "place": moves.location_id[:1].id},
    )


def once(database, act, number, share, tracked=False):
    with registry(database) as env:
        if "order.allocation.run" in env:
            env.company.reservation_mode = "queued"
        moves = waiting(env, goods(env, PRODUCTS // 5 if tracked else PRODUCTS, tracked), number, share)
        env.flush_all()
        env.cr.execute(
            "UPDATE stock_move SET reservation_date = CURRENT_DATE WHERE id = ANY(%s)", [moves.ids]
        )
        env.cr.commit()
        env.cr.execute("ANALYZE")
        cost = measure(env, act, moves)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return cost, outcome(env, moves), peak


def side(act, *arguments, **options):
    ours = act is allocate
    database = f"op_bench_{act.__name__}"
    fresh(database, ours=ours)
    try:
        return in_child(once, database, act, *arguments, *options.values())
    finally:
        drop(database)


def middle(results):
    """The run of median cost."""
    return sorted(results, key=lambda result: result[0].cpu)[(len(results) - 1) // 2]


def row(label, result, reference):
    cost, found, _peak = result
    return [
        label,
        cost.cpu,
        reference.cpu / cost.cpu if cost.cpu else 0.0,
        cost.queries,
        round(found["total"]),
        f"{found['urgent']:.1%}",
        round(found["inverted"]),
    ]


def compare(share, label):
    acts = {"plain Odoo": assign, "ours": allocate}
    runs = alternate({who: lambda act=act: side(act, MOVES, share) for who, act in acts.items()}, RUNS)
    least = side(bare_sql, MOVES, share)
    vanilla, ours = middle(runs["plain Odoo"]), middle(runs["ours"])
    print(f"\n{MOVES:,} plain moves, {PRODUCTS} products, stock for {label}")
    header = ["", "CPU s", "times as fast", "queries", "units", "urgent filled", "units out of turn"]
    table(
        header,
        [
            row(who, one, vanilla[0])
            for who, one in (("plain Odoo", vanilla), ("ours", ours), ("bare SQL", least))
        ],
    )
    print(f"ours is {ours[0].cpu / least[0].cpu:.1f} times the bare SQL")
    return vanilla[0].cpu / ours[0].cpu, vanilla, ours


def second_lane():
    number = MOVES // 5
    vanilla, ours = side(assign, number, 0.3, tracked=True), side(allocate, number, 0.3, tracked=True)
    print(f"\n{number:,} moves of products with lots (the second lane), stock for 30 %")
    header = ["", "CPU s", "times as fast", "queries", "units", "urgent filled", "units out of turn"]
    table(header, [row("plain Odoo", vanilla, vanilla[0]), row("ours", ours, vanilla[0])])
    return vanilla[0].cpu / ours[0].cpu


def growth():
    rows = []
    for number in (2_000, 10_000, 30_000, 100_000):
        cost, found, peak = side(allocate, number, 0.3)
        rows.append(
            [f"{number:,}", cost.cpu, 1000 * cost.cpu / number, round(peak), round(found["inverted"])]
        )
    print("\nHow it grows (stock for 30 %)")
    table(["moves", "CPU s", "CPU s per 1,000", "peak MB", "units out of turn"], rows)
    return rows


def main():
    times, inverted = {}, {}
    ours = vanilla = Cost(0, 0, 0, 0, 0)
    for label, share in STOCK.items() if "plain" in PARTS else ():
        times[label], plain, own = compare(share, label)
        inverted[label] = (plain[1]["inverted"], own[1]["inverted"])
        if label == "30 %":
            vanilla, ours = plain[0], own[0]
    lane = second_lane() if "lots" in PARTS else None
    rows = growth() if "growth" in PARTS else []
    closing_line(
        "allocation",
        round(ours.cpu, 3),
        round(vanilla.cpu, 3),
        unit="CPU seconds",
        moves=MOVES,
        times_as_fast={label: round(value, 2) for label, value in times.items()},
        wanted=LIMITS,
        second_lane=lane and round(lane, 2),
        out_of_turn=inverted,
        per_thousand={row[0]: round(row[2], 3) for row in rows},
    )


if __name__ == "__main__":
    main()
