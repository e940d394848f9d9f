"""A customer presses twice, and adds in two windows at once. Prints what came of it, as JSON.

Started by ``test_quick_race.py`` on a copy of the tests' database.
"""

import json
import sys

import race_goods
from race_workers import Act, Rules, pause_shorter, race
from races import load

PRESSES, WINDOWS = 4, 3


def main(database):
    registry, rules = load(database), Rules(database, backoff=0.05)
    pause_shorter(rules)
    with registry.cursor() as cr:
        env = race_goods.superuser(cr)
        env.company.write({"review_mode": "off", "reservation_mode": "at_once"})
        shop = race_goods.Shop(env)
        product = shop.product(50)
        product.default_code = "RACE-1"
        user = env.ref("base.user_admin").id
    add = [Act("add", _add, (user, "RACE-1 2")) for _window in range(WINDOWS)]
    added = race(rules, add)
    with registry.cursor() as cr:
        env = race_goods.superuser(cr)
        quick = env["order.quick"].search([("user_id", "=", user)])
        lines = [(line.product_id.default_code, line.quantity) for line in quick.line_ids]
    placed = race(rules, [Act("place", _place, (quick.id,)) for _press in range(PRESSES)])
    with registry.cursor() as cr:
        env = race_goods.superuser(cr)
        orders = env["sale.order"].search([("channel_ref", "=", f"Q{quick.id:06}")])
        found = {
            "quick_orders": len(quick),
            "lines": lines,
            "orders": len(orders),
            "ordered": sum(orders.order_line.mapped("product_uom_qty")),
            "errors": [worker["error"] for worker in (*added, *placed) if worker["error"]],
        }
    json.dump(found, sys.stdout)


def _add(env, user_id, text):
    # A program of its own, in no package.
    # pylint: disable-next=odoo-addons-relative-import
    from odoo.addons.order_processing_intake.engine.quick_order import read_text

    env["order.quick"]._begin(env["res.users"].browse(user_id))._take(read_text(text))


def _place(env, quick_id):
    env["order.quick"].browse(quick_id)._place()


if __name__ == "__main__":
    main(sys.argv[1])
