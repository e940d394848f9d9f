from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import OrderProcessingCase

ALL_ROLES = ",".join(
    [
        "order_processing.group_order_processing_reviewer",
        "order_processing.group_order_processing_warehouse",
        "sales_team.group_sale_manager",
        "stock.group_stock_manager",
        "base.group_system",
    ]
)


class AccessCase(OrderProcessingCase):
    def records_of(self, order):
        """Return what hangs on an order that was held, approved and shipped."""
        order = order.sudo()
        return [
            order._events(),
            order.review_finding_ids,
            order.review_decision_ids,
            order.shipment_ids,
        ]

    def shipped_order(self, by):
        order = self.held_quotation(by=by)
        self.approve(order)
        self.ship(order)
        self.assertEqual([len(records) > 0 for records in self.records_of(order)], [True] * 4)
        return order

    def assertSees(self, user, records):
        self.env.invalidate_all()
        found = records.with_user(user).search([("id", "in", records.ids)])
        self.assertEqual(found.ids, records.sorted().ids)
        self.assertEqual(len(self.rpc(user, records, "read", ["display_name"])), len(records))

    def assertSeesNothing(self, user, records):
        self.env.invalidate_all()
        self.assertFalse(records.with_user(user).search([("id", "in", records.ids)]))
        with self.assertRaises(AccessError):
            self.rpc(user, records, "read", ["display_name"])


@tagged("post_install", "-at_install")
class TestOwnOrders(AccessCase):
    """Salespeople with their own orders only see what hangs on these; others see all of the company."""

    def test_of_own_orders_everything(self):
        for records in self.records_of(self.shipped_order(self.paul)):
            with self.subTest(records._name):
                self.assertSees(self.paul, records)

    def test_of_the_orders_of_others_nothing(self):
        for records in self.records_of(self.shipped_order(self.sally)):
            with self.subTest(records._name):
                self.assertSeesNothing(self.paul, records)

    def test_of_orders_that_are_nobodys_everything(self):
        order = self.shipped_order(self.sally)
        order.sudo().user_id = False
        for records in self.records_of(order):
            with self.subTest(records._name):
                self.assertSees(self.paul, records)

    def test_reviewers_and_managers_see_all(self):
        order = self.shipped_order(self.paul)
        for user in (self.rita, self.mona):
            for records in self.records_of(order):
                with self.subTest(user.login, model=records._name):
                    self.assertSees(user, records)

    def test_the_warehouse_sees_all_parcels_and_no_decisions(self):
        *others, shipments = self.records_of(self.shipped_order(self.paul))
        self.assertSees(self.wes, shipments)
        for records in others:
            with self.subTest(records._name), self.assertRaises(AccessError):
                records.with_user(self.wes).search([])

    def test_a_strangers_parcel_cannot_be_tied_to_ones_own_order(self):
        shipment = self.shipped_order(self.sally).sudo().shipment_ids
        own = self.confirmed_order(by=self.paul)
        for records in (own, own.sudo().picking_ids):
            with self.subTest(records._name), self.assertRaises(AccessError):
                self.rpc(self.paul, records, "write", {"shipment_ids": [Command.link(shipment.id)]})
        self.assertSeesNothing(self.paul, shipment)


@tagged("post_install", "-at_install")
class TestCompanies(AccessCase):
    """Bob, who may do everything in another company, sees nothing of ours."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.elsewhere = cls.env["res.company"].create({"name": "Elsewhere Ltd"})
        cls.bob = new_test_user(
            cls.env,
            "bob",
            ALL_ROLES,
            company_id=cls.elsewhere.id,
            company_ids=[Command.set(cls.elsewhere.ids)],
        )

    def test_nothing_of_another_company_is_seen(self):
        order = self.shipped_order(self.sally)
        channel = self.channel_of(self.company)
        chain = self.env["order.event.chain"]._for_company(self.company)
        for records in (order.sudo(), *self.records_of(order), channel, chain):
            with self.subTest(records._name):
                self.assertSeesNothing(self.bob, records)

    def test_nothing_of_another_company_is_decided_shipped_or_redacted(self):
        held, order = self.held_quotation(), self.shipped_order(self.sally)
        events = order.sudo()._events()
        calls = [
            (held, "action_submit"),
            (held, "action_confirm"),
            (held, "action_review_approve"),
            (order.sudo().shipment_ids, "action_delivered"),
            (events, "action_redact", "because"),
            (self.env["order.event.chain"]._for_company(self.company), "action_check"),
        ]
        for records, method, *args in calls:
            with self.subTest(records._name, method=method), self.assertRaises(AccessError):
                self.rpc(self.bob, records, method, *args)
        self.assertOpen(held)
        self.assertFalse(any(events.mapped("redacted")))

    def test_a_parcel_number_of_another_company_is_unknown(self):
        order = self.shipped_order(self.sally)
        order.sudo().shipment_ids.tracking_number = "P-1"
        with self.assertRaisesRegex(UserError, "no parcel with the tracking number P-1"):
            self.rpc(self.bob, self.env["order.shipment"], "set_status", "P-1", "delivered")

    def test_an_order_does_not_come_from_another_companys_channel(self):
        channel = self.channel_of(self.elsewhere)
        with self.assertRaises(UserError):
            self.quotation().sudo().channel_id = channel
        with self.assertRaises(AccessError):
            self.rpc(self.sally, channel, "read", ["name"])

    def test_a_channel_code_means_ones_own_companys_channel(self):
        ours, theirs = self.channel_of(self.company), self.channel_of(self.elsewhere)
        channels = self.env["order.channel"]
        self.assertEqual(channels._for_code("shop", self.company), ours)
        self.assertEqual(channels._for_code("shop", self.elsewhere), theirs)

    def test_the_review_mode_of_the_orders_company_counts(self):
        self.elsewhere.review_mode = "observe"
        self.sally.company_ids += self.elsewhere
        both = (self.elsewhere + self.company).ids
        orders = self.env["sale.order"].with_user(self.sally).with_context(allowed_company_ids=both)
        here, there = (
            orders.create({"partner_id": self.corner_shop.id, "company_id": company.id})
            for company in (self.company, self.elsewhere)
        )
        (here + there).action_submit()
        self.assertEqual((here.state, there.state), ("sent", "sale"))

    def channel_of(self, company):
        return self.env["order.channel"].create({"name": "Shop", "code": "shop", "company_id": company.id})
