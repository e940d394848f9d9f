from functools import cached_property

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..engine.review import Found, is_off_price

# Rules whose price does not depend on the quantity, once it is known which rule applies.
PLAIN_BASES = ("list_price", "standard_price")


class SaleOrder(models.Model):
    """Checks of the price against the price list.

    The list price is computed afresh: what a line says of itself (``technical_price_unit``) equals
    whatever price another system wrote. One query per price list, not per line.
    """

    _inherit = "sale.order"

    def _check_price(self, rule, facts):
        """The net price of each line is the price list's, within the company's tolerance."""
        tolerance = facts.company.review_price_tolerance
        return self._compare_prices(
            facts,
            lambda line, expected, rounding: is_off_price(
                line.net_price, expected, line.quantity, tolerance, rounding
            ),
        )

    def _check_price_below(self, rule, facts):
        """No line is sold for less than the list says by more than the rule's threshold, in percent."""
        return self._compare_prices(
            facts,
            lambda line, expected, rounding: (
                line.net_price < expected
                and is_off_price(line.net_price, expected, line.quantity, rule.threshold, rounding)
            ),
        )

    def _check_pricelist(self, rule, facts):
        """The order is priced by its customer's own price list."""
        findings = {}
        rows = [facts.orders[order_id] for order_id in self._ids]
        customers = self.env["res.partner"].browse(dict.fromkeys(row.partner_id for row in rows))
        # sudo: a customer's price list, whoever submits
        own = {customer.id: customer.property_product_pricelist for customer in customers.sudo()}
        for row in rows:
            usual = own[row.partner_id]
            if row.pricelist_id and usual and row.pricelist_id != usual.id:
                # sudo: the names of both lists
                used = self.env["product.pricelist"].sudo().browse(row.pricelist_id)
                figures = {"used": used.name, "usual": usual.name}
                sizes = {f"pricelist:{row.pricelist_id}": 1.0, "amount": row.amount_company}
                findings[row.id] = Found("pricelist_other", figures, sizes)
        return findings

    def _compare_prices(self, facts, is_off):
        findings = {}
        currencies = self.env["res.currency"].browse({facts.orders[i].currency_id for i in self._ids})
        roundings = {currency.id: currency.rounding for currency in currencies}
        expected = facts.list_prices
        for order_id in self._ids:
            row = facts.orders[order_id]
            rounding = roundings[row.currency_id]
            off = [
                (line, expected[line.id])
                for line in facts.lines.get(order_id, ())
                if line.id in expected and is_off(line, expected[line.id], rounding)
            ]
            if off:
                findings[order_id] = self._price_finding(facts, row, off)
        return findings

    def _price_finding(self, facts, row, off):
        """Return one finding for all lines that are off, told by the line that is off most."""
        line, expected = max(off, key=lambda pair: abs((pair[0].net_price - pair[1]) * pair[0].quantity))
        figures = {
            "product": facts.product_name(line.product_id),
            "actual": line.net_price,
            "expected": expected,
            "percent": f"{(line.net_price - expected) / expected * 100:+.1f}" if expected else "–",
            "currency": row.currency_id,
        }
        # What is off by line, in money per unit and in all: neither a lower price nor more of it is covered.
        sizes = {}
        for one, price in off:
            sign = "below" if one.net_price < price else "above"
            sizes[f"{sign}:{one.id}"] = abs(one.net_price - price)
            sizes[f"amount:{one.id}"] = abs(one.net_price - price) * abs(one.quantity)
        if len(off) == 1:
            return Found("price_off_list", figures, sizes)
        return Found("price_off_list_more", {**figures, "more": len(off) - 1}, sizes)


