from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    stock_warning_user_ids = fields.Many2many(related="company_id.stock_warning_user_ids", readonly=False)
    stock_warning_activity = fields.Boolean(related="company_id.stock_warning_activity", readonly=False)
    stock_warning_mail = fields.Boolean(related="company_id.stock_warning_mail", readonly=False)
    stock_warning_sms = fields.Boolean(related="company_id.stock_warning_sms", readonly=False)
    stock_warning_margin = fields.Float(related="company_id.stock_warning_margin", readonly=False)
