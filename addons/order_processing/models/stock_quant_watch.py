from odoo import api, models


class StockQuant(models.Model):
    """Whatever changes what is free may cross a warning level."""

    _inherit = "stock.quant"

    @api.model
    def _update_available_quantity(self, product_id, location_id, *args, **kwargs):
        result = super()._update_available_quantity(product_id, location_id, *args, **kwargs)
        self.env["order.stock.warning"]._note_moved(product_id.ids)
        return result


class StockMove(models.Model):
    _inherit = "stock.move"

    @api.model
    def _book(self, ledger, booked):
        # The allocator books what it reserves past the method above, in one statement.
        result = super()._book(ledger, booked)
        products = self.env["stock.quant"].browse(booked).product_id
        self.env["order.stock.warning"]._note_moved(products.ids)
        return result
