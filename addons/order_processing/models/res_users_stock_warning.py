from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResUsers(models.Model):
    """By which ways a person wants to hear of low stock."""

    _inherit = "res.users"

    stock_warning_activity = fields.Boolean("Low stock by activity", default=True)
    stock_warning_mail = fields.Boolean("Low stock by e-mail", default=True)
    stock_warning_sms = fields.Boolean("Low stock by SMS", default=True)

    is_told_about_stock = fields.Boolean(compute="_compute_is_told_about_stock")

    @api.depends("group_ids")
    def _compute_is_told_about_stock(self):
        for user in self:
            user.is_told_about_stock = user.has_group("stock.group_stock_user")

    @property
    def SELF_READABLE_FIELDS(self):
        return super().SELF_READABLE_FIELDS + [*self._stock_warning_fields(), "is_told_about_stock"]

    @property
    def SELF_WRITEABLE_FIELDS(self):
        return super().SELF_WRITEABLE_FIELDS + self._stock_warning_fields()

    @api.model
    def _stock_warning_fields(self):
        return ["stock_warning_activity", "stock_warning_mail", "stock_warning_sms"]

    def _stock_warning_media(self, company):
        """Return the ways by which the company warns and the person wants to be warned."""
        self.ensure_one()
        media = ("activity", "mail", "sms")
        return [one for one in media if company[f"stock_warning_{one}"] and self[f"stock_warning_{one}"]]

    def _check_may_watch_stock(self, company):
        for user in self:
            if not user.has_group("stock.group_stock_user"):
                raise ValidationError(
                    self.env._("%s cannot be told about stock without a role in Inventory.", user.name)
                )
            if company not in user.company_ids:
                raise ValidationError(
                    self.env._("%(user)s does not work in %(company)s.", user=user.name, company=company.name)
                )
