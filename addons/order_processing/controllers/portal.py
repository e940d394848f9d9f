from odoo.fields import Domain
from odoo.http import request
from odoo.tools.translate import LazyTranslate

from odoo.addons.portal.controllers.portal import pager as portal_pager
from odoo.addons.sale.controllers.portal import CustomerPortal

from ..models.sale_order_portal_needs import ARRIVED_STAGES, ENDED_STAGES

_lt = LazyTranslate(__name__)

# An order we are checking is an order to its customer, though Odoo still calls it a quotation.
IN_REVIEW = Domain("submitted_at", "!=", False) & Domain(
    "processing_stage", "in", ("received", "in_review", "refused")
)
# What a customer has begun himself and not placed yet.
OWN_DRAFTS = Domain("state", "=", "draft") & Domain("reordered_from_id", "!=", False)
ORDERS_PER_PAGE = 20
FILTERS = {
    "all": _lt("All"),
    "open": _lt("Open"),
    "needs": _lt("Needs me"),
    "delivered": _lt("Delivered"),
}
# In the context while the list of orders is made: what its filter and its search are.
LIST = "order_processing_list"
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
        return list((domain | held) & self._order_list_domain(partner))

    def _get_sale_searchbar_sortings(self):
        # The id last: orders of one moment stay in their places from page to page.
        sortings = super()._get_sale_searchbar_sortings()
        return {name: {**one, "order": f"{one['order']}, id desc"} for name, one in sortings.items()}

    # ---------------------------------------------------------------- the list
    @property
    def _items_per_page(self):
        """As many as Odoo; of orders, which are cards on a phone, fewer."""
        # Odoo also looks at each attribute when it draws up its routes, with or without a request.
        is_list = bool(request) and request.env.context.get(LIST) is not None
        return ORDERS_PER_PAGE if is_list else super()._items_per_page

    def _order_list_domain(self, partner):
        """Return what the filter and the search of the list leave; everything where no list is shown."""
        asked = request.env.context.get(LIST)
        if asked is None:
            return Domain.TRUE
        domain = self._order_filter_domain(asked["filterby"], partner)
        return domain & self._order_search_domain(asked["search"]) if asked["search"] else domain

    @staticmethod
    def _order_filter_domain(name, partner):
        if name == "needs":
            return request.env["sale.order"]._needing_customer_domain(partner)
        if name == "open":
            return Domain("processing_stage", "not in", ENDED_STAGES)
        return Domain("processing_stage", "in", ARRIVED_STAGES) if name == "delivered" else Domain.TRUE

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
        asked = {
            "filterby": kwargs.get("filterby") if kwargs.get("filterby") in FILTERS else "all",
            "search": str(kwargs.get("search") or "").strip()[:LONGEST_SEARCH],
        }
        sortings = self._get_sale_searchbar_sortings()
        if kwargs.get("sortby") not in sortings:
            kwargs.pop("sortby", None)
        request.update_context(**{LIST: asked})
        values = super()._prepare_sale_portal_rendering_values(page=page, quotation_page=False, **kwargs)
        orders = values["orders"]
        return {
            **values,
            **asked,
            "order_facts": orders._portal_list(),
            "order_filters": [(name, request.env._(label)) for name, label in FILTERS.items()],
            "sortby": kwargs.get("sortby") or "date",
            "searchbar_sortings": sortings,
            "pager": self._order_pager(values["pager"], page, asked, kwargs),
        }

    def _order_pager(self, pager, page, asked, kwargs):
        """Return Odoo's pager again, whose links keep the filter and what was searched for."""
        return portal_pager(
            url="/my/orders",
            total=pager["page_count"] * self._items_per_page,
            page=page,
            step=self._items_per_page,
            url_args={
                **{name: kwargs.get(name) for name in ("date_begin", "date_end", "sortby")},
                "search": asked["search"] or None,
                "filterby": asked["filterby"] if asked["filterby"] != "all" else None,
            },
        )
