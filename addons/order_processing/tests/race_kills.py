"""The allocator killed in the middle of its work, again and again, on a real database.

    race_kills.py DATABASE MODE KILLS

Prints a report for each kill as JSON: what was true right after it, and after the next run.
"""

import argparse
import json
import random
import sys
import time

import race_facts
import race_goods
from race_workers import Rules, killed_after, let_go
from races import MODES, Arena, load

PRODUCTS, TRANSFERS, ENOUGH_FOR = 20, 15, 9


def backlog(shop):
    """Three hundred moves wait, and there is enough for 180 of them."""
    products = [shop.product() for _number in range(PRODUCTS)]
    shop.transfers(TRANSFERS, [(product, 1) for product in products])
    for product in products:
        shop.put(product, ENOUGH_FOR)
    return [product.id for product in products]


def serve(registry):
    with registry.cursor() as cr:
        env = race_goods.superuser(cr)
        run = race_goods.run_allocator if race_goods.can_allocate(env) else race_goods.run_scheduler
        run(env)


def release(arena, products):
    """Set free all that is reserved: there is as much to do as at first."""
    states = ("assigned", "partially_available")

    def unreserve(env):
        domain = [("product_id", "in", products), ("state", "in", states)]
        env["stock.move"].search(domain)._do_unreserve()
        if "released_by_hand" in env["stock.move"]._fields:
            env["stock.move"].search([("released_by_hand", "=", True)]).released_by_hand = False

    arena.transaction(unreserve)


def kill(arena, products, seconds):
    release(arena, products)
    is_killed = killed_after(arena.rules.database, serve, seconds)
    facts = race_facts.read(arena.rules.database, products)
    return {
        "seconds": round(seconds, 3),
        "killed": is_killed,
        "facts": facts,
        "drained": arena.drain(products),
    }


def campaign(arena, kills):
    """Kill at random moments of the time a whole run takes."""
    arena.open()
    products = arena.in_shop(backlog)
    let_go(arena.rules.database)
    began = time.monotonic()
    killed_after(arena.rules.database, serve, None)
    whole = time.monotonic() - began
    return [kill(arena, products, random.uniform(0.02, whole)) for _number in range(kills)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database")
    parser.add_argument("mode", choices=MODES)
    parser.add_argument("kills", type=int)
    options = parser.parse_args()
    load(options.database)
    reports = campaign(Arena(Rules(options.database), options.mode), options.kills)
    sys.stdout.write(json.dumps(reports, indent=1) + "\n")


if __name__ == "__main__":
    main()
