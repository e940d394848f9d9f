"""Takes the orders of a file through the company: entered, submitted, confirmed, reserved, counted.

Flow: orders → which are new → batches, each a transaction → figures from the database.
"""

import logging
import time
from collections import Counter
from dataclasses import dataclass, field

from odoo.tools import split_every

from ..engine.order_file import Bucket
from .order_file_setup import customer_ref, product_codes

_logger = logging.getLogger(__name__)

HELD_STATES = ("pending", "changes_requested", "refused")


@dataclass
class Outcome:
    """What one run did, beside what the database says afterwards."""

    new: int = 0
    known: int = 0
    differs: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    cpu_seconds: float = 0.0


class OrderFileRun:
    """Enters the orders that are not there yet; can be interrupted and started again at any time.

    ``transaction(function)`` calls ``function(env)`` and commits. An order is known by its number
    at the channel, so what an interrupted run has committed is not entered again.
    """

    def __init__(self, transaction, orders, channel, batch, progress):
        self.transaction, self.orders = transaction, orders
        self.channel, self.batch, self.progress = channel, batch, progress
        self.outcome = Outcome()

    def run(self):
        """Enter what is new; return the outcome."""
        started, cpu_started = time.monotonic(), time.process_time()
        todo = self._new_payloads()
        try:
            for batch in split_every(self.batch, todo, list):
                self.progress("orders", self.outcome.new + len(self.outcome.failed), len(todo))
                self._enter(batch)
            self.progress("orders", len(todo), len(todo))
        finally:
            self.outcome.seconds = time.monotonic() - started
            self.outcome.cpu_seconds = time.process_time() - cpu_started
        return self.outcome

    # ---------------------------------------------------------------- entering
    def _new_payloads(self):
        payloads = self.transaction(self._payloads)
        states = self.transaction(lambda env: env["sale.order"]._known_payloads(payloads))
        by_state = {"new": [], "known": [], "differs": []}
        for payload, state in zip(payloads, states, strict=True):
            by_state[state].append(payload)
        self.outcome.known = len(payloads) - len(by_state["new"])
        self.outcome.differs = len(by_state["differs"])
        return by_state["new"]

    def _payloads(self, env):
        codes = product_codes(env, {line.sku for order in self.orders for line in order.lines})
        return [self._payload(order, codes) for order in self.orders]

    def _payload(self, order, codes):
        """Return the order as other systems send it; the same whatever part of the file is taken."""
        return {
            "channel": self.channel,
            "ref": order.ref,
            "customer": {"ref": customer_ref(order)},
            # Odoo dates an order by its confirmation; the date of the file stays readable here.
            "customer_reference": f"{order.ref} ({order.date:%Y-%m-%d %H:%M})",
            "lines": [self._line(row, codes) for row in order.lines],
        }

    @staticmethod
    def _line(row, codes):
        line = {"sku": codes.get(row.sku, row.sku), "quantity": row.quantity, "price": row.price}
        if row.text:
            line["description"] = row.text
        if row.bucket is Bucket.FREIGHT:
            line["freight"] = True
        return line

    def _enter(self, payloads):
        """Enter a batch as a whole; where that fails, its halves, until the order at fault is alone."""
        try:
            self.transaction(lambda env: self._place(env, payloads))
            self.outcome.new += len(payloads)
        except Exception as error:
            _logger.debug("%s orders could not be entered together", len(payloads), exc_info=True)
            if len(payloads) == 1:
                self.outcome.failed[payloads[0]["ref"]] = str(error)
                return
            middle = len(payloads) // 2
            self._enter(payloads[:middle])
            self._enter(payloads[middle:])

    @staticmethod
    def _place(env, payloads):
        env["sale.order"]._place_orders(payloads)

    # ---------------------------------------------------------------- what the database says
    def figures(self, env):
        """Return the figures of the file's orders, as they are in the database now."""
        refs = [order.ref for order in self.orders]
        domain = [("channel_id.code", "=", self.channel), ("channel_ref", "in", refs)]
        orders = env["sale.order"].search(domain)
        figures = Counter({"in": len(orders), "lines": sum(self._per_order(orders).values())})
        for state, review, reserved, count in orders._read_group(
            [("id", "in", orders.ids)], ["state", "review_state", "reservation_state"], ["__count"]
        ):
            figures[_standing(state, review)] += count
            if state == "sale":
                figures[f"reserved {reserved}"] += count
        waiting = orders.filtered_domain([("state", "=", "sale"), ("reservation_state", "=", "none")])
        figures["nothing to reserve"] = len(waiting) - self._with_open_moves(waiting)
        figures["reserved none"] -= figures["nothing to reserve"]
        return figures, self._reasons(orders)

    @staticmethod
    def _per_order(orders):
        lines = orders.env["sale.order.line"]
        return dict(lines._read_group([("order_id", "in", orders.ids)], ["order_id"], ["__count"]))

    @staticmethod
    def _with_open_moves(orders):
        domain = [("sale_line_id.order_id", "in", orders.ids), ("state", "not in", ("done", "cancel"))]
        return len(orders.env["stock.move"].search(domain).sale_line_id.order_id)

    @staticmethod
    def _reasons(orders):
        """Return how many held orders there are for each reason; an order may have several."""
        held = orders.filtered(lambda order: order.review_state in HELD_STATES)
        domain = [("order_id", "in", held.ids), ("state", "in", ("open", "upheld")), ("observed", "=", False)]
        found = orders.env["order.review.finding"]._read_group(domain, ["code"], ["order_id:count_distinct"])
        return dict(found)


def _standing(state, review_state):
    """Return where an order stands, for the table."""
    if state == "cancel":
        return "cancelled"
    if review_state in HELD_STATES:
        return "held"
    return "confirmed" if state == "sale" else "open"
