from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common_takeover import TakeoverCase


@tagged("post_install", "-at_install")
class TestTakeover(TakeoverCase):
    def test_the_last_in_rank_loses_just_as_much(self):
        takeover = self.take()
        self.assertEqual(self.set_aside(self.first, self.second, self.urgent), [6, 1, 3])
        self.assertEqual(
            (self.urgent.processing_stage, self.second.processing_stage), ("ready", "waiting_stock")
        )
        self.assertEqual((takeover.losers, takeover.user_id), (self.second.name, self.mona))
        self.assertAddsUp(self.few)

    def test_the_loser_does_not_win_it_back_and_is_first_with_what_comes(self):
        rank = self.second.sudo().allocation_rank
        self.take()
        third = self.order((self.few, 2))
        self.run_allocator()
        self.assertEqual(self.set_aside(self.second, self.urgent), [1, 3])
        self.assertEqual(self.second.sudo().allocation_rank, rank)
        self.assertFalse(self.second.sudo().order_line.move_ids.released_by_hand)
        self.restock(self.few, 3)
        self.assertEqual(self.set_aside(self.second, third), [4, 0])

    def test_both_timelines_say_so(self):
        self.take()
        self.env.cr.flush()
        won = self.urgent.sudo()._events().filtered(lambda event: event.kind == "takeover_won")
        lost = self.second.sudo()._events().filtered(lambda event: event.kind == "takeover_lost")
        self.assertIn(f"that were set aside for {self.second.name}. The hospital waits", won.text)
        self.assertIn(f"to the more urgent order {self.urgent.name}", lost.text)
        self.assertIn("3 [FEW] Brass Bell", lost.text)
        self.assertEqual((won.audience, lost.audience, won.actor_name), ("internal", "internal", "Mona"))

    def test_promises_are_looked_at_again(self):
        with patch.object(self.registry["sale.order"], "_promise_again", autospec=True) as again:
            takeover = self.take()
            takeover.with_user(self.mona).action_undo()
        calls = [(call.args[0], call.args[1], call.kwargs.get("source")) for call in again.call_args_list]
        self.assertEqual(
            calls,
            [
                (self.second, "taken_over", self.urgent),
                (self.urgent, "urgent_order", None),
                (self.second, "taken_back", self.urgent),
                (self.urgent, "looked_again", None),
            ],
        )

    def test_it_is_shown_before(self):
        self.second.sudo().commitment_date = "2099-05-01"
        wizard = self.ask()
        line = wizard.line_ids
        self.assertEqual((line.order_name, line.quantity, line.value), (self.second.name, 3, 36))
        self.assertEqual((wizard.value, wizard.missing, wizard.kept), (36, "", ""))
        self.assertEqual(
            (line.promise_date, line.expected_date), (fields.Datetime.to_datetime("2099-05-01"), False)
        )
        self.assertEqual(self.set_aside(self.urgent), [0])
        form = Form(wizard)
        self.assertEqual(form.value, 36)

    def test_first_from_those_whose_promise_survives(self):
        self.first.sudo().order_line.ready_date = fields.Datetime.now() + timedelta(days=9)
        self.first.sudo().commitment_date = "2099-05-01"
        with self.coming(days=5, quantity=3):
            wizard = self.ask()
        self.assertEqual((wizard.line_ids.order_name, wizard.line_ids.is_kept), (self.first.name, True))
        self.assertEqual(wizard.line_ids.expected_date, wizard.line_ids.promise_date)

    def test_nobody_decides_on_what_he_was_not_shown(self):
        wizard = self.ask()
        self.second.with_user(self.mona)._action_cancel()
        wizard.reason = "Now"
        with self.assertRaisesRegex(UserError, "changed meanwhile"):
            wizard.action_take_over()

    def test_who_keeps_what_it_has(self):
        printed, picked = self.second.sudo().picking_ids, self.first.sudo().picking_ids
        printed.printed = True
        picked.move_line_ids.picked = True
        wizard = self.ask()
        self.assertFalse(wizard.line_ids)
        self.assertIn(f"{self.second.name} is printed", wizard.kept)
        self.assertIn(f"{self.first.name} is being picked", wizard.kept)
        self.assertEqual(wizard.missing, "3 [FEW] Brass Bell")

    def test_not_from_a_batch_that_has_begun(self):
        batch = self.env["stock.picking.batch"].create({"picking_ids": self.second.sudo().picking_ids.ids})
        self.assertEqual(self.ask().line_ids.order_name, self.second.name)
        batch.action_confirm()
        self.assertEqual(self.ask().line_ids.order_name, self.first.name)

    def test_not_from_urgent_ones_nor_by_those_that_are_not(self):
        self.second.sudo().urgency = "urgent"
        self.first.sudo().picking_ids.priority = "1"  # a star
        self.assertFalse(self.ask().line_ids)
        with self.assertRaisesRegex(UserError, "Only an urgent"):
            self.ask(self.order((self.few, 1)))

    def test_nobody_is_shaken_twice(self):
        self.take()
        again = self.order((self.few, 2), urgency="urgent")
        wizard = self.ask(again)
        self.assertEqual(wizard.line_ids.order_name, self.first.name)
        self.assertIn(f"{self.second.name} has lost goods already", wizard.kept)
        self.company.takeover_rest_hours = 0
        self.assertEqual(set(self.ask(again).line_ids.mapped("order_name")), {self.first.name})

    def test_what_is_held_for_a_quotation_goes_too(self):
        self.company.hold_quotation_hours = 24
        lamp = self.product("LAMP", 30.0, stock=3)
        quotation = self.quotation(lines=[(lamp, 3)])
        quotation.action_quotation_sent()
        urgent = self.order((lamp, 2), urgency="urgent")
        self.assertEqual(self.set_aside(urgent), [0])
        takeover = self.take(urgent)
        hold = quotation.sudo().order_line.hold_move_ids
        self.assertEqual((takeover.losers, hold.quantity, self.set_aside(urgent)), (quotation.name, 1, [2]))
        self.assertAddsUp(lamp)
        takeover.with_user(self.mona).action_undo()
        self.assertEqual((hold.quantity, self.set_aside(urgent)), (3, [0]))
        self.assertAddsUp(lamp)

    def test_lots_are_taken_as_they_are(self):
        tracked = self.product("LOTTED", 10.0, tracking="lot")
        for name in ("L1", "L2"):
            lot = self.env["stock.lot"].create({"name": name, "product_id": tracked.id})
            self.env["stock.quant"]._update_available_quantity(
                tracked, self.warehouse.lot_stock_id, 3, lot_id=lot
            )
        loser = self.order((tracked, 6))
        urgent = self.order((tracked, 4), urgency="urgent")
        before = self.state(loser, urgent)
        takeover = self.take(urgent)
        self.assertEqual(self.set_aside(loser, urgent), [2, 4])
        self.assertAddsUp(tracked)
        takeover.with_user(self.mona).action_undo()
        self.assertEqual(self.state(loser, urgent), before)
        self.assertAddsUp(tracked)

    def test_several_goods_and_losers_at_once(self):
        lamp = self.product("LAMP", 30.0, stock=5)
        both = self.order((lamp, 5))
        urgent = self.order((self.few, 8), (lamp, 2), urgency="urgent")
        takeover = self.take(urgent)
        self.assertEqual(self.set_aside(urgent), [10])
        self.assertEqual(set(takeover.losers.split(", ")), {self.first.name, self.second.name, both.name})
        self.assertAddsUp(self.few, lamp)

    def test_never_across_companies(self):
        other = self.env["res.company"].create({"name": "Elsewhere", "reservation_mode": "at_once"})
        wizard = self.ask()
        self.assertTrue(wizard.line_ids)
        self.second.sudo().order_line.move_ids.move_line_ids.flush_recordset()
        self.env.cr.execute(
            "UPDATE stock_move_line SET company_id = %s WHERE move_id = ANY(%s)",
            [other.id, self.second.sudo().order_line.move_ids.ids],
        )
        self.env.invalidate_all()
        self.assertEqual(self.ask().line_ids.order_name, self.first.name)


