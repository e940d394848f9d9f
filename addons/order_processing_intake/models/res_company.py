from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    offers_quick_order = fields.Boolean(
        "Customers order in the portal",
        default=True,
        help="Customers with a log-in order by numbers, lists and files, at their own prices.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    offers_quick_order = fields.Boolean(related="company_id.offers_quick_order", readonly=False)
