from odoo.tests import HttpCase, tagged

from .common_reservation import ReservationCase


@tagged("post_install", "-at_install")
class TestScarceGoodsInTheBrowser(ReservationCase, HttpCase):
    """Ten brass bells, and more are wanted: seen by wes, his boss, sally and carla."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order((cls.few, 10))
        cls.urgent = cls.order((cls.few, 4), urgency="urgent")
        cls.mine = cls.order((cls.few, 5))
        cls.picking = cls.mine.sudo().picking_ids

    def test_who_gets_them(self):
        self.picking.move_ids.origin = "Others"
        self.start_tour("/odoo/waiting-for-stock", "reservation_wes_asks", login="wes")
        self.put_in_stock(self.few, 6)
        self.start_tour(f"/odoo/to-ship/{self.picking.id}", "reservation_wes_checks", login="wes")
        self.assertEqual(self.set_aside(self.urgent, self.mine), [0, 2])

        self.wes.group_ids += self.env.ref("stock.group_stock_manager")
        self.start_tour(f"/odoo/to-ship/{self.picking.id}", "reservation_boss_jumps", login="wes")
        self.run_allocator()
        self.assertEqual(self.set_aside(self.urgent, self.mine), [1, 5])
        self.start_tour(
            f"/odoo/order-processing/{self.urgent.id}", "reservation_sally_follows", login="sally"
        )
        self.start_tour("/odoo/allocation-runs", "reservation_boss_looks", login="wes")

    def test_the_customer_reads_that_it_is_being_reserved(self):
        self.company.reservation_mode = "queued"
        order = self.order((self.mug, 1))
        self.start_tour(order.get_portal_url(), "reservation_carla_waits", login=None)


@tagged("post_install", "-at_install")
class TestScarceGoodsOnAPhone(ReservationCase, HttpCase):
    browser_size = "390x844"
    touch_enabled = True

    def test_the_transfer_says_why(self):
        self.order((self.few, 10))
        self.order((self.few, 4), urgency="urgent")
        picking = self.order((self.few, 5)).sudo().picking_ids
        self.put_in_stock(self.few, 6)
        self.start_tour(f"/odoo/to-ship/{picking.id}", "reservation_wes_checks", login="wes")
