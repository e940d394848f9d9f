from datetime import datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_dispatch import DispatchCase


@tagged("post_install", "-at_install")
class TestDispatchRoutes(DispatchCase):
    """Which route serves an address, and when it departs."""

    # ---------------------------------------------------------------- who serves what
    def test_the_route_that_says_most_serves(self):
        west = self.route("West", days="3", zip_ranges="M1-M9, BS")
        friends = self.route("Friends", days="2", partner_ids=[Command.set(self.neighbour.ids)])
        home, away = self.transfer(), self.transfer(partner=self.shop)
        ned = self.transfer(partner=self.neighbour)
        self.plan()
        self.assertEqual((home.dispatch_route_id, away.dispatch_route_id), (self.north, west))
        self.assertEqual(ned.dispatch_route_id, friends)
        self.assertEqual(away.departure_id.departs_at, self.at(3))

    def test_nobody_serves_it(self):
        self.north.country_ids = self.env.ref("base.fr")
        transfer = self.transfer()
        self.plan()
        self.assertEqual((transfer.dispatch_code, transfer.departure_id.id), ("no_route", False))
        self.assertIn("No delivery route", transfer.dispatch_reason)
        self.assertFalse(transfer.batch_id)

    def test_by_its_carrier(self):
        product = self.product("POST", 4.0, type="service", is_storable=False)
        post, van = self.env["delivery.carrier"].create(
            [{"name": name, "product_id": product.id, "fixed_price": 4} for name in ("Post", "Van")]
        )
        by_van = self.route("Van", carrier_ids=[Command.set(van.ids)])
        by_post = self.route(
            "Post", carrier_ids=[Command.set(post.ids)], country_ids=self.env.ref("base.fr").ids
        )
        transfer = self.transfer()
        transfer.carrier_id = van
        self.north.active = False
        self.plan()
        self.assertEqual(transfer.dispatch_route_id, by_van)
        transfer.carrier_id = post
        by_post.country_ids = self.gb
        by_van.active = False
        self.plan()
        self.assertEqual(transfer.dispatch_route_id, by_post)
        transfer.carrier_id = van
        self.plan()
        self.assertEqual(transfer.dispatch_code, "no_route_carrier")

    # ---------------------------------------------------------------- what may be entered
    def test_what_cannot_be_is_said(self):
        other = self.env["res.company"].create({"name": "Others"})
        stranger = self.env["res.partner"].create({"name": "Stranger", "company_id": other.id})
        second = self.env["stock.warehouse"].create({"name": "Second", "code": "SEC"})
        self.transfer()
        self.plan()
        for values, words in (
            ({"zip_ranges": "20-19"}, '"20-19" is not a postal code'),
            ({"zip_ranges": "20-21, 5-"}, '"5-" is not a postal code'),
            ({"state_ids": self.env.ref("base.state_us_1")}, "none of its countries"),
            ({"partner_ids": stranger}, "another company"),
            ({"warehouse_id": second.id}, "other warehouse"),
        ):
            with self.assertRaises(ValidationError, msg=words) as refused:
                self.north.write(values)
            self.assertIn(words, str(refused.exception))
        for record, values in (
            (self.north.slot_ids[0], {"cut_off": 17}),
            (self.north.slot_ids[0], {"departs_at": 24}),
            (self.north, {"max_parcels": -1}),
            (self.departure(1), {"max_weight": -1}),
            (self.departure(1), {"cut_off_at": self.at(1, 17)}),
        ):
            with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                record.write(values)
                self.env.flush_all()

    # ---------------------------------------------------------------- two weeks ahead
    def test_departures_are_known_two_weeks_ahead(self):
        self.assertEqual(len(self.north.departure_ids), 11)
        with freeze_time(self.at(1, 8)):
            self.plan()
            self.assertEqual(len(self.north.departure_ids), 12)
            self.plan()
            self.assertEqual(len(self.north.departure_ids), 12)

    def test_they_follow_the_route_unless_somebody_decided(self):
        self.departure(1).with_user(self.env.ref("base.user_admin")).max_parcels = 7
        self.transfer()
        self.plan()
        self.departure(0).batch_ids.dispatch_release()
        tuesday, monday = self.north.slot_ids[1], self.north.slot_ids[0]
        (tuesday | monday).write({"departs_at": 18, "cut_off": 17, "max_parcels": 40})
        self.assertEqual(self.departure(0).departs_at, self.at(0), "work for it has begun")
        self.assertEqual((self.departure(1).departs_at, self.departure(1).max_parcels), (self.at(1), 7))
        self.assertEqual((self.departure(7).departs_at, self.departure(7).max_parcels), (self.at(7, 18), 40))
        tuesday.unlink()
        self.assertTrue(self.departure(1))
        self.assertFalse(self.departure(8))

    def test_an_archived_route_departs_no_more(self):
        transfer = self.transfer()
        self.plan()
        wave = transfer.batch_id
        self.north.active = False
        self.assertFalse(self.north.departure_ids)
        self.assertFalse(wave.exists())
        self.plan()
        self.assertEqual(transfer.dispatch_code, "no_route")

    def test_a_departure_with_work_on_it_is_not_deleted(self):
        self.transfer()
        self.plan()
        self.departure(0).batch_ids.dispatch_release()
        with self.assertRaisesRegex(UserError, "cannot be deleted"):
            self.departure(0).unlink()

    def test_nothing_departs_on_a_holiday(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Bank holiday",
                "calendar_id": self.company.resource_calendar_id.id,
                "date_from": self.at(0, 8),
                "date_to": self.at(0, 17),
                "resource_id": False,
            }
        )
        transfer = self.transfer()
        self.plan()
        self.assertFalse(self.departure(0))
        self.assertLeaves(transfer, 1)

    def test_in_the_zone_of_the_warehouse(self):
        self.company.resource_calendar_id.tz = "Europe/London"
        with freeze_time(datetime(2027, 3, 26, 6)):  # on Sunday the clocks go forward
            self.plan()
            leaves = self.north.departure_ids.filtered(lambda one: one.departs_at.month > 2).mapped(
                "departs_at"
            )
        self.assertIn(datetime(2027, 3, 26, 16), leaves)
        self.assertIn(datetime(2027, 3, 29, 15), leaves)

    def test_when_it_leaves_is_said_in_short(self):
        self.assertEqual(self.north.slot_summary, "Mon, Tue, Wed, Thu, Fri 16:00")


