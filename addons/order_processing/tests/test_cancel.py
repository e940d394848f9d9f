from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from .common import OrderProcessingCase


class CancelCase(OrderProcessingCase):
    def ask(self, order, by=None, **choices):
        """Answer the question the Cancel button asks, and do it."""
        action = self.rpc(by or self.mona, order, "action_ask_cancel")
        wizard = self.env[action["res_model"]].with_user(by or self.mona).with_context(**action["context"])
        form = Form(wizard)
        for name, value in {"reason": "Customer changed their mind", **choices}.items():
            setattr(form, name, value)
        wizard = form.save()
        wizard.action_cancel_order()
        return wizard

    def question(self, order, by=None):
        """Return the wizard as it stands before anybody answers."""
        wizards = self.env["order.cancel"].with_user(by or self.mona).with_context(default_order_id=order.id)
        return wizards.create({})

    def ship_some(self, order, quantity):
        """Ship so many of the first line; the rest waits in a backorder."""
        picking = order.sudo().picking_ids
        move = picking.move_ids[0]
        move.quantity = quantity
        move.picked = True
        (picking.move_ids - move).quantity = 0
        picking.with_user(self.wes).with_context(skip_backorder=True).button_validate()
        return picking

    def invoice(self, order, post=True):
        invoice = order.sudo()._create_invoices()
        if post:
            invoice.action_post()
        return invoice

    def left(self, order):
        """Return {product name: quantity ordered} as the lines say now."""
        return {line.product_id.name: line.product_uom_qty for line in order.order_line}

    def told(self, order, kind):
        """Return what the timeline says in events of a kind."""
        self.env.cr.flush()
        return order.sudo()._events().filtered(lambda event: event.kind == kind).mapped("text")


@tagged("post_install", "-at_install")
class TestCancelAsks(CancelCase):
    """What the question says, and when it is asked."""

    def test_an_untouched_order_is_cancelled_as_in_odoo(self):
        order = self.confirmed_order()
        self.assertIs(self.rpc(self.sally, order, "action_cancel"), True)
        self.assertEqual((order.state, order.sudo().picking_ids.state), ("cancel", "cancel"))
        self.assertIn("stage:cancelled", self.events(order))

    def test_what_was_shipped_keeps_its_price(self):
        order = self.confirmed_order(lines=[(self.mug, 10)])
        self.ship_some(order, 4)
        self.mug.list_price = 20.0
        self.ask(order, scope="rest")
        self.assertEqual((order.order_line.product_uom_qty, order.order_line.price_unit), (4, 7.9))

    def test_a_quotation_is_cancelled_as_in_odoo(self):
        order = self.quotation()
        self.rpc(self.sally, order, "action_cancel")
        self.assertEqual((order.state, self.events(order)), ("cancel", []))

    def test_a_shipped_order_is_not_cancelled_unasked(self):
        order = self.confirmed_order()
        self.ship(order)
        action = self.rpc(self.mona, order, "action_cancel")
        self.assertEqual((action["res_model"], order.state), ("order.cancel", "sale"))

    def test_an_invoiced_order_is_not_cancelled_unasked(self):
        order = self.confirmed_order()
        self.invoice(order, post=False)
        action = self.rpc(self.sally, order, "action_cancel")
        self.assertEqual((action["res_model"], order.state), ("order.cancel", "sale"))

    def test_a_picked_order_is_not_cancelled_unasked(self):
        order = self.confirmed_order()
        order.sudo().picking_ids.move_ids.picked = True
        action = self.rpc(self.sally, order, "action_cancel")
        self.assertEqual((action["res_model"], order.state), ("order.cancel", "sale"))

    def test_many_at_once_are_not_cancelled_unasked(self):
        orders = self.confirmed_order() | self.confirmed_order()
        self.invoice(orders[0])
        with self.assertRaisesRegex(UserError, f"{orders[0].name}. Cancel these one by one"):
            self.rpc(self.sally, orders, "action_cancel")
        wizard = (
            self.env["sale.mass.cancel.orders"]
            .with_user(self.sally)
            .create({"sale_order_ids": [Command.set(orders.ids)]})
        )
        with self.assertRaisesRegex(UserError, "one by one"):
            self.rpc(self.sally, wizard, "action_mass_cancel")
        self.assertEqual(orders.mapped("state"), ["sale", "sale"])

    def test_while_observing_everything_is_as_in_odoo(self):
        self.company.review_mode = "observe"
        sam = new_test_user(self.env, "sam", "sales_team.group_sale_salesman,stock.group_stock_user")
        order = self.confirmed_order(by=sam)
        self.ship(order)
        self.rpc(sam, order, "action_cancel")
        self.assertEqual(order.state, "cancel")

    def test_the_system_cancels_as_in_odoo(self):
        order = self.confirmed_order()
        self.ship(order)
        order.sudo().action_cancel()
        self.assertEqual(order.state, "cancel")

    def test_the_question_says_what_it_touches(self):
        order = self.confirmed_order(lines=[(self.lantern, 5), (self.mug, 2)])
        picking = self.ship_some(order, 3)
        backorder = order.sudo().picking_ids - picking
        invoice = self.invoice(order)
        question = self.question(order)
        self.assertEqual(question.done_transfers, f"{picking.name}: 3 × [LANTERN] Metal Lantern")
        self.assertIn(f"{backorder.name}: ", question.open_transfers)
        self.assertIn("2 × [LANTERN] Metal Lantern", question.open_transfers)
        self.assertIn("2 × [MUG] Enamel Mug", question.open_transfers)
        self.assertIn(f"{invoice.name}: £", question.posted_invoices)
        self.assertEqual(question.shipments, f"{picking.name} · Handed over")
        self.assertFalse(question.draft_invoices or question.payments or question.picked_transfers)
        self.assertEqual(question.scope, "rest")

    def test_without_a_reason_nothing_is_cancelled(self):
        order = self.confirmed_order()
        with self.assertRaisesRegex(UserError, "Give a reason"):
            self.question(order).action_cancel_order()
        self.assertEqual(order.state, "sale")

    def test_what_happens_meanwhile_is_not_cancelled_unseen(self):
        order = self.confirmed_order()
        question = self.question(order)
        question.reason = "Changed their mind"
        self.ship(order)
        with self.assertRaisesRegex(UserError, "happened to the order meanwhile"):
            question.action_cancel_order()
        self.assertEqual(order.state, "sale")


