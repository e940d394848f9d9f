"""What is waited for, what is free and what comes in: as promises read it, line by line."""

from collections import defaultdict
from dataclasses import replace
from typing import NamedTuple

from ..engine.shortage import Coming, Need, shortages
from .promise_facts import PromiseFacts


class Document(NamedTuple):
    """What brings goods: a receipt, a request for quotation, a production order, a transfer."""

    kind: str
    model: str
    id: int
    name: str


class Wanted(NamedTuple):
    """For which line of which order something is waited for."""

    line_id: int
    product_id: int
    warehouse_id: int


class ShortageFacts:
    """Who is short of some products in some warehouses, and what will help."""

    def __init__(self, env, products, warehouses):
        self.facts = PromiseFacts(env, products, warehouses)
        self.env, self.scale = self.facts.env, self.facts.scale

    def found(self):
        """Return ``{Wanted: Short}``."""
        needs = self._needs()
        asked = self.env["order.shortage"]._asked_for(self.facts.product_ids, self.facts.warehouse_ids)
        products = self.env["product.product"].browse(self.facts.product_ids)
        rounding = {product.id: product.uom_id.rounding for product in products}
        found = {}
        for pool, wanted in needs.items():
            coming = self._coming(pool) + [Coming(*entry, firm=False) for entry in asked.get(pool, ())]
            free = self.facts.stocks[pool].on_hand / self.scale
            for short in shortages(wanted, free, coming, rounding[pool[0]]):
                if isinstance(short.key, Wanted):
                    found[short.key] = short
        return self._with_documents(found)

    def _needs(self):
        """Return ``{pool: [Need]}`` of what is not set aside; the moves of a line are one need."""
        parts = defaultdict(list)
        for wait in self.facts.waits:
            if wait.need > 0 and not wait.chained:
                key = Wanted(wait.line_id, *wait.pool) if wait.line_id else wait.move_id
                parts[wait.pool, key].append(wait)
        needs = defaultdict(list)
        for (pool, key), waits in parts.items():
            quantity = sum(wait.need for wait in waits) / self.scale
            needs[pool].append(Need(key, min(wait.rank for wait in waits), quantity))
        return needs

    def _coming(self, pool):
        """Return what comes in, known by the move that brings it."""
        return [
            Coming(supply.source[1], supply.at, supply.quantity / self.scale)
            for supply in self.facts.stocks[pool].supplies
        ]

    def _with_documents(self, found):
        """Name the documents, only of those receipts that help somebody."""
        helping = {
            coming.key
            for short in found.values()
            for coming, _quantity in short.helped_by
            if not isinstance(coming.key, Document)
        }
        documents = self.env["stock.move"].browse(helping)._bringing_documents()
        return {
            wanted: replace(
                short,
                helped_by=tuple(
                    (replace(coming, key=documents.get(coming.key, coming.key)), quantity)
                    for coming, quantity in short.helped_by
                ),
            )
            for wanted, short in found.items()
        }
