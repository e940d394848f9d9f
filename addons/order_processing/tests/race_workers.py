"""Acts that begin at the same moment, each in a process with connections of its own, as web workers have."""

import gc
import multiprocessing
import os
import random
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import wait
from types import SimpleNamespace

import psycopg2

import odoo.sql_db
from odoo.api import SUPERUSER_ID, Environment
from odoo.modules.registry import Registry
from odoo.service import model
from odoo.sql_db import connection_info_for

PATIENCE = 180  # seconds after which a race is given up
SAMPLE = 0.02  # seconds between two looks at who waits for a lock


@dataclass(frozen=True)
class Act:
    """What one process does."""

    role: str
    function: Callable  # called with an environment and the arguments
    arguments: tuple = ()
    user: int = SUPERUSER_ID
    delay: float = 0.0  # it begins up to so many seconds late, so that either may be first
    goes_on: bool = False  # again and again, until those that do not go on have ended
    commits_itself: bool = False  # as scheduled actions do, which Odoo does not try again


@dataclass(frozen=True)
class Rules:
    database: str
    backoff: float = 1.0  # what Odoo's pauses between two tries are multiplied by


def connection(database, to=None):
    """A connection that owes nothing to Odoo's pool; every statement is a transaction."""
    _name, info = connection_info_for(to or database)
    cnx = psycopg2.connect(**info)
    cnx.autocommit = True
    return closing(cnx)


def let_go(database):
    """Close what this process has open: a child that inherits a connection would share its socket."""
    odoo.sql_db.close_all()
    wait_until_alone(database)


def pause_shorter(rules):
    """Shorten Odoo's pauses between two tries, in this process and those it starts."""
    model.time = SimpleNamespace(sleep=lambda seconds: time.sleep(seconds * rules.backoff))


def wait_until_alone(database):
    """Wait until the server has noticed that all processes are gone; their statistics are complete then."""
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
    with connection(database, "postgres") as cnx, cnx.cursor() as cr:
        for _attempt in range(int(PATIENCE / SAMPLE)):
            cr.execute(others, [database])
            if not cr.fetchone()[0]:
                return
            time.sleep(SAMPLE)
    raise TimeoutError(f"somebody is still connected to {database}")


def race(rules, acts):
    """Run the acts at the same moment; return a report for each, in their order."""
    let_go(rules.database)
    gc.freeze()
    context = multiprocessing.get_context("fork")
    barrier, finished = context.Barrier(len(acts)), context.Event()
    runners = {}
    for number, act in enumerate(acts):
        receiver, sender = context.Pipe(duplex=False)
        process = context.Process(target=_work, args=(rules, act, barrier, finished, sender))
        process.start()
        sender.close()
        runners[receiver] = (number, process)
    waits = _Waits(rules.database)
    reports = _collect(acts, runners, finished, waits)
    for number, process in runners.values():
        process.join()
        reports[number]["lock_wait"] = round(waits.longest[reports[number].pop("backend")], 3)
    gc.unfreeze()
    wait_until_alone(rules.database)
    return [reports[number] for number in range(len(acts))]


def _collect(acts, runners, finished, waits):
    reports, open_pipes = {}, dict(runners)
    deadline = time.monotonic() + PATIENCE
    with waits:
        while open_pipes:
            waits.look()
            for pipe in wait(list(open_pipes), timeout=SAMPLE):
                number, _process = open_pipes.pop(pipe)
                reports[number] = _received(pipe, acts[number])
            if all(acts[number].goes_on for number, _process in open_pipes.values()):
                finished.set()
            if time.monotonic() > deadline:
                for _number, process in open_pipes.values():
                    process.kill()
    return reports


def _received(pipe, act):
    try:
        return pipe.recv()
    except EOFError:
        gone = {"error": "Killed: it did not come to an end", "tries": 0, "seconds": PATIENCE}
        return {"role": act.role, **gone, "conflict": False, "backend": 0}


def _work(rules, act, barrier, finished, sender):
    random.seed()  # the children of one process would all pause for the same random time
    registry = Registry(rules.database)
    with registry.cursor() as cr:
        backend = cr._cnx.info.backend_pid  # goes back to this process's pool and is used below
    barrier.wait()
    time.sleep(random.uniform(0, act.delay))
    report = perform(registry, act)
    while act.goes_on and not finished.is_set() and not report["error"]:
        more = perform(registry, act)
        report = {**more, "tries": max(report["tries"], more["tries"])}
    sender.send({**report, "backend": backend})


def perform(registry, act):
    """Do the act in a transaction of its own, as a request or a scheduled action; report how it went."""
    tries, error, began = 0, None, time.monotonic()

    def attempt(env):
        nonlocal tries
        tries += 1
        act.function(env, *act.arguments)

    try:
        with registry.cursor() as cr:
            env = Environment(cr, act.user, {})
            if act.commits_itself:
                attempt(env)
            else:
                model.retrying(partial(attempt, env), env)
    except Exception as caught:  # whatever it is, it is what the user would have seen
        error = caught
    return {
        "role": act.role,
        "error": error and f"{type(error).__name__}: {error}".strip(),
        "conflict": isinstance(error, model.PG_CONCURRENCY_EXCEPTIONS_TO_RETRY),
        "tries": tries,
        "seconds": round(time.monotonic() - began, 3),
    }


def killed_after(database, function, seconds):
    """Run ``function(registry)`` in a process and SIGKILL it; return whether it had not ended by itself."""
    let_go(database)

    def run():
        function(Registry(database))
        os._exit(0)

    process = multiprocessing.get_context("fork").Process(target=run)
    process.start()
    process.join(seconds)
    with suppress(ProcessLookupError):
        process.kill()
    process.join()
    wait_until_alone(database)
    return process.exitcode != 0


class _Waits:
    """The longest time each backend was seen waiting for a lock in one go.

    Unlike the seconds a transaction took, this does not grow with the number of processes that want
    the processor.
    """

    LOOK = "SELECT pid FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'"

    def __init__(self, database):
        self.database, self.since, self.longest = database, {}, defaultdict(float)

    def __enter__(self):
        self.manager = connection(self.database, "postgres")
        self.cr = self.manager.__enter__().cursor()
        return self

    def __exit__(self, *exception):
        return self.manager.__exit__(*exception)

    def look(self):
        self.cr.execute(self.LOOK, [self.database])
        now, waiting = time.monotonic(), {pid for (pid,) in self.cr.fetchall()}
        self.since = {pid: self.since.get(pid, now) for pid in waiting}
        for pid, since in self.since.items():
            self.longest[pid] = max(self.longest[pid], now - since)
