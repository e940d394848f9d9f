from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import CaseCase


@tagged("post_install", "-at_install")
class TestCaseStory(CaseCase):
    def pay(self, move):
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        ).create({})._create_payments()

    def test_a_case_has_an_owner_and_deadlines(self):
        case = self.case().sudo()
        self.assertEqual((case.user_id, case.partner_id, case.state), (self.sally, self.customer, "new"))
        self.assertRegex(case.name, r"^CASE\d{5}$")
        self.assertTrue(case.answer_by < case.solve_by)
        self.assertEqual(case.deadline, case.answer_by)
        self.assertIn("case_opened", self.events(self.order, "customer"))

    def test_damage_is_sent_again_once(self):
        case = self.case()
        first = case.action_replace()
        again = case.action_replace()
        self.assertEqual(first["res_id"], again["res_id"])
        order = case.sudo().replacement_ids
        self.assertEqual(order.order_line.mapped("product_uom_qty"), [2])
        self.assertEqual(order.amount_total, 0)
        self.assertEqual(order.state, "draft")
        self.assertEqual(case.state, "progress")

    def test_never_sent_again_more_than_was_sold(self):
        self.case(quantity=3).action_replace()
        second = self.case(quantity=3)
        second.action_replace()
        self.assertEqual(second.sudo().replacement_ids.order_line.product_uom_qty, 1)
        with self.assertRaises(UserError):
            self.case(quantity=1).action_replace()

    def test_wrong_item_returned_then_refunded_and_paid(self):
        self.pay(self.invoice)
        case = self.case(kind="wrong_item", after_return="refund")
        case.action_return()
        case.action_return()
        picking = case.sudo().return_ids
        self.assertEqual(len(picking), 1)
        self.assertEqual(case.state, "waiting")
        self.assertEqual(picking.move_ids.mapped("product_uom_qty"), [2])
        picking = picking.with_user(self.wes)
        picking.move_ids.quantity = 2
        picking.move_ids.picked = True
        picking.button_validate()
        refund = case.sudo().refund_ids
        self.assertEqual((refund.state, refund.amount_total), ("draft", 37.0))
        refund.action_post()
        self.pay(refund)
        self.assertEqual((case.state, case.resolution), ("resolved", "refunded"))
        told = self.events(self.order, "customer")
        self.assertEqual(
            [kind for kind in told if kind.startswith("case_")],
            ["case_opened", "case_return", "case_received", "case_refund", "case_paid", "case_resolved"],
        )

    def test_never_more_given_back_than_was_invoiced(self):
        self.case(quantity=3).action_refund()
        second = self.case(quantity=3)
        second.action_refund()
        second.action_refund()
        self.assertEqual(second.sudo().refund_ids.invoice_line_ids.quantity, 1)
        with self.assertRaises(UserError):
            self.case(quantity=1).action_refund()

    def test_never_more_taken_back_than_left(self):
        self.case(quantity=3).action_return()
        second = self.case(quantity=3)
        second.action_return()
        self.assertEqual(second.sudo().return_ids.move_ids.product_uom_qty, 1)

    def test_more_than_was_sold_is_no_case(self):
        with self.assertRaises(ValidationError):
            self.case(quantity=5)

    def test_of_an_unpaid_invoice_it_is_set_off(self):
        case = self.case()
        case.action_refund()
        case.sudo().refund_ids.action_post()
        self.assertEqual((case.state, case.resolution), ("resolved", "refunded"))
        self.assertEqual(self.invoice.amount_residual, self.invoice.amount_total - 37.0)

    def test_finance_posts_at_once_where_the_company_wants_it(self):
        self.company.case_post_refunds = True
        case = self.case()
        case.with_user(self.anna).action_refund()
        self.assertEqual(case.sudo().refund_ids.state, "posted")

    def test_money_is_not_given_back_by_the_warehouse(self):
        case = self.case()
        with self.assertRaises(AccessError):
            case.with_user(self.wes).action_refund()

    def test_a_low_rating_is_followed_up_once(self):
        case = self.case()
        case.resolution = "explained"
        case.action_resolve()
        token = case.sudo()._rating_get_access_token()
        case.sudo().rating_apply(1, token=token, feedback="Slow")
        case.sudo().rating_apply(1, token=token, feedback="Very slow")
        follow_up = self.env["order.case"].search([("follow_up_of_id", "=", case.id)])
        self.assertEqual((len(follow_up), follow_up.kind, follow_up.user_id), (1, "complaint", self.sally))

    def test_a_good_rating_is_not(self):
        case = self.case().sudo()
        case.rating_apply(5, token=case._rating_get_access_token())
        self.assertFalse(self.env["order.case"].search([("follow_up_of_id", "=", case.id)]))
