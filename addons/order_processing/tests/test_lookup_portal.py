import statistics
import threading
import time
from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.http import Request
from odoo.modules.registry import Registry
from odoo.tests import tagged

from ..models.order_lookup_limit import OrderLookupLimit
from .common import OrderProcessingHttpCase

NO_ORDER = "We found no order with these details."


@tagged("post_install", "-at_install")
class TestLookup(OrderProcessingHttpCase):
    """Carla has no account at hand; somebody else would like to know more than he should."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sale = cls.confirmed_order(client_order_ref="#PO 4711/a").sudo()
        cls.limits(1000, 1000)

    @classmethod
    def limits(cls, address, number):
        params = cls.env["ir.config_parameter"].sudo()
        params.set_param("order_processing.guest_lookup_per_address", address)
        params.set_param("order_processing.guest_lookup_per_number", number)

    def setUp(self):
        super().setUp()
        self.authenticate(None, None)

    def ask(self, number=None, contact="carla@example.com", **more):
        data = {
            "csrf_token": Request.csrf_token(self),
            "number": self.sale.name if number is None else number,
            "contact": contact,
        }
        return self.url_open("/order/status", data=data, timeout=60, **more)

    def plain(self, response):
        """Return the page without what differs by what was typed or from one request to the next."""
        return response.text.split('id="order_lookup_fault"')[1].split("<form")[0]

    def test_the_form_is_for_everybody(self):
        page = self.url_open("/order/status")
        self.assertEqual(page.status_code, 200)
        self.assertIn("Where is my order?", page.text)
        self.assertIn("noindex", page.headers["X-Robots-Tag"])
        self.assertIn('name="robots"', page.text)
        self.assertIn("/order/status", self.url_open("/web/login").text)

    def test_found_by_number_and_contact(self):
        for number, contact in (
            (self.sale.name, "carla@example.com"),
            (f" {self.sale.name.lower()} ", "CARLA@example.com "),
            (self.sale.name, "020 7946 0018"),
            ("po 4711/A", "0044 20 79460018"),
        ):
            with self.subTest(number, contact=contact):
                page = self.ask(number, contact)
                self.assertIn("/order/status/", page.url)
                self.assertIn("Your order is ready to be sent.", page.text)
                self.assertIn("no-store", page.headers["Cache-Control"])
                self.assertIn("no-referrer", page.headers["Referrer-Policy"])

    def test_nothing_else_is_shown(self):
        self.sale.picking_ids.carrier_tracking_ref = "P-77"
        self.ship(self.sale)
        self.sale._portal_ensure_token()
        page = self.ask().text
        self.assertIn("P-77", page)
        for secret in (
            "Baker",
            "London",
            "NW1",
            "18.5",
            "37.0",
            "Lantern",
            "Carla",
            "carla@",
            "0018",
            "WH/OUT",
            self.sale.access_token,
            "access_token",
            "my/orders/",
        ):
            with self.subTest(secret):
                self.assertNotIn(secret, page)

    def test_unknown_and_wrong_are_told_the_same(self):
        unknown, wrong = self.ask("S99999"), self.ask(contact="else@example.com")
        quotation = self.quotation().sudo()
        other = self.ask(quotation.name)
        for page in (unknown, wrong, other):
            self.assertEqual(page.status_code, 200)
            self.assertIn(NO_ORDER, page.text)
            self.assertEqual(self.plain(page), self.plain(unknown))
            self.assertTrue(page.url.endswith("/order/status"))

    def test_unknown_and_wrong_take_the_same_time(self):
        orders, took = self.env["sale.order"], {"unknown": [], "wrong": []}
        asked = {"unknown": "S99999", "wrong": self.sale.name}
        for turn in range(120):
            for what in ("unknown", "wrong") if turn % 2 else ("wrong", "unknown"):
                began = time.perf_counter()
                orders._look_up(asked[what], "020 7946 0777")
                took[what].append(time.perf_counter() - began)
        unknown, wrong = (statistics.median(took[what][20:]) for what in ("unknown", "wrong"))
        self.assertLess(abs(unknown - wrong), 0.25 * max(unknown, wrong) + 0.0002, (unknown, wrong))

    def test_the_same_queries_whatever_is_asked(self):
        orders, counts = self.env["sale.order"], []
        self.env.flush_all()
        for number in ("S99999", self.sale.name):
            before = self.env.cr.sql_log_count
            orders._look_up(number, "else@example.com")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts, [1, 1])

    def test_who_types_nonsense(self):
        for number, contact in (
            ("", ""),
            ("%", "%"),
            ("_", "@"),
            ("S\x00", "\x00"),
            ("x" * 5000, "y" * 5000),
            ("' OR 1=1 --", "' OR 1=1 --"),
            (self.sale.name, "<script>alert(1)</script>"),
        ):
            with self.subTest(number[:20]):
                page = self.ask(number, contact)
                self.assertEqual(page.status_code, 200)
                self.assertIn(NO_ORDER, page.text)
                self.assertNotIn("<script>alert", page.text)

    # ---------------------------------------------------------------- the link
    def test_the_link_opens_this_page_only_and_ends(self):
        token = self.sale._lookup_token()
        self.assertEqual(self.url_open(f"/order/status/{token}").status_code, 200)
        later = datetime.now() + timedelta(minutes=31)
        with patch("odoo.tools.misc.datetime") as clock:
            clock.datetime.now.return_value = later
            clock.timedelta = timedelta
            self.assertFalse(self.env["sale.order"]._of_lookup_token(token))
        page = self.url_open(f"/my/orders/{self.sale.id}?access_token={token}")
        self.assertNotIn(self.sale.name, page.text)

    def test_forged_and_swapped_links(self):
        other = self.confirmed_order(self.customer).sudo()
        token = self.sale._lookup_token()
        offer = self.env["order.choice.offer"]
        self.assertTrue(offer is not None)
        for forged in ("x", token[:-2], token[:-4] + "AAAA", other.access_token or "y", "é", "a" * 3000):
            with self.subTest(forged[:12]):
                page = self.url_open(f"/order/status/{forged}")
                self.assertEqual(page.status_code, 404)
                self.assertNotIn(self.sale.name, page.text)

    def test_switched_off(self):
        token = self.sale._lookup_token()
        self.env["res.company"].search([]).guest_lookup = False
        self.assertEqual(self.url_open("/order/status").status_code, 404)
        self.assertEqual(self.ask().status_code, 404)
        self.assertEqual(self.url_open(f"/order/status/{token}").status_code, 404)
        self.assertNotIn("/order/status", self.url_open("/web/login").text)

    def test_no_form_without_its_token(self):
        data = {"number": self.sale.name, "contact": "carla@example.com"}
        self.assertEqual(self.url_open("/order/status", data=data).status_code, 400)

    def test_what_is_asked_of_the_customer(self):
        order = self.held_quotation(self.customer, [(self.lantern, 1, 1.0)])
        order.with_user(self.rita).action_review_request_change("Is 221 Baker Street right?")
        page = self.ask(order.name).text
        self.assertIn("Please answer our question", page)
        self.assertNotIn("Baker", page)

    # ---------------------------------------------------------------- limits
    def test_too_often_from_one_address(self):
        self.limits(3, 100)
        for turn in range(3):
            self.assertEqual(self.ask(f"S9{turn}").status_code, 200)
        page = self.ask()
        self.assertEqual(page.status_code, 429)
        self.assertIn("Too many tries", page.text)
        self.assertTrue(0 < int(page.headers["Retry-After"]) <= 15 * 60)
        # Who logs in is not kept out.
        self.authenticate("carla", "carlaxxx")
        self.assertEqual(self.url_open(f"/my/orders/{self.sale.id}").status_code, 200)

    def test_too_often_for_one_number(self):
        self.limits(100, 2)
        for contact in ("a@example.com", "b@example.com"):
            self.assertIn(NO_ORDER, self.ask(contact=contact).text)
        self.assertEqual(self.ask(f" {self.sale.name.lower()}").status_code, 429)
        self.assertEqual(self.ask("S99999").status_code, 200)
        # An unknown number is limited in the same way.
        self.ask("S99999")
        self.assertEqual(self.ask("S99999").status_code, 429)

    def test_what_is_refused_does_not_fill(self):
        limits = self.env["order.lookup.limit"]
        taken = [limits._take("s1", 2, 3600) for _turn in range(6)]
        self.assertEqual([is_refused for _level, is_refused in taken], [False] * 2 + [True] * 4)
        self.assertLessEqual(max(level for level, _is_refused in taken), 2)
        bucket = limits.search([("key", "=", "s1")])
        bucket.filled_at = bucket.filled_at - timedelta(hours=1)
        bucket.flush_recordset()
        self.assertEqual(limits._take("s1", 2, 3600), (1.0, False))

    def test_neither_number_nor_address_is_kept(self):
        self.ask("S99999")
        keys = self.env["order.lookup.limit"].search([]).mapped("key")
        self.assertEqual(len(keys), 3)
        self.assertFalse([key for key in keys if "s99999" in key or "127.0.0.1" in key])

    def test_networks(self):
        from ..controllers.portal_lookup import _network

        self.assertEqual(_network("2001:db8:1:2:3::4"), _network("2001:db8:1:2:ffff::1"))
        self.assertNotEqual(_network("2001:db8:1:2::1"), _network("2001:db8:1:3::1"))
        self.assertEqual(_network("::ffff:192.0.2.1"), "192.0.2.1")
        self.assertEqual((_network(None), _network("x")), ("", "x"))

    def test_old_ones_are_forgotten(self):
        limits = self.env["order.lookup.limit"]
        limits._take("old", 2, 3600)
        limits.search([]).filled_at = datetime.now() - timedelta(days=2)
        limits._gc_limits()
        self.assertFalse(limits.search([]))


@tagged("post_install", "-at_install")
class TestLimitsTogether(OrderProcessingHttpCase):
    """Several workers at the same moment, each with a connection of its own."""

    def test_nobody_gets_through_beside_the_others(self):
        dbname, most, allowed, errors = self.env.cr.dbname, 5, [], []
        key = f"test together {time.time()}"
        self.addCleanup(self.forget, dbname, key)

        def work():
            with Registry(dbname)._db.cursor() as cr:
                limits = self.env["order.lookup.limit"].with_env(self.env(cr=cr))
                for _turn in range(4):
                    try:
                        wait = limits._wait("number", key)
                    except Exception as error:  # noqa: BLE001
                        errors.append(error)
                    else:
                        allowed.append(not wait)

        with (
            patch.object(OrderLookupLimit, "_most", lambda self, kind: (most, 3600)),
            patch(
                "odoo.addons.order_processing.models.order_lookup_limit.hmac", lambda env, scope, value: key
            ),
        ):
            threads = [threading.Thread(target=work) for _worker in range(6)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        self.assertFalse(errors)
        self.assertEqual((len(allowed), sum(allowed)), (24, most))

    @staticmethod
    def forget(dbname, key):
        with Registry(dbname)._db.cursor() as cr:
            cr.execute("DELETE FROM order_lookup_limit WHERE key = %s", [key])
