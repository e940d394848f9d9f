from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import request, route

from .portal_quick_order import PAGE, QuickOrderPortal


class QuickListPortal(QuickOrderPortal):
    """What the customer ordered before, and lists he keeps: into his quick order with a click."""

    @route(f"{PAGE}/again", type="http", auth="user", methods=["POST"], website=True, sitemap=False)
    def portal_quick_order_again(self, order="", **given):
        """Add the goods of an order he may see."""

        def add(quick):
            order_sudo = self._quick_past_order(order)
            lines = order_sudo._lines_to_reorder()
            wanted = [(line.product_id, line.product_uom_qty, line.product_uom_id) for line in lines]
            return self._quick_take(quick, wanted)

        return self._quick_change(add, given)

    @route(f"{PAGE}/list", type="http", auth="user", methods=["POST"], website=True, sitemap=False)
    def portal_quick_order_list(self, list_id="", **given):
        """Add the goods of a list."""

        def add(quick):
            lines = self._quick_list(list_id).line_ids
            return self._quick_take(quick, [(one.product_id, one.quantity, one.uom_id) for one in lines])

        return self._quick_change(add, given)

    @route(f"{PAGE}/list/keep", type="http", auth="user", methods=["POST"], website=True, sitemap=False)
    def portal_quick_order_keep_list(self, name="", **given):
        """Keep what is in the quick order as a list."""

        def keep(quick):
            self._quick_lists()._keep(request.env.user, name if isinstance(name, str) else "", quick.line_ids)
            return quick.line_ids.browse(), ""

        return self._quick_change(keep, given)

    @route(f"{PAGE}/list/delete", type="http", auth="user", methods=["POST"], website=True, sitemap=False)
    def portal_quick_order_delete_list(self, list_id="", **given):
        def delete(quick):
            self._quick_list(list_id).unlink()
            return quick.line_ids.browse(), ""

        return self._quick_change(delete, given)

    # ---------------------------------------------------------------- helpers
    def _quick_list(self, list_id):
        lists = {str(one.id): one for one in self._quick_lists()._of_customer(request.env.user)}
        if not isinstance(list_id, str) or list_id not in lists:
            raise UserError(request.env._("This list is not there any more."))
        return lists[list_id]

    def _quick_past_order(self, order):
        gone = request.env._("This order cannot be ordered again.")
        if not isinstance(order, str) or not order.isdecimal() or len(order) > 9:
            raise UserError(gone)
        try:
            order_sudo = self._document_check_access("sale.order", int(order))
        except (AccessError, MissingError):
            raise UserError(gone) from None
        if not order_sudo._may_choose(request.env.user):
            raise UserError(gone)
        return order_sudo

    @staticmethod
    def _quick_take(quick, wanted):
        lines, gone = quick._take_products(wanted)
        if not lines:
            raise UserError(request.env._("Nothing of this can be ordered any more. Please ask us."))
        words = request.env._("Not sold any more, so left out: %s", ", ".join(gone.mapped("name")))
        return lines, words if gone else ""
