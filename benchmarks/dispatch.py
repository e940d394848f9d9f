"""Planning open transfers into departures and waves: ours, and plain Odoo's automatic batches beside it.

The same transfers in both: two moves each, all set aside, a tenth urgent, to 1,500 addresses in four areas of
one country. In ours each has its order, whose priority is worked out anew where the plan changes it. Ours
plans them onto four routes with a departure each working day and limited room, then once more with nothing
changed, then after fifty have come in. Plain Odoo groups them by destination country with at most fifty in a
batch, as its own "Automatic Batches" do when goods are set aside.

BENCH_TRANSFERS and BENCH_PLAIN change the sizes, BENCH_RUNS how often it is measured; BENCH_PROFILE=1 shows
where our time goes.
"""

import cProfile
import os
import pstats
import random

from _lib import closing_line, drop, fresh, in_child, measure, registry, table

TRANSFERS = int(os.environ.get("BENCH_TRANSFERS", 5_000))
RUNS = int(os.environ.get("BENCH_RUNS", 1))
PROFILE = bool(os.environ.get("BENCH_PROFILE"))
# Plain Odoo looks at all open transfers for each one: it is measured on fewer, and only grows steeper.
PLAIN = int(os.environ.get("BENCH_PLAIN", 1_000))
LINES, ADDRESSES, IN_A_BATCH = 2, 1_500, 50
SECONDS, QUERIES_PER_100 = 5, 20
AREAS = ("10", "20", "40", "80")


def addresses(env):
    country = env.ref("base.de")
    return env["res.partner"].create(
        [
            {
                "name": f"Customer {i}",
                "street": f"Street {i}",
                "zip": f"{AREAS[i % 4]}{i:03}",
                "city": "Town",
                "country_id": country.id,
            }
            for i in range(ADDRESSES)
        ]
    )


def orders(env, pickings, goods, dice):
    """Make an order for each transfer; SQL says that it is confirmed, as its transfer is there already."""
    found = env["sale.order"].create(
        [
            {
                "partner_id": picking.partner_id.id,
                "urgency": "urgent" if dice.random() < 0.1 else "normal",
                "order_line": [
                    (0, 0, {"product_id": dice.choice(goods).id, "product_uom_qty": 2})
                    for _line in range(LINES)
                ],
            }
            for picking in pickings
        ]
    )
    env.flush_all()
    env.cr.execute("UPDATE sale_order SET state = 'sale' WHERE id = ANY(%s)", [found.ids])
    env.invalidate_all()
    return found


def articles(env, shelf):
    """Return a hundred articles of which there is enough; made once for each database."""
    goods = env["product.product"].search([("default_code", "=like", "BENCH-%")])
    if not goods:
        goods = goods.create(
            [
                {"name": f"Article {i}", "default_code": f"BENCH-{i}", "type": "consu", "is_storable": True}
                | {"weight": 0.2 + i % 7, "volume": 0.001 * (1 + i % 5)}
                for i in range(100)
            ]
        )
        for product in goods:
            env["stock.quant"]._update_available_quantity(product, shelf, 1_000_000)
    return goods


