"""Customers click twice, and several processes find the same shortage. Prints what came of it, as JSON.

Started by ``test_choice_race.py`` on a copy of the tests' database.
"""

import json
import sys

import race_goods
from race_workers import Act, Rules, pause_shorter, race
from races import load

PAIRS = (("wait_all", "wait_all"), ("cancel", "ship_now"), ("cancel_missing", "cancel_missing", "cancel"))
LOOKING = 4


def main(database):
    registry, rules = load(database), Rules(database, backoff=0.05)
    pause_shorter(rules)
    with registry.cursor() as cr:
        env = race_goods.superuser(cr)
        modes = {"promise_mode": "promise", "reservation_mode": "at_once", "review_mode": "off"}
        env.company.write(modes)
        shop = race_goods.Shop(env)
        offers = [_offer(shop) for _pair in PAIRS]
        looks = _looks(shop)
    clicks = [
        race(rules, [Act(code, _click, (offer, code)) for code in codes])
        for offer, codes in zip(offers, PAIRS, strict=True)
    ]
    reports = race(rules, looks)
    with registry.cursor() as cr:
        env = race_goods.superuser(cr)
        choices = [_choice(env, offer, workers) for offer, workers in zip(offers, clicks, strict=True)]
        found = {"choices": choices, "shortage": _shortage(env, looks[0], reports)}
    json.dump(found, sys.stdout)


# ---------------------------------------------------------------- clicks
def _offer(shop):
    """Return the offer of an order of which four of ten pieces are there."""
    order = shop.orders(1, (shop.product(4), 10))
    order.action_confirm()
    shop.env["order.shortage"]._update(order.order_line.product_id, shop.warehouse)
    return shop.env["order.choice.offer"]._offer(order).id


def _click(env, offer_id, code):
    offer = env["order.choice.offer"].browse(offer_id)
    offer._choose(code, env.ref("base.public_user"))


def _choice(env, offer_id, workers):
    offer = env["order.choice.offer"].browse(offer_id)
    events = offer.order_id._events().filtered(lambda event: event.kind.startswith("chose_"))
    return {
        "chosen": offer.choice,
        "carried_out": offer.is_carried_out,
        "events": events.mapped("kind"),
        "errors": [worker["error"] for worker in workers if worker["error"]],
    }


# ---------------------------------------------------------------- shortages
def _looks(shop):
    product = shop.product()
    order = shop.orders(1, (product, 5))
    order.action_confirm()
    shop.env["order.shortage"].search([("product_id", "=", product.id)]).unlink()
    return [Act("look", _look, (product.id, shop.warehouse.id))] * LOOKING


def _look(env, product_id, warehouse_id):
    product, warehouse = (
        env["product.product"].browse(product_id),
        env["stock.warehouse"].browse(warehouse_id),
    )
    env["order.shortage"]._update(product, warehouse)


def _shortage(env, look, workers):
    rows = env["order.shortage"].search([("product_id", "=", look.arguments[0])])
    return {
        "rows": len(rows),
        "missing": sum(rows.mapped("quantity")),
        "errors": [worker["error"] for worker in workers if worker["error"]],
    }


if __name__ == "__main__":
    main(sys.argv[1])
