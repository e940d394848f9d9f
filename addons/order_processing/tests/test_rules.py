from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import OrderProcessingCase

RULES = "odoo.addons.order_processing.models.sale_order_rules"


class RuleCase(OrderProcessingCase):
    def new_rule(self, by=None, **vals):
        vals = {
            "name": "Large",
            "kind": "domain",
            "domain": "[('amount_total', '>', 100)]",
            "message": "{order} of {customer} comes to {amount}",
            **vals,
        }
        return self.env["order.review.rule"].with_user(by or self.mona).create(vals)


@tagged("post_install", "-at_install")
class TestRules(RuleCase):
    """Mona makes rules of her own."""

    # ---------------------------------------------------------------- kinds
    def test_a_filter_holds_what_matches_and_nothing_else(self):
        self.new_rule()
        small = self.confirmed_order(lines=[(self.lantern, 2)])
        large = self.held_quotation(self.customer, [(self.lantern, 10)])
        self.assertConfirmed(small)
        self.assertOpen(large)
        finding = large.sudo().review_finding_ids
        self.assertEqual(finding.text, f"{large.name} of Carla comes to £\xa0185.00")

    def test_what_is_new_in_the_same_transaction_is_seen(self):
        self.new_rule()
        order = self.quotation(lines=[(self.lantern, 2)])
        order.order_line.product_uom_qty = 10
        order.action_submit()
        self.assertOpen(order)

    def test_an_expression_is_python_of_administrators(self):
        vals = {"kind": "expression", "domain": False, "expression": "len(lines) > 1 and amount > 30"}
        for by in (self.mona, self.rita, self.sally):
            with self.subTest(by.login), self.assertRaises(AccessError):
                self.new_rule(by, **vals)
        rule = self.new_rule(self.env.ref("base.user_admin"), **vals)
        with self.assertRaises(AccessError):
            rule.with_user(self.mona).severity = "inform"
        with self.assertRaises(AccessError):
            self.new_rule().with_user(self.mona).expression = "True"
        self.assertConfirmed(self.confirmed_order(lines=[(self.lantern, 2)]))
        self.assertOpen(self.held_quotation(self.customer, [(self.lantern, 2), (self.mug, 1)]))

    def test_what_makes_no_sense_is_said_when_it_is_typed(self):
        admin = self.env.ref("base.user_admin")
        wrong = [
            ({"domain": "[('no_such_field', '=', 1)]"}, "the filter cannot be used"),
            ({"domain": "[('amount_total', '>'"}, "the filter cannot be used"),
            ({"domain": "[]"}, "would find every order"),
            ({"domain": "__import__('os')"}, "the filter cannot be used"),
            ({"message": False}, "write the message"),
            ({"kind": "check", "check": False}, "choose what the rule looks at"),
            ({"kind": "statistic"}, "choose what the rule looks at"),
            ({"kind": "expression", "expression": "1 +"}, "the expression cannot be used"),
            ({"kind": "expression", "expression": "__import__('os').system('ls')"}, "the expression cannot"),
        ]
        for vals, message in wrong:
            with (
                self.subTest(**vals),
                mute_logger("odoo.sql_db"),
                self.assertRaisesRegex(ValidationError, message),
            ):
                self.new_rule(admin, **vals)

    def test_a_rule_does_not_end_before_it_begins(self):
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.new_rule(date_from="2026-02-01", date_to="2026-01-01")

    # ---------------------------------------------------------------- severity
    def test_inform_and_warn_hold_nothing(self):
        for severity in ("inform", "warn"):
            rule = self.new_rule(severity=severity)
            order = self.quotation(lines=[(self.lantern, 10)])
            report = order.action_submit()
            with self.subTest(severity):
                self.assertConfirmed(order)
                self.assertEqual(order.sudo().review_finding_ids.mapped("state"), ["noted"])
                told = report is not True and "comes to" in report["params"]["message"]
                self.assertEqual(told, severity == "warn")
            rule.active = False

    def test_refused_by_a_rule_until_the_reason_is_gone(self):
        self.new_rule(severity="refuse")
        order = self.held_quotation(self.customer, [(self.lantern, 10)])
        self.assertEqual((order.state, order.review_state), ("sent", "refused"))
        self.assertEqual(order.processing_stage, "refused")
        self.assertIn("refused_by_rule", self.events(order, "customer"))
        with self.assertRaisesRegex(UserError, "comes to"):
            order.with_user(self.mona).action_confirm()
        self.submit(order)
        self.assertEqual(len(order.sudo().review_finding_ids), 1)
        order.order_line.product_uom_qty = 2
        self.submit(order)
        self.assertConfirmed(order)

    def test_a_refused_order_is_let_pass_by_a_sales_manager_only(self):
        self.new_rule(severity="refuse")
        order = self.held_quotation(self.customer, [(self.lantern, 10)])
        finding = order.sudo().review_finding_ids
        with self.assertRaisesRegex(AccessError, "only a sales manager"):
            finding.with_user(self.rita).action_waive("Oh well.")
        self.mona.group_ids += self.env.ref("order_processing.group_order_processing_reviewer")
        finding.with_user(self.mona).action_waive("They pay in advance.")
        self.assertConfirmed(order, "approved")

    def test_observing_even_refusing_holds_nothing(self):
        self.company.review_mode = "observe"
        self.new_rule(severity="refuse")
        order = self.quotation(lines=[(self.lantern, 10)])
        order.action_confirm()
        self.assertConfirmed(order)
        self.assertEqual(order.sudo().review_finding_ids.mapped("observed"), [True])

    # ---------------------------------------------------------------- for which orders
    def test_a_rule_looks_only_at_what_it_is_for(self):
        shop = self.env["order.channel"].create({"name": "Shop", "code": "shop"})
        tag = self.env["res.partner.category"].create({"name": "Export"})
        other = self.env["res.company"].create({"name": "Elsewhere"})
        today = fields.Date.today()
        scopes = [
            ({"channel_ids": shop.ids}, {"channel_id": shop.id}),
            ({"partner_ids": self.customer.ids}, {}),
            ({"category_ids": tag.ids}, {}),
            ({"date_from": today, "date_to": today}, {}),
        ]
        outside = [
            {"channel_ids": shop.ids},
            {"partner_ids": self.corner_shop.ids},
            {"category_ids": tag.ids},
            {"except_partner_ids": self.customer.ids},
            {"date_from": fields.Date.add(today, days=1)},
            {"date_to": fields.Date.subtract(today, days=1)},
            {"company_id": other.id},
        ]
        for scope in outside:
            rule = self.new_rule(self.env.user, **scope)
            with self.subTest("outside", **scope):
                self.assertEqual(self.found(self.quotation(lines=[(self.lantern, 10)])), [])
            rule.active = False
        self.customer.category_id = tag
        for scope, vals in scopes:
            rule = self.new_rule(**scope)
            with self.subTest("inside", **scope):
                self.assertEqual(len(self.found(self.quotation(lines=[(self.lantern, 10)], **vals))), 1)
            rule.active = False

    def test_the_finding_goes_where_the_rule_says(self):
        finance = self.env.ref("order_processing.stage_finance")
        self.new_rule(stage_id=finance.id)
        order = self.held_quotation(self.customer, [(self.lantern, 10)])
        self.assertEqual(order.sudo().review_finding_ids.stage_id, finance)

    # ---------------------------------------------------------------- keeping rules
    def test_a_rule_that_found_something_is_archived_not_deleted(self):
        rule = self.new_rule()
        self.held_quotation(self.customer, [(self.lantern, 10)])
        with self.assertRaisesRegex(UserError, "Archive it instead"):
            rule.unlink()
        self.new_rule().unlink()

    def test_a_changed_rule_counts_at_once(self):
        rule = self.new_rule()
        rule.domain = "[('amount_total', '>', 1000)]"
        self.assertConfirmed(self.confirmed_order(lines=[(self.lantern, 10)]))

    def test_who_changed_a_rule_stays_readable(self):
        rule = self.new_rule()
        self.env.cr.precommit.run()
        rule.severity = "inform"
        self.env.cr.precommit.run()
        changes = rule.message_ids.sudo().tracking_value_ids
        self.assertEqual(changes.field_id.name, "severity")

    def test_every_shipped_rule_says_what_it_is_for(self):
        rules = self.env["order.review.rule"].with_context(active_test=False).search([])
        for rule in rules:
            with self.subTest(rule.name):
                self.assertTrue(rule.explanation and rule.stage_id)
                if rule.kind in ("check", "statistic") and rule.check != "changed":
                    name = rule.check if rule.kind == "check" else rule.statistic
                    self.assertTrue(hasattr(self.env["sale.order"], f"_check_{name}"))


