from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    review_mode = fields.Selection(related="company_id.review_mode", readonly=False)
    reservation_mode = fields.Selection(related="company_id.reservation_mode", readonly=False)
    review_price_tolerance = fields.Float(related="company_id.review_price_tolerance", readonly=False)
