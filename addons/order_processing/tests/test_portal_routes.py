import json
import re
import threading
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import NamedTuple
from unittest.mock import patch
from urllib.parse import unquote

from odoo.http import Request
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import OrderProcessingHttpCase
from .test_choice_portal import LateCase

OURS = ("odoo.addons.order_processing", "odoo.addons.order_tracking_")
NOBODYS = 987654321
# Written with each request, whatever it is.
ALWAYS = {"res_users_log", "res_device_log", "bus_presence", "mail_presence", "ir_http_log"}


class May(NamedTuple):
    """Who may use a route, and what it takes to be let in."""

    key: str  # what opens it: see KEYS
    who: str


KEYS = {
    "order": "the customer of the order logged in, or the signed link of the order",
    "login": "the customer of the order logged in; no link does",
    "case": "the customer of the case logged in, or the signed link of the case",
    "complaint": "the order a new case is about, as a parameter",
    "signed": "a link that says itself what it opens, and ends",
    "own": "whoever is logged in, about himself",
    "all": "everybody; limited, and the same for all",
    "carrier": "an account of a tracking provider and its token",
}
ROUTES = {
    "POST /my/orders/<int:order_id>/answer": May("order", "answers a reviewer's question"),
    "GET /my/orders/<int:order_id>/change": May("order", "looks at what can be changed"),
    "POST /my/orders/<int:order_id>/change/<string:kind>": May("order", "changes it, or asks for it"),
    "POST /my/orders/<int:order_id>/reorder": May("login", "orders the same again"),
    "POST /my/orders/<int:order_id>/place": May("login", "places a draft of his own"),
    "POST /my/orders/<int:order_id>/discard": May("login", "throws a draft of his own away"),
    "GET /order/choice/<string:token>": May("signed", "sees what he may choose"),
    "POST /order/choice/<string:token>": May("signed", "chooses"),
    "GET /order/status": May("all", "opens the look-up"),
    "POST /order/status": May("all", "looks an order up by its number and contact"),
    "GET /order/status/<string:token>": May("signed", "sees where an order stands"),
    "GET /my/messages": May("own", "sees what he is told"),
    "POST /my/messages": May("own", "chooses what he is told"),
    "POST /order_tracking/push/<int:provider_id>/<token>": May("carrier", "a provider tells of news"),
    # after-sales
    "ANY /my/cases": May("own", "his company's cases"),
    "ANY /my/cases/page/<int:page>": May("own", "his company's cases"),
    "GET /my/cases/<int:case_id>": May("case", "sees what is done"),
    "GET /my/cases/<int:case_id>/file/<int:file_id>": May("case", "a photo or label of the case"),
    "GET /my/cases/new": May("complaint", "the form"),
    "POST /my/cases/new": May("complaint", "makes a case"),
    "POST /my/cases/<int:case_id>/answer": May("case", "answers"),
    # intake
    "GET /my/quick-order": May("own", "what he is putting together"),
    "GET /my/quick-order/products": May("own", "looks for products while typing"),
    "POST /my/quick-order/add": May("own", "adds lines"),
    "POST /my/quick-order/upload": May("own", "adds the lines of a file"),
    "POST /my/quick-order/update": May("own", "changes lines, and where to and when"),
    "POST /my/quick-order/place": May("own", "orders it"),
    "POST /my/quick-order/again": May("own", "adds the goods of an earlier order of his"),
    "POST /my/quick-order/list": May("own", "adds the goods of a list of his company"),
    "POST /my/quick-order/list/keep": May("own", "keeps lines as a list of his company"),
    "POST /my/quick-order/list/delete": May("own", "deletes a list of his company"),
}


