from odoo.http import request, route

from odoo.addons.sale.controllers.portal import CustomerPortal

PAGE = "order_processing.portal_choice"


class OrderChoice(CustomerPortal):
    """The customer chooses by a signed link, from a mail or the page of the order.

    Opening a link only asks: programs that look through mails open links, too. What is chosen is carried
    out when the button on the page is pressed. A link that is forged, too old or of a withdrawn offer gets
    one and the same page, which tells nothing.
    """

    @route(
        "/order/choice/<string:token>",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        sitemap=False,
    )
    def order_choice(self, token):
        offer, code = self._offer_of(token)
        if not offer:
            return self._invalid()
        return self._page(offer, code, because=self._because(offer, code))

    @route(
        "/order/choice/<string:token>",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
        sitemap=False,
    )
    def order_choose(self, token, **_given):
        offer, code = self._offer_of(token)
        if not offer:
            return self._invalid()
        because = self._because(offer, code)
        if not because and offer._choose(code, request.env.user):
            return self._page(offer, code, done=True)
        return self._page(offer, code, because=because or self._because(offer, code))

    @staticmethod
    def _because(offer, code):
        """Return why nothing can be chosen here; a colleague's click in the mail is not the customer's."""
        if not offer.order_id._may_choose(request.env.user):
            return "staff"
        return offer._closed_because(code)

    def _offer_of(self, token):
        offer, code = request.env["order.choice.offer"]._of_token(token)
        if not offer or offer.state == "withdrawn":
            return offer.browse(), None
        if request.env.user._is_public() and (lang := offer.partner_id.lang):
            # In the language of the mail, not of the browser.
            request.update_context(lang=lang)
            offer = offer.with_context(lang=lang)
        return offer.with_company(offer.company_id), code

    def _page(self, offer, code, because=None, done=False):
        order = offer.order_id
        values = {
            "offer": offer,
            "order": order,
            "code": code,
            "label": order._choice_label(offer._option(code)),
            "chosen": offer.choice and order._choice_label(offer._option(offer.choice)),
            "effects": order._choice_effects(offer._option(code)) if not (because or done) else [],
            "because": because,
            "done": done,
            "others": order._offered_choices() if because == "gone" else [],
            "page_name": "order_choice",
        }
        response = request.render(PAGE, values)
        return self._not_kept(response)

    def _invalid(self):
        response = request.render(PAGE, {"because": "invalid", "page_name": "order_choice"}, status=404)
        return self._not_kept(response)

    @staticmethod
    def _not_kept(response):
        # The address is the key: no copy in between, no trace at other sites, no search engine.
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response
