import inspect

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from .common import STAFF, OrderProcessingCase

# Who may create, read, update and delete what. Nobody else may do anything.
RIGHTS = {
    "order.channel": {"paul": "r", "sally": "r", "rita": "r", "mona": "crud", "wes": "r", "anna": "r"},
    "order.event": {"paul": "r", "sally": "r", "rita": "r", "mona": "r"},
    "order.event.chain": {"mona": "r"},
    "order.review.finding": {"paul": "r", "sally": "r", "rita": "r", "mona": "r"},
    "order.review.decision": {"paul": "r", "sally": "r", "rita": "r", "mona": "r"},
    "order.review.decide": {"rita": "cru"},
    "order.review.decide.line": {"rita": "crud"},
    "order.review.look": {},
    "order.review.rule": {"paul": "r", "sally": "r", "rita": "r", "mona": "crud"},
    "order.review.stage": {"paul": "r", "sally": "r", "rita": "r", "mona": "crud"},
    "order.review.step": {"paul": "r", "sally": "r", "rita": "r", "mona": "r"},
    "order.review.absence": {"rita": "crud", "mona": "crud"},
    "order.review.waive": {"rita": "cru"},
    "order.review.habit": {"mona": "r"},
    "order.review.backtest": {"paul": "r", "sally": "r", "rita": "r", "mona": "rd"},
    "order.review.backtest.line": {"paul": "r", "sally": "r", "rita": "r", "mona": "r"},
    "order.review.backtest.hit": {"paul": "r", "sally": "r", "rita": "r", "mona": "r"},
    "order.review.backtest.start": {"mona": "cru"},
    "order.remote.area": {"paul": "r", "sally": "r", "rita": "r", "mona": "crud"},
    "order.reservation.drift": {"wes": "r"},
    "order.cancel": {"paul": "cru", "sally": "cru", "rita": "cru", "mona": "cru"},
    "order.allocation.run": {},
    "order.queue.jump": {},
    "order.freight.zone": {"paul": "r", "sally": "r", "rita": "r", "mona": "crud", "wes": "r", "anna": "r"},
    "order.freight.rate": {"paul": "r", "sally": "r", "rita": "r", "mona": "crud", "wes": "r", "anna": "r"},
    "order.transfer.proposal": {"wes": "r"},
    "order.promise": {"paul": "r", "sally": "r", "rita": "r", "mona": "r", "wes": "r"},
    "order.promise.recheck": {},
    "order.availability": {"paul": "r", "sally": "r", "rita": "r", "mona": "r", "wes": "r"},
    "order.stock.warning": {"wes": "r"},
    "order.count.plan": {"wes": "r"},
    "order.count.difference": {"wes": "r"},
    "order.shortage": {"paul": "r", "sally": "r", "rita": "r", "mona": "r", "wes": "r"},
    "order.shortage.help": {"paul": "r", "sally": "r", "rita": "r", "mona": "r", "wes": "r"},
    "order.change.request": {"paul": "ru", "sally": "ru", "rita": "ru", "mona": "ru", "wes": "r"},
    "order.lookup.limit": {},
    "order.choice.offer": {"paul": "r", "sally": "r", "rita": "r", "mona": "r"},
    "order.takeover": {"mona": "r"},
    "order.takeover.line": {"mona": "r"},
    "order.takeover.start": {"mona": "ru"},
    "order.takeover.start.line": {"mona": "r"},
    "order.dispatch.route": {"paul": "r", "sally": "r", "rita": "r", "mona": "r", "wes": "r", "anna": "r"},
    "order.dispatch.slot": {"paul": "r", "sally": "r", "rita": "r", "mona": "r", "wes": "r", "anna": "r"},
    "order.dispatch.departure": {
        "paul": "r",
        "sally": "r",
        "rita": "r",
        "mona": "r",
        "wes": "r",
        "anna": "r",
    },
    "customer.tier": {"paul": "r", "sally": "r", "rita": "r", "mona": "crud", "wes": "r", "anna": "r"},
    "order.pack.look": {},
    "order.notification": {"paul": "r", "sally": "r", "rita": "r", "mona": "r", "wes": "r"},
    "order.notification.rule": {"mona": "crud"},
    "order.notification.preference": {
        "paul": "crud",
        "sally": "crud",
        "rita": "crud",
        "mona": "crud",
        "wes": "r",
    },
    "order.shipment.problem.told": {},
    "order.freight.offer": {"paul": "r", "sally": "r", "rita": "r", "mona": "r"},
    "order.freight.compare": {"paul": "cru", "sally": "cru", "rita": "cru", "mona": "cru"},
    "order.freight.share": {"mona": "r", "anna": "r"},
    "order.freight.bill": {"mona": "r", "anna": "crud"},
    "order.freight.bill.line": {"mona": "r", "anna": "crud"},
    "order.freight.bill.total": {"mona": "r", "anna": "crud"},
    "order.freight.bill.format": {"anna": "crud"},
    "order.freight.bill.import": {"anna": "cru"},
    "order.freight.bill.import.column": {"anna": "crud"},
    "order.freight.bill.import.total": {"anna": "crud"},
    "order.freight.bill.import.line": {"anna": "crud"},
    "order.freight.report": {"mona": "r", "anna": "r"},
    "order.shipment.parcel": {"paul": "r", "sally": "r", "rita": "r", "mona": "r", "wes": "r", "anna": "r"},
    "order.shipment.event": {"paul": "r", "sally": "r", "rita": "r", "mona": "r", "wes": "r", "anna": "r"},
    "order.parcel.new.date": {"paul": "cru", "sally": "cru", "rita": "cru", "mona": "cru", "wes": "cru"},
    "order.shipment.problem": {"paul": "r", "sally": "r", "rita": "r", "mona": "r", "wes": "r", "anna": "r"},
    "order.tracking.provider": {"paul": "r", "sally": "r", "rita": "r", "mona": "r", "wes": "r", "anna": "r"},
    "order.tracking.carrier.code": {
        "paul": "r",
        "sally": "r",
        "rita": "r",
        "mona": "r",
        "wes": "r",
        "anna": "r",
    },
    "order.tracking.carrier": {"paul": "r", "sally": "r", "rita": "r", "mona": "r", "wes": "r", "anna": "r"},
    "order.tracking.status.map": {"mona": "cru"},
    "order.tracking.call": {},
    "order.tracking.inbox": {},
    "order.tracking.inbox.number": {},
    "order.secret": {},
    "order.tracking.secrets": {},
    "order.tracking.secrets.line": {},
    "order.tracking.try": {},
    "order.shipment": {"paul": "r", "sally": "r", "rita": "r", "mona": "crud", "wes": "cru", "anna": "r"},
}
OPERATIONS = {"c": "create", "r": "read", "u": "write", "d": "unlink"}
# What freight costs and what an order earns: sales managers, warehouse managers and finance.
FREIGHT_MONEY = {
    "company_currency_id",
    "freight_share_ids",
    "freight_charged",
    "freight_expected",
    "freight_billed",
    "freight_cost",
    "is_freight_known",
    "goods_margin",
    "margin_after_freight",
}
# What only staff may know of an order, and of these some not even they.
INTERNAL = {
    "review_hold_reason",
    "review_note",
    "review_finding_ids",
    "review_decision_ids",
    "review_step_ids",
    "review_step_id",
    "review_stage_id",
    "review_user_id",
    "review_deadline",
    "review_since",
    "review_raised_by_ids",
    "review_sheet_html",
    "review_looking",
    "review_where",
    "review_answer_unread",
    "review_due",
    "review_may_decide",
    "review_why_not",
    "review_assigned_because",
    "review_here_because",
    "event_ids",
    "timeline_html",
    "review_clearance",
    "review_replay",
    "review_first_terms",
    "channel_digest",
    "allocation_rank",
    "rank_text",
    "reservation_note",
    "promise_ids",
    "promise_kept",
    "possible_date",
    "shortage_ids",
    "choice_offer_ids",
    "change_request_ids",
    "change_request_id",
    "change_request_text",
    "hold_until",
    "hold_since",
    "hold_note",
    "takeover_due",
    "can_take_over",
    "priority_score",
    "priority_figures",
    "priority_note",
    "notification_count",
    "parcel_problem_count",
    "freight_code",
    "freight_figures",
    "freight_reason",
    "freight_mode",
    "freight_offer_ids",
    *FREIGHT_MONEY,
}
SECRET = {
    "review_clearance",
    "review_replay",
    "review_first_terms",
    "review_answer_unread",
    "channel_digest",
    *FREIGHT_MONEY,
}
REVIEWERS_ONLY = {"review_sheet_html", "review_looking"}
# Methods that only lead somewhere: the rights are checked there.
NAVIGATION = {
    "action_view_orders",
    "action_view_shipments",
    "action_view_notifications",
    "action_open_order",
    "action_open_waive",
    "action_view_findings",
    "action_view_hits",
    "action_open_trial",
    "action_open_queue_jump",
    "action_view_disputes",
    "action_view_lines",
}


