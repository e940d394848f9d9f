import itertools
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .common_shortage import ShortageCase


@tagged("post_install", "-at_install")
class TestShortage(ShortageCase):
    """Fifty blankets are ordered, and there are none."""

    def test_what_is_short_is_written_down(self):
        order = self.order((self.blanket, 50), (self.mug, 4))
        [shortage] = self.look(self.blanket, self.mug)
        self.assertEqual(shortage, self.shortages(order))
        self.assertEqual(
            (shortage.product_id, shortage.quantity, shortage.uncovered_qty), (self.blanket, 50, 50)
        )
        self.assertEqual((shortage.state, shortage.risk, shortage.value), ("open", "nothing", 2700.0))
        self.assertEqual(shortage.buyer_id, self.mona)
        self.assertEqual(shortage.help_text, "nothing is coming")

    def test_looking_again_changes_nothing(self):
        order = self.order((self.blanket, 50))
        self.coming(self.blanket, 20)
        shortage = self.look()
        self.env.flush_all()
        before = shortage.read(), shortage.help_ids.ids
        self.assertEqual(self.look(), shortage)
        self.assertEqual((shortage.read(), shortage.help_ids.ids), before)
        self.assertEqual(len(self.shortages(order)), 1)

    def test_receipts_help_by_rank(self):
        later = self.order((self.blanket, 10))
        urgent = self.order((self.blanket, 10), urgency="urgent")
        self.promise(urgent, 3)
        first, second = self.coming(self.blanket, 12, days=5), self.coming(self.blanket, 30, days=9)
        self.look()
        self.assertEqual(self.shortages(urgent).help_ids.mapped("document_name"), [first.name])
        self.assertEqual(self.shortages(urgent).risk, "late")
        self.assertEqual(self.shortages(later).help_ids.mapped("document_name"), [first.name, second.name])
        self.assertEqual(self.shortages(later).help_ids.mapped("quantity"), [2, 8])
        self.assertEqual(self.shortages(later).expected_date, self.now + timedelta(days=9))
        self.assertEqual((self.shortages(later).risk, self.shortages(later).is_firm), ("in_time", True))

    def test_what_is_there_but_not_set_aside_is_not_short(self):
        order = self.order((self.few, 4))
        order.sudo().picking_ids.do_unreserve()
        self.assertFalse(self.look(self.few))

    def test_it_closes_by_itself(self):
        order = self.order((self.blanket, 5))
        shortage = self.look()
        self.restock(self.blanket, 5)
        self.assertFalse(self.look())
        self.assertEqual((shortage.state, shortage.quantity, bool(shortage.closed_at)), ("solved", 0, True))
        self.put_in_stock(self.blanket, -5)
        order.sudo().picking_ids.do_unreserve()
        again = self.look()
        self.assertEqual((len(again), again != shortage), (1, True))

    def test_what_nobody_wants_any_more_is_cancelled(self):
        order = self.order((self.blanket, 5))
        shortage = self.look()
        order._action_cancel()
        self.assertFalse(self.look())
        self.assertEqual(shortage.state, "cancelled")

    def test_partly_there(self):
        self.put_in_stock(self.blanket, 20)
        self.order((self.blanket, 50))
        self.assertEqual(self.look().quantity, 30)

    def test_nothing_where_dates_are_not_promised(self):
        self.company.promise_mode = "off"
        self.order((self.blanket, 5))
        self.assertFalse(self.look())
        self.company.promise_mode = "show"
        self.assertEqual(len(self.look()), 1)
        self.assertFalse(self.activities(self.mona))

    def test_what_is_left_when_promises_are_switched_off(self):
        self.order((self.blanket, 5))
        shortage = self.look()
        self.company.promise_mode = "off"
        self.run_sweep()
        self.assertEqual(shortage.state, "cancelled")
        self.assertFalse(self.activities(self.mona))

    def test_what_was_never_noted_is_found_by_the_sweep(self):
        order = self.order((self.blanket, 5))
        self.run_sweep()
        self.assertEqual(self.shortages(order).state, "open")
        self.restock(self.blanket, 5)
        self.run_sweep()
        self.assertEqual(self.shortages(order).state, "solved")

    def test_one_closes_while_another_opens(self):
        """What comes is for the first; the second has come meanwhile, and gets none of it."""
        self.order((self.blanket, 5))
        row = self.look()
        second = self.order((self.blanket, 3))
        self.restock(self.blanket, 5)
        news = self.look()
        self.assertEqual((row.state, self.shortages(second), news.quantity), ("solved", news, 3))

    def test_one_product_does_not_stop_the_sweep(self):
        tray = self.product("TRAY", 9.0)
        bad, good = self.order((self.blanket, 5)), self.order((tray, 2))
        Shortage = self.registry["order.shortage"]
        update = Shortage._update

        def failing(shortages, products, warehouses):
            if self.blanket.id in products.ids:
                raise ValueError("No blankets")
            return update(shortages, products, warehouses)

        self.patch(Shortage, "_update", failing)
        with self.assertLogs("odoo.addons.order_processing.models.order_shortage_update", "WARNING"):
            self.run_sweep()
        self.assertEqual((len(self.shortages(bad)), self.shortages(good).state), (0, "open"))

    def run_sweep(self):
        cron = self.env.ref("order_processing.ir_cron_sweep_shortages")
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()

    def test_as_many_queries_for_many_as_for_few(self):
        counts = []
        for number in (2, 10):
            goods = self.product(f"ONE-{number}", 5.0) | self.product(f"TWO-{number}", 6.0)
            for _order in range(number):
                self.order(*((product, 2) for product in goods))
            self.coming(goods[0], 3)
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            rows = self.env["order.shortage"]._refresh(goods, self.warehouse)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - start)
            self.assertEqual(len(rows), 2 * number)
        self.assertLessEqual(counts[1], counts[0] + 1)


