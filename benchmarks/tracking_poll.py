"""Asking where parcels are: what 2,000 due parcels cost among 10,000 and among 100,000 open ones, and what a
parcel costs with OCA's ``delivery_state``, whose scheduled action asks for all open transfers one by one.

Both sides have asked before, and ask a stub again, without a network: what is measured is the framework.
The same is answered to both, twice: first *nothing new* (three scans, all of them known; that is what most
answers are), then *a quarter moved* (a fourth scan for every fourth parcel, which is another status).

Ours stores scans, moves shipments, orders and their timelines, and notes calls, health and when to ask again.
OCA's asks through the method a carrier's addon provides; as those do, it writes state, code and the history
as one text. OCA's own code is as it comes from the index; ``odoo-addon-delivery_state`` is fetched into a
temporary directory, for this comparison only.

Once the stub answers at once: what is computed. And once it takes as long for each call as a provider that is
near and fast: what asking for many at once is worth.
"""

import os
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
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
ANSWERED = {"news": False, "latency": 0.0}  # by both stubs
CASES = ("nothing new", "a quarter moved")


def wait():
    if ANSWERED["latency"]:
        time.sleep(ANSWERED["latency"])


def stub():
    """Return a connector that answers at once, as many parcels a call as most providers take."""
    from odoo.addons.order_processing.connectors import base

    class Stub(base.Connector):
        kind, batch, is_local = "generic", BATCH, True

        def build_requests(self, items):
            for first in range(0, len(items), BATCH):
                yield base.Request("GET", "local:", tuple(items[first : first + BATCH]))

        def answer(self, request):
            wait()
            return base.Response(200, {}, b"{}")

        def parse(self, response, request):
            return [
                base.Result(
                    item.number,
                    item.key,
                    scans=tuple(
                        base.Scan(
                            item.shipped_at + timedelta(hours=number),
                            "OUT" if number == 4 else "TR",
                            "Sorted",
                            event_id=f"{item.number}-{number}",
                        )
                        for number in range(1, 5 if ANSWERED["news"] and item.key % 4 == 0 else 4)
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


DUE_AGAIN = """
UPDATE order_shipment_parcel SET next_poll_at = now() AT TIME ZONE 'UTC' - interval '1 hour'
 WHERE last_poll_at IS NOT NULL
"""
TOLD = """
SELECT count(*) FILTER (WHERE claimed_until IS NULL AND next_poll_at > last_poll_at),
       count(*) FILTER (WHERE status = 'out_for_delivery'),
       (SELECT count(*) FROM order_shipment_event), (SELECT sum(parcels) FROM order_tracking_call)
  FROM order_shipment_parcel
"""


def poll(env):
    env["order.tracking.provider"]._cron_poll()


def ours(database, count, latency):
    """Return what it costs to ask for what is due: {case: cost}, and when nothing is."""
    with registry(database) as env:
        stub()
        parcels(env, count)
        poll(env)  # they have been asked for before
        ANSWERED["latency"] = latency
        costs, moved = {}, 0
        for case in CASES:
            ANSWERED["news"] = case == CASES[1]
            env.cr.execute(DUE_AGAIN)
            costs[case] = measure(env, poll)
            moved += DUE // 4 if ANSWERED["news"] else 0
            env.cr.execute(TOLD)
            if (found := env.cr.fetchone()) != (DUE, moved, 3 * count + moved, DUE * (len(costs) + 1)):
                sys.exit(f"{case}: {found} told, moved, scans, asked for: not what was due")
        return costs | {"nothing due": measure(env, poll)}


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


def asked_one_by_one(_carrier, picking):
    """Write what the addons of carriers write: state, code and the history as text, whatever they are."""
    wait()
    moved = ANSWERED["news"] and picking.id % 4 == 0
    picking.write(
        {
            "tracking_state": "OUT" if moved else "TR",
            "delivery_state": "warehouse_delivered" if moved else "in_transit",
            "tracking_state_history": "\n".join(history(4 if moved else 3)),
        }
    )


def oca(database, path, latency):
    with_addons(database, path)
    with registry(database) as env:
        type(env["delivery.carrier"]).base_on_rule_tracking_state_update = asked_one_by_one
        transfers(env)
        pickings, costs = env["stock.picking"], {}
        pickings._update_delivery_state()
        ANSWERED["latency"] = latency
        for case in CASES:
            ANSWERED["news"] = case == CASES[1]
            costs[case] = measure(env, lambda _env: pickings._update_delivery_state())
        env.cr.execute("SELECT count(*) FROM stock_picking WHERE tracking_state_history LIKE %s", ["%16:00%"])
        if env.cr.fetchone()[0] != DUE // 4:
            sys.exit("OCA's action has not asked for all")
        return costs


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
    for (who, count, latency), runs in results.items():
        for case in runs[0]:
            costs = [run[case] for run in runs]
            cpu, wall, queries = (middle(costs, key) for key in ("cpu", "wall", "queries"))
            if case in CASES:
                name = f"{who}, {count:,} open, {latency * 1000:.0f} ms a call, {case}"
                yield name, cpu, wall, round(DUE / wall), cpu / DUE * 1000, queries
            elif not latency:
                yield f"{who}, {count:,} open, {case}", cpu, wall, "", "", queries


def main():
    with tempfile.TemporaryDirectory() as directory:
        path = fetch(directory)
        results = alternate(sides_of(path), RUNS)
    print(f"\ntracking_poll: {DUE:,} parcels due, {BATCH} a call, medians of {RUNS} runs")
    table(["", "CPU s", "s", "parcels/s", "CPU ms a parcel", "queries"], list(rows_of(results)))

    def figure(who, count, latency, case, key):
        return middle([run[case] for run in results[who, count, latency]], key)

    for case in CASES:
        few, many = (figure("ours", count, 0.0, case, "cpu") for count in OPEN)
        print(f"{case}: {OPEN[1]:,} open instead of {OPEN[0]:,}: {many / few:.2f} times the CPU seconds")
    if not path:
        print("OCA's delivery_state could not be fetched: nothing is compared.")
    times = {
        (late, case): figure("OCA", DUE, late, case, "wall") / figure("ours", OPEN[1], late, case, "wall")
        for late in ((0.0, LATENCY) if path else ())
        for case in CASES
    }
    for (late, case), ratio in times.items():
        print(f"{late * 1000:.0f} ms a call, {case}: {ratio:.1f} times OCA's throughput per parcel")
    closing_line(
        "tracking_poll",
        round(figure("ours", OPEN[1], 0.0, CASES[0], "cpu"), 4),
        round(figure("OCA", DUE, 0.0, CASES[0], "cpu"), 4) if path else None,
        unit="CPU seconds, nothing new",
        runs=RUNS,
        due=DUE,
        times={f"{late * 1000:.0f} ms, {case}": round(ratio, 1) for (late, case), ratio in times.items()},
    )


if __name__ == "__main__":
    main()