@tagged("post_install", "-at_install")
class TestRoles(OrderProcessingCase):
    """What each role may do, and what it may call."""

    def test_the_matrix(self):
        for model, rights in RIGHTS.items():
            for login in (*STAFF, "carla"):
                user = getattr(self, login)
                records = self.env[model].with_user(user)
                has = "".join(letter for letter, op in OPERATIONS.items() if records.has_access(op))
                with self.subTest(model, user=login):
                    self.assertEqual(has, rights.get(login, ""))

    def test_the_matrix_is_complete(self):
        ours = {name for name, model in self.env.items() if model._original_module == "order_processing"}
        self.assertEqual({name for name in ours if not self.env[name]._abstract}, RIGHTS.keys())

    def test_every_role_opens_an_order(self):
        order = self.held_quotation()
        self.approve(order)
        self.ship(order)
        order.sudo().user_id = False  # nobody's order is everybody's
        for user in (self.paul, self.sally, self.rita, self.mona, self.anna):
            self.env.flush_all()
            self.env.invalidate_all()
            with self.subTest(user.login):
                form = Form(order.with_user(user), "sale.view_order_form")
                self.assertEqual(form.processing_stage, "shipped")
                self.assertIn("handed over for delivery", form.timeline_html)

    def test_who_packs_reads_where_an_order_stands(self):
        # Odoo shows the form of an order to those only who may see invoices.
        order = self.held_quotation(packing_instruction="Gift")
        names = ["processing_stage", "fulfilment", "reservation_state", "urgency", "requested_date"]
        values = self.rpc(
            self.wes, order, "read", [*names, "packing_instruction", "review_hold_reason", "timeline_html"]
        )
        self.assertEqual(
            (values[0]["processing_stage"], values[0]["packing_instruction"]), ("in_review", "Gift")
        )
        self.assertIn("Held for review", values[0]["timeline_html"])

    def test_who_packs_sees_what_was_asked_for(self):
        buyer = new_test_user(self.env, "bert", "purchase.group_purchase_user")
        order = self.confirmed_order(packing_instruction="No price on the slip.", urgency="urgent")
        picking = order.sudo().picking_ids
        self.assertFalse(self.env["sale.order"].with_user(buyer).has_access("read"))
        for user in (self.wes, buyer):
            values = self.rpc(user, picking, "read", ["packing_instruction", "order_urgency"])[0]
            self.assertEqual(
                (values["packing_instruction"], values["order_urgency"]), ("No price on the slip.", "urgent")
            )

    # ---------------------------------------------------------------- methods
    def test_customers_can_call_nothing_of_ours(self):
        """Whatever public method there is, today or later."""
        order = self.held_quotation(self.customer, [(self.lantern, 1, 1.0)])
        self.ship(self.confirmed_order())
        self.env["order.event.chain"]._for_company(self.company)
        self.env["order.review.decide"].create({"order_ids": order.ids})
        self.env["order.review.backtest.start"].create({"rule_ids": self.rule("price").ids})
        self.env["order.review.waive"].create({"finding_ids": order.sudo().review_finding_ids.ids})
        called = set()
        for model, name, method in self.public_methods():
            records = order if model == "sale.order" else self.env[model].sudo().search([], limit=1)
            required = [
                p
                for p in inspect.signature(method).parameters.values()
                if p.default is inspect.Parameter.empty
            ]
            args = ["x"] * (len(required) - 1)
            with self.subTest(model, method=name), self.assertRaises(AccessError):
                self.rpc(self.carla, records, name, *args)
            called.add(name)
        self.assertLessEqual(
            {"action_submit", "action_redact", "set_status", "place_order", "action_check"}, called
        )
        self.assertOpen(order)

    def public_methods(self):
        """Return (model, name, function) of each method that we added and that can be called from outside."""
        for model, registered in self.env.items():
            for cls in type(registered).__mro__:
                for name, method in self.ours(cls).items():
                    others = (c for c in type(registered).__mro__ if not self.ours(c))
                    if not any(name in vars(c) for c in others) and name not in NAVIGATION:
                        yield model, name, method

    @staticmethod
    def ours(cls):
        """Return the public functions of a class, if it is one of our definitions."""
        if not cls.__module__.startswith("odoo.addons.order_processing."):
            return {}
        public = {name: value for name, value in vars(cls).items() if not name.startswith("_")}
        return {name: value for name, value in public.items() if inspect.isfunction(value)}

    def test_events_are_redacted_by_administrators_only(self):
        order = self.held_quotation()
        events = order.sudo()._events()
        for login in STAFF:
            with self.subTest(login), self.assertRaises(AccessError):
                self.rpc(getattr(self, login), events, "action_redact", "request 7")

    def test_the_seal_is_checked_by_administrators_only(self):
        chain = self.env["order.event.chain"]._for_company(self.company)
        for login in STAFF:
            with self.subTest(login), self.assertRaises(AccessError):
                self.rpc(getattr(self, login), chain, "action_check")

    def test_parcels_are_followed_up_by_those_who_ship(self):
        order = self.confirmed_order()
        self.ship(order)
        order.sudo().user_id = False
        shipment = order.sudo().shipment_ids
        shipment.tracking_number = "P-1"
        for login in ("paul", "sally", "rita", "anna"):
            user = getattr(self, login)
            with self.subTest(login), self.assertRaises(AccessError):
                self.rpc(user, self.env["order.shipment"], "set_status", "P-1", "delivered")
            with self.subTest(login), self.assertRaises(AccessError):
                self.rpc(user, shipment, "action_delivered")
        self.rpc(self.wes, shipment, "action_in_transit")
        self.assertEqual(shipment.status, "in_transit")
        self.rpc(self.mona, self.env["order.shipment"], "set_status", "P-1", "delivered")
        self.assertEqual(shipment.status, "delivered")

    def test_orders_are_placed_by_those_who_may_enter_them(self):
        payload = {"channel": "api", "ref": "A-1", "customer": {"id": self.customer.id}}
        payload["lines"] = [{"sku": "LANTERN", "quantity": 1}]
        for login in ("wes", "anna", "carla"):
            with self.subTest(login), self.assertRaises(AccessError):
                self.rpc(getattr(self, login), self.env["sale.order"], "place_order", payload)
        result = self.rpc(self.paul, self.env["sale.order"], "place_order", payload)
        self.assertEqual((result["created"], result["stage"]), (True, "ready"))

    # ---------------------------------------------------------------- customers
    def test_customers_see_nothing_internal_of_their_own_order(self):
        order = self.held_quotation(self.customer, [(self.lantern, 1, 1.0)])
        self.assertEqual(self.rpc(self.carla, order, "read", ["name", "processing_stage"])[0]["id"], order.id)
        visible = self.rpc(self.carla, self.env["sale.order"], "fields_get")
        self.assertFalse(INTERNAL & visible.keys())
        for name in sorted(INTERNAL):
            with self.subTest(name), self.assertRaises(AccessError):
                self.rpc(self.carla, order, "read", [name])

    def test_staff_see_why_but_not_the_secrets(self):
        order = self.held_quotation()
        values = self.rpc(self.sally, order, "read", sorted(INTERNAL - SECRET - REVIEWERS_ONLY))[0]
        self.assertIn("lacks a postal code", values["review_hold_reason"])
        for name in sorted(SECRET | REVIEWERS_ONLY):
            with self.subTest(name), self.assertRaises(AccessError):
                self.rpc(self.sally, order, "read", [name])

    def test_customers_cannot_change_their_order(self):
        order = self.quotation()
        calls = [
            ("write", {"note": "x"}),
            ("write", {"state": "sale"}),
            ("write", {"order_line": [Command.update(order.order_line.id, {"price_unit": 0})]}),
            ("action_confirm",),
            ("action_submit",),
            ("action_cancel",),
            ("copy",),
            ("unlink",),
        ]
        for method, *args in calls:
            with self.subTest(method, args=args), self.assertRaises(AccessError):
                self.rpc(self.carla, order, method, *args)
        self.assertEqual(order.state, "draft")

    def test_confirming_tells_a_customer_nothing_about_the_review(self):
        order = self.quotation(lines=[(self.lantern, 1, 1.0)])
        with self.assertRaises(AccessError) as refused:
            self.rpc(self.carla, order, "action_confirm")
        self.assertNotIn("price list", str(refused.exception))


