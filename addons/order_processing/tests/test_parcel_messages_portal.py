from odoo.exceptions import AccessError
from odoo.http import Request
from odoo.tests import HttpCase, tagged

from .common_parcel import ParcelCase


@tagged("post_install", "-at_install")
class TestMyMessages(ParcelCase, HttpCase):
    """Carla chooses what she hears of; nobody chooses for others."""

    def choices(self, partner=None):
        preferences = (partner or self.customer).message_preference_ids
        return {one.kind: one.medium for one in preferences}

    def press(self, **form):
        return self.url_open(
            "/my/messages", data={"csrf_token": Request.csrf_token(self), **form}, timeout=60
        )

    def test_strangers_are_asked_who_they_are(self):
        self.assertIn("/web/login", self.url_open("/my/messages", timeout=60).url)

    def test_the_customer_chooses(self):
        self.company.write({"tell_delivered_sms": True, "messages_required": True, "tell_received": True})
        self.env["res.company"].search([]).messages_required = True
        self.authenticate("carla", "carla")
        self.assertIn("/my/messages", self.url_open("/my/home", timeout=60).text)
        page = self.url_open("/my/messages", timeout=60).text
        self.assertIn("By e-mail and SMS", page)
        self.assertIn("We always tell you this", page)
        self.assertNotIn('name="kind_shipped"', page)
        saved = self.press(kind_delivered="sms", kind_attempt_failed="none", kind_bad="none", digest="daily")
        self.assertIn("Your choice is kept", saved.text)
        self.assertEqual(self.choices(), {"delivered": "sms", "attempt_failed": "none"})
        self.assertEqual(self.customer.message_digest, "daily")
        self.press(kind_delivered="", kind_attempt_failed="no such thing", digest="hourly")
        self.assertEqual(self.choices(), {"attempt_failed": "none"})
        self.assertEqual(self.customer.message_digest, "daily")

    def test_it_holds_for_all_of_the_company(self):
        shop = self.env["res.partner"].create({"name": "Lamps for All", "is_company": True})
        self.customer.parent_id = shop
        own = self.env["order.notification.preference"]
        own.create({"partner_id": self.customer.id, "kind": "delivered", "medium": "none"})
        self.authenticate("carla", "carla")
        self.assertIn("Lamps for All", self.url_open("/my/messages", timeout=60).text)
        self.press(kind_delivered="mail", digest="")
        self.assertEqual((self.choices(), self.choices(shop)), ({}, {"delivered": "mail"}))

    def test_the_page_is_the_only_way(self):
        values = {"partner_id": self.customer.id, "kind": "delivered", "medium": "none"}
        with self.assertRaises(AccessError):
            self.rpc(self.carla, self.env["order.notification.preference"], "create", values)
        for name in ("message_preference_ids", "message_digest"):
            with self.subTest(name), self.assertRaises(AccessError):
                self.rpc(self.carla, self.customer, "read", [name])
            with self.subTest(name), self.assertRaises(AccessError):
                self.rpc(self.carla, self.customer, "write", {name: False})