@tagged("post_install", "-at_install")
class TestDispatchAction(DispatchCase):
    """The scheduled action: what wakes it, what it leaves alone, what happens when it is interrupted."""

    @property
    def triggers(self):
        self.env.flush_all()
        self.env.cr.precommit.run()
        cron = self.env.ref("order_processing.ir_cron_plan_dispatch")
        return self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])

    def run_action(self):
        with self.without_commits():
            self.env["order.dispatch.departure"]._cron_plan()
        self.env.invalidate_all()

    def test_what_changes_wakes_it(self):
        transfer = self.transfer()
        changes = [
            lambda: self.transfer(partner=self.shop),
            lambda: transfer.sale_id.write({"urgency": "urgent"}),
            lambda: transfer.write({"priority": "1"}),
            lambda: transfer.do_unreserve(),
            lambda: transfer.with_user(self.wes).dispatch_hold("Wet"),
            lambda: self.company.write({"dispatch_join_days": 2}),
        ]
        for change in changes:
            self.triggers.unlink()
            change()
            self.assertEqual(len(self.triggers), 1)
        self.triggers.unlink()
        self.plan()
        self.assertFalse(self.triggers, "its own work does not")

    def test_nobody_is_woken_where_nothing_is_planned(self):
        self.company.dispatch_mode = "off"
        self.triggers.unlink()
        self.transfer()
        self.assertFalse(self.triggers)

    def test_the_urgent_do_not_wait(self):
        self.triggers.unlink()
        self.transfer()
        self.assertEqual(self.triggers.call_at, self.at(0, 9) + timedelta(seconds=20))
        self.triggers.unlink()
        order = self.transfer().sale_id
        self.triggers.unlink()
        order.urgency = "urgent"
        self.assertEqual(self.triggers.call_at, self.at(0, 9))

    def test_one_warehouse_that_fails_stops_no_other(self):
        second = self.env["stock.warehouse"].create({"name": "Second", "code": "SEC"})
        transfer = self.transfer()
        planned = type(self.env["order.dispatch.departure"])._plan

        def fail(model, warehouse):
            if warehouse == second:
                raise ValueError("broken")
            return planned(model, warehouse)

        with (
            patch.object(type(self.env["order.dispatch.departure"]), "_plan", fail),
            patch.object(self.env.cr, "rollback"),
            mute_logger("odoo.addons.order_processing.models.order_dispatch_plan"),
        ):
            self.run_action()
        self.assertLeaves(transfer, 0)

    def test_what_a_packer_is_at_is_left_until_the_next_run(self):
        transfer, other = self.transfer(), self.transfer(partner=self.shop)
        Picking = type(self.env["stock.picking"])
        lock = Picking.try_lock_for_update

        def busy(pickings, **options):
            return lock(pickings - transfer, **options)

        with patch.object(Picking, "try_lock_for_update", busy):
            self.plan()
        self.assertFalse(transfer.departure_id or transfer.batch_id)
        self.assertLeaves(other, 0)
        self.plan()
        self.assertLeaves(transfer, 0)

    def test_interrupted_anywhere_the_next_run_makes_it_right(self):
        """Killed, a transaction leaves nothing; whatever part of it stood, the next run completes it."""
        transfers = self.transfer(), self.transfer(partner=self.shop)
        Waves = "odoo.addons.order_processing.models.order_dispatch_plan.Waves.carry_out"
        with patch(Waves, side_effect=KeyboardInterrupt), self.assertRaises(KeyboardInterrupt):
            self.plan()
        self.assertFalse(transfers[0].batch_id)
        self.plan()
        self.assertEqual(len({transfer.batch_id for transfer in transfers}), 1)
        self.assertTrue(transfers[0].batch_id)
        self.assertEqual(self.plan(), 0)

    def test_each_company_by_itself(self):
        other = self.env["res.company"].create(
            {"name": "Others", "dispatch_mode": "plan", "currency_id": self.currency.id}
        )
        place = self.env["stock.warehouse"].search([("company_id", "=", other.id)], limit=1)
        theirs = self.route("Theirs", warehouse_id=place.id)
        self.put_in_stock(self.mug, 5, place.lot_stock_id)
        order = (
            self.env["sale.order"]
            .with_company(other)
            .create(
                {
                    "partner_id": self.customer.id,
                    "company_id": other.id,
                    "warehouse_id": place.id,
                    "order_line": [Command.create({"product_id": self.mug.id, "product_uom_qty": 1})],
                }
            )
        )
        order.action_confirm()
        ours = self.transfer((self.mug, 1))
        self.run_action()
        self.assertLeaves(ours, 0)
        self.assertEqual(order.picking_ids.departure_id.route_id, theirs)
        self.assertEqual(order.picking_ids.batch_id.company_id, other)
        self.assertFalse(ours.dispatch_join_key, "another company's goods are no neighbours")
