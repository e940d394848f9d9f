"""The clock that frees held stock killed in the middle of its work, again and again, on a real database.

    hold_kills.py DATABASE KILLS

Prints a report for each kill as JSON: what was true right after it, and after the next run.
"""

import argparse
import json
import random
import sys

import race_facts
import race_goods
from race_workers import Rules, killed_after, let_go
from races import Arena, load

ORDERS = 30
HELD = "SELECT count(*) FROM stock_move WHERE hold_until IS NOT NULL"


def held_orders(shop):
    """Thirty quotations whose time is over, and what is held for them."""
    product = shop.product(ORDERS)
    orders = shop.orders(ORDERS, (product, 1))
    orders.action_hold_stock()
    shop.env["stock.move"].search([("hold_until", "!=", False)]).hold_until = "2020-01-01"
    orders.hold_until = "2020-01-01"
    return product.id


def run(registry):
    with registry.cursor() as cr:
        race_goods.release_holds(race_goods.superuser(cr))


def left(database):
    with race_facts.connection(database) as cnx, cnx.cursor() as cr:
        cr.execute(HELD)
        return cr.fetchone()[0]


def main():
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("database")
    parser.add_argument("kills", type=int)
    options = parser.parse_args()
    load(options.database)
    arena = Arena(Rules(options.database), "at_once")
    arena.open()
    reports = []
    for _number in range(options.kills):
        product = arena.in_shop(held_orders)
        let_go(options.database)
        seconds = random.uniform(0.05, 0.6)
        killed = killed_after(options.database, run, seconds)
        facts = race_facts.read(options.database, [product])
        report = {"killed": killed, "seconds": seconds, "facts": facts, "left": left(options.database)}
        run(arena.registry)
        let_go(options.database)
        after = race_facts.read(options.database, [product])
        reports.append({**report, "after": after, "left_after": left(options.database)})
    sys.stdout.write(json.dumps(reports) + "\n")


if __name__ == "__main__":
    main()
