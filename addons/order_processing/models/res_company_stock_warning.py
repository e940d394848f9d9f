from odoo import api, fields, models


class ResCompany(models.Model):
    """Who is told when stock falls to its warning level, and how."""

    _inherit = "res.company"

    stock_warning_user_ids = fields.Many2many(
        "res.users",
        "res_company_stock_warning_user_rel",
        string="Told about low stock",
        help="Those who are told when stock falls to its warning level, where neither the level nor the"
        " warehouse names somebody. They need a role in Inventory.",
    )
    stock_warning_activity = fields.Boolean("Warn by activity", default=True)
    stock_warning_mail = fields.Boolean(
        "Warn by e-mail",
        default=True,
        help="Or in Odoo, for people who have chosen to get their notifications there.",
    )
    stock_warning_sms = fields.Boolean(
        "Warn by SMS", default=False, help="To the phone number of the person's contact. Every message costs."
    )
    stock_warning_margin = fields.Float(
        "Recovered above the level by (%)",
        default=10.0,
        help="Only when so much more than the warning level is free again does stock count as recovered."
        " Until then nobody is told a second time, however often it goes up and down.",
    )

    _stock_warning_margin_positive = models.Constraint(
        "CHECK(stock_warning_margin >= 0)", "The margin is a percentage of 0 or more."
    )

    @api.constrains("stock_warning_user_ids")
    def _check_stock_warning_users(self):
        for company in self:
            company.stock_warning_user_ids._check_may_watch_stock(company)
