"""What the benchmarks share: fresh databases, CPU seconds, alternating runs, the table and the closing line.

A benchmark is one file that does the same work with our addons and on plain Odoo::

    from _lib import compare

    def prepare(env):            # not measured; committed; what it returns goes to work
        return ids

    def work(env, ids):          # measured, with the commit that follows
        ...

    compare("confirm", prepare, work)

For anything else, use the parts: ``fresh``, ``in_child``, ``in_database``, ``registry``, ``person``,
``measure``, ``alternate``, ``as_person``, ``table`` and ``closing_line``.
"""

import contextlib
import gc
import json
import multiprocessing
import os
import subprocess
import sys
import time
import traceback
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

BIN = Path(__file__).resolve().parent.parent / "bin"
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cost:
    cpu: float  # seconds of this process and of its PostgreSQL backend: what a busy machine does not change
    python: float
    postgres: float
    wall: float
    queries: int


def fresh(name, *, ours=True, demo=False):
    """Create a database of that name from the templates; drops an old one."""
    options = [*([] if ours else ["--plain"]), *(["--demo"] if demo else [])]
    subprocess.run([BIN / "db", "new", name, *options], check=True)
    return name


def drop(name):
    subprocess.run([BIN / "db", "drop", name], check=True)


@contextlib.contextmanager
def registry(dbname):
    """An environment of the superuser on that database, in this process. Nothing is committed by itself.

    Use it inside ``in_child``: addons once imported stay, and a second database would be measured with them.
    """
    import odoo.modules.registry
    from odoo import SUPERUSER_ID, api
    from odoo.tools import config

    if config["db_name"] != [dbname]:
        config.parse_config(["-d", dbname, "--no-http", "--max-cron-threads=0", "--log-level=warn"])
    with odoo.modules.registry.Registry(dbname).cursor() as cr:
        yield api.Environment(cr, SUPERUSER_ID, {})


def in_child(function, *arguments):
    """What the function returns when called in a process of its own."""

    def run():
        try:
            sender.send((True, function(*arguments)))
        except BaseException:
            sender.send((False, traceback.format_exc()))

    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    sys.stdout.flush()
    child = context.Process(target=run)
    child.start()
    sender.close()
    try:
        good, result = receiver.recv()
    except EOFError:
        good, result = False, "the process ended without a word; was it killed for want of memory?"
    child.join()
    if not good:
        sys.exit(result)
    return result


def in_database(name, function, *arguments, **options):
    """What the function returns when called with the name of a new database, which is dropped again."""
    fresh(name, **options)
    try:
        return in_child(function, name, *arguments)
    finally:
        drop(name)


def person(env, login, *groups):
    from odoo.fields import Command

    ids = [env.ref(group).id for group in groups]
    return env["res.users"].create({"name": login, "login": login, "group_ids": [Command.set(ids)]})


def backend_seconds(cr):
    """CPU seconds the PostgreSQL process behind this cursor has used since it began."""
    pid = cr._cnx.info.backend_pid
    try:
        if b"postgres" not in Path(f"/proc/{pid}/cmdline").read_bytes():
            raise FileNotFoundError
        # The name, in brackets, may hold spaces; user and system time are fields 14 and 15.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        sys.exit("A benchmark needs PostgreSQL on this machine, to see its cost. Unset PGHOST and run again.")
    return (int(fields[11]) + int(fields[12])) / TICKS


def cpu_seconds(cr):
    """(this process, its PostgreSQL backend)"""
    return time.process_time(), backend_seconds(cr)


def measure(env, function, *arguments):
    """Call, commit, and return what it cost."""
    env.flush_all()
    env.cr.commit()
    env.invalidate_all()
    gc.collect()
    gc.freeze()  # so that a collection during the work does not walk through all of Odoo
    queries, wall, (python, postgres) = env.cr.sql_log_count, time.monotonic(), cpu_seconds(env.cr)
    function(env, *arguments)
    env.flush_all()
    env.cr.commit()
    python_after, postgres_after = cpu_seconds(env.cr)
    wall, queries = time.monotonic() - wall, env.cr.sql_log_count - queries
    gc.unfreeze()
    python, postgres = python_after - python, postgres_after - postgres
    return Cost(python + postgres, python, postgres, wall, queries)


def alternate(sides, runs):
    """{name: [results]} of {name: function}, in turns (a b, b a, …): a drift of the machine hits all."""
    results = {name: [] for name in sides}
    for run in range(runs):
        for name in list(sides)[:: 1 if run % 2 == 0 else -1]:
            print(f"  run {run + 1} of {runs}: {name}", file=sys.stderr, flush=True)
            results[name].append(sides[name]())
    return results


def as_person(env, user, works, runs):
    """The median cost of each of the works, done by that person in turns; once before to warm up."""
    own = env(user=user.id)
    for work in works.values():
        work(own, None)
    costs = {name: [] for name in works}
    for _run in range(runs):
        for name, work in works.items():
            costs[name].append(measure(own, work, None))
    return {name: sorted(each, key=lambda cost: cost.cpu)[runs // 2] for name, each in costs.items()}


def table(header, rows):
    def text(cell):
        return f"{cell:.3f}" if isinstance(cell, float) else str(cell)

    cells = [[text(cell) for cell in row] for row in [header, *rows]]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        first, *others = (cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join([first.strip().ljust(widths[0]), *others]))


def closing_line(name, ours, vanilla, **more):
    """The last line of a benchmark; ratio 0.5 means half of what plain Odoo needs."""
    ratio = round(ours / vanilla, 4) if vanilla else None
    print(json.dumps({"name": name, "ours": ours, "vanilla": vanilla, "ratio": ratio, **more}), flush=True)


def compare(name, prepare, work, *, runs=5, demo=False, setup_ours=None, **more):
    """Run the work on fresh databases in turns, print the medians and the closing line (CPU seconds).

    ``setup_ours(env)`` switches on, on our side only, what plain Odoo does not have.
    """

    def once(database, ours):
        with registry(database) as env:
            if ours and setup_ours:
                setup_ours(env)
            state = prepare(env)
            return measure(env, work, state)

    def side(ours):
        database = f"op_bench_{'ours' if ours else 'vanilla'}"
        return in_database(database, once, ours, ours=ours, demo=demo)

    costs = alternate({"vanilla": lambda: side(False), "ours": lambda: side(True)}, runs)
    middle = {
        who: {key: median(asdict(cost)[key] for cost in costs[who]) for key in Cost.__dataclass_fields__}
        for who in ("vanilla", "ours")
    }
    rows = [
        [key, value, middle["ours"][key], middle["ours"][key] / value if value else float("nan")]
        for key, value in middle["vanilla"].items()
    ]
    print(f"\n{name}: medians of {runs} runs each")
    table(["", "vanilla", "ours", "ratio"], rows)
    closing_line(
        name,
        round(middle["ours"]["cpu"], 4),
        round(middle["vanilla"]["cpu"], 4),
        unit="CPU seconds",
        runs=runs,
        queries_ours=middle["ours"]["queries"],
        queries_vanilla=middle["vanilla"]["queries"],
        **more,
    )
    return middle
