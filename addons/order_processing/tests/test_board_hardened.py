from datetime import datetime, timedelta
from unittest.mock import patch
from zoneinfo import ZoneInfo

from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.order_processing.models import dispatch_board_lanes

from .common_board import BoardCase


@tagged("post_install", "-at_install")
class TestBoardHardened(BoardCase):
    """Nothing that is there is out of sight, and nothing is said that is not so."""

    def lane(self, board, wave):
        return next(one for one in board["lanes"] if one["batch_id"] == wave.id)

    # ---------------------------------------------------------------- looked for
    def test_found_beyond_the_cards_that_come_first(self):
        near, far = self.wave(self.north), self.wave(self.south)
        others = self.transfer((self.mug, 1), wave=near)
        wanted = self.transfer((self.mug, 1), wave=far)
        with patch.object(dispatch_board_lanes, "ALL_CARDS", 1):
            board = self.read_board(filters={"text": wanted.name})
            self.assertEqual(self.names(board), [wanted.name])
            self.assertEqual([self.lane(board, wave)["matching"] for wave in (near, far)], [0, 1])
            # What comes later is said, and how much of it.
            board = self.read_board()
            self.assertEqual(self.names(board), [others.name])
            self.assertEqual(self.lane(board, far), self.lane(board, far) | {"matching": 1, "cards": []})

    # ---------------------------------------------------------------- what leaves later
    def test_the_soonest_of_many_routes(self):
        (self.north + self.south).sudo().unlink()  # late in the evening, South leaves tomorrow
        for number in range(8):
            self.departure(f"R{number}", hours=24 * (10 - number))
        board = self.read_board()
        names = [one["name"] for one in board["departures"] if one["when"] == "next"]
        self.assertEqual(names, ["R7", "R6", "R5", "R4", "R3", "R2"])
        self.assertEqual((board["later"]["departures"], board["later"]["transfers"]), (0, 0))

    def test_what_has_no_column_is_said(self):
        soon = self.departure("Weekly", hours=48)
        later, latest, empty = (
            soon.copy({"departs_at": soon.departs_at + timedelta(days=days), "is_set_by_hand": True})
            for days in (7, 14, 21)
        )
        self.transfer(departure=soon)
        for departure in (later, later, latest):
            self.transfer(departure=departure)
        self.transfer(departure=empty).action_cancel()
        board = self.read_board()
        self.assertIn(soon.id, [one["id"] for one in board["departures"]])
        self.assertEqual(board["later"], {"departures": 2, "transfers": 3, "departs_at": later.departs_at})

    def test_left_yesterday_and_something_stayed(self):
        old = self.departure("Old", hours=-50)
        stayed = self.transfer(departure=old)
        old.sudo().state = "departed"
        board = self.read_board()
        self.assertEqual(self.names(board, departure=old), [stayed.name])

    def test_a_day_without_departures_names_the_next(self):
        (self.north + self.south).sudo().unlink()
        self.assertFalse(self.read_board()["next"])
        next_one = self.departure("Far", hours=72)
        self.departure("Farther", hours=96)
        said = {"departs_at": next_one.departs_at, "name": "Far"}
        self.assertEqual(self.read_board()["next"], said)
        day = (self.now + timedelta(days=1)).date().isoformat()
        board = self.board_model.with_user(self.wes).dispatch_board(self.warehouse.id, day)
        self.assertEqual((board["next"], board["departures"]), (said, []))
        self.departure("Today", hours=0)
        self.assertFalse(self.read_board()["next"])

    def test_today_is_the_day_of_the_warehouse(self):
        for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
            calendar = self.env["resource.calendar"].create({"name": zone, "tz": zone})
            self.company.resource_calendar_id = calendar
            self.warehouse.invalidate_recordset()
            with patch.object(type(self.warehouse), "_dispatch_zone", lambda _self, zone=zone: zone):
                self.assertEqual(self.read_board()["today"], datetime.now(ZoneInfo(zone)).date())

    # ---------------------------------------------------------------- the cards
    def test_why_there_is_no_departure(self):
        words = {
            "no_route": "No route to this address",
            "no_route_carrier": "No route with this carrier",
            "outsize": "Fits on no departure",
            "no_date": "Goods missing, no date",
            "no_departure": "No departure can take it",
            "review": "Order in review",
            False: "Not planned yet",
        }
        said = {}
        for code, text in words.items():
            transfer = self.transfer()
            transfer._write_dispatch({"dispatch_code": code})
            said[transfer.id] = text
        board = self.read_board()
        self.assertEqual({card["id"]: card["why"] for card in self.cards(board, kind="none")}, said)
        planned, held = self.transfer(departure=self.north), self.transfer()
        held.dispatch_hold("Wait")
        board = self.read_board()
        cards = {card["id"]: card["why"] for lane in board["lanes"] for card in lane["cards"]}
        self.assertEqual((cards[planned.id], cards[held.id]), (False, False))

    def test_a_delivery_in_three_steps(self):
        self.warehouse.delivery_steps = "pick_pack_ship"
        pick = self.transfer((self.mug, 1))
        kinds = self.warehouse.pick_type_id, self.warehouse.pack_type_id, self.warehouse.out_type_id
        self.assertEqual(pick.picking_type_id, kinds[0], "the others are made when it is picked")
        # Without a departure it is seen, as the step that is due, and can be put on one.
        (card,) = self.cards(self.read_board(), kind="none")
        self.assertEqual((card["id"], card["step"], card["leads"]), (pick.id, kinds[0].name, True))
        self.rpc(self.wes, pick, "dispatch_move", self.north.id)
        for number, kind in enumerate(kinds):
            open_one = pick.sale_id.picking_ids.filtered(lambda one: one.state != "done")
            self.assertEqual(open_one.picking_type_id, kind)
            if number:
                open_one._write_dispatch({"departure_id": self.north.id})
            board = self.read_board()
            cards = {card["id"]: card for card in self.cards(board, departure=self.north)}
            card = cards[open_one.id]
            step = False if kind == kinds[-1] else kind.name
            self.assertEqual((card["step"] or False, card["leads"], card["status"]), (step, True, "ready"))
            self.assertEqual(
                [one for one in cards.values() if one["leads"]], [card], "its goods go along once"
            )
            north = self.departure_of(board, self.north)
            self.assertEqual((north["counts"], north["fill"]["parcels"]), ({"ready": 1}, 1))
            open_one.move_ids.picked = True
            open_one.button_validate()
        self.assertEqual(self.departure_of(self.read_board(), self.north)["counts"], {"done": 1})

    def test_where_all_steps_are_there_the_delivery_stands_for_them(self):
        self.warehouse.delivery_steps = "pick_ship"
        pick = self.transfer((self.mug, 1))
        ship = pick.copy({"picking_type_id": self.warehouse.out_type_id.id})
        pick.move_ids.move_dest_ids = ship.move_ids
        ship.action_confirm()
        self.assertEqual([card["id"] for card in self.cards(self.read_board(), kind="none")], [ship.id])

    # ---------------------------------------------------------------- forged
    def test_forged_questions(self):
        wave = self.wave(self.north)
        transfer = self.transfer((self.mug, 1), wave=wave)
        board_model = self.board_model.with_user(self.wes)
        questions = (
            (self.warehouse.id, "garbage", None),
            (self.warehouse.id, 5, None),
            (self.warehouse.id, ["2026-01-01"], [1]),
            (self.warehouse.id, "9999-12-31", None),
            (self.warehouse.id, "0001-01-01", None),
            ("x", False, {"carrier_id": "x"}),
            ([self.warehouse.id], False, {"text": ["a"], "status": {"a": 1}, "carrier_id": [1]}),
            (self.warehouse.id, False, "text"),
            (self.warehouse.id, False, {"text": "\x00", "carrier_id": 10**30}),
        )
        for question in questions:
            with self.subTest(question):
                self.assertEqual(
                    self.names(board_model.dispatch_board(*question), wave=wave), [transfer.name]
                )
        lane = {"kind": "wave", "departure_id": str(self.north.id), "batch_id": wave.id}
        for offset in (-3, "x", None, [1]):
            with self.subTest(offset):
                more = board_model.dispatch_board_more(self.warehouse.id, lane, offset, ["x"])
                self.assertEqual([card["name"] for card in more["cards"]], [transfer.name])
        for strange in (None, "x", {"kind": "all"}, {"departure_id": 10**30}, {"batch_id": "x"}):
            self.assertFalse(board_model.dispatch_board_more(self.warehouse.id, strange)["cards"])
        for warehouse in ("x", 0, None, 10**30):
            with self.subTest(warehouse), self.assertRaises(AccessError):
                board_model.dispatch_board_more(warehouse, lane)
