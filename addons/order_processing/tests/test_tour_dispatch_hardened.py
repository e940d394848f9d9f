from datetime import timedelta
from unittest.mock import patch

from odoo.tests import HttpCase, tagged

from odoo.addons.order_processing.models import order_look

from .common_board import BoardCase
from .test_tour_dispatch import BOARD, BoardOnScreen


@tagged("post_install", "-at_install")
class TestBoardMeanwhile(BoardOnScreen):
    """Several things happen at once at the board."""

    def test_reading_on(self):
        self.start_tour(BOARD, "dispatch_board_reads_on", login="wes")

    def test_what_was_asked_for_stays(self):
        copies = self.ned.browse()
        for _number in range(41):
            copies |= self.ned.copy()
        copies._write_dispatch({"departure_id": self.north.id, "batch_id": self.wave_north.id})
        copies.action_confirm()
        self.start_tour(BOARD, "dispatch_wes_asks_for_more", login="wes")

    def test_taken_hold_of_while_it_is_read(self):
        self.start_tour(BOARD, "dispatch_wes_drags_while_it_is_read", login="wes")

    def test_held_back_with_one_that_has_gone(self):
        self.ned.move_ids.picked = True
        self.ned.button_validate()
        self.start_tour(BOARD, "dispatch_wes_holds_what_is_open", login="wes")
        self.assertEqual(self.olive.dispatch_by_hand, "held")

    def test_what_comes_later(self):
        far = self.departure("Far", hours=72)
        later = far.copy({"departs_at": self.now.replace(year=self.now.year + 1), "is_set_by_hand": True})
        self.ned._write_dispatch({"departure_id": far.id, "batch_id": False})
        self.scot._write_dispatch({"departure_id": later.id, "batch_id": False})
        self.olive.action_cancel()
        self.larry._write_dispatch({"dispatch_code": "no_route"})
        (self.wave_north + self.wave_south).unlink()
        (self.north + self.south).unlink()
        self.start_tour(BOARD, "dispatch_wes_sees_what_comes_later", login="wes")


@tagged("post_install", "-at_install")
class TestBoardIsEmpty(BoardCase, HttpCase):
    """What the board says when there is nothing to show."""

    def test_nothing_waits(self):
        (self.north + self.south).sudo().unlink()
        self.start_tour(BOARD, "dispatch_wes_sees_nothing", login="wes")

    def test_no_route(self):
        routes = (self.north + self.south).route_id
        (self.north + self.south).sudo().unlink()
        routes.sudo().unlink()
        self.start_tour(BOARD, "dispatch_wes_sees_no_route", login="wes")

    def test_off(self):
        self.company.dispatch_mode = "off"
        self.start_tour(BOARD, "dispatch_wes_sees_it_is_off", login="wes")


@tagged("post_install", "-at_install")
class TestPackingMeanwhile(BoardCase, HttpCase):
    """A fast packer, and an order that changes."""

    def test_faster_than_the_server(self):
        wave = self.wave(self.north)
        first = self.transfer((self.mug, 1), wave=wave, urgency="urgent")
        second = self.transfer((self.mug, 3), wave=wave, score=10)
        wave.with_user(self.wes).dispatch_release()
        self.rpc(self.ben, first, "pack_open")
        # Ben is heard of every half minute; here he would be gone before a slow browser has started.
        with patch.object(order_look, "STILL_THERE", timedelta(hours=1)):
            self.start_tour(f"{BOARD}/{wave.id}/packing-wave", "packing_wes_is_fast", login="wes")
        self.assertEqual((first.state, second.state), ("done", "assigned"))
        self.assertEqual(self.counted(second), [2])

    def test_made_smaller(self):
        transfer = self.transfer((self.mug, 5))
        self.rpc(self.wes, transfer, "pack_count", transfer.move_line_ids.id, 3)
        transfer.sale_id.order_line.product_uom_qty = 2
        self.start_tour(f"{BOARD}/{transfer.id}/packing", "packing_wes_takes_out", login="wes")
        self.assertEqual(transfer.move_ids.quantity, 2)
