from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common_desk import ReviewDeskCase


@tagged("post_install", "-at_install")
class TestConditions(ReviewDeskCase):
    """Which held orders come to which stage."""

    def test_a_rule_sends_orders_to_its_stage(self):
        self.assertEqual(self.way(self.held("address")), [("Sales desk", "open")])
        self.assertEqual(self.way(self.held("margin")), [("Sales desk", "open"), ("Finance", "waiting")])

    def test_an_amount_brings_orders_to_a_stage(self):
        self.management.amount_from = 1000
        self.assertEqual(self.way(self.held("price", pieces=58)), [("Sales desk", "open")])
        large = self.held("price", pieces=59)
        self.assertEqual(self.way(large), [("Sales desk", "open"), ("Management", "waiting")])
        step = large.sudo().review_step_ids[-1]
        self.assertIn("1,003", step.here_because)

    def test_the_amount_is_in_the_companys_currency(self):
        self.management.amount_from = 1000
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create(
            {"currency_id": euro.id, "rate": 2.0, "company_id": self.company.id, "name": "2020-01-01"}
        )
        prices = self.env["product.pricelist"].create({"name": "Euro", "currency_id": euro.id})
        order = self.held("price", pieces=100, pricelist_id=prices.id)
        self.assertEqual(order.amount_total, 1700)
        self.assertNotIn("Management", dict(self.way(order)))

    def test_a_customers_first_order_comes_to_a_stage(self):
        self.finance.is_for_new_customers = True
        first = self.held("price")
        self.assertEqual(self.way(first), [("Sales desk", "open"), ("Finance", "waiting")])
        self.confirmed_order()
        self.assertEqual(self.way(self.held("price", pieces=3)), [("Sales desk", "open")])

    def test_a_team_has_a_stage_of_its_own(self):
        self.management.write({"is_for_all": True, "team_ids": [Command.set(self.team.ids)]})
        self.assertNotIn("Management", dict(self.way(self.held("price", team_id=False))))
        of_team = self.held("price", team_id=self.team.id)
        self.assertIn("Management", dict(self.way(of_team)))
        self.assertIn("team", of_team.sudo().review_step_ids[-1].here_because)

    def test_a_stage_of_another_team_gets_nothing_even_from_its_rules(self):
        self.desk.team_ids = self.team
        order = self.held("price", team_id=False)
        self.assertEqual(self.way(order), [("Finance", "open")])

    def test_nothing_holds_no_stage_sees_it(self):
        self.management.write({"amount_from": 1, "is_for_all": True})
        order = self.confirmed_order()
        self.assertConfirmed(order)
        self.assertFalse(order.sudo().review_step_ids)

    def test_without_stages_any_reviewer_decides(self):
        self.env["order.review.rule"].search([]).stage_id = False
        self.env["order.review.stage"].search([]).active = False
        order = self.held("price")
        self.assertEqual(len(order.sudo().review_step_ids), 1)
        self.assertIn(order.sudo().review_user_id, self.rita + self.fiona + self.max)
        self.approve(order)
        self.assertConfirmed(order, "approved")

    def test_settings_that_make_no_sense_are_refused(self):
        for vals, error in (
            ({"user_ids": [Command.set(self.sally.ids)]}, "without the role Reviewer"),
            ({"escalation_user_id": self.sally.id}, "without the role Reviewer"),
            ({"approvals": 2}, "only 1 are named"),
        ):
            with self.subTest(**vals), self.assertRaisesRegex(ValidationError, error):
                self.finance.write(vals)


