from odoo import api, fields, models
from odoo.exceptions import AccessError

BLOCK_FIELDS = frozenset({"order_blocked", "order_block_reason"})


class ResPartner(models.Model):
    """Customers we do not deliver to for now."""

    _inherit = "res.partner"

    order_blocked = fields.Boolean(
        "Orders blocked",
        tracking=True,
        copy=False,
        help="Orders of this customer, or delivered to this address, are held until somebody decides.",
        groups="base.group_user",
    )
    order_block_reason = fields.Char("Blocked because", tracking=True, copy=False, groups="base.group_user")

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_may_block(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_may_block(vals)
        return super().write(vals)

    def _check_may_block(self, vals):
        wanted = {name for name in BLOCK_FIELDS & vals.keys() if vals[name]}
        lifted = BLOCK_FIELDS & vals.keys() and any(self.mapped("order_blocked"))
        allowed = ("sales_team.group_sale_manager", "account.group_account_invoice")
        if (wanted or lifted) and not self.env.su and not any(map(self.env.user.has_group, allowed)):
            raise AccessError(
                self.env._("Only sales managers and accounting block a customer's orders, or free them.")
            )
