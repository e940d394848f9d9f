from odoo import fields, models

from .sale_order import STAFF


class ResPartner(models.Model):
    _inherit = "res.partner"

    case_count = fields.Integer(compute="_compute_case_count", groups=STAFF)

    def _compute_case_count(self):
        self.case_count = 0
        counts = self.env["order.case"]._read_group(self._case_domain(), ["partner_id"], ["__count"])
        for partner, count in counts:
            while partner:  # of a company what its people have said, too
                if partner in self:
                    self.browse(partner.id).case_count += count
                partner = partner.sudo().parent_id  # sudo: whose people they are

    def _case_domain(self):
        return [("partner_id", "child_of", self.ids)]

    def action_view_cases(self):
        self.check_access("read")
        action = self.env["order.case"]._action_of(self._case_domain())
        return {**action, "context": {"default_partner_id": self[:1].id}}
