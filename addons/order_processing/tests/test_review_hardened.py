from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common_desk import ReviewDeskCase


@tagged("post_install", "-at_install")
class TestNoWayPastAStage(ReviewDeskCase):
    """Ways round a stage that were found by trying."""

    def margin_only(self, **vals):
        """Return an order at list price that only finance has to look at."""
        self.lantern.standard_price = 30
        order = self.quotation(**vals)
        order.action_submit()
        return order

    def two(self):
        self.desk.approvals = 2
        return self.held("address")

    def assertNotDecided(self, order):
        self.assertNotEqual(order.state, "sale")
        self.assertEqual(order.review_state, "pending")

    def test_an_order_is_at_one_stage_at_a_time(self):
        self.desk.user_ids = self.rita
        order = self.margin_only()
        self.assertEqual(self.way(order), [("Finance", "open")])
        self.rpc(self.sally, order, "write", {"partner_shipping_id": self.corner_shop.id})
        self.submit(order)
        self.assertEqual(self.way(order), [("Sales desk", "open"), ("Finance", "waiting")])
        self.assertEqual(self.at(order), self.desk)
        with self.assertRaisesRegex(AccessError, "stage Sales desk"):
            self.approve(order, by=self.fiona)

    def test_half_an_approval_is_none_of_more(self):
        order = self.two()
        self.approve(order, by=self.rita)
        self.rpc(self.sally, order.order_line, "write", {"product_uom_qty": 100})
        self.submit(order)
        self.approve(order, by=self.fiona)
        self.assertNotDecided(order)
        self.approve(order, by=self.rita)
        self.assertConfirmed(order, "approved")

    def test_half_an_approval_stays_when_nothing_got_worse(self):
        order = self.two()
        self.approve(order, by=self.rita)
        self.rpc(self.sally, order.order_line, "write", {"product_uom_qty": 1})
        self.submit(order)
        self.approve(order, by=self.fiona)
        self.assertConfirmed(order, "approved")

    def test_a_waiver_is_not_the_approval_of_two(self):
        order = self.two()
        order.sudo().review_finding_ids.with_user(self.rita).action_waive("Fine by me.")
        self.assertNotDecided(order)
        self.approve(order, by=self.rita)
        self.assertNotDecided(order)
        self.approve(order, by=self.fiona)
        self.assertConfirmed(order, "approved")

    def test_what_a_rule_refuses_comes_first(self):
        self.rule("address").severity = "refuse"
        self.lantern.standard_price = 30
        order = self.quotation(self.corner_shop)
        order.action_submit()
        self.assertEqual(order.review_state, "refused")
        findings = order.sudo().review_finding_ids
        margin = findings.filtered(lambda f: f.code == "margin_low")
        for user in (self.rita, self.fiona, self.max):
            with self.subTest(user.login), self.assertRaises(UserError):
                self.rpc(user, margin, "action_waive", "Fine by me.")
        findings.filtered(lambda f: f.severity == "refuse").with_user(self.max).action_waive("Known.")
        self.assertNotDecided(order)
        self.assertIn(("Finance", "waiting"), self.way(order))

    def test_the_sales_team_stays_while_somebody_decides(self):
        self.desk.write({"user_ids": [Command.clear()], "is_for_manager": True})
        mine = self.env["crm.team"].create({"name": "Mine", "user_id": self.rita.id})
        order = self.held("address", team_id=self.team.id)
        for user in (self.rita, self.sally):
            with self.subTest(user.login), self.assertRaisesRegex(AccessError, "another sales team"):
                self.rpc(user, order, "write", {"team_id": mine.id})
        self.rpc(self.mona, order, "write", {"team_id": mine.id})

    def test_totals_that_somebody_typed_do_not_show_the_way(self):
        self.management.amount_from = 30
        for vals in ({"currency_rate": 100000.0}, {"amount_total": 1.0}):
            order = self.quotation(lines=[(self.lantern, 2, 17.0)])
            self.rpc(self.sally, order, "write", vals)
            self.submit(order)
            with self.subTest(**vals):
                self.assertIn("Management", dict(self.way(order)))

    def test_an_order_that_is_nowhere_gets_its_way_before_it_is_decided(self):
        order = self.margin_only()
        order.sudo().review_step_ids.unlink()
        with self.assertRaisesRegex(AccessError, "stage Finance"):
            self.approve(order, by=self.rita)

    def test_what_the_customer_has_written_is_read(self):
        order = self.held("address")
        order.with_user(self.rita).action_review_request_change("The post code?")
        order.sudo()._answer_change_request("Only 14, please.", user=self.env.ref("base.public_user"))
        self.corner_shop.write({"zip": "BS1 1AA", "email": "shop@example.com"})
        self.submit(order)
        self.assertNotDecided(order)
        self.assertIn("nobody has read it", order.review_hold_reason)
        with self.assertRaisesRegex(UserError, "nobody has read it"):
            order.action_confirm()
        self.approve(order)
        self.assertConfirmed(order, "approved")


