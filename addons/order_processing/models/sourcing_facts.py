"""What the warehouse of an order's lines is chosen on, read in a few queries for many orders."""

import math
from collections import defaultdict

from odoo import fields

from ..engine.promise import Need, Question
from ..engine.sourcing import Code, Demand, Source, Warehouse, choose, earliest
from .promise_facts import PromiseFacts
from .promise_ways import Ways

EVERYWHERE = 10**9  # of goods that are not counted


class SourcingFacts:
    """Warehouses, freight and stock for some orders of one company, all in superuser's hands.

    ``decide`` takes what an order gets off what the next one finds.
    """

    def __init__(self, orders, company):
        self.env, self.company = orders.env, company
        self.warehouses = company._order_warehouses()
        self.lines = orders.order_line.filtered(lambda line: line._is_sourceable())
        self.products = self.lines.product_id
        self.today = fields.Date.context_today(orders.with_context(tz=company.partner_id.tz))
        self.zones = self._zones_of(orders.partner_shipping_id)
        # The same dates as those that are promised afterwards.
        self.facts = PromiseFacts(
            self.env, self._goods_of(self.lines), self.warehouses, self.lines.hold_move_ids.ids
        )
        self.ways = Ways(orders, self.facts.now)
        self.promiser = self.facts.promiser(self._asked())
        self.minimum = self._read_minimum()
        self.fixing_routes = self._read_fixing_routes()
        self.rates = {}
        self.names = {warehouse.id: warehouse.name for warehouse in self.warehouses}
        # Lines that belong together stay together; asked for all at once.
        self.bound = self.lines.filtered(
            lambda line: line.linked_line_id or line.linked_line_ids or line.combo_item_id
        )

    # ---------------------------------------------------------------- reading
    def _goods_of(self, lines):
        """Return the products that lie on shelves for these lines: of kits, the parts."""
        ids = {product.id for line in lines for product, _quantity in line._goods_needed()}
        return self.products.browse(ids).filtered("is_storable")

    def _asked(self):
        """Return ``{pool: all that these orders could want from there}``."""
        asked = defaultdict(int)
        for line in self.lines:
            for product, quantity in line._goods_needed():
                if product.is_storable:
                    for warehouse in self.warehouses:
                        asked[product.id, warehouse.id] += self.facts.units(quantity)
        return asked

    def _read_minimum(self):
        """Return ``{(product id, warehouse id): what reordering keeps there at least}``."""
        groups = self.env["stock.warehouse.orderpoint"]._read_group(
            [("product_id", "in", self.products.ids), ("warehouse_id", "in", self.warehouses.ids)],
            ["product_id", "warehouse_id"],
            ["product_min_qty:sum"],
        )
        return {(product.id, warehouse.id): quantity for product, warehouse, quantity in groups}

    def _read_fixing_routes(self):
        """Return the products' routes that say themselves where goods for customers come from.

        Make to order, dropshipping, and what else brings goods to the customer by a rule of its own.
        """
        routes = self.products.route_ids | self.products.categ_id.total_route_ids
        if not routes:
            return routes
        to_order = self.warehouses.mto_pull_id.route_id
        rules = self.env["stock.rule"].search(
            [
                ("route_id", "in", routes.ids),
                ("action", "!=", "push"),
                ("location_dest_id.usage", "=", "customer"),
            ]
        )
        return routes & (to_order | rules.route_id)

    def is_fixed(self, product):
        return bool((product.route_ids | product.categ_id.total_route_ids) & self.fixing_routes)

    # ---------------------------------------------------------------- freight
    def _zones_of(self, partners):
        return self.env["order.freight.zone"].with_company(self.company)._of(partners)

    def rate(self, order, warehouse):
        zone, carrier = self.zones[order.partner_shipping_id.id], order.carrier_id
        key = (zone, warehouse, carrier)
        if key not in self.rates:
            self.rates[key] = self.env["order.freight.rate"]._for(zone, warehouse, carrier)
        return self.rates[key]

    def houses(self, order, used):
        """Return the warehouses with what sending from them to the order's address costs.

        A warehouse without a rate counts as dear as the dearest: not knowing the freight is no bargain.
        """
        costs = {warehouse: self._costs(self.rate(order, warehouse)) for warehouse in self.warehouses}
        known = [each for each in costs.values() if each]
        dearest = tuple(max(column) for column in zip(*known, strict=True)) if known else (0.0, 0.0, 0.0)
        return [
            Warehouse(warehouse.id, number, *(costs[warehouse] or dearest), is_used=warehouse in used)
            for number, warehouse in enumerate(self.warehouses)
        ]

    @staticmethod
    def _costs(rate):
        return (rate.fixed_cost, rate.cost_per_line, rate.cost_per_kg) if rate else None

    # ---------------------------------------------------------------- deciding
    def decide(self, order):
        """Return a list of line, its pieces as warehouse and quantity, code and figures."""
        lines = order.order_line & self.lines
        by_hand = lines.filtered("source_by_hand")
        fixed = (lines - by_hand).filtered(lambda line: self.is_fixed(line.product_id))
        bundles = (lines - by_hand - fixed).grouped(lambda line: line.product_id)
        for line in by_hand:
            self._take(order, dict(line._goods_needed()), line.source_warehouse_id)
        decided = [(line, [], "fixed", {}) for line in fixed]
        if not bundles:
            return decided
        used = (order.order_line - lines + by_hand + fixed).filtered(self._goes_anyway).warehouse_id
        wanted = [self._bundle(order, product, some) for product, some in bundles.items()]
        choice = choose(
            [bundle.demand for bundle in wanted],
            self.houses(order, used),
            split_penalty=self.company.sourcing_split_penalty,
            balance=self.company.sourcing_balance,
            home=order.warehouse_id.id,
        )
        for bundle in wanted:
            decided += self._outcome(order, bundle, choice)
        return decided

    @staticmethod
    def _goes_anyway(line):
        return line.product_id.type == "consu" and line.product_uom_qty > line.qty_delivered

    def _take(self, order, goods, warehouse, share=1.0):
        """Take a share of these goods off what the next line finds there."""
        if warehouse not in self.warehouses:
            return  # archived since a person chose it: nobody else is sent there
        needs = self._needs(goods, warehouse, share)
        if needs:
            self.promiser.promise(Question(None, needs, self.ways.way(order, warehouse)))

    def _needs(self, goods, warehouse, share=1.0):
        return [
            Need((product.id, warehouse.id), units)
            for product, quantity in goods.items()
            if product.is_storable and (units := self.facts.units(quantity * share)) > 0
        ]

    # ---------------------------------------------------------------- what a demand is
    def _bundle(self, order, product, lines):
        quantity = sum(line._product_qty() for line in lines)
        # Whole pieces where whole pieces are ordered: nobody wants half of one from elsewhere.
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        scale = 1 if abs(quantity - round(quantity)) < 1e-6 else 10**digits
        need = max(round(quantity * scale), 1)
        goods = defaultdict(float)
        for line in lines:
            for part, wanted in line._goods_needed():
                goods[part] += wanted
        demand = Demand(
            product.id,
            need,
            tuple(self._source(order, product, goods, house, need, scale) for house in self.warehouses),
            weight=product.weight * quantity,
            may_split=order.picking_policy != "one" and all(map(self._may_split, lines)),
        )
        latest = self._latest(order, demand)
        return Bundle(product, lines, scale, goods, demand._replace(latest=latest))

    def _source(self, order, product, goods, warehouse, need, scale):
        way = self.ways.way(order, warehouse)
        arrival = way.deliver(self.facts.now).arrives.toordinal()
        needs = self._needs(goods, warehouse)
        if not needs:
            return Source(warehouse.id, EVERYWHERE, arrival, arrival)
        whole = self.promiser.ask(Question(None, needs, way)).arrives
        # Of a kit there is all or nothing: it is not put together from several warehouses.
        free = 0.0
        if list(goods) == [product]:
            free = max(self.promiser.free(needs[0].pool, self.facts.now), 0) / self.facts.scale
        wanted = need / scale + self.minimum.get((product.id, warehouse.id), 0.0)
        return Source(
            warehouse.id,
            math.floor(free * scale + 1e-6),
            arrival,
            whole and whole.toordinal(),
            scarcity=wanted / (wanted + free),
        )

    def _latest(self, order, demand):
        """Return the last day on which it may arrive: as asked for, else a little after the earliest."""
        asked = order.requested_date or order.commitment_date
        if asked:
            return fields.Date.context_today(
                order.with_context(tz=self.company.partner_id.tz), asked
            ).toordinal()
        first = earliest(demand)
        return None if first is None else first + self.company.sourcing_patience

    def _may_split(self, line):
        """Kits, combos and other units stay in one piece; so does what is confirmed already."""
        return (
            line.state in ("draft", "sent")
            and line.product_uom_id == line.product_id.uom_id
            and line not in self.bound
            and not ("is_kits" in line.product_id._fields and line.product_id.is_kits)
        )

    # ---------------------------------------------------------------- what came out
    def _outcome(self, order, bundle, choice):
        """Return the bundle's share of the choice, line by line, and take it off what is free."""
        key = bundle.demand.key
        pieces = [
            [self.warehouses.browse(piece.warehouse), piece.quantity / bundle.scale]
            for piece in choice.plan.pieces
            if piece.demand == key
        ]
        for warehouse, quantity in pieces:
            self._take(order, bundle.goods, warehouse, quantity * bundle.scale / bundle.demand.need)
        code, figures = choice.codes[key], self._figures(bundle, choice, pieces)
        if len(pieces) == 1:
            return [
                (line, [(pieces[0][0], line._product_qty())], code.value, figures) for line in bundle.lines
            ]
        return [(line, part, code.value, figures) for line, part in _dealt_out(bundle.lines, pieces)]

    def _figures(self, bundle, choice, pieces):
        key, code = bundle.demand.key, choice.codes[bundle.demand.key]
        plan = choice.plan
        figures = {
            "cost": round(plan.cost, 2),
            "freight": round(plan.freight, 2),
            "split": round(plan.split, 2),
            "balance": round(plan.balance, 2),
            "warehouses": self._names(plan),
        }
        if choice.runner_up:
            figures |= {
                "other": " + ".join(self._names(choice.runner_up)),
                "other_cost": round(choice.runner_up.cost, 2),
            }
        if choice.cheaper:
            figures |= {
                "cheaper": " + ".join(self._names(choice.cheaper)),
                "cheaper_cost": round(choice.cheaper.cost, 2),
            }
        if code is Code.LATE:
            figures["days"] = choice.days_late[key]
        if code is Code.NOWHERE:
            figures["missing"] = choice.missing[key] / bundle.scale
        if code is Code.SPLIT:
            figures["pieces"] = [[self.names[warehouse.id], quantity] for warehouse, quantity in pieces]
        return figures

    def _names(self, plan):
        return [self.names[id_] for id_ in plan.warehouses]


class Bundle:
    """The lines of an order that want the same product, as one demand."""

    def __init__(self, product, lines, scale, goods, demand):
        self.product, self.lines, self.scale = product, lines, scale
        self.goods, self.demand = goods, demand


def _dealt_out(lines, pieces):
    """Yield for each line the pieces it gets, in turn: as few cuts as their order allows."""
    rest = [list(piece) for piece in pieces]
    for line in lines:
        need, parts = line.product_uom_qty, defaultdict(float)
        while need > 1e-9 and rest:
            warehouse, quantity = rest[0]
            give = min(need, quantity)
            parts[warehouse] += give
            need -= give
            rest[0][1] -= give
            if rest[0][1] <= 1e-9:
                rest.pop(0)
        yield line, list(parts.items())
