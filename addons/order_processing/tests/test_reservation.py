from odoo.fields import Datetime
from odoo.tests import tagged

from odoo.addons.order_processing.models.order_allocation_run import Work

from .common_reservation import ReservationCase


@tagged("post_install", "-at_install")
class TestAtOnce(ReservationCase):
    """Ten brass bells are there."""

    def test_on_confirmation_an_order_gets_what_is_free(self):
        first, second = self.order((self.few, 7)), self.order((self.few, 7))
        self.assertEqual(self.set_aside(first, second), [7, 3])
        self.assertEqual((first.reservation_state, second.reservation_state), ("full", "partial"))
        self.assertEqual((self.code(first), self.code(second)), (["served"], ["partly"]))
        self.assertEqual(second.processing_stage, "waiting_stock")
        self.assertAddsUp(self.few)

    def test_what_comes_in_goes_to_the_first_in_rank_not_to_the_first_that_came(self):
        self.order((self.few, 10))
        slow = self.order((self.few, 4), requested_date="2099-01-01")
        normal = self.order((self.few, 4))
        urgent = self.order((self.few, 4), urgency="urgent", requested_date="2099-06-01")
        self.assertEqual(self.set_aside(slow, normal, urgent), [0, 0, 0])
        self.restock(self.few, 6)
        self.assertEqual(self.set_aside(slow, normal, urgent), [0, 2, 4])
        self.restock(self.few, 3)
        self.assertEqual(self.set_aside(slow, normal, urgent), [1, 4, 4])
        self.assertAddsUp(self.few)

    def test_everybody_sees_the_place_in_the_queue(self):
        self.order((self.few, 10))
        slow = self.order((self.few, 4), requested_date="2099-01-01")
        urgent = self.order((self.few, 4), urgency="urgent")
        moves = (slow + urgent).sudo().order_line.move_ids
        self.assertEqual(moves.with_user(self.wes).mapped("queue_position"), [2, 1])

    def test_a_new_order_does_not_take_what_an_urgent_one_waits_for(self):
        self.order((self.few, 10))
        urgent = self.order((self.few, 5), urgency="urgent")
        self.put_in_stock(self.few, 5)  # the allocator has not come yet
        late = self.order((self.few, 5))
        self.assertEqual(self.set_aside(urgent, late), [0, 0])
        self.assertEqual(self.code(late), ["outranked"])
        self.run_allocator()
        self.assertEqual(self.set_aside(urgent, late), [5, 0])

    def test_an_urgent_order_takes_what_is_free_before_others_that_wait(self):
        self.order((self.few, 10))
        waiting = self.order((self.few, 5))
        self.put_in_stock(self.few, 5)
        urgent = self.order((self.few, 3), urgency="urgent")
        self.assertEqual(self.set_aside(waiting, urgent), [0, 3])
        self.run_allocator()
        self.assertEqual(self.set_aside(waiting, urgent), [2, 3])

    def test_what_is_released_goes_to_the_first_in_rank(self):
        first, later = self.order((self.few, 10)), self.order((self.few, 2), requested_date="2099-01-01")
        sooner = self.order((self.few, 9))
        first.with_user(self.mona)._action_cancel()
        self.run_allocator()
        self.assertEqual(self.set_aside(sooner, later), [9, 1])

    def test_the_scheduler_leaves_it_to_the_allocator(self):
        self.order((self.few, 10))
        slow, urgent = (
            self.order((self.few, 4), requested_date="2099-01-01"),
            self.order((self.few, 4), urgency="urgent"),
        )
        self.put_in_stock(self.few, 4)
        self.env["stock.rule"].run_scheduler()
        self.assertEqual(self.set_aside(slow, urgent), [0, 0])
        self.run_allocator()
        self.assertEqual(self.set_aside(slow, urgent), [0, 4])

    def test_an_inventory_loss_hits_the_lowest_in_rank(self):
        urgent = self.order((self.few, 4), urgency="urgent", requested_date="2099-01-01")
        slow = self.order((self.few, 4), requested_date="2098-01-01")
        quant = self.few.stock_quant_ids.filtered(lambda q: q.location_id == self.warehouse.lot_stock_id)
        quant.with_context(inventory_mode=True).inventory_quantity = 5
        quant.action_apply_inventory()
        self.assertEqual(self.set_aside(urgent, slow), [4, 1])
        self.assertAddsUp(self.few)

    def test_four_times_the_moves_take_no_more_queries(self):
        """Plain goods: one query for all of them, whatever there is to write."""
        self.company.reservation_mode = "queued"
        self.allocation_queries(3)  # what is read once for all
        self.assertEqual(self.allocation_queries(4), self.allocation_queries(16))

    def test_an_orders_cost_does_not_grow_with_those_that_wait(self):
        self.order((self.few, 10))
        alone = self.queries_of(self.quotation(lines=[(self.few, 1)]))
        for _number in range(12):
            self.order((self.few, 2))
        self.put_in_stock(self.few, 1)
        self.assertLessEqual(self.queries_of(self.quotation(lines=[(self.few, 1)])), alone + 4)

    def allocation_queries(self, count):
        orders = [self.order((self.mug, 1)) for _number in range(count)]
        self.env.cr.flush()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.env["order.allocation.run"]._step([Work(self.mug.id, count, count)], 100)
        queries = self.env.cr.sql_log_count - before
        self.assertEqual(self.set_aside(*orders), [1] * count)
        # Where sale_mrp is installed it looks for a kit of each line whose delivered quantity it works out.
        return queries - (count if "mrp.bom" in self.env else 0)

    def queries_of(self, orders):
        self.env.cr.flush()
        before = self.env.cr.sql_log_count
        self.submit(orders)
        self.env.cr.flush()
        return self.env.cr.sql_log_count - before


