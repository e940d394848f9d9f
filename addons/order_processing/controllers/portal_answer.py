from odoo.exceptions import AccessError, MissingError
from odoo.http import request, route

from odoo.addons.sale.controllers.portal import CustomerPortal

from ..models.sale_order_answer_form import MAX_FILES, MAX_MEGABYTES


class OrderAnswer(CustomerPortal):
    """The customer answers a reviewer's question on the page of the order, logged in or by signed link."""

    @route(
        "/my/orders/<int:order_id>/answer",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
        sitemap=False,
    )
    def portal_order_answer(self, order_id, access_token=None, answer="", **given):
        try:
            order_sudo = self._document_check_access("sale.order", order_id, access_token=access_token)
        except (AccessError, MissingError):
            return request.redirect("/my")
        order_sudo = order_sudo.with_company(order_sudo.company_id)
        if not order_sudo._can_be_answered_by(request.env.user):
            return self._back_to_order(order_sudo, "answer_not_asked")
        # Whoever sends files where words belong has sent no words.
        given = {name: value for name, value in given.items() if isinstance(value, str)}
        answer = answer if isinstance(answer, str) else ""
        files = self._uploaded_files()
        text, completed, attachments, faults = order_sudo._read_answer(answer, given, files)
        if faults:
            typed = {**given, "answer": answer, "has_files": bool(files)}
            return self._ask_again(order_sudo, access_token, typed, faults)
        order_sudo._answer_change_request(text, completed, attachments, user=request.env.user)
        return self._back_to_order(order_sudo, "answer_sent")

    def _back_to_order(self, order_sudo, message):
        return request.redirect(order_sudo.get_portal_url(query_string=f"&message={message}"))

    def _ask_again(self, order_sudo, access_token, given, faults):
        """Show the page once more, with what is wrong and with what was typed."""
        page = self.portal_order_page(order_sudo.id, access_token=access_token)
        page.qcontext.update(answer_given=given, answer_faults=faults)
        return page

    @staticmethod
    def _uploaded_files():
        """Return ``(name, content)`` of what was uploaded, of each just enough to see that it is too big."""
        uploads = [file for file in request.httprequest.files.getlist("attachments") if file.filename]
        too_big = MAX_MEGABYTES * 1024 * 1024 + 1
        return [(file.filename, file.read(too_big)) for file in uploads[: MAX_FILES + 1]]
