from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    shortage_user_id = fields.Many2one(related="company_id.shortage_user_id", readonly=False)
    shortage_replenish = fields.Selection(related="company_id.shortage_replenish", readonly=False)
    offers_choices = fields.Boolean(related="company_id.offers_choices", readonly=False)
    choice_days = fields.Integer(related="company_id.choice_days", readonly=False)