@tagged("post_install", "-at_install")
class TestQueued(ReservationCase):
    """Confirming does not reserve; a moment later the allocator does."""

    def setUp(self):
        super().setUp()
        self.company.reservation_mode = "queued"

    def test_in_between_everybody_is_told_that_it_is_being_reserved(self):
        order = self.order((self.few, 4))
        self.assertEqual((order.reservation_state, order.processing_stage), ("pending", "approved"))
        self.assertEqual(order.sudo().picking_ids.reservation_note, "Reserving…")
        self.run_allocator()
        self.assertEqual((order.reservation_state, order.processing_stage), ("full", "ready"))

    def test_confirming_wakes_the_allocator_once(self):
        cron = self.env.ref("order_processing.ir_cron_allocate")
        self.env.cr.flush()  # what came before belongs to another transaction
        before = self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])
        orders = self.quotation(lines=[(self.few, 1)]) + self.quotation(lines=[(self.few, 1)])
        self.submit(orders)
        self.assertEqual(self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)]), before + 1)

    def test_by_rank_whoever_was_confirmed_first(self):
        slow = self.order((self.few, 8), requested_date="2099-01-01")
        urgent = self.order((self.few, 8), urgency="urgent")
        self.run_allocator()
        self.assertEqual(self.set_aside(slow, urgent), [2, 8])

    def test_nothing_there_is_said_once_the_allocator_has_looked(self):
        order = self.order((self.blanket, 1))
        self.assertEqual((order.reservation_state, order.processing_stage), ("pending", "approved"))
        self.run_allocator()
        self.assertEqual((order.reservation_state, order.processing_stage), ("none", "waiting_stock"))
        self.assertEqual(
            order.sudo().picking_ids.reservation_note, "[BLANKET] Wool Blanket: Nothing is free."
        )

    def test_a_run_leaves_its_figures(self):
        self.order((self.few, 8))
        self.order((self.few, 8))
        self.order((self.few, 8))
        self.run_allocator()
        run = self.env["order.allocation.run"].search([], limit=1)
        self.assertEqual(run.state, "done")
        self.assertEqual((run.seen_count, run.served_count, run.partly_count, run.short_count), (3, 1, 1, 1))
        self.run_allocator()
        self.assertEqual(
            self.env["order.allocation.run"].search([], limit=1), run, "nothing to do: no record"
        )

    def test_back_to_odoos_way_nothing_waits_for_the_allocator(self):
        order = self.order((self.few, 4))
        self.company.reservation_mode = "odoo"
        self.assertNotEqual(order.reservation_state, "pending")
        order.sudo().picking_ids.action_assign()
        self.assertEqual(self.set_aside(order), [4])

    def test_a_failing_product_does_not_stop_the_others(self):
        bad, good = self.order((self.few, 1)), self.order((self.mug, 1))
        Line = type(self.env["stock.move.line"])
        create = Line.create

        def broken(lines, vals_list):
            if any(vals["product_id"] == self.few.id for vals in vals_list):
                raise ValueError("The scale is broken")
            return create(lines, vals_list)

        self.patch(Line, "create", broken)
        with self.assertLogs("odoo.addons.order_processing.models.order_allocation_run", "ERROR"):
            self.run_allocator_with_rollback()
        self.assertEqual(self.set_aside(bad, good), [0, 1])
        self.assertIn("The scale is broken", self.env["order.allocation.run"].search([], limit=1).note)

    def run_allocator_with_rollback(self):
        """Steps that fail are rolled back to where the last one was committed."""
        self.env.flush_all()
        self.patch(self.env.cr, "rollback", lambda: None)
        self.run_allocator()


