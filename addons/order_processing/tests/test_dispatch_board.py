from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common_board import BoardCase


@tagged("post_install", "-at_install")
class TestDispatchBoard(BoardCase):
    """What the board says is what the records say."""

    def test_departures_waves_and_cards(self):
        urgent, normal = self.wave(self.north, is_urgent_wave=True), self.wave(self.north)
        rush = self.transfer((self.mug, 3), wave=urgent, urgency="urgent", score=90)
        low, high = self.transfer(wave=normal, score=10), self.transfer(wave=normal, score=40)
        later, nowhere = self.transfer(departure=self.south), self.transfer()
        board = self.read_board()
        self.assertEqual([one["id"] for one in board["departures"]], [self.north.id, self.south.id])
        self.assertEqual(
            [wave["id"] for wave in board["waves"] if wave["departure_id"] == self.north.id],
            [urgent.id, normal.id],
        )
        self.assertEqual(self.names(board, wave=urgent), [rush.name])
        self.assertEqual(self.names(board, wave=normal), [high.name, low.name])
        self.assertEqual(self.names(board, departure=self.south), [later.name])
        self.assertEqual(self.names(board, kind="none"), [nowhere.name])
        card = self.cards(board, wave=urgent)[0]
        self.assertEqual(
            (card["customer"], card["city"], card["orders"], card["lines"], card["urgent"], card["status"]),
            ("Carla", "London", [rush.sale_id.name], 1, True, "ready"),
        )

    def test_the_figures_add_up(self):
        self.mug.weight, self.mug.volume = 20.0, 0.5
        self.north.write({"max_parcels": 1, "max_volume": 3})
        wave = self.wave(self.north)
        ready = self.transfer((self.mug, 2), wave=wave) + self.transfer((self.mug, 1), wave=wave)
        short = self.transfer((self.blanket, 1), wave=wave)
        gone = self.transfer((self.mug, 1), wave=wave)
        gone.move_ids.picked = True
        gone.button_validate()
        board = self.read_board()
        north = self.departure_of(board, self.north)
        self.assertEqual(north["counts"], {"ready": 2, "short": 1, "done": 1})
        on_it = ready + short + gone
        self.assertEqual(north["fill"]["parcels"], sum(on_it.mapped("parcel_count")))
        self.assertEqual(north["fill"]["parcels"], 5, "40 kg are two parcels")
        self.assertEqual(north["fill"]["weight"], sum(on_it.mapped("weight")))
        self.assertEqual(north["fill"]["volume"], 2.0)
        self.assertEqual(north["max"]["parcels"], 1)
        self.assertEqual(board["waves"][0]["total"], 4)
        for card in self.cards(board, wave=wave):
            transfer = self.env["stock.picking"].browse(card["id"])
            said = "packed" if card["status"] == "done" else card["status"]
            self.assertEqual(said, transfer.dispatch_status, transfer.name)
        self.assertEqual(self.cards(board, wave=wave)[-1]["id"], gone.id, "what has gone is last")

    def test_held_back(self):
        held = self.transfer(wave=self.wave(self.north))
        held.with_user(self.wes).dispatch_hold("The customer asked to wait")
        board = self.read_board()
        card = self.cards(board, kind="held")[0]
        self.assertEqual((card["status"], card["hold_reason"]), ("held", "The customer asked to wait"))
        self.assertFalse(self.departure_of(board, self.north)["counts"])
        self.assertEqual(board["unplanned"]["held"]["total"], 1)

    def test_what_should_have_left_stays_until_it_is_dealt_with(self):
        old, empty = self.departure("Old", hours=-50), self.departure("Empty", hours=-51)
        late = self.transfer(departure=old)
        board = self.read_board()
        self.assertEqual(self.departure_of(board, old)["when"], "overdue")
        self.assertEqual(self.cards(board, departure=old)[0]["status"], "late")
        self.assertNotIn(empty.id, [one["id"] for one in board["departures"]])
        other_day = self.board_model.with_user(self.wes).dispatch_board(
            self.warehouse.id, (self.now + timedelta(days=9)).date().isoformat()
        )
        self.assertFalse(other_day["departures"])
        self.assertNotIn(late.name, [card["name"] for lane in other_day["lanes"] for card in lane["cards"]])

    def test_filters_choose_cards_and_leave_the_figures(self):
        wave = self.wave(self.north)
        mugs, bells = self.transfer((self.mug, 1), wave=wave), self.transfer((self.blanket, 1), wave=wave)
        urgent = self.transfer((self.mug, 1), wave=wave, urgency="urgent")
        found = {
            "text": {"text": bells.name},
            "order": {"text": mugs.sale_id.name},
            "sku": {"text": "blank"},
            "status": {"status": "short"},
            "urgent": {"urgent": True},
            "nothing": {"text": "100%"},
            "carrier": {"carrier_id": 999999},
        }
        expected = {"text": bells, "order": mugs, "sku": bells, "status": bells, "urgent": urgent}
        for name, filters in found.items():
            with self.subTest(name):
                board = self.read_board(filters=filters)
                self.assertEqual(
                    self.names(board, wave=wave), expected.get(name, bells.browse()).mapped("name")
                )
                self.assertEqual(board["waves"][0]["total"], 3)

    def test_long_waves_come_in_pages(self):
        wave = self.wave(self.north)
        transfer = self.transfer(wave=wave)
        copies = transfer.browse()
        for _number in range(44):
            copies |= transfer.copy()
        copies._write_dispatch({"departure_id": self.north.id, "batch_id": wave.id})
        copies.action_confirm()
        board = self.read_board()
        lane = next(one for one in board["lanes"] if one["batch_id"] == wave.id)
        self.assertEqual((len(lane["cards"]), lane["matching"]), (40, 45))
        more = self.board_model.with_user(self.wes).dispatch_board_more(
            self.warehouse.id, {"kind": "wave", "departure_id": self.north.id, "batch_id": wave.id}, 40
        )
        ids = [card["id"] for card in lane["cards"] + more["cards"]]
        self.assertEqual(sorted(ids), sorted((transfer + copies).ids))

    def test_what_was_asked_for_is_marked_and_told(self):
        transfer = self.transfer(
            wave=self.wave(self.north), packing_instruction="No price on the slip.", no_substitutes=True
        )
        card = self.cards(self.read_board())[0]
        self.assertEqual((card["instruction"], card["gift"], card["no_substitutes"]), (True, False, True))
        details = self.rpc(self.wes, transfer, "dispatch_details")
        self.assertEqual(details["requests"]["instruction"], "No price on the slip.")
        self.assertEqual(details["lines"][0]["wanted"], 2)
        self.assertIn("Baker Street", details["address"])

    def test_every_status_is_what_the_transfer_says(self):
        self.warehouse.delivery_steps = "pick_ship"
        in_steps, lacking = self.transfer((self.mug, 1)), self.transfer((self.blanket, 1))
        for transfers in (in_steps, lacking):
            transfers._write_dispatch({"departure_id": self.north.id})
        self.warehouse.delivery_steps = "ship_only"
        wave = self.wave(self.north)
        made = [self.transfer((self.mug, 1), wave=wave) for _number in range(5)]
        made[1].move_ids.picked = True
        made[2].move_ids.picked = True
        made[2].action_put_in_pack()
        made[3].dispatch_hold("Wait")
        made[4]._write_dispatch({"dispatch_due": self.now})
        board = self.read_board()
        cards = [card for lane in board["lanes"] for card in lane["cards"]]
        said = {card["id"]: card["status"] for card in cards}
        transfers = self.env["stock.picking"].browse(said)
        self.assertEqual(said, {one.id: one.dispatch_status for one in transfers})
        self.assertEqual([said[one.id] for one in made], ["ready", "picked", "packed", "held", "late"])
        self.assertEqual((said[in_steps.id], said[lacking.id]), ("ready", "short"))

    # ---------------------------------------------------------------- rights
    def test_who_may_look(self):
        transfer = self.transfer(departure=self.north)
        for user in (self.carla, self.sally, self.anna):
            with self.subTest(user.login):
                for method, *args in (("dispatch_board",), ("dispatch_board_more", self.warehouse.id, {})):
                    with self.assertRaises(AccessError):
                        self.rpc(user, self.board_model, method, *args)
                with self.assertRaises(AccessError):
                    self.rpc(user, transfer, "dispatch_details")

    def test_of_one_company_only(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        guest = new_test_user(
            self.env, "gus", "stock.group_stock_user", company_id=other.id, company_ids=[(6, 0, other.ids)]
        )
        transfer = self.transfer(departure=self.north)
        board = self.read_board(by=guest)
        self.assertNotIn(self.warehouse.id, [one["id"] for one in board["warehouses"]])
        self.assertNotEqual(board["warehouse_id"], self.warehouse.id)
        self.assertFalse(board["departures"])
        with self.assertRaises(AccessError):
            self.rpc(guest, self.board_model, "dispatch_board_more", self.warehouse.id, {"kind": "none"})
        with self.assertRaises(AccessError):
            self.rpc(guest, transfer, "dispatch_details")

    def test_record_rules_count(self):
        hidden, seen = self.transfer(departure=self.north), self.transfer(departure=self.north)
        self.env["ir.rule"].create(
            {
                "name": "not this one",
                "model_id": self.env.ref("stock.model_stock_picking").id,
                "domain_force": f"[('id', '!=', {hidden.id})]",
            }
        )
        board = self.read_board()
        self.assertEqual(self.names(board, departure=self.north), [seen.name])
        self.assertEqual(self.departure_of(board, self.north)["counts"], {"ready": 1})

    # ---------------------------------------------------------------- cost
    def test_as_many_queries_for_many_transfers_as_for_few(self):
        waves = [self.wave(departure) for departure in (self.north, self.south)]
        transfers = self.transfer(wave=waves[0]) + self.transfer(wave=waves[1])
        few = self.queries()
        for _number in range(9):
            transfers |= transfers[0].copy() | transfers[1].copy()
        for transfer in transfers[2:]:
            transfer.copy()
        for wave in waves:
            more = self.env["stock.picking"].search([("departure_id", "=", False), ("state", "=", "draft")])
            more = more[: len(more) // 2] if wave == waves[0] else more
            more._write_dispatch({"departure_id": wave.departure_id.id, "batch_id": wave.id})
        self.env["stock.picking"].search([("state", "=", "draft")]).action_confirm()
        self.assertLessEqual(self.queries(), few)
        self.assertLessEqual(few, 25)
        shown = sum(wave["total"] for wave in self.read_board()["waves"])
        on_them = [("departure_id", "in", (self.north + self.south).ids)]
        self.assertEqual(shown, self.env["stock.picking"].search_count(on_them))
        self.assertGreater(shown, 10 * len(waves))

    def queries(self):
        self.read_board()  # what is remembered between calls
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.read_board()
        return self.env.cr.sql_log_count - before
