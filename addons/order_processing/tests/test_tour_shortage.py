from odoo.tests import HttpCase, tagged

from .common_shortage import ShortageCase


class PlannerCase(ShortageCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.north = cls.env["stock.warehouse"].create({"name": "North", "code": "NO"})
        cls.tray = cls.product("TRAY", 9.0)
        cls.blanket.substitute_ids = cls.product("TARTAN", 60.0, stock=30)

    def short(self):
        self.put_in_stock(self.blanket, 8, location=self.north.lot_stock_id)
        sale = self.order((self.blanket, 5), (self.tray, 2))
        self.coming(self.tray, 2)
        self.look(self.blanket, self.tray)
        return sale


@tagged("post_install", "-at_install")
class TestPlannerInTheBrowser(PlannerCase):
    """wes plans: blankets are short, trays are on their way; sally asks her customer."""

    def test_the_planner_s_page(self):
        self.start_tour("/odoo/shortages", "shortage_nothing", login="wes")
        sale = self.short()
        self.start_tour("/odoo/shortages", "shortage_planner", login="wes")
        self.assertEqual(self.shortages(sale).mapped("uncovered_qty"), [0, 0])
        self.start_tour(f"/odoo/sales/{sale.id}", "shortage_sally", login="sally")
        self.assertTrue(sale.sudo().choice_offer_ids)


@tagged("post_install", "-at_install")
class TestPlannerOnAPhone(PlannerCase):
    browser_size = "390x844"
    touch_enabled = True

    def test_the_planner_s_page(self):
        self.start_tour("/odoo/shortages", "shortage_nothing", login="wes")
        sale = self.short()
        self.start_tour("/odoo/shortages", "shortage_phone", login="wes")
        self.assertEqual(self.shortages(sale).mapped("uncovered_qty"), [0, 0])
