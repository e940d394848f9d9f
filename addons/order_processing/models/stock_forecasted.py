from odoo import api, models


class StockForecasted(models.AbstractModel):
    _inherit = "stock.forecasted_product_product"

    @api.model
    def action_unreserve_linked_picks(self, move_id):
        """Released in the forecast is released by a person, too."""
        moves = super().action_unreserve_linked_picks(move_id)
        moves._note_released_by_hand()
        return moves
