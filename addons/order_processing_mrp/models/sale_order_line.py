from collections import defaultdict

from odoo import models


class SaleOrderLine(models.Model):
    """Kits: what is held, and promised, are their parts, for it is those that lie on the shelf."""

    _inherit = "sale.order.line"

    def _hold_goods(self):
        bom = self._kit_bom()
        if not bom:
            return super()._hold_goods()
        return [] if self.is_mto else self._kit_parts(bom, self.product_uom_qty)

    def _goods_needed(self):
        bom = self._kit_bom()
        if not bom:
            return super()._goods_needed()
        return self._kit_parts(bom, self.product_uom_qty - self.qty_delivered)

    def _kit_bom(self):
        # sudo: salespeople need not see bills of materials
        boms, product = self.env["mrp.bom"].sudo(), self.product_id
        # is_kits is worked out for all products at once; nearly all of them are none.
        if self.display_type or product.type != "consu" or not product.sudo().is_kits:
            return boms
        return boms._bom_find(product, company_id=self.company_id.id, bom_type="phantom")[product]

    def _kit_parts(self, bom, quantity):
        """Return the parts that are stored, as ``[(product, quantity in the product's unit)]``."""
        made = self.product_uom_id._compute_quantity(quantity, bom.product_uom_id, round=False)
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
