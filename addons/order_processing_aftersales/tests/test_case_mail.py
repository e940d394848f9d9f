from odoo.tests import tagged

from .common import CaseCase

EVIL = "<script>alert('x')</script>"
DOMAIN = "cases.example.com"


@tagged("post_install", "-at_install")
class TestCaseMail(CaseCase):
    """Mails to the alias make cases, answers join them, and strangers read and write none."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        domain = cls.env["mail.alias.domain"].create({"name": DOMAIN})
        cls.env.ref("order_processing_aftersales.mail_alias_order_case").alias_domain_id = domain
        cls.corner_shop.email = "shop@example.com"

    def mail(self, number, sender="carla@example.com", subject="Hello", reply_to=None, body="It is broken."):
        """Let a mail come in."""
        self.env["mail.thread"].message_process(
            None,
            f"From: {sender}\nTo: cases@{DOMAIN}\nMessage-Id: <{number}@example.com>\n"
            + (f"In-Reply-To: {reply_to}\n" if reply_to else "")
            + f"Subject: {subject}\nContent-Type: text/plain\n\n{body}",
        )
        self.env.invalidate_all()

    def cases(self):
        return self.env["order.case"].search([("source", "=", "mail")], order="id")

    def test_a_mail_makes_a_case_of_the_order_it_names(self):
        self.mail("1", subject=f"Order {self.order.name} {EVIL}", body=EVIL)
        case = self.cases()
        self.assertEqual((case.partner_id, case.order_id), (self.customer, self.order))
        self.assertEqual((case.user_id, case.state), (self.sally, "new"))
        self.assertTrue(case.answer_by)
        sent = self.env["mail.mail"].search([("model", "=", "order.case"), ("res_id", "=", case.id)])
        self.assertIn(f"We have your message {case.name}", sent.mapped("subject"))
        self.assertNotIn("<script", "".join(sent.mapped("body_html") + case.message_ids.mapped("body")))

    def test_an_answer_joins_and_moves_it_on(self):
        self.mail("1", subject=f"Order {self.order.name}")
        case = self.cases()
        answer = case.with_user(self.sally).message_post(
            body="On its way", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        self.assertTrue(case.answered_at)
        case.with_user(self.sally).action_wait()
        self.mail("2", reply_to=answer.message_id, body="Thanks")
        self.assertEqual(self.cases(), case)
        self.assertEqual(case.state, "progress")
        self.assertIn("Thanks", case._portal_messages()[-1].body)

    def test_an_answer_to_what_is_resolved_opens_it_again(self):
        case = self.case(by=self.sally)
        case.resolution = "explained"
        case.action_resolve()
        note = case.sudo().message_post(
            body="Done", message_type="comment", subtype_xmlid="mail.mt_comment", author_id=1
        )
        self.mail("3", reply_to=note.message_id, body="It is not")
        self.assertEqual(case.sudo().state, "progress")

    def test_strangers_write_nothing_into_a_case(self):
        case = self.case().sudo()
        said = case.with_user(self.sally).message_post(
            body="Hello", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        for number, sender in (("4", "shop@example.com"), ("5", "nobody@elsewhere.example")):
            with self.subTest(sender):
                self.mail(number, sender, reply_to=said.message_id, body="Send it to me")
                self.assertNotIn("Send it to me", "".join(case.message_ids.mapped("body")))
                theirs = self.cases()[-1]
                self.assertNotEqual(theirs, case)
                self.assertFalse(theirs.order_id)
                self.assertFalse(theirs.message_ids.parent_id & case.message_ids)
                self.assertNotIn(theirs.partner_id, case.message_partner_ids)

    def test_a_colleague_of_the_customer_and_ours_may(self):
        colleague = self.env["res.partner"].create(
            {"name": "Cleo", "email": "cleo@example.com", "parent_id": self.customer.id}
        )
        case = self.case().sudo()
        said = case.with_user(self.sally).message_post(
            body="Hello", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        self.mail("6", colleague.email, reply_to=said.message_id, body="We wait")
        self.mail("7", "wes@example.com", reply_to=said.message_id, body="Found it")
        self.assertFalse(self.cases())
        self.assertEqual(len(case._portal_messages()), 3)

    def test_a_mail_names_no_order_of_somebody_else(self):
        self.mail("8", "shop@example.com", subject=self.order.name)
        self.assertFalse(self.cases().order_id)
        self.mail("9", "nobody@elsewhere.example", subject=self.order.name)
        self.assertFalse(self.cases().order_id)
