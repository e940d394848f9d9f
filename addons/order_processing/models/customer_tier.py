from odoo import api, fields, models
from odoo.exceptions import AccessError


class CustomerTier(models.Model):
    """How much a customer matters to the company: set by hand here, by rules in a later addon."""

    _name = "customer.tier"
    _description = "Customer Tier"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    points = fields.Integer(help="0 to 100: what the tier gives to the priority of an order, in percent.")
    company_id = fields.Many2one("res.company", index=True, help="Empty: for all companies.")
    color = fields.Integer()

    _points_bounds = models.Constraint(
        "CHECK(points BETWEEN 0 AND 100)", "The points of a tier are a number from 0 to 100."
    )

    def write(self, vals):
        result = super().write(vals)
        if {"points", "company_id"} & vals.keys():
            # It may be the tier of very many orders: not while somebody waits.
            self.env["sale.order"]._wake_priority_clock()
        return result

    def unlink(self):
        result = super().unlink()
        self.env["sale.order"]._wake_priority_clock()
        return result


class ResPartner(models.Model):
    _inherit = "res.partner"

    customer_tier_id = fields.Many2one(
        "customer.tier",
        "Tier",
        index="btree_not_null",
        tracking=True,
        domain="[('company_id', 'in', (False, company_id, current_company_id))]",
        help="What the customer is to us. Contacts have the one of their company.",
        groups="base.group_user",
    )

    @api.model
    def _commercial_fields(self):
        return [*super()._commercial_fields(), "customer_tier_id"]

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_may_set_tier(vals)
        return super().create(vals_list)

    @api.model
    def default_get(self, fields):
        # A default, sent along by the client or kept by a user for himself, is a value like any other.
        if not self._may_set_tier():
            fields = [name for name in fields if name != "customer_tier_id"]
        return super().default_get(fields)

    def write(self, vals):
        self._check_may_set_tier(vals)
        result = super().write(vals)
        if {"customer_tier_id", "parent_id", "is_company"} & vals.keys():
            self._note_priority()
        return result

    def _check_may_set_tier(self, vals):
        if "customer_tier_id" not in vals or self._may_set_tier():
            return
        tier_id = vals["customer_tier_id"] or False
        if any(partner.customer_tier_id.id != tier_id for partner in self) or (tier_id and not self):
            raise AccessError(self.env._("Only sales managers say of which tier a customer is."))

    @api.model
    def _may_set_tier(self):
        return self.env.su or self.env.user.has_group("sales_team.group_sale_manager")
