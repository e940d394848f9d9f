from odoo import api, fields, models

from ..models.freight_words import freight_words


class OrderFreightCompare(models.TransientModel):
    """What all carriers would take an order or a transfer for, side by side."""

    _name = "order.freight.compare"
    _description = "Compare Carriers"

    order_id = fields.Many2one("sale.order", required=True, readonly=True)
    picking_id = fields.Many2one("stock.picking", "Transfer", readonly=True)
    code = fields.Char(readonly=True)
    figures = fields.Json(readonly=True)
    reason = fields.Char("Best", compute="_compute_reason")
    due = fields.Datetime("Promised for", readonly=True)
    offer_ids = fields.Many2many("order.freight.offer", compute="_compute_offer_ids")

    @api.depends("order_id", "picking_id")
    def _compute_offer_ids(self):
        for wizard in self:
            offers = wizard.order_id.freight_offer_ids
            wizard.offer_ids = offers.filtered(
                lambda offer, picking=wizard.picking_id: offer.picking_id == picking
            ).sorted("place")

    @api.depends("code", "figures")
    @api.depends_context("lang")
    def _compute_reason(self):
        for wizard in self:
            currency = wizard.order_id.company_id.currency_id
            wizard.reason = freight_words(self.env, wizard.code, wizard.figures, currency)

    @api.model
    def _open(self, order, code, figures, picking=None):
        """Return the action that shows the offers just kept."""
        wizard = self.create(
            {
                "order_id": order.id,
                "picking_id": picking.id if picking else False,
                "code": code,
                "figures": figures,
                "due": order._freight_due(),
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Compare Carriers"),
            "res_model": self._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }
