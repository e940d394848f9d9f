from odoo import fields, models


class StockPicking(models.Model):
    """What customers ask to have changed while their goods are being packed."""

    _inherit = "stock.picking"

    change_request_text = fields.Text(
        "What the customer asks for",
        compute="_compute_change_request_text",
        groups="stock.group_stock_user,sales_team.group_sale_salesman",
    )

    def _compute_change_request_text(self):
        # sudo: who packs knows what its customer asks for, not the order
        orders = {picking: picking.sudo().sale_id for picking in self}
        requests = self.env["sale.order"].union(*orders.values())._open_change_requests()
        kinds = dict(self.env["order.change.request"]._fields["kind"]._description_selection(self.env))
        words = {
            request.order_id.id: ": ".join(filter(None, (kinds[request.kind], request.wish_text)))
            for request in requests
        }
        for picking in self:
            picking.change_request_text = words.get(orders[picking].id)
