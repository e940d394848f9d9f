"""Installing into a running company, and leaving it again."""

from odoo.tests import Form, tagged

from ..hooks import FILL, uninstall_hook
from .test_stage_story import StageStoryCase

COLUMNS = ("processing_stage", "fulfilment", "reservation_state")


@tagged("post_install", "-at_install")
class TestInstall(StageStoryCase):
    def setUp(self):
        super().setUp()
        self.company.review_mode = "off"
        self.wrapping.invoice_policy = "delivery"

    # ---------------------------------------------------------------- a company's past
    def shipped(self, *lines):
        order = self.confirmed_order(lines=list(lines))
        self.ship(order)
        return order

    def partly_shipped(self, **options):
        order = self.confirmed_order(lines=[(self.mug, 5)])
        self.ship_some(order, {self.mug: 3}, **options)
        return order

    def before_shipping(self):
        sent = self.quotation()
        sent.action_quotation_sent()
        cancelled = self.confirmed_order()
        cancelled._action_cancel()
        half = self.confirmed_order(lines=[(self.lantern, 1), (self.blanket, 1)])
        short = self.confirmed_order(lines=[(self.blanket, 1)])
        picking = self.warehouse.out_type_id
        picking.reservation_method = "manual"
        later = self.confirmed_order(lines=[(self.blanket, 1)])
        picking.reservation_method = "at_confirm"
        return self.quotation() | sent | cancelled | half | short | later | self.confirmed_order()

    def after_shipping(self):
        completed = self.shipped((self.lantern, 1))
        self.invoice(completed)
        returning = self.shipped((self.lantern, 1))
        self.invoice(returning)
        wizard = self.env["stock.return.picking"].with_context(
            active_id=returning.sudo().picking_ids.id, active_model="stock.picking"
        )
        wizard = Form(wizard).save()
        wizard.product_return_moves.quantity = 1
        wizard.action_create_returns()
        backorder, closed = self.partly_shipped(), self.partly_shipped(backorder=False)
        gone = self.partly_shipped()
        gone._action_cancel()
        return completed | returning | backorder | closed | gone | self.shipped((self.mug, 1))

    def in_steps(self):
        self.warehouse.delivery_steps = "pick_ship"
        waiting, picked = self.confirmed_order(), self.confirmed_order()
        self.ship(picked)
        return waiting | picked

    def without_goods(self):
        done = self.confirmed_order(lines=[(self.wrapping, 1)])
        done.order_line.qty_delivered = 1
        empty = self.env["sale.order"].create({"partner_id": self.customer.id})
        empty.action_confirm()
        return done | empty | self.confirmed_order(lines=[(self.wrapping, 1)])

    def dropshipped(self):
        order = self.without_procurement((self.blanket, 1))
        places = [self.env.ref(f"stock.stock_location_{name}") for name in ("suppliers", "customers")]
        self.move_for(order, self.blanket, *places)
        return order

    # ---------------------------------------------------------------- the same in SQL
    def test_old_orders_get_the_stage_the_python_gives_them(self):
        orders = self.before_shipping() | self.dropshipped() | self.without_goods() | self.after_shipping()
        orders = (orders | self.in_steps()).sudo()
        orders.shipment_ids.unlink()  # orders of before the installation have none
        self.env.cr.flush()
        expected = {order.id: tuple(order[name] for name in COLUMNS) for order in orders}
        events = self.env["order.event"].search_count([])
        self.env.cr.execute("UPDATE sale_order SET processing_stage = NULL, fulfilment = NULL")
        self.env.cr.execute(FILL)
        self.env.invalidate_all()
        self.env.cr.flush()
        self.assertEqual({order.id: tuple(order[name] for name in COLUMNS) for order in orders}, expected)
        self.assertEqual(
            {stage for stage, _fulfilment, _reserved in expected.values()},
            {"quotation", "cancelled", "approved", "waiting_stock", "ready", "delivered", "completed"},
        )
        self.assertEqual(self.env["order.event"].search_count([]), events)

    def test_what_was_confirmed_has_been_received(self):
        confirmed, quote = self.confirmed_order(), self.quotation()
        self.env.cr.flush()
        self.env.cr.execute("UPDATE sale_order SET submitted_at = NULL")
        self.env.cr.execute(FILL)
        self.env.invalidate_all()
        self.assertEqual((confirmed.submitted_at, quote.submitted_at), (confirmed.date_order, False))

    # ---------------------------------------------------------------- leaving
    def test_nothing_of_ours_stays_in_the_database(self):
        self.confirmed_order()
        self.env.cr.flush()
        uninstall_hook(self.env)
        self.env.cr.execute("SELECT count(*) FROM pg_proc WHERE proname = 'order_event_append_only'")
        self.assertEqual(self.env.cr.fetchone(), (0,))
        self.env.cr.execute("DELETE FROM order_event RETURNING id")
        self.assertGreaterEqual(len(self.env.cr.fetchall()), 3)
