from datetime import date
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.http import Request
from odoo.tests import Form, new_test_user, tagged

from .common import OrderProcessingHttpCase
from .test_customer_change import ChangeCase


class HardCase(ChangeCase):
    def typed(self, kind, **typed):
        """Return what comes of what was typed, as ``(wish, faults)``."""
        wish, _note, faults = self.sale._read_wish(kind, typed, self.carla)
        return wish, faults

    def quantity(self, text, **more):
        return self.typed("quantity", **{f"qty_{self.lanterns.id}": text}, **more)

    def price_break(self, quantity, price):
        self.env["product.pricelist.item"].create(
            {
                "pricelist_id": self.pricelist.id,
                "applied_on": "0_product_variant",
                "product_id": self.lantern.id,
                "min_quantity": quantity,
                "fixed_price": price,
            }
        )

    def body(self):
        return self.sale.message_ids.filtered(lambda m: "what you wanted" in (m.subject or ""))[:1].body or ""


@tagged("post_install", "-at_install")
class TestWhatIsTyped(HardCase):
    """What was typed is what is meant, or it is asked again."""

    def test_numbers_as_they_are_written(self):
        for text, meant in (("1,000", 1000), ("1.5", 1.5), ("1,5", 1.5), (" 7 ", 7), ("12,345.25", 12345.25)):
            with self.subTest(text):
                wish, faults = self.quantity(text)
                self.assertFalse(faults)
                self.assertEqual(wish["lines"], {str(self.lanterns.id): meant})
        for text in ("1_0", "1e3", "0x10", "+5", "1,00,0", "--1", "1..5", "٣x", "1" * 400):
            with self.subTest(text):
                self.assertIn(f"qty_{self.lanterns.id}", self.quantity(text)[1])

    def test_what_stands_there_is_what_is_ordered(self):
        self.lanterns.with_context(skip_procurement=True).product_uom_qty = 12345.25
        shown = self.sale._change_page(self.carla)["quantities"][self.lanterns.id]
        self.assertEqual(self.quantity(shown)[1], {"lines": "You have changed no quantity."})
        self.assertIn("12345.25", self.sale._wish_words(*self.as_wish(5)))

    def as_wish(self, quantity):
        from ..engine.customer_change import Kind

        return Kind.QUANTITY, {"lines": {str(self.lanterns.id): quantity}}

    def test_the_day_is_the_customers(self):
        for zone in ("Pacific/Auckland", "Pacific/Kiritimati", "Pacific/Honolulu", "Asia/Shanghai"):
            self.customer.tz = zone
            with self.subTest(zone):
                self.assertEqual(self.change("date", {"date": "2027-01-04"}), "done")
                self.assertEqual(self.sale._local_day(self.sale.requested_date), date(2027, 1, 4))
            self.sale.requested_date = False

    def test_an_address_nobody_can_deliver_to(self):
        new = {"place": "new", "street": "1 Elm", "city": "London", "zip": "", "phone": ""}
        self.assertIn("zip", self.typed("address", **new)[1])
        self.assertIn("zip", self.typed("address", **{**new, "zip": "12345"})[1])
        self.assertFalse(self.typed("address", **{**new, "zip": "NW1 6XE"})[1])

    def test_an_archived_address(self):
        depot = self.customer.copy({"name": "Depot", "parent_id": self.customer.id, "type": "delivery"})
        seen = self.sale._change_version()
        depot.active = False
        self.assertIn("place", self.typed("address", place=str(depot.id))[1])
        self.assertEqual(self.change("address", {"partner": depot.id}, seen=seen), "no")

    def test_another_unit_meanwhile(self):
        seen = self.sale._change_version()
        self.lanterns.product_uom_id = self.env.ref("uom.product_uom_dozen")
        self.assertNotEqual(seen, self.sale._change_version())


