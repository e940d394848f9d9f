from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    sourcing_mode = fields.Selection(related="company_id.sourcing_mode", readonly=False)
    sourcing_split_penalty = fields.Monetary(related="company_id.sourcing_split_penalty", readonly=False)
    sourcing_balance = fields.Monetary(related="company_id.sourcing_balance", readonly=False)
    sourcing_patience = fields.Integer(related="company_id.sourcing_patience", readonly=False)
    transfer_days = fields.Integer(related="company_id.transfer_days", readonly=False)
    has_one_warehouse = fields.Boolean(compute="_compute_has_one_warehouse")

    @api.depends("company_id")
    def _compute_has_one_warehouse(self):
        for settings in self:
            settings.has_one_warehouse = len(settings.company_id._order_warehouses()) < 2
