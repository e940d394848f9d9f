from odoo import models


class StockLocation(models.Model):
    _inherit = "stock.location"

    def _is_at_customer(self):
        """Goods here have left us: at a customer, or on their way to another of our companies.

        As Odoo's ``_is_outgoing``, but without a query: it is asked for every move of an order.
        """
        return self.usage == "customer" or (self.usage == "transit" and not self.company_id)
