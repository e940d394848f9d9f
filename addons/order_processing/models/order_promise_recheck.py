from odoo import api, fields, models


class OrderPromiseRecheck(models.Model):
    """Supply or demand of a product has moved: the promises that rest on it are to be looked at again.

    Plain rows, inserted by whoever moves something; the scheduled action takes them up within a minute.
    """

    _name = "order.promise.recheck"
    _description = "Promises to Look at Again"
    _order = "id"
    _log_access = False

    product_id = fields.Many2one("product.product", required=True, ondelete="cascade", index=True)
    warehouse_id = fields.Many2one("stock.warehouse", ondelete="cascade")
    code = fields.Char(required=True)
    source_model = fields.Char()
    source_id = fields.Many2oneReference("Document ID", model_field="source_model")
    source_name = fields.Char()
    noted_at = fields.Datetime(default=fields.Datetime.now)

    @api.model
    def _note(self, products, warehouses, code, source=None):
        """Have the promises looked at again that rest on these products in these warehouses."""
        # sudo: whoever moves supply need not see the orders that rest on it
        self.sudo().create(
            [
                {
                    "product_id": product.id,
                    "warehouse_id": warehouse.id,
                    "code": code,
                    "source_model": source and source._name,
                    "source_id": source and source.id,
                    "source_name": source and source.display_name,
                }
                for product in products
                for warehouse in warehouses
            ]
        )
