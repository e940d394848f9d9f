from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools.misc import hash_sign

from .common_shortage import ShortageCase


class ChoiceCase(ShortageCase):
    """Ten blankets and two mugs are ordered; four blankets are there. Tartan blankets may replace them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tartan = cls.product("TARTAN", 60.0, stock=30, name="Tartan Blanket")
        cls.blanket.substitute_ids = cls.tartan
        cls.put_in_stock(cls.blanket, 4)
        cls.sale = cls.order((cls.blanket, 10), (cls.mug, 2)).sudo()
        cls.look()
        cls.promise(cls.sale, 3)

    @classmethod
    def offer(cls, order=None):
        return cls.env["order.choice.offer"]._offer(order or cls.sale)

    def choose(self, code, offer=None):
        offer = offer or self.offer()
        self.assertTrue(offer._choose(code, self.env.ref("base.public_user")))
        self.assertTrue(offer.is_carried_out)
        self.assertEqual((offer.state, offer.choice), ("chosen", code))
        self.env.flush_all()
        return offer

    def codes(self, order=None):
        return [one["code"] for one in (order or self.sale)._possible_choices()]

    def sent(self, picking):
        return {move.product_id: move.product_qty for move in picking.move_ids if move.state != "cancel"}


@tagged("post_install", "-at_install")
class TestChoices(ChoiceCase):
    """What is offered, and what becomes of it."""

    # ---------------------------------------------------------------- what is possible
    def test_everything_is_possible(self):
        self.assertEqual(self.codes(), ["ship_now", "wait_all", "substitute", "cancel_missing", "cancel"])

    def test_nothing_there_is_nothing_to_send_now(self):
        order = self.order((self.blanket, 3)).sudo()
        self.look()
        self.assertEqual(self.codes(order), ["wait_all", "substitute", "cancel"])

    def test_a_substitute_has_to_be_there_for_all_of_it(self):
        self.put_in_stock(self.tartan, -25)
        self.assertNotIn("substitute", self.codes())
        self.blanket.substitute_ids += self.product("PLAID", 50.0, stock=6)
        self.assertIn("substitute", self.codes())

    def test_what_is_picked_is_not_cancelled_by_the_customer(self):
        self.sale.picking_ids.move_ids.filtered("quantity")[0].picked = True
        self.assertNotIn("cancel", self.codes())

    def test_nothing_while_nothing_is_short(self):
        self.restock(self.blanket, 10)
        self.look()
        self.assertEqual(self.codes(), [])
        self.assertFalse(self.offer())

    def test_not_where_the_company_does_not_want_it(self):
        self.company.offers_choices = False
        self.assertFalse(self.offer())

    def test_of_a_locked_order_no_line_is_changed(self):
        self.sale.locked = True
        self.assertEqual(self.codes(), ["ship_now", "wait_all"])

    def test_what_somebody_has_gone_to_fetch_is_not_called_back(self):
        self.sale.picking_ids.printed = True
        self.assertEqual(self.codes(), ["ship_now", "substitute", "cancel_missing"])

    def test_nothing_is_sold_below_its_cost(self):
        self.tartan.standard_price = 54.5
        self.assertNotIn("substitute", self.codes())
        self.blanket.substitute_ids += self.product("PLAID", 58.0, stock=6)
        self.assertIn("substitute", self.codes())

    def test_not_while_the_order_is_held(self):
        self.sale.order_line[0].with_user(self.sally).product_uom_qty = 500
        self.sale.order_line[0].with_user(self.sally).price_unit = 1
        self.assertTrue(self.sale._is_on_review_hold())
        self.assertEqual(self.codes(), [])

    # ---------------------------------------------------------------- each of them
    def test_send_what_is_there_now(self):
        self.choose("ship_now")
        now, later = self.sale.picking_ids.sorted("id")
        self.assertEqual(self.sent(now), {self.blanket: 4, self.mug: 2})
        self.assertEqual(self.sent(later), {self.blanket: 6})
        self.assertEqual((now.state, later.state, later.backorder_id), ("assigned", "confirmed", now))
        self.assertEqual((self.sale.picking_policy, self.sale.state), ("direct", "sale"))
        now.move_ids.picked = True
        now.with_user(self.wes).button_validate()
        self.assertEqual((now.state, self.sale.fulfilment), ("done", "partial"))
        self.restock(self.blanket, 6)
        self.assertEqual(later.state, "assigned")
        self.assertAddsUp(self.blanket, self.mug)

    def test_send_now_of_an_order_that_waited_for_everything(self):
        order = self.quotation(lines=[(self.tartan, 3), (self.blanket, 1)], picking_policy="one")
        order.action_submit()
        order = order.sudo()
        self.look()
        self.choose("ship_now", self.offer(order))
        self.assertEqual(len(order.picking_ids), 2)
        self.assertEqual(self.sent(order.picking_ids.sorted("id")[0]), {self.tartan: 3})

    def test_half_a_kit_is_not_sent(self):
        """The line sells a set; what moves are other products, and of one of them there is nothing."""
        picnic = self.product("SET", 70.0)
        rug = self.product("RUG", 30.0)
        order = self.quotation(lines=[(picnic, 1), (self.mug, 2)])
        order.with_context(skip_procurement=True).action_submit()
        order = order.sudo()
        line, mugs = order.order_line
        picking = self.parts(order, (line, self.mug), (line, rug), (mugs, self.mug))
        self.look(rug, self.mug)
        self.assertEqual(self.codes(order), ["ship_now", "wait_all", "cancel"])
        self.choose("ship_now", self.offer(order))
        rest = order.picking_ids - picking
        self.assertEqual(picking.move_ids.sale_line_id, mugs)
        self.assertEqual(rest.move_ids.sale_line_id, line)
        self.assertEqual(len(rest.move_ids), 2)
        self.assertTrue(rest.move_line_ids)
        for move_line in order.picking_ids.move_ids.move_line_ids:
            self.assertEqual(move_line.picking_id, move_line.move_id.picking_id)

    def parts(self, order, *moves):
        """Return a transfer of these parts of lines, as kits make it."""
        places = {
            "location_id": self.warehouse.lot_stock_id.id,
            "location_dest_id": self.env.ref("stock.stock_location_customers").id,
        }
        commands = [
            Command.create(
                {
                    "sale_line_id": line.id,
                    "product_id": part.id,
                    "product_uom_qty": line.product_uom_qty,
                    **places,
                }
            )
            for line, part in moves
        ]
        vals = {"picking_type_id": self.warehouse.out_type_id.id, "sale_id": order.id, "move_ids": commands}
        picking = self.env["stock.picking"].create({**vals, **places})
        picking.action_confirm()
        picking.action_assign()
        return picking

    def test_wait_and_send_everything_together(self):
        self.choose("wait_all")
        self.assertEqual((self.sale.picking_policy, self.sale.picking_ids.move_type), ("one", "one"))

    def test_the_substitute_costs_no_more_than_what_was_ordered(self):
        before = self.sale.amount_total
        self.choose("substitute")
        ordered, _mug, instead = self.sale.order_line.sorted(
            lambda line: (line.product_id != self.blanket, line.id)
        )
        self.assertEqual((ordered.product_uom_qty, instead.product_id), (4, self.tartan))
        self.assertEqual((instead.product_uom_qty, instead.price_unit), (6, 54.0))
        self.assertEqual(self.sale.amount_total, before)
        self.assertFalse(self.sale._is_on_review_hold())
        self.assertEqual(self.sale._deviations(), [])
        self.assertEqual(sum(instead.move_ids.mapped("quantity")), 6)
        self.assertEqual(
            sum(ordered.move_ids.filtered(lambda m: m.state != "cancel").mapped("product_qty")), 4
        )
        self.assertFalse(self.sale.shortage_ids)
        self.assertAddsUp(self.blanket, self.tartan)

    def test_a_cheaper_substitute_is_cheaper(self):
        self.tartan.list_price = 40.0
        self.choose("substitute")
        self.assertEqual(
            self.sale.order_line.filtered(lambda l: l.product_id == self.tartan).price_unit, 40.0
        )
        self.assertEqual(self.sale.amount_total, 4 * 54.0 + 6 * 40.0 + 2 * 7.9)

    def test_the_price_is_the_one_offered(self):
        self.tartan.list_price = 40.0
        offer = self.offer()
        self.tartan.list_price = 50.0
        self.choose("substitute", offer)
        self.assertEqual(
            self.sale.order_line.filtered(lambda l: l.product_id == self.tartan).price_unit, 40.0
        )

    def test_other_taxes_do_not_make_it_dearer(self):
        group = self.env["account.tax.group"].create({"name": "VAT", "country_id": self.gb.id})
        tax = self.env["account.tax"].create(
            {
                "name": "20 %",
                "amount": 20.0,
                "type_tax_use": "sale",
                "country_id": self.gb.id,
                "tax_group_id": group.id,
            }
        )
        self.tartan.taxes_id = tax
        before = self.sale.amount_total
        self.choose("substitute")
        self.assertLessEqual(self.sale.amount_total, before + 0.03)
        self.assertTrue(self.sale.amount_tax)

    def test_a_change_after_the_choice_is_reviewed_as_ever(self):
        self.choose("substitute")
        instead = self.sale.order_line.filtered(lambda line: line.product_id == self.tartan)
        instead.with_user(self.sally).price_unit = 1.0
        self.assertTrue(self.sale._is_on_review_hold())

    def test_cancel_what_is_missing(self):
        self.choose("cancel_missing")
        self.assertEqual(self.sale.order_line.mapped("product_uom_qty"), [4, 2])
        self.assertEqual(self.sale.picking_ids.state, "assigned")
        self.assertFalse(self.sale.shortage_ids)
        self.ship(self.sale)
        self.assertEqual(self.sale.fulfilment, "full")

    def test_what_is_kept_keeps_its_price(self):
        """Ten are cheaper each than four; meanwhile they have become dearer, too."""
        self.pricelist.item_ids = [
            Command.create(
                {
                    "applied_on": "0_product_variant",
                    "product_id": self.blanket.id,
                    "compute_price": "fixed",
                    "fixed_price": 50.0,
                    "min_quantity": 10,
                }
            )
        ]
        order = self.order((self.blanket, 10), (self.mug, 2)).sudo()
        self.restock(self.blanket, 10)
        self.look()
        self.blanket.list_price = 80.0
        self.choose("cancel_missing", self.offer(order))
        line = order.order_line[0]
        self.assertEqual((line.product_uom_qty, line.price_unit), (4, 50.0))
        self.assertEqual(order.amount_total, 4 * 50.0 + 2 * 7.9)
        self.assertFalse(order._is_on_review_hold())

    def test_the_price_of_a_substitute_stays(self):
        self.tartan.list_price = 40.0
        self.choose("substitute")
        instead = self.sale.order_line.filtered(lambda line: line.product_id == self.tartan)
        self.tartan.list_price = 60.0
        instead.with_user(self.sally).product_uom_qty = 5
        self.assertEqual(instead.price_unit, 40.0)

    def test_another_reason_to_look_at_it_is_not_passed_over(self):
        self.env["order.review.rule"].create(
            {
                "name": "No tartan",
                "kind": "domain",
                "domain": f"[('order_line.product_id', '=', {self.tartan.id})]",
                "message": "Tartan is for Scots",
            }
        )
        self.choose("substitute")
        self.assertTrue(self.sale._is_on_review_hold())

    def test_cancel_everything(self):
        self.choose("cancel")
        self.assertEqual((self.sale.state, self.sale.picking_ids.state), ("cancel", "cancel"))
        self.assertEqual(self.shortages(self.sale).state, "cancelled")

    def test_what_has_left_stays_sold(self):
        self.choose("ship_now")
        now = self.sale.picking_ids.sorted("id")[0]
        now.move_ids.picked = True
        now.with_user(self.wes).button_validate()
        self.choose("cancel")
        self.assertEqual(self.sale.state, "sale")
        self.assertEqual(self.sale.order_line.mapped("product_uom_qty"), [4, 2])
        self.assertEqual(
            (self.sale.fulfilment, self.sale.order_line.mapped("qty_delivered")), ("full", [4, 2])
        )

    def test_limits_by_role_are_not_the_customer_s(self):
        self.company.write({"role_limits": True, "cancel_limit": 1.0})
        self.choose("cancel")
        self.assertEqual(self.sale.state, "cancel")

    # ---------------------------------------------------------------- noted and told
    def test_both_timelines_say_it(self):
        self.choose("substitute")
        self.assertIn("chose_substitute", self.events(self.sale, "customer"))
        event = self.sale._events().filtered(lambda one: one.kind == "chose_substitute")
        self.assertIn("takes [TARTAN] Tartan Blanket instead of [BLANKET] Wool Blanket", event.text)
        theirs = event.with_context(order_event_audience="customer")
        self.assertIn("You take [TARTAN] Tartan Blanket", theirs.text)

    def test_the_salesperson_hears_of_it(self):
        self.choose("wait_all")
        [message] = self.messages_to(self.sally, "The customer has chosen")
        self.assertIn("Wait and send everything together", message.body)

    def test_of_a_web_order_somebody_hears_all_the_same(self):
        self.sale.write({"user_id": False, "team_id": False})
        self.sale._create_invoices().action_post()
        self.choose("cancel_missing")
        self.assertIn("refund", self.activities(self.mona, "sale.order").note)

    def test_without_anybody_named_a_sales_manager_hears(self):
        self.sale.write({"user_id": False, "team_id": False})
        self.company.shortage_user_id = False
        person = self.sale._person_in_charge()
        self.assertTrue(person.has_group("sales_team.group_sale_manager"))
        self.assertIn(self.company, person.company_ids)

    def test_who_cannot_see_the_order_is_not_asked_to_see_to_it(self):
        nobody = new_test_user(self.env, "bert", "base.group_user")
        self.assertFalse(self.sale._can_see_to_it(nobody))
        self.assertFalse(self.sale._can_see_to_it(self.carla))
        self.assertFalse(self.sale._can_see_to_it(self.env["res.users"]))
        self.assertTrue(self.sale._can_see_to_it(self.mona))

    def test_what_is_reserved_on_a_card_is_given_back(self):
        provider = self.env["payment.provider"].search([("code", "=", "demo")], limit=1)
        payment = self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": provider.payment_method_ids[:1].id,
                "amount": self.sale.amount_total,
                "currency_id": self.sale.currency_id.id,
                "partner_id": self.customer.id,
                "reference": self.sale.name,
                "operation": "online_direct",
                "sale_order_ids": self.sale.ids,
                "state": "authorized",
            }
        )
        with patch.object(self.registry["payment.transaction"], "action_void", autospec=True) as void:
            self.choose("cancel")
        self.assertEqual([call.args[0] for call in void.call_args_list], [payment])
        self.assertEqual(self.sale.state, "cancel")

    def test_what_is_paid_is_not_cancelled_behind_the_books(self):
        self.sale._create_invoices().action_post()
        self.choose("cancel")
        self.assertEqual((self.sale.state, self.sale.picking_ids.state), ("sale", "cancel"))
        self.assertEqual(self.sale.order_line.mapped("product_uom_qty"), [0, 0])
        self.assertIn("refund", self.activities(self.sally, "sale.order").note)

    def test_a_paid_order_needs_a_refund(self):
        self.sale._create_invoices().action_post()
        self.choose("cancel_missing")
        self.assertIn("refund", self.activities(self.sally, "sale.order").note)

    def test_what_cannot_be_done_by_itself_is_somebodys_work(self):
        offer = self.offer()
        self.patch(type(self.sale), "_choose_wait_all", lambda order, lines: 1 / 0)
        with self.assertLogs("odoo.addons.order_processing.models.sale_order_answer", "WARNING"):
            self.assertTrue(offer._choose("wait_all", self.env.ref("base.public_user")))
        self.assertEqual((offer.state, offer.is_carried_out), ("chosen", False))
        self.assertIn("by hand", self.activities(self.sally, "sale.order").note)

    # ---------------------------------------------------------------- once, and while it is open
    def test_only_once(self):
        offer = self.choose("wait_all")
        self.assertFalse(offer._choose("cancel", self.env.ref("base.public_user")))
        self.assertEqual((offer.choice, self.sale.state), ("wait_all", "sale"))

    def test_a_newer_offer_takes_the_place(self):
        old = self.offer()
        new = self.offer()
        self.assertEqual((old.state, new.state), ("withdrawn", "open"))
        self.assertFalse(old._choose("cancel", self.env.ref("base.public_user")))

    def test_not_after_the_time(self):
        offer = self.offer()
        offer.expires_at = fields.Datetime.now() - timedelta(seconds=1)
        self.assertFalse(offer._choose("cancel", self.env.ref("base.public_user")))

    def test_not_what_was_not_offered(self):
        self.put_in_stock(self.tartan, -30)
        offer = self.offer()
        self.put_in_stock(self.tartan, 30)
        self.assertEqual(offer._closed_because("substitute"), "gone")

    def test_not_what_is_not_possible_any_more(self):
        offer = self.offer()
        self.put_in_stock(self.tartan, -30)
        self.env.invalidate_all()
        self.assertEqual(offer._closed_because("substitute"), "gone")
        self.sale._action_cancel()
        self.assertEqual(offer._closed_because("wait_all"), "closed")

    def test_not_another_substitute_than_was_offered(self):
        offer = self.offer()
        self.put_in_stock(self.tartan, -30)
        self.blanket.substitute_ids += self.product("PLAID", 50.0, stock=6)
        self.assertIn("substitute", self.codes())
        self.assertEqual(offer._closed_because("substitute"), "gone")

    def test_not_after_the_company_stops_offering(self):
        offer = self.offer()
        self.company.offers_choices = False
        self.assertTrue(offer._closed_because("wait_all"))
        self.assertEqual(self.sale._offered_choices(), [])

    def test_nobody_else_offers_or_chooses(self):
        offer = self.offer()
        for user in (self.sally, self.mona, self.wes):
            self.assertFalse(offer.with_user(user).has_access("write"))
        self.assertTrue(offer.with_user(self.sally).has_access("read"))
        self.assertFalse(offer.with_user(self.wes).has_access("read"))


@tagged("post_install", "-at_install")
class TestLinks(ChoiceCase):
    """A link speaks of one order, one offer, one choice, and of nothing when it is forged."""

    def test_it_leads_to_the_choice(self):
        offer = self.offer()
        self.assertEqual(offer._of_token(offer._token("cancel")), (offer, "cancel"))
        self.assertIn("/order/choice/", offer._url("cancel"))

    def test_forged(self):
        offer, other = self.offer(), self.offer(self.another())
        token = offer._token("wait_all")
        forged = [
            "",
            "x",
            "AQ",
            token[:-2],
            token[:-1] + ("A" if token[-1] != "A" else "B"),
            token + "AAAA",
            "%%%",
            "ü",
            "\x00",
            "A" * 5000,
            token.swapcase(),
            # the signature of one, the words of another
            token[:54] + other._token("cancel")[54:],
        ]
        for one in forged:
            with self.subTest(one[:20]):
                self.assertEqual(offer._of_token(one), (offer.browse(), None))

    def another(self):
        order = self.order((self.blanket, 3)).sudo()
        self.look()
        return order

    def test_signed_for_something_else(self):
        offer = self.offer()
        token = hash_sign(self.env, "website_slides", [self.sale.id, offer.id, "cancel"])
        self.assertFalse(offer._of_token(token)[0])
        mixed = hash_sign(self.env, "order_processing.choice", [self.sale.id + 1, offer.id, "cancel"])
        self.assertFalse(offer._of_token(mixed)[0])

    def test_expired(self):
        offer = self.offer()
        offer.expires_at = fields.Datetime.now() - timedelta(hours=1)
        self.assertFalse(offer._of_token(offer._token("cancel"))[0])

    def test_of_an_offer_that_is_gone(self):
        offer = self.offer()
        token = offer._token("cancel")
        offer.unlink()
        self.assertFalse(offer._of_token(token)[0])
