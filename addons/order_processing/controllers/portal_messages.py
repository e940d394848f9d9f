from odoo.http import request, route

from odoo.addons.sale.controllers.portal import CustomerPortal


class OrderMessages(CustomerPortal):
    """The customer chooses what he is told about his orders: for himself, that is for his company."""

    @route("/my/messages", type="http", auth="user", methods=["GET"], website=True, sitemap=False)
    def portal_my_messages(self, saved=None):
        # sudo: of his own partner and its company, nothing else; customers may not read the models
        partner = request.env.user.partner_id.sudo()
        values = {
            **self._prepare_portal_layout_values(),
            **partner._messages_page(),
            "saved": saved,
            "page_name": "my_messages",
        }
        return request.render("order_processing.portal_my_messages", values)

    @route("/my/messages", type="http", auth="user", methods=["POST"], website=True, sitemap=False)
    def portal_choose_messages(self, digest="", **given):
        # sudo: see above
        partner = request.env.user.partner_id.sudo()
        choices = {
            name.removeprefix("kind_"): value for name, value in given.items() if name.startswith("kind_")
        }
        partner._choose_messages(choices, digest)
        return request.redirect("/my/messages?saved=1")
