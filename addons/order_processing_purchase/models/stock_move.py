from odoo import models

from odoo.addons.order_processing.models.shortage_facts import Document


class StockMove(models.Model):
    _inherit = "stock.move"

    def _bringing_document(self):
        """What a vendor brings is known by the purchase order, not by the receipt."""
        order = self.purchase_line_id.order_id
        if order:
            return Document("receipt", order._name, order.id, order.name)
        return super()._bringing_document()
