from odoo.tests import HttpCase, tagged

from .common import CaseCase, photo
from .common_portal import PortalPages


@tagged("post_install", "-at_install")
class TestWholeStory(PortalPages, CaseCase, HttpCase):
    """From what Carla sees on the page of her order to the last word, each step as she sees it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.case_return_words = "Use the same box, please."

    def carla_reads(self, case, *words, gone=()):
        page = self.url_open(f"/my/cases/{case.id}")
        for word in words:
            self.assertIn(word, page.text)
        for word in gone:
            self.assertNotIn(word, page.text)
        return page

    def carla_opens_a_case(self):
        self.authenticate("carla", "carla")
        self.assertIn("order_new_case", self.url_open(f"/my/orders/{self.order.id}").text)
        self.send(photos=[("broken.jpg", photo(), "image/jpeg")], description="Two arrived broken.")
        return self.cases()

    def mails(self, case):
        self.env.invalidate_all()
        found = self.env["mail.mail"].search([("model", "=", "order.case"), ("res_id", "=", case.id)])
        return found.filtered(lambda mail: self.customer in mail.recipient_ids).sorted("id").mapped("subject")

    def pay(self, move):
        register = self.env["account.payment.register"].with_user(self.anna)
        register = register.with_context(active_model="account.move", active_ids=move.ids)
        register.create({})._create_payments()

    def test_damage_sent_back_and_refunded_then_rated_low(self):
        self.pay(self.invoice)
        # 1. She says what is broken, and shows it. Sally has it, with an activity, and until when.
        case = self.carla_opens_a_case()
        self.carla_reads(case, "We have your message", "Two arrived broken.", "Metal Lantern")
        self.assertEqual((case.user_id, case.activity_ids.user_id), (self.sally, self.sally))
        self.assertTrue(case.deadline)
        self.assertEqual(len(case._portal_photos()), 1)
        self.assertEqual(self.mails(case), [f"We have your message {case.name}"])

        # 2. Sally asks for the goods, puts a label there, and says so.
        sallys = case.with_user(self.sally)
        sallys.after_return = "refund"
        sallys.action_return()
        label = {"name": "label.pdf", "raw": b"%PDF-1.4", "res_model": "order.case", "res_id": case.id}
        sallys.label_ids = self.env["ir.attachment"].with_user(self.sally).create(label)
        sallys.message_post(body="So sorry!", message_type="comment", subtype_xmlid="mail.mt_comment")
        page = self.carla_reads(
            case, "Please send the goods back", "Use the same box, please.", "label.pdf", "So sorry!"
        )
        self.assertIn("Please send the goods back", self.mails(case)[1])
        [picking] = case.return_ids
        self.assertIn(picking.name, page.text)
        file = self.url_open(f"/my/cases/{case.id}/file/{case.label_ids.id}")
        self.assertEqual(file.content, b"%PDF-1.4")
        self.assertIn("attachment", file.headers["Content-Disposition"])

        # 3. Wes receives them; the credit note is made as agreed.
        packer = picking.with_user(self.wes)
        packer.move_ids.write({"quantity": 2, "picked": True})
        packer.button_validate()
        self.carla_reads(
            case, "Your goods are back", "We are preparing your refund", gone=["label.pdf", "same box"]
        )

        # 4. Anna posts and pays it: the case is resolved, Carla is told and asked how it was.
        [refund] = case.refund_ids
        self.assertEqual((refund.state, refund.amount_total), ("draft", 37.0))
        refund.with_user(self.anna).action_post()
        self.pay(refund)
        page = self.carla_reads(case, "Your refund is done", "Resolved", "How did we do?")
        self.assertIn("how did we do?", self.mails(case)[-1])
        self.assertFalse(case.activity_ids)

        # 5. She says it was slow; Sally has that to see to, once.
        token = case.rating_ids.access_token
        self.assertIn(f"/rate/{token}/1", page.text)
        form = self.url_open(f"/rate/{token}/1")
        data = {"csrf_token": self.field(form, "csrf_token"), "rate": "1", "feedback": "Slow"}
        for _click in range(2):
            self.url_open(f"/rate/{token}/submit_feedback", data=data)
        self.carla_reads(case, "Your refund is done", gone=["How did we do?"])
        self.env.invalidate_all()
        [follow_up] = self.env["order.case"].search([("follow_up_of_id", "=", case.id)])
        self.assertEqual((follow_up.user_id, follow_up.description), (self.sally, "Slow"))
        self.assertEqual(case.state, "resolved")

        # 6. It is closed, and stays readable.
        sallys.action_close()
        self.carla_reads(case, "This is closed.", gone=["case_answer_text"])
        told = [kind for kind in self.events(self.order, "customer") if kind.startswith("case_")]
        self.assertEqual(
            told,
            ["case_opened", "case_return", "case_received", "case_refund", "case_paid", "case_resolved"],
        )

    def test_what_was_broken_is_sent_again_and_arrives(self):
        case = self.carla_opens_a_case()
        case.with_user(self.sally).action_replace()
        [again] = case.replacement_ids
        self.carla_reads(case, f"We send it again with order {again.name}")
        self.assertEqual((again.amount_total, again.order_line.product_uom_qty), (0, 2))
        # It takes the usual way: nothing of it is skipped because it is for nothing.
        again.with_user(self.sally).action_submit()
        if again.state != "sale":
            self.carla_reads(case, "We are checking your order")
            self.approve(again, "Broken on its way, sent again")
        self.assertEqual(again.state, "sale")
        self.ship(again)
        self.carla_reads(case, "Your order has left our warehouse.", gone=["Resolved"])
        again.shipment_ids.status = "delivered"
        self.env.flush_all()
        self.env.cr.flush()
        self.assertEqual((case.state, case.resolution), ("resolved", "replaced"))
        self.carla_reads(case, "Your order has been delivered.", "Resolved", "How did we do?")
