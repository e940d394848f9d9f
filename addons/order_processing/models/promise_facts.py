"""What promises rest on, read from the database in a few queries: stock, receipts, what waits."""

from collections import defaultdict
from datetime import timedelta
from typing import NamedTuple

from odoo import fields
from odoo.tools import SQL

from ..engine.promise import Demand, Lead, Promiser, Stock, Supply, comes, forecast
from .allocation_facts import RANK_SOURCE, flush_facts

OPEN_STATES = ("waiting", "confirmed", "partially_available", "assigned")
# Ranks before it are those of urgent orders and of what somebody has let jump the queue.
NOT_URGENT = "1"
# From a year on a vendor is not known: that is what Odoo adds where it finds none.
NOT_ORDERABLE = ("no_vendor_found_delay", "no_bom_found_delay")


class Wait(NamedTuple):
    """An open move that takes goods out of a warehouse: ``need`` of it is not reserved yet."""

    move_id: int
    pool: tuple[int, int]
    line_id: int | None
    order_id: int | None
    need: int
    rank: str
    due: object
    chained: bool
    to_order: bool


class PromiseFacts:
    """Stock, supply and demand of some products in some warehouses.

    ``besides``: moves whose own demand and reservation do not count, for it is they that are asked about.
    """

    def __init__(self, env, products, warehouses, besides=()):
        # su: ids and quantities only; what can be promised must not depend on what the user may see
        self.env = env(su=True)
        self.now = fields.Datetime.now()
        self.scale = 10 ** env["decimal.precision"].precision_get("Product Unit")
        self.product_ids, self.warehouse_ids = list(set(products.ids)), list(set(warehouses.ids))
        self.besides = list(besides)
        flush_facts(self.env)
        self.env["sale.order.line"].flush_model(["ready_date", "promise_code"])
        self.env["stock.location"].flush_model(["warehouse_id", "usage"])
        self.leads, self.rules = {}, {}
        self._read()

    def _read(self):
        pools = {(product, place) for product in self.product_ids for place in self.warehouse_ids}
        self.stocks = {pool: Stock(0, [], []) for pool in pools}
        if not pools:
            self.waits = []
            return
        for product_id, warehouse_id, free in self.env.execute_query(self._on_hand()):
            self.stocks[product_id, warehouse_id].on_hand = round(free * self.scale)
        self._read_supplies()
        self.waits = [
            Wait(move_id, (product_id, warehouse_id), *rest[:2], round(rest[2] * self.scale), *rest[3:])
            for move_id, product_id, warehouse_id, *rest in self.env.execute_query(self._waits())
        ]
        for wait in self.waits:
            if wait.need > 0 and not wait.chained:
                due = max(wait.due, self.now)
                urgent = wait.rank < NOT_URGENT
                demand = Demand(wait.move_id, wait.need, wait.rank, due, urgent, wait.to_order)
                self.stocks[wait.pool].demands.append(demand)

    def _read_supplies(self):
        for product_id, warehouse_id, quantity, at, *source in self.env.execute_query(self._supplies()):
            units = round(quantity * self.scale)
            supply = Supply(comes(at, self.now), units, tuple(source), at < self.now)
            self.stocks[product_id, warehouse_id].supplies.append(supply)

    # ---------------------------------------------------------------- asking
    def promiser(self, asked):
        """Return the engine that promises, knowing how long it takes to get more where it matters.

        ``asked``: ``{pool: quantity}`` in whole units.
        """
        for pool, quantity in asked.items():
            stock = self.stocks.setdefault(pool, Stock(0, [], []))
            if stock.on_hand - sum(demand.quantity for demand in stock.demands) < quantity:
                stock.lead = self.lead(pool)
        return Promiser(self.stocks, self.now)

    def forecast(self):
        """Return ``{move id: Expected}`` of all that waits, as things stand."""
        result = {}
        for pool, stock in self.stocks.items():
            if stock.demands:
                if stock.on_hand < sum(demand.quantity for demand in stock.demands):
                    stock.lead = self.lead(pool)
                result.update(forecast(stock, self.now))
        return result

    def lead(self, pool):
        """Return how long it takes to buy or make more of a product; None where that cannot be."""
        if pool not in self.leads:
            product_id, warehouse_id = pool
            warehouse = self.env["stock.warehouse"].browse(warehouse_id)
            products = self.env["product.product"].with_company(warehouse.company_id)
            product = products.browse(product_id).with_prefetch(self.product_ids)
            # Finding the rules takes queries; products that are supplied alike have the same.
            alike = warehouse_id, *product._supplied_alike()
            if alike not in self.rules:
                self.rules[alike] = product._get_rules_from_location(warehouse.lot_stock_id)
            planning = warehouse.company_id._promise_planning()
            self.leads[pool] = lead_of(self.rules[alike], product, planning)
        return self.leads[pool]

    def units(self, quantity):
        """Return a quantity in the product's unit as the engine counts it."""
        return round(quantity * self.scale)

    # ---------------------------------------------------------------- reading
    def _on_hand(self):
        return SQL(
            """
            SELECT q.product_id, l.warehouse_id,
                   sum(COALESCE(q.quantity, 0) - COALESCE(q.reserved_quantity, 0)) + COALESCE((
                       SELECT sum(ml.quantity_product_uom) FROM stock_move_line ml
                         JOIN stock_location own ON own.id = ml.location_id
                        WHERE ml.move_id = ANY(%(besides)s) AND ml.product_id = q.product_id
                          AND own.warehouse_id = l.warehouse_id AND ml.state != 'done'), 0)
              FROM stock_quant q JOIN stock_location l ON l.id = q.location_id
              JOIN stock_warehouse w ON w.id = l.warehouse_id
              JOIN stock_location shelf ON shelf.id = w.lot_stock_id
             WHERE q.product_id = ANY(%(products)s) AND l.warehouse_id = ANY(%(warehouses)s)
               AND l.usage = 'internal' AND l.parent_path LIKE shelf.parent_path || '%%'
             GROUP BY q.product_id, l.warehouse_id
            """,
            besides=self.besides,
            **self._where(),
        )

    def _supplies(self):
        """What comes into a warehouse from outside, except what customers send back.

        What has come in and has still to be checked or put away comes with the move that brings it to stock.
        """
        return SQL(
            """
            SELECT m.product_id, target.warehouse_id, m.product_qty, m.date, 'stock.move', m.id,
                   COALESCE(k.origin, m.origin, k.name, m.reference)
              FROM stock_move m
              JOIN stock_location source ON source.id = m.location_id
              JOIN stock_location target ON target.id = m.location_dest_id
              JOIN stock_location final ON final.id = COALESCE(m.location_final_id, m.location_dest_id)
              JOIN stock_warehouse w ON w.id = target.warehouse_id
              JOIN stock_location shelf ON shelf.id = w.lot_stock_id
              LEFT JOIN stock_picking k ON k.id = m.picking_id
             WHERE m.product_id = ANY(%(products)s) AND m.state = ANY(%(open)s)
               AND target.usage = 'internal' AND target.warehouse_id = ANY(%(warehouses)s)
               AND source.usage != 'customer' AND m.product_qty > 0
               AND (source.usage != 'internal' OR source.warehouse_id IS DISTINCT FROM target.warehouse_id
                    OR (source.parent_path NOT LIKE shelf.parent_path || '%%'
                        AND final.parent_path LIKE shelf.parent_path || '%%' AND NOT EXISTS (%(coming)s)))
               AND NOT EXISTS (%(bound)s)
             ORDER BY m.date, m.id
            """,
            open=list(OPEN_STATES),
            coming=SQL(
                # The move before it is open, and counted already.
                """SELECT FROM stock_move_move_rel c JOIN stock_move before ON before.id = c.move_orig_id
                    WHERE c.move_dest_id = m.id AND before.state NOT IN ('done', 'cancel')"""
            ),
            bound=SQL(
                # Bought or made for one order alone.
                """SELECT FROM stock_move_move_rel c JOIN stock_move next ON next.id = c.move_dest_id
                    WHERE c.move_orig_id = m.id AND next.state NOT IN ('done', 'cancel')
                      AND next.procure_method = 'make_to_order' AND next.sale_line_id IS NOT NULL"""
            ),
            **self._where(),
        )

    def _waits(self):
        """What takes goods out of a warehouse, or out of what is free in it, first in its chain."""
        return SQL(
            """
            SELECT m.id, m.product_id, source.warehouse_id, m.sale_line_id, sl.order_id,
                   m.product_qty * (1 - COALESCE(m.quantity, 0) / NULLIF(m.product_uom_qty, 0)),
                   r.rank || lpad(m.id::text, 10, '0'), COALESCE(sl.ready_date, m.date),
                   m.procure_method = 'make_to_order'
                   OR EXISTS (SELECT FROM stock_move_move_rel c WHERE c.move_dest_id = m.id),
                   COALESCE(sl.promise_code = 'lead_time', FALSE)
              FROM stock_move m
              JOIN stock_location source ON source.id = m.location_id
              JOIN stock_location target ON target.id = COALESCE(m.location_final_id, m.location_dest_id)
              %(rank)s
             WHERE m.product_id = ANY(%(products)s) AND m.state = ANY(%(open)s)
               AND source.usage = 'internal' AND source.warehouse_id = ANY(%(warehouses)s)
               AND (target.usage != 'internal' OR target.warehouse_id IS DISTINCT FROM source.warehouse_id
                    OR EXISTS (%(feeds)s))
               AND m.id != ALL(%(besides)s) AND m.product_uom_qty > 0
            """,
            open=list(OPEN_STATES),
            rank=RANK_SOURCE,
            feeds=SQL(
                # Picked for production, or packed: what follows it leaves the warehouse.
                """SELECT FROM stock_move_move_rel c JOIN stock_move next ON next.id = c.move_dest_id
                     JOIN stock_location out
                       ON out.id = COALESCE(next.location_final_id, next.location_dest_id)
                    WHERE c.move_orig_id = m.id AND next.state NOT IN ('done', 'cancel')
                      AND out.usage != 'internal'"""
            ),
            besides=self.besides,
            **self._where(),
        )

    def _where(self):
        return {"products": self.product_ids, "warehouses": self.warehouse_ids}


def line_waits(waits):
    """Return ``{line id: [Wait]}`` of those that belong to lines of orders."""
    result = defaultdict(list)
    for wait in waits:
        if wait.line_id:
            result[wait.line_id].append(wait)
    return result


def lead_of(rules, product, planning_days):
    """Return the Lead that these rules give, or None: with nothing to buy or make there is none."""
    if not any(rule.action in ("buy", "manufacture") for rule in rules):
        return None
    # No time horizon: that is for how far ahead Odoo replenishes, not for how long it takes.
    delays, _words = rules.with_context(
        bypass_delay_description=True, bypass_global_horizon_days=True
    )._get_lead_days(product)
    if any(delays.get(name) for name in NOT_ORDERABLE):
        return None
    days = timedelta(days=delays["total_delay"])
    return Lead(days + timedelta(days=planning_days), days)
