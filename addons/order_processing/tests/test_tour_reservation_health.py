from odoo.tests import tagged

from .common import OrderProcessingHttpCase
from .common_health import ReservationHealthCase


@tagged("post_install", "-at_install")
class TestReservationHealthInTheBrowser(OrderProcessingHttpCase, ReservationHealthCase):
    """Max sees that everything adds up, then that goods were lost, and repairs it."""

    def test_from_check_to_repair(self):
        first = self.confirmed_order(lines=[(self.lantern, 60)])
        second = self.confirmed_order(lines=[(self.lantern, 40)])
        self.start_tour("/odoo/reservation-health", "reservation_health_nothing", login="max")
        self.lose(self.lantern, 50)
        self.start_tour("/odoo/reservation-health", "reservation_health_repair", login="max")
        self.assertEqual((self.held(first)[0], self.held(second)[0]), (60, 10))
        self.assertAddsUp(self.lantern)


@tagged("post_install", "-at_install")
class TestReservationHealthOnAPhone(TestReservationHealthInTheBrowser):
    """The same at phone width."""

    browser_size = "390x844"
    touch_enabled = True
