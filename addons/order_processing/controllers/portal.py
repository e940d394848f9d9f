from odoo.fields import Domain

from odoo.addons.sale.controllers.portal import CustomerPortal

# An order we are checking is an order to its customer, though Odoo still calls it a quotation.
IN_REVIEW = Domain("submitted_at", "!=", False) & Domain(
    "processing_stage", "in", ("received", "in_review", "refused")
)


class OrderPortal(CustomerPortal):
    def _prepare_quotations_domain(self, partner):
        return list(Domain(super()._prepare_quotations_domain(partner)) & ~IN_REVIEW)

    def _prepare_orders_domain(self, partner):
        domain = Domain(super()._prepare_orders_domain(partner))
        # Odoo's own quotations: ours, above, leaves out just the orders looked for here.
        quotations = super()._prepare_quotations_domain(partner)  # pylint: disable=super-method-mismatch
        held = Domain(quotations) & IN_REVIEW
        return list(domain | held)
