from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import OrderProcessingCase


@tagged("post_install", "-at_install")
class TestDecisions(OrderProcessingCase):
    """Rita decides on what is held; nobody else does."""

    def setUp(self):
        super().setUp()
        self.order = self.held_quotation()
        self.env.cr.flush()  # the moment it is held and the moment of the decision are not the same

    def decide(self, orders, decision, reason=None, by=None):
        """Decide as the list does: with the wizard, on the orders that are ticked."""
        wizards = self.env["order.review.decide"].with_user(by or self.rita)
        wizards = wizards.with_context(active_model="sale.order", active_ids=orders.ids)
        with Form(wizards) as form:
            form.decision = decision
            form.reason = reason or ""
        return form.record.action_decide()

    # ---------------------------------------------------------------- approving
    def test_approved_an_order_is_confirmed(self):
        self.approve(self.order, "They collect it themselves.")
        self.assertConfirmed(self.order, "approved")
        decision = self.order.review_decision_ids
        self.assertEqual(decision.mapped("decision"), ["approved"])
        self.assertEqual(decision.user_id, self.rita)
        self.assertEqual(decision.reason, "They collect it themselves.")
        self.assertEqual(self.order.review_finding_ids.mapped("state"), ["accepted", "accepted"])
        self.assertEqual(self.order.review_finding_ids.decided_by_id, self.rita)
        self.assertEqual(
            self.events(self.order),
            ["received", "held", "stage:in_review", "approved", "confirmed", "stage:ready"],
        )
        self.assertEqual(self.order.sudo().picking_ids.state, "assigned")

    def test_what_the_reviewer_noted_is_not_for_the_customer(self):
        self.approve(self.order, "Mind: they pay late.")
        texts = self.order.sudo()._portal_events().mapped("text")
        self.assertIn("Your order is approved", texts)
        self.assertNotIn("pay late", " ".join(texts))

    def test_approving_twice_does_it_once(self):
        order = self.quotation(self.corner_shop)
        order.sudo()._validate_order()
        self.approve(order)
        self.assertEqual(len(self.confirmation_mails(order)), 1)
        with self.assertRaisesRegex(UserError, "nothing to decide"):
            self.approve(order)
        self.assertConfirmed(order, "approved")
        self.assertEqual(len(order.review_decision_ids), 1)
        self.assertEqual(len(self.confirmation_mails(order)), 1)

    def test_an_order_submitted_by_hand_is_approved_without_a_mail(self):
        self.approve(self.order)
        self.assertFalse(self.confirmation_mails(self.order))

    def test_many_are_approved_from_the_list_at_once(self):
        orders = self.order + self.held_quotation() + self.held_quotation()
        self.assertEqual(self.decide(orders, "approve")["type"], "ir.actions.act_window_close")
        self.assertConfirmed(orders, "approved")

    def test_the_wizard_says_why_the_orders_are_held(self):
        wizard = self.env["order.review.decide"].with_user(self.rita)
        wizard = wizard.create({"order_ids": self.order.ids})
        self.assertIn(f"{self.order.name}: The delivery address of Corner Shop lacks", wizard.findings)

    # ---------------------------------------------------------------- saying no
    def test_refused_with_a_reason_the_order_ends(self):
        self.decide(self.order, "refuse", "We do not deliver there.")
        self.assertEqual((self.order.state, self.order.review_state), ("sent", "refused"))
        self.assertEqual(self.order.processing_stage, "refused")
        self.assertEqual(self.order.review_finding_ids.mapped("state"), ["upheld", "upheld"])
        self.assertIn(
            "We cannot accept this order: We do not deliver there.",
            self.order.sudo()._portal_events().mapped("text"),
        )

    def test_a_reason_is_text_wherever_it_is_shown(self):
        self.decide(self.order, "refuse", "<script>alert(1)</script> %(password)s")
        self.assertNotIn("<script>", self.order.timeline_html)
        self.assertIn("&lt;script&gt;alert(1)&lt;/script&gt; %(password)s", self.order.timeline_html)

    def test_a_refusal_is_not_undone_by_submitting_again(self):
        self.decide(self.order, "refuse", "A fraud.")
        self.corner_shop.write({"zip": "BS1 1AA", "email": "shop@example.com"})
        for method in ("action_submit", "action_confirm"):
            with self.assertRaisesRegex(UserError, "was refused"):
                self.rpc(self.sally, self.order, method)
        self.order.sudo()._validate_order()
        self.assertEqual((self.order.state, self.order.review_state), ("sent", "refused"))

    def test_a_refused_order_may_be_started_anew(self):
        self.decide(self.order, "refuse", "No post code.")
        self.order.action_cancel()
        self.assertEqual(self.order.processing_stage, "refused")
        self.order.action_draft()
        self.assertEqual(
            (self.order.review_state, self.order.processing_stage), ("not_required", "quotation")
        )
        self.corner_shop.write({"zip": "BS1 1AA", "email": "shop@example.com"})
        self.submit(self.order)
        self.assertConfirmed(self.order)

    def test_the_order_goes_on_when_the_change_asked_for_was_made(self):
        self.decide(self.order, "request_change", "Where to, exactly?")
        self.assertEqual((self.order.state, self.order.review_state), ("sent", "changes_requested"))
        self.assertEqual(self.order.processing_stage, "in_review")
        with self.assertRaisesRegex(UserError, "have to be reviewed"):
            self.order.action_confirm()
        self.corner_shop.write({"zip": "BS1 1AA", "email": "shop@example.com"})
        self.submit(self.order)
        self.assertConfirmed(self.order)
        self.assertEqual(self.order.review_finding_ids.mapped("state"), ["gone", "gone"])

    def test_no_needs_a_reason(self):
        for method in ("action_review_refuse", "action_review_request_change"):
            for reason in ("", "   ", None):
                with self.subTest(method, reason=reason), self.assertRaisesRegex(UserError, "Give a reason"):
                    self.rpc(self.rita, self.order, method, reason)
        self.assertOpen(self.order)
        self.assertFalse(self.order.review_decision_ids)

    # ---------------------------------------------------------------- who decides
    def test_nobody_but_a_reviewer_decides(self):
        for user in (self.paul, self.sally, self.wes, self.mona, self.anna, self.carla):
            for method in ("approve", "refuse", "request_change"):
                with self.subTest(user.login, method=method), self.assertRaises(AccessError):
                    self.rpc(user, self.order, f"action_review_{method}", "because")
        self.assertOpen(self.order)
        self.assertFalse(self.order.review_decision_ids)

    def test_nobody_but_a_reviewer_opens_the_wizard(self):
        for user in (self.paul, self.sally, self.wes, self.mona, self.anna, self.carla):
            with self.subTest(user.login), self.assertRaises(AccessError):
                vals = {"order_ids": [(6, 0, self.order.ids)], "decision": "approve"}
                self.rpc(user, self.env["order.review.decide"], "create", [vals])

    def test_the_wizard_decides_only_what_it_offers(self):
        wizards = self.env["order.review.decide"]
        with self.assertRaises(ValueError):
            vals = {"order_ids": [(6, 0, self.order.ids)], "decision": "approve_all"}
            self.rpc(self.rita, wizards, "create", [vals])

    def test_the_reviewers_of_another_company_do_not_decide_here(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.rita.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        with self.assertRaises(AccessError):
            self.rpc(self.rita, self.order, "action_review_approve")
        with self.assertRaises(AccessError):
            vals = {"order_ids": [(6, 0, self.order.ids)], "decision": "approve"}
            self.rpc(self.rita, self.env["order.review.decide"], "create", [vals])
        self.assertOpen(self.order)

    # ---------------------------------------------------------------- what was decided on
    def test_nothing_is_approved_that_the_reviewer_was_not_told_of(self):
        self.order.order_line.price_unit = 0.01
        self.order.order_line.product_uom_qty = 100
        report = self.approve(self.order)
        self.assertOpen(self.order)
        self.assertFalse(self.order.review_decision_ids)
        self.assertEqual(
            self.open_findings(self.order),
            [
                "address_incomplete",
                "contact_unreachable",
                "changed",
                "price_off_list",
            ],
        )
        self.assertIn("Metal Lantern was raised from 2.00 to 100.00", report["params"]["message"])
        self.approve(self.order, "Told so, agreed.")
        self.assertConfirmed(self.order, "approved")

    def test_what_became_less_risky_meanwhile_is_approved(self):
        self.order.order_line.product_uom_qty = 1
        self.order.note = "Ring twice."
        self.approve(self.order)
        self.assertConfirmed(self.order, "approved")

    def test_an_order_cancelled_meanwhile_is_not_decided_on(self):
        self.order.action_cancel()
        with self.assertRaisesRegex(UserError, "nothing to decide"):
            self.approve(self.order)

    def test_decisions_and_findings_stay_as_they_are(self):
        self.approve(self.order)
        for records in (self.order.review_decision_ids, self.order.review_finding_ids):
            for user in (self.sally, self.rita, self.mona):
                with self.subTest(user.login, model=records._name), self.assertRaises(AccessError):
                    self.rpc(user, records, "unlink")
        with self.assertRaisesRegex(UserError, "cannot be changed"):
            self.order.sudo().review_decision_ids.reason = "I never said that."


@tagged("post_install", "-at_install")
class TestReviewMode(OrderProcessingCase):
    """A company may watch first, and hold later."""

    def test_off_nothing_is_looked_at(self):
        self.company.review_mode = "off"
        order = self.confirmed_order(self.corner_shop)
        self.assertConfirmed(order)
        self.assertFalse(order.review_finding_ids)

    def test_observing_everything_is_noted_and_nothing_held(self):
        self.company.review_mode = "observe"
        submitted = self.confirmed_order(self.corner_shop)
        confirmed = self.quotation(self.corner_shop)
        confirmed.action_confirm()
        self.assertConfirmed(submitted + confirmed)
        for order in submitted + confirmed:
            found = order.review_finding_ids
            self.assertEqual(found.mapped("code"), ["address_incomplete", "contact_unreachable"])
            self.assertEqual(found.mapped("observed"), [True, True])

    def test_observing_a_change_is_noted_and_nothing_held(self):
        self.company.review_mode = "observe"
        order = self.confirmed_order()
        order.order_line.price_unit = 1.0
        self.assertEqual((order.state, order.review_state), ("sale", "not_required"))
        self.assertEqual(order.review_finding_ids.mapped("code"), ["price_off_list"])
        order.order_line.product_uom_qty = 5
        self.assertEqual(sum(order.sudo().picking_ids.move_ids.mapped("product_uom_qty")), 5)

    def test_orders_confirmed_before_enforcing_are_left_alone_until_they_change(self):
        self.company.review_mode = "off"
        order = self.confirmed_order(self.corner_shop)
        self.company.review_mode = "enforce"
        self.assertEqual(self.ship(order).state, "done")
        late = self.confirmed_order()
        late.order_line.product_uom_qty = 3
        self.assertEqual(late.review_state, "not_required")

    def test_nobody_who_takes_or_reviews_orders_switches_the_review_off(self):
        for user in (self.paul, self.sally, self.rita, self.mona, self.wes, self.anna):
            for vals in ({"review_mode": "off"}, {"review_price_tolerance": 100}):
                with self.subTest(user.login, **vals), self.assertRaises(AccessError):
                    self.rpc(user, self.company, "write", vals)

    def test_a_held_order_is_free_when_the_company_stops_enforcing(self):
        order = self.held_quotation()
        self.company.review_mode = "observe"
        self.submit(order)
        self.assertConfirmed(order)
