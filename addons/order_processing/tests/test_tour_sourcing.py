from odoo.tests import HttpCase, tagged

from .common_sourcing import SourcingCase


@tagged("post_install", "-at_install")
class TestSourcingInTheBrowser(SourcingCase, HttpCase):
    def test_the_warehouse_of_a_line_by_hand(self):
        order = self.order((self.jug, 3))
        self.start_tour(f"/odoo/order-processing/{order.id}", "sourcing_sally_changes", login="sally")
        self.assertTrue(order.order_line.source_by_hand)
        self.assertEqual(self.transfers(order), [("JUG", 3, "Leeds", "assigned")])

    def test_a_transfer_with_one_click(self):
        self.company.sourcing_mode = "off"
        order = self.order((self.kettle, 3))
        self.start_tour("/odoo/proposed-transfers", "sourcing_wes_moves", login="wes")
        self.assertEqual(self.proposals(order).state, "made")

    def test_a_zone_and_its_rate(self):
        self.zone.unlink()
        self.start_tour("/odoo/freight-zones", "sourcing_mona_sets_up", login="mona")
        zone = self.env["order.freight.zone"].search([("name", "=", "Scotland")])
        self.assertEqual((zone.rate_ids.transit_days, zone.rate_ids.fixed_cost), (3, 7.5))

    def proposals(self, order):
        return self.env["order.transfer.proposal"].search([("order_ids", "in", order.ids)])


@tagged("post_install", "-at_install")
class TestSourcingOnAPhone(SourcingCase, HttpCase):
    browser_size = "390x844"
    touch_enabled = True

    def test_a_transfer_with_one_click(self):
        self.company.sourcing_mode = "off"
        self.order((self.kettle, 3))
        self.env["order.transfer.proposal"].with_user(self.wes).action_look()
        self.start_tour("/odoo/proposed-transfers", "sourcing_wes_moves_on_a_phone", login="wes")