@tagged("post_install", "-at_install")
class TestShippedComplete(ReservationCase):
    """An order of bells and blankets that is shipped complete; there are no blankets."""

    def whole_order(self, **vals):
        return self.order((self.few, 8), (self.blanket, 1), picking_policy="one", **vals)

    def test_it_locks_up_nothing_it_cannot_use(self):
        whole, other = self.whole_order(), self.order((self.few, 5))
        self.assertEqual(self.set_aside(whole, other), [0, 5])
        self.assertEqual(self.code(whole), ["held_back", "held_back"])

    def test_it_is_served_when_everything_is_there(self):
        whole = self.whole_order()
        self.restock(self.blanket, 1)
        self.assertEqual(self.set_aside(whole), [9])
        self.assertEqual(whole.reservation_state, "full")

    def test_it_collects_after_it_has_waited_long_enough(self):
        whole = self.whole_order()
        whole.sudo().date_order = Datetime.subtract(Datetime.now(), days=8)
        self.run_allocator()
        self.assertEqual(self.set_aside(whole), [8])

    def test_without_patience_it_collects_from_the_beginning(self):
        self.company.complete_order_patience = 0
        self.assertEqual(self.set_aside(self.whole_order()), [8])

    def test_somebody_asks_for_it(self):
        whole = self.whole_order()
        whole.sudo().picking_ids.with_user(self.wes).action_assign()
        self.assertEqual(self.set_aside(whole), [8])


@tagged("post_install", "-at_install")
class TestOddGoods(ReservationCase):
    """Lots, serials, packages, owners, shelves, dozens: Odoo reserves those, for the winners."""

    def test_lots_go_to_the_first_in_rank(self):
        product = self.product("LOT", 5.0, tracking="lot")
        lots = self.env["stock.lot"].create([{"name": name, "product_id": product.id} for name in "AB"])
        slow = self.order((product, 4), requested_date="2099-01-01")
        urgent = self.order((product, 4), urgency="urgent")
        for lot in lots:
            self.env["stock.quant"]._update_available_quantity(
                product, self.warehouse.lot_stock_id, 3, lot_id=lot
            )
        self.run_allocator()
        self.assertEqual(self.set_aside(slow, urgent), [2, 4])
        self.assertEqual(
            [(line.lot_id.name, line.quantity) for line in urgent.sudo().picking_ids.move_line_ids],
            [("A", 3), ("B", 1)],
        )
        self.assertAddsUp(product)

    def test_dozens(self):
        """Odoo counts hundredths of a dozen, so of ten pieces 9.96 can be set aside."""
        self.env["ir.config_parameter"].set_param("stock.propagate_uom", "1")
        self.rule("price").active = False
        dozen = self.env.ref("uom.product_uom_dozen")
        line = {"product_id": self.few.id, "product_uom_qty": 1, "product_uom_id": dozen.id}
        order = self.order(line)
        self.assertEqual(self.set_aside(order), [0.83])
        self.assertAddsUp(self.few)
        other = self.order((self.few, 3))
        self.restock(self.few, 3)
        self.assertEqual(self.set_aside(order), [1])
        self.assertAlmostEqual(self.set_aside(other)[0], 1)
        self.assertAddsUp(self.few)

    def test_whoever_is_bound_to_a_shelf_is_not_robbed(self):
        stock = self.warehouse.lot_stock_id
        near, far = self.env["stock.location"].create(
            [{"name": name, "location_id": stock.id} for name in ("Near", "Far")]
        )
        product = self.product("SHELF", 5.0)
        anywhere = self.order((product, 5), urgency="urgent")
        bound = self.order((product, 5))
        bound.sudo().order_line.move_ids.location_id = near
        self.put_in_stock(product, 5, near)
        self.put_in_stock(product, 5, far)
        self.run_allocator()
        self.assertEqual(self.set_aside(anywhere, bound), [5, 5])
        self.assertEqual(bound.sudo().picking_ids.move_line_ids.location_id, near)
        self.assertAddsUp(product)

    def test_goods_of_an_owner_and_in_a_package(self):
        product = self.product("BOX", 5.0)
        package = self.env["stock.package"].create({"name": "BOX1"})
        Quant, stock = self.env["stock.quant"], self.warehouse.lot_stock_id
        Quant._update_available_quantity(product, stock, 2, package_id=package)
        Quant._update_available_quantity(product, stock, 2, owner_id=self.customer)
        first, second = self.order((product, 3)), self.order((product, 3))
        self.assertEqual(self.set_aside(first, second), [3, 1])
        self.assertAddsUp(product)

    def test_a_second_time_adds_to_the_same_line(self):
        order = self.order((self.few, 14))
        self.restock(self.few, 2)
        self.assertEqual(order.sudo().picking_ids.move_line_ids.mapped("quantity"), [12])
        self.restock(self.few, 2)
        self.assertEqual(order.sudo().picking_ids.move_line_ids.mapped("quantity"), [14])
        self.assertAddsUp(self.few)
