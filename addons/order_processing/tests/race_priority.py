"""The clock of the priorities, while others write the same orders. Prints what came of it, as JSON.

Started by ``test_priority_race.py`` on a copy of the tests' database.
"""

import json
import sys
import time

import race_goods
from races import load

from odoo.tools import SQL

OLDER = "UPDATE sale_order SET date_order = date_order - interval '4 days' WHERE id = ANY(%s)"


def main(database):
    registry = load(database)
    with registry.cursor() as cr:
        env = race_goods.superuser(cr)
        env.company.write({"dispatch_mode": "plan", "reservation_mode": "odoo", "review_mode": "off"})
        shop = race_goods.Shop(env)
        orders = shop.orders(3, (shop.product(9), 2))
        orders.action_confirm()
        ids = orders.ids
    found = {"at_first": _scores(registry, ids)}
    _grow_older(registry, ids)
    found["beside_a_writer"] = _beside_a_writer(registry, ids)
    _grow_older(registry, ids)
    found["after_a_writer"] = _after_a_writer(registry, ids)
    json.dump(found, sys.stdout)


def _scores(registry, ids):
    with registry.cursor() as cr:
        orders = race_goods.superuser(cr)["sale.order"].browse(ids)
        return [[o.priority_score, o.picking_ids.priority_score] for o in orders]


def _grow_older(registry, ids):
    with registry.cursor() as cr:
        cr.execute(SQL(OLDER, ids))


def _look(env, ids):
    orders = env["sale.order"].browse(ids)
    began = time.monotonic()
    written = orders._reprioritise(orders)
    return {"written": written, "seconds": time.monotonic() - began}


def _beside_a_writer(registry, ids):
    """Somebody has written the first order and not committed yet."""
    before = _scores(registry, ids)
    with registry.cursor() as writer:
        env = race_goods.superuser(writer)
        env["sale.order"].browse(ids[0]).client_order_ref = "mine"
        env.flush_all()
        with registry.cursor() as cr:
            report = _look(race_goods.superuser(cr), ids)
        report["moved"] = _moved(before, _scores(registry, ids))
    with registry.cursor() as cr:
        env = race_goods.superuser(cr)
        report["again"] = _look(env, ids)["written"]
        report["kept"] = env["sale.order"].browse(ids[0]).client_order_ref
    report["moved_then"] = _moved(before, _scores(registry, ids))
    return report


def _after_a_writer(registry, ids):
    """Somebody has written it and committed since our transaction began; we have something else to keep."""
    before = _scores(registry, ids)
    with registry.cursor() as cr:
        env = race_goods.superuser(cr)
        env["sale.order"].browse(ids[2]).client_order_ref = "ours"
        env.flush_all()
        with registry.cursor() as writer:
            order = race_goods.superuser(writer)["sale.order"].browse(ids[0])
            order.client_order_ref = "theirs"
        report = _look(env, ids)
    with registry.cursor() as cr:
        orders = race_goods.superuser(cr)["sale.order"].browse(ids)
        report["refs"] = orders.mapped("client_order_ref")
        report["again"] = _look(orders.env, ids)["written"]
    report["moved_then"] = _moved(before, _scores(registry, ids))
    return report


def _moved(before, after):
    return [
        [one != other for one, other in zip(*pair, strict=True)] for pair in zip(before, after, strict=True)
    ]


if __name__ == "__main__":
    main(*sys.argv[1:])
