"""What it costs to take in scans: events a second, and changes of status a second, end to end.

* **taking in**: 4,000 parcels report one new scan each, a quarter of them a new status; in batches of 200,
  each committed. The status of the shipment, the stage and the timeline of the order follow in the same
  transaction, and what customers are to be told is put into the outbox; sending is another action's.
* **changes**: 1,000 parcels, each with a new status that customers are told of and that may be a problem.
* **the same again**: every report of before once more. Nothing may be written.

Each among few and among many parcels and scans: cost must follow what is reported, not what is stored.
"""

import os
import sys
from datetime import datetime, timedelta
from statistics import median

from _lib import alternate, closing_line, in_database, measure, registry, table

REPORTED = int(os.environ.get("BENCH_REPORTED", 4000))
CHANGED = int(os.environ.get("BENCH_CHANGED", 1000))
STORED = (10_000, int(os.environ.get("BENCH_STORED", 100_000)))
RUNS = int(os.environ.get("BENCH_RUNS", 3))
BATCH = 200
EVENTS_A_SECOND, CHANGES_A_SECOND = 2000, 300
FILLED = (
    *("order_shipment_parcel", "order_shipment_event", "order_shipment", "order_shipment_sale_order_rel"),
    *("order_shipment_order_shipment_parcel_rel", "sale_order", "sale_order_line", "stock_move"),
)
NOW = datetime.now().replace(microsecond=0)
LEFT = NOW - timedelta(days=2)

PARCELS = """
INSERT INTO order_shipment_parcel
       (number, number_key, incarnation, company_id, provider_id, carrier_id, carrier_code, shipped_at,
       status, status_since, last_event_at, event_count, next_poll_at, subscription, fail_count,
       polls_today)
SELECT 'B' || n, 'B' || n, 1, %(company)s, %(provider)s, %(carrier)s, 'b', %(left)s, 'in_transit',
       %(left)s + interval '3 hours', %(left)s + interval '3 hours', 3, NULL, 'none', 0, 0
  FROM generate_series(1, %(count)s) AS n
"""
SCANS = """
INSERT INTO order_shipment_event (parcel_id, event_time, status, code, text, source, received_at, dedup_key)
SELECT parcel.id, %(left)s + n * interval '1 hour', 'in_transit', 'TR', 'Sorted', 'poll', now(),
       md5(parcel.id || ' ' || n)
  FROM order_shipment_parcel parcel CROSS JOIN generate_series(1, 3) AS n
"""
SHIPMENTS = """
INSERT INTO order_shipment (name, company_id, partner_id, status, tracking_number, shipped_at)
SELECT parcel.number, parcel.company_id, %s, 'in_transit', parcel.number, parcel.shipped_at
  FROM order_shipment_parcel parcel
"""
LINKS = """
INSERT INTO order_shipment_order_shipment_parcel_rel (order_shipment_id, order_shipment_parcel_id)
SELECT shipment.id, parcel.id FROM order_shipment shipment
  JOIN order_shipment_parcel parcel ON parcel.number = shipment.tracking_number;
INSERT INTO order_shipment_sale_order_rel (order_shipment_id, sale_order_id)
SELECT shipment.id, sale.id FROM order_shipment shipment
  JOIN sale_order sale ON sale.name = shipment.tracking_number
"""


def order_of(env):
    """Return a confirmed order of one line that has left, as Odoo makes it."""
    partner = env["res.partner"].create({"name": "Customer", "email": "customer@example.com"})
    product = env["product.product"].create({"name": "Mug", "type": "consu", "list_price": 5})
    line = {"product_id": product.id, "product_uom_qty": 1}
    order = env["sale.order"].create({"partner_id": partner.id, "order_line": [(0, 0, line)]})
    order.action_confirm()
    env.flush_all()
    env.cr.execute("UPDATE stock_move SET state = 'done' WHERE sale_line_id = %s", [order.order_line.id])
    env.invalidate_all()
    return order


def copies(env, order, count):
    """Copy the order, its line and its move ``count`` times, and give each a shipment with its parcel."""
    line, first = order.order_line, {}
    for name in ("sale_order", "sale_order_line", "stock_move"):
        env.cr.execute(f"SELECT max(id) + 1 FROM {name}")
        ((first[name],),) = env.cr.fetchall()
    of_order = {"name": "'B' || n", "processing_stage": "'in_transit'"}
    of_line = {"order_id": f"{first['sale_order']} + n - 1"}
    of_move = {"sale_line_id": f"{first['sale_order_line']} + n - 1"}
    _copy(env, "sale_order", order.id, count, first["sale_order"], of_order)
    _copy(env, "sale_order_line", line.id, count, first["sale_order_line"], of_line)
    _copy(env, "stock_move", line.move_ids.id, count, first["stock_move"], of_move)
    env.cr.execute(SHIPMENTS, [order.partner_id.id])
    env.cr.execute(LINKS)


def _copy(env, name, id_, count, first, other):
    env.cr.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER'",
        [name],
    )
    columns = [column for (column,) in env.cr.fetchall()]
    given = {"id": f"{first} + n - 1", **other}
    names = ", ".join(f'"{column}"' for column in columns)
    values = ", ".join(given.get(column, f'source."{column}"') for column in columns)
    env.cr.execute(
        f"INSERT INTO {name} ({names}) SELECT {values} FROM {name} source CROSS JOIN"
        f" generate_series(1, {count:d}) AS n WHERE source.id = {id_:d}"
    )
    env.cr.execute(f"SELECT setval('{name}_id_seq', (SELECT max(id) FROM {name}))")


