"""The same event is noticed by several processes; several send; and the sender is killed. Prints JSON.

Started by ``test_messages_race.py`` on a copy of the tests' database.
"""

import json
import random
import sys
import time

import race_goods
from race_workers import Act, Rules, killed_after, pause_shorter, race
from races import load

NOTICING, SENDING, MESSAGES = 4, 3, 24


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
        "kills": _kills(registry, database, kills),
    }
    json.dump(report, sys.stdout)


def _kills(registry, database, kills):
    """Kill the sender at random moments of the time a whole run takes; then let one run end."""
    found = []
    whole = 1.0
    for number in range(kills + 1):
        shipments = _in(registry, _shipments)
        _in(registry, _notice, shipments)
        began = time.monotonic()
        seconds = random.uniform(0.05, whole) if number else None
        was_killed = killed_after(database, _serve, seconds)
        if not number:
            whole = time.monotonic() - began
        killed_after(database, _serve, None)
        found.append({"killed": was_killed, "messages": _in(registry, _messages, shipments)})
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


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
