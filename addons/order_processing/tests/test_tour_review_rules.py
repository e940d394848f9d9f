from odoo.tests import tagged

from .common import OrderProcessingHttpCase


@tagged("post_install", "-at_install")
class TestRulesInTheBrowser(OrderProcessingHttpCase):
    """A rule is made, holds an order, and is waived."""

    def test_from_rule_to_waiver(self):
        self._make_rule()
        order = self.quotation(urgency="urgent")
        order.action_submit()
        self.assertOpen(order)
        self.start_tour("/odoo/order-review", "review_rules_rita_waives", login="rita")
        self.assertConfirmed(order, "approved")
        self.assertEqual(order.sudo().review_finding_ids.reason, "Called her")

    def _make_rule(self):
        action = "/odoo/action-order_processing.order_review_rule_action"
        self.start_tour(action, "review_rules_mona_makes_one", login="mona")


@tagged("post_install", "-at_install")
class TestRulesOnAPhone(TestRulesInTheBrowser):
    """The same at phone width; the rule itself is made at the desk."""

    browser_size = "390x844"
    touch_enabled = True

    def _make_rule(self):
        self.env["order.review.rule"].with_user(self.mona).create(
            {
                "name": "Urgent ones",
                "kind": "domain",
                "domain": "[('urgency', '=', 'urgent')]",
                "message": "{order} of {customer} is urgent",
            }
        )
