from ..engine.habits import Habits
from .order_review_habit_sql import read_statement, samples_of


class PastHabits(Habits):
    """What was usual for the customers and products of a batch, by the orders before ``as_of`` (UTC).

    Read from the orders of the past themselves: the table of what is usual is that of today, and no trial
    may touch it. That costs more, so only what is asked for is read, and what is less particular only where
    the more particular does not say enough (fewer than ``min_history``).
    """

    def __init__(self, facts, as_of, min_history):
        super().__init__((), ())
        self.facts, self.as_of = facts, as_of
        self.min_history = max(min_history, 1)
        self.read = set()

    # ---------------------------------------------------------------- what the checks ask for
    def quantity(self, partner_id, product_id):
        self._read_once("quantities")
        return super().quantity(partner_id, product_id)

    def amount(self, partner_id):
        self._read_once("amounts")
        return super().amount(partner_id)

    def velocity(self, partner_id):
        self._read_once("velocities")
        return super().velocity(partner_id)

    def last_price(self, partner_id, product_id):
        self._read_once("prices")
        return super().last_price(partner_id, product_id)

    # ---------------------------------------------------------------- reading
    def _read_once(self, what):
        if what not in self.read:
            self.read.add(what)
            getattr(self, f"_read_{what}")()

    def _read_prices(self):
        pairs = {
            (self.facts.orders[order_id].commercial_id, line.product_id)
            for order_id, lines in self.facts.lines.items()
            for line in lines
            if line.product_id
        }
        self._read("quantity", "customer_product", pairs)

    def _read_quantities(self):
        self._read_once("prices")
        pairs = self.asked.get(("quantity", "customer_product"), set())
        unsure = {pair for pair in pairs if not self._is_enough("quantity", *pair)}
        self._read("quantity", "customer", {(customer, 0) for customer, _product in unsure})
        unsure = {pair for pair in unsure if not self._is_enough("quantity", pair[0], 0)}
        self._read("quantity", "product", {(0, product) for _customer, product in unsure})
        if any(not self._is_enough("quantity", 0, product) for _customer, product in unsure):
            self._read("quantity", "company", {(0, 0)})

    def _read_amounts(self):
        customers = {row.commercial_id for row in self.facts.orders.values()}
        self._read("amount", "customer", {(customer, 0) for customer in customers})
        if any(not self._is_enough("amount", customer, 0) for customer in customers):
            self._read("amount", "company", {(0, 0)})

    def _read_velocities(self):
        customers = {row.commercial_id for row in self.facts.orders.values()}
        self._read("velocity", "customer", {(customer, 0) for customer in customers})

    def _is_enough(self, measure, partner_id, product_id):
        habit = self.known.get((measure, partner_id, product_id))
        return bool(habit) and habit.count >= self.min_history

    def _read(self, measure, level, pairs):
        """Read one level of what is usual, for customers and products, 0 for none: one query."""
        self.asked = {**getattr(self, "asked", {}), (measure, level): pairs}
        if not pairs:
            return
        pairs = sorted(pairs)
        partners, products = zip(*pairs, strict=True)
        samples = samples_of(measure, level, self.as_of)
        query = read_statement(samples, self.facts.company.id, partners, products)
        self.add([(measure, *pair) for pair in pairs], self.facts.env.execute_query(query))