@tagged("post_install", "-at_install")
class TestMoneyOfChanges(HardCase):
    """Prices hold, and nobody is told what is not so."""

    def test_below_a_price_break_is_dearer_and_asked_first(self):
        self.price_break(1, 20.0)
        self.price_break(5, 18.5)
        self.assertFalse(self.quantity("6")[1])
        wish, faults = self.quantity("4")
        self.assertIn("20.00", faults["dearer"])
        self.assertIn("dearer", self.quantity("3", dearer=self.sale._dearer_key({"lines": {}}))[1])
        wish, faults = self.quantity("4", dearer=self.sale._dearer_key(wish))
        self.assertFalse(faults)
        self.assertEqual(self.change("quantity", wish), "done")
        self.assertEqual(self.lanterns.price_unit, 20.0)

    def test_what_is_paid_and_becomes_dearer_is_looked_at(self):
        self.price_break(1, 30.0)
        self.price_break(5, 18.5)
        with patch.object(type(self.sale), "_payments", lambda order: self.customer):
            self.assertEqual(self.less(4), "asked")
        self.assertEqual(self.sale.change_request_ids.reason_code, "paid")

    def test_a_discount_agreed_on_is_not_lost(self):
        self.env.user.group_ids = [Command.link(self.env.ref("sale.group_discount_per_so_line").id)]
        self.env.ref("base.group_user").implied_ids = [
            Command.link(self.env.ref("sale.group_discount_per_so_line").id)
        ]
        self.lanterns.discount = 10
        self.assertEqual((self.less(), self.sale.change_request_ids.reason_code), ("asked", "price"))
        self.sale.change_request_ids.with_user(self.mona).action_accept()
        self.assertEqual((self.lanterns.product_uom_qty, self.lanterns.discount), (3, 10))

    def test_a_price_agreed_on_holds_when_a_colleague_accepts(self):
        self.lanterns.price_unit = 17.0
        self.less()
        self.sale.change_request_ids.with_user(self.mona).action_accept()
        self.assertEqual((self.lanterns.product_uom_qty, self.lanterns.price_unit), (3, 17))

    def test_an_invoice_is_not_a_payment(self):
        self.sale._create_invoices().action_post()
        self.assertNotIn("paid", self.sale._refund_words())
        self.assertIn("invoice", self.sale._refund_words())
        self.assertEqual(self.change("cancel"), "done")
        self.assertNotIn("You have paid already", self.body())
        todo = self.sale.activity_ids.filtered(lambda one: "invoice" in (one.note or ""))
        self.assertTrue(todo)

    def test_nothing_is_refunded_where_more_is_ordered(self):
        self.sale._create_invoices().action_post()
        self.assertEqual(self.less(9), "asked")
        self.sale.change_request_ids.with_user(self.mona).action_accept()
        self.assertIn("We have changed the quantities", self.body())
        self.assertNotIn("accounting", self.body())

    def test_a_carrier_that_does_not_go_there(self):
        carrier = self.env["delivery.carrier"].create(
            {
                "name": "London only",
                "product_id": self.wrapping.id,
                "zip_prefix_ids": [Command.create({"name": "NW"})],
            }
        )
        self.sale.carrier_id = carrier
        depot = self.customer.copy(
            {"name": "Depot", "parent_id": self.customer.id, "type": "delivery", "zip": "BS1 4DJ"}
        )
        self.assertEqual(self.change("address", {"partner": depot.id}), "asked")
        self.assertEqual(self.sale.change_request_ids.reason_code, "carrier")

    def test_other_taxes_there(self):
        self.env["account.fiscal.position"].create(
            {
                "name": "North",
                "auto_apply": True,
                "country_id": self.gb.id,
                "zip_from": "BT1",
                "zip_to": "BT9",
                "sequence": 0,
            }
        )
        new = {"street": "1 Elm", "street2": "", "zip": "BT2 7AA", "city": "Belfast", "phone": ""}
        new.update(state_id=False, country_id=self.gb.id)
        self.assertEqual(self.change("address", {"new": new}), "asked")
        self.assertEqual(self.sale.change_request_ids.reason_code, "taxes")


