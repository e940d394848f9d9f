from unittest.mock import patch

from odoo.tests import HttpCase, tagged

from odoo.addons.base.models.ir_actions_report import IrActionsReport

from .common_board import BoardCase

BOARD = "/odoo/dispatch-board"


class BoardOnScreen(BoardCase, HttpCase):
    """Ned and Olive go north, Scot south; Larry has no departure yet."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.wave_north, cls.wave_south = cls.wave(cls.north), cls.wave(cls.south)
        cls.ned = cls.for_customer("Ned", cls.wave_north, packing_instruction="Ring twice", score=80)
        cls.olive = cls.for_customer("Olive", cls.wave_north, score=20)
        cls.scot = cls.for_customer("Scot", cls.wave_south, city="Leeds")
        cls.larry = cls.for_customer("Late Larry")

    @classmethod
    def for_customer(cls, name, wave=None, score=0, city="London", **vals):
        customer = cls.customer.copy({"name": name, "city": city})
        transfer = cls.transfer((cls.mug, 2), partner=customer, **vals)
        if wave:
            transfer._write_dispatch(
                {"departure_id": wave.departure_id.id, "batch_id": wave.id, "priority_score": score}
            )
        return transfer


@tagged("post_install", "-at_install")
class TestBoardOnADesk(BoardOnScreen):
    def test_move_choose_hold(self):
        self.start_tour(BOARD, "dispatch_wes_moves", login="wes")
        self.assertEqual(self.ned.departure_id, self.south)
        self.assertEqual(self.larry.departure_id, self.north)
        self.assertEqual(
            (self.olive.dispatch_by_hand, self.olive.dispatch_hold_reason), ("held", "Wait for the card")
        )

    def test_what_the_server_refuses_is_taken_back(self):
        self.start_tour(BOARD, "dispatch_wes_is_refused", login="wes")
        self.assertEqual(self.ned.departure_id, self.north)

    def test_release_and_print(self):
        printed = []

        def render(report, report_ref, res_ids=None, data=None):
            printed.append((report._get_report(report_ref).report_name, list(res_ids)))
            return b"%PDF-1.4 paper", "pdf"

        with patch.object(IrActionsReport, "_render_qweb_pdf", render):
            self.start_tour(BOARD, "dispatch_wes_releases", login="wes")
        self.assertEqual(self.wave_north.state, "in_progress")
        self.assertEqual(
            [ids for _report, ids in printed], [self.wave_north.ids, (self.ned + self.olive).ids]
        )

    def test_refreshing_disturbs_nobody(self):
        self.start_tour(BOARD, "dispatch_wes_is_not_disturbed", login="wes")


@tagged("post_install", "-at_install")
class TestBoardOnATablet(BoardOnScreen):
    browser_size = "1024x768"
    touch_enabled = True

    def test_by_finger(self):
        self.start_tour(BOARD, "dispatch_wes_on_a_tablet", login="wes")
        self.assertEqual(self.ned.departure_id, self.south)


class PackingOnScreen(BoardCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.wave_north = cls.wave(cls.north)
        first = [(cls.mug, 2), (cls.lantern, 1)]
        cls.first = cls.transfer(*first, wave=cls.wave_north, score=90, packing_instruction="Ring twice")
        cls.second = cls.transfer((cls.mug, 3), wave=cls.wave_north, score=10)
        cls.wave_north.with_user(cls.wes).dispatch_release()
        cls.path = f"{BOARD}/{cls.wave_north.id}/packing-wave"

    def assertPacked(self):
        self.assertEqual((self.first + self.second).mapped("state"), ["done", "done"])
        self.assertEqual(self.second.move_ids.quantity, 1)
        self.assertEqual(self.second.backorder_ids.move_ids.product_uom_qty, 2)


@tagged("post_install", "-at_install")
class TestPackingOnADesk(PackingOnScreen):
    def test_scanned_to_the_end(self):
        self.start_tour(self.path, "packing_wes_packs", login="wes")
        self.assertPacked()


@tagged("post_install", "-at_install")
class TestPackingOnATablet(PackingOnScreen):
    browser_size = "1024x768"
    touch_enabled = True

    def test_scanned_to_the_end(self):
        self.start_tour(self.path, "packing_wes_packs", login="wes")
        self.assertPacked()
