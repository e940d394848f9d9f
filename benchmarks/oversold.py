"""Goods promised that are not there: races for scarce stock, on plain Odoo and with ours in its three modes.

The races are those of the tests (``tests/race_scenarios.py``): real processes, real commits, Odoo's own
retry with its own pauses. On plain Odoo the tests that guard them fail.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from _lib import closing_line, drop, fresh, table

RACES = Path(__file__).resolve().parent.parent / "addons" / "order_processing" / "tests" / "races.py"
MODES = ("plain", "odoo", "at_once", "queued")
SHARE = os.environ.get("BENCH_SHARE", "1")  # of the processes a race has in full
KITS = os.environ.get("BENCH_KITS", "yes") == "yes"  # with sale_mrp, which takes a quarter of a minute


def races(modes, ours):
    """Return ``{mode: {scenario: result}}`` of all races on a fresh database."""
    database = fresh(f"op_bench_oversold_{'ours' if ours else 'vanilla'}", ours=ours)
    try:
        if KITS:
            install(database, "sale_mrp")
        command = [sys.executable, RACES, database, *modes, "--share", SHARE]
        return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    finally:
        drop(database)


def install(database, modules):
    odoo = [sys.executable, "-c", "from odoo.cli import main; main()"]
    options = ["-d", database, "-i", modules, "--stop-after-init", "--no-http", "--log-level=error"]
    subprocess.run([*odoo, "server", *options, "--max-cron-threads=0"], check=True)


def parts(result):
    """The races that count: two transactions are several small ones."""
    return result.get("cases", [result])


def workers(result):
    return [worker for part in parts(result) for worker in part.get("workers", [part])]


def total(result, figure):
    """Right after the race, or after what waited was served: whichever is worse."""
    return sum(max(part["facts"][figure], part["drained"][figure]) for part in parts(result))


def row(mode, result):
    reserved = sum(part["drained"]["reserved"] for part in parts(result))
    on_hand = sum(part["drained"]["on_hand"] for part in parts(result))
    confirms = [worker for worker in workers(result) if worker["role"] == "confirm"]
    return [
        f"  {mode}",
        f"{reserved:.0f} / {on_hand:.0f}",
        f"{total(result, 'oversold'):.0f}",
        f"{total(result, 'lines_differ'):.0f}",
        result["deadlocks"],
        sum(bool(worker["error"]) for worker in workers(result)),
        max((worker["tries"] for worker in confirms), default=0),
        f"{max((worker['seconds'] for worker in confirms), default=0):.1f}",
    ]


def show(results):
    header = ["", "reserved / on hand", "oversold", "drift", "deadlocks", "errors", "tries", "longest (s)"]
    rows = []
    for name in results["plain"]:
        rows.append([name, *[""] * (len(header) - 1)])
        rows += [row(mode, results[mode][name]) for mode in MODES if results[mode][name]]
    table(header, rows)


def main():
    results = {**races(MODES[:1], ours=False), **races(MODES[1:], ours=True)}
    print("\nRaces for scarce stock: units reserved that are not there, and what users saw of it")
    show(results)
    oversold, errors = (
        {mode: sum(figure(race) for race in results[mode].values() if race) for mode in MODES}
        for figure in (
            lambda race: total(race, "oversold"),
            lambda race: sum(bool(worker["error"]) for worker in workers(race)),
        )
    )
    closing_line(
        "oversold",
        sum(oversold[mode] for mode in MODES[1:]),
        oversold["plain"],
        unit="units reserved beyond what is there",
        errors_seen=errors,
        races=len(results["plain"]),
    )


if __name__ == "__main__":
    main()
