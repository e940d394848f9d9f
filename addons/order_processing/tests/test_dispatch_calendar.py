from datetime import datetime
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common_dispatch import DispatchCase


@tagged("post_install", "-at_install")
class TestDispatchCalendar(DispatchCase):
    """The departures of two weeks, however routes, clocks, holidays and people change."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.boss = new_test_user(cls.env, "boss", "stock.group_stock_manager")

    def times(self, route, first=4):
        departures = route.departure_ids.sorted("departs_at")
        return [one.departs_at.strftime("%a %H:%M") for one in departures][:first]

    def change(self, departure, **vals):
        departure.with_user(self.boss).write(vals)
        self.env.flush_all()

    def holiday(self, day):
        return self.env["resource.calendar.leaves"].create(
            {
                "name": "Bank holiday",
                "calendar_id": self.company.resource_calendar_id.id,
                "date_from": self.at(day, 0),
                "date_to": self.at(day, 23),
                "resource_id": False,
            }
        )

    # ---------------------------------------------------------------- the clocks
    def test_the_night_the_clocks_go_forward(self):
        self.warehouse._dispatch_calendar().tz = "Europe/London"
        night = self.route("Night", days="6", cut_off=1.5, departs_at=2)
        with freeze_time(datetime(2027, 3, 20, 9)):
            self.plan()
        leaves = night.departure_ids.filtered(lambda one: one.departs_at.month > 2).sorted("departs_at")
        self.assertEqual(leaves[1].departs_at, datetime(2027, 3, 28, 1))
        self.assertEqual(leaves[1].cut_off_at, datetime(2027, 3, 28, 1))

    def test_one_route_that_fails_stops_no_other(self):
        broken = self.route("Broken", country_ids=[Command.set(self.env.ref("base.fr").ids)])
        broken.departure_ids.unlink()
        transfer = self.transfer()
        closed = type(broken)._closed

        def fail(route, now):
            if route == broken:
                self.env.cr.execute("SELECT 1 / 0")
            return closed(route, now)

        with (
            patch.object(type(broken), "_closed", fail),
            mute_logger("odoo.sql_db"),
            self.assertLogs("odoo.addons.order_processing.models.order_dispatch_calendar", "ERROR"),
            freeze_time(self.at(1, 8)),
        ):
            self.plan()
        self.assertFalse(broken.departure_ids)
        self.assertEqual(len(self.north.departure_ids), 12)
        self.assertLeaves(transfer, 1)

    # ---------------------------------------------------------------- other times
    def two_a_day(self):
        return self.env["order.dispatch.route"].create(
            {
                "name": "Two",
                "warehouse_id": self.warehouse.id,
                "slot_ids": [
                    Command.create({"weekday": "1", "cut_off": 9, "departs_at": at}) for at in (10, 14)
                ],
            }
        )

    def test_two_slots_swap_their_times(self):
        route = self.two_a_day()
        first, second = route.slot_ids.sorted("departs_at")
        of_first = route.departure_ids.filtered(lambda one: one.slot_id == first)
        route.with_user(self.boss).write(
            {
                "slot_ids": [
                    Command.update(first.id, {"departs_at": 14}),
                    Command.update(second.id, {"departs_at": 10}),
                ]
            }
        )
        self.assertEqual(self.times(route), ["Tue 10:00", "Tue 14:00", "Tue 10:00", "Tue 14:00"])
        self.assertEqual(len(route.departure_ids), 4)
        self.plan()
        self.assertEqual(self.times(route), ["Tue 10:00", "Tue 14:00", "Tue 10:00", "Tue 14:00"])
        self.assertEqual([one.departs_at.hour for one in of_first.exists()], [14, 14])

    def test_an_hour_later_where_the_next_one_left(self):
        route = self.route("Hourly", days="1234", cut_off=9, departs_at=10)
        route.slot_ids = [Command.create({"weekday": day, "cut_off": 10, "departs_at": 11}) for day in "1234"]
        number = len(route.departure_ids)
        calendar = self.warehouse._dispatch_calendar()
        for zone, hours in (("Atlantic/Azores", [11, 12]), ("Europe/Paris", [9, 10]), ("UTC", [10, 11])):
            calendar.tz = zone
            self.plan()
            self.assertEqual(sorted({one.departs_at.hour for one in route.departure_ids}), hours, zone)
            self.assertEqual(len(route.departure_ids), number)

    def test_a_departure_by_hand_in_the_way(self):
        extra = (
            self.env["order.dispatch.departure"]
            .with_user(self.boss)
            .create({"route_id": self.north.id, "departs_at": self.at(1, 18), "cut_off_at": self.at(1, 17)})
        )
        transfer = self.transfer(requested_date=False)
        self.plan()
        slots = [Command.update(slot.id, {"departs_at": 18}) for slot in self.north.slot_ids]
        self.north.with_user(self.boss).write({"slot_ids": slots})
        self.plan()
        self.assertEqual(self.departure(1), extra)
        self.assertEqual(self.times(self.north, 3), ["Mon 18:00", "Tue 18:00", "Wed 18:00"])
        self.assertLeaves(transfer, 0)

    # ---------------------------------------------------------------- moved by hand
    def test_put_off_it_leaves_once(self):
        transfer = self.transfer()
        self.plan()
        departure = self.departure(0)
        self.change(departure, departs_at=self.at(1, 8), cut_off_at=self.at(1, 7))
        for _again in range(2):
            self.plan()
            self.assertEqual(self.times(self.north, 3), ["Tue 08:00", "Tue 16:00", "Wed 16:00"])
        self.assertEqual(transfer.departure_id, departure)

    def test_brought_forward_and_gone_it_does_not_come_back(self):
        self.plan()
        departure = self.departure(0)
        self.change(departure, departs_at=self.at(0, 11), cut_off_at=self.at(0, 10))
        with freeze_time(self.at(0, 11.25)):
            departure.action_depart()
            transfer = self.transfer()
            self.plan()
            self.assertEqual(self.times(self.north, 2), ["Mon 11:00", "Tue 16:00"])
            self.assertLeaves(transfer, 1)

    def test_cancelled_and_put_elsewhere_it_does_not_come_back(self):
        departure = self.departure(1)
        self.change(departure, departs_at=self.at(2, 8), cut_off_at=self.at(2, 7))
        departure.with_user(self.boss).action_cancel_departure()
        self.plan()
        self.assertFalse(self.departure(1))

    def test_the_slot_of_a_departure_is_not_typed(self):
        for vals in ({"slot_day": self.at(3).date()}, {"is_on_holiday": True}):
            with self.assertRaises(AccessError):
                self.departure(1).with_user(self.boss).write(vals)

    # ---------------------------------------------------------------- holidays
    def test_a_holiday_where_somebody_has_decided_is_said(self):
        self.warehouse.morning_list_user_ids = self.wes
        transfer = self.transfer()
        self.plan()
        transfer.with_user(self.wes).dispatch_move(self.departure(1).id)
        holiday = self.holiday(1)
        self.holiday(2)
        for _again in range(2):
            self.plan()
        self.assertFalse(self.departure(2), "nobody has decided anything about it")
        departure = self.departure(1)
        self.assertEqual((departure.state, departure.is_on_holiday), ("planned", True))
        self.assertEqual(departure.activity_ids.user_id, self.wes)
        self.assertEqual(len(departure.activity_ids), 1)
        self.assertIn("public holiday", departure.message_ids[0].body)
        self.assertEqual(len(departure.message_ids.filtered(lambda one: "holiday" in one.body)), 1)
        holiday.unlink()
        self.plan()
        self.assertFalse(departure.is_on_holiday or departure.activity_ids)

    # ---------------------------------------------------------------- deleted
    def test_a_route_nobody_used_is_deleted(self):
        route = self.route("Unused")
        with freeze_time(self.at(2, 8)):
            self.plan()
            self.assertIn("departed", route.departure_ids.mapped("state"))
            route.with_user(self.boss).unlink()
        self.assertFalse(route.exists())

    def test_a_route_in_use_is_archived(self):
        transfer = self.transfer()
        self.plan()
        self.ship(transfer.sale_id)
        with self.assertRaisesRegex(UserError, "archive it"):
            self.north.with_user(self.boss).unlink()
        self.north.with_user(self.boss).active = False
        self.assertEqual(self.north.departure_ids, transfer.departure_id)

    def test_what_is_only_planned_is_planned_anew(self):
        transfer = self.transfer()
        self.plan()
        self.north.with_user(self.boss).unlink()
        self.plan()
        self.assertEqual((transfer.departure_id.id, transfer.dispatch_code), (False, "no_route"))
