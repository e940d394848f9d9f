"""Two people, or two clicks, at the same case at the same moment; and the clock that opens cases, killed.

    race_cases.py DATABASE FOLDER

The folder has the workers and the shop of the races for stock. Started by ``test_case_race.py`` on a copy of
the tests' database; prints what came of it, as JSON.
"""

import json
import random
import sys
import time

sys.path.insert(0, sys.argv[2])

import race_goods  # noqa: E402
from race_workers import Act, Rules, killed_after, let_go, pause_shorter, race  # noqa: E402
from races import load  # noqa: E402

KILLS = 5
PROBLEMS = 400
ORDERED = 4
FORM = {"kind": "damage", "description": "Broken"}


def main(database):
    registry, rules = load(database), Rules(database, backoff=0.05)
    pause_shorter(rules)
    found = {}
    for name, (make, act, look) in SCENES.items():
        with registry.cursor() as cr:
            ids = make(Shop(race_goods.superuser(cr)))
        workers = race(rules, [Act(name, act, (one, number)) for number, one in enumerate(ids)])
        with registry.cursor() as cr:
            errors = [worker["error"] for worker in workers if worker["error"]]
            found[name] = {"made": look(race_goods.superuser(cr), ids), "errors": errors}
    found["killed"] = killed(registry, rules)
    json.dump(found, sys.stdout)


class Shop(race_goods.Shop):
    def __init__(self, env):
        super().__init__(env)
        env.company.write({"reservation_mode": "at_once", "review_mode": "off", "parcel_problems": True})

    def sold(self):
        """Return an order of four pieces, delivered and invoiced."""
        order = self.orders(1, (self.product(ORDERED, invoice_policy="order"), ORDERED))
        order.action_confirm()
        order.picking_ids.move_ids.picked = True
        order.picking_ids.button_validate()
        order._create_invoices().action_post()
        return order

    def case(self, order, quantity=2):
        line = {"sale_line_id": order.order_line.id, "quantity": quantity, "reason": "broken"}
        vals = {"subject": "Broken", "kind": "damage", "order_id": order.id, "line_ids": [(0, 0, line)]}
        case = self.env["order.case"].create(vals)
        case.action_start()  # what is written again in the race is the same: the row alone tells nothing
        return case


# ---------------------------------------------------------------- scenes
def same_case(shop):
    return [shop.case(shop.sold()).id] * 3


def two_cases(shop):
    order = shop.sold()
    return [shop.case(order, 3).id, shop.case(order, 3).id]


def nine_open(shop):
    order = shop.sold()
    for _number in range(9):
        shop.case(order)
    return [order.id] * 3


def do(method):
    def act(env, case, _number):
        _read_old_figures(env)
        getattr(env["order.case"].browse(case), method)()

    return act


def write_new(env, order, number):
    """Each with a form of his own."""
    _send(env, order, {**FORM, "once": f"form {number}"})


def write_twice(env, order, _number):
    _send(env, order, {**FORM, "once": "the same form"})


def _send(env, order, form):
    _read_old_figures(env)
    order = env["sale.order"].browse(order)
    env["order.case"]._open_from_form(order, order.partner_id, form, [])


def _read_old_figures(env):
    """All transactions see the database as it is now, whatever the others do until it is their turn."""
    env.cr.execute("SELECT 1")
    time.sleep(0.3)


def refunded(env, cases):
    moves = env["order.case"].browse(cases).refund_ids
    return {"documents": len(moves), "pieces": sum(moves.invoice_line_ids.mapped("quantity"))}


def returned(env, cases):
    pickings = env["order.case"].browse(cases).return_ids
    return {"documents": len(pickings), "pieces": sum(pickings.move_ids.mapped("product_uom_qty"))}


def replaced(env, cases):
    orders = env["order.case"].browse(cases).replacement_ids
    return {"documents": len(orders), "pieces": sum(orders.order_line.mapped("product_uom_qty"))}


def opened(env, orders):
    return env["order.case"].search_count([("order_id", "in", orders)])


def one_order(shop):
    return [shop.sold().id] * 3


SCENES = {
    "refund": (same_case, do("action_refund"), refunded),
    "return": (same_case, do("action_return"), returned),
    "replacement": (same_case, do("action_replace"), replaced),
    "refund_of_two": (two_cases, do("action_refund"), refunded),
    "return_of_two": (two_cases, do("action_return"), returned),
    "replacement_of_two": (two_cases, do("action_replace"), replaced),
    "limit": (nine_open, write_new, opened),
    "form_twice": (one_order, write_twice, opened),
}


# ---------------------------------------------------------------- killed
def killed(registry, rules):
    with registry.cursor() as cr:
        ids = _problems(Shop(race_goods.superuser(cr)))
    kills = [killed_after(rules.database, _open, random.uniform(0.05, 0.4)) for _number in range(KILLS)]
    halves = _halves(registry)
    acts = [Act("open", _open_two, commits_itself=True)] * 2
    let_go(rules.database)
    race(rules, acts)  # the clock, and somebody who starts it by hand
    _open(registry)
    with registry.cursor() as cr:
        cases = race_goods.superuser(cr)["order.case"].search([("problem_id", "in", ids)])
        made, of = len(cases), len(cases.problem_id)
    return {"kills": sum(kills), "halves": halves, "cases": made, "problems": of, "left": _halves(registry)}


def _problems(shop):
    order = shop.sold()
    parcels = shop.env["order.shipment.parcel"].create(
        [
            {
                "number": f"K{n}",
                "number_key": f"K{n}",
                "company_id": order.company_id.id,
                "shipment_ids": [(6, 0, order.shipment_ids.ids)],
            }
            for n in range(PROBLEMS)
        ]
    )
    problem = {"company_id": order.company_id.id, "kind": "lost", "order_id": order.id}
    vals_list = [{**problem, "parcel_id": parcel.id} for parcel in parcels]
    return shop.env["order.shipment.problem"].create(vals_list).ids


def _open(registry):
    with registry.cursor() as cr:
        _open_two(race_goods.superuser(cr))


def _open_two(env):
    env["order.shipment.problem"]._cron_open_cases()


def _halves(registry):
    """Return how many problems have a mark and a case, or neither."""
    with registry.cursor() as cr:
        cr.execute(
            """SELECT count(*) FROM order_shipment_problem p
                 JOIN order_shipment_parcel l ON l.id = p.parcel_id
                WHERE l.number LIKE 'K%' AND COALESCE(p.case_due, false)
                    = EXISTS (SELECT FROM order_case c WHERE c.problem_id = p.id)"""
        )
        return cr.fetchone()[0]


if __name__ == "__main__":
    main(sys.argv[1])
