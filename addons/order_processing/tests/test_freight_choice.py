from unittest.mock import patch

import requests

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from ..engine.freight import Code
from .common_freight import FreightCase


@tagged("post_install", "-at_install")
class TestWhichCarrier(FreightCase):
    """On approval, where nobody has chosen: the cheapest that keeps the date."""

    def compare(self, order, by=None):
        self.rpc(by or self.sally, order, "action_compare_freight")
        offers = order.sudo().freight_offer_ids.filtered(lambda offer: not offer.picking_id)
        return offers.sorted("place")

    def offer(self, order, carrier):
        return order.sudo().freight_offer_ids.filtered(lambda offer: offer.carrier_id == carrier)

    # ---------------------------------------------------------------- on approval
    def test_the_cheapest_that_keeps_the_date_asked_for(self):
        order = self.order((self.mug, 2), requested_date="2027-01-13 12:00:00")
        self.assertEqual((order.carrier_id, order.freight_code), (self.post, "in_time"))
        self.assertEqual(self.day(order.promise_date), "2027-01-13")
        self.assertIn("Post for £ 4.00 is in time; Slow for £ 2.00 would be late", self.said(order))
        self.assertIn("next is Courier for £ 9.00, £ 5.00 more", self.said(order))
        self.assertEqual(order.sudo().picking_ids.carrier_id, self.post)
        self.assertIn("carrier_chosen", self.events(order))

    def said(self, order):
        return order.with_user(self.sally).freight_reason.replace("\u00a0", " ")

    def test_where_there_is_time_the_slow_one(self):
        order = self.order((self.mug, 2), requested_date="2027-01-29 12:00:00")
        self.assertEqual((order.carrier_id, order.freight_code), (self.slow, "cheapest"))
        self.assertEqual(order.freight_figures["difference"], 2.0)

    def test_without_a_date_a_day_of_patience(self):
        order = self.order((self.mug, 2))
        self.assertEqual((order.carrier_id, self.day(order.promise_date)), (self.post, "2027-01-13"))
        self.company.freight_patience = 0
        self.assertEqual(self.order((self.mug, 2)).carrier_id, self.courier)

    def test_nobody_keeps_it_the_first_to_be_there(self):
        order = self.order((self.mug, 2), requested_date="2027-01-11 23:00:00")
        self.assertEqual((order.carrier_id, order.freight_code), (self.courier, Code.LATE.value))
        self.assertIn("Nobody is in time", self.said(order))

    def test_what_the_customer_pays_does_not_change(self):
        order = self.order((self.mug, 2))
        self.assertTrue(order.carrier_id)
        self.assertFalse(order.order_line.filtered("is_delivery"))
        self.assertEqual(order.amount_total, 2 * 7.9)
        # Nor when the carrier names the real price at the end.
        self.post.invoice_policy = "real"
        picking = order.sudo().picking_ids
        picking.carrier_price = 12.0
        picking._add_delivery_cost_to_so()
        self.assertFalse(order.order_line.filtered("is_delivery"))

    def test_what_somebody_has_chosen_stays(self):
        mine = self.quotation(lines=[(self.mug, 2)], carrier_id=self.courier.id)
        paid = self.quotation(lines=[(self.mug, 2)])
        paid.set_delivery_line(self.slow, 3.0)
        for order in (mine, paid):
            self.submit(order)
        self.assertEqual((mine.carrier_id, paid.carrier_id), (self.courier, self.slow))
        self.assertEqual((mine.freight_code, paid.freight_code), (False, False))

    def test_the_customers_usual_carrier(self):
        self.customer.property_delivery_carrier_id = self.courier
        order = self.order((self.mug, 2))
        self.assertEqual((order.carrier_id, order.freight_code), (self.courier, "preferred"))

    def test_a_default_of_all_contacts_is_nobodys_choice(self):
        self.env["ir.default"].set(
            "res.partner", "property_delivery_carrier_id", self.courier.id, company_id=self.company.id
        )
        order = self.order((self.mug, 2))
        self.assertEqual((order.carrier_id, order.freight_code), (self.post, "in_time"))

    def test_not_where_people_choose(self):
        for mode in ("off", "suggest"):
            self.company.freight_mode = mode
            self.assertFalse(self.order((self.mug, 2)).carrier_id)

    def test_taken_back_it_is_chosen_anew(self):
        order = self.order((self.mug, 2))
        order.with_user(self.mona)._action_cancel()
        order.with_user(self.mona).action_draft()
        self.assertEqual((order.carrier_id.id, order.freight_code), (False, False))

    def test_changed_by_hand_the_reason_is_none(self):
        order = self.order((self.mug, 2))
        order.carrier_id = self.courier
        self.assertEqual((order.freight_code, order.freight_figures), (False, False))

    def test_only_what_odoo_says_is_available(self):
        self.slow.max_weight = 1.0
        self.slow.country_ids = self.env.ref("base.de")
        self.mug.weight = 3.0
        order = self.order((self.mug, 2), requested_date="2027-01-29 12:00:00")
        self.assertEqual(order.carrier_id, self.post)
        self.assertEqual(self.offer(order, self.slow).code, "unavailable")

    def test_what_the_customer_has_to_choose_is_not_chosen(self):
        carriers = type(self.env["delivery.carrier"])
        with patch.object(carriers, "_is_collected", lambda carrier: carrier == self.slow):
            order = self.order((self.mug, 2), requested_date="2027-01-29 12:00:00")
        self.assertEqual(order.carrier_id, self.post)
        self.assertEqual(self.offer(order, self.slow).code, "collected")

    def test_without_any_price_nobody_guesses(self):
        self.zone.rate_ids.unlink()
        (self.post + self.courier + self.slow).product_id.list_price = 0.0
        self.assertFalse(self.order((self.mug, 2)).carrier_id)

    # ---------------------------------------------------------------- what it costs
    def test_several_parcels(self):
        self.mug.weight = 1.5
        self.post.parcel_type_id = self.env["stock.package.type"].create({"name": "Box", "max_weight": 10.0})
        order = self.order((self.mug, 20), requested_date="2027-01-13 12:00:00")
        offer = self.offer(order, self.post)
        # 30 kg make three parcels: 3 x 4.00 + 30 x 0.50
        self.assertEqual((offer.parcels, offer.cost), (3, 27.0))
        self.assertEqual(order.carrier_id, self.courier)

    def test_a_method_without_a_rate_has_its_own_price(self):
        self.zone.rate_ids.filtered(lambda rate: rate.carrier_id == self.slow).unlink()
        self.slow.write({"fixed_margin": 5.0, "margin": 0.5, "free_over": True, "amount": 1.0})
        order = self.quotation(lines=[(self.mug, 2)])
        offers = self.compare(order)
        slow = offers.filtered(lambda offer: offer.carrier_id == self.slow)
        self.assertEqual((slow.code, slow.cost), ("price", 7.5))  # neither the margins nor for free

    # ---------------------------------------------------------------- comparing
    def test_side_by_side(self):
        order = self.order((self.mug, 2), requested_date="2027-01-13 12:00:00")
        offers = self.compare(order)
        self.assertEqual(
            [(o.carrier_id, o.cost, self.day(o.arrives), o.keeps_promise) for o in offers],
            [
                (self.post, 4.0, "2027-01-13", True),
                (self.courier, 9.0, "2027-01-12", True),
                (self.slow, 2.0, "2027-01-19", False),
            ],
        )
        wizard = self.env["order.freight.compare"].search([("order_id", "=", order.id)])
        self.assertEqual(wizard.offer_ids, offers)
        self.assertIn("Slow", wizard.reason)

    def test_another_carrier_is_picked_and_the_promise_follows(self):
        order = self.order((self.mug, 2), requested_date="2027-01-13 12:00:00")
        offers = self.compare(order)
        slow = offers.filtered(lambda offer: offer.carrier_id == self.slow)
        self.rpc(self.sally, slow, "action_choose")
        self.assertEqual((order.carrier_id, order.sudo().picking_ids.carrier_id), (self.slow, self.slow))
        self.assertEqual(self.day(order.promise_date), "2027-01-19")
        self.assertEqual(order.promise_ids.sorted("id")[-1].kind, "later")
        self.assertEqual(
            self.said(order).split("; there")[0],
            "Slow for £ 2.00, chosen by Sally; best was Post for £ 4.00",
        )
        self.assertEqual(order.amount_total, 2 * 7.9)

    def test_the_carrier_of_a_transfer(self):
        boss = self.boss()
        order = self.order((self.mug, 2))
        picking = order.sudo().picking_ids
        self.rpc(boss, picking, "action_compare_freight")
        offers = order.sudo().freight_offer_ids.filtered("picking_id")
        wizard = self.env["order.freight.compare"].search([("picking_id", "=", picking.id)])
        self.assertEqual(wizard.with_user(boss).offer_ids, offers)
        courier = offers.filtered(lambda offer: offer.carrier_id == self.courier)
        self.rpc(boss, courier, "action_choose")
        self.assertEqual((picking.carrier_id, order.carrier_id), (self.courier, self.courier))
        self.assertEqual(self.day(order.promise_date), "2027-01-12")
        self.assertEqual(picking.freight_code, "by_hand_dearer")
        with self.assertRaises(AccessError):
            self.rpc(self.wes, picking, "action_compare_freight")

    def boss(self):
        return self.env["res.users"].create(
            {
                "login": "bob",
                "name": "Bob",
                "group_ids": [Command.link(self.env.ref("stock.group_stock_manager").id)],
            }
        )

    def test_what_the_customer_pays_by_real_cost_is_agreed_anew(self):
        self.slow.invoice_policy = "real"
        order = self.quotation(lines=[(self.mug, 2)])
        order.set_delivery_line(self.slow, 3.0)
        offers = self.compare(order)
        with self.assertRaisesRegex(UserError, "agreed anew"):
            self.rpc(self.sally, offers[0], "action_choose")

    def test_a_stranger_chooses_nothing(self):
        order = self.order((self.mug, 2))
        offers = self.compare(order)
        order.sudo().user_id = self.rita
        for user in (self.paul, self.wes, self.anna, self.carla):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.rpc(user, offers[0], "action_choose")

    def test_what_was_decided_cannot_be_typed(self):
        order = self.order((self.mug, 2))
        picking = order.sudo().picking_ids
        for user, record, vals in (
            (self.sally, order, {"freight_code": "by_hand"}),
            (self.mona, order, {"freight_figures": {"cost": 0}}),
            (self.wes, picking, {"freight_code": "by_hand"}),
        ):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                self.rpc(user, record, "write", vals)

    # ---------------------------------------------------------------- servers of carriers
    def test_a_server_is_not_asked_where_stock_is_locked(self):
        self.zone.rate_ids.filtered(lambda rate: rate.carrier_id == self.slow).unlink()
        with self.server(self.slow, 1.0) as asked:
            order = self.order((self.mug, 2), requested_date="2027-01-29 12:00:00")
        self.assertFalse(asked)
        self.assertEqual((order.carrier_id, self.offer(order, self.slow).code), (self.post, "not_asked"))

    def test_a_person_asks_and_what_was_said_counts_for_a_day(self):
        self.zone.rate_ids.filtered(lambda rate: rate.carrier_id == self.slow).unlink()
        self.slow.transit_days = 6
        order = self.quotation(lines=[(self.mug, 2)], requested_date="2027-01-29 12:00:00")
        with self.server(self.slow, 1.25) as asked:
            offers = self.compare(order)
            self.assertEqual(asked, [order])
            self.assertEqual(
                (offers[0].carrier_id, offers[0].cost, offers[0].code), (self.slow, 1.25, "quote")
            )
            self.submit(order)
            self.assertEqual(len(asked), 1)
        self.assertEqual((order.carrier_id, order.freight_figures["cost"]), (self.slow, 1.25))

    def test_servers_that_fail(self):
        self.zone.rate_ids.filtered(lambda rate: rate.carrier_id == self.slow).unlink()
        order = self.quotation(lines=[(self.mug, 2)])
        for error, code, words in (
            (requests.Timeout(), "timeout", "Slow did not answer in time."),
            (TimeoutError(), "timeout", "Slow did not answer in time."),
            (requests.ConnectionError(), "error", "Slow cannot be reached."),
            (UserError("Zip code unknown"), "error", "Zip code unknown"),
            (KeyError("rate"), "error", "Slow gave no usable answer."),
        ):
            with (
                self.subTest(error=repr(error)),
                self.server(self.slow, error),
                patch("odoo.addons.order_processing.models.delivery_carrier_freight._logger"),
            ):
                offers = self.compare(order)
                slow = offers.filtered(lambda offer: offer.carrier_id == self.slow)
                self.assertEqual((slow.code, slow.error, slow.works), (code, words, False))
                self.assertEqual(offers[0].carrier_id, self.post)  # the others are still there
        with self.assertRaisesRegex(UserError, "does not take this"):
            self.rpc(self.sally, slow, "action_choose")

    def test_when_the_time_is_over_nobody_else_is_asked(self):
        self.zone.rate_ids.filtered(lambda rate: rate.carrier_id == self.slow).unlink()
        order = self.quotation(lines=[(self.mug, 2)])
        with self.server(self.slow, 1.0) as asked:
            order._ask_carriers(seconds=-1)
        self.assertFalse(asked)
        self.assertIn("Not asked", self.offer(order, self.slow).error)

    def test_asked_in_the_background(self):
        self.zone.rate_ids.filtered(lambda rate: rate.carrier_id == self.slow).unlink()
        held = self.held_quotation()
        with self.server(self.slow, 1.0) as asked, self.without_commits():
            self.env["sale.order"]._cron_ask_carriers()
            self.env["sale.order"]._cron_ask_carriers()
        self.assertEqual(asked, [held])
        self.assertEqual(self.offer(held, self.slow).code, "quote")

    # ---------------------------------------------------------------- many at once
    def test_many_orders_cost_hardly_more_queries_than_a_few(self):
        def queries(count):
            orders = self.env["sale.order"]
            for _number in range(count):
                orders += self.quotation(lines=[(self.mug, 1), (self.lantern, 1)])
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            orders._choose_carriers()
            self.env.flush_all()
            self.assertEqual(orders.carrier_id, self.post)
            return self.env.cr.sql_log_count - before

        queries(1)
        few, many = queries(2), queries(12)
        self.assertLessEqual(many - few, 10 * 2, (few, many))
