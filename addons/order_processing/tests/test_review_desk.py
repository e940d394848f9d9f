from datetime import datetime, timedelta

from lxml import etree

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common_desk import ReviewDeskCase


@tagged("post_install", "-at_install")
class TestTheQueue(ReviewDeskCase):
    """What stands at the desk, and for whom."""

    def found(self, user, *domain):
        return self.env["sale.order"].with_user(user).search([("review_may_decide", "=", True), *domain])

    def test_how_much_waits_for_whom(self):
        orders = [self.held("address") for _n in range(3)]
        orders[0].sudo().review_step_id.deadline = fields.Datetime.now() - timedelta(hours=1)
        self.desk.user_ids = self.rita
        nobody = self.held("address", by=self.rita, team_id=False)
        self.assertFalse(nobody.sudo().review_user_id)
        asked = orders[2]
        asked.with_user(asked.sudo().review_user_id).action_review_request_change("Where to?")
        counters = self.env["sale.order"].with_user(self.rita).review_desk_counters()
        mine = [order for order in orders[:2] if order.sudo().review_user_id == self.rita]
        self.assertEqual(counters["mine"]["open"], len(mine))
        self.assertEqual(counters["all"], 3)
        self.assertEqual(counters["late"], 1)
        self.assertEqual(counters["customer"], 1)
        self.assertEqual(counters["nobody"]["open"], 1)
        self.assertEqual(
            counters["all"],
            counters["mine"]["open"]
            + counters["nobody"]["open"]
            + sum(other["open"] for other in counters["others"]),
        )

    def test_how_much_others_have_to_do_is_for_those_who_review_or_manage(self):
        for user in (self.paul, self.sally, self.wes, self.anna):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.rpc(user, self.env["sale.order"], "review_desk_counters")
        self.rpc(self.mona, self.env["sale.order"], "review_desk_counters")

    def test_what_i_may_decide(self):
        at_desk, own = self.held("address"), self.held("address", by=self.rita)
        at_finance = self.held("margin")
        self.approve(at_finance, by=self.rita)
        self.assertEqual(self.found(self.rita), at_desk)
        self.assertEqual(self.found(self.fiona), at_desk + own + at_finance)
        self.assertFalse(self.found(self.max))
        self.assertFalse(self.found(self.sally))
        for user in (self.rita, self.fiona, self.max, self.sally):
            for order in at_desk + own + at_finance:
                with self.subTest(user.login, order=order.name):
                    self.assertEqual(order.with_user(user).review_may_decide, order in self.found(user))

    def test_deadlines_have_a_colour(self):
        with self.at_time("2026-11-23 10:00:00"):
            order = self.held("address")
            step = order.sudo().review_step_id
            for deadline, due in (
                (datetime(2026, 11, 23, 9), "late"),
                (datetime(2026, 11, 23, 11), "soon"),
                (datetime(2026, 11, 24, 9), "later"),
                (False, False),
            ):
                step.deadline = deadline
                self.assertEqual(order.review_due, due)

    def test_the_order_says_who_decides_and_by_when(self):
        with self.at_time("2026-11-23 10:00:00"):
            order = self.held("address").with_context(tz="Europe/London")
            who = order.sudo().review_user_id.name
            self.assertRegex(order.review_where, rf"{who} decides \(Sales desk\), by .*11/24/26, 10:00")
        self.desk.user_ids = self.rita
        nobody = self.held("address", by=self.rita, team_id=False)
        self.assertIn("Nobody decides on it: everybody who could", nobody.review_where)

    def test_taking_over(self):
        order = self.held("address")
        other = (self.rita + self.fiona) - order.sudo().review_user_id
        order.with_user(other).action_review_take_over()
        self.assertEqual(order.sudo().review_user_id, other)
        self.assertIn("taken_over", self.events(order))
        for user in (self.sally, self.mona, self.max):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.rpc(user, order, "action_review_take_over")

    def test_who_else_has_it_open(self):
        order, next_one = self.held("address"), self.held("address")
        self.assertEqual(self.rpc(self.rita, order, "review_look"), [])
        self.assertEqual(self.rpc(self.fiona, order, "review_look"), ["Rita"])
        self.assertEqual(order.with_user(self.rita).review_looking, "Fiona")
        self.rpc(self.fiona, next_one, "review_look")
        order.invalidate_recordset()
        self.assertFalse(order.with_user(self.rita).review_looking)
        self.assertEqual(next_one.with_user(self.rita).review_looking, "Fiona")
        self.rpc(self.fiona, next_one.browse(), "review_look_away")
        next_one.invalidate_recordset()
        self.assertFalse(next_one.with_user(self.rita).review_looking)
        for user in (self.sally, self.mona, self.carla):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.rpc(user, order, "review_look")

    def test_somebody_not_heard_of_has_left(self):
        order = self.held("address")
        with self.at_time("2026-11-23 10:00:00"):
            self.rpc(self.fiona, order, "review_look")
        with self.at_time("2026-11-23 10:01:00"):
            self.assertEqual(order.with_user(self.rita).review_looking, "Fiona")
        with self.at_time("2026-11-23 10:02:00"):
            order.invalidate_recordset()
            self.assertFalse(order.with_user(self.rita).review_looking)

    def test_the_queue_costs_the_same_however_long_it_is(self):
        view = self.env.ref("order_processing.sale_order_view_list_review")
        arch = etree.fromstring(self.env["sale.order"].get_view(view.id)["arch"])
        many2one = {"partner_id", "review_stage_id", "review_user_id", "user_id", "company_id", "currency_id"}
        specification = {
            node.get("name"): {"fields": {"display_name": {}}} if node.get("name") in many2one else {}
            for node in arch.iter("field")
        }
        orders = self.env["sale.order"].with_user(self.rita)

        def queries(limit):
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            found = orders.web_search_read([("review_may_decide", "=", True)], specification, limit=limit)
            self.assertEqual(len(found["records"]), limit)
            orders.review_desk_counters()
            return self.env.cr.sql_log_count - start

        for _n in range(20):
            self.held("address")
        queries(2)
        self.assertEqual(queries(2), queries(20))


