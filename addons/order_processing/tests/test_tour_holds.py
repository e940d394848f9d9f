from odoo.tests import HttpCase, tagged

from .common_takeover import TakeoverCase


@tagged("post_install", "-at_install")
class TestHoldsInTheBrowser(TakeoverCase, HttpCase):
    """Seen by sally, who quotes, and by mona, who lets an urgent order take over."""

    def test_a_quotation_holds_stock(self):
        order = self.quotation(lines=[(self.mug, 4)])
        self.start_tour(f"/odoo/order-processing/{order.id}", "hold_sally_holds", login="sally")
        self.assertEqual(order.sudo().hold_until, False)

    def test_an_urgent_order_takes_over_and_gives_back(self):
        self.second.sudo().commitment_date = "2099-05-01"
        self.start_tour(f"/odoo/order-processing/{self.urgent.id}", "takeover_mona_takes", login="mona")
        self.assertEqual(self.set_aside(self.first, self.second, self.urgent), [6, 1, 3])
        self.start_tour("/odoo/take-overs", "takeover_mona_undoes", login="mona")
        self.assertEqual(self.set_aside(self.first, self.second, self.urgent), [6, 4, 0])