def waiting(env, partners, number, seed=1, ordered=False):
    """Return so many transfers to customers whose goods are all set aside."""
    dice = random.Random(seed)
    kind = env["stock.warehouse"].search([("company_id", "=", env.company.id)], limit=1).out_type_id
    kind.reservation_method = "manual"
    goods = articles(env, kind.default_location_src_id)
    places = {
        "picking_type_id": kind.id,
        "location_id": kind.default_location_src_id.id,
        "location_dest_id": env.ref("stock.stock_location_customers").id,
    }
    pickings = env["stock.picking"].create(
        [
            {
                **places,
                "partner_id": partners[dice.randrange(len(partners))].id,
                "priority": "1" if dice.random() < 0.1 else "0",
            }
            for _i in range(number)
        ]
    )
    lines = orders(env, pickings, goods, dice).order_line if ordered else ()
    moves = env["stock.move"].create(
        [
            {
                **places,
                "picking_id": pickings[i // LINES].id,
                "product_id": (lines[i].product_id if lines else dice.choice(goods)).id,
                "product_uom_qty": lines[i].product_uom_qty if lines else dice.randint(1, 3),
                **({"sale_line_id": lines[i].id} if lines else {}),
            }
            for i in range(number * LINES)
        ]
    )
    moves._action_confirm(merge=False)
    moves._action_assign()
    kind.reservation_method = "at_confirm"
    env.flush_all()
    env.cr.commit()
    return pickings


def routes(env):
    company = env.company
    company.dispatch_mode = "plan"
    warehouse = env["stock.warehouse"].search([("company_id", "=", company.id)], limit=1)
    each_day = [(0, 0, {"weekday": str(day), "cut_off": 16, "departs_at": 17}) for day in range(6)]
    env["order.dispatch.route"].create(
        [
            {"name": f"Area {area}", "warehouse_id": warehouse.id, "zip_ranges": area}
            | {"max_parcels": TRANSFERS // 16, "slot_ids": each_day}
            for area in AREAS
        ]
    )
    return warehouse


def plan(env, warehouse):
    env["order.dispatch.departure"]._plan(warehouse)


def ours(database):
    with registry(database) as env:
        warehouse = routes(env)
        partners = addresses(env)
        waiting(env, partners, TRANSFERS, ordered=True)
        env.cr.execute("ANALYZE")
        profile = cProfile.Profile() if PROFILE else None
        if profile:
            profile.enable()
        first = measure(env, plan, warehouse)
        if profile:
            profile.disable()
            pstats.Stats(profile).sort_stats("cumulative").print_stats(45)
        again = measure(env, plan, warehouse)
        waiting(env, partners, 50, seed=2, ordered=True)
        more = measure(env, plan, warehouse)
        env.cr.execute(
            """SELECT count(*), count(departure_id), count(batch_id), count(DISTINCT batch_id)
                 FROM stock_picking WHERE state = 'assigned'"""
        )
        return first, again, more, env.cr.fetchone()


def auto_batch(env, pickings):
    """What Odoo does for each transfer when its goods are set aside."""
    for picking in pickings:
        picking._find_auto_batch()


def plain(database, number):
    with registry(database) as env:
        pickings = waiting(env, addresses(env), number)
        pickings.picking_type_id.write(
            {"auto_batch": True, "batch_group_by_destination": True, "batch_max_pickings": IN_A_BATCH}
        )
        env.cr.execute("ANALYZE")
        return measure(env, auto_batch, pickings)


def in_fresh(function, *arguments, is_ours):
    name = f"op_bench_{'ours' if is_ours else 'vanilla'}"
    fresh(name, ours=is_ours)
    try:
        return in_child(function, name, *arguments)
    finally:
        drop(name)


def row(label, number, cost):
    return [label, number, cost.cpu, cost.wall, cost.queries, 100 * cost.queries / number]


def main():
    runs = [in_fresh(ours, is_ours=True) for _run in range(RUNS)]
    first, again, more, (number, planned, in_waves, waves) = sorted(runs, key=lambda run: run[0].cpu)[
        RUNS // 2
    ]
    odoo = in_fresh(plain, PLAIN, is_ours=False) if PLAIN else None
    print(f"\n{number:,} open transfers: {planned:,} planned onto departures, {in_waves:,} in {waves} waves")
    header = ["", "transfers", "CPU s", "wall s", "queries", "queries per 100"]
    rows = [
        row("ours, all new", TRANSFERS, first),
        row("ours, nothing changed", TRANSFERS, again),
        row("ours, fifty more", TRANSFERS + 50, more),
    ]
    if odoo:
        rows.insert(0, row("plain Odoo, automatic batches", PLAIN, odoo))
    table(header, rows)
    per_transfer = odoo.cpu / PLAIN if odoo else 0
    closing_line(
        "dispatch",
        round(first.cpu, 3),
        round(per_transfer * TRANSFERS, 3),
        unit="CPU seconds",
        transfers=TRANSFERS,
        wanted_seconds=SECONDS,
        queries_per_100=round(100 * first.queries / TRANSFERS, 2),
        wanted_queries_per_100=QUERIES_PER_100,
        nothing_changed=round(again.cpu, 3),
        fifty_more=round(more.cpu, 3),
        plain_measured_on=PLAIN,
    )
    if first.cpu > SECONDS or 100 * first.queries / TRANSFERS > QUERIES_PER_100:
        raise SystemExit("dispatch: slower, or more queries, than wanted")


if __name__ == "__main__":
    main()
