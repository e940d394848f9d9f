"""Planning departures on a real database: two planners at once, a packer in between, and planners killed.

    dispatch_race.py DATABASE KILLS

Prints as JSON what was true of the waves after each.
"""

import argparse
import json
import random
import sys
import threading

import race_facts
import race_goods
from race_workers import Act, Rules, killed_after, let_go, perform
from races import Arena, load

TRANSFERS = 60
# Transfers in a wave of another departure; waves the plan made twice; empty ones; departures made twice.
WRONG = """
    SELECT (SELECT count(*) FROM stock_picking p JOIN stock_picking_batch b ON b.id = p.batch_id
             WHERE b.departure_id IS DISTINCT FROM p.departure_id),
           (SELECT count(*) FROM (SELECT 1 FROM stock_picking_batch
             WHERE departure_id IS NOT NULL AND state = 'draft' AND is_planned_wave
             GROUP BY departure_id, picking_type_id, is_urgent_wave HAVING count(*) > 1) twice),
           (SELECT count(*) FROM stock_picking_batch b WHERE b.departure_id IS NOT NULL AND b.state = 'draft'
               AND NOT EXISTS (SELECT FROM stock_picking p WHERE p.batch_id = b.id)),
           (SELECT count(*) FROM (SELECT 1 FROM order_dispatch_departure
             GROUP BY route_id, slot_id, departs_at HAVING count(*) > 1) twice)"""
UNPLANNED = """
    SELECT count(*) FROM stock_picking p JOIN stock_picking_type t ON t.id = p.picking_type_id
     WHERE t.code = 'outgoing' AND p.state = 'assigned' AND p.batch_id IS NULL"""


def opened(shop):
    """The company plans; two routes leave each day."""
    shop.env.company.dispatch_mode = "plan"
    each_day = [(0, 0, {"weekday": str(day), "cut_off": 23, "departs_at": 23.5}) for day in range(7)]
    country = shop.env.ref("base.us")
    shop.env["order.dispatch.route"].create(
        [
            {
                "name": name,
                "warehouse_id": shop.warehouse.id,
                "country_ids": country.ids,
                "slot_ids": each_day,
            }
            for name in ("Race", "Race again")
        ]
    )


def transfers(shop, number=TRANSFERS):
    product = shop.product(number)
    made = shop.transfers(number, [(product, 1)])
    made.partner_id = shop.customer()
    made.action_assign()
    return made.ids


def plan(env):
    env["order.dispatch.departure"]._plan(env["stock.warehouse"].search([]))


def scheduled(env):
    env["order.dispatch.departure"]._cron_plan()


def pack(env, ids):
    """A packer takes the first few at the same moment."""
    pickings = env["stock.picking"].browse(ids[:5])
    pickings.move_ids.picked = True
    pickings.button_validate()


def facts(database):
    with race_facts.connection(database) as cnx, cnx.cursor() as cr:
        cr.execute(WRONG)
        wrong = cr.fetchone()
        cr.execute(UNPLANNED)
        names = ("elsewhere", "twice", "empty", "departures_twice")
        return {**dict(zip(names, wrong, strict=True)), "unplanned": cr.fetchone()[0]}


def race(arena):
    """Two planners and a packer at once, then a planner alone."""
    ids = arena.in_shop(transfers)
    acts = [Act("planner", plan), Act("planner", plan), Act("packer", pack, (ids,))]
    reports = []
    threads = [
        threading.Thread(target=lambda act=act: reports.append(perform(arena.registry, act))) for act in acts
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    during = facts(arena.rules.database)
    arena.transaction(plan)
    return {"reports": reports, "during": during, "after": facts(arena.rules.database)}


def kill(arena):
    arena.in_shop(transfers)
    let_go(arena.rules.database)
    seconds = random.uniform(0.02, 0.4)

    def work(registry):
        with registry.cursor() as cr:
            scheduled(race_goods.superuser(cr))

    killed = killed_after(arena.rules.database, work, seconds)
    right_after = facts(arena.rules.database)
    arena.transaction(plan)
    return {
        "killed": killed,
        "seconds": seconds,
        "right_after": right_after,
        "after": facts(arena.rules.database),
    }


def main():
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("database")
    parser.add_argument("kills", type=int)
    options = parser.parse_args()
    load(options.database)
    arena = Arena(Rules(options.database), "odoo")
    arena.open()
    arena.in_shop(opened)
    result = {
        "races": [race(arena) for _number in range(2)],
        "kills": [kill(arena) for _number in range(options.kills)],
    }
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
