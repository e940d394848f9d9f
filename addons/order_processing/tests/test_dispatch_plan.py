from odoo.tests import tagged

from .common_dispatch import DispatchCase


@tagged("post_install", "-at_install")
class TestDispatchPlan(DispatchCase):
    """Which transfer leaves with which departure."""

    def test_what_is_there_leaves_today_in_one_wave(self):
        first, second = self.transfer(), self.transfer(partner=self.shop)
        self.plan()
        self.assertLeaves(first, 0, "next")
        self.assertEqual(first.batch_id, second.batch_id)
        self.assertEqual(first.batch_id.state, "draft")
        self.assertEqual(first.batch_id.departure_id, self.departure(0))
        self.assertTrue(first.batch_id.is_planned_wave)
        self.assertEqual(first.dispatch_status, "ready")
        self.assertEqual(first.dispatch_route_id, self.north)
        self.assertEqual(first.dispatch_due, self.at(0, 24).replace(day=11, hour=23, minute=59, second=59))

    def test_planned_again_nothing_moves(self):
        transfers = [self.transfer() for _number in range(3)]
        self.plan()
        waves = [transfer.batch_id for transfer in transfers]
        stamps = [transfer.write_date for transfer in transfers]
        self.assertEqual(self.plan(), 0)
        self.assertEqual([transfer.batch_id for transfer in transfers], waves)
        self.assertEqual([transfer.write_date for transfer in transfers], stamps)
        self.assertEqual(self.env["stock.picking.batch"].search_count([("departure_id", "!=", False)]), 1)
