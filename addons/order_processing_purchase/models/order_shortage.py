from collections import defaultdict

from odoo import api, models
from odoo.fields import Domain

from odoo.addons.order_processing.models.shortage_facts import Document

ASKED_STATES = ("draft", "sent", "to approve")


class OrderShortage(models.Model):
    """Who buys what is short, and what vendors have been asked for."""

    _inherit = "order.shortage"

    def _buyers(self):
        """The buyer of what is on its way or asked for, else of the vendor who would be asked."""
        buyers = super()._buyers()
        for shortage in self:
            if buyer := shortage._document_buyer() or shortage._vendor_buyer():
                buyers[shortage.id] = buyer.id
        return buyers

    def _document_buyer(self):
        orders = self.help_ids.filtered(lambda one: one.document_model == "purchase.order")
        purchase = self.env["purchase.order"].browse(orders[:1].document_id)
        return purchase.exists().user_id.filtered("active")

    def _vendor_buyer(self):
        sellers = self.product_id._prepare_sellers(params=False).filtered(
            lambda seller: not seller.company_id or seller.company_id == self.company_id
        )
        return sellers[:1].partner_id.with_company(self.company_id).buyer_id.filtered("active")

    @api.model
    def _asked_for(self, product_ids, warehouse_ids):
        """Requests for quotation: raised already, though nothing is ordered yet."""
        asked = defaultdict(list, super()._asked_for(product_ids, warehouse_ids))
        lines = self.env["purchase.order.line"].search(
            Domain("product_id", "in", product_ids)
            & Domain("order_id.state", "in", ASKED_STATES)
            & Domain("order_id.picking_type_id.warehouse_id", "in", warehouse_ids)
            & Domain("order_id.dest_address_id", "=", False)
            & Domain("move_dest_ids", "=", False)
        )
        for line in lines:
            order = line.order_id
            key = (line.product_id.id, order.picking_type_id.warehouse_id.id)
            document = Document("rfq", order._name, order.id, order.name)
            asked[key].append((document, line.date_planned, line.product_uom_qty))
        return asked

    def _may_plan(self):
        return super()._may_plan() or self.env.user.has_group("purchase.group_purchase_user")
