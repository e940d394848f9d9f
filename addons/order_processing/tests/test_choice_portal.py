from datetime import timedelta

from odoo import fields
from odoo.http import Request
from odoo.tests import new_test_user, tagged

from .common import OrderProcessingHttpCase
from .test_choice import ChoiceCase


class LateCase(ChoiceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.row = cls.slip(cls.sale, 40)
        cls.env["sale.order"]._tell_slip(cls.row)
        cls.row.told_at = cls.now
        cls.made = cls.sale.choice_offer_ids


@tagged("post_install", "-at_install")
class TestChoicePage(LateCase, OrderProcessingHttpCase):
    """The links of the mail, followed by Carla, by machines and by strangers."""

    def setUp(self):
        super().setUp()
        self.authenticate(None, None)

    def link(self, code, offer=None):
        return f"/order/choice/{(offer or self.made)._token(code)}"

    def get(self, url):
        return self.url_open(url, timeout=60)

    def press(self, url, **form):
        return self.url_open(url, data={"csrf_token": Request.csrf_token(self), **form}, timeout=60)

    def assertNothingTold(self, response):
        self.assertEqual(response.status_code, 404)
        self.assertIn("This link is not valid any more", response.text)
        for word in (self.sale.name, "Carla", "Blanket", "choice/"):
            self.assertNotIn(word, response.text)

    def test_opening_a_link_does_nothing(self):
        """Programs that look through mails open all links."""
        for code in ("ship_now", "wait_all", "substitute", "cancel_missing", "cancel"):
            page = self.get(self.link(code))
            self.assertEqual(page.status_code, 200)
            self.assertIn("Yes, do it", page.text)
            self.assertIn("no-store", page.headers["Cache-Control"])
        self.assertEqual((self.made.state, self.sale.state, len(self.sale.picking_ids)), ("open", "sale", 1))

    def test_pressing_the_button_does_it(self):
        url = self.link("ship_now")
        self.get(url)
        self.assertIn("Thank you!", self.press(url).text)
        self.assertEqual((self.made.choice, len(self.sale.picking_ids)), ("ship_now", 2))
        self.assertFalse(self.made.chosen_by)

    def test_who_is_logged_in_is_noted(self):
        self.authenticate("carla", "carlaxxx")
        url = self.link("wait_all")
        self.get(url)
        self.press(url)
        self.assertEqual(self.made.chosen_by, "Carla")
        event = self.sale._events().filtered(lambda one: one.kind == "chose_wait_all")
        self.assertEqual(event.actor_id, self.carla.id)

    def test_used_twice(self):
        url, other = self.link("wait_all"), self.link("cancel")
        self.get(url)
        self.press(url)
        for again in (self.press(url), self.press(other), self.get(other)):
            self.assertIn("You have chosen already", again.text)
            self.assertIn("Wait and send everything together", again.text)
        self.assertEqual((self.made.choice, self.sale.state), ("wait_all", "sale"))

    def test_expired(self):
        self.made.expires_at = fields.Datetime.now() - timedelta(minutes=1)
        self.get("/my")
        for response in (self.get(self.link("cancel")), self.press(self.link("cancel"))):
            self.assertNothingTold(response)
        self.assertEqual(self.sale.state, "sale")

    def test_forged(self):
        token = self.link("cancel")
        self.get("/my")
        for url in (token[:-3], token + "AA", "/order/choice/x", "/order/choice/" + "A" * 600):
            self.assertNothingTold(self.get(url))
            self.assertNothingTold(self.press(url))
        self.assertEqual((self.sale.state, self.made.state), ("sale", "open"))

    def test_of_a_newer_offer_the_older_tells_nothing(self):
        url = self.link("cancel")
        self.offer()
        self.assertNothingTold(self.get(url))

    def test_the_token_of_another_order_is_of_no_use(self):
        other = self.order((self.blanket, 3)).sudo()
        self.look()
        offer = self.offer(other)
        mine, theirs = self.made._token("cancel"), offer._token("cancel")
        self.get("/my")
        self.assertNothingTold(self.press(f"/order/choice/{mine[:54]}{theirs[54:]}"))
        self.press(self.link("wait_all", offer))
        self.assertEqual((self.made.state, self.sale.state, offer.state), ("open", "sale", "chosen"))

    def test_the_link_is_no_key_to_the_order(self):
        page = self.get(self.link("cancel")).text
        self.assertNotIn(self.sale.partner_id.street, page)
        self.assertNotIn("access_token", page)
        self.assertNotIn("access_token", self.press(self.link("ship_now")).text)

    def test_a_form_from_elsewhere(self):
        self.get("/my")
        with self.assertLogs("odoo.http", "WARNING"):
            self.assertEqual(self.press(self.link("cancel"), csrf_token="forged").status_code, 400)
        self.assertEqual(self.sale.state, "sale")

    def test_what_is_not_possible_any_more(self):
        self.put_in_stock(self.tartan, -30)
        page = self.get(self.link("substitute"))
        self.assertIn("This is not possible any more", page.text)
        self.assertIn("Wait and send everything together", page.text)

    def test_the_order_is_closed(self):
        self.sale._action_cancel()
        self.get("/my")
        for response in (self.get(self.link("ship_now")), self.press(self.link("ship_now"))):
            self.assertIn("There is nothing to choose any more", response.text)
        self.assertEqual(self.made.state, "open")

    def test_a_colleague_does_not_choose(self):
        self.authenticate("sally", "sallyxxx")
        for response in (self.get(self.link("cancel")), self.press(self.link("cancel"))):
            self.assertIn("This is for the customer to choose", response.text)
        self.assertEqual(self.sale.state, "sale")
        page = self.get(self.sale.get_portal_url()).text
        self.assertNotIn("/order/choice/", page)

    def test_another_customer_sees_no_choices(self):
        new_test_user(self.env, "mallory", "base.group_portal")
        self.authenticate("mallory", "mallory")
        self.assertNotIn("/order/choice/", self.get(f"/my/orders/{self.sale.id}").text)

    # ---------------------------------------------------------------- the page of the order
    def test_the_page_of_the_order(self):
        page = self.get(self.sale.get_portal_url()).text
        self.assertIn(self.sale._day_words(self.sale.promise_date), page)
        self.assertIn(f"<s>{self.sale._day_words(self.sale.first_promise_date)}</s>", page)
        self.assertIn("Our supplier delivers on another day", page)
        self.assertNotIn("P00042", page)

    def test_lines_that_come_on_other_days(self):
        mugs = self.sale.order_line.filtered(lambda line: line.product_id == self.mug)
        mugs.promise_date = self.now + timedelta(days=2)
        lines = self.sale._portal_promise()["lines"]
        self.assertEqual([day for _name, day in lines][1], self.sale._day_words(mugs.promise_date))
        self.assertIn("Enamel Mug", self.get(self.sale.get_portal_url()).text)

    def test_nothing_where_dates_are_only_shown_to_staff(self):
        self.company.promise_mode = "show"
        self.assertNotIn('id="order_promise"', self.get(self.sale.get_portal_url()).text)


@tagged("post_install", "-at_install")
class TestChoiceInTheBrowser(LateCase, OrderProcessingHttpCase):
    """Each choice, from the page of the order to its end."""

    def tour(self, name):
        self.start_tour(self.sale.get_portal_url(), f"order_choice_{name}", login="carla")

    def test_ship_now(self):
        self.tour("ship_now")
        self.assertEqual(len(self.sale.picking_ids), 2)

    def test_wait_all(self):
        self.tour("wait_all")
        self.assertEqual(self.sale.picking_policy, "one")

    def test_substitute(self):
        self.tour("substitute")
        self.assertEqual(len(self.sale.order_line), 3)

    def test_cancel_missing(self):
        self.tour("cancel_missing")
        self.assertEqual(self.sale.order_line.mapped("product_uom_qty"), [4, 2])

    def test_cancel(self):
        self.tour("cancel")
        self.assertEqual(self.sale.state, "cancel")

    def test_thinks_again(self):
        self.tour("thinks_again")
        self.assertEqual((self.sale.state, self.made.state), ("sale", "open"))


@tagged("post_install", "-at_install")
class TestChoiceOnAPhone(LateCase, OrderProcessingHttpCase):
    browser_size = "390x844"
    touch_enabled = True

    def test_substitute(self):
        self.start_tour(self.sale.get_portal_url(), "order_choice_substitute", login="carla")
        self.assertEqual(len(self.sale.order_line), 3)
