from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common_promise import MONDAY, PromiseCase


@tagged("post_install", "-at_install")
class TestPromiseMended(PromiseCase):
    """Promises where things are less plain: taken back, changed, picked, put away, of other companies."""

    def test_taken_back_and_confirmed_again_it_is_promised_anew(self):
        order = self.order((self.few, 4)).sudo()
        self.assertEqual(self.day(order.promise_date), "2027-01-12")
        order._action_cancel()
        order.action_draft()
        self.assertFalse(order.promise_date or order.first_promise_date or order.commitment_date)
        order.order_line.product_uom_qty = 20
        self.receipt(self.few, 20, days=7)
        self.submit(order.with_env(self.env))
        self.assertEqual(self.day(order.promise_date), "2027-01-19")
        self.assertEqual(order.promise_ids.sorted("id").mapped("kind"), ["first", "first"])

    def test_cancelled_it_is_at_no_risk(self):
        order = self.order((self.blanket, 4)).sudo()
        self.assertTrue(order.promise_at_risk)
        order._action_cancel()
        self.assertFalse(order.promise_at_risk)

    def test_more_is_wanted_than_was_promised(self):
        self.receipt(self.few, 20, days=3)
        order = self.order((self.few, 4)).sudo()
        order.order_line.with_user(self.sally).product_uom_qty = 15
        self.assertEqual(self.day(order.promise_date), "2027-01-15")
        self.assertEqual(order.promise_ids.sorted("id")[-1].code, "line_changed")

    def test_what_was_late_is_not_wanted_any_more(self):
        self.receipt(self.blanket, 20, days=9)
        order = self.order((self.few, 4), (self.blanket, 2)).sudo()
        self.assertEqual(self.day(order.promise_date), "2027-01-21")
        order.order_line[1].with_user(self.sally).product_uom_qty = 0
        self.assertEqual(self.day(order.promise_date), "2027-01-12")

    def test_the_customer_moves_further_away(self):
        zone = self.env["order.freight.zone"].create(
            {"name": "Highlands", "country_ids": [Command.link(self.gb.id)], "zip_from": "IV", "zip_to": "IV"}
        )
        self.env["order.freight.rate"].create({"zone_id": zone.id, "transit_days": 4})
        order = self.order((self.few, 4)).sudo()
        far = self.customer.copy({"name": "Carla's Cottage", "zip": "IV1 1AA"})
        order.partner_shipping_id = far
        self.assertEqual(self.day(order.promise_date), "2027-01-15")

    def test_a_promise_is_not_smuggled_in_by_a_default(self):
        context = {"default_promise_code": "in_stock", "default_ready_date": "2000-01-01 00:00:00"}
        order = self.quotation()
        line = (
            self.env["sale.order.line"]
            .with_user(self.sally)
            .with_context(**context)
            .create({"order_id": order.id, "product_id": self.few.id})
        )
        self.assertFalse(line.sudo().ready_date or line.sudo().promise_code)
        with self.assertRaises(AccessError):
            line.ready_date = "2000-01-01 00:00:00"

    def test_picked_goods_do_not_slip(self):
        self.warehouse.delivery_steps = "pick_ship"
        self.receipt(self.few, 10, days=20)
        order = self.order((self.few, 10)).sudo()
        picking = order.picking_ids
        picking.move_ids.picked = True
        picking.button_validate()
        self.assertEqual(order.picking_ids.mapped("state"), ["done", "assigned"])
        rows = order.promise_ids
        self.env["order.promise.recheck"]._note(self.few, self.warehouse, "looked_again")
        self.recheck()
        self.assertEqual(order.promise_ids, rows)

    def test_goods_that_are_not_put_away_yet(self):
        self.warehouse.reception_steps = "two_steps"
        coming = self.receipt(self.blanket, 10, days=0)
        coming.move_ids.location_dest_id = self.warehouse.wh_input_stock_loc_id
        coming.move_ids.picked = True
        coming.button_validate()
        self.assertTrue(self.blanket.stock_move_ids.filtered(lambda m: m.state == "assigned"))
        self.assertEqual(self.day(self.order((self.blanket, 4)).sudo().promise_date), "2027-01-12")
        self.assertFalse(self.order((self.blanket, 7)).sudo().promise_date, "six are left")

    def test_public_holidays_of_another_company(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        leave = self.env["resource.calendar.leaves"].create(
            {
                "name": "Their holidays",
                "calendar_id": False,
                "date_from": MONDAY,
                "date_to": MONDAY + timedelta(days=9),
            }
        )
        leave.company_id = other
        leave.flush_recordset()
        self.assertEqual(self.day(self.order((self.few, 1)).sudo().promise_date), "2027-01-12")

    def test_switched_off_nothing_goes_on(self):
        coming = self.receipt(self.blanket, 10, days=3)
        order = self.order((self.blanket, 4)).sudo()
        self.company.promise_mode = "show"
        coming.move_ids.date = MONDAY + timedelta(days=43)
        self.env["order.promise.recheck"]._cron_sweep()
        self.recheck()
        self.assertEqual(self.day(order.promise_date), "2027-01-15")

    def test_the_same_date_written_again_is_no_date_by_hand(self):
        order = self.order((self.few, 4)).sudo()
        order.with_user(self.sally).write({"commitment_date": order.commitment_date})
        self.assertEqual(order.order_line.promise_code, "in_stock")

    def test_by_hand_and_at_risk_until_supply_comes(self):
        coming = self.receipt(self.blanket, 10, days=20)
        order = self.order((self.blanket, 4), commitment_date=MONDAY + timedelta(days=4)).sudo()
        self.assertTrue(order.promise_at_risk)
        coming.move_ids.date = MONDAY + timedelta(days=1)
        self.recheck()
        self.assertFalse(order.promise_at_risk)
        self.assertEqual(self.day(order.promise_date), "2027-01-15")

    def test_no_date_is_printed_that_nobody_keeps(self):
        coming = self.receipt(self.blanket, 10, days=3)
        order = self.order((self.blanket, 4)).sudo()
        coming.action_cancel()
        self.recheck()
        self.assertFalse(order.promise_date or order.commitment_date)

    def test_the_transfer_is_planned_anew(self):
        coming = self.receipt(self.blanket, 10, days=3)
        order = self.order((self.blanket, 4)).sudo()
        coming.move_ids.date = MONDAY + timedelta(days=10)
        self.recheck()
        self.assertEqual(self.day(order.picking_ids.scheduled_date), "2027-01-21")

    def test_goods_that_come_back_help(self):
        order = self.order((self.few, 12)).sudo()
        self.assertFalse(order.promise_date)
        customers = self.env.ref("stock.stock_location_customers")
        back = self.env["stock.move"].create(
            {
                "product_id": self.few.id,
                "product_uom_qty": 5,
                "location_id": customers.id,
                "location_dest_id": self.warehouse.lot_stock_id.id,
                "quantity": 5,
                "picked": True,
            }
        )
        back._action_done()
        self.run_allocator()
        self.recheck()
        self.assertTrue(order.promise_date)

    def test_two_lines_of_the_same_goods_share_what_is_there(self):
        order = self.quotation(lines=[(self.few, 7), (self.few, 7)])
        self.assertEqual(order.order_line.mapped(lambda line: bool(line.possible_date)), [True, False])

    def test_what_a_date_is_made_of_is_set_at_the_warehouse(self):
        form = self.env["stock.warehouse"].get_view(view_type="form")["arch"]
        for name in ("shipping_cut_off", "handling_hours", "shipping_calendar_id"):
            self.assertIn(f'name="{name}"', form)
