"""Asking where parcels are: what 2,000 due parcels cost among 10,000 and among 100,000 open ones, and what a
parcel costs with OCA's ``delivery_state``, whose scheduled action asks for all open transfers one by one.

Both sides ask a stub, without a network: what is measured is the framework. Each parcel has three scans
stored, its answer brings a fourth, and a quarter come to another status; on our side that moves shipments,
orders and their timelines as well. Once the stub answers at once: what we compute. And once it takes as long
for each call as a provider that is near and fast: what asking for many at once is worth.

``odoo-addon-delivery_state`` is fetched into a temporary directory, for this comparison only.
"""

import os
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
from functools import partialmethod
from pathlib import Path
from statistics import median

from _lib import alternate, closing_line, drop, fresh, in_child, in_database, measure, registry, table

DUE = int(os.environ.get("BENCH_DUE", 2_000))
OPEN = (int(os.environ.get("BENCH_OPEN_FEW", 10_000)), int(os.environ.get("BENCH_OPEN_MANY", 100_000)))
RUNS = int(os.environ.get("BENCH_RUNS", 3))
OCA = "odoo-addon-delivery_state>=19.0,<19.1"
BATCH = 20
LATENCY = float(os.environ.get("BENCH_LATENCY", 0.02))  # seconds a call takes
NOW = datetime(2026, 3, 2, 12)

PARCELS = """
INSERT INTO order_shipment_parcel
       (number, number_key, incarnation, company_id, provider_id, shipped_at, status, status_since,
        last_event_at, event_count, next_poll_at, create_date, fail_count, polls_today, subscription)
SELECT 'B' || n, 'B' || n, 1, %(company)s, %(provider)s, now() AT TIME ZONE 'UTC' - interval '2 days',
       'in_transit', now() AT TIME ZONE 'UTC' - interval '1 day', now() AT TIME ZONE 'UTC' - interval '1 day',
       3,
       now() AT TIME ZONE 'UTC' + CASE WHEN n <= %(due)s THEN interval '-1 hour'
                                       ELSE interval '1 hour' + n * interval '0.1 second' END,
       now() AT TIME ZONE 'UTC', 0, 0, 'none'
  FROM generate_series(1, %(count)s) AS n
"""
SCANS = """
INSERT INTO order_shipment_event
       (parcel_id, dedup_key, event_time, code, status, source, text, received_at)
SELECT id, encode(sha256(convert_to(E'id\\x1f' || number || '-' || scan, 'UTF8')), 'hex'),
       shipped_at + scan * interval '1 hour', 'TR', 'in_transit', 'poll', 'Sorted', shipped_at
  FROM order_shipment_parcel CROSS JOIN generate_series(1, 3) AS scan
"""
SHIPMENTS = """
WITH made AS (
     INSERT INTO order_shipment (name, company_id, partner_id, status, shipped_at)
     SELECT 'S' || number, company_id, %(partner)s, 'in_transit', shipped_at
       FROM order_shipment_parcel ORDER BY id
  RETURNING id, name),
     linked AS (
     INSERT INTO order_shipment_order_shipment_parcel_rel (order_shipment_id, order_shipment_parcel_id)
     SELECT made.id, p.id FROM made JOIN order_shipment_parcel p ON made.name = 'S' || p.number)
INSERT INTO order_shipment_sale_order_rel (order_shipment_id, sale_order_id)
SELECT made.id, sale_order.id FROM made JOIN sale_order ON sale_order.name = made.name
"""
FILLED = (
    "order_shipment_parcel",
    "order_shipment_event",
    "order_shipment",
    "sale_order",
    "order_shipment_order_shipment_parcel_rel",
    "order_shipment_sale_order_rel",
)
# Each shipment has an order of its own: copies of one.
COPIES = """
INSERT INTO sale_order
SELECT (jsonb_populate_record(o, jsonb_build_object('id', nextval('sale_order_id_seq'), 'name', 'SB' || n))).*
  FROM sale_order o CROSS JOIN generate_series(1, %(count)s) AS n WHERE o.id = %(order)s
"""


