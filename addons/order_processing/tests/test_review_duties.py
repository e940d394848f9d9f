from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user, tagged

from .common_desk import REVIEWER, ReviewDeskCase


@tagged("post_install", "-at_install")
class TestSeparationOfDuties(ReviewDeskCase):
    """Nobody decides on an order they made, or whose risk they raised; whichever way they try."""

    def assertBarred(self, user, order, words):
        """The user decides by none of the ways there are, and the order is as before."""
        finding = order.sudo().review_finding_ids.filtered(lambda f: f.state == "open")[:1]
        for method in ("approve", "refuse", "request_change"):
            with self.subTest("RPC", method=method), self.assertRaisesRegex(AccessError, words):
                self.rpc(user, order, f"action_review_{method}", "because")
        with self.subTest("waive"), self.assertRaisesRegex(AccessError, words):
            self.rpc(user, finding, "action_waive", "because")
        with self.subTest("take over"), self.assertRaisesRegex(AccessError, words):
            self.rpc(user, order, "action_review_take_over")
        self.assertFalse(order.with_user(user).review_may_decide)
        wizard = self.decide_in_wizard(order, "approve", user)
        self.assertRegex(wizard.line_ids.why_not, words)
        with self.subTest("form"), self.assertRaisesRegex(AccessError, words):
            wizard.action_decide()
        other = self.held("address")
        with self.subTest("list"):
            self.decide_in_wizard(order + other, "approve", user).action_decide()
            self.assertConfirmed(other, "approved")
        self.assertOpen(order)

    # ---------------------------------------------------------------- made it
    def test_not_ones_own_order(self):
        order = self.held("address", by=self.rita)
        self.assertEqual(order.sudo().review_user_id, self.fiona)
        self.assertBarred(self.rita, order, "yours, or you entered it")
        self.approve(order, by=self.fiona)
        self.assertConfirmed(order, "approved")

    def test_not_an_order_one_entered_for_a_colleague(self):
        order = self.held("address", by=self.rita, user_id=self.sally.id)
        self.assertBarred(self.rita, order, "yours, or you entered it")

    def test_not_an_order_one_sells(self):
        order = self.held("address", user_id=self.rita.id, by=self.mona)
        self.assertBarred(self.rita, order, "yours, or you entered it")

    def test_not_an_order_one_has_handed_over(self):
        order = self.held("address", user_id=self.rita.id, by=self.mona)
        self.rpc(self.rita, order, "write", {"user_id": self.sally.id})
        self.assertBarred(self.rita, order, "was yours")

    def test_not_one_raised_while_it_was_ones_own(self):
        order = self.held("address", user_id=self.rita.id, by=self.mona)
        self.rpc(self.rita, order.order_line, "write", {"product_uom_qty": 90})
        self.rpc(self.mona, order, "write", {"user_id": self.sally.id})
        self.assertBarred(self.rita, order, "raised its risk")

    # ---------------------------------------------------------------- raised its risk
    def test_not_after_raising_a_quantity(self):
        order = self.held("address")
        self.rpc(self.rita, order.order_line, "write", {"product_uom_qty": 90})
        self.env.cr.flush()
        self.assertEqual(order.sudo().review_raised_by_ids, self.rita)
        self.assertEqual(order.sudo().review_user_id, self.fiona)
        self.assertBarred(self.rita, order, "raised its risk")

    def test_not_after_adding_a_line_by_the_form(self):
        order = self.held("address")
        with Form(order.with_user(self.rita)) as form, form.order_line.new() as line:
            line.product_id = self.mug
        self.assertBarred(self.rita, order, "raised its risk")

    def test_not_after_cutting_a_price_through_the_order(self):
        order = self.held("address")
        self.rpc(
            self.rita,
            order,
            "write",
            {"order_line": [Command.update(order.order_line.id, {"price_unit": 12})]},
        )
        self.assertBarred(self.rita, order, "raised its risk")

    def test_not_after_sending_it_elsewhere(self):
        order = self.held("address")
        self.rpc(self.rita, order, "write", {"partner_shipping_id": self.customer.id})
        self.assertBarred(self.rita, order, "raised its risk")

    def test_not_after_rewriting_the_address(self):
        order = self.held("address")
        self.rita.group_ids += self.env.ref("base.group_partner_manager")
        self.rpc(self.rita, self.corner_shop, "write", {"street": "1 Other Road"})
        self.assertBarred(self.rita, order, "raised its risk")

    def test_not_after_raising_it_while_it_was_a_quotation(self):
        order = self.quotation(self.corner_shop)
        self.rpc(self.rita, order.order_line, "write", {"product_uom_qty": 90})
        self.env.cr.flush()
        order.action_submit()
        self.assertEqual(order.sudo().review_user_id, self.fiona)
        self.assertBarred(self.rita, order, "raised its risk")

    def test_not_after_taking_it_back_and_handing_it_in_again(self):
        order = self.held("address")
        self.rpc(self.rita, order.order_line, "write", {"product_uom_qty": 90})
        order.action_cancel()
        order.action_draft()
        order.action_submit()
        self.assertBarred(self.rita, order, "raised its risk")

    def test_not_after_raising_a_confirmed_order(self):
        order = self.confirmed_order()
        self.rpc(self.rita, order.order_line, "write", {"price_unit": 12})
        self.env.cr.flush()
        self.assertEqual((order.state, order.review_state), ("sale", "pending"))
        self.assertEqual(order.sudo().review_user_id, self.fiona)
        with self.assertRaisesRegex(AccessError, "raised its risk"):
            self.approve(order, by=self.rita)

    # ---------------------------------------------------------------- mending is fine
    def test_mending_a_postcode_and_approving_is_fine(self):
        order = self.held("address")
        self.rita.group_ids += self.env.ref("base.group_partner_manager")
        self.rpc(self.rita, self.corner_shop, "write", {"zip": "BS1 1AA"})
        self.rpc(self.rita, order, "write", {"client_order_ref": "4711", "note": "Ring twice."})
        self.rpc(self.rita, order.order_line, "write", {"product_uom_qty": 1})
        self.env.cr.flush()
        self.assertFalse(order.sudo().review_raised_by_ids)
        self.approve(order, by=self.rita)
        self.assertConfirmed(order, "approved")

    def test_up_and_down_in_one_go_raises_nothing(self):
        order = self.held("address")
        line = order.order_line.with_user(self.rita)
        line.product_uom_qty = 90
        line.product_uom_qty = 2
        self.env.cr.flush()
        self.assertFalse(order.sudo().review_raised_by_ids)

    def test_nobody_clears_the_record_of_it(self):
        order = self.held("address")
        self.rpc(self.rita, order.order_line, "write", {"product_uom_qty": 90})
        self.env.cr.flush()
        for user in (self.rita, self.mona, self.max):
            for command in (Command.clear(), Command.unlink(self.rita.id)):
                with self.subTest(user.login), self.assertRaises(AccessError):
                    self.rpc(user, order, "write", {"review_raised_by_ids": [command]})
        copy = order.copy()
        self.assertFalse(copy.sudo().review_raised_by_ids)

    # ---------------------------------------------------------------- nobody else
    def test_with_nobody_else_at_the_stage_it_goes_to_the_manager_and_says_so(self):
        self.finance.user_ids = self.fiona
        self.desk.user_ids = self.fiona
        order = self.held("address", by=self.fiona, team_id=self.team.id)
        self.assertEqual(order.sudo().review_user_id, self.max)
        self.assertIn("nobody else may decide here", order.review_assigned_because)
        self.assertTrue(order.with_user(self.max).review_may_decide)
        self.approve(order, by=self.max)
        self.assertConfirmed(order, "approved")

    def test_the_manager_of_the_settings_is_the_last_resort(self):
        self.desk.user_ids = self.fiona
        self.company.review_manager_id = self.max
        order = self.held("address", by=self.fiona, team_id=False)
        self.assertEqual(order.sudo().review_user_id, self.max)

    def test_with_no_manager_either_it_says_what_to_do(self):
        self.desk.user_ids = self.fiona
        order = self.held("address", by=self.fiona, team_id=False)
        self.assertFalse(order.sudo().review_user_id)
        self.assertIn("Give a colleague the role Reviewer", order.review_assigned_because)
        self.assertIn("nobody_may_decide", self.events(order))
        self.assertIn("Give a colleague", order.timeline_html)
        with self.assertRaises(AccessError):
            self.approve(order, by=self.max)
        # Once there is somebody, the scheduled action asks them.
        self.desk.user_ids += self.rita
        self.env["order.review.step"].search([("order_id", "=", order.id)])._ask_again()
        self.assertEqual(order.sudo().review_user_id, self.rita)

    def test_the_salespersons_manager_may_be_a_reviewer_of_the_stage(self):
        self.desk.write({"user_ids": [Command.clear()], "is_for_manager": True})
        order = self.held("address", team_id=self.team.id)
        self.assertEqual(order.sudo().review_user_id, self.max)
        with self.assertRaisesRegex(AccessError, "stage"):
            self.approve(order, by=self.rita)

    def test_the_members_of_a_group_may_be_the_reviewers_of_a_stage(self):
        group = self.env["res.groups"].create({"name": "Export"})
        gina = new_test_user(self.env, "gina", REVIEWER, name="Gina")
        gina.group_ids += group
        self.sally.group_ids += group  # without the role she is none
        self.desk.write({"user_ids": [Command.clear()], "group_ids": [Command.set(group.ids)]})
        order = self.held("address", by=self.mona, user_id=False)
        self.assertEqual(order.sudo().review_user_id, gina)
        self.assertIn("the only one", order.review_assigned_because)

    def test_an_administrator_is_asked_only_when_nobody_else_can_be(self):
        self.desk.user_ids = False
        self.assertNotEqual(self.held("address").sudo().review_user_id, self.env.ref("base.user_admin"))
        (self.rita + self.fiona + self.max).active = False
        self.assertEqual(self.held("address").sudo().review_user_id, self.env.ref("base.user_admin"))

    def test_reviewers_of_another_company_are_not_asked(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.fiona.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        self.assertEqual([self.held("address").sudo().review_user_id for _n in range(3)], [self.rita] * 3)

    # ---------------------------------------------------------------- fair
    def test_the_one_with_the_least_open_work_is_asked(self):
        asked = [self.held("address").sudo().review_user_id for _n in range(4)]
        self.assertEqual(sorted(asked.count(user) for user in (self.rita, self.fiona)), [2, 2])
        mine = self.env["sale.order"].sudo().search([("review_user_id", "=", self.rita.id)])
        self.approve(mine, by=self.rita)
        following = [self.held("address") for _n in range(2)]
        self.assertEqual([order.sudo().review_user_id for order in following], [self.rita] * 2)
        self.assertIn("fewest open reviews of the 2", following[0].review_assigned_because)

    def test_a_batch_is_shared_out(self):
        orders = self.env["sale.order"]
        for _n in range(10):
            orders |= self.quotation(self.corner_shop)
        orders.action_submit()
        counts = [orders.sudo().mapped("review_user_id.id")]
        counts = orders.sudo().grouped("review_user_id")
        self.assertEqual([len(counts[user]) for user in (self.rita, self.fiona)], [5, 5])
