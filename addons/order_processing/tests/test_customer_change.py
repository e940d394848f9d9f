from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import OrderProcessingCase


class ChangeCase(OrderProcessingCase):
    """Carla changes what she has ordered: 5 lanterns and 10 mugs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sale = cls.confirmed_order(lines=[(cls.lantern, 5), (cls.mug, 10)]).sudo()
        cls.sale.picking_ids.action_assign()
        cls.lanterns, cls.mugs = cls.sale.order_line

    def change(self, kind, wish=None, order=None, seen=None, user=None, note=""):
        order = order or self.sale
        seen = seen or order._change_version()
        return order._customer_change(kind, wish or {}, seen, user or self.carla, note)

    def less(self, quantity=3, **more):
        return self.change("quantity", {"lines": {str(self.lanterns.id): quantity}}, **more)

    def told(self, order=None):
        """Return the subjects of the messages to the customer about changes."""
        messages = (order or self.sale).message_ids
        return [m.subject for m in messages if "what you wanted changed" in (m.subject or "")]

    def pick(self):
        self.sale.picking_ids.printed = True

    def moved(self, product):
        moves = self.sale.picking_ids.move_ids.filtered(
            lambda move: move.product_id == product and move.state != "cancel"
        )
        return sum(moves.mapped("product_uom_qty")), sum(moves.mapped("quantity"))


@tagged("post_install", "-at_install")
class TestChangeAtOnce(ChangeCase):
    """As long as nobody has begun to pick."""

    def test_less_of_a_product(self):
        self.assertEqual(self.less(3), "done")
        self.assertEqual((self.lanterns.product_uom_qty, self.sale.state), (3, "sale"))
        self.assertEqual(self.moved(self.lantern), (3, 3))
        self.assertEqual(self.moved(self.mug), (10, 10))
        self.assertEqual(self.sale.review_state, "not_required")
        events = self.sale._events("customer").filtered(lambda one: one.kind == "changed_quantity")
        self.assertEqual((events.actor_id, events.actor_name), (self.carla.id, "Carla"))
        self.assertIn("5 → 3", events.data["wish"])
        self.assertEqual(len(self.told()), 1)

    def test_a_line_is_dropped(self):
        self.assertEqual(self.less(0), "done")
        self.assertEqual(self.moved(self.lantern), (0, 0))
        self.assertEqual(self.sale.amount_total, 79.0)

    def test_more_goes_through_the_gate(self):
        rule = self.rule("price")
        self.assertTrue(rule)
        self.assertEqual(self.less(7), "done")
        self.assertEqual(self.moved(self.lantern), (7, 7))

    def test_more_than_what_was_approved_is_looked_at_again(self):
        self.rule("price").active = False
        order = self.held_quotation(lines=[(self.lantern, 1)])
        self.approve(order)
        order = order.sudo()
        wish = {"lines": {str(order.order_line.id): 40}}
        self.corner_shop.user_ids = [Command.clear()]
        self.assertEqual(self.change("quantity", wish, order, user=self.env.ref("base.public_user")), "done")
        self.assertEqual(order.review_state, "pending")
        moves = order.picking_ids.move_ids.filtered(lambda move: move.state != "cancel")
        self.assertEqual(sum(moves.mapped("product_uom_qty")), 1)

    def test_cancelled(self):
        self.assertEqual(self.change("cancel"), "done")
        self.assertEqual((self.sale.state, self.sale.picking_ids.state), ("cancel", "cancel"))
        self.assertIn("changed_cancel", self.events(self.sale, "customer"))

    def test_cancelled_while_it_is_checked(self):
        order = self.held_quotation(self.customer, [(self.lantern, 1, 1.0)]).sudo()
        self.assertEqual(self.change("cancel", order=order), "done")
        self.assertEqual(order.state, "cancel")

    def test_changed_while_it_is_checked(self):
        order = self.held_quotation(lines=[(self.lantern, 2), (self.mug, 1)]).sudo()
        wish = {"lines": {str(order.order_line[0].id): 0}}
        public = self.env.ref("base.public_user")
        self.assertEqual(self.change("quantity", wish, order, user=public), "done")
        self.assertEqual(order.order_line.product_id, self.mug)
        self.assertOpen(order)

    def test_paid_and_cancelled_is_refunded_by_a_person(self):
        self.sale._create_invoices().action_post()
        self.assertTrue(self.sale._refund_words())
        self.company.customer_refund_user_id = self.mona
        self.assertEqual(self.change("cancel"), "done")
        self.assertEqual(self.sale.state, "cancel")
        todo = self.sale.activity_ids.filtered(lambda one: one.summary == "Refund what the customer has paid")
        self.assertEqual(todo.user_id, self.mona)

    def test_another_address_of_the_book(self):
        depot = self.env["res.partner"].create(
            {
                "name": "Depot",
                "parent_id": self.customer.id,
                "type": "delivery",
                "street": "1 Main Street",
                "city": "London",
                "zip": "NW1 6XE",
                "country_id": self.gb.id,
                "phone": "+44 20 7946 0018",
            }
        )
        self.assertEqual(self.change("address", {"partner": depot.id}), "done")
        self.assertEqual((self.sale.partner_shipping_id, self.sale.picking_ids.partner_id), (depot, depot))

    def test_nobody_elses_address(self):
        depot = self.customer.copy({"name": "Depot", "parent_id": self.customer.id, "type": "delivery"})
        public = self.env.ref("base.public_user")
        for wish, user in (
            ({"partner": self.corner_shop.id}, self.carla),
            ({"partner": depot.id}, public),
            ({"partner": depot.id}, self.sally),
        ):
            self.assertEqual(self.change("address", wish, user=user), "no")
        self.assertEqual(self.sale.partner_shipping_id, self.customer)
        self.assertFalse(self.sale.change_request_ids)

    def test_a_corrected_address_is_a_new_one(self):
        new = {
            "street": "222 Baker Street",
            "street2": "",
            "zip": "NW1 6XE",
            "city": "London",
            "phone": "",
            "state_id": False,
            "country_id": self.gb.id,
        }
        before = self.sale._change_version()
        self.assertEqual(self.change("address", {"new": new}), "done")
        place = self.sale.partner_shipping_id
        self.assertEqual(
            (place.street, place.parent_id, place.type), ("222 Baker Street", self.customer, "delivery")
        )
        self.assertEqual(self.customer.street, "221 Baker Street")
        self.assertNotEqual(self.sale._change_version(), before)

    def test_another_day(self):
        self.assertEqual(self.change("date", {"date": "2027-03-04"}), "done")
        self.assertEqual(str(self.sale.requested_date), "2027-03-04 12:00:00")

    def test_twice_is_once(self):
        """Two tabs, a double click, an old page."""
        seen = self.sale._change_version()
        self.assertEqual(self.less(3, seen=seen), "done")
        self.assertEqual(self.less(3, seen=seen), "stale")
        self.assertEqual(self.less(1, seen=seen), "stale")
        self.assertEqual(self.change("cancel", seen=seen), "stale")
        self.assertEqual((self.lanterns.product_uom_qty, self.sale.state), (3, "sale"))
        self.assertEqual(self.events(self.sale).count("changed_quantity"), 1)

    def test_colleagues_do_not_speak_for_the_customer(self):
        self.assertEqual(self.change("cancel", user=self.sally), "no")
        self.assertEqual(self.sale.state, "sale")


@tagged("post_install", "-at_install")
class TestChangeAskedFor(ChangeCase):
    """From then on a person decides."""

    def asked(self, kind="quantity", **wish):
        self.pick()
        wish = wish or {"lines": {str(self.lanterns.id): 3}}
        outcome = self.change(kind, wish, note="Sorry!")
        self.assertEqual(outcome, "asked")
        return self.sale.change_request_ids.with_user(self.sally)

    def test_asked_and_accepted(self):
        request = self.asked()
        self.assertEqual(
            (self.lanterns.product_uom_qty, request.reason_code, request.note), (5, "begun", "Sorry!")
        )
        todo = self.sale.activity_ids
        self.assertEqual((todo.user_id, todo.summary), (self.sally, "The customer asks: Change quantities"))
        self.assertEqual(self.sale.with_user(self.sally).change_request_id, request)
        request.action_accept()
        self.assertEqual((request.state, request.decided_by_id), ("accepted", self.sally))
        self.assertEqual((self.lanterns.product_uom_qty, self.moved(self.lantern)[0]), (3, 3))
        self.assertFalse(self.sale.activity_ids.filtered(lambda one: one.summary == todo.summary))
        self.assertIn("change_accepted_quantity", self.events(self.sale, "customer"))
        self.assertEqual(len(self.told()), 1)

    def test_what_is_picked_is_put_back_first(self):
        request = self.asked()
        self.sale.picking_ids.move_ids.picked = True
        with self.assertRaises(UserError):
            request.with_user(self.mona).action_accept()
        self.assertEqual(self.moved(self.lantern), (5, 5))

    def test_dropped_while_it_is_packed(self):
        request = self.asked(lines={str(self.lanterns.id): 0, str(self.mugs.id): 12})
        request.action_accept()
        self.assertEqual((self.moved(self.lantern), self.moved(self.mug)), ((0, 0), (12, 12)))

    def test_refused_with_a_reason(self):
        request = self.asked()
        with self.assertRaises(UserError):
            request.action_refuse()
        request.answer = "It is in the van."
        request.action_refuse()
        self.assertEqual((request.state, self.lanterns.product_uom_qty), ("refused", 5))
        self.assertEqual(len(self.told()), 1)
        self.assertIn("It is in the van.", self.sale.message_ids.filtered("subject")[:1].body)
        for again in (request.action_accept, request.action_refuse):
            with self.assertRaises(UserError):
                again()
        with self.assertRaises(AccessError):
            request.answer = "No, it is not."

    def test_one_wish_at_a_time(self):
        self.asked()
        self.assertEqual(self.change("cancel"), "no")

    def test_cancel_asks_what_is_to_become_of_what_was_picked(self):
        request = self.asked("cancel")
        self.sale.picking_ids.move_ids.picked = True
        self.assertEqual(request.action_accept()["res_model"], "order.cancel")
        self.assertEqual(request.state, "open")
        wizard = (
            self.env["order.cancel"]
            .with_user(self.mona)
            .create({"order_id": self.sale.id, "reason": "The customer asks"})
        )
        wizard.action_cancel_order()
        self.assertEqual((self.sale.state, request.state), ("cancel", "accepted"))

    def test_cancelled_meanwhile(self):
        request = self.asked()
        self.sale._action_cancel()
        self.assertEqual(request.state, "void")
        self.assertFalse(self.told())

    def test_gone_meanwhile(self):
        request = self.asked()
        self.ship(self.sale)
        with self.assertRaises(UserError):
            request.with_user(self.mona).action_accept()
        self.assertEqual(self.lanterns.product_uom_qty, 5)

    def test_what_is_special_is_asked_for(self):
        self.lanterns.price_unit = 17.0
        self.assertEqual((self.less(), self.sale.change_request_ids.reason_code), ("asked", "price"))

    def test_by_policy(self):
        self.company.customer_may_quantity = "ask"
        self.assertEqual((self.less(), self.sale.change_request_ids.reason_code), ("asked", "policy"))
        other = self.confirmed_order().sudo()
        self.company.customer_may_cancel = "never"
        self.assertEqual(self.change("cancel", order=other), "no")

    def test_who_may_decide(self):
        request = self.asked()
        for user in (self.wes, self.anna, self.carla):
            for method in ("action_accept", "action_refuse"):
                with self.subTest(user.login), self.assertRaises(AccessError):
                    self.rpc(user, request, method)
        with self.assertRaises(AccessError):
            self.rpc(self.sally, request, "write", {"wish": {"lines": {}}})
        with self.assertRaises(AccessError):
            self.rpc(self.sally, request, "write", {"state": "accepted"})

    def test_it_cannot_be_done_by_itself(self):
        """Whatever goes wrong, the wish is kept."""
        self.patch(type(self.sale), "_change_date", lambda order, wish: 1 / 0)
        with self.assertLogs("odoo.addons.order_processing.models.sale_order_answer", "WARNING"):
            self.assertEqual(self.change("date", {"date": "2027-03-04"}), "asked")
        self.assertEqual(self.sale.change_request_ids.kind, "date")

    def test_what_has_left_goes_where_it_went(self):
        self.sale.picking_ids.move_ids[0].picked = True
        self.sale.picking_ids.move_ids[0].move_line_ids.write({"picked": True})
        depot = self.customer.copy({"name": "Depot", "parent_id": self.customer.id, "type": "delivery"})
        done = self.sale.picking_ids
        done.with_context(skip_backorder=True)._action_done()
        self.assertEqual(done.state, "done")
        self.assertEqual(self.change("address", {"partner": depot.id}), "asked")
        self.sale.change_request_ids.with_user(self.mona).action_accept()
        self.assertEqual(done.partner_id, self.customer)
        self.assertEqual((self.sale.picking_ids - done).partner_id, depot)