class ListPrices:
    """The prices the price lists have for the lines of a batch, each rule and product computed once."""

    def __init__(self, facts):
        self.facts = facts
        self.env = facts.env
        self.now = fields.Datetime.now()
        self.known = {}
        self.mapped = {}  # product id: whether a fiscal position can change its price

    def by_line(self):
        """Return ``{line id: net unit price}`` for the lines that have a price to compare with."""
        by_list = {}
        for order_id, lines in self.facts.priced_lines.items():
            row = self.facts.orders[order_id]
            goods = [line for line in lines if line.product_id and line.quantity]
            if goods:
                by_list.setdefault(row.pricelist_id, []).append((row, goods))
        by_list = self._as_ordered(by_list)
        extra = self._lines_with_extras(by_list)
        prices = {}
        for pricelist_id, orders in by_list.items():
            finder = RuleFinder(self.env, pricelist_id, orders)
            for row, lines in orders:
                date = row.date_order or self.now
                for line in lines:
                    prices[line.id] = self._price(finder, row, line, date, line.id in extra)
        return prices

    def _as_ordered(self, by_list):
        """Return the lines with the quantities they were ordered in.

        A line that was split among warehouses keeps the price of the whole.
        """
        orders = [lines for pairs in by_list.values() for _row, lines in pairs]
        twice = [
            line.id for lines in orders if len({x.product_id for x in lines}) < len(lines) for line in lines
        ]
        if not twice:
            return by_list
        self.env["sale.order.line"].flush_model(["split_from"])
        query = SQL("SELECT id, split_from FROM sale_order_line WHERE id = ANY(%s) AND split_from > 0", twice)
        whole = dict(self.env.execute_query(query))
        return {
            pricelist_id: [(row, _together(lines, whole)) for row, lines in pairs]
            for pricelist_id, pairs in by_list.items()
        }

    def _lines_with_extras(self, by_list):
        """Return the lines with options that add to the price."""
        field = self.env["sale.order.line"]._fields["product_no_variant_attribute_value_ids"]
        self.env["sale.order.line"].flush_model([field.name])
        ids = [line.id for orders in by_list.values() for _row, lines in orders for line in lines]
        if not ids:
            return set()
        query = SQL(
            "SELECT DISTINCT %s FROM %s WHERE %s = ANY(%s)",
            SQL.identifier(field.column1),
            SQL.identifier(field.relation),
            SQL.identifier(field.column1),
            ids,
        )
        return {line_id for (line_id,) in self.env.execute_query(query)}

    def _price(self, finder, row, line, date, has_extras):
        if line.product_type == "combo" or line.is_combo_item:
            return self._record(line)._expected_combo_price()
        rule = finder.rule_for(line, date)
        product = finder.product(line.product_id)
        if has_extras or (row.fiscal_position_id and self._has_taxes_in_price(product)):
            return self._record(line)._expected_net_price(rule, date)
        by_quantity = rule.compute_price in ("percentage", "formula") and rule.base not in PLAIN_BASES
        key = (
            line.product_id,
            line.quantity if by_quantity else None,
            line.unit_id,
            date.date(),
            row.currency_id,
            rule.id,
        )
        if key not in self.known:
            self.known[key] = rule._compute_price(
                product,
                line.quantity or 1.0,
                self.env["uom.uom"].browse(line.unit_id),
                date=date,
                currency=self.env["res.currency"].browse(row.currency_id),
            )
        return self.known[key]

    def _record(self, line):
        """Return the record of a line that needs Odoo's own reckoning, read together with the others."""
        return self.records[line.id]

    @cached_property
    def records(self):
        ids = [line.id for lines in self.facts.priced_lines.values() for line in lines]
        return {record.id: record for record in self.env["sale.order.line"].browse(ids)}

    def _has_taxes_in_price(self, product):
        """Only where all taxes are part of the price does a fiscal position change the price."""
        if product.id not in self.mapped:
            taxes = product.taxes_id._filter_taxes_by_company(self.facts.company)
            self.mapped[product.id] = bool(taxes) and all(taxes.mapped("price_include"))
        return self.mapped[product.id]


