import logging
from contextlib import contextmanager
from datetime import datetime

from odoo.http import Request
from odoo.tests import tagged
from odoo.tools import config

from .common import OrderProcessingHttpCase

NO_ORDER = "We found no order with these details."
TRIES = 20


@tagged("post_install", "-at_install")
class TestLookupAttacked(OrderProcessingHttpCase):
    """Somebody wants to know of orders that are not his, or to keep their customers out."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sale = cls.confirmed_order(client_order_ref="PO 4711").sudo()
        params = cls.env["ir.config_parameter"].sudo()
        params.set_param("order_processing.guest_lookup_per_address", 1000)

    def setUp(self):
        super().setUp()
        self.authenticate(None, None)

    @contextmanager
    def proxy(self, is_set=True):
        before = config["proxy_mode"]
        config["proxy_mode"] = is_set
        try:
            yield
        finally:
            config["proxy_mode"] = before

    def ask(self, number=None, contact="carla@example.com", address=None, **more):
        data = {"csrf_token": Request.csrf_token(self), "number": number or self.sale.name}
        headers = {"X-Forwarded-For": address, "X-Forwarded-Host": "shop.example"} if address else {}
        return self.url_open("/order/status", data={**data, "contact": contact}, headers=headers, **more)

    # ---------------------------------------------------------------- limits
    def test_one_address_does_not_keep_the_customer_out(self):
        """Numbers of orders follow each other: whoever knows one can ask for it as often as he likes."""
        with self.proxy():
            for _try in range(TRIES + 2):
                self.ask(contact="else@example.com", address="192.0.2.1", allow_redirects=False)
            self.assertEqual(self.ask(address="192.0.2.1", allow_redirects=False).status_code, 429)
            answer = self.ask(address="198.51.100.7", allow_redirects=False)
        self.assertEqual(answer.status_code, 303)

    def test_who_finds_his_order_may_look_again(self):
        for _look in range(2 * TRIES):
            self.assertEqual(self.ask(allow_redirects=False).status_code, 303)

    def test_who_has_many_addresses_is_limited_too(self):
        with self.proxy():
            for turn in range(5 * TRIES):
                last = self.ask(contact="else@example.com", address=f"192.0.2.{turn}")
        self.assertEqual(last.status_code, 429)

    def test_an_address_is_not_invented(self):
        limits = self.env["order.lookup.limit"]
        limits.search([]).unlink()
        # Few enough that nothing leaks out while this runs.
        params = self.env["ir.config_parameter"].sudo()
        params.set_param("order_processing.guest_lookup_per_address", 20)
        for address in ("192.0.2.1", "192.0.2.2"):
            self.ask("S99999", address=address)
        with self.proxy():
            # What the client says itself stands before what our proxy adds.
            for address in ("1.1.1.1, 192.0.2.9", "2.2.2.2, 192.0.2.9", "2001:db8:1:2::7", "2001:db8:1:2::8"):
                self.ask("S99999", address=address)
        levels = sorted(round(level) for level in limits.search([]).mapped("level"))
        # Three addresses (this machine, the one behind the proxy, the network), each twice; with the number.
        self.assertEqual(levels, [2] * 6 + [6], levels)

    def test_no_limit_by_mistake(self):
        limits, params = self.env["order.lookup.limit"], self.env["ir.config_parameter"].sudo()
        for value in ("0", "-1", "x", ""):
            params.set_param("order_processing.guest_lookup_per_number", value)
            self.assertEqual(limits._most("number")[0], TRIES, value)

    # ---------------------------------------------------------------- the same for whatever is not shown
    def test_orders_that_are_nobodys_business(self):
        other = self.env["res.company"].create({"name": "Elsewhere", "guest_lookup": False})
        partner = self.customer.copy({"company_id": False, "email": "carla@example.com"})
        theirs = self.env["sale.order"].create({"partner_id": partner.id, "company_id": other.id})
        theirs.write({"name": "X-1", "submitted_at": datetime.now()})
        draft = self.quotation().sudo()
        taken_back = self.confirmed_order().sudo()
        taken_back._action_cancel()
        taken_back.action_draft()
        unknown = self.ask("S99999", allow_redirects=False)
        for number in (theirs.name, draft.name, taken_back.name):
            page = self.ask(number, allow_redirects=False)
            with self.subTest(number):
                self.assertEqual(page.status_code, unknown.status_code)
                blank = [text.replace(n, "") for text, n in ((page.text, number), (unknown.text, "S99999"))]
                self.assertEqual(*(self.without_token(text) for text in blank))
        gone = self.confirmed_order().sudo()
        gone._action_cancel()
        self.assertIn("cancelled", self.ask(gone.name).text)

    @staticmethod
    def without_token(page):
        head, _name, rest = page.partition('name="csrf_token"')
        return head.split("<main>")[-1] + rest.split("/>", 1)[-1].split("</main>")[0]

    def test_many_customers_call_their_order_the_same(self):
        self.sale.client_order_ref = "PO 1"
        for turn in range(30):
            partner = self.customer.copy({"email": f"else{turn}@example.com", "phone": False})
            order = self.quotation(partner, client_order_ref="PO 1").sudo()
            order.submitted_at = datetime.now()
        orders = self.env["sale.order"]
        self.assertEqual(orders._look_up("PO 1", "carla@example.com"), self.sale)
        self.assertEqual(orders._look_up("PO 1", "020 7946 0018"), self.sale)
        self.assertFalse(orders._look_up("PO 1", "nobody@example.com"))

    def test_what_a_carrier_writes_is_not_shown(self):
        self.sale.picking_ids.carrier_tracking_ref = "P-77"
        self.ship(self.sale)
        parcel = self.sale.shipment_ids.parcel_ids
        self.env["order.shipment.event"].create(
            {
                "parcel_id": parcel.id,
                "event_time": datetime.now(),
                "status": "in_transit",
                "text": "Left with neighbour Smith, 221 Baker Street",
                "place": "London",
                "source": "hand",
                "dedup_key": "1",
            }
        )
        page = self.ask().text
        self.assertIn("P-77", page)
        self.assertNotIn("Baker", page)

    # ---------------------------------------------------------------- traces
    def test_no_contact_in_the_log(self):
        written = []
        handler = logging.Handler()
        handler.emit = lambda record: written.append(record.getMessage())
        logging.getLogger().addHandler(handler)
        try:
            self.ask()
            self.ask(contact="else@example.com")
            self.ask("S\x00'", contact="else@example.com")
        finally:
            logging.getLogger().removeHandler(handler)
        self.assertFalse([line for line in written if "example.com" in line])

    def test_links_with_something_in_them(self):
        token = self.sale._lookup_token()
        for forged in (
            token + "A",
            "A" + token,
            token.swapcase(),
            "AQ",
            "AQ==",
            "%00",
            "..",
            token[:40],
            "=" * 9,
        ):
            with self.subTest(forged):
                self.assertFalse(self.env["sale.order"]._of_lookup_token(forged))
        self.assertEqual(self.env["sale.order"]._of_lookup_token(token), self.sale)
        self.assertEqual(self.url_open("/order/status/%00").status_code, 404)
