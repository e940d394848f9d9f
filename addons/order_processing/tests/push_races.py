"""News that are pushed and asked for at once, senders of the same message, and a reader that is killed.

    push_races.py DATABASE ROUNDS KILLS

Each actor is a process with connections of its own, on a real database. Prints what was true as JSON.
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
from race_workers import Act, Rules, killed_after, let_go, pause_shorter, race
from races import Arena, load

UTC = timezone.utc

PARCELS, SENDERS = 12, 6
CODES = ("INF", "PU", "TR", "OUT", "DEL")
MEANINGS = ("info_received", "picked_up", "in_transit", "out_for_delivery", "delivered")
FACTS = """
SELECT (SELECT count(*) FROM order_shipment_event e JOIN order_shipment_parcel p ON p.id = e.parcel_id
         WHERE p.provider_id = %(provider)s) AS scans,
       (SELECT count(*) FROM (SELECT 1 FROM order_shipment_event e
          JOIN order_shipment_parcel p ON p.id = e.parcel_id WHERE p.provider_id = %(provider)s
         GROUP BY e.parcel_id, e.event_time, e.code HAVING count(*) > 1) AS twice) AS doubled,
       (SELECT count(*) FROM order_shipment_parcel p WHERE p.provider_id = %(provider)s AND p.event_count
         != (SELECT count(*) FROM order_shipment_event e WHERE e.parcel_id = p.id)) AS torn,
       (SELECT array_agg(DISTINCT status) FROM order_shipment_parcel p
         WHERE p.provider_id = %(provider)s) AS statuses,
       (SELECT count(*) FROM order_tracking_inbox WHERE provider_id = %(provider)s) AS messages,
       (SELECT count(*) FROM order_tracking_inbox
         WHERE provider_id = %(provider)s AND state != 'done') AS unread,
       (SELECT COALESCE(sum(times), 0) FROM order_tracking_inbox WHERE provider_id = %(provider)s) AS times
"""


class Round:
    """An account with parcels, and the messages that tell of all their scans."""

    def __init__(self, arena, carrier, name):
        self.arena, self.carrier = arena, carrier
        self.left = datetime.now(UTC).replace(tzinfo=None, microsecond=0) - timedelta(days=1)
        self.numbers = [f"{name}N{number}" for number in range(PARCELS)]
        self.scans = [
            ((self.left + timedelta(hours=hour + 1)).isoformat(), code, f"At {code}")
            for hour, code in enumerate(CODES)
        ]
        carrier.scans.update(dict.fromkeys(self.numbers, self.scans))
        self.provider = arena.transaction(self._make)

    def _make(self, env):
        vals = {"name": "Eye", "kind": "generic", "base_url": self.carrier.url, "mode": "both"}
        provider = env["order.tracking.provider"].create(vals)
        for code, status in zip(CODES, MEANINGS, strict=True):
            means = {"kind": "generic", "provider_id": provider.id, "code": code, "status": status}
            env["order.tracking.status.map"].create(means)
        parcel = {"company_id": env.company.id, "provider_id": provider.id, "shipped_at": self.left}
        env["order.shipment.parcel"].create(
            [
                {**parcel, "number": number, "number_key": number, "next_poll_at": self.left}
                for number in self.numbers
            ]
        )
        return provider.id

    def messages(self):
        """Return messages in any order: for each parcel and scan one that tells of all up to then."""
        told = []
        for number in self.numbers:
            for count in range(1, len(self.scans) + 1):
                scans = [{"at": at, "code": code, "text": text} for at, code, text in self.scans[:count]]
                told.append(json.dumps({"parcels": [{"number": number, "scans": scans}]}))
        random.shuffle(told)
        return told

    def facts(self):
        with race_facts.connection(self.arena.rules.database) as cnx, cnx.cursor() as cr:
            cr.execute(FACTS, {"provider": self.provider})
            return dict(zip([column.name for column in cr.description], cr.fetchone(), strict=True))


# ---------------------------------------------------------------- acts
def store(env, provider, messages):
    """Push them, each in a transaction of its own as requests are."""
    for message in messages:
        env["order.tracking.inbox"]._store(provider, message.encode(), {}, {})
        env.cr.commit()


def read(env):
    env["order.tracking.inbox"]._cron_read()


def push_and_read(env, provider, messages):
    for first in range(0, len(messages), 7):
        store(env, provider, messages[first : first + 7])
        read(env)


def poll(env):
    env["order.tracking.provider"]._cron_poll()


def read_in(registry):
    with registry.cursor() as cr:
        read(race_goods.superuser(cr))


# ---------------------------------------------------------------- scenarios
def push_and_poll(arena, carrier, number):
    """What is pushed is asked for at the same moment."""
    this = Round(arena, carrier, f"R{number}")
    acts = [
        Act("push", push_and_read, (this.provider, this.messages()), commits_itself=True, delay=0.1),
        Act("poll", poll, commits_itself=True, delay=0.1),
    ]
    reports = race(arena.rules, acts)
    arena.transaction(read)
    let_go(arena.rules.database)
    return {"errors": [one["error"] for one in reports if one["error"]], "facts": this.facts()}


def same_messages(arena, carrier):
    """Several send the same messages at the same moment, while they are being read."""
    this = Round(arena, carrier, "S")
    messages = this.messages()
    acts = [
        Act("sender", store, (this.provider, messages), commits_itself=True) for _sender in range(SENDERS)
    ]
    reports = race(arena.rules, [*acts, Act("reader", read, commits_itself=True, delay=0.2)])
    arena.transaction(read)
    let_go(arena.rules.database)
    return {
        "errors": [one["error"] for one in reports if one["error"]],
        "facts": this.facts(),
        "sent": len(messages) * SENDERS,
        "messages": len(messages),
    }


def kill(arena, carrier, number, seconds):
    """The reader is killed after so many seconds; then another reads."""
    this = Round(arena, carrier, f"K{number}")
    arena.transaction(lambda env: store(env, this.provider, this.messages()))
    let_go(arena.rules.database)
    began = time.monotonic()
    killed = killed_after(arena.rules.database, read_in, seconds)
    took, after = time.monotonic() - began, this.facts()
    arena.transaction(read)
    let_go(arena.rules.database)
    return {"killed": killed, "took": took, "after": after, "drained": this.facts()}


def main():
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("database")
    parser.add_argument("rounds", type=int)
    parser.add_argument("kills", type=int)
    options = parser.parse_args()
    load(options.database)
    # Not before: Odoo's addons can be imported only then.
    from carrier_connector import CarrierConnector, as_generic
    from push_connector import UnsignedConnector

    # A program, no part of the addon.
    # pylint: disable-next=odoo-addons-relative-import
    from odoo.addons.order_processing.models import order_tracking_inbox_read

    class Both(CarrierConnector):
        can_push = True
        parse_push, _result = UnsignedConnector.parse_push, staticmethod(UnsignedConnector._result)
        batch = 2

    order_tracking_inbox_read.READ_AT_ONCE = 10
    rules = Rules(options.database, backoff=0.05)
    pause_shorter(rules)
    arena = Arena(rules, "at_once")
    with CarrierServer() as carrier, as_generic(Both):
        carrier.delay = 0.01
        whole = kill(arena, carrier, "whole", None)["took"]
        result = {
            "races": [push_and_poll(arena, carrier, number) for number in range(options.rounds)],
            "same": same_messages(arena, carrier),
            "kills": [
                kill(arena, carrier, number, random.uniform(0.02, whole)) for number in range(options.kills)
            ],
        }
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
