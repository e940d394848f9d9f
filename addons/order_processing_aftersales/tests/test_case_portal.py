from odoo.tests import HttpCase, new_test_user, tagged

from .common import CaseCase, photo
from .common_portal import PortalPages

EVIL = "<script>alert('x')</script>"


@tagged("post_install", "-at_install")
class TestCasePortal(PortalPages, CaseCase, HttpCase):
    def test_a_photo_of_the_damage(self):
        self.authenticate("carla", "carla")
        page = self.form()
        answer = self.send(page, [("<b>x</b>/../a.html", photo(), "text/html")], description=EVIL)
        case = self.cases()
        self.assertEqual(answer.status_code, 200)
        self.assertIn(case.name, answer.text)
        self.assertNotIn(EVIL, answer.text)
        self.assertIn("&lt;script&gt;", answer.text)
        file = case._portal_photos()
        self.assertEqual((len(file), file.mimetype), (1, "image/jpeg"))
        self.assertTrue(file.name.endswith(".jpg"))
        shown = self.url_open(f"/my/cases/{case.id}/file/{file.id}")
        self.assertEqual(shown.headers["X-Content-Type-Options"], "nosniff")
        self.assertEqual(shown.headers["Content-Type"], "image/jpeg")
        self.assertNotIn(b"SECRET-PLACE", shown.content)
        self.send(page)
        self.assertEqual(len(self.cases()), 1, "a second click makes no second case")

    def test_what_is_no_photo_is_not_taken(self):
        self.authenticate("carla", "carla")
        answer = self.send(photos=[("a.jpg", b"<svg onload='alert(1)'/>", "image/jpeg")])
        self.assertIn("is not a picture we can read", answer.text)
        self.assertFalse(self.cases())
        answer = self.send(photos=[(f"{i}.jpg", photo(), "image/jpeg") for i in range(6)])
        self.assertIn("at most 5 photos", answer.text)
        answer = self.send(**{f"quantity_{self.lanterns.id}": "5"})
        self.assertIn("up to 4", answer.text)
        self.assertFalse(self.cases())

    def test_by_the_signed_link_of_the_order(self):
        token = self.order.sudo()._portal_ensure_token()
        page = self.form(token)
        self.assertIn("case_new", page.text)
        self.send(page, access_token=token)
        self.assertEqual(self.cases().partner_id, self.customer)

    def test_others_learn_nothing(self):
        case = self.case().sudo()
        other = self.case().sudo()
        token, swapped = case._portal_ensure_token(), other._portal_ensure_token()
        file = case._keep_photos([("a.jpg", "image/jpeg", photo())])
        new_test_user(self.env, "olga", "base.group_portal", password="olgaolga")
        nobody = self.url_open("/my/cases/999999", allow_redirects=False)
        for login in (None, "olga"):
            self.authenticate(login, login and "olgaolga")
            for key in ("", "x", swapped, token[:-1]):
                with self.subTest(login=login, key=key):
                    page = self.url_open(f"/my/cases/{case.id}?access_token={key}", allow_redirects=False)
                    self.assertEqual(page.status_code, nobody.status_code)
                    self.assertEqual(page.headers["Location"], nobody.headers["Location"])
                    got = self.url_open(f"/my/cases/{case.id}/file/{file.id}?access_token={key}")
                    self.assertEqual(got.status_code, 404)
                    self.assertNotIn("case_new", self.form(key).text)
        self.assertEqual(
            self.url_open(f"/my/cases/{other.id}/file/{file.id}?access_token={swapped}").status_code, 404
        )
        self.assertEqual(
            self.url_open(f"/my/cases/{case.id}/file/{file.id}?access_token={token}").status_code, 200
        )
        mine = self.url_open("/my/cases")
        self.assertNotIn(case.name, mine.text)

    def test_the_customer_answers(self):
        case = self.case(subject=EVIL).sudo()
        case._go("waiting")
        self.authenticate("carla", "carla")
        page = self.url_open(f"/my/cases/{case.id}")
        self.assertNotIn(EVIL, page.text)
        data = {"csrf_token": self.field(page, "csrf_token"), "answer": EVIL}
        page = self.url_open(f"/my/cases/{case.id}/answer", data=data)
        self.assertNotIn(EVIL, page.text)
        self.assertIn("We have your answer", page.text)
        self.env.invalidate_all()
        self.assertEqual(case.state, "progress")
        self.assertEqual(case._portal_messages().author_id, self.customer)

    def test_many_cost_no_more_queries_than_one(self):
        self.authenticate("carla", "carla")
        self.case()
        counts = []
        for more in (0, 6):
            for _ in range(more):
                self.case(quantity=1)
            for path in ("/my/cases", f"/my/orders/{self.order.id}"):
                self.url_open(path)  # what is kept between requests is kept
                self.env.cr.flush()
                before = self.env.cr.sql_log_count
                self.url_open(path)
                counts.append(self.env.cr.sql_log_count - before)
        self.assertGreater(min(counts), 5)
        self.assertLessEqual(counts[2] - counts[0], 1)
        self.assertLessEqual(counts[3] - counts[1], 1)

    def test_notes_are_not_for_him(self):
        case = self.case()
        case.message_post(body="He always complains", subtype_xmlid="mail.mt_note")
        self.authenticate("carla", "carla")
        page = self.url_open(f"/my/cases/{case.id}")
        self.assertIn("What was said", page.text)
        self.assertNotIn("always complains", page.text)

    def test_the_order_leads_there(self):
        case = self.case()
        self.authenticate("carla", "carla")
        page = self.url_open(f"/my/orders/{self.order.id}")
        self.assertIn("/my/cases/new?order=", page.text)
        self.assertIn(case.name, page.text)