class RuleFinder:
    """Finds the price rule of many lines with one query.

    Odoo looks the rules up once per product and quantity. Here all rules that may matter for the
    lines are read together, in Odoo's order, and kept by product.
    """

    def __init__(self, env, pricelist_id, orders):
        self.none = env["product.pricelist.item"]
        ids = dict.fromkeys(line.product_id for _row, lines in orders for line in lines)
        self.products = {product.id: product for product in env["product.product"].browse(ids)}
        self.rules, self.by_product = self.none, {}
        if pricelist_id:
            pricelist = env["product.pricelist"].browse(pricelist_id)
            products = env["product.product"].browse(ids)
            domain = pricelist._get_applicable_rules_domain(products, fields.Datetime.now())
            timeless = Domain(domain).map_conditions(
                lambda condition: (
                    Domain.TRUE if condition.field_expr in ("date_start", "date_end") else condition
                )
            )
            self.rules = self.none.search(timeless)
        self.holes = {}
        for position, rule in enumerate(self.rules):
            self.holes.setdefault(self._hole(rule), []).append((position, rule))

    @staticmethod
    def _hole(rule):
        if rule.applied_on == "0_product_variant":
            return rule.product_id
        return rule.product_tmpl_id if rule.applied_on == "1_product" else None

    def product(self, product_id):
        return self.products[product_id]

    def rule_for(self, line, date):
        """Return the rule Odoo would choose for the line on that date; empty: the product's own price."""
        if not self.rules:
            return self.none
        quantity = line.base_quantity or 1.0
        for rule, start, end, at_least in self._candidates(line.product_id):
            in_time = (not start or start <= date) and (not end or end >= date)
            if in_time and (not at_least or quantity >= at_least):
                return rule
        return self.none

    def _candidates(self, product_id):
        """Return the rules for a product whatever the quantity, as ``(rule, from, until, at least)``."""
        if product_id not in self.by_product:
            product = self.products[product_id]
            holes = (product, product.product_tmpl_id, None)
            pairs = sorted(
                (pair for hole in holes for pair in self.holes.get(hole, ())), key=lambda pair: pair[0]
            )
            self.by_product[product_id] = [
                (rule, rule.date_start, rule.date_end, rule.min_quantity)
                for _position, rule in pairs
                if rule._is_applicable_for(product, float("inf"))
            ]
        return self.by_product[product_id]


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _expected_net_price(self, rule, date):
        """Return the list price of a line with options or under a fiscal position, as Odoo makes it."""
        product = self.product_id
        if self.product_no_variant_attribute_value_ids:
            product = product.with_context(**self._get_product_price_context())
        price = rule._compute_price(
            product, self.product_uom_qty or 1.0, self.product_uom_id, date=date, currency=self.currency_id
        )
        if not self.order_id.fiscal_position_id:
            return price
        return product._get_tax_included_unit_price_from_price(
            price,
            product_taxes=product.taxes_id._filter_taxes_by_company(self.company_id),
            fiscal_position=self.order_id.fiscal_position_id,
        )

    def _expected_combo_price(self):
        """A combo costs nothing itself; its items share its price, as Odoo shares it out."""
        if self.product_type == "combo":
            return 0.0
        combo = self._get_linked_line()
        if self.combo_item_id.combo_id not in combo.product_template_id.sudo().combo_ids:
            return self._net_price()  # no longer sold like that: there is nothing to compare with
        full_price = combo._get_display_price_ignore_combo()
        discounted = combo._get_pricelist_price() / full_price if full_price else 1.0
        return self._get_combo_item_display_price() * discounted


def _together(lines, whole):
    """Return the lines, those that were one with the quantity of all of it; ``whole`` is the line by part."""
    if not any(line.id in whole for line in lines):
        return lines
    parts = {}
    for line in lines:
        parts.setdefault((whole.get(line.id, line.id), line.product_id, line.net_price), []).append(line)
    return [
        line._replace(
            quantity=sum(part.quantity for part in same),
            base_quantity=sum(part.base_quantity for part in same),
        )
        for same in parts.values()
        for line in same
    ]
