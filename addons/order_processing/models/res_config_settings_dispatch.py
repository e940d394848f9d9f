from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    dispatch_mode = fields.Selection(related="company_id.dispatch_mode", readonly=False)
