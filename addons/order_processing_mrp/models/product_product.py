from odoo import models


class ProductProduct(models.Model):
    _inherit = "product.product"

    def _supplied_alike(self):
        # What can be made is got by other rules.
        return *super()._supplied_alike(), bool(self.bom_ids)