@tagged("post_install", "-at_install")
class TestBuyersAreTold(ShortageCase):
    """One activity, one message for what is new, nothing twice."""

    def test_once_however_much_is_short(self):
        for _order in range(3):
            self.order((self.blanket, 5))
        tray = self.product("TRAY", 9.0)
        self.order((tray, 2))
        self.look(self.blanket, tray)
        activity = self.activities(self.mona)
        self.assertEqual((len(activity), activity.summary), (1, "Short: 2 products"))
        [message] = self.messages_to(self.mona, "products are short")
        for words in ("Wool Blanket", "15", "TRAY"):
            self.assertIn(words, message.body)
        self.look(self.blanket, tray)
        self.assertEqual(self.activities(self.mona), activity)
        self.assertEqual(len(self.messages_to(self.mona, "products are short")), 1)

    def test_what_is_new_is_a_new_message_and_the_same_activity(self):
        self.order((self.blanket, 5))
        self.look()
        activity = self.activities(self.mona)
        tray = self.product("TRAY", 9.0)
        self.order((tray, 2))
        self.look(tray)
        # Nobody is written to twice in an hour.
        self.assertEqual(len(self.messages_to(self.mona, "products are short")), 1)
        self.an_hour_later()
        self.look(tray)
        self.assertEqual((self.activities(self.mona), activity.summary), (activity, "Short: 2 products"))
        news = self.messages_to(self.mona, "products are short")[0]
        self.assertIn("TRAY", news.body)
        self.assertNotIn("Wool Blanket", news.body)

    def an_hour_later(self):
        for row in self.env["order.shortage"].search([("told_at", "!=", False)]):
            row.told_at -= timedelta(hours=1)

    def test_done_with_it_does_not_come_back_until_it_is_worse(self):
        self.order((self.blanket, 5))
        self.look()
        self.activities(self.mona).with_user(self.mona).action_done()
        self.an_hour_later()
        self.look()
        self.assertFalse(self.activities(self.mona))
        self.assertEqual(len(self.messages_to(self.mona, "products are short")), 1)
        self.order((self.blanket, 2))
        self.look()
        self.assertEqual(len(self.activities(self.mona)), 1)
        self.assertEqual(len(self.messages_to(self.mona, "products are short")), 2)

    def test_it_goes_away_when_nothing_is_short(self):
        self.order((self.blanket, 5))
        self.look()
        self.restock(self.blanket, 5)
        self.look()
        self.assertFalse(self.activities(self.mona))

    def test_it_moves_on_when_what_it_hangs_on_is_settled(self):
        self.order((self.blanket, 5))
        tray = self.product("TRAY", 9.0)
        self.order((tray, 2))
        self.look(self.blanket, tray)
        self.restock(self.blanket, 5)
        self.look(self.blanket)
        activity = self.activities(self.mona)
        self.assertEqual(activity.summary, "Short: 1 products")
        self.assertEqual(self.env["order.shortage"].browse(activity.res_id).product_id, tray)

    def test_what_is_ordered_in_time_is_nobodys_work(self):
        self.order((self.blanket, 5))
        self.coming(self.blanket, 5)
        self.assertEqual(self.look().risk, "in_time")
        self.assertFalse(self.activities(self.mona))

    def test_in_the_reader_s_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.mona.lang = "fr_FR"
        self.order((self.blanket, 5))
        self.look()
        self.assertEqual(len(self.activities(self.mona)), 1)

    def test_nobody_to_tell(self):
        self.company.shortage_user_id = False
        self.order((self.blanket, 5))
        self.assertEqual(len(self.look()), 1)

    def test_only_who_can_look_at_it_is_told(self):
        with self.assertRaises(ValidationError):
            self.company.shortage_user_id = self.anna
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = new_test_user(
            self.env, "stranger", "stock.group_stock_user", company_id=elsewhere.id, company_ids=elsewhere.ids
        )
        with self.assertRaises(ValidationError):
            self.company.shortage_user_id = stranger