@tagged("post_install", "-at_install")
class TestNoWayRoundDuties(ReviewDeskCase):
    """Ways to decide on one's own that were found by trying."""

    def assertBarred(self, user, order):
        self.env.cr.flush()
        with self.assertRaises(AccessError):
            self.approve(order, by=user)

    def test_a_line_by_default(self):
        order = self.held("address")
        lines = self.env["sale.order.line"].with_user(self.rita).with_context(default_order_id=order.id)
        lines.create({"product_id": self.mug.id, "product_uom_qty": 5})
        self.assertBarred(self.rita, order)

    def test_a_line_moved_here(self):
        order, scratch = self.held("address"), self.quotation(by=self.rita, lines=[(self.mug, 5)])
        self.rpc(self.rita, scratch.order_line, "write", {"order_id": order.id})
        self.assertBarred(self.rita, order)

    def test_a_discount_taken_out(self):
        order = self.held("address")
        credit = {"order_id": order.id, "product_id": self.mug.id, "product_uom_qty": -1}
        line = self.env["sale.order.line"].sudo().create(credit)
        self.env.cr.flush()
        self.rpc(self.rita, line, "unlink")
        self.assertBarred(self.rita, order)

    def test_raised_while_it_was_cancelled(self):
        order = self.held("address")
        order.action_cancel()
        self.rpc(self.rita, order.order_line, "write", {"product_uom_qty": 90})
        order.action_draft()
        order.action_submit()
        self.assertBarred(self.rita, order)

    def test_the_address_of_the_parent(self):
        kid = {"name": "Kid", "parent_id": self.corner_shop.id, "type": "contact"}
        order = self.held_quotation(self.env["res.partner"].create(kid))
        self.rita.group_ids += self.env.ref("base.group_partner_manager")
        self.rpc(self.rita, self.corner_shop, "write", {"street": "1 Other Road"})
        self.assertBarred(self.rita, order)

    def test_mending_a_confirmed_order_is_fine(self):
        order = self.confirmed_order()
        self.rpc(self.sally, order.order_line, "write", {"price_unit": 12, "product_uom_qty": 90})
        self.env.cr.flush()
        self.rpc(self.rita, order.order_line, "write", {"price_unit": 12, "product_uom_qty": 50})
        self.env.cr.flush()
        self.assertFalse(order.sudo().review_raised_by_ids & self.rita)

    def test_nobody_chooses_their_own_judge(self):
        self.finance.user_ids = self.fiona
        self.lantern.standard_price = 30
        order = self.quotation(by=self.fiona, team_id=self.team.id)
        order.action_submit()
        self.assertEqual(order.sudo().review_user_id, self.max)
        today = fields.Date.today()
        absence = {
            "user_id": self.fiona.id,
            "stand_in_id": self.rita.id,
            "date_from": today,
            "date_to": today,
        }
        self.env["order.review.absence"].with_user(self.fiona).create(absence)
        self.assertBarred(self.rita, order)


@tagged("post_install", "-at_install")
class TestNobodyIsLeftWithIt(ReviewDeskCase):
    """A review does not stay with somebody who cannot decide."""

    def run_clock(self):
        with self.enter_registry_test_mode():
            self.env.ref("order_processing.ir_cron_review_clock").method_direct_trigger()
        self.env.invalidate_all()

    def test_a_reviewer_who_left(self):
        for leave in (
            lambda user: user.write({"active": False}),
            lambda user: user.write({"group_ids": [Command.set(self.env.ref("base.group_user").ids)]}),
        ):
            order = self.held("address")
            who = order.sudo().review_user_id
            other = (self.rita + self.fiona) - who
            groups = who.group_ids
            leave(who)
            self.run_clock()
            self.assertEqual(order.sudo().review_user_id, other)
            who.write({"active": True, "group_ids": [Command.set(groups.ids)]})

    def test_a_reviewer_who_gets_the_order_to_sell(self):
        order = self.held("address")
        who = order.sudo().review_user_id
        self.rpc(self.mona, order, "write", {"user_id": who.id})
        self.assertEqual(order.sudo().review_user_id, (self.rita + self.fiona) - who)

    def test_a_reviewer_taken_off_the_stage(self):
        order = self.held("address")
        who = order.sudo().review_user_id
        self.desk.user_ids -= who
        with self.assertRaises(AccessError):
            self.approve(order, by=who)

    def test_a_stand_in_who_cannot_decide(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        today = fields.Date.today()
        absence = {
            "user_id": self.fiona.id,
            "stand_in_id": self.rita.id,
            "date_from": today,
            "date_to": today,
        }
        self.env["order.review.absence"].create(absence)
        self.rita.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        self.lantern.standard_price = 30
        order = self.quotation(team_id=self.team.id)
        order.action_submit()
        self.assertEqual(order.sudo().review_user_id, self.max)

    def test_the_to_do_goes_with_the_review(self):
        order = self.held("margin")
        order.sudo().review_step_id._remind()
        activity = order.sudo().activity_ids
        other = (self.rita + self.fiona) - activity.user_id
        order.with_user(other).action_review_take_over()
        self.assertEqual(activity.user_id, other)
        self.approve(order, by=self.rita)
        self.assertEqual(self.at(order), self.finance)
        self.assertFalse(activity.exists())

    def test_the_filter_agrees_with_the_page(self):
        self.desk.approvals = 2
        approved = self.held("address")
        self.approve(approved, by=self.rita)
        self.finance.write({"user_ids": [Command.clear()], "is_for_manager": True})
        self.lantern.standard_price = 30
        led = self.quotation(team_id=self.team.id)
        led.action_submit()
        for user in (self.rita, self.fiona, self.max):
            found = self.env["sale.order"].with_user(user).search([("review_may_decide", "=", True)])
            for order in approved + led:
                with self.subTest(user.login, order=order.name):
                    self.assertEqual(order in found, order.with_user(user).review_may_decide)
