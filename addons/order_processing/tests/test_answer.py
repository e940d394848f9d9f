import base64

from odoo import SUPERUSER_ID
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import OrderProcessingCase
from .test_gate_portal import PIXEL

PICTURE = base64.b64decode(PIXEL)


class AnswerCase(OrderProcessingCase):
    """Dora's address lacks its postal code, and nobody has her phone number. Rita asks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.public = cls.env.ref("base.public_user")
        cls.dora = cls.customer.copy({"name": "Dora", "email": "dora@example.com", "phone": False})
        cls.dora.zip = False

    def asked(self, partner=None, question="What is your postal code?", **kwargs):
        order = self.held_quotation(partner or self.dora, **kwargs)
        order.with_user(self.rita).action_review_request_change(question)
        self.env.cr.flush()
        return order.sudo()

    def off_list(self, **kwargs):
        """Return an order whose price Rita asks about."""
        return self.asked(self.customer, "Is that right?", lines=[(self.lantern, 2, 17.0)], **kwargs)

    def answer(self, order, text=None, completed=None, attachments=(), user=None):
        """Answer as the page does: nobody is logged in, the system acts."""
        text = ("" if completed else "Here it is.") if text is None else text
        order = order.with_user(SUPERUSER_ID)
        return order._answer_change_request(text, completed, attachments, user or self.public)

    def answers(self, order):
        return order.message_ids.filtered(lambda message: message.message_type == "comment")


@tagged("post_install", "-at_install")
class TestAnswer(AnswerCase):
    """The customer answers, and the order goes back through the gate."""

    # ---------------------------------------------------------------- what becomes of the order
    def test_the_missing_postal_code_confirms_the_order(self):
        order = self.asked()
        self.assertTrue(self.answer(order, completed={"zip": "NW1 6XE"}))
        self.assertConfirmed(order)
        self.assertEqual(self.dora.zip, "NW1 6XE")
        self.assertEqual(order.review_finding_ids.mapped("state"), ["gone"])
        self.assertEqual(
            [kind for kind in self.events(order, "customer") if not kind.startswith("stage")],
            ["received", "held", "changes_requested", "completed_zip", "confirmed"],
        )

    def test_what_the_customer_writes_is_read_before_the_order_goes_on(self):
        order = self.asked()
        self.answer(order, "And only 14 of them, please.", completed={"zip": "NW1 6XE"})
        self.assertOpen(order)
        self.assertEqual(self.open_findings(order), [])
        self.assertEqual(order.review_customer_answer, "And only 14 of them, please.")
        self.assertEqual(order.review_step_id.state, "open")
        self.assertEqual(order.review_user_id, self.rita)
        self.approve(order)
        self.assertConfirmed(order, "approved")

    def test_what_was_due_happens_then(self):
        order = self.quotation(self.dora).sudo()
        order._validate_order()
        order.with_user(self.rita).action_review_request_change("What is your postal code?")
        self.answer(order, completed={"zip": "NW1 6XE"})
        self.assertConfirmed(order)
        self.assertEqual(len(self.confirmation_mails(order)), 1)

    def test_a_plain_answer_waits_for_the_reviewer(self):
        order = self.off_list()
        self.answer(order, "Your colleague promised me 17.00.")
        self.assertOpen(order)
        self.assertEqual(order.review_customer_answer, "Your colleague promised me 17.00.")
        self.assertEqual(self.open_findings(order), ["price_off_list"])
        self.approve(order)
        self.assertConfirmed(order, "approved")

    def test_a_confirmed_order_goes_on_when_nothing_holds_it(self):
        order = self.confirmed_order(self.customer).sudo()
        self.customer.zip = False
        self.assertEqual(order.review_state, "pending")
        order.with_user(self.rita).action_review_request_change("And the postal code?")
        self.answer(order, completed={"zip": "NW1 6XE"})
        self.assertEqual((order.state, order.review_state), ("sale", "approved"))
        self.assertEqual(order._portal_sentence(), "Your order is ready to be sent.")

    def test_a_confirmed_order_waits_when_something_does(self):
        order = self.confirmed_order(self.customer).sudo()
        order.order_line.price_unit = 1.0
        order.with_user(self.rita).action_review_request_change("Is that right?")
        self.answer(order, "Yes.")
        self.assertEqual((order.state, order.review_state), ("sale", "pending"))
        self.assertIn("price_off_list", self.open_findings(order))

    def test_an_answer_is_kept_when_the_order_cannot_be_confirmed(self):
        order = self.asked()
        self.env["sale.order.line"].create({"order_id": order.id, "name": "?", "product_id": False})
        self.answer(order, completed={"zip": "NW1 6XE"})
        self.assertEqual((order.state, order.review_state, self.dora.zip), ("sent", "pending", "NW1 6XE"))

    def test_an_answer_is_kept_when_the_confirmation_fails(self):
        order, on_fire = self.asked(), "The warehouse is on fire."

        def fails(orders):
            orders.note = "half done"
            raise UserError(on_fire)

        self.patch(type(order), "_action_confirm", fails)
        with self.assertLogs("odoo.addons.order_processing.models.sale_order_answer", "WARNING"):
            self.answer(order, completed={"zip": "NW1 6XE"})
        self.assertEqual((order.state, order.review_state, self.dora.zip), ("sent", "pending", "NW1 6XE"))
        self.assertNotIn("half done", order.note or "")
        self.assertIn(on_fire, order.message_ids[0].body)
        self.assertTrue(order.message_ids[0].subtype_id.internal)

    # ---------------------------------------------------------------- only when asked
    def test_only_while_it_is_asked(self):
        held, refused, cancelled, approved = (self.asked() for _ in range(4))
        self.answer(held)
        refused.with_user(self.rita).action_review_refuse("Too late.")
        cancelled._action_cancel()
        self.approve(approved)
        for order in (held, refused, cancelled, approved, self.confirmed_order().sudo()):
            before = (order.state, order.review_state, len(order.message_ids))
            self.assertFalse(self.answer(order, "Once more", {"zip": "NW1 6XE"}))
            self.assertEqual((order.state, order.review_state, len(order.message_ids)), before)
        self.assertFalse(self.dora.zip)

    def test_asked_again_the_answer_before_is_none(self):
        order = self.off_list()
        self.answer(order, "First.")
        order.with_user(self.rita).action_review_request_change("Second?")
        self.assertFalse(order.review_customer_answer)
        self.answer(order, "Second.")
        self.assertEqual(order.review_customer_answer, "Second.")

    def test_no_colleague_speaks_for_the_customer(self):
        order = self.off_list()
        for user in (self.sally, self.rita, self.wes, self.mona):
            self.assertFalse(self.answer(order, user=user))
        self.assertFalse(self.answers(order))
        self.assertTrue(self.answer(order, user=self.carla))

    def test_nobody_answers_past_the_page(self):
        order = self.off_list()
        for user in (self.carla, self.sally):
            with self.assertRaises(AccessError):
                self.rpc(user, order, "_answer_change_request", "Yes")
            with self.assertRaises(AccessError):
                self.rpc(user, order, "_back_to_review")

    # ---------------------------------------------------------------- what the staff sees
    def test_the_answer_is_written_in_the_name_of_the_customer(self):
        by_link, logged_in = self.off_list(), self.off_list()
        self.answer(by_link, "By link")
        self.answer(logged_in, "Logged in", user=self.carla)
        for order in (by_link, logged_in):
            message = self.answers(order)
            self.assertEqual(message.author_id, self.customer)
            self.assertEqual(message.subtype_id, self.env.ref("mail.mt_comment"))
            self.assertIn(self.sally.partner_id, message.notified_partner_ids)

    def test_what_was_completed_is_told(self):
        order = self.asked()
        self.answer(order, completed={"zip": "NW1 6XE", "phone": "+44 20 7946 0018"})
        self.assertIn("Postal code completed: NW1 6XE", self.answers(order).body)
        texts = order._events().mapped("text")
        self.assertIn("The customer completed the delivery address: postal code NW1 6XE", texts)
        self.assertIn("The customer gave a phone number: +44 20 7946 0018", texts)

    def test_files_come_with_the_message(self):
        order = self.off_list()
        self.answer(order, attachments=[("offer.png", PICTURE)])
        attachment = self.answers(order).attachment_ids
        self.assertEqual((attachment.res_model, attachment.res_id), ("sale.order", order.id))
        self.assertEqual((attachment.name, attachment.mimetype), ("offer.png", "image/png"))

    def test_an_answer_is_text_wherever_it_is_shown(self):
        order = self.off_list()
        self.answer(order, "<script>alert(1)</script> %(password)s\nand more")
        self.assertIn(
            "&lt;script&gt;alert(1)&lt;/script&gt; %(password)s<br>and more", self.answers(order).body
        )
        self.assertNotIn("<script>", order.timeline_html)
        self.assertIn("You answered: <script>", order._portal_events()[0].text)

    def test_a_customer_without_an_address_answers_too(self):
        order = self.asked(self.corner_shop)
        self.assertTrue(self.answer(order, "Ring the bell."))
        self.assertEqual(self.answers(order).author_id, self.corner_shop)
        self.assertOpen(order)


@tagged("post_install", "-at_install")
class TestAnswerForm(AnswerCase):
    """What the form asks for, and what it takes."""

    def take(self, order, text="Yes", files=(), **given):
        return order._read_answer(text, given, list(files))

    def faults(self, *args, **kwargs):
        return self.take(*args, **kwargs)[3]

    def us_customer(self, **vals):
        us = self.env.ref("base.us")
        vals = {"country_id": us.id, "state_id": False, "zip": False, "city": "Los Angeles", **vals}
        return self.customer.copy(
            {"name": "Uma", "email": "uma@example.com", "phone": "+1 213 555 0123", **vals}
        )

    def test_it_asks_for_what_is_missing_and_nothing_else(self):
        self.assertEqual(self.asked()._missing_of_delivery(), ["zip", "phone"])
        self.assertEqual(self.off_list()._missing_of_delivery(), [])
        uma = self.us_customer()
        self.assertEqual(self.asked(uma)._missing_of_delivery(), ["zip", "state_id"])
        service = self.asked(lines=[(self.wrapping, 1, 1.0)])
        self.assertEqual(service._missing_of_delivery(), ["phone"])

    def test_nothing_that_is_there_is_overwritten(self):
        order = self.off_list()
        _text, completed, _files, faults = self.take(
            order, zip="SW1A 1AA", phone="+44 20 7946 0000", street="Elsewhere"
        )
        self.assertEqual((completed, faults), ({}, {}))
        self.answer(order, completed={"zip": "SW1A 1AA", "phone": "+44 20 7946 0000"})
        self.assertEqual((self.customer.zip, self.customer.phone), ("NW1 6XE", "+44 20 7946 0018"))
        self.assertNotIn("completed", self.answers(order).body)

    def test_an_answer_has_words(self):
        order = self.asked()
        for text in ("", "   \r\n ", None):
            self.assertEqual(self.faults(order, text), {"answer": "Please write an answer."})
        self.assertIn("4001 characters", self.faults(order, "x" * 4001)["answer"])
        self.assertFalse(self.faults(order, "line\r\n" * 800))  # a browser counts a line's end once

    def test_a_postal_code_of_the_country(self):
        order = self.asked()
        self.assertIn("not a postal code of United Kingdom", self.faults(order, zip="12345")["zip"])
        self.assertIn("zip", self.faults(order, zip="<script>alert(1)</script>"))
        self.assertEqual(self.take(order, zip=" NW1 6XE ")[1], {"zip": "NW1 6XE"})
        self.assertEqual(self.take(order, zip="")[1], {})

    def test_a_state_of_the_country_and_its_postal_code(self):
        order = self.asked(self.us_customer())
        california, kent = self.env.ref("base.state_us_5"), self.gb.state_ids[0]
        self.assertIn("state_id", self.faults(order, state_id=str(kent.id)))
        self.assertIn("state_id", self.faults(order, state_id="1; DROP TABLE"))
        self.assertIn(
            "not in California", self.faults(order, state_id=str(california.id), zip="10001")["zip"]
        )
        self.assertIn("zip", self.faults(order, zip="ABC"))
        good = {"state_id": california.id, "zip": "90001"}
        self.assertEqual(self.take(order, state_id=str(california.id), zip="90001")[1], good)
        self.answer(order, completed=good)
        self.assertConfirmed(order)

    def test_a_phone_number_somebody_answers(self):
        order = self.asked()
        self.assertIn("not a phone number", self.faults(order, phone="ask me")["phone"])
        self.assertIn("phone", self.faults(order, phone="0" * 41))
        self.assertEqual(self.take(order, phone="020 7946 0018")[1], {"phone": "+44 20 7946 0018"})

    def test_files_few_small_and_of_harmless_kinds(self):
        order = self.asked()
        page, pdf = b"<html><script>alert(1)</script></html>", b"%PDF-1.4 terms"
        self.assertIn("at most 5", self.faults(order, files=[("a.png", PICTURE)] * 6)["attachments"])
        big = PICTURE + b"\0" * (10 * 1024 * 1024)
        self.assertIn("photo.png is too big", self.faults(order, files=[("photo.png", big)])["attachments"])
        for name, content in (("a.html", page), ("a.pdf", page), ("a.svg", b"<svg/>"), ("a.png", b"")):
            self.assertIn("cannot be sent", self.faults(order, files=[(name, content)])["attachments"])
        files = [("a.html", PICTURE), ("..\\..\\c:/x/terms.pdf", pdf), ("\n\t", pdf)]
        names = [name for name, _content in self.take(order, files=files)[2]]
        self.assertEqual(names, ["a.png", "terms.pdf", "file.pdf"])
