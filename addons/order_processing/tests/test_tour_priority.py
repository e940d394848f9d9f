from odoo.tests import HttpCase, tagged

from .common_reservation import ReservationCase


@tagged("post_install", "-at_install")
class TestPriorityInTheBrowser(ReservationCase, HttpCase):
    """An urgent order, a transfer with a star, and one that can wait: seen by who picks and who sells."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.dispatch_mode = "plan"
        tiers = cls.env["customer.tier"]
        cls.customer.customer_tier_id = tiers.create({"name": "Gold", "points": 100})
        cls.plain = cls.order((cls.lantern, 1))
        cls.starred = cls.order((cls.lantern, 1))
        cls.starred.sudo().picking_ids.priority = "1"
        cls.urgent = cls.order((cls.lantern, 30), urgency="urgent")
        cls.env.flush_all()
        cls.env.cr.precommit.run()

    def test_who_is_picked_first(self):
        self.start_tour("/odoo/to-ship", "priority_wes_picks", login="wes")
        self.start_tour(f"/odoo/order-processing/{self.urgent.id}", "priority_sally_asks", login="sally")

    def test_tiers(self):
        self.start_tour("/odoo/customer-tiers", "priority_mona_names_tiers", login="mona")
        self.assertEqual(self.env["customer.tier"].search([("name", "=", "Silver")]).points, 60)
