from odoo import fields, models
from odoo.tools import SQL


class StockMove(models.Model):
    _inherit = "stock.move"

    def _allocation_ranks(self):
        return {move.id: f"{move.date}{move.id:012d}" for move in self}

    def _wake_allocator(self):
        pass


class StockMoveLine(models.Model):
    _inherit = "stock.move.line"

    reserved_by_hand = fields.Boolean("By hand", copy=False)


class StockQuant(models.Model):
    _inherit = "stock.quant"

    def _lock_for_reservation(self, products, locations):
        query = SQL(
            """SELECT id FROM stock_quant WHERE product_id = ANY(%s) AND location_id = ANY(%s)
                ORDER BY id FOR NO KEY UPDATE""",
            products.ids,
            locations.ids,
        )
        self.env.execute_query(query)
