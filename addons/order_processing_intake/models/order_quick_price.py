from collections import defaultdict
from datetime import timedelta
from operator import itemgetter

from odoo import fields, models
from odoo.fields import Command

# Prices kept on the lines are looked at anew when they are older; the order itself takes those of its moment.
PRICED_FOR = timedelta(minutes=30)


class OrderQuick(models.Model):
    """What the lines cost this customer, and when they can be there: as an order of them would say."""

    _inherit = "order.quick"

    def _as_order(self, lines):
        """Return an order of these lines that is stored nowhere: it answers as the real one will."""
        self.ensure_one()
        partner = self.partner_id
        orders = self.env["sale.order"].with_company(self.company_id)
        address = partner.address_get(["delivery"])["delivery"]
        return orders.new(
            {
                "partner_id": partner.id,
                "company_id": self.company_id.id,
                "partner_shipping_id": self.partner_shipping_id.id or address,
                "requested_date": self._requested_moment(),
                "order_line": [Command.create(line._prepare_as_order_line()) for line in lines],
            }
        )

    def _requested_moment(self):
        """Return the end of the morning of the day asked for, or nothing."""
        return self.requested_date and fields.Datetime.to_datetime(self.requested_date) + timedelta(hours=12)

    def _price_again(self):
        """Work out anew what was worked out some time ago."""
        since = fields.Datetime.now() - PRICED_FOR
        self.line_ids.filtered(lambda line: not line.priced_at or line.priced_at < since)._price()

    def _possible(self, lines):
        """Return ``{line: {stock, style, date}}`` in the customer's words: what he can be promised."""
        products = lines.product_id.filtered(lambda product: product.type == "consu")
        # The same product in another unit takes of the same stock.
        goods = self.line_ids.filtered(lambda line: line.product_id in products and line.quantity > 0)
        if not goods:
            return {}
        order = self._as_order(goods)
        asked = dict(zip(order.order_line, goods, strict=True))
        if self.company_id._promises():
            promises = order._possible_promises(order.order_line)
            words = {asked[one]: order._portal_possible_words(way) for one, (way, _note) in promises.items()}
        else:
            words = order._in_stock_words(asked)
        return {line: words[line] for line in lines if line in words}


class OrderQuickLine(models.Model):
    _inherit = "order.quick.line"

    def _prepare_as_order_line(self):
        return {
            "product_id": self.product_id.id,
            "product_uom_qty": self.quantity,
            "product_uom_id": self.uom_id.id,
            # Neither shown nor needed, and a query each for every line if they are worked out.
            "analytic_distribution": False,
            "qty_delivered": 0.0,
        }

    def _price(self):
        """Work out prices, with a number of queries that does not depend on how many lines there are."""
        now = fields.Datetime.now()
        for quick, lines in self.grouped("quick_id").items():
            priced = lines.filtered("product_id")
            (lines - priced).write({"price": 0.0, "subtotal": 0.0, "priced_at": now})
            order = quick._as_order(priced)
            order._find_price_rules()
            for line, ordered in zip(priced, order.order_line, strict=True):
                one = (
                    ordered.price_subtotal / line.quantity if line.quantity else ordered.price_reduce_taxexcl
                )
                line.write({"price": one, "subtotal": ordered.price_subtotal, "priced_at": now})


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _find_price_rules(self):
        """Find every line's rule of the price list, as Odoo would, with one look-up instead of one each."""
        lines, pricelist = self.order_line, self.pricelist_id
        if not pricelist:
            return
        rules = pricelist._get_applicable_rules(lines.product_id, self.date_order)
        of_one, of_all = defaultdict(list), []
        for place, rule in enumerate(rules):
            one = rule.product_id or rule.product_tmpl_id
            (of_one[one] if one else of_all).append((place, rule))
        for line in lines:
            product, unit = line.product_id, line.product_uom_id
            quantity = line.product_uom_qty or 1.0
            quantity = unit._compute_quantity(quantity, product.uom_id, raise_if_failure=False)
            ranked = sorted([*of_one[product], *of_one[product.product_tmpl_id], *of_all], key=itemgetter(0))
            fitting = (rule for _place, rule in ranked if rule._is_applicable_for(product, quantity))
            line.pricelist_item_id = next(fitting, rules.browse())

    def _in_stock_words(self, asked):
        """Return ``{asked for: {stock, style, date}}`` where no dates are promised: there or not."""
        goods = self.order_line.product_id.with_context(warehouse_id=self.warehouse_id.id)
        free = {product.id: product.free_qty for product in goods}
        there = {"stock": self.env._("In stock"), "style": "success", "date": False}
        later = {"stock": self.env._("Date on request"), "style": "secondary", "date": False}
        result = {}
        for line, one in asked.items():
            product = line.product_id
            quantity = line.product_uom_id._compute_quantity(line.product_uom_qty, product.uom_id)
            is_there = not product.is_storable or free[product.id] >= quantity
            if is_there:
                free[product.id] -= quantity  # the next line has what is left
            result[one] = there if is_there else later
        return result
