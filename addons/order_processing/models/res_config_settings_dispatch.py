from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    dispatch_mode = fields.Selection(related="company_id.dispatch_mode", readonly=False)
    dispatch_release_urgent = fields.Boolean(related="company_id.dispatch_release_urgent", readonly=False)
    dispatch_join_days = fields.Integer(related="company_id.dispatch_join_days", readonly=False)
