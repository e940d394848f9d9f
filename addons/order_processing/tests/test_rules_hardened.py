from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_rules import RULES, RuleCase


@tagged("post_install", "-at_install")
class TestNoWayRound(RuleCase):
    """What was let pass once is not let pass for more, nor by others than may."""

    def setUp(self):
        super().setUp()
        self.customer.order_blocked = True

    def blocked_order(self, quantity=2):
        order = self.held_quotation(self.customer, [(self.lantern, quantity)])
        self.assertEqual(self.open_findings(order), ["customer_blocked"])
        return order

    def finding(self, order):
        return order.sudo().review_finding_ids.with_user(self.rita)

    def test_an_approval_ends_when_the_order_is_taken_back_to_sent(self):
        order = self.blocked_order()
        self.approve(order)
        order.with_user(self.mona).write({"state": "sent"})
        order.order_line.product_uom_qty = 80
        self.submit(order)
        self.assertEqual((order.state, order.review_state), ("sent", "pending"))

    def test_a_quotation_that_grew_while_it_waited_is_shown_again_before_it_is_waived(self):
        order = self.blocked_order()
        order.order_line.product_uom_qty = 80
        self.finding(order).action_waive("Fine for two.")
        self.assertOpen(order)
        self.assertIn("quantity_raised", self.open_findings(order))

    def test_a_blocked_customers_waiver_is_for_that_much(self):
        self.new_rule(domain="[('amount_total', '>', 1)]")
        order = self.held_quotation(self.customer, [(self.lantern, 2)])
        blocked = self.finding(order).filtered(lambda finding: finding.code == "customer_blocked")
        blocked.action_waive("Two, then.")
        order.order_line.product_uom_qty = 80
        self.submit(order)
        self.assertIn("customer_blocked", self.open_findings(order))

    def test_what_changed_while_the_question_was_open_is_not_waived(self):
        order = self.blocked_order()
        wizard = self.env["order.review.waive"].with_user(self.rita)
        wizard = wizard.with_context(default_finding_ids=self.finding(order).ids).create({"reason": "Fine."})
        self.customer.order_block_reason = "stolen card"
        self.submit(order)
        with self.assertRaisesRegex(UserError, "changed while you were deciding"):
            wizard.action_waive()
        self.assertOpen(order)

    def test_one_refusal_waived_leaves_the_other(self):
        self.rule("blocked").severity = "refuse"
        self.new_rule(severity="refuse", domain="[('amount_total', '>', 1)]")
        self.mona.group_ids += self.env.ref("order_processing.group_order_processing_reviewer")
        order = self.held_quotation(self.customer)
        self.finding(order)[0].with_user(self.mona).action_waive("All right.")
        self.assertEqual(order.review_state, "refused")
        with self.assertRaises(UserError):
            self.approve(order)

    # ---------------------------------------------------------------- scope
    def test_a_scope_that_is_archived_is_still_a_scope(self):
        self.customer.order_blocked = False
        channel = self.env["order.channel"].create({"name": "Old shop", "code": "old"})
        tag = self.env["res.partner.category"].create({"name": "Old friends"})
        for scope in ({"channel_ids": channel.ids}, {"category_ids": tag.ids}):
            self.new_rule(domain="[('amount_total', '>', 1)]", **scope)
        channel.active = tag.active = False
        self.env.registry.clear_cache()
        self.assertEqual(self.found(self.quotation()), [])

    def test_nobody_switches_archived_rules_on_by_a_context(self):
        self.customer.order_blocked = False
        self.new_rule(domain="[('amount_total', '>', 1)]", active=False)
        self.env.registry.clear_cache()
        order = self.quotation().with_context(active_test=False)
        order.action_submit()
        self.assertConfirmed(order)

    def test_a_customer_who_joins_a_company_stays_in_scope(self):
        self.customer.order_blocked = False
        rule = self.new_rule(domain="[('amount_total', '>', 1)]", partner_ids=self.customer.ids)
        self.assertEqual(len(self.found(self.quotation())), 1)
        shop = self.customer.copy({"name": "The Shop", "is_company": True})
        self.customer.parent_id = shop
        self.assertEqual(len(self.found(self.quotation())), 1)
        self.assertTrue(rule.active)

    def test_a_rule_is_no_way_to_ask_for_secrets(self):
        for domain in ("[('channel_digest', '=like', 's%')]", "[('review_clearance', '!=', False)]"):
            with self.subTest(domain), self.assertRaises(ValidationError):
                self.new_rule(domain=domain)

    # ---------------------------------------------------------------- ends
    def test_an_old_refusal_does_not_stand_in_the_way_of_a_waiver(self):
        order = self.blocked_order()
        order.with_user(self.rita).action_review_refuse("Not now.")
        order.with_user(self.mona).action_cancel()
        order.with_user(self.mona).action_draft()
        self.submit(order)
        self.finding(order).filtered(lambda f: f.state == "open").action_waive("Now.")
        self.assertConfirmed(order, "approved")

    def test_a_rules_refusal_is_not_a_persons(self):
        order = self.blocked_order()
        order.with_user(self.rita).action_review_refuse("Not now.")
        order.with_user(self.mona).action_cancel()
        order.with_user(self.mona).action_draft()
        self.rule("blocked").severity = "refuse"
        self.submit(order)
        self.assertEqual(order.review_state, "refused")
        self.customer.order_blocked = False
        self.submit(order)
        self.assertConfirmed(order)

    def test_no_longer_enforced_no_quotation_waits(self):
        for mode in ("observe", "off"):
            self.company.review_mode = "enforce"
            order, signed = self.blocked_order(), self.quotation()
            signed.with_context(send_email=True).sudo()._review_gate()
            self.assertOpen(signed)
            self.company.review_mode = mode
            with self.subTest(mode):
                self.assertEqual((order.state, order.review_state), ("sent", "not_required"))
                self.assertTrue(order.require_signature and order._has_to_be_signed())
                self.assertEqual(signed.state, "sale")

    def test_a_rule_that_fails_now_and_then_does_not_flicker(self):
        self.customer.order_blocked = False
        rule = self.rule("contact")
        failing = patch.object(type(self.env["sale.order"]), "_check_contact", side_effect=KeyError("oops"))
        for _again in range(3):
            with failing, mute_logger(RULES):
                self.held_quotation(self.customer)
            first = rule.failed_at
            self.assertConfirmed(self.confirmed_order())
            self.assertEqual(rule.failed_at, first)
        self.assertEqual(len(rule.activity_ids), 1)
