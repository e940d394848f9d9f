import ipaddress
import logging
import math

from odoo.http import request, route

from odoo.addons.sale.controllers.portal import CustomerPortal

from ..engine.lookup import LONGEST_CONTACT, LONGEST_NUMBER, number_key

PAGE = "order_processing.portal_lookup"
LOCAL = ("127.0.0.1", "::/64")

_logger = logging.getLogger(__name__)


class OrderLookup(CustomerPortal):
    """Where an order stands, for who knows its number and how its customer is reached.

    Whoever knows one of them only learns nothing: no order of that number, and one of somebody else, get
    the same answer after the same work. What is found is shown behind a signed link that ends soon and
    opens nothing else. The limits concern this page only; who logs in is never kept out by them.
    """

    @route(
        "/order/status",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        sitemap=False,
        readonly=True,
    )
    def order_status(self, number="", **_given):
        if not self._lookup_is_offered():
            return request.not_found()
        number = number if isinstance(number, str) else ""
        return self._lookup_answer(asked=number[:LONGEST_NUMBER])

    @route("/order/status", type="http", auth="public", methods=["POST"], website=True, sitemap=False)
    def order_status_asked(self, number="", contact="", **_given):
        if not self._lookup_is_offered():
            return request.not_found()
        number = number.strip() if isinstance(number, str) else ""
        contact = contact.strip() if isinstance(contact, str) else ""
        if wait := self._lookup_wait(number):
            return self._lookup_wait_answer(number, contact, wait)
        order = request.env["sale.order"]._look_up(number, contact)
        if not order:
            return self._lookup_answer(**_typed(number, contact), fault="unknown")
        self._lookup_give_back(number)
        return self._lookup_not_kept(request.redirect(f"/order/status/{order._lookup_token()}", code=303))

    @route(
        "/order/status/<string:token>",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        sitemap=False,
    )
    def order_status_found(self, token):
        order = request.env["sale.order"]._of_lookup_token(token)
        if not order:
            return self._lookup_answer(fault="ended", status=404)
        order = order.with_company(order.company_id)
        return self._lookup_answer(found=order._lookup_page())

    # ---------------------------------------------------------------- limits
    @staticmethod
    def _lookup_is_offered():
        return request.env["res.company"]._offers_lookup()

    @staticmethod
    def _lookup_wait(number):
        """Return for how many seconds to wait: first who asks, then what he asks for.

        Nobody takes all turns of a number: its customer, who comes from elsewhere, still gets one.
        """
        # sudo: nobody else may count
        limits = request.env["order.lookup.limit"].sudo()
        address, key = _network(request.httprequest.remote_addr), number_key(number)
        wait = limits._wait("address", address)
        if wait and address in LOCAL:
            _logger.warning("All who look up orders seem to come from %s: is proxy_mode set?", address)
        return wait or limits._wait("both", f"{address} {key}") or limits._wait("number", key)

    @staticmethod
    def _lookup_give_back(number):
        """Who has found his order has not guessed."""
        # sudo: nobody else may count
        limits = request.env["order.lookup.limit"].sudo()
        address, key = _network(request.httprequest.remote_addr), number_key(number)
        limits._give_back("both", f"{address} {key}")
        limits._give_back("number", key)

    def _lookup_wait_answer(self, number, contact, wait):
        response = self._lookup_answer(
            **_typed(number, contact),
            fault="wait",
            wait_minutes=math.ceil(wait / 60),
            status=429,
        )
        response.headers["Retry-After"] = str(wait)
        return response

    # ---------------------------------------------------------------- pages
    def _lookup_answer(self, status=200, **values):
        values = {"asked": "", "contact": "", "fault": None, "found": None, "wait_minutes": 0, **values}
        values.update(page_name="order_status", no_index=True)
        return self._lookup_not_kept(request.render(PAGE, values, status=status))

    @staticmethod
    def _lookup_not_kept(response):
        # What is shown is for one person: no copy in between, no trace at other sites, no search engine.
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response


def _typed(number, contact):
    return {"asked": number[:LONGEST_NUMBER], "contact": contact[:LONGEST_CONTACT]}


def _network(address):
    """Return what counts as one address: of IPv6 everybody has a whole network (/64)."""
    try:
        known = ipaddress.ip_address(address or "")
    except ValueError:
        return address or ""
    if known.version == 4:
        return str(known)
    if known.ipv4_mapped:
        return str(known.ipv4_mapped)
    return str(ipaddress.ip_network((known, 64), strict=False))
