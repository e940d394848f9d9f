from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    freight_mode = fields.Selection(related="company_id.freight_mode", readonly=False)
    freight_patience = fields.Integer(related="company_id.freight_patience", readonly=False)
    freight_tolerance = fields.Monetary(related="company_id.freight_tolerance", readonly=False)
    freight_tolerance_percent = fields.Float(related="company_id.freight_tolerance_percent", readonly=False)