@tagged("post_install", "-at_install")
class TestPlanners(ShortageCase):
    """What a planner can do about it, and who is a planner."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sale = cls.order((cls.blanket, 5))
        cls.shortage = cls.look()

    def test_bringing_it_from_another_warehouse(self):
        north = self.env["stock.warehouse"].create({"name": "North", "code": "NO"})
        self.put_in_stock(self.blanket, 3, location=north.lot_stock_id)
        self.env.invalidate_all()
        self.assertEqual((self.shortage.elsewhere_id, self.shortage.elsewhere_qty), (north, 3))
        self.rpc(self.wes, self.shortage, "action_transfer")
        self.assertEqual(self.shortage.uncovered_qty, 2)
        self.assertEqual(self.shortage.help_ids.kind, "transfer")
        arriving = self.env["stock.picking"].browse(self.shortage.help_ids.document_id)
        leaving = arriving.move_ids.move_orig_ids.picking_id
        self.assertEqual((leaving.state, leaving.origin), ("assigned", self.sale.name))
        # It is counted on for the day it arrives, not for the day it leaves.
        self.assertEqual((arriving.scheduled_date - leaving.scheduled_date).days, self.company.transfer_days)
        self.env.invalidate_all()
        self.assertFalse(self.shortage.elsewhere_id)

    def test_it_is_on_its_way_for_whole_days_however_long_making_it_takes(self):
        north = self.env["stock.warehouse"].create({"name": "North", "code": "NO"})
        self.put_in_stock(self.blanket, 3, location=north.lot_stock_id)
        self.env.invalidate_all()
        began, ticks = fields.Datetime.now(), itertools.count()
        # Each look at the clock is a second later than the one before.
        with patch.object(fields.Datetime, "now", lambda *_: began + timedelta(seconds=next(ticks))):
            self.rpc(self.wes, self.shortage, "action_transfer")
        arriving = self.env["stock.picking"].browse(self.shortage.help_ids.document_id)
        leaving = arriving.move_ids.move_orig_ids.picking_id
        on_its_way = arriving.scheduled_date - leaving.scheduled_date
        self.assertEqual(on_its_way, timedelta(days=self.company.transfer_days))

    def test_pressed_twice_it_is_brought_once(self):
        north = self.env["stock.warehouse"].create({"name": "North", "code": "NO"})
        self.put_in_stock(self.blanket, 30, location=north.lot_stock_id)
        self.rpc(self.wes, self.shortage, "action_transfer")
        notice = self.rpc(self.wes, self.shortage, "action_transfer")
        self.assertEqual(notice["params"]["type"], "info")
        moves = self.env["stock.move"].search([("location_id", "=", north.lot_stock_id.id)])
        self.assertEqual(moves.mapped("product_qty"), [5])

    def test_what_nobody_can_order_is_said(self):
        self.company.shortage_replenish = "automatic"
        notice = self.rpc(self.wes, self.shortage, "action_replenish")
        self.assertIn("no vendor and no route", notice["params"]["message"])
        self.assertTrue(self.shortage.is_unavailable)
        self.assertEqual(self.look(), self.shortage)

    def test_salespeople_do_not_order(self):
        for call in ("action_replenish", "action_transfer"):
            with self.subTest(call), self.assertRaises(UserError):
                self.rpc(self.sally, self.shortage, call)
        self.company.shortage_replenish = "off"
        with self.assertRaises(UserError):
            self.rpc(self.wes, self.shortage, "action_replenish")

    def test_salespeople_see_their_own(self):
        self.assertTrue(self.shortage.with_user(self.sally).has_access("read"))
        self.sale.sudo().user_id = self.mona
        self.env.invalidate_all()
        self.assertFalse(self.shortage.with_user(self.sally).has_access("read"))
        for user in (self.wes, self.rita, self.mona):
            self.assertTrue(self.shortage.with_user(user).has_access("read"))
            self.assertEqual(
                self.rpc(user, self.shortage, "read", ["help_text"])[0]["help_text"], "nothing is coming"
            )

    def test_nobody_makes_them_by_hand(self):
        for user in (self.sally, self.wes, self.mona):
            for call, args in (
                ("write", {"quantity": 1}),
                ("unlink", None),
                ("create", {"order_id": self.sale.id}),
            ):
                with self.subTest(user.login, call=call), self.assertRaises(AccessError):
                    self.rpc(user, self.shortage, call, *([args] if args else []))

    def test_where_it_leads(self):
        self.assertEqual(self.shortage.action_open_order()["res_id"], self.sale.id)
        self.assertEqual(self.shortage.with_user(self.wes).action_view_holders()["res_model"], "stock.move")
        receipt = self.coming(self.blanket, 5)
        self.look()
        self.assertEqual(self.shortage.action_open_help()["res_id"], receipt.id)
        self.coming(self.blanket, 5, days=1).move_ids.product_uom_qty = 2
        self.look()
        self.assertEqual(self.shortage.action_open_help()["res_model"], "order.shortage.help")
        action = self.rpc(self.sally, self.sale, "action_view_shortages")
        self.assertEqual(action["domain"], [("order_id", "in", self.sale.ids)])
