from odoo import fields, models

from .inside import CHOSEN

# Odoo takes a price that is not the one it has reckoned for one set by hand, and leaves it as it is.
SET_BY_HAND = -1.0


class ProductTemplate(models.Model):
    _inherit = "product.template"

    substitute_ids = fields.Many2many(
        "product.product",
        "product_template_substitute_rel",
        "template_id",
        "product_id",
        string="Substitutes",
        check_company=True,
        help="What customers may take instead when it is short, the best first. Counted in the same unit.",
    )


class SaleOrder(models.Model):
    """A substitute for what is short.

    The price rule: for each piece the customer pays what the substitute costs him by his price list, but
    never more than what he has ordered costs him, taxes included. The price is fixed with the offer. What
    would have to be sold below its cost for that is not offered.
    """

    _inherit = "sale.order"

    def _substitutes_for(self, short):
        """Return, for the lines where all that is missing can be replaced, by what and at which price."""
        lines = {one["line"]: self.order_line.browse(one["line"]) for one in short}
        candidates = self.env["product.product"].union(
            *(line.product_id.substitute_ids for line in lines.values())
        )
        if not candidates:
            return []
        warehouses = self._shelves()
        available = candidates._order_availability(warehouses)
        left = {key: entry.free_now for key, entry in available.items()}
        swaps = []
        for one in short:
            line = lines[one["line"]]
            place = line.warehouse_id or self.warehouse_id
            for product in line.product_id.substitute_ids.filtered(lambda p, line=line: p._may_replace(line)):
                if left.get((product.id, place.id), 0.0) < one["quantity"]:
                    continue
                price = self._substitute_price(line, product, one["quantity"])
                if self._is_below_cost(product, price):
                    continue
                left[product.id, place.id] -= one["quantity"]
                swaps.append({**one, "substitute": product.id, "price": price})
                break
        return swaps

    def _is_below_cost(self, product, price):
        """Tell whether so little for one piece, in the order's currency, is less than it has cost us."""
        product = product.with_company(self.company_id)
        taxes = self.fiscal_position_id.map_tax(product.taxes_id._filter_taxes_by_company(self.company_id))
        net = taxes.compute_all(price, self.currency_id, 1.0, product, self.partner_id)["total_excluded"]
        net /= self.currency_rate or 1.0
        return self.company_id.currency_id.compare_amounts(net, product.standard_price) < 0

    def _substitute_price(self, line, product, quantity):
        """Return the price of one piece: by the price list, but not above what is ordered now."""
        ordered = line.product_uom_id._compute_price(line._net_price(), product.uom_id)
        listed = product.lst_price
        if self.pricelist_id:
            listed = self.pricelist_id._get_product_price(
                product, quantity, currency=self.currency_id, uom=product.uom_id, date=fields.Datetime.now()
            )
        listed = product._get_tax_included_unit_price_from_price(
            listed,
            product_taxes=product.taxes_id._filter_taxes_by_company(self.company_id),
            fiscal_position=self.fiscal_position_id,
        )
        return min(listed, ordered)

    def _choose_substitute(self, lines):
        changing = self.with_context(customer_choice=CHOSEN)
        before = set(self._rules_that_hold())
        added = self.env["sale.order.line"]
        for one in lines:
            added |= changing._take_instead(one)
        kept = self.order_line.browse(one["line"] for one in lines)
        self._clear_as_chosen(added.with_env(self.env) | kept, before)
        added.with_env(self.env)._action_launch_stock_rule()

    def _take_instead(self, one):
        line = self.order_line.browse(one["line"])
        piece = line.price_total / (line.product_uom_qty or 1.0)
        piece = line.product_uom_id._compute_price(piece, line.product_id.uom_id)
        taken = self._give_up(line, one["quantity"])
        if not taken:
            return line.browse()
        product = self.env["product.product"].browse(one["substitute"])
        new = line.with_context(skip_procurement=True).create(
            {
                "order_id": self.id,
                "product_id": product.id,
                "product_uom_qty": taken,
                "product_uom_id": product.uom_id.id,
                "price_unit": one["price"],
                "technical_price_unit": SET_BY_HAND,
                "discount": 0.0,
                "sequence": line.sequence,
            }
        )
        new._not_dearer_than(piece * taken)
        return new


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _not_dearer_than(self, total):
        """Lower the price where other taxes would make the line dearer than ``total``, taxes included."""
        if self.price_total and self.currency_id.compare_amounts(self.price_total, total) > 0:
            price = self.price_unit * total / self.price_total
            self.write({"price_unit": price, "technical_price_unit": SET_BY_HAND})


class ProductProduct(models.Model):
    _inherit = "product.product"

    def _may_replace(self, line):
        """Tell whether it can be sold instead of what the line orders."""
        companies = (False, line.company_id.id)
        return (
            self.active
            and self.sale_ok
            and self.is_storable
            and self.uom_id == line.product_id.uom_id
            and self != line.product_id
            and self.company_id.id in companies
        )