# ---------------------------------------------------------------- ours
def stub(latency=0.0):
    """Return a connector that answers at once, as many parcels a call as most providers take."""
    from odoo.addons.order_processing.connectors import base

    class Stub(base.Connector):
        kind, batch, is_local = "generic", BATCH, True

        def build_requests(self, items):
            for first in range(0, len(items), BATCH):
                yield base.Request("GET", "local:", tuple(items[first : first + BATCH]))

        def answer(self, request):
            time.sleep(latency)
            return base.Response(200, {}, b"{}")

        def parse(self, response, request):
            return [
                base.Result(
                    item.number,
                    item.key,
                    scans=tuple(
                        base.Scan(
                            item.shipped_at + timedelta(hours=number),
                            "OUT" if number == 4 and item.key % 4 == 0 else "TR",
                            "Sorted",
                            event_id=f"{item.number}-{number}",
                        )
                        for number in range(1, 5)
                    ),
                )
                for item in request.items
            ]

    base._KINDS["generic"] = Stub


def parcels(env, count):
    provider = env["order.tracking.provider"].create({"name": "Stub", "kind": "generic"})
    for code, status in (("TR", "in_transit"), ("OUT", "out_for_delivery")):
        env["order.tracking.status.map"].create(
            {"kind": "generic", "provider_id": provider.id, "code": code, "status": status}
        )
    partner = env["res.partner"].create({"name": "Customer"})
    order = env["sale.order"].create({"partner_id": partner.id})
    env.flush_all()
    facts = {"company": env.company.id, "provider": provider.id, "due": DUE, "count": count}
    env.cr.execute(PARCELS, facts)
    env.cr.execute(SCANS)
    env.cr.execute(COPIES, {"order": order.id, "count": count})
    env.cr.execute(SHIPMENTS, {"partner": partner.id})
    env.cr.commit()
    # As autovacuum does in a database that lives.
    for name in FILLED:
        env.cr.execute(f"ANALYZE {name}")
    env.cr.commit()


def poll(env):
    env["order.tracking.provider"]._cron_poll()


def ours(database, count, latency):
    """Return what it costs to ask for what is due, and then, when nothing is."""
    with registry(database) as env:
        stub(latency)
        parcels(env, count)
        asked, idle = measure(env, poll), measure(env, poll)
        env.cr.execute(
            """SELECT count(*) FILTER (WHERE event_count = 4),
                      count(*) FILTER (WHERE status = 'out_for_delivery'),
                      (SELECT count(*) FROM order_shipment_event) FROM order_shipment_parcel"""
        )
        told, changed, scans = env.cr.fetchone()
        if (told, scans) != (DUE, 3 * count + DUE) or not changed:
            sys.exit(f"asked for {told} parcels, {changed} changed, {scans} scans: not what was due")
        return asked, idle