def fill(env, count):
    company = env.company
    flags = [name for name in company._fields if name.startswith(("tell_", "parcel_problems"))]
    company.write({name: True for name in flags if company._fields[name].type == "boolean"})
    service = env["product.product"].create({"name": "Delivery", "type": "service"})
    carrier = env["delivery.carrier"].create({"name": "Swift", "product_id": service.id})
    provider = env["order.tracking.provider"].create({"name": "Eye", "kind": "simulator"})
    for code, status in (("TR", "in_transit"), ("DEL", "delivered"), ("NOT", "attempt_failed")):
        values = {"kind": "simulator", "provider_id": provider.id, "code": code, "status": status}
        env["order.tracking.status.map"].create(values)
    order = order_of(env)
    facts = {"company": company.id, "provider": provider.id, "carrier": carrier.id}
    env.cr.execute(PARCELS, {**facts, "left": LEFT, "count": count})
    env.cr.execute(SCANS, {"left": LEFT})
    copies(env, order, count)
    env.cr.commit()
    env.invalidate_all()
    # As autovacuum does in a database that lives.
    for name in FILLED:
        env.cr.execute(f"ANALYZE {name}")
    env.cr.commit()
    return provider


def reports(env, first, count, code_of):
    from odoo.addons.order_processing.connectors.base import Result, Scan

    query = "SELECT id, number FROM order_shipment_parcel ORDER BY id OFFSET %s LIMIT %s"
    env.cr.execute(query, [first, count])
    told = []
    for place, (id_, number) in enumerate(env.cr.fetchall()):
        scan = Scan(NOW - timedelta(hours=1), code_of(place), "Seen")
        told.append((id_, Result(number, id_, scans=(scan,), is_full_history=False)))
    return told


def take_in(env, provider, told):
    changed = events = 0
    for first in range(0, len(told), BATCH):
        got = env["order.shipment.parcel"]._ingest(told[first : first + BATCH], "poll", provider)
        events, changed = events + got.new_events, changed + len(got.changed)
        env.cr.commit()
        env.invalidate_all()
    return events, changed


FOLLOWED = {
    "order_notification WHERE kind = 'delivered' AND medium = 'mail'": REPORTED // 4,
    "order_notification WHERE kind = 'attempt_failed' AND medium = 'mail'": CHANGED,
    "order_shipment_problem WHERE kind = 'attempt_failed'": CHANGED,
    "sale_order WHERE processing_stage IN ('delivered', 'completed')": REPORTED // 4,
    "order_event WHERE kind = 'parcel_status'": REPORTED // 4 + CHANGED,
}


def check_what_followed(env):
    for where, least in FOLLOWED.items():
        env.cr.execute(f"SELECT count(*) FROM {where}")
        if (count := env.cr.fetchone()[0]) < least:
            sys.exit(f"{where}: {count} instead of {least}; something did not follow")


def side(database, count):
    with registry(database) as env:
        provider = fill(env, count)
        quarter = reports(env, 0, REPORTED, lambda place: "DEL" if place % 4 == 0 else "TR")
        all_new = reports(env, REPORTED, CHANGED, lambda place: "NOT")
        seen = {}

        def step(name, told):
            def run(env):
                seen[name] = take_in(env, provider, told)

            return measure(env, run)

        costs = {
            "taking in": step("taking in", quarter),
            "changes": step("changes", all_new),
            "the same again": step("the same again", quarter),
        }
        expected = {
            "taking in": (REPORTED, REPORTED // 4),
            "changes": (CHANGED, CHANGED),
            "the same again": (0, 0),
        }
        if seen != expected:
            sys.exit(f"{seen} is not what was reported")
        check_what_followed(env)
        return costs


def in_base(count):
    return lambda: in_database("op_bench_ingest", side, count)


def main():
    results = alternate({count: in_base(count) for count in STORED}, RUNS)
    many = {"taking in": REPORTED, "changes": CHANGED, "the same again": REPORTED}
    rows, rate = [], {}
    for count, costs in results.items():
        for name, number in many.items():
            cpu = median(cost[name].cpu for cost in costs)
            wall = median(cost[name].wall for cost in costs)
            rate[count, name] = number / wall, number / cpu, cpu
            queries = median(cost[name].queries for cost in costs)
            rates = round(number / wall), round(number / cpu)
            rows.append((f"{name}, {count:,} stored", cpu, wall, *rates, queries))
    print(f"\ntracking_ingest: {BATCH} a batch, each committed; medians of {RUNS} runs")
    table(["", "CPU s", "s", "a second", "a CPU second", "queries"], rows)
    few, lots = STORED
    growth = rate[lots, "taking in"][2] / rate[few, "taking in"][2]
    print(f"{lots:,} stored instead of {few:,}: {growth:.2f} times the CPU seconds")
    for name, least in (("taking in", EVENTS_A_SECOND), ("changes", CHANGES_A_SECOND)):
        reached = rate[lots, name][0]
        print(f"{name}: {reached:,.0f} a second; {'reached' if reached >= least else 'MISSED'} ({least:,})")
    closing_line(
        "tracking_ingest",
        round(rate[lots, "taking in"][2], 4),
        None,
        unit="CPU seconds",
        runs=RUNS,
        events_a_second=round(rate[lots, "taking in"][0]),
        changes_a_second=round(rate[lots, "changes"][0]),
        growth=round(growth, 2),
    )


if __name__ == "__main__":
    main()
