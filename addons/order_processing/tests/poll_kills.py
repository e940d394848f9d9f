"""Who asks where parcels are, killed in the middle of its work again and again, on a real database.

    poll_kills.py DATABASE KILLS

Prints a report for each kill as JSON: what was true right after it, and when all had been asked for.
"""

import argparse
import json
import random
import sys
import time
from datetime import datetime, timedelta, timezone

import race_facts
import race_goods
from carrier_server import CarrierServer
from race_workers import Act, Rules, killed_after, let_go, race
from races import Arena, load

UTC = timezone.utc

PARCELS, SCANS = 60, 4
FACTS = """
SELECT (SELECT count(*) FROM order_shipment_event e JOIN order_shipment_parcel p ON p.id = e.parcel_id
         WHERE p.provider_id = %(provider)s) AS scans,
       (SELECT count(*) FROM (SELECT 1 FROM order_shipment_event e
          JOIN order_shipment_parcel p ON p.id = e.parcel_id WHERE p.provider_id = %(provider)s
         GROUP BY e.parcel_id, e.event_time, e.code HAVING count(*) > 1) AS twice) AS doubled,
       (SELECT count(*) FROM order_shipment_parcel p WHERE p.provider_id = %(provider)s AND p.event_count
         != (SELECT count(*) FROM order_shipment_event e WHERE e.parcel_id = p.id)) AS torn,
       (SELECT count(*) FROM order_shipment_parcel WHERE provider_id = %(provider)s
           AND next_poll_at <= now() AT TIME ZONE 'UTC') AS due,
       (SELECT count(*) FROM order_shipment_parcel WHERE provider_id = %(provider)s
           AND claimed_until IS NOT NULL) AS claimed,
       (SELECT count(*) FROM order_shipment_parcel WHERE provider_id = %(provider)s
           AND status = 'in_transit') AS moving
"""
# What time does to the claims of the dead.
LEASE_OVER = "UPDATE order_shipment_parcel SET claimed_until = claimed_until - interval '1 hour'"


def scans_of(left):
    return [
        ((left + timedelta(minutes=number + 1)).isoformat(), "TR", f"Sorted {number}")
        for number in range(SCANS)
    ]


def account(env, url):
    provider = env["order.tracking.provider"].create({"name": "Eye", "kind": "generic", "base_url": url})
    means = {"kind": "generic", "provider_id": provider.id, "code": "TR", "status": "in_transit"}
    env["order.tracking.status.map"].create(means)
    return provider.id


def parcels_of(env, provider, carrier, round_):
    """Sixty parcels that are due, each with its scans at the carrier's."""
    left = datetime.now(UTC).replace(tzinfo=None, microsecond=0) - timedelta(days=1)
    env["order.shipment.parcel"].search([("provider_id", "=", provider)]).unlink()
    numbers = [f"K{round_}N{number}" for number in range(PARCELS)]
    carrier.scans.update(dict.fromkeys(numbers, scans_of(left)))
    env["order.shipment.parcel"].create(
        [
            {
                "number": number,
                "number_key": number,
                "company_id": env.company.id,
                "provider_id": provider,
                "shipped_at": left,
                "next_poll_at": left,
            }
            for number in numbers
        ]
    )


def poll(registry):
    with registry.cursor() as cr:
        race_goods.superuser(cr)["order.tracking.provider"]._cron_poll()


def poll_in(env):
    env["order.tracking.provider"]._cron_poll()


def facts(database, provider):
    with race_facts.connection(database) as cnx, cnx.cursor() as cr:
        cr.execute(FACTS, {"provider": provider})
        return dict(zip([column.name for column in cr.description], cr.fetchone(), strict=True))


def lease_over(database):
    with race_facts.connection(database) as cnx, cnx.cursor() as cr:
        cr.execute(LEASE_OVER)


def kill(arena, provider, carrier, round_, seconds):
    arena.transaction(lambda env: parcels_of(env, provider, carrier, round_))
    database = arena.rules.database
    killed = killed_after(database, poll, seconds)
    after = facts(database, provider)
    lease_over(database)
    poll(arena.registry)
    let_go(database)
    return {
        "killed": killed,
        "seconds": seconds,
        "after": after,
        "drained": facts(database, provider),
    }


def together(arena, provider, carrier, workers):
    """Several workers ask for the same parcels at the same moment, at twenty calls a second."""

    def limited(env):
        env["order.tracking.provider"].browse(provider).per_second = 20
        parcels_of(env, provider, carrier, "together")

    arena.transaction(limited)
    carrier.calls.clear()
    acts = [Act(f"worker {number}", poll_in, commits_itself=True) for number in range(workers)]
    reports = race(arena.rules, acts)
    moments = [call.at for call in carrier.calls]
    asked = [number for call in carrier.calls for number in call.numbers]
    return {
        "errors": [report["error"] for report in reports if report["error"]],
        "facts": facts(arena.rules.database, provider),
        "asked": len(asked),
        "twice": len(asked) - len(set(asked)),
        "most_a_second": max(sum(at <= other < at + 1 for other in moments) for at in moments),
    }


def quota(arena, provider, carrier, workers, calls):
    """Several workers at the same moment, with fewer calls left for the day than they would make."""

    def limited(env):
        today = datetime.now(UTC).date()
        vals = {"per_day": calls, "tokens": 20, "refilled_at": False, "calls_today": 0, "calls_day": today}
        env["order.tracking.provider"].browse(provider).write(vals)
        parcels_of(env, provider, carrier, "quota")

    arena.transaction(limited)
    carrier.calls.clear()
    acts = [Act(f"worker {number}", poll_in, commits_itself=True) for number in range(workers)]
    reports = race(arena.rules, acts)
    counted = arena.transaction(lambda env: env["order.tracking.provider"].browse(provider).calls_today)
    let_go(arena.rules.database)
    return {
        "errors": [report["error"] for report in reports if report["error"]],
        "facts": facts(arena.rules.database, provider),
        "calls": len(carrier.calls),
        "counted": counted,
        "asked": sum(len(call.numbers) for call in carrier.calls),
    }


def main():
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("database")
    parser.add_argument("kills", type=int)
    options = parser.parse_args()
    load(options.database)
    # Not before: Odoo's addons can be imported only then.
    from carrier_connector import CarrierConnector, as_generic

    CarrierConnector.batch = 2
    arena = Arena(Rules(options.database), "at_once")
    with CarrierServer() as carrier, as_generic():
        carrier.delay = 0.01
        provider = arena.transaction(lambda env: account(env, carrier.url))
        arena.transaction(lambda env: parcels_of(env, provider, carrier, "first"))
        let_go(options.database)
        began = time.monotonic()
        killed_after(options.database, poll, None)
        whole = time.monotonic() - began
        kills = [
            kill(arena, provider, carrier, number, random.uniform(0.02, whole))
            for number in range(options.kills)
        ]
        result = {"kills": kills, "together": together(arena, provider, carrier, 3)}
        let_go(options.database)
        result["quota"] = quota(arena, provider, carrier, 3, 7)
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
