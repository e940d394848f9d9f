from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import request, route

from odoo.addons.sale.controllers.portal import CustomerPortal


class OrderReorder(CustomerPortal):
    """The customer orders the same again. Logged in: a link to one order is no right to make others."""

    @route(
        "/my/orders/<int:order_id>/reorder",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
        sitemap=False,
    )
    def portal_order_reorder(self, order_id, **_given):
        order_sudo = self._own_order(order_id)
        if not order_sudo:
            return request.redirect("/my")
        may_reorder = order_sudo._can_be_reordered_by(request.env.user)
        if not may_reorder or not order_sudo._lines_to_reorder():
            return self._to_page(order_sudo, "reorder_nothing")
        draft, gone = order_sudo._reorder(request.env.user)
        return self._to_page(draft, "reorder_partly" if gone else "reordered")

    @route(
        "/my/orders/<int:order_id>/place",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
        sitemap=False,
    )
    def portal_order_place(self, order_id, **_given):
        order_sudo = self._own_order(order_id)
        if not order_sudo:
            return request.redirect("/my")
        if not order_sudo._can_be_placed_by(request.env.user):
            return self._to_page(order_sudo, "not_placed")
        try:
            with request.env.cr.savepoint():
                order_sudo.action_submit()
        except UserError:
            # Ours to mend: the customer cannot know what an order lacks.
            return self._to_page(order_sudo, "not_placed")
        return self._to_page(order_sudo, "placed")

    @route(
        "/my/orders/<int:order_id>/discard",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
        sitemap=False,
    )
    def portal_order_discard(self, order_id, **_given):
        order_sudo = self._own_order(order_id)
        if not order_sudo:
            return request.redirect("/my")
        if not order_sudo._is_own_draft_of(request.env.user):
            return self._to_page(order_sudo, "not_discarded")
        before = order_sudo.reordered_from_id
        order_sudo.action_cancel()
        order_sudo.unlink()
        return self._to_page(before, "discarded")

    def _own_order(self, order_id):
        """Return the order (sudo) if the user may read it, or nothing."""
        try:
            order_sudo = self._document_check_access("sale.order", order_id)
        except (AccessError, MissingError):
            return None
        return order_sudo.with_company(order_sudo.company_id)

    @staticmethod
    def _to_page(order_sudo, message):
        return request.redirect(f"/my/orders/{order_sudo.id}?message={message}")
