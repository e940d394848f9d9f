from urllib.parse import urljoin

from lxml import html

from odoo.tests import HttpCase, tagged

from .test_choice_portal import LateCase
from .test_portal_page import PortalPageCase


class PlainPages(HttpCase):
    """A browser without JavaScript: it follows links, and sends forms as they stand in the page."""

    def visit(self, path, login="carla"):
        self.authenticate(login, login and login.ljust(8, "x"))
        return self.parsed(self.url_open(path, timeout=60))

    def parsed(self, response):
        self.assertEqual(response.status_code, 200)
        page = html.fromstring(response.text)
        self.address = response.url
        return page.find(".//main")

    def follow(self, page, words):
        [link] = [a for a in page.iter("a") if words in a.text_content()][:1]
        return self.parsed(self.url_open(urljoin(self.address, link.get("href")), timeout=60))

    def send(self, page, ending, **typed):
        """Send the form whose address ends like this, with what stands in it and what is typed."""
        forms = {(form.action or self.address).partition("?")[0]: form for form in page.iter("form")}
        [form] = [form for address, form in forms.items() if address.endswith(ending)]
        fields = {**dict(form.form_values()), **typed}
        target = urljoin(self.address, form.action or "")
        if form.method == "GET":
            query = "&".join(f"{name}={value}" for name, value in fields.items())
            return self.parsed(self.url_open(f"{target}?{query}", timeout=60))
        return self.parsed(self.url_open(target, data=fields, timeout=60))

    def assertSays(self, page, words):
        self.assertIn(words, " ".join(page.text_content().split()))


@tagged("post_install", "-at_install")
class TestPagesWithoutScript(PortalPageCase, PlainPages):
    """Carla's browser runs no script; everything on the page of her order works."""

    def test_list_search_and_filter(self):
        order = self.confirmed_order(lines=[(self.mug, 3)])
        other = self.confirmed_order()
        page = self.send(self.visit("/my/orders?filterby=open"), "/my/orders", search="Enamel")
        self.assertSays(page, order.name)
        self.assertNotIn(other.name, page.text_content())
        self.assertIn("filterby=open", self.address)
        page = self.follow(page, "Delivered")
        self.assertIn("search=Enamel", self.address)
        self.assertSays(page, "No order is like this")
        self.assertSays(self.follow(self.follow(page, "See all your orders"), other.name), other.name)

    def test_answer(self):
        order = self.quotation(lines=[(self.lantern, 2, 1.0)])
        order.action_submit()
        order.with_user(self.rita).action_review_request_change("Is that right?")
        page = self.visit(f"/my/orders/{order.id}")
        self.assertSays(page, "Is that right?")
        self.assertSays(self.send(page, "/answer", answer="Yes, it is"), "Thank you!")
        self.assertEqual(order.review_state, "pending")

    def test_order_again_place_and_discard(self):
        self.company.portal_confirmation_sign = False
        order = self.confirmed_order()
        draft = self.send(self.visit(f"/my/orders/{order.id}"), "/reorder")
        self.assertSays(draft, "Not ordered yet")
        self.assertSays(self.send(draft, "/place"), "We have your order")
        again = self.env["sale.order"].search([("reordered_from_id", "=", order.id)])
        self.assertEqual(again.state, "sale")
        draft = self.send(self.visit(f"/my/orders/{order.id}"), "/reorder")
        self.assertSays(self.send(draft, "/discard"), "It is thrown away")
        self.assertEqual(self.env["sale.order"].search([("reordered_from_id", "=", order.id)]), again)

    def test_change(self):
        order = self.confirmed_order(lines=[(self.lantern, 5)])
        page = self.follow(self.visit(f"/my/orders/{order.id}"), "Change or cancel")
        page = self.send(page, "/change/quantity", **{f"qty_{order.order_line.id}": "4"})
        self.assertSays(page, "Done.")
        self.assertEqual(order.order_line.product_uom_qty, 4)

    def test_what_is_folded_is_there(self):
        """Nothing is fetched later: what stands folded stands in the page."""
        order = self.confirmed_order()
        for number in range(12):
            self.env["order.event"]._log(order, "answered", {"answer": f"No. {number}"}, audience="customer")
        page = self.visit(f"/my/orders/{order.id}")
        self.assertEqual([one.text_content().strip() for one in page.iter("summary")], ["Earlier"])
        self.assertSays(page.find(".//details"), "No. 1")


@tagged("post_install", "-at_install")
class TestChoiceWithoutScript(LateCase, PlainPages):
    def test_choice(self):
        page = self.follow(self.visit(f"/my/orders/{self.sale.id}"), "Send what is there now")
        self.assertEqual(self.made.state, "open")
        self.assertSays(self.send(page, self.address.rpartition("/")[2]), "Thank you!")
        self.assertEqual((self.made.choice, len(self.sale.picking_ids)), ("ship_now", 2))