@tagged("post_install", "-at_install")
class TestTheWay(ReviewDeskCase):
    """From one stage to the next, and out."""

    def test_two_stages_two_people_and_it_confirms_itself(self):
        order = self.held("margin")
        report = self.approve(order, "A good customer.", by=self.rita)
        self.assertIn("goes on to Finance, to Fiona", report["params"]["message"])
        self.assertOpen(order)
        self.assertEqual(self.way(order), [("Sales desk", "approved"), ("Finance", "open")])
        self.assertEqual(order.sudo().review_user_id, self.fiona)
        self.approve(order, "We earn on the mugs.", by=self.fiona)
        self.assertConfirmed(order, "approved")
        decided = {f.stage_id.name: f.decided_by_id for f in order.sudo().review_finding_ids}
        self.assertEqual(decided, {"Sales desk": self.rita, "Finance": self.fiona})
        order.invalidate_recordset()
        decisions = order.sudo().review_decision_ids
        self.assertEqual(decisions.mapped("stage_id.name"), ["Finance", "Sales desk"])
        self.assertIn("stage_approved", self.events(order))
        self.assertEqual(self.events(order, "customer").count("approved"), 1)

    def test_who_decides_at_both_stages_decides_once(self):
        order = self.held("margin")
        self.approve(order, by=self.fiona)
        self.assertConfirmed(order, "approved")
        self.assertEqual(order.sudo().review_decision_ids.user_id, self.fiona)
        self.assertEqual(len(order.sudo().review_decision_ids), 2)

    def test_nobody_decides_before_their_turn(self):
        self.desk.user_ids = self.rita
        order = self.held("margin")
        for method in ("approve", "refuse", "request_change"):
            with self.subTest(method), self.assertRaisesRegex(AccessError, "stage Sales desk, where Rita"):
                self.rpc(self.fiona, order, f"action_review_{method}", "because")
        self.assertOpen(order)

    def test_two_approvals_are_by_two_people(self):
        self.desk.approvals = 2
        order = self.held("address")
        first = order.sudo().review_user_id
        second = (self.rita + self.fiona) - first
        self.approve(order, by=first)
        self.assertOpen(order)
        self.assertEqual(order.sudo().review_user_id, second)
        with self.assertRaisesRegex(AccessError, "approved .* at this stage"):
            self.approve(order, by=first)
        self.approve(order, by=second)
        self.assertConfirmed(order, "approved")
        self.assertEqual(order.sudo().review_decision_ids.user_id, self.rita + self.fiona)

    def test_refused_at_a_later_stage_it_ends(self):
        order = self.held("margin")
        self.approve(order, by=self.rita)
        order.with_user(self.fiona).action_review_refuse(
            "We do not sell below cost.", "They tried it before."
        )
        self.assertEqual((order.state, order.review_state), ("sent", "refused"))
        self.assertFalse(order.sudo().review_step_id)
        self.assertEqual(order.sudo().review_step_ids.mapped("state"), ["approved", "refused"])
        order.invalidate_recordset()
        decision = order.sudo().review_decision_ids[:1]
        self.assertEqual(decision.note, "They tried it before.")
        told = " ".join(order.sudo()._portal_events().mapped("text"))
        self.assertIn("below cost", told)
        self.assertNotIn("before", told)

    # ---------------------------------------------------------------- not past a stage
    def test_checked_again_half_way_it_stays_where_it_is(self):
        order = self.held("margin")
        self.approve(order, by=self.rita)
        self.submit(order)
        self.assertOpen(order)
        self.assertEqual(self.way(order), [("Sales desk", "approved"), ("Finance", "open")])
        with self.assertRaisesRegex(UserError, "have to be reviewed"):
            order.action_confirm()

    def test_made_worse_half_way_it_goes_back_to_the_first_stage(self):
        order = self.held("margin")
        self.approve(order, by=self.rita)
        order.order_line.write({"product_uom_qty": 50, "price_unit": 9.0})
        report = self.approve(order, by=self.fiona)
        self.assertIn("raised from 2.00 to 50.00", report["params"]["message"])
        self.assertEqual(self.way(order)[0], ("Sales desk", "open"))
        self.assertOpen(order)

    def test_mended_it_goes_on_by_itself(self):
        order = self.held("margin")
        self.approve(order, by=self.rita)
        order.order_line.price_unit = 18.5
        self.submit(order)
        self.assertConfirmed(order, "not_required")
        self.assertFalse(order.sudo().review_step_id)

    def test_waiving_what_was_found_does_not_pass_a_stage_that_wants_to_see_the_order(self):
        self.management.amount_from = 30
        order = self.held("price")
        order.sudo().review_finding_ids.with_user(self.rita).action_waive("Agreed on the phone.")
        self.assertOpen(order)
        self.assertEqual(self.at(order), self.management)
        self.assertIn("30", order.review_hold_reason)
        self.submit(order)
        self.assertOpen(order)
        with self.assertRaisesRegex(UserError, "have to be reviewed"):
            order.action_confirm()
        self.approve(order, by=self.max)
        self.assertConfirmed(order, "approved")

    def test_waived_at_the_last_stage_what_was_approved_before_is_enough(self):
        order = self.held("margin")
        self.approve(order, by=self.rita)
        finding = order.sudo().review_finding_ids.filtered(lambda f: f.stage_id == self.finance)
        finding.with_user(self.fiona).action_waive("A sample.")
        self.assertConfirmed(order, "approved")

    def test_a_finding_is_waived_by_who_decides_at_its_stage(self):
        order = self.held("margin")
        finding = order.sudo().review_finding_ids.filtered(lambda f: f.stage_id == self.finance)
        self.assertFalse(finding.with_user(self.rita).can_waive)
        self.assertTrue(finding.with_user(self.fiona).can_waive)
        with self.assertRaisesRegex(AccessError, "stage"):
            self.rpc(self.rita, finding, "action_waive", "Let it pass.")
        self.assertEqual(finding.state, "open")

    # ---------------------------------------------------------------- a confirmed order
    def test_changed_after_approval_it_goes_the_way_again(self):
        order = self.held("margin")
        self.approve(order, by=self.rita)
        self.approve(order, by=self.fiona)
        order.order_line.write({"product_uom_qty": 40, "price_unit": 9.0})
        self.assertEqual((order.state, order.review_state), ("sale", "pending"))
        self.assertEqual(self.way(order)[0][1], "open")
        self.assertEqual(len(order.sudo().review_step_ids.filtered(lambda s: not s.is_current)), 2)
        order.order_line.write({"product_uom_qty": 2, "price_unit": 9.0})
        self.assertEqual(order.review_state, "approved")
        self.assertFalse(order.sudo().review_step_id)

    # ---------------------------------------------------------------- for ever
    def test_decisions_outlive_their_order_and_their_user(self):
        order = self.held("address")
        name = order.name
        order.with_user(self.rita).action_review_refuse("No.")
        decision = order.sudo().review_decision_ids
        order.with_user(self.mona)._action_cancel()
        order.with_user(self.mona).unlink()
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual((decision.order_name, decision.user_name), (name, "Rita"))
        self.assertFalse(decision.order_id)
        self.assertIn("lacks a postal code", decision.findings_text)
        with self.assertRaisesRegex(UserError, "kept for ever"):
            decision.sudo().unlink()
        with self.assertRaises(AccessError):
            self.rpc(self.mona, decision, "unlink")

    def test_a_few_queries_for_many_orders(self):
        def hold(number):
            orders = self.env["sale.order"]
            for _n in range(number):
                orders |= self.quotation(lines=[(self.lantern, 2, 9.0)])
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            orders.sudo()._enter_review()
            self.env.flush_all()
            return self.env.cr.sql_log_count - start

        hold(2)
        few, many = hold(5), hold(40)
        self.assertLessEqual(many, few + 4)
