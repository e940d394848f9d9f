from odoo import models
from odoo.fields import Domain

from .inside import ALLOCATOR
from .stock_move_assign import BY_RANK
from .stock_quant import RESERVABLE_USAGES


class StockRule(models.Model):
    _inherit = "stock.rule"

    def _get_moves_to_assign_domain(self, company_id):
        """Odoo's scheduler leaves to the allocator what is served by rank.

        It would be right all the same, but hold the locks for as long as it takes to go through everything.
        """
        domain = Domain(super()._get_moves_to_assign_domain(company_id))
        if self.env.context.get("for_allocation") is ALLOCATOR:
            return domain
        by_rank = (
            Domain("company_id.reservation_mode", "in", BY_RANK)
            & Domain("procure_method", "=", "make_to_stock")
            & Domain("move_orig_ids", "=", False)
            & Domain("location_id.usage", "in", RESERVABLE_USAGES)
            & Domain("product_id.is_storable", "=", True)
        )
        return domain & ~by_rank
