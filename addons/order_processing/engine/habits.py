"""What is known to be usual, of a batch of orders: looked up by customer and product."""

from __future__ import annotations

from collections.abc import Iterable

from .review import LEVELS, Habit


class Habits:
    """What is usual for the customers and products of a batch, with what to fall back on."""

    def __init__(self, keys: list[tuple[str, int, int]], rows: Iterable[tuple]) -> None:
        """Keep what is known of the keys; each row begins with the place of its key, from 1."""
        self.known: dict[tuple[str, int, int], Habit] = {}
        self.last_prices: dict[tuple[int, int], float] = {}
        self.add(keys, rows)

    def add(self, keys: list[tuple[str, int, int]], rows: Iterable[tuple]) -> None:
        """Keep what is known of more keys."""
        customer_product, customer, product, company = LEVELS
        for place, count, median, spread, low, high, last in rows:
            key = keys[place - 1]
            _measure, partner_id, product_id = key
            if partner_id:
                level = customer_product if product_id else customer
            else:
                level = product if product_id else company
            self.known[key] = Habit(count, median, spread, low, high, level)
            if last is not None:
                self.last_prices[partner_id, product_id] = last

    def quantity(self, partner_id: int, product_id: int) -> tuple[Habit | None, ...]:
        """Return what is known of how much is ordered, the most particular first."""
        known = self.known.get
        return (
            known(("quantity", partner_id, product_id)),
            known(("quantity", partner_id, 0)),
            known(("quantity", 0, product_id)),
            known(("quantity", 0, 0)),
        )

    def amount(self, partner_id: int) -> tuple[Habit | None, ...]:
        """Return what is known of the amounts of the customer's orders, and of all."""
        return self.known.get(("amount", partner_id, 0)), self.known.get(("amount", 0, 0))

    def velocity(self, partner_id: int) -> Habit | None:
        """Return what is known of how many orders the customer places on a day with orders."""
        return self.known.get(("velocity", partner_id, 0))

    def last_price(self, partner_id: int, product_id: int) -> float | None:
        """Return what the customer last paid for one unit of the product, in the company's currency."""
        return self.last_prices.get((partner_id, product_id))
