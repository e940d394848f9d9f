from odoo import api, fields, models


class OrderFreightShare(models.Model):
    """What one order bears of the freight of one shipment; the shares of a shipment add up to it."""

    _name = "order.freight.share"
    _description = "Freight of an Order"
    _order = "id"
    _rec_name = "order_id"

    shipment_id = fields.Many2one("order.shipment", required=True, ondelete="cascade", readonly=True)
    order_id = fields.Many2one("sale.order", required=True, ondelete="cascade", index=True, readonly=True)
    company_id = fields.Many2one(related="shipment_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    weight = fields.Float(readonly=True, digits="Stock Weight")
    expected = fields.Monetary("Expected cost", readonly=True)
    is_expected = fields.Boolean(readonly=True)
    billed = fields.Monetary(readonly=True)
    is_billed = fields.Boolean(readonly=True)
    cost = fields.Monetary(
        "Freight",
        compute="_compute_cost",
        store=True,
        help="What was billed; as long as nothing was, what is expected.",
    )
    difference = fields.Monetary(
        compute="_compute_cost", store=True, help="How much more was billed than expected."
    )

    _shipment_order_uniq = models.UniqueIndex(
        "(shipment_id, order_id)", "An order has one share of a shipment."
    )

    @api.depends("expected", "is_expected", "billed", "is_billed")
    def _compute_cost(self):
        for share in self:
            share.cost = share.billed if share.is_billed else share.expected
            both = share.is_billed and share.is_expected
            share.difference = share.billed - share.expected if both else 0.0