@tagged("post_install", "-at_install")
class TestTakeoverUndone(TakeoverCase):
    def test_everything_is_as_it_was(self):
        before = self.state(self.first, self.second, self.urgent)
        takeover = self.take()
        self.assertNotEqual(self.state(self.first, self.second, self.urgent), before)
        takeover.with_user(self.mona).action_undo()
        self.assertEqual(self.state(self.first, self.second, self.urgent), before)
        self.assertEqual((takeover.state, takeover.undone_by_id), ("undone", self.mona))
        self.assertIn("takeover_lost_undone", self.events(self.second))
        self.assertEqual(self.code(self.second), [False])
        self.run_allocator()
        self.assertEqual(self.set_aside(self.second, self.urgent), [4, 0])
        self.assertAddsUp(self.few)

    def test_a_quarter_of_an_hour_long(self):
        takeover = self.take()
        self.assertTrue(takeover.with_user(self.mona).can_undo)
        self.env.cr.execute(
            "UPDATE order_takeover SET create_date = create_date - interval '16 minutes' WHERE id = %s",
            takeover.ids,
        )
        takeover.invalidate_recordset()
        self.assertFalse(takeover.with_user(self.mona).can_undo)
        with self.assertRaisesRegex(UserError, "for 15 minutes"):
            takeover.with_user(self.mona).action_undo()

    def test_once(self):
        takeover = self.take()
        takeover.with_user(self.mona).action_undo()
        with self.assertRaisesRegex(UserError, "undone already"):
            takeover.with_user(self.mona).action_undo()

    def test_not_when_the_goods_have_moved_meanwhile(self):
        cases = {
            "is being picked": lambda: self.urgent.sudo().picking_ids.move_line_ids.write({"picked": True}),
            "has shipped it": lambda: self.ship(self.urgent),
        }
        for words, happens in cases.items():
            with self.subTest(words), self.env.cr.savepoint() as savepoint:
                takeover = self.take()
                happens()
                with self.assertRaisesRegex(UserError, words):
                    takeover.with_user(self.mona).action_undo()
                self.assertEqual(takeover.state, "done")
                savepoint.rollback()
                self.env.invalidate_all()

    def test_not_when_the_loser_has_got_others(self):
        takeover = self.take()
        self.restock(self.few, 3)
        self.assertEqual(self.set_aside(self.second), [4])
        with self.assertRaisesRegex(UserError, "has got others meanwhile"):
            takeover.with_user(self.mona).action_undo()

    def test_not_when_the_loser_is_cancelled(self):
        takeover = self.take()
        self.second.with_user(self.mona)._action_cancel()
        with self.assertRaisesRegex(UserError, "does not want it any more"):
            takeover.with_user(self.mona).action_undo()
