from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common import OrderProcessingCase

GUARDED = {
    "review_state": "approved",
    "review_clearance": {"customer": 1, "address": 1, "currency": 1, "lines": {}},
    "review_replay": {"send_email": True},
    "processing_stage": "delivered",
    "fulfilment": "full",
    "reservation_state": "full",
    "submitted_at": "2026-01-01 00:00:00",
    "channel_digest": "x",
    "shipment_ids": [Command.clear()],
}


@tagged("post_install", "-at_install")
class TestWaysRoundTheGate(OrderProcessingCase):
    """Paul, a plain salesperson, wants the corner shop's order out of the door unseen."""

    def paul_quotation(self, **vals):
        return self.quotation(self.corner_shop, by=self.paul, **vals)

    def order_vals(self, **vals):
        line = Command.create({"product_id": self.lantern.id, "product_uom_qty": 2})
        return {"partner_id": self.corner_shop.id, "order_line": [line], **vals}

    # ---------------------------------------------------------------- confirming
    def test_confirming_by_rpc_raises_and_says_why(self):
        order = self.paul_quotation()
        with self.assertRaisesRegex(UserError, f"{order.name}: the delivery address of Corner Shop lacks"):
            self.rpc(self.paul, order, "action_confirm")
        self.assertEqual(order.state, "draft")

    def test_confirming_three_with_one_bad_confirms_none_and_stores_nothing(self):
        orders = self.quotation(by=self.paul) + self.paul_quotation() + self.quotation(by=self.paul)
        refused = False
        try:  # no rollback here: what was stored before it raised would still be there
            orders.action_confirm()
        except UserError:
            refused = True
        self.assertTrue(refused)
        self.assertEqual(orders.mapped("state"), ["draft"] * 3)
        self.assertEqual(orders.mapped("submitted_at"), [False] * 3)
        self.assertFalse(orders.review_finding_ids)
        self.assertFalse(orders.sudo().filtered("review_clearance"))
        self.assertFalse(orders.sudo().picking_ids)
        self.assertEqual([self.events(order) for order in orders], [[], [], []])

    def test_submitting_three_with_one_bad_confirms_two_and_queues_one(self):
        first, bad, last = self.quotation(by=self.paul), self.paul_quotation(), self.quotation(by=self.paul)
        report = self.rpc(self.paul, first + bad + last, "action_submit")
        self.assertConfirmed(first + last)
        self.assertOpen(bad)
        self.assertEqual(self.open_findings(bad), ["address_incomplete", "contact_unreachable"])
        self.assertEqual(
            report["params"]["message"],
            f"Confirmed: 2. {bad.name} is held: The delivery address of Corner Shop lacks a postal code; "
            "Corner Shop has neither a phone number nor an e-mail address that can be reached.",
        )

    def test_an_order_that_cannot_be_confirmed_at_all_does_not_stop_the_others(self):
        confirmed = self.confirmed_order(by=self.paul)
        order = self.quotation(by=self.paul)
        report = self.submit(confirmed + order, by=self.paul)
        self.assertConfirmed(order)
        self.assertIn("not in a state requiring confirmation", report["params"]["message"])
        with self.assertRaisesRegex(UserError, "not in a state requiring confirmation"):
            self.submit(confirmed, by=self.paul)

    def test_an_order_of_no_value_is_held_too(self):
        order = self.paul_quotation(
            order_line=[Command.create({"product_id": self.lantern.id, "price_unit": 0})]
        )
        order.sudo()._validate_order()
        self.assertOpen(order)
        self.assertIn("price_off_list", self.open_findings(order))
        self.assertFalse(self.confirmation_mails(order))

    def test_a_clean_order_passes_every_way(self):
        submitted, confirmed, signed = (self.quotation(by=self.paul) for _ in range(3))
        self.rpc(self.paul, submitted, "action_submit")
        self.rpc(self.paul, confirmed, "action_confirm")
        signed.sudo()._validate_order()
        self.assertConfirmed(submitted + confirmed + signed)
        self.assertEqual(
            [len(self.confirmation_mails(order)) for order in (submitted, confirmed, signed)], [0, 0, 1]
        )
        self.assertEqual(self.events(confirmed), ["received", "confirmed", "stage:ready"])

    # ---------------------------------------------------------------- writing the state
    def test_an_order_cannot_be_created_confirmed(self):
        with self.assertRaisesRegex(ValidationError, "has not been cleared"):
            self.rpc(self.paul, self.env["sale.order"], "create", [self.order_vals(state="sale")])

    def test_an_order_created_confirmed_passes_when_it_is_clean(self):
        vals = self.order_vals(state="sale", partner_id=self.customer.id)
        order = self.env["sale.order"].browse(self.rpc(self.paul, self.env["sale.order"], "create", [vals]))
        self.assertConfirmed(order)
        self.assertEqual(list(order.review_clearance["lines"]), [str(order.order_line.id)])
        self.assertEqual(self.events(order)[0], "received")

    def test_the_state_cannot_be_written(self):
        order = self.paul_quotation()
        with self.assertRaisesRegex(ValidationError, "has not been cleared"):
            self.rpc(self.paul, order, "write", {"state": "sale"})
        with self.assertRaisesRegex(ValidationError, "has not been cleared"):
            line = Command.update(order.order_line.id, {"product_uom_qty": 5})
            self.rpc(self.paul, order, "write", {"state": "sale", "order_line": [line]})
        self.assertFalse(order.sudo().picking_ids)

    def test_the_state_cannot_be_imported(self):
        fields = ["partner_id/.id", "state", "order_line/product_id/.id", "order_line/product_uom_qty"]
        row = [str(self.corner_shop.id), "sale", str(self.lantern.id), "2"]
        result = self.rpc(self.paul, self.env["sale.order"], "load", fields, [row])
        self.assertFalse(result["ids"])
        self.assertIn("has not been cleared", result["messages"][0]["message"])

    def test_a_state_given_as_a_default_is_a_state_like_any_other(self):
        with self.assertRaisesRegex(ValidationError, "has not been cleared"):
            context = {"default_state": "sale"}
            self.rpc(self.paul, self.env["sale.order"], "create", [self.order_vals()], context=context)

    def test_an_order_entered_as_sent_and_approved_is_refused(self):
        with self.assertRaisesRegex(AccessError, "Review"):
            vals = self.order_vals(state="sent", review_state="approved")
            self.rpc(self.paul, self.env["sale.order"], "create", [vals])

    def test_a_copy_of_an_approved_order_is_a_quotation_that_was_never_seen(self):
        order = self.held_quotation(by=self.paul)
        self.approve(order)
        copy = order.browse(self.rpc(self.paul, order, "copy"))
        self.assertEqual((copy.state, copy.review_state), ("draft", "not_required"))
        self.assertFalse(copy.sudo().review_clearance)
        self.assertFalse(copy.review_finding_ids)
        self.assertFalse(copy.review_decision_ids)
        self.rpc(self.paul, copy, "action_submit")
        self.assertOpen(copy)

    def test_a_copy_cannot_be_made_confirmed(self):
        order = self.held_quotation(by=self.paul)
        self.approve(order)
        with self.assertRaisesRegex(ValidationError, "has not been cleared"):
            self.rpc(self.paul, order, "copy", {"state": "sale"})

    def test_nothing_of_an_approval_remains_on_an_order_taken_back(self):
        order = self.held_quotation(by=self.paul)
        self.approve(order)
        order.sudo().action_cancel()
        self.rpc(self.paul, order, "action_draft")
        self.assertEqual((order.state, order.review_state), ("draft", "not_required"))
        self.assertFalse(order.sudo().review_clearance)
        with self.assertRaisesRegex(UserError, "have to be reviewed"):
            self.rpc(self.paul, order, "action_confirm")
        self.rpc(self.paul, order, "action_submit")
        self.assertEqual((order.state, order.review_state), ("sent", "pending"))
        self.assertEqual(set(order.sudo().picking_ids.mapped("state")), {"cancel"})

    def test_an_order_of_a_company_without_review_is_not_carried_into_one_with_it(self):
        other = self.env["res.company"].create({"name": "Free Ltd", "review_mode": "off"})
        self.paul.company_ids += other
        here = {"allowed_company_ids": (self.company + other).ids}
        orders = self.env["sale.order"].with_user(self.paul).with_context(**here).with_company(other)
        order = orders.create({"partner_id": self.corner_shop.id, "state": "sale"})
        with self.assertRaisesRegex(ValidationError, "has not been cleared"):
            order.write({"company_id": self.company.id, "warehouse_id": self.warehouse.id})