@tagged("post_install", "-at_install")
class TestPlacedByStrangers(OrderProcessingCase):
    """What an order from outside may bring along, and what it may learn."""

    def payload(self, ref="B-1", **customer):
        lines = [{"sku": "LANTERN", "quantity": 1}]
        return {
            "channel": "api",
            "ref": ref,
            "customer": customer or {"id": self.customer.id},
            "lines": lines,
        }

    def place(self, payload, by=None):
        return self.rpc(by or self.paul, self.env["sale.order"], "place_order", payload)

    def test_a_new_customer_brings_an_address_and_nothing_else(self):
        self.assertFalse(self.env["res.partner"].with_user(self.paul).has_access("create"))
        result = self.place(
            self.payload(
                name="Newcomer",
                email="new@example.com",
                street="1 Main Street",
                city="London",
                zip="NW1 6XE",
                country="GB",
                property_product_pricelist=self.pricelist.id,
                credit_limit=1e6,
                user_id=self.rita.id,
                supplier_rank=5,
                parent_id=self.corner_shop.id,
            )
        )
        partner = self.env["sale.order"].browse(result["id"]).partner_id
        self.assertEqual((partner.name, partner.zip, partner.country_id), ("Newcomer", "NW1 6XE", self.gb))
        self.assertFalse(
            partner.user_id or partner.parent_id or partner.supplier_rank or partner.credit_limit
        )

    def test_a_known_customer_is_not_changed(self):
        self.place(self.payload(email="carla@example.com", name="Somebody else", street="Elsewhere 1"))
        self.assertEqual((self.customer.name, self.customer.street), ("Carla", "221 Baker Street"))

    def test_a_customer_is_named_by_text_or_number(self):
        self.corner_shop.ref = "C-1"
        for wrong in ({"ref": True}, {"ref": ["C-1"]}, {"email": {"a": 1}}, {"id": True}, {"id": "1"}):
            with self.subTest(**wrong), self.assertRaises(UserError):
                self.place(self.payload(**wrong))

    def test_sent_again_the_answer_is_the_same_order(self):
        first, again = self.place(self.payload()), self.place(self.payload())
        self.assertEqual((again["id"], again["created"], again["conflict"]), (first["id"], False, False))
        other = self.place({**self.payload(), "note": "Two, please"})
        self.assertEqual((other["id"], other["conflict"]), (first["id"], True))

    def test_an_order_one_may_not_see_is_not_told_of(self):
        self.customer.user_id = self.sally
        order = self.env["sale.order"].browse(self.place(self.payload(), by=self.sally)["id"])
        self.assertEqual(order.user_id, self.sally)
        with self.assertRaisesRegex(UserError, "taken by an order that you may not see"):
            self.place(self.payload())
        with self.assertRaisesRegex(UserError, "There is no order B-1"):
            self.rpc(self.paul, self.env["sale.order"], "order_status", "api", "B-1")
