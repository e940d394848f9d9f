import io

from PIL import Image

from odoo.exceptions import AccessError
from odoo.http import Request
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import CaseCase, photo
from .common_portal import PortalPages

EVIL = "\"><script>alert('x')</script><img src=x onerror=alert(1)>"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"
NOBODYS = 999_999
BEYOND = 2**63


@tagged("post_install", "-at_install")
class TestCasesAttacked(PortalPages, CaseCase, HttpCase):
    """Whoever is not allowed gets the very answer for what does not exist; nothing sent here does harm."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mine, cls.other = cls.case().sudo(), cls.case(quantity=1).sudo()
        cls.token, cls.swapped = cls.mine._portal_ensure_token(), cls.other._portal_ensure_token()
        cls.order_token = cls.order.sudo()._portal_ensure_token()
        cls.photo = cls.mine._keep_photos([("a.jpg", "image/jpeg", photo())])
        cls.olga = new_test_user(cls.env, "olga", "base.group_portal", password="olgaolga")
        # What was a key once, and is none any more.
        cls.expired = cls.token
        cls.mine.access_token = False
        cls.token = cls.mine._portal_ensure_token()

    def keys(self, *more):
        return ("", "x", self.expired, self.token[:-1], self.token.upper(), *more)

    def strangers(self):
        for login in (None, "olga"):
            self.authenticate(login, login and "olgaolga")
            yield login or "guest"

    def ask(self, path, **data):
        """Return ``(status, where to)`` of a page; with ``data`` it is sent as a form."""
        if data:
            data["csrf_token"] = Request.csrf_token(self)
        answer = self.url_open(path, data=data or None, allow_redirects=False)
        return answer.status_code, answer.headers.get("Location")

    # ---------------------------------------------------------------- whose it is
    def test_pages_of_others_do_not_exist(self):
        for who in self.strangers():
            nothing = self.ask(f"/my/cases/{NOBODYS}")
            self.assertEqual(nothing[0], 303)
            for key in self.keys(self.swapped, self.order_token):
                with self.subTest(who, key=key):
                    self.assertEqual(self.ask(f"/my/cases/{self.mine.id}?access_token={key}"), nothing)
            self.assertEqual(self.ask(f"/my/cases/{BEYOND}?access_token={self.token}"), nothing)

    def test_photos_of_others_do_not_exist(self):
        path = f"/my/cases/{self.mine.id}/file/{self.photo.id}"
        label = self.env["ir.attachment"].create({"name": "secret.pdf", "raw": b"%PDF"})
        for who in self.strangers():
            for key in self.keys(self.swapped, self.order_token):
                with self.subTest(who, key=key):
                    self.assertEqual(self.ask(f"{path}?access_token={key}")[0], 404)
            # The key of one case opens no file of another, or of anything else.
            for case, key in ((self.other, self.swapped), (self.mine, self.token)):
                wanted = self.photo if case == self.other else label
                self.assertEqual(self.ask(f"/my/cases/{case.id}/file/{wanted.id}?access_token={key}")[0], 404)
            self.assertEqual(
                self.ask(f"/my/cases/{self.mine.id}/file/{BEYOND}?access_token={self.token}")[0], 404
            )
            self.assertEqual(self.ask(f"{path}?access_token={self.token}")[0], 200)

    def test_answers_into_cases_of_others_are_not_taken(self):
        before = self.mine.message_ids
        for who in self.strangers():
            nothing = self.ask(f"/my/cases/{NOBODYS}/answer", answer="x")
            for key in self.keys(self.swapped, self.order_token):
                with self.subTest(who, key=key):
                    found = self.ask(f"/my/cases/{self.mine.id}/answer", answer="x", access_token=key)
                    self.assertEqual(found, nothing)
        self.env.invalidate_all()
        self.assertEqual(self.mine.message_ids, before)

    def test_orders_of_others_do_not_exist(self):
        count = len(self.cases())
        for who in self.strangers():
            nothing = self.ask(f"/my/cases/new?order={NOBODYS}")
            not_taken = self.ask("/my/cases/new", order=NOBODYS, kind="damage", description="x")
            for key in ("", "x", self.order_token[:-1], self.token, self.swapped):
                with self.subTest(who, key=key):
                    path = f"/my/cases/new?order={self.order.id}&access_token={key}"
                    self.assertEqual(self.ask(path), nothing)
                    data = {"order": self.order.id, "kind": "damage", "description": "x", "access_token": key}
                    self.assertEqual(self.ask("/my/cases/new", **data), not_taken)
            for order in ("", "x", "-1", "0", BEYOND, f"{self.order.id}.0"):
                self.assertEqual(self.ask(f"/my/cases/new?order={order}"), nothing)
        self.assertEqual(len(self.cases()), count)

    def test_no_form_without_its_token(self):
        self.authenticate("carla", "carla")
        with mute_logger("odoo.http"):
            for path in ("/my/cases/new", f"/my/cases/{self.mine.id}/answer"):
                answer = self.url_open(path, data={"order": self.order.id, "answer": "x"})
                self.assertEqual(answer.status_code, 400)

    def test_odoos_own_ways_lead_nowhere(self):
        """Odoo serves files, threads and records of any model: of ours to nobody outside."""
        for login in ("carla", "olga", None):
            self.authenticate(login, login and {"carla": "carla", "olga": "olgaolga"}[login])
            key = f"?access_token={self.token}"
            for path in (f"/web/content/{self.photo.id}{key}", f"/web/image/{self.photo.id}{key}"):
                with self.subTest(login, path=path):
                    answer = self.url_open(path)
                    self.assertNotEqual(answer.content, self.photo.raw)
            thread = {"thread_model": "order.case", "thread_id": self.mine.id}
            post = {**thread, "post_data": {"body": "x", "message_type": "comment"}, "token": self.token}
            with mute_logger("odoo.http", "odoo.addons.mail.models.mail_thread"):
                for path, params in (
                    ("/mail/message/post", post),
                    ("/mail/chatter_fetch", {**thread, "token": self.token}),
                ):
                    with self.subTest(login, path=path):
                        answer = self.make_jsonrpc_request_raw(path, params)
                        self.assertIn("error", answer)

    def make_jsonrpc_request_raw(self, path, params):
        body = {"jsonrpc": "2.0", "method": "call", "id": 0, "params": params}
        return self.url_open(path, json=body).json()

    # ---------------------------------------------------------------- colleagues do not speak for customers
    def test_staff_look_but_do_not_complain(self):
        self.authenticate("sally", "sallyxxx")
        self.assertIn(self.mine.name, self.url_open(f"/my/cases/{self.mine.id}").text)
        self.assertEqual(self.ask(f"/my/cases/new?order={self.order.id}"), (303, "/my"))
        self.ask(f"/my/cases/{self.mine.id}/answer", answer="We look")
        self.env.invalidate_all()
        self.assertEqual(self.mine._portal_messages()[-1].author_id, self.sally.partner_id)

    # ---------------------------------------------------------------- what is sent
    def test_what_is_no_photo_whatever_it_is_called(self):
        self.authenticate("carla", "carla")
        gif = io.BytesIO()
        Image.new("RGB", (4, 4)).save(gif, "GIF")
        count = len(self.cases())
        for name, content in (
            ("a.jpg", SVG),
            ("a.png", b"<html><script>alert(1)</script></html>"),
            ("a.webp", b"%PDF-1.4"),
            ("a.jpg", gif.getvalue()),
            ("a.jpg", photo()[:80]),
            ("a.jpg", b""),
        ):
            with self.subTest(name, content=content[:12]):
                answer = self.send(photos=[(name, content, "image/jpeg")])
                self.assertIn("is not a picture we can read", answer.text)
        self.assertEqual(len(self.cases()), count)

    def test_too_big_and_too_many(self):
        self.authenticate("carla", "carla")
        big = photo() + b"\0" * (10 * 1024 * 1024)
        self.assertIn("is too big", self.send(photos=[("a.jpg", big, "image/jpeg")]).text)
        many = [(f"{n}.jpg", photo(), "image/jpeg") for n in range(6)]
        self.assertIn("at most 5 photos", self.send(photos=many).text)
        self.mine._keep_photos([("a.jpg", "image/jpeg", photo())] * 29)
        files = [("photos", ("b.jpg", photo(), "image/jpeg"))]
        data = {"csrf_token": Request.csrf_token(self), "answer": "One more"}
        answer = self.url_open(f"/my/cases/{self.mine.id}/answer", data=data, files=files)
        self.assertIn("There are 30 photos here already", answer.text)

    def test_a_photo_is_served_as_nothing_but_a_photo(self):
        self.authenticate("carla", "carla")
        self.send(photos=[(f"{EVIL}\r\nX-Evil: 1.svg", photo() + SVG, "image/svg+xml")])
        case = self.cases()[:1]
        file = case._portal_photos()
        page = self.url_open(f"/my/cases/{case.id}/file/{file.id}")
        self.assertEqual(page.headers["Content-Type"], "image/jpeg")
        self.assertEqual(page.headers["X-Content-Type-Options"], "nosniff")
        self.assertIn("sandbox", page.headers["Content-Security-Policy"])
        self.assertNotIn("X-Evil", page.headers)
        self.assertNotIn(b"svg", page.content)

    def test_stored_scripts_stay_words(self):
        self.authenticate("carla", "carla")
        answer = self.send(description=EVIL, photos=[(f"{EVIL}.jpg", photo(), "image/jpeg")])
        case = self.cases()[:1]
        case.subject = EVIL
        self.lanterns.product_id.name = EVIL
        data = {"csrf_token": Request.csrf_token(self), "answer": EVIL}
        pages = [answer, self.url_open(f"/my/cases/{case.id}/answer", data=data)]
        pages += [self.url_open(path) for path in ("/my/cases", f"/my/orders/{self.order.id}")]
        pages.append(self.form())
        for page in pages:
            with self.subTest(page.url):
                self.assertEqual(page.status_code, 200)
                self.assertNotIn("<script>alert", page.text)
                self.assertNotIn("<img src=x", page.text)
        sent = self.env["mail.mail"].search([("model", "=", "order.case"), ("res_id", "=", case.id)])
        self.assertTrue(sent)
        self.assertNotIn("<script>alert", "".join(sent.mapped("body_html")))

    def test_ten_are_open_and_no_more(self):
        for _number in range(10 - len(self.cases())):
            self.case(quantity=1)
        self.authenticate("carla", "carla")
        self.assertIn("add it to one of your open messages", self.send().text)
        self.assertEqual(len(self.cases()), 10)
        self.mine._resolve("explained")
        self.send()
        self.assertEqual(len(self.cases()), 11)

    # ---------------------------------------------------------------- files for the return
    def test_nobody_gives_away_a_file_he_may_not_read(self):
        secret = self.env["ir.attachment"].create({"name": "secret.pdf", "raw": b"%PDF"})
        with self.assertRaises(AccessError):
            self.rpc(self.sally, self.mine, "write", {"label_ids": [(4, secret.id)]})