@tagged("post_install", "-at_install")
class TestWhatNobodyMayType(OrderProcessingCase):
    """What follows from events cannot be set: not by form, import or API, and not by a default."""

    def test_derived_fields_cannot_be_written(self):
        order = self.held_quotation(by=self.paul)
        for name, value in GUARDED.items():
            with self.subTest(name), self.assertRaises(AccessError):
                self.rpc(self.paul, order, "write", {name: value})

    def test_derived_fields_cannot_be_given_on_creation(self):
        for name, value in GUARDED.items():
            with self.subTest(name), self.assertRaises(AccessError):
                vals = {"partner_id": self.corner_shop.id, name: value}
                self.rpc(self.paul, self.env["sale.order"], "create", [vals])

    def test_defaults_of_the_context_do_not_count(self):
        open_to_all = GUARDED.keys() - {"review_clearance", "review_replay", "channel_digest"}
        context = {f"default_{name}": GUARDED[name] for name in open_to_all}
        orders = self.env["sale.order"]
        order = orders.browse(
            self.rpc(self.paul, orders, "create", [{"partner_id": self.corner_shop.id}], context=context)
        )
        self.assertUntouched(order)

    def test_defaults_that_users_set_for_themselves_do_not_count(self):
        for name in ("review_state", "review_clearance", "processing_stage", "submitted_at"):
            defaults = self.env["ir.default"]
            self.rpc(self.paul, defaults, "set", "sale.order", name, GUARDED[name], user_id=True)
        orders = self.env["sale.order"]
        order = orders.browse(self.rpc(self.paul, orders, "create", [{"partner_id": self.corner_shop.id}]))
        self.assertUntouched(order)

    def assertUntouched(self, order):
        order = order.sudo()
        self.assertEqual((order.review_state, order.processing_stage), ("not_required", "quotation"))
        self.assertEqual((order.fulfilment, order.reservation_state), ("none", "none"))
        self.assertFalse(order.review_clearance or order.review_replay)
        self.assertFalse(order.submitted_at or order.channel_digest)

    def test_findings_decisions_and_events_cannot_be_made(self):
        order = self.held_quotation(by=self.sally)
        finding = {"order_id": order.id, "code": "contact_unreachable"}
        decision = {"order_id": order.id, "decision": "approved", "user_id": self.rita.id}
        event = {"order_id": order.id, "order_name": order.name, "kind": "approved", "audience": "customer"}
        event["company_id"] = self.company.id
        for user in (self.paul, self.sally, self.rita, self.wes, self.mona, self.anna):
            for model, vals in (("finding", finding), ("decision", decision)):
                with self.subTest(user.login, model=model), self.assertRaises(AccessError):
                    self.rpc(user, self.env[f"order.review.{model}"], "create", [vals])
            with self.subTest(user.login, model="event"), self.assertRaises(AccessError):
                self.rpc(user, self.env["order.event"], "create", [event])

    def test_findings_cannot_be_slipped_in_through_the_order(self):
        order = self.held_quotation(by=self.paul)
        order.with_user(self.rita).action_review_request_change("The post code, please.")
        for name in ("review_finding_ids", "review_decision_ids"):
            records = order.sudo()[name]
            for command in (Command.clear(), Command.create({"code": "x", "decision": "approved"})):
                with self.subTest(name, command=command), self.assertRaises(AccessError):
                    self.rpc(self.paul, order, "write", {name: [command]})
            self.assertEqual(order.sudo()[name], records)

    def test_the_gate_stands_above_what_odoo_itself_does_on_confirmation(self):
        """Who overrides above us would run on orders that are held."""
        above = {
            "action_confirm": ("sale.order", "odoo.addons.order_processing.models.sale_order_review"),
            "_validate_order": ("sale.order", "odoo.addons.order_processing.models.sale_order_review"),
            "_check_amount_and_confirm_order": (
                "payment.transaction",
                "odoo.addons.order_processing.models.payment_transaction",
            ),
            "_post_process": (
                "payment.transaction",
                "odoo.addons.order_processing.models.payment_transaction",
            ),
        }
        for method, (model, module) in above.items():
            classes = [cls for cls in type(self.env[model]).__mro__ if method in vars(cls)]
            with self.subTest(method):
                self.assertEqual(classes[0].__module__, module)
                self.assertGreater(len(classes), 1)
