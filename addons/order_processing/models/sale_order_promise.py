from odoo import api, fields, models


class SaleOrder(models.Model):
    """The date an order is promised for."""

    _inherit = "sale.order"

    promise_date = fields.Datetime(
        "Promised for",
        copy=False,
        readonly=True,
        index="btree_not_null",
        help="When it will be with the customer, as things stand; the whole order.",
    )
    first_promise_date = fields.Datetime(
        "First promised for",
        copy=False,
        readonly=True,
        help="The date told first. Whether we were on time is measured by it.",
    )
    promise_ids = fields.One2many("order.promise", "order_id", string="Promises", readonly=True)

    def _choose_sources(self):
        """Choose from which warehouse each line comes, before a date is promised."""

    def _promise(self):
        """Promise the orders that have no date yet."""

    def _promise_again(self, code, source=None):
        """Look at the dates of these orders again; note and tell what has moved, because of ``code``."""