@tagged("post_install", "-at_install")
class TestWhoHears(HardCase):
    """Colleagues hear what customers have changed, and why something is theirs to decide."""

    def test_the_salesperson_hears_of_it(self):
        self.change("cancel")
        told = [("res_id", "=", self.sale.id), ("notified_partner_ids", "=", self.sally.partner_id.id)]
        message = self.env["mail.message"].search([("model", "=", "sale.order"), *told])
        self.assertEqual(message.subject, f"{self.sale.name} was changed by its customer")
        self.assertIn("has cancelled the order", message.body)

    def test_a_wish_says_why_it_was_not_simply_done(self):
        self.pick()
        self.less()
        request = self.sale.change_request_ids.with_user(self.sally)
        form = Form(request, "order_processing.order_change_request_view_form")
        self.assertIn("begun", form.reason_text)

    def test_what_failed_is_told_in_its_own_words(self):
        self.patch(type(self.sale), "_change_date", lambda order, wish: 1 / 0)
        with self.assertLogs("odoo.addons.order_processing.models.sale_order_answer", "WARNING"):
            self.change("date", {"date": "2027-03-04"})
        self.assertFalse([m.body for m in self.sale.message_ids if "has answered" in (m.body or "")])

    def test_who_packs_sees_what_is_asked_for(self):
        self.pick()
        self.less()
        request = self.sale.change_request_ids
        self.assertTrue(self.rpc(self.wes, request, "read", ["wish_text", "state"]))
        picking = self.sale.picking_ids
        self.assertIn(
            "5 → 3", self.rpc(self.wes, picking, "read", ["change_request_text"])[0]["change_request_text"]
        )
        menus = self.env["ir.ui.menu"].with_user(self.wes)._visible_menu_ids()
        self.assertIn(self.env.ref("order_processing.order_change_request_menu").id, menus)
        for method in ("action_accept", "action_refuse"):
            with self.assertRaises(AccessError):
                self.rpc(self.wes, request, method)
        with self.assertRaises(AccessError):
            self.rpc(self.wes, request, "write", {"answer": "no"})

    def test_who_may_not_see_an_order_learns_nothing_by_asking_to_cancel_it(self):
        self.sale._create_invoices().action_post()
        other = new_test_user(self.env, "pete", "sales_team.group_sale_salesman")
        self.assertFalse(self.sale.with_user(other).has_access("read"))
        wizards = self.env["order.cancel"].with_user(other)
        with self.assertRaises(AccessError):
            wizard = wizards.create({"order_id": self.sale.id, "shown": False})
            self.env.flush_all()
            self.env.invalidate_all()
            wizard.read(["posted_invoices", "open_transfers", "payments"])


@tagged("post_install", "-at_install")
class TestMailsLead(HardCase, OrderProcessingHttpCase):
    """Below our mails to customers, and where they log in, stands the way to look an order up."""

    def test_the_mail_says_where(self):
        self.change("cancel")
        self.env.flush_all()
        mails = self.env["mail.mail"].search([("model", "=", "sale.order"), ("res_id", "=", self.sale.id)])
        body = mails.filtered(lambda mail: "what you wanted" in (mail.subject or ""))[:1].body_html
        self.assertIn("/order/status", body)
        self.company.guest_lookup = False

    def test_the_portal_says_where(self):
        self.authenticate("carla", "carlaxxx")
        self.assertIn("/order/status", self.url_open("/my/orders").text)

    def test_without_javascript(self):
        self.authenticate("carla", "carlaxxx")
        self.price_break(1, 20.0)
        self.price_break(5, 18.5)
        data = {"csrf_token": Request.csrf_token(self), "seen": self.sale._change_version()}
        path = f"/my/orders/{self.sale.id}/change/quantity"
        page = self.url_open(path, data={**data, f"qty_{self.lanterns.id}": "4"}).text
        self.assertIn('name="dearer"', page)
        key = page.split('name="dearer"')[1].split('value="')[1].split('"')[0]
        self.assertEqual(self.lanterns.product_uom_qty, 5)
        data = {**data, f"qty_{self.lanterns.id}": "4", "dearer": key}
        self.assertIn("Your order is as you wanted it", self.url_open(path, data=data).text)
        self.assertEqual((self.lanterns.product_uom_qty, self.lanterns.price_unit), (4, 20))
