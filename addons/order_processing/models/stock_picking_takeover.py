from odoo import fields, models


class StockPicking(models.Model):
    """A planner takes over stock from the transfer of an urgent order."""

    _inherit = "stock.picking"

    can_take_over = fields.Boolean(compute="_compute_can_take_over", groups="base.group_user")

    def _compute_can_take_over(self):
        for picking in self:
            # sudo: whether there is a button
            picking.can_take_over = picking.sudo().sale_id.can_take_over

    def action_open_takeover(self):
        self.env["order.takeover"]._check_may_take_over()
        self.ensure_one()
        return self.sale_id.action_open_takeover()