@tagged("post_install", "-at_install")
class TestDecidingOnMany(ReviewDeskCase):
    """What the wizard says it will do, and does."""

    def test_twenty_at_once_one_of_them_refused(self):
        orders = self.env["sale.order"].union(*(self.held("address") for _n in range(20)))
        refused = orders[7]
        wizard = self.decide_in_wizard(
            orders,
            "approve",
            self.rita,
            "They collect.",
            **{refused.name: ("refuse", "We do not deliver there.")},
        )
        self.assertEqual(
            wizard.summary.splitlines(),
            [
                "19 × Confirmed (£\xa0703.00)",
                "1 × Refused: it stops, and the customer is told why (£\xa037.00)",
            ],
        )
        wizard.action_decide()
        self.assertConfirmed(orders - refused, "approved")
        self.assertEqual((refused.state, refused.review_state), ("sent", "refused"))
        self.assertEqual(refused.sudo().review_decision_ids.reason, "We do not deliver there.")
        self.assertEqual(
            set((orders - refused).sudo().review_decision_ids.mapped("reason")), {"They collect."}
        )

    def test_what_is_not_mine_is_left_and_named(self):
        own, other = self.held("address", by=self.rita), self.held("address")
        wizard = self.decide_in_wizard(own + other, "approve", self.rita)
        self.assertEqual(wizard.line_ids.mapped("decision"), ["leave", "approve"])
        report = wizard.action_decide()
        self.assertIn(f"{own.name} is yours", report["params"]["message"])
        self.assertOpen(own)
        self.assertConfirmed(other, "approved")

    def test_where_each_goes_is_said_before(self):
        self.management.amount_from = 500
        orders = self.held("address") + self.held("address", pieces=40) + self.held("margin")
        orders += self.confirmed_order()
        orders[3].order_line.product_uom_qty = 3
        wizard = self.decide_in_wizard(orders[:3], "approve", self.rita)
        self.assertEqual(
            wizard.line_ids.mapped("outcome"),
            [
                "Confirmed",
                "Approved here, goes on to Management",
                "Approved here, goes on to Finance",
            ],
        )
        paid = self.quotation(self.corner_shop)
        paid.sudo()._validate_order()
        self.assertEqual(
            paid.with_user(self.rita)._approve_outcomes()[paid.id],
            "Confirmed, and the customer gets the confirmation",
        )
        self.desk.approvals = 2
        two = self.held("address")
        self.assertIn("still needed: 1", two.with_user(self.rita)._approve_outcomes()[two.id])

    def test_one_that_cannot_be_confirmed_does_not_stop_the_others(self):
        bad, good = self.held("address"), self.held("address")
        self.env["sale.order.line"].sudo().create(
            {"order_id": bad.id, "name": "Something", "product_uom_qty": 0}
        )
        report = self.decide_in_wizard(bad + good, "approve", self.rita).action_decide()
        self.assertConfirmed(good, "approved")
        self.assertEqual(bad.state, "sent")
        self.assertIn(bad.name, report["params"]["message"])

    def test_a_change_is_asked_for_of_many(self):
        orders = self.held("address") + self.held("address")
        self.decide_in_wizard(orders, "request_change", self.rita, "The post code, please.").action_decide()
        self.assertEqual(orders.mapped("review_state"), ["changes_requested"] * 2)
        self.assertEqual(orders.sudo().review_step_ids.mapped("state"), ["paused"] * 2)

    def test_decided_meanwhile_it_is_said(self):
        order = self.held("address")
        wizard = self.decide_in_wizard(order, "approve", self.rita)
        self.approve(order, by=self.fiona)
        with self.assertRaises(UserError):
            wizard.action_decide()
        self.assertEqual(len(order.sudo().review_decision_ids), 1)


