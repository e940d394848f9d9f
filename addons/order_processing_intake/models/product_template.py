from decimal import Decimal

from odoo import fields, models
from odoo.fields import Domain

from ..engine.quantities import check_quantity


class ProductTemplate(models.Model):
    _inherit = "product.template"

    is_quick_ordered = fields.Boolean(
        "Customers order it in the portal",
        default=True,
        help="Found by customers who put together a quick order in the portal.",
    )
    order_minimum = fields.Float(
        "Smallest order",
        digits="Product Unit",
        help="In the product's own unit; 0 for none. Customers who order less in the portal are told.",
    )
    order_multiple = fields.Float(
        "Sold by",
        digits="Product Unit",
        help="Customers order this many in the portal, or twice, three times as many; 0 for any number.",
    )

    _order_figures = models.Constraint(
        "CHECK (COALESCE(order_minimum, 0) >= 0 AND COALESCE(order_multiple, 0) >= 0)",
        "The smallest order and what a product is sold by are 0 or more.",
    )


class ProductProduct(models.Model):
    _inherit = "product.product"

    def _quickly_ordered_domain(self, company):
        """Return what customers find. A product with options to choose needs a conversation."""
        domain = (
            Domain("sale_ok", "=", True)
            & Domain("is_quick_ordered", "=", True)
            & Domain("type", "!=", "combo")
            & Domain("active", "=", True)
            & Domain(self._check_company_domain(company))
        )
        with_options = Domain("attribute_line_ids.attribute_id.create_variant", "=", "no_variant")
        return domain & ~with_options

    def _is_quickly_ordered(self, company):
        """Tell whether the product, found before, can still be ordered."""
        return bool(
            self.active
            and self.sale_ok
            and self.is_quick_ordered
            and self.type != "combo"
            and self.filtered_domain(self._check_company_domain(company))
        )

    def _quick_name(self):
        """Return the name with what tells a variant from the others."""
        return self.with_context(display_default_code=False, partner_id=False).display_name

    def _least_quantity(self, unit):
        """Return the smallest quantity in ``unit`` that may be ordered, 1 where nothing is said."""
        minimum, multiple = (
            Decimal(repr(round(self.uom_id._compute_quantity(figure, unit, round=False), 6)))
            for figure in (self.order_minimum, self.order_multiple)
        )
        step = Decimal(repr(unit.rounding))
        verdict = check_quantity(max(Decimal(1), minimum), minimum, multiple, step)
        return float(verdict.suggestion if verdict else max(Decimal(1), minimum))
