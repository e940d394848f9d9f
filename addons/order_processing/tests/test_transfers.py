from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Datetime
from odoo.tests import tagged

from odoo.addons.base.models.ir_cron import IrCron

from ..engine.promise import Lead
from ..models.promise_facts import PromiseFacts
from .common_sourcing import SourcingCase


class TransferCase(SourcingCase):
    """Orders stay with London; what they wait for lies in Leeds."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.sourcing_mode = "off"

    @classmethod
    def look(cls):
        cls.env["order.transfer.proposal"].with_user(cls.wes).action_look()
        return cls.proposals()

    @classmethod
    def proposals(cls):
        return cls.env["order.transfer.proposal"].search([("product_id", "in", (cls.kettle + cls.bowl).ids)])

    @staticmethod
    def rows(proposals):
        return [
            (one.product_id.default_code, one.quantity, one.source_id.name, one.target_id.name, one.state)
            for one in proposals
        ]


@tagged("post_install", "-at_install")
class TestProposedTransfers(TransferCase):
    def test_what_customers_wait_for_and_others_can_spare(self):
        first, second = self.order((self.kettle, 3)), self.order((self.kettle, 4))
        proposal = self.look()
        self.assertEqual(self.rows(proposal), [("KETTLE", 7, "Leeds", "London", "open")])
        self.assertEqual(proposal.order_ids, first + second)
        self.assertEqual(
            proposal.reason, "Customers wait for it, and it cannot be bought. Days on the way: 1"
        )

    def test_not_what_leeds_needs_itself_or_keeps_at_least(self):
        self.env["stock.warehouse.orderpoint"].create(
            {
                "product_id": self.kettle.id,
                "warehouse_id": self.leeds.id,
                "location_id": self.leeds.lot_stock_id.id,
                "product_min_qty": 15,
                "product_max_qty": 20,
                "trigger": "manual",
            }
        )
        own = self.quotation(lines=[(self.kettle, 2)], warehouse_id=self.leeds.id)
        self.company.reservation_mode = "queued"
        self.submit(own)
        self.order((self.kettle, 9))
        self.assertEqual(self.rows(self.look()), [("KETTLE", 3, "Leeds", "London", "open")])

    def test_not_what_lies_in_london_or_is_about_to_come(self):
        self.company.reservation_mode = "queued"
        self.order((self.bowl, 6))
        self.order((self.kettle, 3))
        self.receipt(self.kettle, 3, days=1)
        self.assertFalse(self.look())

    def test_sooner_than_a_receipt_on_its_way(self):
        self.order((self.kettle, 3))
        self.receipt(self.kettle, 3, days=9)
        self.assertRegex(self.look().reason, "Days until it is there: 1, otherwise [89]")

    def test_sooner_than_the_vendor_and_what_both_cost(self):
        self.env["order.freight.zone"].search([]).rate_ids.transit_days = 3
        self.london.partner_id.country_id = self.gb
        self.company.promise_planning_days = 0  # ordered today, where purchasing says how long it takes
        self.kettle.seller_ids = [
            Command.create({"partner_id": self.corner_shop.id, "delay": 12, "price": 8.0})
        ]
        self.order((self.kettle, 3))
        self.assertRegex(
            self.look().reason, "Days until it is there: 3, for £.6.00; otherwise 12, for £.24.00"
        )
        self.kettle.seller_ids.delay = 1
        self.kettle.seller_ids.price = 1.0
        self.assertFalse(self.look(), "buying is sooner now: the proposal is gone")

    def test_looked_at_again_the_same_is_kept_and_what_is_past_disappears(self):
        order = self.order((self.kettle, 3))
        proposal = self.look()
        self.order((self.kettle, 1))
        self.assertEqual(self.look(), proposal)
        self.assertEqual(proposal.quantity, 4)
        order.with_user(self.mona)._action_cancel()
        self.look()
        self.assertEqual(proposal.quantity, 1)
        self.put_in_stock(self.kettle, 5)
        self.assertFalse(self.look())

    def test_what_comes_in_for_one_order_alone_or_back_from_a_customer_helps_nobody(self):
        order = self.order((self.kettle, 3))
        self.receipt(self.kettle, 3, days=1).move_ids.location_id = self.env.ref(
            "stock.stock_location_customers"
        )
        other = self.order((self.kettle, 2)).sudo().order_line.move_ids
        other.procure_method = "make_to_order"
        self.receipt(self.kettle, 2, days=1).move_ids.move_dest_ids = other
        self.assertEqual(self.rows(self.look()), [("KETTLE", 3, "Leeds", "London", "open")])
        self.assertEqual(self.proposals().order_ids, order)

    def test_sooner_than_ordering_it_as_dates_are_promised(self):
        self.order((self.kettle, 3))
        lead = Lead(timedelta(days=5), timedelta(days=4))
        with patch.object(PromiseFacts, "lead", lambda facts, pool: lead):
            self.assertRegex(self.look().reason, "Days until it is there: 1, .*otherwise 5")
            found = self.kettle._order_availability(self.london, with_lead=True)
        self.assertEqual(found[self.kettle.id, self.london.id].lead_days, 5)
        self.assertIsNone(
            self.kettle._order_availability(self.london)[self.kettle.id, self.london.id].lead_days
        )

    def test_by_the_clock(self):
        self.order((self.kettle, 3))

        def commit_progress(cron, processed=0, *, remaining=None, deactivate=False):
            return float("inf")

        with patch.object(IrCron, "_commit_progress", commit_progress):
            self.env["order.transfer.proposal"]._cron_propose()
        self.assertEqual(self.rows(self.proposals()), [("KETTLE", 3, "Leeds", "London", "open")])

    def test_never_across_companies(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        house = self.env["stock.warehouse"].search([("company_id", "=", other.id)], limit=1)
        self.put_in_stock(self.blanket, 100, house.lot_stock_id)
        self.order((self.blanket, 3))
        self.look()
        self.assertFalse(self.env["order.transfer.proposal"].search([("product_id", "=", self.blanket.id)]))

    def receipt(self, product, quantity, days):
        type_ = self.london.in_type_id
        move = {
            "product_id": product.id,
            "product_uom_qty": quantity,
            "location_id": self.env.ref("stock.stock_location_suppliers").id,
            "location_dest_id": self.london.lot_stock_id.id,
            "date": Datetime.add(Datetime.now(), days=days),
        }
        picking = self.env["stock.picking"].create(
            {
                "picking_type_id": type_.id,
                "location_id": move["location_id"],
                "location_dest_id": move["location_dest_id"],
                "scheduled_date": move["date"],
                "move_ids": [Command.create(move)],
            }
        )
        picking.action_confirm()
        return picking


@tagged("post_install", "-at_install")
class TestMakingTransfers(TransferCase):
    def test_one_click_makes_it_and_the_order_gets_its_goods(self):
        order = self.order((self.kettle, 3))
        proposal = self.look()
        action = proposal.with_user(self.wes).action_make_transfer()
        picking = proposal.picking_id
        self.assertEqual(action["res_id"], picking.id)
        self.assertEqual((picking.state, picking.origin), ("assigned", order.name))
        arriving = picking.move_ids.move_dest_ids.picking_id
        self.assertEqual((picking.location_id, arriving.state), (self.leeds.lot_stock_id, "waiting"))
        self.assertEqual(arriving.location_dest_id, self.london.lot_stock_id)
        self.assertEqual(picking.location_dest_id, arriving.location_id)
        self.assertEqual((proposal.state, proposal.made_by_id), ("made", self.wes))
        self.assertIn("transfer_made", self.events(order))
        self.assertEqual(self.rows(self.look()), [("KETTLE", 3, "Leeds", "London", "made")], "not twice")
        for one in (picking, arriving):
            one.with_user(self.wes).move_ids.picked = True
            one.with_user(self.wes).button_validate()
        self.run_allocator()
        self.assertEqual(self.set_aside(order), [3])
        self.assertAddsUp(self.kettle)

    def test_it_leaves_now_and_arrives_after_the_days_on_the_way(self):
        self.env["order.freight.zone"].search([]).rate_ids.transit_days = 9
        self.london.partner_id.country_id = self.gb
        self.order((self.kettle, 3))
        proposal = self.look()
        proposal.with_user(self.wes).action_make_transfer()
        leaving = proposal.picking_id.move_ids
        today = Datetime.now().date()
        self.assertEqual((leaving.date.date() - today).days, 0)
        self.assertEqual((leaving.move_dest_ids.date.date() - today).days, 9)
        found = self.kettle._order_availability(self.london)[self.kettle.id, self.london.id]
        self.assertEqual((found.next_date.date() - today).days, 9)

    def test_gone_since_it_was_proposed(self):
        self.order((self.kettle, 3))
        proposal = self.look()
        self.put_in_stock(self.kettle, -18, self.leeds.lot_stock_id)
        with self.assertRaisesRegex(UserError, "Leeds has 2 Units of .* free by now, not 3"):
            proposal.with_user(self.wes).action_make_transfer()
        self.assertEqual(proposal.state, "open")

    def test_several_at_once_go_together(self):
        self.order((self.kettle, 3))
        self.order((self.bowl, 8))
        proposals = self.look()
        self.assertEqual(len(proposals), 2)
        proposals.with_user(self.wes).action_make_transfer()
        self.assertEqual(len(proposals.picking_id), 1)
        self.assertEqual(sorted(proposals.picking_id.move_ids.mapped("product_uom_qty")), [2, 3])

    def test_by_the_resupply_route_where_there_is_one(self):
        self.london.resupply_wh_ids = self.leeds
        self.order((self.kettle, 3))
        proposal = self.look()
        proposal.with_user(self.wes).action_make_transfer()
        picking = proposal.picking_id
        self.assertEqual((picking.picking_type_id, picking.state), (self.leeds.out_type_id, "assigned"))
        self.assertEqual(picking.location_dest_id.usage, "transit")
        following = picking.move_ids.move_dest_ids
        self.assertEqual(following.location_dest_id, self.london.lot_stock_id)
        self.assertEqual(self.rows(self.look()), [("KETTLE", 3, "Leeds", "London", "made")])

    def test_made_once(self):
        self.order((self.kettle, 3))
        proposal = self.look()
        proposal.with_user(self.wes).action_make_transfer()
        with self.assertRaisesRegex(UserError, "made already"):
            proposal.with_user(self.wes).action_make_transfer()

    def test_only_the_warehouse(self):
        self.order((self.kettle, 3))
        proposal = self.look()
        for user in (self.carla, self.sally, self.mona, self.anna):
            with self.subTest(user.login):
                for method in ("action_make_transfer", "action_open_transfer", "action_look"):
                    with self.assertRaises(AccessError):
                        self.rpc(user, proposal, method)
