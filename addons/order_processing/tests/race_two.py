"""Two transactions, step by step: the smallest example of what goes wrong, or does not.

A acts and does not commit; B acts; A commits; B commits. B waits or begins again where it has to.
"""

import threading

import race_goods as do
from race_workers import SAMPLE, Act, connection, perform

from odoo.api import Environment

PAIRS = (
    ("confirm", "confirm"),
    ("confirm", "count"),
    ("count", "confirm"),
    ("confirm", "scrap"),
    ("scrap", "confirm"),
    ("confirm", "cancel"),  # what is released while A holds the stock is found by whoever waits
)
WAITS = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s AND wait_event_type = 'Lock'"


def cases(shop):
    """Return ``[(name, product, A's act, B's act)]``: each has ten pieces of a product of its own."""
    made = []
    for first, second in PAIRS:
        product = shop.product(10)
        acts = [_act(shop, step, product) for step in (first, second)]
        made.append((f"{first}, then {second}", product.id, *acts))
    return made


def _act(shop, step, product):
    if step == "confirm":
        return Act(step, do.confirm, shop.orders(1, (product, 10)).ids, shop.seller)
    if step == "cancel":
        (order := shop.orders(1, (product, 5))).action_confirm()
        return Act(step, do.cancel, order.ids)
    return Act(step, getattr(do, step), (product.id, 5), shop.keeper)


def play(registry, name, product, first, second):
    """Return what happened to B, and the facts after both."""
    b = _Second(registry, second)
    with registry.cursor() as cr:
        first.function(Environment(cr, first.user, {}), *first.arguments)
        cr.flush()
        b.start()
        b.wait_until_acted_or_stopped()
    b.may_commit.set()
    b.join()
    return {"case": name, "product": product, **b.report}


class _Second(threading.Thread):
    def __init__(self, registry, act):
        super().__init__()
        self.registry, self.act = registry, act
        self.has_acted, self.may_commit = threading.Event(), threading.Event()
        self.backend, self.report = None, None

    def run(self):
        self.report = perform(self.registry, Act(self.act.role, self._do, user=self.act.user))
        self.has_acted.set()

    def _do(self, env):
        self.backend = env.cr._cnx.info.backend_pid
        self.act.function(env, *self.act.arguments)
        env.cr.flush()
        self.has_acted.set()
        self.may_commit.wait()

    def wait_until_acted_or_stopped(self):
        """Return when B has done all but commit, or when it waits for a lock that A has."""
        with connection(self.registry.db_name, "postgres") as cnx, cnx.cursor() as cr:
            while not self.has_acted.wait(SAMPLE):
                cr.execute(WAITS, [self.backend])
                if cr.fetchone()[0]:
                    return
