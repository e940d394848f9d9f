from datetime import timedelta
from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo.tests import tagged

from odoo.addons.base.models.ir_cron import IrCron

from ..models import sale_order_priority_clock as clock
from .common_priority import PriorityCase


@tagged("post_install", "-at_install")
class TestPriorityClock(PriorityCase):
    """Time passes: orders get older, promises nearer."""

    def test_it_gets_more_pressing_by_the_day(self):
        order = self.sold(days=6)
        scores = [order.priority_score]
        for _day in range(6):
            self.tick(days=1)
            scores.append(order.priority_score)
        self.assertEqual(scores, sorted(scores))
        # Five days of slack gone are all 20 points, six of ten days of age 4.8.
        self.assertEqual((self.points(order, "slack"), self.points(order, "age")), (20.0, 4.8))
        self.assertEqual(order.picking_ids.priority_score, order.priority_score)

    def test_what_does_not_change_is_not_written(self):
        self.sold(days=40)
        self.tick(minutes=15)
        written = self.written_by(lambda: self.tick(minutes=1))
        self.assertEqual(written, [])

    def test_it_leaves_no_trace(self):
        order = self.sold(days=6)
        self.commit()
        order.invalidate_recordset()
        before = order.write_date, order.picking_ids.write_date, len(order.message_ids)
        self.tick(days=2)
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual((order.write_date, order.picking_ids.write_date, len(order.message_ids)), before)

    def test_as_many_queries_for_fifty_as_for_five(self):
        orders = [self.sold((self.lantern, 1), (self.mug, 1)) for _number in range(50)]
        counts = []
        for some in (orders[:5], orders):
            self.frozen.tick(timedelta(days=1))
            self.commit()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.env["sale.order"]._reprioritise(self.env["sale.order"].union(*some))
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
        self.assertLessEqual(counts[1], 12)

    def test_what_changes_often_in_a_transaction_is_looked_at_once(self):
        orders = self.env["sale.order"].union(*[self.sold() for _number in range(6)])
        calls, reprioritise = [], type(orders)._reprioritise

        def counted(records, some):
            calls.append(some)
            return reprioritise(records, some)

        with patch.object(type(orders), "_reprioritise", counted):
            for order in orders:
                order.urgency = "urgent"
                order.commitment_date = False
                order.picking_ids.priority = "1"
            self.commit()
        self.assertEqual([set(some.ids) for some in calls], [set(orders.ids)])
        self.assertTrue(all(order.priority_score >= 50 for order in orders))

    def test_new_weights_are_taken_up(self):
        self.customer.customer_tier_id = self.bronze
        order = self.sold(days=40)
        self.company.write({"priority_weight_tier": 100, "priority_weight_urgency": 0})
        self.run_clock()
        # 100 of 140 for the tier.
        self.assertEqual(self.points(order, "tier"), 14.3)
        self.bronze.points = 40
        self.run_clock()
        self.assertEqual(self.points(order, "tier"), 28.6)

    def test_switched_off_nothing_keeps_a_score(self):
        order = self.sold()
        self.company.dispatch_mode = "off"
        self.run_clock()
        self.assertEqual((order.priority_score, order.picking_ids.priority_score), (0, 0))

    # ---------------------------------------------------------------- others are at it, too
    def test_killed_what_is_done_is_done(self):
        orders = self.env["sale.order"].union(*[self.sold(days=6) for _number in range(4)])
        self.frozen.tick(timedelta(days=3))
        before = orders[:1].priority_score
        with (
            patch.object(clock, "AT_ONCE", 1),
            patch.object(IrCron, "_commit_progress", lambda *args, **kwargs: 0),
        ):
            self.env["sale.order"]._cron_reprioritise()
        moved = orders.filtered(lambda order: order.priority_score > before)
        self.assertEqual(len(moved), 1)
        self.run_clock()
        self.assertTrue(all(order.priority_score > before for order in orders))

    def test_somebody_changed_the_row_meanwhile(self):
        """The step is given up without an error and without losing what else is in the transaction."""
        order = self.sold(days=6)
        before = order.priority_score
        self.frozen.tick(timedelta(days=2))
        orders = self.env["sale.order"]
        with patch.object(type(orders), "_store_priorities", side_effect=SerializationFailure):
            order.note = "kept"
            self.assertFalse(orders._reprioritise(order))
            self.commit()
        self.assertEqual((order.note.striptags(), order.priority_score), ("kept", before))
        self.run_clock()
        self.assertGreater(order.priority_score, before)

    def test_a_step_that_fails_does_not_stop_the_others(self):
        orders = self.env["sale.order"].union(*[self.sold(days=6) for _number in range(3)])
        before, reprioritise = orders[0].priority_score, type(orders)._reprioritise
        self.frozen.tick(timedelta(days=2))

        def failing(records, some):
            if orders[1] in some:
                raise SerializationFailure
            return reprioritise(records, some)

        with (
            patch.object(clock, "AT_ONCE", 1),
            patch.object(type(orders), "_reprioritise", failing),
            patch.object(self.env.cr, "rollback"),
            self.without_commits(),
        ):
            orders._cron_reprioritise()
        self.assertEqual([order.priority_score > before for order in orders], [True, False, True])

    def written_by(self, act):
        """Return the tables whose scores were written meanwhile."""
        found, store = [], type(self.env["sale.order"])._store_priorities

        def storing(records, model, values):
            found.extend([model] * bool(values))
            return store(records, model, values)

        with patch.object(type(self.env["sale.order"]), "_store_priorities", storing):
            act()
        return found
