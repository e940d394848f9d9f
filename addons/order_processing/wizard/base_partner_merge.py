from odoo import models


class MergePartnerAutomatic(models.TransientModel):
    """Merging contacts rewrites orders in the database, past write()."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        # sudo: what customers have chosen stays chosen, whoever merges them
        self.env["order.notification.preference"].sudo()._merge(src_partners, dst_partner)
        result = super()._update_foreign_keys(src_partners, dst_partner)
        # sudo: what was cleared is not for everybody to read, and has to follow all the same
        orders = self.env["sale.order"].sudo()
        orders.invalidate_model(["partner_id", "partner_shipping_id", "partner_invoice_id"])
        orders._follow_merge(src_partners.ids, dst_partner.id)
        return result