@tagged("post_install", "-at_install")
class TestRulesThatFail(RuleCase):
    """A rule that breaks is reported, marked, and stops nobody else."""

    def failing(self, error=None):
        error = error or KeyError("oops")
        return patch.object(type(self.env["sale.order"]), "_check_contact", side_effect=error)

    def test_its_owner_is_told_once_and_the_mark_goes_when_it_works_again(self):
        rule = self.rule("contact")
        rule.responsible_id = self.mona
        with self.failing(), mute_logger(RULES):
            orders = self.held_quotation(self.customer) + self.held_quotation(self.customer)
        self.assertOpen(orders)
        self.assertIn("KeyError", rule.failure)
        self.assertEqual(rule.activity_ids.user_id, self.mona)
        self.assertEqual(len(rule.activity_ids), 1)
        rule.failed_at = fields.Datetime.subtract(rule.failed_at, hours=2)  # it has worked for a while now
        self.submit(orders)
        self.assertConfirmed(orders)
        self.assertFalse(rule.failed_at or rule.activity_ids)

    def test_the_other_rules_go_on(self):
        with self.failing(), mute_logger(RULES):
            order = self.held_quotation(self.corner_shop)
        self.assertEqual(self.open_findings(order), ["address_incomplete", "check_failed"])

    def test_a_failing_rule_that_only_warns_holds_nobody(self):
        self.rule("contact").severity = "warn"
        with self.failing(), mute_logger(RULES):
            order = self.quotation()
            order.action_submit()
        self.assertConfirmed(order)

    def test_a_filter_that_breaks_in_the_database_breaks_alone(self):
        rule = self.new_rule()
        order = self.quotation(lines=[(self.lantern, 10)])
        order.order_line.product_uom_qty = 11  # not written yet when the rule fails

        def divide(*_args):
            self.env.cr.execute("SELECT 1 / 0")

        find = patch.object(type(self.env["sale.order"]), "_find_by_domain", divide)
        with find, mute_logger(RULES, "odoo.sql_db"):
            order.action_submit()
        self.assertEqual(order.order_line.product_uom_qty, 11)
        self.assertOpen(order)
        self.assertEqual(self.open_findings(order), ["check_failed"])
        self.assertTrue(rule.failed_at)

    def test_an_expression_that_breaks_breaks_alone(self):
        admin = self.env.ref("base.user_admin")
        self.new_rule(admin, kind="expression", domain=False, expression="1 / (len(lines) - 1) > 0")
        with mute_logger(RULES):
            order = self.held_quotation(self.customer)
        self.assertEqual(self.open_findings(order), ["check_failed"])

    def test_many_at_once_the_good_ones_go_the_others_wait(self):
        good = self.quotation() + self.quotation(lines=[(self.mug, 3)])
        bad = self.quotation(self.corner_shop)
        report = self.submit(good + bad)
        self.assertConfirmed(good)
        self.assertOpen(bad)
        self.assertIn("Confirmed: 2.", report["params"]["message"])