@tagged("post_install", "-at_install")
class TestTheSheet(ReviewDeskCase):
    """Everything one needs to decide, on one page."""

    def sheet(self, order, user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        return order.with_user(user or self.rita)._review_sheet()

    def test_each_line_against_list_and_stock(self):
        order = self.quotation(lines=[(self.lantern, 130, 17.0), (self.mug, 5), (self.wrapping, 1)])
        order.action_submit()
        lantern, mug, wrapping = self.sheet(order)["lines"]
        self.assertEqual((lantern["list_price"], round(lantern["off"], 1)), (18.5, -8.1))
        self.assertEqual((lantern["free"], lantern["short"]), (120, 10))
        self.assertEqual((mug["off"], mug["free"], mug["short"]), (0.0, 400, 0))
        self.assertIsNone(wrapping["free"])

    def test_what_is_usual_and_last_paid(self):
        for pieces in (2, 3, 4, 3, 2, 3):
            self.confirmed_order(lines=[(self.lantern, pieces)])
        self.env["order.review.habit"]._learn()
        (line,) = self.sheet(self.held("price", pieces=50))["lines"]
        self.assertEqual(line["usual"], (2, 3))
        self.assertEqual(line["paid"], 18.5)

    def test_money(self):
        self.company.account_use_credit_limit = True
        self.customer.credit_limit = 100
        invoice = self.confirmed_order(lines=[(self.lantern, 4)]).sudo()._create_invoices()
        invoice.invoice_date = invoice.invoice_date_due = fields.Date.today() - timedelta(days=60)
        invoice.invoice_payment_term_id = False
        invoice.action_post()
        money = self.sheet(self.held("price", pieces=10))["money"]
        self.assertEqual((money["amount"], money["margin"]), (170.0, 77.5))
        self.assertAlmostEqual(money["margin_percent"], 45.6, 1)
        self.assertEqual(
            (money["due"], money["overdue"], money["limit"], money["after"]), (74.0, 74.0, 100.0, 244.0)
        )

    def test_the_customer_at_a_glance(self):
        for pieces in (2, 4):
            self.confirmed_order(lines=[(self.lantern, pieces)])
        cancelled = self.confirmed_order()
        cancelled.action_cancel()
        customer = self.sheet(self.held("price"))["customer"]
        self.assertEqual((customer["orders"], customer["year_orders"], customer["cancelled"]), (2, 2, 1))
        self.assertEqual((customer["year_amount"], customer["average"]), (111.0, 55.5))

    def test_orders_like_this_one(self):
        both = self.confirmed_order(lines=[(self.lantern, 2), (self.mug, 2)])
        one = self.confirmed_order(lines=[(self.mug, 2), (self.wrapping, 1)])
        self.confirmed_order(lines=[(self.wrapping, 1)])
        self.confirmed_order(
            self.env["res.partner"].create(
                {**self.customer.copy_data()[0], "name": "Other", "email": "o@example.com"}
            )
        )
        order = self.quotation(lines=[(self.lantern, 2, 17.0), (self.mug, 1)])
        order.action_submit()
        sheet = self.sheet(order)
        self.assertEqual(
            [(o.name, shared) for o, shared in sheet["similar"]], [(both.name, 2), (one.name, 1)]
        )
        self.assertEqual(len(sheet["recent"]), 3)

    def test_it_is_drawn_and_nothing_in_it_runs(self):
        self.corner_shop.name = "<script>alert(1)</script> & Sons"
        order = self.held("address")
        html = order.with_user(self.rita).review_sheet_html
        self.assertNotIn("<script>", html)
        self.assertIn("What each button does", html)
        self.assertIn("Confirmed", html)

    def test_it_is_for_reviewers(self):
        order = self.held("address")
        for user in (self.sally, self.mona, self.carla):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.rpc(user, order, "read", ["review_sheet_html"])

    def test_it_costs_the_same_for_forty_lines(self):
        def queries(number):
            products = [self.product(f"P{number}-{n}", 10, stock=5) for n in range(number)]
            order = self.quotation(self.corner_shop, [(product, 1) for product in products])
            order.action_submit()
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            order.with_user(self.rita)._review_sheet()
            return self.env.cr.sql_log_count - start

        queries(1)
        self.assertLessEqual(queries(30), queries(3) + 3)
