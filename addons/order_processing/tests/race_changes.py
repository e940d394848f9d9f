"""A customer changes his order while others act on it. Prints what came of it, as JSON.

Started by ``test_change_race.py`` on a copy of the tests' database. A acts and does not commit; B acts; A
commits; B commits, or begins again.
"""

import json
import sys

import race_goods
from race_two import play
from race_workers import Act, Rules, pause_shorter
from races import load

WAYS = (
    ("less", "less"),
    ("cancel", "less"),
    ("less", "cancel"),
    ("ask", "ask"),
    ("print", "less"),
    ("less", "print"),
    ("validate", "less"),
    ("less", "validate"),
    ("validate", "cancel"),
    ("cancel", "validate"),
    ("print", "day"),
)


def main(database):
    registry = load(database)
    pause_shorter(Rules(database, backoff=0.05))
    with registry.cursor() as cr:
        env = race_goods.superuser(cr)
        env.company.write({"reservation_mode": "at_once", "review_mode": "off"})
        shop = race_goods.Shop(env)
        orders = [_order(shop, "ask" in way) for way in WAYS]
        seen = [order._change_version() for order in orders]
        ids = orders[0].browse([order.id for order in orders]).ids
    found = []
    for way, order_id, version in zip(WAYS, ids, seen, strict=True):
        acts = [Act(name, _act, (name, order_id, version)) for name in way]
        report = play(registry, ", ".join(way), order_id, *acts)
        with registry.cursor() as cr:
            found.append({**_facts(race_goods.superuser(cr), order_id), "way": way, "error": report["error"]})
    json.dump(found, sys.stdout)


def _order(shop, is_asked):
    order = shop.orders(1, (shop.product(10), 5))
    order.action_submit()
    if order.state != "sale":
        order.action_confirm()
    order.picking_ids.printed = is_asked
    return order


def _act(env, name, order_id, seen):
    order = env["sale.order"].browse(order_id)
    if name == "print":
        # As Odoo does when the list is printed.
        order.picking_ids.do_print_picking()
    elif name == "validate":
        order.picking_ids.move_ids.picked = True
        order.picking_ids.button_validate()
    elif name == "cancel":
        _note(env, order, order._customer_change("cancel", {}, seen, env.ref("base.public_user")))
    elif name == "day":
        _note(
            env,
            order,
            order._customer_change("date", {"date": "2031-03-04"}, seen, env.ref("base.public_user")),
        )
    else:
        wish = {"lines": {str(order.order_line.id): 3.0}}
        _note(env, order, order._customer_change("quantity", wish, seen, env.ref("base.public_user")))


def _note(env, order, outcome):
    order.message_post(body=f"outcome {outcome}")


def _facts(env, order_id):
    order = env["sale.order"].browse(order_id)
    moves = order.picking_ids.move_ids
    bodies = order.message_ids.sorted("id").mapped("body")
    return {
        "state": order.state,
        "ordered": order.order_line.product_uom_qty,
        "requests": len(order.change_request_ids),
        "printed": any(order.picking_ids.mapped("printed")),
        "outgoing": sum(
            moves.filtered(lambda m: m.state != "cancel" and m.location_dest_usage == "customer").mapped(
                "product_uom_qty"
            )
        ),
        "done": sum(moves.filtered(lambda m: m.state == "done").mapped("quantity")),
        "outcomes": [
            str(body).split("outcome ")[1].split("<")[0] for body in bodies if "outcome " in (body or "")
        ],
    }


if __name__ == "__main__":
    main(sys.argv[1])
