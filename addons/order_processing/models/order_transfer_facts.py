"""What transfers between warehouses are decided on, read in a few queries for a whole company."""

from collections import defaultdict

from odoo import fields
from odoo.tools import SQL

from ..engine.transfers import Buying, Lane, Shortage, Spare

# Moves that take from a warehouse and do not stay in it, as far as nothing is set aside for them yet.
LEAVING = """
    SELECT m.id, m.product_id, source.warehouse_id, m.date, line.order_id,
           m.product_qty * (1 - COALESCE(m.quantity, 0) / m.product_uom_qty) AS missing
      FROM stock_move m
      JOIN stock_location source ON source.id = m.location_id
      JOIN stock_location target ON target.id = m.location_dest_id
      JOIN product_product product ON product.id = m.product_id
      JOIN product_template template ON template.id = product.product_tmpl_id
      LEFT JOIN sale_order_line line ON line.id = m.sale_line_id
     WHERE m.company_id = %(company)s
       AND m.state IN ('confirmed', 'partially_available')
       AND m.procure_method = 'make_to_stock'
       AND m.product_uom_qty > 0
       AND template.is_storable
       AND source.usage = 'internal'
       AND source.warehouse_id IS NOT NULL
       AND NOT EXISTS (SELECT FROM stock_move_move_rel chain WHERE chain.move_dest_id = m.id)
       AND (target.warehouse_id IS DISTINCT FROM source.warehouse_id OR line.id IS NOT NULL)
     ORDER BY m.date, m.id
"""
# Like what dates are promised on: not what customers send back, nor what is bought or made for one order.
COMING = """
    SELECT m.product_id, target.warehouse_id, m.date::date,
           COALESCE(source.warehouse_id IS NOT NULL OR source.usage = 'transit', FALSE) AS between,
           sum(m.product_qty) AS quantity
      FROM stock_move m
      JOIN stock_location source ON source.id = m.location_id
      JOIN stock_location target ON target.id = m.location_dest_id
     WHERE m.company_id = %(company)s
       AND m.state IN ('waiting', 'confirmed', 'partially_available', 'assigned')
       AND m.product_id = ANY(%(products)s)
       AND target.usage = 'internal'
       AND target.warehouse_id IS NOT NULL
       AND source.warehouse_id IS DISTINCT FROM target.warehouse_id
       AND source.usage != 'customer'
       AND NOT EXISTS (
               SELECT FROM stock_move_move_rel chain
                 JOIN stock_move next ON next.id = chain.move_dest_id
                WHERE chain.move_orig_id = m.id AND next.state NOT IN ('done', 'cancel')
                  AND next.procure_method = 'make_to_order' AND next.sale_line_id IS NOT NULL)
     GROUP BY 1, 2, 3, 4
"""
FREE = """
    SELECT q.product_id, place.warehouse_id, sum(q.quantity - q.reserved_quantity)
      FROM stock_quant q
      JOIN stock_location place ON place.id = q.location_id
     WHERE place.usage = 'internal'
       AND place.warehouse_id = ANY(%(warehouses)s)
       AND q.product_id = ANY(%(products)s)
     GROUP BY 1, 2
"""
FLUSH = {
    "stock.move": """company_id state procure_method product_id product_qty product_uom_qty quantity date
        location_id location_dest_id sale_line_id move_orig_ids""",
    "stock.quant": "product_id location_id quantity reserved_quantity",
    "product.template": "is_storable",
    "sale.order.line": "order_id",
}


