"""Races for scarce stock between real processes, on a real database, with Odoo's own retry.

    races.py DATABASE MODE[:SCENARIO,…] …

MODE is plain (a database without our addons), odoo, at_once or queued; without scenarios, all are run.
Prints ``{mode: {scenario: result}}`` as JSON. The database is changed for good: give it a copy.
"""

import argparse
import json
import logging
import sys
import time
from dataclasses import dataclass, replace

import race_facts
import race_goods
import race_two
from race_scenarios import SCENARIOS
from race_workers import Rules, let_go, pause_shorter, race

from odoo.modules.registry import Registry
from odoo.tools import config

MODES = ("plain", "odoo", "at_once", "queued")
TWO = "two_transactions"
NAMES = (*SCENARIOS, TWO)


@dataclass(frozen=True)
class Arena:
    """A database whose company reserves in one way."""

    rules: Rules
    mode: str
    share: float = 1.0  # of the processes a race has in full

    @property
    def registry(self):
        return Registry(self.rules.database)

    def transaction(self, function):
        with self.registry.cursor() as cr:
            return function(race_goods.superuser(cr))

    def in_shop(self, function):
        return self.transaction(lambda env: function(race_goods.Shop(env, self.share)))

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

        pause_shorter(self.rules)
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
            if scenario.needs and scenario.needs not in self.registry:
                return None
            result = self._race(scenario)
        let_go(self.rules.database)
        return {**result, "deadlocks": race_facts.deadlocks(self.rules.database) - before}

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
            report["facts"] = race_facts.read(self.rules.database, [report["product"]])
        everything = [report["product"] for report in reports]
        self.drain(everything)
        for report in reports:
            report["drained"] = race_facts.read(self.rules.database, [report.pop("product")])
        race_facts.retire(self.rules.database, everything)
        return reports


def _plain_values(made):
    return made.products.ids, made.acts


def load(database):
    config.parse_config(["-d", database, "--no-http", "--max-cron-threads=0"], setup_logging=True)
    # Every lost race is logged as an error; here it is what is looked for, and is in the report.
    logging.getLogger().setLevel(logging.CRITICAL)
    return Registry(database)


def what(text):
    """Return ``(mode, scenarios)`` of ``mode:scenario,scenario`` or ``mode``.

    A scenario with an exclamation mark has all its processes, whatever the share.
    """
    mode, _colon, names = text.partition(":")
    scenarios = names.split(",") if names else NAMES
    if mode not in MODES or not {name.rstrip("!") for name in scenarios} <= {*NAMES}:
        known = f"modes are {', '.join(MODES)}; scenarios {', '.join(NAMES)}"
        raise argparse.ArgumentTypeError(f"{text}: {known}")
    return mode, scenarios


def arguments():
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("database")
    parser.add_argument("what", nargs="+", type=what, metavar="MODE[:SCENARIO,…]")
    parser.add_argument("--backoff", type=float, default=1.0, help="times Odoo's pauses between two tries")
    parser.add_argument("--share", type=float, default=1.0, help="of the processes a race has in full")
    return parser.parse_args()


def main():
    options = arguments()
    load(options.database)
    results = {}
    for mode, names in options.what:
        arena = Arena(Rules(options.database, options.backoff), mode, options.share)
        arena.open()
        whole = replace(arena, share=1.0)
        results[mode] = {
            name.rstrip("!"): (whole if name.endswith("!") else arena).timed(name.rstrip("!"))
            for name in names
        }
    sys.stdout.write(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
