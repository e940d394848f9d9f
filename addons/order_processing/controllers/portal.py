from odoo.fields import Domain
from odoo.http import request

from odoo.addons.portal.controllers.portal import pager as portal_pager
from odoo.addons.sale.controllers.portal import CustomerPortal

from ..models.sale_order_portal_needs import ARRIVED_STAGES, ENDED_STAGES

# An order we are checking is an order to its customer, though Odoo still calls it a quotation.
IN_REVIEW = Domain("submitted_at", "!=", False) & Domain(
    "processing_stage", "in", ("received", "in_review", "refused")
)
# What a customer has begun himself and not placed yet.
OWN_DRAFTS = Domain("state", "=", "draft") & Domain("reordered_from_id", "!=", False)
ORDERS_PER_PAGE = 20
LONGEST_SEARCH = 80


class OrderPortal(CustomerPortal):
    def _prepare_quotations_domain(self, partner):
        domain = Domain(super()._prepare_quotations_domain(partner)) & ~IN_REVIEW
        theirs = Domain("partner_id", "child_of", [partner.commercial_partner_id.id])
        return list(domain | (theirs & OWN_DRAFTS))

    def _prepare_orders_domain(self, partner):
        domain = Domain(super()._prepare_orders_domain(partner))
        # Odoo's own quotations: ours, above, leaves out just the orders looked for here.
        quotations = super()._prepare_quotations_domain(partner)  # pylint: disable=super-method-mismatch
        held = Domain(quotations) & IN_REVIEW
        return list(domain | held)

    # ---------------------------------------------------------------- the list
    def _order_filters(self, partner):
        """Return ``{name: (label, domain)}``; the domain of what needs the customer is made when asked."""
        _ = request.env._
        return {
            "all": (_("All"), lambda: Domain.TRUE),
            "open": (_("Open"), lambda: Domain("processing_stage", "not in", ENDED_STAGES)),
            "needs": (
                _("Needs me"),
                lambda: request.env["sale.order"]._needing_customer_domain(partner),
            ),
            "delivered": (_("Delivered"), lambda: Domain("processing_stage", "in", ARRIVED_STAGES)),
        }

    @staticmethod
    def _order_search_domain(words):
        """Find by our number, by the customer's own, or by what was ordered."""
        return (
            Domain("name", "ilike", words)
            | Domain("client_order_ref", "ilike", words)
            | Domain("channel_ref", "ilike", words)
            | Domain("order_line.name", "ilike", words)
        )

    def _prepare_sale_portal_rendering_values(self, page=1, quotation_page=False, **kwargs):
        if quotation_page:
            return super()._prepare_sale_portal_rendering_values(page=page, quotation_page=True, **kwargs)
        return self._order_list_values(page, **kwargs)

    def _order_list_values(self, page, date_begin=None, date_end=None, sortby=None, **kwargs):
        """Odoo's values of the list, of shorter pages and with filters: one count and one search."""
        orders, partner = request.env["sale.order"], request.env.user.partner_id
        filters, sortings = self._order_filters(partner), self._get_sale_searchbar_sortings()
        filterby = kwargs.get("filterby") if kwargs.get("filterby") in filters else "all"
        sortby = sortby if sortby in sortings else "date"
        words = str(kwargs.get("search") or "").strip()[:LONGEST_SEARCH]
        domain = Domain(self._prepare_orders_domain(partner)) & filters[filterby][1]()
        if words:
            domain &= self._order_search_domain(words)
        if date_begin and date_end:
            domain &= Domain("create_date", ">", date_begin) & Domain("create_date", "<=", date_end)
        may_read = orders.has_access("read")
        pager = portal_pager(
            url="/my/orders",
            total=orders.search_count(domain) if may_read else 0,
            page=page,
            step=ORDERS_PER_PAGE,
            url_args={
                "date_begin": date_begin,
                "date_end": date_end,
                "search": words or None,
                "filterby": filterby if filterby != "all" else None,
                "sortby": sortby if len(sortings) > 1 else None,
            },
        )
        if may_read:
            # The id last: orders of one moment stay in their places from page to page.
            order = f"{sortings[sortby]['order']}, id desc"
            orders = orders.search(domain, order=order, limit=ORDERS_PER_PAGE, offset=pager["offset"])
        return {
            **self._prepare_portal_layout_values(),
            "date": date_begin,
            "quotations": orders.browse(),
            "orders": orders.sudo(),  # sudo: as Odoo does; found with the customer's own rights
            "order_facts": orders._portal_list(),
            "page_name": "order",
            "pager": pager,
            "default_url": "/my/orders",
            "order_filters": [(name, label) for name, (label, _domain) in filters.items()],
            "filterby": filterby,
            "search": words,
            "sortby": sortby,
            "searchbar_sortings": sortings,
        }
