"""Races for scarce stock between real processes, on a real database, with Odoo's own retry.

    races.py DATABASE [--modes plain,odoo,at_once,queued] [SCENARIO …]

Prints ``{mode: {scenario: result}}`` as JSON. Runs with or without our addons; ``plain`` is without. The
database is changed for good: give it a copy.
"""

import argparse
import json
import logging
import sys
import time
from dataclasses import dataclass

import race_facts
import race_goods
import race_two
from race_scenarios import SCENARIOS
from race_workers import Rules, let_go, race

from odoo.api import SUPERUSER_ID, Environment
from odoo.modules.registry import Registry
from odoo.tools import config

MODES = ("plain", "odoo", "at_once", "queued")
TWO = "two_transactions"


@dataclass(frozen=True)
class Arena:
    """A database whose company reserves in one way."""

    rules: Rules
    mode: str

    @property
    def registry(self):
        return Registry(self.rules.database)

    def transaction(self, function):
        with self.registry.cursor() as cr:
            env = Environment(cr, SUPERUSER_ID, {})
            result = function(env)
            env.flush_all()
            cr.commit()
        return result

    def in_shop(self, function):
        return self.transaction(lambda env: function(race_goods.Shop(env)))

    def open(self):
        """Switch the company to the mode; load what the first order of a process would have to load."""

        def switch(env):
            if self.mode != "plain":
                env.company.write({"reservation_mode": self.mode, "review_mode": "off"})

        def warm(env):
            shop = race_goods.Shop(env)
            with env.cr.savepoint(flush=True) as savepoint:
                shop.orders(1, (shop.product(1), 1)).with_user(shop.seller).action_confirm()
                savepoint.rollback()

        self.transaction(switch)
        self.transaction(warm)

    def drain(self, products):
        let_go(self.rules.database)
        race_goods.drain(self.registry, products)
        return race_facts.read(self.rules.database, products)

    # ---------------------------------------------------------------- scenarios
    def timed(self, name):
        began = time.monotonic()
        result = self.run(name)
        return result and {"took": round(time.monotonic() - began, 1), **result}

    def run(self, name):
        """Return what happened, or None where there is nothing to race for."""
        before = race_facts.deadlocks(self.rules.database)
        if name == TWO:
            result = {"cases": self._two()}
        else:
            scenario = SCENARIOS[name]
            if scenario.needs and (self.mode == "plain" or not self._has(scenario.needs)):
                return None
            result = self._race(scenario)
        let_go(self.rules.database)
        return {**result, "deadlocks": race_facts.deadlocks(self.rules.database) - before}

    def _has(self, model):
        return model in self.registry

    def _race(self, scenario):
        made = self.in_shop(lambda shop: _plain_values(scenario.make(shop)))
        products, acts = made
        workers = race(self.rules, acts)
        facts = race_facts.read(self.rules.database, products)
        drained = self.drain(products)
        race_facts.retire(self.rules.database, products)
        return {"workers": workers, "facts": facts, "drained": drained}

    def _two(self):
        cases = self.in_shop(race_two.cases)
        reports = [race_two.play(self.registry, *case) for case in cases]
        for report in reports:
            products = [report.pop("product")]
            report["facts"] = race_facts.read(self.rules.database, products)
            report["drained"] = self.drain(products)
            race_facts.retire(self.rules.database, products)
        return reports


def _plain_values(made):
    return made.products.ids, made.acts


def load(database):
    config.parse_config(["-d", database, "--no-http", "--max-cron-threads=0"], setup_logging=True)
    # Every lost race is logged as an error; here it is what is looked for, and is in the report.
    logging.getLogger().setLevel(logging.CRITICAL)
    return Registry(database)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [*SCENARIOS, TWO]
    parser.add_argument("database")
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help=f"of {', '.join(names)}; else all")
    parser.add_argument("--modes", default="odoo", help=f"of {', '.join(MODES)}, with commas between them")
    parser.add_argument("--backoff", type=float, default=1.0, help="times Odoo's pauses between two tries")
    options = parser.parse_intermixed_args()
    options.modes = options.modes.split(",")
    options.scenarios = options.scenarios or names
    if unknown := {*options.modes} - {*MODES} | {*options.scenarios} - {*names}:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    return options


def main():
    options = arguments()
    load(options.database)
    results = {}
    for mode in options.modes:
        arena = Arena(Rules(options.database, options.backoff), mode)
        arena.open()
        results[mode] = {name: arena.timed(name) for name in options.scenarios}
    json.dump(results, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
