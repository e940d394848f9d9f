"""A price list out of what was really charged: a base price and quantity breaks for each SKU."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from .order_file import PRICED_GOODS, FileOrder, Row
from .review import is_off_price

# A break has to explain so many lines more than the list without it.
BREAK_GAIN = 1
CENT = 0.01


class PriceStep(NamedTuple):
    """From ``min_quantity`` pieces on, one piece costs ``price``."""

    min_quantity: float
    price: float


def derive_steps(observed: Iterable[tuple[float, float]], break_gain: int = BREAK_GAIN) -> list[PriceStep]:
    """Return the falling price steps that explain most of the observed ``(quantity, price)`` pairs.

    The best list is found exactly, quantity by quantity upwards: the best explanation that ends at
    a price either stays at it or steps down to it from a higher one. A step is made only when it
    explains at least ``break_gain`` lines more; of two equal explanations the one with fewer steps
    and the lower price wins. The first step counts from the first piece.
    """
    by_quantity: dict[float, Counter[float]] = defaultdict(Counter)
    for quantity, price in observed:
        by_quantity[quantity][price] += 1
    prices = sorted({price for seen in by_quantity.values() for price in seen}, reverse=True)
    explained, came_from = [0.0] * len(prices), []
    for position, quantity in enumerate(sorted(by_quantity)):
        origins = _origins(explained, break_gain, is_first=not position)
        came_from.append((quantity, [origin for origin, _lines in origins]))
        seen = by_quantity[quantity]
        explained = [lines + seen[price] for (_origin, lines), price in zip(origins, prices, strict=True)]
    return _steps(prices, explained, came_from)


def _origins(explained: list[float], break_gain: int, is_first: bool) -> list[tuple[int, float]]:
    """Return, for each price (highest first), where its best explanation comes from and what it is worth."""
    origins: list[tuple[int, float]] = []
    best = 0
    for index, lines in enumerate(explained):
        # A gain of exactly break_gain is enough: half a line less decides ties for the step.
        stepped = explained[best] - (break_gain - 0.5)
        origins.append((best, stepped) if stepped > lines and not is_first else (index, lines))
        if lines > explained[best]:
            best = index
    return origins


def _steps(
    prices: list[float], explained: list[float], came_from: list[tuple[float, list[int]]]
) -> list[PriceStep]:
    """Follow the best explanation back from its end; return its steps from the first piece up."""
    index = max(range(len(prices)), key=lambda i: (explained[i], i), default=0)
    steps: list[PriceStep] = []
    for quantity, origins in reversed(came_from):
        if steps and steps[-1].price == prices[index]:
            steps.pop()
        steps.append(PriceStep(quantity, prices[index]))
        index = origins[index]
    if steps:
        steps[-1] = PriceStep(0, steps[-1].price)
    return steps[::-1]


def price_at(steps: list[PriceStep], quantity: float) -> float:
    """Return the price of one piece when so many are ordered."""
    return next(step.price for step in reversed(steps) if quantity >= step.min_quantity)


class PriceLists(NamedTuple):
    """The steps of each SKU, for customers known by name and for walk-ins, who pay another price."""

    named: dict[str, list[PriceStep]]
    walk_in: dict[str, list[PriceStep]]

    @classmethod
    def derive(cls, orders: Iterable[FileOrder]) -> PriceLists:
        """Derive both lists from what the orders' goods were charged at."""
        observed = (defaultdict(list), defaultdict(list))
        for order in orders:
            for line in order.lines:
                if line.bucket in PRICED_GOODS:
                    observed[order.is_walk_in][line.sku].append((line.quantity, line.price))
        return cls(*({sku: derive_steps(pairs) for sku, pairs in seen.items()} for seen in observed))

    def base_price(self, sku: str) -> float:
        """Return what one piece costs: named customers' price before walk-ins'; 0 when it was never sold."""
        steps = self.named.get(sku) or self.walk_in.get(sku)
        return steps[0].price if steps else 0.0

    def off_list(self, order: FileOrder, tolerance_percent: float) -> int:
        """Return how many of the order's goods lines are further from the list than tolerated."""
        steps = self.walk_in if order.is_walk_in else self.named
        return sum(
            self._is_off(line, steps[line.sku], tolerance_percent)
            for line in order.lines
            if line.bucket in PRICED_GOODS
        )

    @staticmethod
    def _is_off(line: Row, steps: list[PriceStep], tolerance_percent: float) -> bool:
        expected = price_at(steps, line.quantity)
        return is_off_price(line.price, expected, line.quantity, tolerance_percent, CENT)
