from odoo import models
from odoo.exceptions import UserError


class SaleMassCancelOrders(models.TransientModel):
    _inherit = "sale.mass.cancel.orders"

    def action_mass_cancel(self):
        if touched := self.sale_order_ids._to_ask_about():
            raise UserError(touched._one_by_one_message())
        return super().action_mass_cancel()