class TransferFacts:
    """What is missing, what can be spared and what moving and buying take, in one company."""

    def __init__(self, env, company):
        self.env, self.company = env, company
        self.today = fields.Date.today()
        self.scale = 10 ** env["decimal.precision"].precision_get("Product Unit")
        self.warehouses = company._order_warehouses()
        self.shortages, self.spares, self.lanes, self.buying, self.weights = [], [], {}, {}, {}
        self.orders, self.wanted_on = defaultdict(list), {}
        if len(self.warehouses) > 1:
            self._read()

    def _read(self):
        for model, names in FLUSH.items():
            self.env[model].flush_model(names.split())
        rows = self.env.execute_query(SQL(LEAVING, company=self.company.id))
        leaving, for_customers = self._add_up(rows)
        if not for_customers:
            return
        ids = list({product_id for product_id, _warehouse_id in for_customers})
        self.products = self.env["product.product"].browse(ids)
        free = self._read_free(ids)
        soon, later = self._read_coming(ids)
        minimum = self._read_minimum()
        for key, wanted in for_customers.items():
            missing = min(wanted, leaving[key] - max(free.get(key, 0.0), 0.0) - soon.get(key, 0.0))
            if (quantity := round(missing * self.scale)) > 0:
                within = (self.wanted_on[key] - self.today).days
                self.shortages.append(Shortage(*key, quantity, within))
        short = {(one.product, one.warehouse) for one in self.shortages}
        for key in free.keys() - short:
            spare = free[key] - leaving.get(key, 0.0) - minimum.get(key, 0.0)
            if (quantity := int(spare * self.scale + 1e-6)) > 0:
                self.spares.append(Spare(*key, quantity))
        if self.shortages and self.spares:
            self._read_ways(later)

    def _add_up(self, rows):
        """Return what leaves in all, and for customers, by product and warehouse."""
        leaving, for_customers = defaultdict(float), defaultdict(float)
        for _move_id, product_id, warehouse_id, date, order_id, missing in rows:
            key, missing = (product_id, warehouse_id), float(missing)
            leaving[key] += missing
            if order_id and missing > 0:
                for_customers[key] += missing
                self.wanted_on.setdefault(key, date.date())
                if order_id not in self.orders[key]:
                    self.orders[key].append(order_id)
        return leaving, for_customers

    def _read_free(self, ids):
        query = SQL(FREE, warehouses=self.warehouses.ids, products=ids)
        return {(product, house): float(free) for product, house, free in self.env.execute_query(query)}

    def _read_coming(self, ids):
        """Return what comes before a transfer could, or by one; and the day of the first that comes later."""
        soon, later = defaultdict(float), {}
        for product, house, day, between, quantity in self.env.execute_query(
            SQL(COMING, company=self.company.id, products=ids)
        ):
            key = (product, house)
            if between or (day - self.today).days <= self.company.transfer_days:
                soon[key] += float(quantity)
            else:
                later[key] = min(day, later.get(key, day))
        return soon, later

    def _read_minimum(self):
        groups = self.env["stock.warehouse.orderpoint"]._read_group(
            [("product_id", "in", self.products.ids), ("warehouse_id", "in", self.warehouses.ids)],
            ["product_id", "warehouse_id"],
            ["product_min_qty:sum"],
        )
        return {(product.id, warehouse.id): quantity for product, warehouse, quantity in groups}

    def _read_ways(self, later):
        """Read what moving takes, and buying."""
        Zone = self.env["order.freight.zone"].with_company(self.company)
        zones = Zone._of(self.warehouses.partner_id)
        no_carrier = self.env["delivery.carrier"]
        for target in self.warehouses:
            zone = zones.get(target.partner_id.id, Zone)
            for source in self.warehouses - target:
                rate = self.env["order.freight.rate"]._for(zone, source, no_carrier)
                self.lanes[source.id, target.id] = (
                    Lane(rate.transit_days, rate.fixed_cost, rate.cost_per_kg)
                    if rate
                    else Lane(self.company.transfer_days)
                )
        self.weights = {product.id: product.weight / self.scale for product in self.products}
        available = self.products._order_availability(self.warehouses, with_lead=True)
        for key in self.orders:
            self.buying[key] = self._buying(key, available.get(key), later.get(key))

    def _buying(self, key, available, receipt):
        seller = self.products.browse(key[0]).seller_ids.filtered(
            lambda one: not one.company_id or one.company_id == self.company
        )[:1]
        days = available.lead_days if available else None
        if days is None and seller:
            days = seller.delay
        if receipt:
            on_its_way = (receipt - self.today).days
            days = on_its_way if days is None else min(days, on_its_way)
        price = None
        if seller.price:
            price = seller.currency_id._convert(
                seller.price, self.company.currency_id, self.company, self.today
            )
            price = seller.product_uom_id._compute_price(price, self.products.browse(key[0]).uom_id)
        return Buying(days, None if price is None else price / self.scale)

    # ---------------------------------------------------------------- what comes out
    def proposal_vals(self, transfer):
        key = (transfer.product, transfer.target)
        figures = {
            name: value if name.endswith("days") else round(value, 2)
            for name in ("days", "other_days", "cost", "price")
            if (value := getattr(transfer, name)) is not None
        }
        return {
            "company_id": self.company.id,
            "product_id": transfer.product,
            "source_id": transfer.source,
            "target_id": transfer.target,
            "quantity": transfer.quantity / self.scale,
            "wanted_on": self.wanted_on[key],
            "order_ids": [fields.Command.set(self.orders[key])],
            "code": transfer.code.value,
            "figures": figures,
            "looked_at": fields.Datetime.now(),
        }