@tagged("post_install", "-at_install")
class TestEveryRoute(LateCase, OrderProcessingHttpCase):
    """Each address of ours that can be called from outside, called by those who have no business there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.otto = new_test_user(
            cls.env, "otto", "base.group_portal", name="Otto", password="ottoxxxx", email="otto@example.com"
        )
        cls.others = cls.confirmed_order(cls.otto.partner_id, client_order_ref="O-1").sudo()
        for order in (cls.sale, cls.others):
            order._portal_ensure_token()
        cls.cases = [cls.case_of(order) for order in (cls.sale, cls.others)]

    @classmethod
    def case_of(cls, order):
        """Return a case about the order with a file, where after-sales is installed."""
        if "order.case" not in cls.env:
            return None
        line = {"sale_line_id": order.order_line[0].id, "quantity": 1, "reason": "broken"}
        vals = {"subject": "Broken", "kind": "damage", "order_id": order.id, "line_ids": [(0, 0, line)]}
        case = cls.env["order.case"].sudo().create(vals)
        case._portal_ensure_token()
        cls.env["ir.attachment"].create(
            {
                "name": "photo.png",
                "raw": b"x",
                "res_model": "order.case",
                "res_id": case.id,
                "description": "photo",
            }
        )
        return case

    # ---------------------------------------------------------------- which there are
    def routes(self):
        """Return ``{"METHOD /path": rule}`` of all routes that a class of ours answers."""
        found = {}
        with patch.object(threading.current_thread(), "dbname", self.env.cr.dbname, create=True):
            rules = self.env["ir.http"].routing_map()
        for rule in rules.iter_rules():
            endpoint = getattr(rule.endpoint, "func", rule.endpoint)
            if endpoint.__module__.startswith(OURS):
                for method in sorted((rule.methods or {"ANY"}) - {"OPTIONS", "HEAD"}):
                    found[f"{method} {rule.rule}"] = rule
        return found

    def test_each_is_in_the_table(self):
        """A new route needs somebody to say who may use it, and gets the tests below with that."""
        unknown = self.routes().keys() - ROUTES.keys()
        self.assertFalse(unknown, f"Put these into ROUTES, with who may use them: {sorted(unknown)}")
        if "order.case" in self.env and "order.quick" in self.env:
            self.assertFalse(ROUTES.keys() - self.routes().keys(), "These are no routes any more")
        self.assertLessEqual({may.key for may in ROUTES.values()}, KEYS.keys())

    def test_none_is_found_by_search_engines_or_open_to_other_pages(self):
        for name, rule in self.routes().items():
            routing = rule.endpoint.routing
            with self.subTest(name):
                self.assertEqual(routing["type"], "http")
                self.assertFalse(routing.get("cors"))
                if ROUTES[name].key != "carrier":
                    self.assertNotEqual(routing.get("csrf"), False)
                    self.assertIs(routing.get("sitemap"), False)

    # ---------------------------------------------------------------- calling
    def with_key(self, *keys):
        """Return ``(method, path)`` of the routes with one of these keys that are there."""
        for name in self.routes():
            if ROUTES[name].key in keys:
                method, _space, path = name.partition(" ")
                yield ("GET" if method == "ANY" else method), path

    def filled(self, path, number=NOBODYS, token="x"):
        path = re.sub(r"<int:(order_id|case_id|provider_id)>", str(number), path)
        path = re.sub(r"<int:file_id>", str(self.file_of(number)), path)
        return re.sub(r"<(string:)?token>", token, path.replace("<string:kind>", "cancel")).replace(
            "<int:page>", "1"
        )

    def file_of(self, case_id):
        domain = [("res_model", "=", "order.case"), ("res_id", "=", case_id)]
        return self.env["ir.attachment"].search(domain, limit=1).id or NOBODYS

    def call(self, method, path, token=None, csrf=True, **form):
        form.update({"access_token": token} if token is not None else {})
        if method == "GET":
            query = "&".join(f"{name}={value}" for name, value in form.items())
            return self.url_open(f"{path}?{query}" if query else path, allow_redirects=False)
        if csrf:
            form["csrf_token"] = Request.csrf_token(self)
        # All a form could say that changes something.
        form = {"sure": "1", "answer": "Yes", "seen": self.sale._change_version(), "description": "x", **form}
        return self.url_open(path, data=form, allow_redirects=False)

    def said(self, response, *numbers):
        """Return what somebody learns from an answer: status, where it sends him, and the page."""
        words = [unquote(text) for text in (response.headers.get("Location", ""), response.text)]
        for number in (*numbers, NOBODYS):
            words = [re.sub(rf"(?<=/){number}\b|(?<=order=){number}\b", "#", text) for text in words]
        words = [re.sub(r'(csrf_token"?[^>]*?value=|csrf_token: )"[^"]*"', "", text) for text in words]
        words = [re.sub(r'name="once"[^>]*value="[^"]*"', "", text) for text in words]
        return response.status_code, *words

    @contextmanager
    def nothing_is_written(self, what):
        self.env.cr.flush()  # with what waits for the end of the transaction
        before = self.written()
        yield
        self.env.cr.flush()
        after = self.written()
        changed = {name for name in after if after[name] != before.get(name)} - ALWAYS
        self.assertFalse(changed, f"{what} has written")

    def written(self):
        query = "SELECT relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_xact_user_tables"
        self.env.cr.execute(query)
        return {name: counts for name, *counts in self.env.cr.fetchall() if any(counts)}

    def strangers(self):
        """Yield who has no business with Carla's order: as whom he logs in, and his key."""
        expired = self.sale._lookup_token()
        mine, theirs = self.sale.access_token, self.others.access_token
        case_key = self.cases[1].access_token if self.cases[1] else "x"
        for login in (None, "otto"):
            self.authenticate(login, login and "ottoxxxx")
            for key in (None, "", "x", mine[:-1], mine + "x", theirs, expired, case_key, "%00", "\u00e9"):
                yield login, key

    # ---------------------------------------------------------------- by number
    def test_what_is_not_yours_is_not_there(self):
        """The same status, the same place, the same page; and nothing is done."""
        for login, token in self.strangers():
            for method, path in self.with_key("order", "login"):
                self.compare(method, path, self.sale.id, token, login)
            for method, path in self.with_key("case"):
                self.compare(method, path, self.cases[0].id, token, login)
            for method, path in self.with_key("complaint"):
                self.compare_complaint(method, path, token, login)
        self.assertEqual((self.sale.state, self.made.state), ("sale", "open"))

    def compare(self, method, path, number, token, login):
        with self.subTest(path, method=method, login=login, token=token):
            with self.nothing_is_written(path):
                theirs = self.call(method, self.filled(path, number), token)
            gone = self.call(method, self.filled(path), token)
            self.assertEqual(self.said(theirs, number, self.file_of(number)), self.said(gone))
            self.assertNotIn(self.sale.name, theirs.text)

    def compare_complaint(self, method, path, token, login):
        with self.subTest(path, method=method, login=login, token=token):
            with self.nothing_is_written(path):
                theirs = self.call(method, path, token, order=self.sale.id)
            gone = self.call(method, path, token, order=NOBODYS)
            self.assertEqual(self.said(theirs, self.sale.id), self.said(gone))
            for nonsense in ("", "x", "1e9", "-1", str(10**30)):
                odd = self.call(method, path, token, order=nonsense)
                self.assertEqual(self.said(odd), self.said(gone))

    def test_what_odoo_shows_of_an_order(self):
        """Pages and papers our own lead to: a document without a key, too, is not there for strangers."""
        keyless = self.confirmed_order(lines=[(self.lantern, 1)]).sudo()
        for order in (keyless, self.sale):
            order.picking_ids.write({"note": "x"})
        things = [
            (path, order, number)
            for order in (keyless, self.sale)
            for path, number in (
                ("/my/orders/%s", order.id),
                ("/my/picking/pdf/%s", order.picking_ids[:1].id),
                ("/my/picking/return/pdf/%s", order.picking_ids[:1].id),
            )
        ]
        for login, token in self.strangers():
            for path, order, number in things:
                with self.subTest(path, login=login, token=token, has_key=bool(order.access_token)):
                    theirs, gone = (self.call("GET", path % one, token) for one in (number, NOBODYS))
                    self.assertEqual(self.said(theirs, number), self.said(gone))
                    self.assertLess(theirs.status_code, 500)

    def test_files_where_words_belong(self):
        self.authenticate(None, None)
        for method, path in self.with_key("order", "case", "complaint"):
            if method == "POST":
                answers = []
                for number in (self.cases[0].id if "case_id" in path else self.sale.id, NOBODYS):
                    names = ("access_token", "seen", "answer", "order", "place", "note", "once")
                    files = [(name, ("x.txt", b"x", "text/plain")) for name in names]
                    data = {"csrf_token": Request.csrf_token(self)}
                    url = self.filled(path, number)
                    answer = self.url_open(url, data=data, files=files, allow_redirects=False)
                    answers.append(self.said(answer, number))
                with self.subTest(path):
                    self.assertLess(answers[0][0], 500)
                    self.assertEqual(*answers)

    def test_a_link_is_no_log_in(self):
        self.authenticate(None, None)
        for method, path in self.with_key("login"):
            with self.subTest(path), self.nothing_is_written(path):
                answer = self.call(method, self.filled(path, self.sale.id), self.sale.access_token)
                self.assertIn("/web/login", answer.headers["Location"])

    def test_nobody_breaks_a_route_with_a_number(self):
        for login in (None, "otto"):
            self.authenticate(login, login and "ottoxxxx")
            for method, path in self.with_key("order", "login", "case"):
                for number in (0, 2**31, 2**63, 10**30):
                    with self.subTest(path, number=number):
                        answer = self.call(method, self.filled(path, number), "x")
                        self.assertLess(answer.status_code, 500)

    def test_who_may_gets_in(self):
        self.authenticate("carla", "carlaxxx")
        for method, path in self.with_key("order", "own", "case", "complaint"):
            if method == "GET":
                number = self.cases[0].id if "case_id" in path else self.sale.id
                with self.subTest(path):
                    answer = self.call(method, self.filled(path, number), order=self.sale.id)
                    self.assertEqual(answer.status_code, 200)
        self.authenticate(None, None)
        for method, path in self.with_key("order", "case", "complaint"):
            if method == "GET":
                thing = self.cases[0] if "case_id" in path else self.sale
                with self.subTest(path, by="link"):
                    answer = self.call(
                        method, self.filled(path, thing.id), thing.access_token, order=self.sale.id
                    )
                    self.assertEqual(answer.status_code, 200)

    # ---------------------------------------------------------------- by signed link
    def signed(self, path):
        order, offer = self.sale, self.made
        return offer._token("wait_all") if "choice" in path else order._lookup_token()

    def test_signed_links_open_one_thing_and_end(self):
        for login in (None, "otto"):
            self.authenticate(login, login and "ottoxxxx")
            for method, path in self.with_key("signed"):
                good = self.signed(path)
                other = self.signed("status" if "choice" in path else "choice")
                gone = self.call(method, self.filled(path, token="x"))
                self.assertEqual(gone.status_code, 404)
                forged = ("y", good[:-1], good[:-3] + "AAA", good[1:], good.swapcase(), other)
                for token in (*forged, self.sale.access_token, "%00", "\u00e9", "A" * 4000):
                    with self.subTest(path, token=token[:20]), self.nothing_is_written(path):
                        answer = self.call(method, self.filled(path, token=token))
                        self.assertEqual(self.said(answer), self.said(gone))
                old = self.expired(path)
                with self.subTest(path, token="expired"), self.nothing_is_written(path):
                    answer = self.call(method, self.filled(path, token=old))
                    self.assertEqual(self.said(answer), self.said(gone))
        self.assertEqual(self.made.state, "open")

    def expired(self, path):
        """Return a link that was right, long ago."""
        if "choice" in path:
            ends, self.made.expires_at = self.made.expires_at, _long_ago()
            token, self.made.expires_at = self.signed(path), ends
            return token
        with patch("odoo.tools.misc.datetime") as clock:
            clock.datetime = type("Past", (datetime,), {"now": classmethod(lambda cls: _long_ago())})
            clock.timedelta = timedelta
            return self.signed(path)

    # ---------------------------------------------------------------- about oneself
    def test_nobody_in_particular_is_sent_to_log_in(self):
        self.authenticate(None, None)
        for method, path in self.with_key("own"):
            with self.subTest(path), self.nothing_is_written(path):
                answer = self.call(method, self.filled(path))
                self.assertIn("/web/login", answer.headers.get("Location", ""))

    def test_about_others_nothing_is_shown(self):
        self.authenticate("otto", "ottoxxxx")
        for method, path in self.with_key("own", "all"):
            if method == "GET":
                page = self.call(
                    method, self.filled(path), partner_id=self.customer.id, user_id=self.carla.id
                )
                with self.subTest(path):
                    for secret in (self.sale.name, "carla@example.com", "Baker"):
                        self.assertNotIn(secret, page.text)

    def test_a_provider_nobody_knows(self):
        answers = {
            self.said(self.call("POST", self.filled(path, number, token), csrf=False), number)
            for _method, path in self.with_key("carrier")
            for number in (NOBODYS, 1)
            for token in ("x", "", "%00")
            if token
        }
        self.assertEqual({status for status, *_words in answers}, {404})

    # ---------------------------------------------------------------- forms
    def test_looking_changes_nothing(self):
        for login, password in ((None, None), ("carla", "carlaxxx"), ("sally", "sallyxxx")):
            self.authenticate(login, password)
            for method, path in self.with_key(*(KEYS.keys() - {"carrier"})):
                thing = self.cases[0] if "case_id" in path else self.sale
                filled = self.filled(path, thing.id, self.signed(path))
                with self.subTest(path, login=login):
                    # The first look makes what Odoo keeps of every session.
                    self.call("GET", filled, thing.access_token, order=self.sale.id)
                    with self.nothing_is_written(f"GET {path}"):
                        form = {"sure": "1", "answer": "x", "kind": "cancel", "order": self.sale.id}
                        answer = self.call("GET", filled, thing.access_token, **form)
                    if method == "POST" and f"GET {path}" not in self.routes():
                        self.assertIn(answer.status_code, (404, 405, 303))

    def test_looking_makes_no_key(self):
        """Nor is one made, or shown, for who is logged in and needs none."""
        fresh = self.confirmed_order().sudo()
        self.authenticate("carla", "carlaxxx")
        path = f"/my/orders/{fresh.id}/change"
        self.call("GET", path)
        with self.nothing_is_written(path):
            page = self.call("GET", path)
        self.assertFalse(fresh.access_token)
        self.assertEqual(page.status_code, 200)

    def test_no_form_of_another_page(self):
        self.authenticate("carla", "carlaxxx")
        for method, path in self.with_key(*(KEYS.keys() - {"carrier"})):
            if method != "POST":
                continue
            thing = self.cases[0] if "case_id" in path else self.sale
            filled = self.filled(path, thing.id, self.signed(path))
            for forged in ({}, {"csrf_token": "x"}, {"csrf_token": Request.csrf_token(self)[:-1]}):
                with self.subTest(path, **forged), self.nothing_is_written(path):
                    answer = self.call(method, filled, csrf=False, order=self.sale.id, **forged)
                    self.assertEqual(answer.status_code, 400)
        self.assertEqual((self.sale.state, self.made.state), ("sale", "open"))

    # ---------------------------------------------------------------- other ways in
    CALLS = (
        ("sale.order", "_customer_change", ["cancel", {}, "x", 1]),
        ("sale.order", "_lookup_token", []),
        ("sale.order", "_carry_out_change", ["cancel", {}]),
        ("sale.order", "action_view_change_request", []),
        ("sale.order", "write", [{"requested_date": "2030-01-01 00:00:00"}]),
        ("sale.order", "read", [["change_request_text", "access_token"]]),
        ("order.change.request", "search_read", [[]]),
        ("order.change.request", "create", [{"kind": "cancel"}]),
        ("order.choice.offer", "search_read", [[]]),
        ("order.choice.offer", "_choose", ["cancel"]),
        ("order.lookup.limit", "search_read", [[]]),
        ("order.lookup.limit", "unlink", []),
        ("order.cancel", "create", [{"order_id": 1}]),
        ("order.event", "search_read", [[]]),
        ("order.shipment", "search_read", [[]]),
        ("order.shipment.parcel", "search_read", [[]]),
    )

    def test_a_customer_calls_no_methods(self):
        """By the address of the web client, and by the one for programs."""
        self.authenticate("carla", "carlaxxx")
        keys = self.env["res.users.apikeys"].with_user(self.carla).sudo()
        key = keys._generate("rpc", "test", datetime.now() + timedelta(days=1))
        self.env.flush_all()
        for model, method, arguments in self.CALLS:
            ids = [] if method in ("search_read", "create") else [[self.sale.id]]
            params = {"model": model, "method": method, "args": [*ids, *arguments], "kwargs": {}}
            with (
                self.subTest(model, method=method),
                mute_logger("odoo.http"),
                self.nothing_is_written(method),
            ):
                answer = self.url_open("/web/dataset/call_kw", json={"params": params}).json()
                self.assertIn("error", answer)
            body = {"ids": [self.sale.id]} if ids else {}
            with self.subTest(model, method=method, by="json2"), self.nothing_is_written(method):
                answer = self.url_open(
                    f"/json/2/{model}/{method}",
                    data=json.dumps(body),
                    headers={"Authorization": f"bearer {key}", "Content-Type": "application/json"},
                )
                self.assertGreaterEqual(answer.status_code, 400)
                self.assertNotIn(self.sale.name, answer.text)
        self.assertEqual((self.sale.state, self.made.state), ("sale", "open"))


def _long_ago():
    return datetime(2020, 1, 1)
