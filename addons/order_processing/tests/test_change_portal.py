from odoo.http import Request
from odoo.tests import new_test_user, tagged

from .common import OrderProcessingHttpCase
from .test_customer_change import ChangeCase


@tagged("post_install", "-at_install")
class TestChangePage(ChangeCase, OrderProcessingHttpCase):
    """The page on which an order is changed: Carla, her link, other customers and strangers."""

    def setUp(self):
        super().setUp()
        self.authenticate("carla", "carlaxxx")

    def page(self, order=None, token=None):
        url = f"/my/orders/{(order or self.sale).id}/change"
        return self.url_open(f"{url}?access_token={token}" if token else url, timeout=60)

    def send(self, kind, order=None, seen=None, **form):
        order = order or self.sale
        data = {"csrf_token": Request.csrf_token(self), "seen": seen or order._change_version(), **form}
        return self.url_open(f"/my/orders/{order.id}/change/{kind}", data=data, timeout=60)

    def less(self, quantity="3", **form):
        return self.send("quantity", **{f"qty_{self.lanterns.id}": quantity}, **form)

    def test_from_the_order_to_the_change(self):
        self.assertIn("order_change_button", self.url_open(f"/my/orders/{self.sale.id}").text)
        page = self.page()
        self.assertEqual(page.status_code, 200)
        self.assertIn("Change quantities", page.text)
        self.assertIn("221 Baker Street", page.text)
        answer = self.less()
        self.assertIn("Your order is as you wanted it", answer.text)
        self.assertEqual(self.lanterns.product_uom_qty, 3)
        self.assertIn("You have changed quantities", answer.text)

    def test_the_button_costs_no_query(self):
        self.sale._portal_sentence()
        self.sale._may_change(self.carla)
        with self.assertQueryCount(0):
            self.assertTrue(self.sale._may_change(self.carla))

    def test_a_wish_that_waits_is_told(self):
        self.pick()
        self.less()
        page = self.page().text
        self.assertIn("We are looking at your last wish", page)
        self.assertNotIn("Ask for it", page)

    def test_looking_changes_nothing(self):
        self.url_open(f"/my/orders/{self.sale.id}/change/cancel?sure=1")
        self.assertEqual(self.sale.state, "sale")

    def test_the_box_has_to_be_ticked(self):
        self.assertIn("Please tick the box", self.send("cancel").text)
        self.assertEqual(self.sale.state, "sale")
        self.send("cancel", sure="1")
        self.assertEqual(self.sale.state, "cancel")
        self.assertNotIn("order_change_button", self.url_open(f"/my/orders/{self.sale.id}").text)

    def test_what_is_no_quantity(self):
        for text in ("-1", "x", "nan", "inf", "1e9", "1.555", "<b>"):
            with self.subTest(text):
                page = self.less(text)
                self.assertIn("This is not a quantity", page.text)
                self.assertNotIn("<b>", page.text.split('id="order_change"')[1].split("</main>")[0])
        self.assertIn("You have changed no quantity", self.less("5").text)
        self.assertEqual(self.lanterns.product_uom_qty, 5)
        everything = {f"qty_{line.id}": "0" for line in self.sale.order_line}
        self.assertIn("Please cancel the order instead", self.send("quantity", **everything).text)

    def test_lines_of_others_are_not_touched(self):
        other = self.confirmed_order(self.corner_shop, lines=[(self.mug, 4)]).sudo()
        self.send("quantity", **{f"qty_{other.order_line.id}": "1"})
        self.assertEqual(other.order_line.product_uom_qty, 4)

    def test_twice_and_from_an_old_page(self):
        seen = self.sale._change_version()
        self.less(seen=seen)
        self.assertIn("Nothing was changed by this click", self.less(seen=seen).text)
        self.assertIn("Nothing was changed by this click", self.send("cancel", seen=seen, sure="1").text)
        self.assertIn("Nothing was changed by this click", self.less("1", seen="forged").text)
        self.assertEqual((self.lanterns.product_uom_qty, self.sale.state), (3, "sale"))

    def test_asked_for_when_it_is_being_packed(self):
        self.pick()
        self.assertIn("We have begun to pack your order", self.page().text)
        self.assertIn("We have your wish", self.less(note="<script>alert(1)</script>").text)
        self.assertEqual(self.sale.change_request_ids.note, "<script>alert(1)</script>")
        page = self.url_open(f"/my/orders/{self.sale.id}")
        self.assertNotIn("<script>alert", page.text)

    def test_address_and_day(self):
        new = {"street": "222 Baker Street", "city": "London", "zip": "NW1 6XE", "phone": ""}
        self.assertIn("This is needed", self.send("address", place="new", **{**new, "city": " "}).text)
        self.assertIn("Please choose an address", self.send("address", place=str(self.corner_shop.id)).text)
        self.send("address", place="new", **new)
        self.assertEqual(self.sale.partner_shipping_id.street, "222 Baker Street")
        for day in ("", "yesterday", "1999-01-01", "2999-01-01"):
            self.assertIn("Please choose a day", self.send("date", date=day).text)

    # ---------------------------------------------------------------- others
    def assertRefused(self, order=None, token=None):
        order = order or self.sale
        page = self.page(order, token)
        self.assertNotIn(order.name, page.text)
        for kind, form in (("cancel", {"sure": "1"}), ("date", {"date": "2027-03-04"})):
            answer = self.send(kind, order, access_token=token or "", **form)
            self.assertNotIn(order.name, answer.text)
        self.assertEqual((order.state, order.requested_date), ("sale", False))

    def test_another_customer(self):
        new_test_user(self.env, "otto", "base.group_portal", name="Otto", email="otto@example.com")
        self.authenticate("otto", "ottoxxxx")
        self.assertRefused()

    def test_nobody_and_forged_or_swapped_keys(self):
        self.authenticate(None, None)
        other = self.confirmed_order().sudo()
        for token in (None, "x", self.sale._lookup_token(), other._portal_ensure_token()):
            self.assertRefused(token=token)
        nothing = self.url_open("/my/orders/999999999/change")
        self.assertEqual(nothing.url, self.page().url)

    def test_the_link_of_the_order_does_not_redirect_goods(self):
        self.authenticate(None, None)
        token = self.sale._portal_ensure_token()
        page = self.page(token=token)
        self.assertIn("log in", page.text)
        self.assertNotIn("order_change_place_new", page.text)
        self.send("address", access_token=token, place="new", street="1 Elm", city="London", zip="NW1 6XE")
        self.assertEqual(self.sale.partner_shipping_id, self.customer)
        self.send("quantity", access_token=token, **{f"qty_{self.lanterns.id}": "4"})
        self.assertEqual(self.lanterns.product_uom_qty, 4)

    def test_colleagues_look_only(self):
        self.authenticate("sally", "sallyxxx")
        self.assertNotIn("Change quantities", self.page().text)
        self.send("cancel", sure="1")
        self.assertEqual(self.sale.state, "sale")

    def test_as_many_queries_for_many_lines(self):
        def queries(order):
            self.page(order)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            order.with_user(self.carla).sudo()._change_page(self.carla)
            return self.env.cr.sql_log_count - before

        many = self.confirmed_order(lines=[(self.mug, n + 1) for n in range(20)]).sudo()
        self.assertLessEqual(queries(many), queries(self.sale) + 1)
