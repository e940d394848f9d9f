from odoo.tests import HttpCase, tagged

from odoo.addons.order_processing.tests.common_axe import AccessibleCase

from .common import CaseCase, photo


@tagged("post_install", "-at_install")
class TestCasesInTheBrowser(CaseCase, HttpCase):
    """From a photo of what is broken to the credit note and a bad mark, at a desk."""

    browser_size = "1366x900"

    def test_from_a_photo_to_the_money(self):
        self.company.case_return_words = "Use the same box, please."
        # Anna posts refunds at once where the invoice is not paid: it is set off.
        self.start_tour(f"/my/orders/{self.order.id}", "case_carla_complains", login="carla")
        case = self.env["order.case"].search([("order_id", "=", self.order.id)])
        self.assertEqual((case.user_id, len(case._portal_photos())), (self.sally, 1))
        self.assertEqual(case.activity_ids.user_id, self.sally)

        self.start_tour("/odoo/cases", "case_sally_takes_back", login="sally")
        self.assertEqual((case.state, len(case.return_ids)), ("waiting", 1))
        self.start_tour(f"/my/cases/{case.id}", "case_carla_sends_back", login="carla")
        packer = case.return_ids.with_user(self.wes)
        packer.move_ids.write({"quantity": 2, "picked": True})
        packer.button_validate()

        self.start_tour(f"/odoo/cases/{case.id}", "case_anna_refunds", login="anna")
        self.assertEqual((case.refund_ids.amount_total, case.refund_ids.state), (37.0, "posted"))
        self.start_tour(f"/my/cases/{case.id}", "case_carla_rates", login="carla")
        follow_up = self.env["order.case"].search([("follow_up_of_id", "=", case.id)])
        self.assertEqual((follow_up.user_id, follow_up.description), (self.sally, "It took so long"))
        self.start_tour(f"/odoo/cases/{case.id}", "case_sally_closes", login="sally")
        self.assertEqual(case.state, "closed")


@tagged("post_install", "-at_install")
class TestCasesOnThePhone(TestCasesInTheBrowser):
    """The same, with everybody on a phone."""

    browser_size = "390x844"
    touch_enabled = True
    allow_inherited_tests_method = True


@tagged("post_install", "-at_install")
class TestCasesAccessible(CaseCase, AccessibleCase):
    """The customer's pages, with axe-core, on a desk and on a phone."""

    def test_the_pages(self):
        case = self.case().sudo()
        case._keep_photos([("a.jpg", "image/jpeg", photo())])
        for path in ("/my/cases", f"/my/cases/{case.id}", f"/my/cases/new?order={self.order.id}"):
            self.assert_accessible(path, "carla")
        self.assert_accessible(f"/my/orders/{self.order.id}", "carla", within="#order_cases")
        self.assert_accessible("/my/cases", "carla")

    def test_the_page_while_goods_come_back_and_after(self):
        self.company.case_return_words = "Use the same box, please."
        case = self.case().sudo()
        case.action_return()
        case.label_ids = self.env["ir.attachment"].create(
            {"name": "label.pdf", "raw": b"%PDF-1.4", "res_model": "order.case", "res_id": case.id}
        )
        case.with_user(self.sally).message_post(
            body="So sorry", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        path = f"/my/cases/{case.id}?access_token={case._portal_ensure_token()}"
        self.assert_accessible(path, None)
        case._resolve("goodwill")
        self.assert_accessible(path, None)
        case.action_close()
        self.assert_accessible(path, None)

    def test_nothing_yet(self):
        self.assert_accessible("/my/cases", "carla")
