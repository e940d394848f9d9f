from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from .common_promise import PromisingCompany


class BlanketsComeIn(PromisingCompany, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.promise_from(fields.Datetime.now())
        cls.coming = cls.receipt(cls.blanket, 10, days=3)

    def moved(self):
        order = self.order((self.blanket, 4)).sudo()
        self.coming.move_ids.date += timedelta(days=20)
        self.recheck()
        return order


@tagged("post_install", "-at_install")
class TestPromiseInTheBrowser(BlanketsComeIn):
    """Sally sees when blankets can be there, promises them, and reads why they come later."""

    def test_from_the_quotation_to_the_slip(self):
        order = self.quotation(lines=[(self.blanket, 4)])
        self.start_tour(f"/odoo/order-processing/{order.id}", "promise_sally_confirms", login="sally")
        self.assertTrue(order.sudo().promise_date)
        self.coming.move_ids.date += timedelta(days=20)
        self.recheck()
        self.start_tour(
            f"/odoo/order-processing/{order.id}", "promise_sally_reads_why_it_moved", login="sally"
        )
        self.start_tour("/odoo/promises", "promise_list", login="sally")

    def test_what_can_be_had_on_a_day(self):
        self.start_tour("/odoo/availability", "availability_sally_looks", login="sally")

    def test_who_was_on_time(self):
        self.ship(self.order((self.mug, 1)))
        self.start_tour("/odoo/on-time", "on_time_sally_looks", login="mona")


@tagged("post_install", "-at_install")
class TestPromiseOnAPhone(BlanketsComeIn):
    browser_size = "390x844"
    touch_enabled = True

    def test_what_has_moved(self):
        self.moved()
        self.start_tour("/odoo/promises", "promise_list_phone", login="sally")

    def test_what_can_be_had(self):
        self.start_tour("/odoo/availability", "availability_on_a_phone", login="wes")