@tagged("post_install", "-at_install")
class TestCancelChoices(CancelCase):
    """Each answer, and what becomes of transfers, lines and invoices."""

    def test_only_what_has_not_left(self):
        order = self.confirmed_order(lines=[(self.lantern, 5), (self.mug, 2), (self.wrapping, 1)])
        picking = self.ship_some(order, 3)
        self.ask(order, scope="rest")
        self.assertEqual(order.state, "sale")
        self.assertEqual(self.left(order), {"Metal Lantern": 3, "Enamel Mug": 0, "Gift Wrapping": 0})
        self.assertEqual(picking.state, "done")
        self.assertEqual((order.sudo().picking_ids - picking).mapped("state"), ["cancel"])
        self.assertEqual((order.fulfilment, order.review_state), ("full", "not_required"))
        backorder = (order.sudo().picking_ids - picking).name
        self.assertEqual(
            self.told(order, "cancelled_rest"),
            [
                f"What had not left was cancelled: Customer changed their mind. Cancelled {backorder};"
                f" stays as it left: {picking.name}"
            ],
        )

    def test_only_what_has_not_left_with_a_credit_note(self):
        order = self.confirmed_order(lines=[(self.lantern, 5)])
        self.ship_some(order, 3)
        invoice = self.invoice(order)
        self.ask(order, scope="rest", credit="draft")
        note = order.sudo().invoice_ids - invoice
        self.assertEqual((note.move_type, note.state, note.amount_total), ("out_refund", "draft", 2 * 18.5))

    def test_only_what_has_not_left_needs_something_that_has_not_left(self):
        order = self.confirmed_order()
        self.ship(order)
        wizard = self.question(order)
        wizard.write({"scope": "rest", "reason": "x"})
        with self.assertRaisesRegex(UserError, "nothing to cancel"):
            wizard.action_cancel_order()

    def test_a_draft_invoice_over_everything_goes(self):
        order = self.confirmed_order(lines=[(self.lantern, 5)])
        self.ship_some(order, 3)
        invoice = self.invoice(order, post=False)
        self.ask(order, scope="rest")
        self.assertEqual((invoice.state, order.order_line.qty_to_invoice), ("cancel", 3))

    def test_all_with_what_left_to_come_back(self):
        order = self.confirmed_order(lines=[(self.lantern, 5), (self.mug, 2)])
        picking = self.ship_some(order, 3)
        self.ask(order, scope="all")
        self.assertEqual(order.state, "cancel")
        back = order.sudo().picking_ids.filtered("return_id")
        moved = back.move_ids.filtered(lambda move: move.product_uom_qty)
        self.assertEqual((back.return_id, back.state), (picking, "assigned"))
        self.assertEqual([(m.product_id, m.product_uom_qty) for m in moved], [(self.lantern, 3)])
        self.assertIn(
            f"To come back with {back.name}", self.told(order, "cancelled_by")[0].replace("; t", "; T")
        )
        back.move_ids.picked = True
        back.with_user(self.wes).button_validate()
        self.assertEqual((back.state, order.order_line[0].qty_delivered), ("done", 0))

    def test_what_came_back_already_is_not_asked_back_twice(self):
        order = self.confirmed_order(lines=[(self.lantern, 5)])
        picking = self.ship(order)
        wizard = self.env["stock.return.picking"].with_user(self.wes).create({"picking_id": picking.id})
        wizard.product_return_moves.quantity = 2
        first = wizard._create_return()
        first.move_ids.picked = True
        first.button_validate()
        self.ask(order)
        second = order.sudo().picking_ids.filtered("return_id") - first
        self.assertEqual(second.move_ids.product_uom_qty, 3)

    def test_all_with_a_credit_note(self):
        order = self.confirmed_order(lines=[(self.lantern, 5)])
        invoice = self.invoice(order)
        self.ask(order, by=self.sally, credit="draft")
        note = order.sudo().invoice_ids - invoice
        self.assertEqual((order.state, note.state, note.reversed_entry_id), ("cancel", "draft", invoice))
        self.assertIn(
            f"credit note drafted for {invoice.name}",
            self.told(order, "cancelled_by")[0].lower().replace(invoice.name.lower(), invoice.name),
        )
        note.with_user(self.anna).action_post()
        self.assertEqual(self.told(order, "refunded"), [f"Credit note {note.name} over £\xa092.50"])

    def test_an_invoice_is_left_as_it_is(self):
        order = self.confirmed_order()
        invoice = self.invoice(order)
        self.ask(order, by=self.sally)
        self.assertEqual(
            (order.state, invoice.state, order.sudo().invoice_ids), ("cancel", "posted", invoice)
        )
        self.assertIn(f"Invoice left as it is: {invoice.name}"[1:], self.told(order, "cancelled_by")[0])

    def test_no_credit_note_over_the_limit(self):
        self.company.refund_limit = 50
        order = self.confirmed_order(lines=[(self.lantern, 5)])
        self.invoice(order)
        with self.assertRaisesRegex(AccessError, "you may credit up to"):
            self.ask(order, by=self.sally, credit="draft")
        self.env.invalidate_all()
        self.ask(self.confirmed_order(lines=[(self.lantern, 5)]), by=self.sally)

    def test_an_invoice_of_several_orders_is_credited_by_hand(self):
        orders = self.confirmed_order() | self.confirmed_order()
        self.invoice(orders)
        with self.assertRaisesRegex(UserError, "for other orders, too"):
            self.ask(orders[0], by=self.sally, credit="draft")

    def test_in_two_steps_what_is_picked_but_here_is_named(self):
        self.warehouse.delivery_steps = "pick_ship"
        order = self.confirmed_order(lines=[(self.lantern, 5)])
        pick = order.sudo().picking_ids
        pick.move_ids.picked = True
        pick.button_validate()
        ship = order.sudo().picking_ids - pick
        question = self.question(order)
        self.assertEqual(question.picked_transfers, f"{pick.name}: 5 × [LANTERN] Metal Lantern")
        self.assertEqual(question.open_transfers, f"{ship.name}: 5 × [LANTERN] Metal Lantern")
        self.ship_some_of(ship, 2)
        self.assertIn(pick.name, self.question(order).picked_transfers)
        self.ask(order, scope="rest")
        self.assertEqual((order.state, self.left(order)), ("sale", {"Metal Lantern": 2}))
        self.assertEqual(set(order.sudo().picking_ids.mapped("state")), {"done", "cancel"})

    def ship_some_of(self, picking, quantity):
        picking.move_ids.quantity = quantity
        picking.move_ids.picked = True
        picking.with_user(self.wes).with_context(skip_backorder=True).button_validate()

    def test_nobody_cancels_through_the_question_who_may_not_otherwise(self):
        order = self.confirmed_order()
        question = self.question(order, by=self.sally)
        question.reason = "x"
        self.ship(order)
        question.shown = order.sudo()._cancel_documents()
        with self.assertRaisesRegex(AccessError, "has left"):
            question.action_cancel_order()
        for user in (self.wes, self.anna, self.carla):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.rpc(user, order, "action_ask_cancel")