@tagged("post_install", "-at_install")
class TestWaivers(RuleCase):
    """Rita lets single findings pass, and says why."""

    def setUp(self):
        super().setUp()
        self.order = self.held_quotation(self.corner_shop, [(self.lantern, 10, 9.0)], by=self.paul)
        self.findings = self.order.sudo().review_finding_ids.with_user(self.rita)

    def finding(self, code):
        return self.findings.filtered(lambda finding: finding.code == code)

    def test_one_by_one_until_none_is_left(self):
        self.assertEqual(
            self.findings.mapped("code"), ["address_incomplete", "contact_unreachable", "price_off_list"]
        )
        for code in ("price_off_list", "contact_unreachable"):
            self.finding(code).action_waive("Agreed by phone.")
            self.assertOpen(self.order)
        self.finding("address_incomplete").action_waive("The driver knows them.", "2099-12-31")
        self.assertConfirmed(self.order, "approved")
        finding = self.finding("address_incomplete")
        self.assertEqual((finding.state, finding.decided_by_id), ("waived", self.rita))
        self.assertEqual(finding.reason, "The driver knows them.")
        self.assertEqual(self.order.sudo().review_decision_ids.mapped("decision"), ["waived"] * 3)
        self.assertEqual(self.events(self.order).count("waived"), 3)

    def test_all_together(self):
        self.env["order.review.waive"].with_user(self.rita).create(
            {"finding_ids": self.findings.ids, "reason": "An old friend."}
        ).action_waive()
        self.assertConfirmed(self.order, "approved")

    def test_a_waiver_does_not_cover_what_is_worse(self):
        self.finding("price_off_list").action_waive("Agreed.")
        self.order.order_line.price_unit = 8.0
        self.submit(self.order, by=self.paul)
        self.assertIn("price_off_list", self.open_findings(self.order))
        self.order.order_line.price_unit = 12.0  # better than what was waived
        self.submit(self.order, by=self.paul)
        self.assertNotIn("price_off_list", self.open_findings(self.order))
        self.order.order_line.write({"price_unit": 9.0, "product_uom_qty": 200})
        self.submit(self.order, by=self.paul)
        self.assertIn("price_off_list", self.open_findings(self.order))

    def test_a_waiver_does_not_cover_another_line(self):
        self.finding("price_off_list").action_waive("Agreed.")
        line = {"order_id": self.order.id, "product_id": self.mug.id, "price_unit": 1.0}
        self.env["sale.order.line"].with_user(self.paul).create(line)
        self.submit(self.order, by=self.paul)
        self.assertIn("price_off_list_more", self.open_findings(self.order))

    def test_a_waiver_does_not_cover_another_rule(self):
        self.findings[1:].action_waive("Fine.")
        self.new_rule(domain="[('amount_total', '>', 50)]")
        self.findings[0].action_waive("Fine, too.")
        self.assertOpen(self.order)
        self.assertEqual(self.open_findings(self.order), ["rule"])

    def test_a_waiver_does_not_cover_what_was_mended_and_came_back(self):
        self.finding("price_off_list").action_waive("Agreed.")
        self.order.order_line.price_unit = 18.5
        self.submit(self.order, by=self.paul)
        self.order.order_line.price_unit = 9.0
        self.submit(self.order, by=self.paul)
        self.assertIn("price_off_list", self.open_findings(self.order))

    def test_a_waiver_ends_on_its_day(self):
        finding = self.finding("price_off_list")
        finding.action_waive("Until the list is mended.", fields.Date.today())
        self.submit(self.order, by=self.paul)
        self.assertNotIn("price_off_list", self.open_findings(self.order))
        finding.sudo().waived_until = fields.Date.subtract(fields.Date.today(), days=1)
        self.submit(self.order, by=self.paul)
        self.assertIn("price_off_list", self.open_findings(self.order))

    def test_taken_back_to_quotation_nothing_is_waived(self):
        self.findings[:2].action_waive("Fine.")
        self.order.with_user(self.paul).action_cancel()
        self.order.with_user(self.paul).action_draft()
        self.submit(self.order, by=self.paul)
        self.assertEqual(len(self.open_findings(self.order)), 3)

    def test_only_reviewers_with_a_reason_for_what_is_open(self):
        for user in (self.paul, self.sally, self.mona, self.carla):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.rpc(user, self.findings, "action_waive", "Because.")
        with self.assertRaisesRegex(UserError, "Say why"):
            self.findings.action_waive("  ")
        with self.assertRaisesRegex(UserError, "end before it begins"):
            self.findings.action_waive("So.", "2020-01-01")
        self.findings[0].action_waive("So.")
        with self.assertRaisesRegex(UserError, "does not wait"):
            self.findings[0].action_waive("Again.")
        with self.assertRaises(AccessError):
            self.rpc(self.rita, self.findings, "write", {"state": "waived"})

    def test_one_finding_for_each_rule_however_often_it_is_checked(self):
        for price in (8.0, 7.0, 6.0):
            self.order.order_line.price_unit = price
            self.submit(self.order, by=self.paul)
        self.assertEqual(len(self.order.sudo().review_finding_ids), 3)
        self.assertIn("6.00", self.finding("price_off_list").text)
