from odoo.http import Request
from odoo.tests import new_test_user, tagged

from .common import OrderProcessingHttpCase
from .test_answer import PICTURE, AnswerCase


@tagged("post_install", "-at_install")
class TestAnswerPage(AnswerCase, OrderProcessingHttpCase):
    """Dora answers on the page of her order."""

    def page(self, order, **kwargs):
        return self.url_open(order.get_portal_url(**kwargs), timeout=60).text

    def send(self, order, answer="Here it is.", token=True, files=None, **form):
        """Send the form; return the page that follows."""
        form = {"answer": answer, "csrf_token": Request.csrf_token(self), **form}
        if token:
            form["access_token"] = order.access_token if token is True else token
        return self.url_open(f"/my/orders/{order.id}/answer", data=form, files=files, timeout=60)

    def visit(self, order):
        """Begin a visit by the link of the mail, without log-in."""
        self.authenticate(None, None)
        return self.page(order)

    # ---------------------------------------------------------------- answering
    def test_by_signed_link(self):
        order = self.asked()
        page = self.visit(order)
        self.assertIn("What is your postal code?", page)
        self.assertIn('name="zip"', page)
        self.assertNotIn("/my/addresses", page)
        after = self.send(order, "", zip="NW1 6XE")
        self.assertIn("Thank you!", after.text)
        self.assertIn("Your order is ready to be sent", after.text)
        self.assertNotIn('id="order_answer"', after.text)
        self.assertConfirmed(order)

    def test_logged_in(self):
        order = self.off_list()
        self.authenticate("carla", "carlaxxx")
        page = self.url_open(f"/my/orders/{order.id}", timeout=60).text
        self.assertIn('href="/my/addresses"', page)
        self.assertNotIn('name="zip"', page)
        after = self.send(order, "Yes, 17.00", token=False, files=[("attachments", ("a.png", PICTURE))]).text
        self.assertIn("We are checking your order", after)
        self.assertIn("You answered: Yes, 17.00", after)
        self.assertOpen(order)
        self.assertEqual(self.answers(order).attachment_ids.name, "a.png")
        self.assertEqual(
            order._events()[-2:].filtered(lambda e: e.kind == "answered").actor_id, self.carla.id
        )

    def test_sending_twice_is_harmless(self):
        order = self.off_list()
        self.visit(order)
        self.send(order, "Once")
        after = self.send(order, "Twice").text
        self.assertIn("Nothing is asked of you", after)
        self.assertNotIn("Twice", after)
        self.assertEqual(len(self.answers(order)), 1)

    def test_the_list_says_that_an_answer_is_needed(self):
        order = self.off_list()
        self.authenticate("carla", "carlaxxx")
        self.assertIn("Answer needed", self.url_open("/my/orders", timeout=60).text)
        self.answer(order)
        self.assertNotIn("Answer needed", self.url_open("/my/orders", timeout=60).text)

    # ---------------------------------------------------------------- who may not
    def test_nothing_with_a_wrong_link(self):
        order = self.off_list()
        self.visit(self.asked())
        for token in ("", "wrong", self.asked().access_token):
            response = self.send(order, token=token)
            self.assertNotIn(order.name, response.text)
            self.assertNotIn(f"/my/orders/{order.id}", response.url)
        self.assertNotIn("404", str(self.send(order.browse(order.id + 999), token="wrong").status_code))
        self.assertEqual((order.review_state, len(self.answers(order))), ("changes_requested", 0))

    def test_another_customer(self):
        order = self.off_list()
        new_test_user(self.env, "mallory", "base.group_portal")
        self.authenticate("mallory", "mallory")
        self.assertNotIn(order.name, self.send(order, token=False).text)
        self.assertEqual(order.review_state, "changes_requested")

    def test_a_colleague_sees_the_question_and_no_form(self):
        order = self.off_list()
        self.authenticate("sally", "sallyxxx")
        page = self.page(order)
        self.assertIn("Is that right?", page)
        self.assertNotIn('id="order_answer"', page)
        self.send(order)
        self.assertEqual(order.review_state, "changes_requested")

    def test_a_form_from_elsewhere_is_refused(self):
        order = self.off_list()
        self.visit(order)
        with self.assertLogs("odoo.http", "WARNING"):
            self.assertEqual(self.send(order, csrf_token="forged").status_code, 400)
        self.assertEqual(order.review_state, "changes_requested")

    def test_nothing_to_answer(self):
        order = self.held_quotation(self.dora).sudo()
        self.assertNotIn('id="order_answer"', self.visit(order))
        self.assertIn("Nothing is asked of you", self.send(order).text)
        self.assertFalse(self.answers(order))

    # ---------------------------------------------------------------- something is wrong
    def test_what_was_typed_stays_when_something_is_wrong(self):
        order = self.asked()
        self.visit(order)
        files = [("attachments", ("a.html", b"<script>alert(1)</script>"))]
        page = self.send(order, "My <b>answer</b>", files=files, zip='1"><script>', phone="none").text
        self.assertIn("Your answer has not been sent yet", page)
        self.assertIn("Please choose your files again", page)
        self.assertIn("My &lt;b&gt;answer&lt;/b&gt;</textarea>", page)
        self.assertIn("This is not a postal code of United Kingdom", page)
        self.assertIn("This is not a phone number", page)
        self.assertIn("a.html cannot be sent", page)
        self.assertNotIn('1"><script>', page)
        self.assertIn("Please write an answer", self.send(order, "  ").text)
        self.assertIn("too long", self.send(order, "x" * 4001).text)
        self.assertEqual((order.review_state, self.dora.zip), ("changes_requested", False))
        self.assertIn("Thank you!", self.send(order, "", zip="NW1 6XE").text)

    def test_files_in_the_place_of_words_are_no_words(self):
        order = self.asked()
        self.visit(order)
        form = {"access_token": order.access_token, "csrf_token": Request.csrf_token(self)}
        files = [
            ("answer", ("a.png", PICTURE)),
            ("zip", ("z.png", PICTURE)),
            ("state_id", ("s.png", PICTURE)),
        ]
        page = self.url_open(f"/my/orders/{order.id}/answer", data=form, files=files, timeout=60)
        self.assertIn("Please write an answer", page.text)
        self.assertIn("Thank you!", self.send(order, "NUL \x00 is no word", zip="NW1\x00 6XE").text)
        self.assertEqual(self.dora.zip, "NW1 6XE")

    def test_script_is_text_on_the_page(self):
        order = self.off_list()
        self.visit(order)
        page = self.send(order, "<script>alert('x')</script>").text
        self.assertIn("You answered: &lt;script&gt;", page)
        self.assertNotIn("<script>alert('x')", page)


@tagged("post_install", "-at_install")
class TestAnswerInTheBrowser(AnswerCase, OrderProcessingHttpCase):
    def test_a_missing_postal_code(self):
        order = self.asked()
        self.start_tour(order.get_portal_url(), "order_answer_zip", login=None)
        self.assertConfirmed(order)

    def test_a_plain_answer(self):
        order = self.off_list()
        self.start_tour("/my/orders", "order_answer_plain", login="carla")
        self.assertOpen(order)


@tagged("post_install", "-at_install")
class TestAnswerOnAPhone(TestAnswerInTheBrowser):
    browser_size = "390x844"
    touch_enabled = True
    allow_inherited_tests_method = True
