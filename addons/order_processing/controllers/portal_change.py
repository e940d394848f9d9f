from urllib.parse import urlencode

from odoo.exceptions import AccessError, MissingError
from odoo.http import request, route

from odoo.addons.sale.controllers.portal import CustomerPortal

from ..engine.customer_change import Kind

PAGE = "order_processing.portal_change"
KINDS = {kind.value for kind in Kind}


class OrderChange(CustomerPortal):
    """The customer changes his order, or asks for it, logged in or by the signed link of the order."""

    @route(
        "/my/orders/<int:order_id>/change",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        sitemap=False,
    )
    def portal_order_change(self, order_id, access_token=None, **_given):
        order_sudo = self._changeable_order(order_id, access_token)
        if not order_sudo:
            return request.redirect("/my")
        if not order_sudo._may_change(request.env.user):
            return request.redirect(self._order_url(order_sudo, access_token, message="change_no"))
        return self._change_answer(order_sudo, access_token)

    @route(
        "/my/orders/<int:order_id>/change/<string:kind>",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
        sitemap=False,
    )
    def portal_order_do_change(self, order_id, kind, access_token=None, seen="", **given):
        order_sudo = self._changeable_order(order_id, access_token)
        if not order_sudo or kind not in KINDS:
            return request.redirect("/my")
        user, seen = request.env.user, seen if isinstance(seen, str) else ""
        # Whoever sends files where words belong has sent no words.
        given = {name: value for name, value in given.items() if isinstance(value, str)}
        if not order_sudo._may_choose(user):
            return request.redirect(self._order_url(order_sudo, access_token, message="change_no"))
        # What was typed on an older page may be wrong only because the order is another one now.
        is_stale = seen != order_sudo._change_version()
        wish, note, faults = order_sudo._read_wish(kind, given, user)
        if faults and not is_stale:
            return self._change_answer(order_sudo, access_token, kind, given, faults)
        before = order_sudo.amount_total
        outcome = "stale" if is_stale else order_sudo._customer_change(kind, wish, seen, user, note)
        if outcome == "done" and order_sudo._is_less_due(before):
            outcome = "done_less"
        back = self._order_url(order_sudo, access_token, message=f"change_{outcome}")
        return request.redirect(f"{back}#order_change_message")

    def _changeable_order(self, order_id, access_token):
        """Return the order whose page may be seen, with all rights; nothing for all others alike."""
        try:
            order_sudo = self._document_check_access("sale.order", order_id, access_token=access_token)
        except (AccessError, MissingError):
            return None
        return order_sudo.with_company(order_sudo.company_id)

    @staticmethod
    def _order_url(order_sudo, access_token, **given):
        """Return the way to the page of the order: with the key only for who has come with it."""
        given.update({"access_token": access_token} if access_token else {})
        query = f"?{urlencode(given)}" if given else ""
        return f"/my/orders/{order_sudo.id}{query}"

    def _change_answer(self, order_sudo, access_token, kind=None, given=None, faults=None):
        values = {
            "sale_order": order_sudo,
            "access_token": access_token,
            "back": self._order_url(order_sudo, access_token),
            "change": order_sudo._change_page(request.env.user),
            "kind": kind,
            "given": given or {},
            "faults": faults or {},
            "page_name": "order_change",
        }
        response = request.render(PAGE, values)
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response