# ---------------------------------------------------------------- OCA's
def fetch(directory):
    """Fetch OCA's addon; return the path it is in, or None where it cannot be had."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", directory, OCA]
    if subprocess.run(command, check=False).returncode:
        return None
    found = Path(directory, "odoo", "addons")
    return str(found) if (found / "delivery_state").is_dir() else None


def with_addons(database, path):
    from odoo.tools import config

    config.parse_config(["-d", database, "--no-http", "--max-cron-threads=0", "--log-level=warn"])
    paths = ",".join([*map(str, config["addons_path"]), path])
    options = ["-d", database, "--no-http", "--max-cron-threads=0", "--log-level=warn"]
    config.parse_config([*options, f"--addons-path={paths}"])


def install(database, path):
    with_addons(database, path)
    with registry(database) as env:
        modules = env["ir.module.module"]
        modules.update_list()
        modules.search([("name", "=", "delivery_state")]).button_immediate_install()


def transfers(env):
    """As many transfers that have left, by a method that can be asked."""
    product = env["product.product"].create({"name": "Delivery", "type": "service"})
    vals = {"name": "Stub", "product_id": product.id, "delivery_type": "base_on_rule"}
    carrier = env["delivery.carrier"].create(vals)
    partner = env["res.partner"].create({"name": "Customer"})
    kind = env["stock.picking.type"].search([("code", "=", "outgoing")], limit=1)
    made = env["stock.picking"].create(
        [
            {
                "partner_id": partner.id,
                "picking_type_id": kind.id,
                "location_id": kind.default_location_src_id.id,
                "location_dest_id": env.ref("stock.stock_location_customers").id,
                "carrier_id": carrier.id,
                "carrier_tracking_ref": f"B{number}",
            }
            for number in range(DUE)
        ]
    )
    env.flush_all()
    env.cr.execute(
        """UPDATE stock_picking SET state = 'done', delivery_state = 'in_transit', tracking_state = 'TR',
                  tracking_state_history = %s WHERE id = ANY(%s)""",
        ["\n".join(history(3)), made.ids],
    )
    env.cr.commit()
    env.cr.execute("ANALYZE stock_picking")
    env.cr.commit()


def history(count):
    return [f"{NOW + timedelta(hours=number)} - Sorted" for number in range(1, count + 1)]


def asked_one_by_one(_carrier, picking, latency=0.0):
    """Write what the addons of carriers write on top of it: state, code and the history as text."""
    time.sleep(latency)
    moved = picking.id % 4 == 0
    picking.write(
        {
            "tracking_state": "OUT" if moved else "TR",
            "delivery_state": "warehouse_delivered" if moved else "in_transit",
            "tracking_state_history": "\n".join(history(4)),
        }
    )


def oca(database, path, latency):
    with_addons(database, path)
    with registry(database) as env:
        type(env["delivery.carrier"]).base_on_rule_tracking_state_update = partialmethod(
            asked_one_by_one, latency=latency
        )
        transfers(env)
        cost = measure(env, lambda env: env["stock.picking"]._update_delivery_state())
        env.cr.execute("SELECT count(*) FROM stock_picking WHERE tracking_state_history LIKE %s", ["%16:00%"])
        if env.cr.fetchone()[0] != DUE:
            sys.exit("OCA's action has not asked for all")
        return cost


def oca_side(path, latency):
    database = fresh("op_bench_oca", ours=False)
    try:
        in_child(install, database, path)
        return in_child(oca, database, path, latency)
    finally:
        drop(database)


# ---------------------------------------------------------------- the table
def middle(costs, key):
    return median(getattr(cost, key) for cost in costs)


def sides_of(path):
    """Return {(who, open parcels, seconds a call): what runs it}."""

    def of_us(count, latency):
        return lambda: in_database("op_bench_ours", ours, count, latency)

    sides = {("ours", count, 0.0): of_us(count, 0.0) for count in OPEN}
    sides["ours", OPEN[1], LATENCY] = of_us(OPEN[1], LATENCY)
    if path:
        sides |= {("OCA", DUE, late): lambda late=late: oca_side(path, late) for late in (0.0, LATENCY)}
    return sides


def rows_of(results):
    for (who, count, latency), costs in results.items():
        asked = [cost[0] if isinstance(cost, tuple) else cost for cost in costs]
        cpu, wall = middle(asked, "cpu"), middle(asked, "wall")
        name = f"{who}, {count:,} open, {latency * 1000:.0f} ms a call"
        yield name, cpu, wall, round(DUE / wall), cpu / DUE * 1000, middle(asked, "queries")
        if isinstance(costs[0], tuple) and not latency:
            idle = [cost[1] for cost in costs]
            yield "  nothing due", middle(idle, "cpu"), middle(idle, "wall"), "", "", middle(idle, "queries")


def main():
    with tempfile.TemporaryDirectory() as directory:
        path = fetch(directory)
        results = alternate(sides_of(path), RUNS)
    print(f"\ntracking_poll: {DUE:,} parcels due, {BATCH} a call, medians of {RUNS} runs")
    table(["", "CPU s", "s", "parcels/s", "CPU ms a parcel", "queries"], list(rows_of(results)))

    def figure(who, count, latency, key):
        costs = results.get((who, count, latency))
        return costs and middle([cost[0] if who == "ours" else cost for cost in costs], key)

    few, many = (figure("ours", count, 0.0, "cpu") for count in OPEN)
    print(f"{OPEN[1]:,} open instead of {OPEN[0]:,}: {many / few:.2f} times the CPU seconds")
    times = {}
    if path:
        for late in (0.0, LATENCY):
            times[late] = figure("OCA", DUE, late, "wall") / figure("ours", OPEN[1], late, "wall")
            print(f"{late * 1000:.0f} ms a call: {times[late]:.1f} times OCA's throughput per parcel")
    else:
        print("OCA's delivery_state could not be fetched: nothing is compared.")
    closing_line(
        "tracking_poll",
        round(many, 4),
        round(figure("OCA", DUE, 0.0, "cpu"), 4) if path else None,
        unit="CPU seconds",
        runs=RUNS,
        due=DUE,
        ours_few_open=round(few, 4),
        times_at_once=round(times[0.0], 1) if path else None,
        times_with_latency=round(times[LATENCY], 1) if path else None,
    )


if __name__ == "__main__":
    main()
