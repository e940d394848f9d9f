from odoo import fields, models

from .sale_order import STAFF


class ResPartner(models.Model):
    _inherit = "res.partner"

    case_count = fields.Integer(compute="_compute_case_count", groups=STAFF)

    def _compute_case_count(self):
        for partner in self:
            partner.case_count = self.env["order.case"].search_count(partner._case_domain())

    def _case_domain(self):
        return [("partner_id", "child_of", self.ids)]

    def action_view_cases(self):
        self.check_access("read")
        action = self.env["order.case"]._action_of(self._case_domain())
        return {**action, "context": {"default_partner_id": self[:1].id}}
