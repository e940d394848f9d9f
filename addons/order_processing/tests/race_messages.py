"""The same event is noticed by several processes; several send; and the sender is killed. Prints JSON.

Started by ``test_messages_race.py`` on a copy of the tests' database.
"""

import json
import random
import sys
import time
from types import SimpleNamespace

import race_goods
from race_workers import Act, Rules, killed_after, pause_shorter, race
from races import load

NOTICING, SENDING, MESSAGES, CUSTOMERS = 4, 3, 24, 12


def main(database, kills):
    registry, rules = load(database), Rules(database, backoff=0.05)
    pause_shorter(rules)
    first = _in(registry, _shipments)
    noticed = race(rules, [Act("notice", _notice, (first,))] * NOTICING)
    rows = _in(registry, _count, first)
    sent = race(rules, [Act("send", _send, commits_itself=True)] * SENDING)
    report = {
        "noticed": {"rows": rows, "errors": _errors(noticed)},
        "sent": {"messages": _in(registry, _messages, first), "errors": _errors(sent)},
        "kills": _kills(registry, database, kills, _noticed, _messages),
        "digests": _kills(registry, database, kills, _digests, _digest_messages),
    }
    json.dump(report, sys.stdout)


def _kills(registry, database, kills, make, came):
    """Kill the sender at random moments of the time a whole run takes; then let one run end.

    :param make: notes messages that are due; what it returns is handed to ``came``, which counts them
    """
    found = []
    whole = 1.0
    for number in range(kills + 1):
        ids = _in(registry, make)
        began = time.monotonic()
        seconds = random.uniform(0.05, whole) if number else None
        was_killed = killed_after(database, _serve, seconds)
        if not number:
            whole = time.monotonic() - began
        killed_after(database, _serve, None)
        found.append({"killed": was_killed, "messages": _in(registry, came, ids)})
    return found[1:]


def _in(registry, function, *arguments):
    with registry.cursor() as cr:
        return function(race_goods.superuser(cr), *arguments)


def _errors(workers):
    return [worker["error"] for worker in workers if worker["error"]]


# ---------------------------------------------------------------- acts
def _shipments(env):
    """Return shipments of orders that nobody has noticed yet."""
    env.company.write({"tell_shipped": True, "review_mode": "off"})
    shop = race_goods.Shop(env)
    orders = shop.orders(MESSAGES, (shop.product(), 1))
    orders.partner_id.email = "race@example.com"
    shipments = env["order.shipment"].create(
        [
            {"name": order.name, "company_id": order.company_id.id, "order_ids": [(4, order.id)]}
            for order in orders
        ]
    )
    return shipments.ids


def _notice(env, ids):
    env["order.notification"]._due("shipped", env["order.shipment"].browse(ids))


def _noticed(env):
    ids = _shipments(env)
    _notice(env, ids)
    return ids


def _digests(env):
    """Return parcels, three of each customer, whose news wait for a mail of the day that is due now."""
    env.company.write({"tell_delivered": True, "messages_digest": "daily"})
    shipments = env["order.shipment"].browse(_shipments(env)[:CUSTOMERS])
    shipments.order_ids.write({"state": "sale"})
    now = env.cr.now()
    values = [
        {
            "number": f"D{shipment.id}N{number}",
            "number_key": f"D{shipment.id}N{number}",
            "company_id": shipment.company_id.id,
            "shipment_ids": [(4, shipment.id)],
            "status": "delivered",
        }
        for shipment in shipments
        for number in range(3)
    ]
    parcels = env["order.shipment.parcel"].create(values)
    changes = [SimpleNamespace(parcel_id=one.id, after="delivered", at=now, is_news=True) for one in parcels]
    env["order.notification"]._due_for_parcels(
        changes, env["order.shipment.problem"], parcels._told_by_parcel()
    )
    for row in env["order.notification"].search([("parcel_id", "in", parcels.ids)]):
        row._join_digest()
    env["order.notification"].search([("kind", "=", "digest"), ("state", "=", "due")]).write({"due_at": now})
    return parcels.ids


def _send(env):
    env["order.notification"]._cron_send()


def _serve(registry):
    with registry.cursor() as cr:
        _send(race_goods.superuser(cr))


# ---------------------------------------------------------------- what came of it
def _count(env, ids):
    return env["order.notification"].search_count([("shipment_id", "in", ids)])


def _messages(env, ids):
    """Return how many messages each order's customer got, and how many rows are not sent."""
    orders = env["order.shipment"].browse(ids).order_ids
    subjects = [("model", "=", "sale.order"), ("res_id", "in", orders.ids), ("subject", "like", "on its way")]
    counts = dict(env["mail.message"]._read_group(subjects, ["res_id"], ["__count"]))
    waiting = [("shipment_id", "in", ids), ("state", "!=", "sent")]
    return {
        "counts": sorted({counts.get(order.id, 0) for order in orders}),
        "unsent": env["order.notification"].search_count(waiting),
    }


def _digest_messages(env, ids):
    """Return how often each parcel's news were told, and how many rows are not sent."""
    parcels = env["order.shipment.parcel"].browse(ids)
    orders = parcels.shipment_ids.order_ids
    domain = [("model", "=", "sale.order"), ("res_id", "in", orders.ids)]
    messages = env["mail.message"].search([*domain, ("subject", "=", "News of your parcels")])
    told = " ".join(messages.mapped("body"))
    waiting = [("parcel_id", "in", ids), ("state", "!=", "sent")]
    return {
        "counts": sorted({told.count(parcel.number) for parcel in parcels}),
        "unsent": env["order.notification"].search_count(waiting),
    }


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
