from collections import defaultdict

from odoo import models


class SaleOrderLine(models.Model):
    """Kits: what is held are their parts, for it is those that lie on the shelf."""

    _inherit = "sale.order.line"

    def _hold_goods(self):
        product = self.product_id
        if self.display_type or product.type != "consu":
            return super()._hold_goods()
        # sudo: salespeople need not see bills of materials
        Bom = self.env["mrp.bom"].sudo()
        bom = Bom._bom_find(product, company_id=self.company_id.id, bom_type="phantom")[product]
        if not bom:
            return super()._hold_goods()
        return [] if self.is_mto else self._kit_parts(bom)

    def _kit_parts(self, bom):
        """Return the parts that are stored, as ``[(product, quantity in the product's unit)]``."""
        made = self.product_uom_id._compute_quantity(self.product_uom_qty, bom.product_uom_id, round=False)
        _kits, lines = bom.explode(
            self.product_id,
            made / bom.product_qty,
            picking_type=bom.picking_type_id,
            never_attribute_values=self.product_no_variant_attribute_value_ids,
        )
        parts = defaultdict(float)
        for bom_line, exploded in lines:
            if bom_line.product_id.is_storable:
                parts[bom_line.product_id] += bom_line.product_uom_id._compute_quantity(
                    exploded["qty"], bom_line.product_id.uom_id
                )
        return [(product, quantity) for product, quantity in parts.items() if quantity > 0]
