"""Creates what the orders of a file refer to and the database lacks; what is there is left as it is."""

from collections import Counter

from odoo.tools import SQL, split_every

from ..engine.made_up import country_code, has_postal_codes, made_up_address
from ..engine.order_file import Bucket

CHUNK = 500
# Goods the file only gives away: at a list price of 0 nobody would notice that it does.
UNKNOWN_PRICE = 1.0
SERVICES = (Bucket.FREIGHT, Bucket.MANUAL, Bucket.VOUCHER)
PRICELISTS = {False: "Order file: customers", True: "Order file: walk-in customers"}


def walk_in_ref(country):
    """Return the number of the customer who stands for all unknown ones of a country."""
    return f"WALK-IN {country.upper()}"


def customer_ref(order):
    return order.customer or walk_in_ref(order.country)


def product_codes(env, skus):
    """Return how the database spells the SKUs, by their capitals."""
    env["product.product"].flush_model(["default_code"])
    rows = env.execute_query(
        SQL(
            "SELECT upper(default_code), min(default_code) FROM product_product"
            " WHERE active AND upper(default_code) IN %s GROUP BY 1",
            tuple(skus) or ("",),
        )
    )
    return dict(rows)


class OrderFileSetup:
    """Products with stock and prices, and customers, in chunks that are each a transaction.

    A product comes with its stock and its prices or not at all, so that an interrupted run can
    be started again.
    """

    def __init__(self, transaction, orders, prices, stock_plan, progress):
        self.transaction, self.orders, self.prices = transaction, orders, prices
        self.stock_plan, self.progress = stock_plan, progress
        self.lines = [line for order in orders for line in order.lines]
        self.created = Counter()

    def run(self):
        """Create what is missing; return how many records of each kind."""
        self.transaction(self._pricelists)
        self._in_chunks("products", self.transaction(self._missing_skus), self._create_products)
        self._in_chunks("customers", self.transaction(self._missing_customers), self._create_customers)
        return self.created

    def _in_chunks(self, what, keys, create):
        for number, chunk in enumerate(split_every(CHUNK, keys)):
            self.progress(what, number * CHUNK, len(keys))
            self.created.update(self.transaction(lambda env, chunk=chunk: create(env, chunk)))
        self.progress(what, len(keys), len(keys))

    # ---------------------------------------------------------------- products
    def _missing_skus(self, env):
        skus = {line.sku: None for line in self.lines}  # in the order of the file
        known = product_codes(env, skus)
        return [sku for sku in skus if sku not in known]

    def _create_products(self, env, skus):
        names, buckets = self._usual_names(skus), self._buckets(skus)
        products = env["product.product"].create(
            [self._product_vals(sku, names[sku], buckets[sku] in SERVICES) for sku in skus]
        )
        self._create_stock(env, products.filtered("is_storable"))
        rules = self._create_price_rules(env, dict(zip(skus, products, strict=True)))
        return {"products": len(products), "price rules": len(rules)}

    def _product_vals(self, sku, name, is_service):
        return {
            "name": name,
            "default_code": sku,
            "type": "service" if is_service else "consu",
            "is_storable": not is_service,
            "list_price": self.prices.base_price(sku) or (0.0 if is_service else UNKNOWN_PRICE),
        }

    def _usual_names(self, skus):
        """Return the text each SKU has most often; of two the one that comes first in the file."""
        names = {sku: Counter() for sku in skus}
        for line in self.lines:
            if line.sku in names and line.text:
                names[line.sku][line.text] += 1
        return {sku: seen.most_common(1)[0][0] if seen else sku for sku, seen in names.items()}

    def _buckets(self, skus):
        wanted = set(skus)
        return {line.sku: line.bucket for line in reversed(self.lines) if line.sku in wanted}

    def _create_stock(self, env, products):
        """Count the made-up stock in, as an inventory would."""
        ordered = Counter()
        for line in self.lines:
            ordered[line.sku] += line.quantity
        location = env["stock.warehouse"].search([("company_id", "=", env.company.id)], limit=1).lot_stock_id
        quants = (
            env["stock.quant"]
            .with_context(inventory_mode=True)
            .create(
                [
                    {"product_id": product.id, "location_id": location.id, "inventory_quantity": quantity}
                    for product in products
                    if (
                        quantity := self.stock_plan.quantity(
                            product.default_code, ordered[product.default_code]
                        )
                    )
                ]
            )
        )
        quants.action_apply_inventory()

    # ---------------------------------------------------------------- prices
    def _pricelists(self, env):
        """Have price lists switched on, and the two of the file there."""
        env.ref("base.group_user")._apply_group(env.ref("product.group_product_pricelist"))
        for name in PRICELISTS.values():
            if not self._pricelist(env, name):
                # Last, so that no other customer is given it by default.
                env["product.pricelist"].create({"name": name, "company_id": env.company.id, "sequence": 999})

    @staticmethod
    def _pricelist(env, name):
        return env["product.pricelist"].search(
            [("name", "=", name), ("company_id", "=", env.company.id)], limit=1
        )

    def _create_price_rules(self, env, products):
        vals_list = []
        for is_walk_in, name in PRICELISTS.items():
            pricelist = self._pricelist(env, name)
            steps_of = self.prices.walk_in if is_walk_in else self.prices.named
            for sku, product in products.items():
                vals_list += [self._rule_vals(pricelist, product, step) for step in steps_of.get(sku, ())]
        return env["product.pricelist.item"].create(vals_list)

    @staticmethod
    def _rule_vals(pricelist, product, step):
        return {
            "pricelist_id": pricelist.id,
            "applied_on": "1_product",
            "product_tmpl_id": product.product_tmpl_id.id,
            "min_quantity": step.min_quantity,
            "compute_price": "fixed",
            "fixed_price": step.price,
        }

    # ---------------------------------------------------------------- customers
    def _missing_customers(self, env):
        """Return ``(number, country, is walk-in)`` of each; who moves house stays where he was first."""
        wanted = {}
        for order in self.orders:
            wanted.setdefault(customer_ref(order), (order.country, order.is_walk_in))
        known = env["res.partner"].search_fetch([("ref", "in", list(wanted))], ["ref"])
        return [(ref, *wanted[ref]) for ref in sorted(wanted.keys() - set(known.mapped("ref")))]

    def _create_customers(self, env, customers):
        countries = {name: self._country(env, name) for name in {name for _ref, name, _walk_in in customers}}
        pricelists = {is_walk_in: self._pricelist(env, name).id for is_walk_in, name in PRICELISTS.items()}
        vals_list = [
            self._customer_vals(ref, countries[name], pricelists[walk_in]) for ref, name, walk_in in customers
        ]
        return {"customers": len(env["res.partner"].create(vals_list))}

    @staticmethod
    def _country(env, name):
        code = country_code(name)
        by = [("code", "=", code)] if code else [("name", "=ilike", name)]
        return env["res.country"].with_context(lang="en_US").search(by, limit=1)

    @staticmethod
    def _customer_vals(ref, country, pricelist_id):
        known = (state for state in country.state_ids if has_postal_codes(country.code, state.name))
        state = next(known, country.state_ids[:1])
        return {
            "name": f"Customer {ref}",
            "ref": ref,
            "country_id": country.id,
            "state_id": state.id,
            "specific_property_product_pricelist": pricelist_id,
            **made_up_address(ref.replace(" ", "-"), country.code or "", state.name or ""),
        }
