from odoo.tests import HttpCase, tagged

from odoo.addons.order_processing.tests.common_axe import AccessibleCase

from .common import CaseCase, photo


@tagged("post_install", "-at_install")
class TestCasesInTheBrowser(CaseCase, HttpCase):
    """From a photo of what is broken to the credit note, at a desk."""

    browser_size = "1366x900"

    def test_case_with_photo_to_refund(self):
        self.start_tour(f"/my/orders/{self.order.id}", "case_carla_complains", login="carla")
        case = self.env["order.case"].search([("order_id", "=", self.order.id)])
        self.assertEqual((case.user_id, len(case._portal_photos())), (self.sally, 1))
        # Sally reads invoices, too.
        self.sally.group_ids += self.env.ref("account.group_account_invoice")
        self.start_tour("/odoo/cases", "case_sally_refunds", login="sally")
        self.assertEqual(case.refund_ids.amount_total, 37.0)
        self.start_tour(f"/my/cases/{case.id}", "case_carla_sees_it", login="carla")


@tagged("post_install", "-at_install")
class TestCasesOnThePhone(CaseCase, HttpCase):
    """The customer's side of the same, on a phone."""

    browser_size = "390x844"
    touch_enabled = True

    def test_case_with_photo(self):
        self.start_tour(f"/my/orders/{self.order.id}", "case_carla_complains", login="carla")
        case = self.env["order.case"].search([("order_id", "=", self.order.id)])
        case.with_user(self.sally).action_refund()
        self.start_tour(f"/my/cases/{case.id}", "case_carla_sees_it", login="carla")


@tagged("post_install", "-at_install")
class TestCasesAccessible(CaseCase, AccessibleCase):
    """The customer's pages, with axe-core, on a desk and on a phone."""

    def test_the_pages(self):
        case = self.case().sudo()
        case._keep_photos([("a.jpg", "image/jpeg", photo())])
        for path in ("/my/cases", f"/my/cases/{case.id}", f"/my/cases/new?order={self.order.id}"):
            self.assert_accessible(path, "carla")
