from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common import OrderProcessingHttpCase
from .common_watch import StockWatchCase
from .test_cycle_count import CycleCountCase


@tagged("post_install", "-at_install")
class TestStockWarningInTheBrowser(OrderProcessingHttpCase, StockWatchCase):
    """Wes sees that nothing is low, then that lanterns are, and what helps."""

    def test_from_the_level_to_what_helps(self):
        self.level(self.lantern, 30)
        self.start_tour("/odoo/stock-warnings", "stock_warning_nothing", login="wes")
        self.confirmed_order(lines=[(self.lantern, 95)])
        self.watch()
        self.start_tour("/odoo/stock-warnings", "stock_warning_low", login="wes")


@tagged("post_install", "-at_install")
class TestStockWarningOnAPhone(TestStockWarningInTheBrowser):
    """The same at phone width."""

    browser_size = "390x844"
    touch_enabled = True


@tagged("post_install", "-at_install")
class TestCountInTheBrowser(OrderProcessingHttpCase, CycleCountCase):
    """Wes counts what is due; Max sees what was found."""

    def test_from_the_count_to_the_difference(self):
        self.sell_all()
        self.run_plan()
        self.Quant.search([]).inventory_date = fields.Date.today() + timedelta(days=9)
        self.start_tour("/odoo/count-today", "count_today_nothing", login="wes")
        self.quants(self.lantern).inventory_date = fields.Date.today() - timedelta(days=2)
        self.start_tour("/odoo/count-today", "count_today", login="wes")
        self.assertEqual(self.quants(self.lantern).quantity, 17)
        self.start_tour("/odoo/count-differences", "count_differences", login="max")


@tagged("post_install", "-at_install")
class TestCountOnAPhone(OrderProcessingHttpCase, CycleCountCase):
    """The same in the aisle, at phone width."""

    browser_size = "390x844"
    touch_enabled = True

    def test_from_the_count_to_the_difference(self):
        self.put_in_stock(self.lantern, -100)
        self.Quant.search([]).inventory_date = fields.Date.today() + timedelta(days=9)
        self.start_tour("/odoo/count-today", "count_today_nothing", login="wes")
        self.quants(self.lantern).inventory_date = fields.Date.today()
        self.start_tour("/odoo/count-today", "count_today_phone", login="wes")
        self.assertEqual(self.quants(self.lantern).quantity, 17)
        self.start_tour("/odoo/count-differences", "count_differences", login="max")
