from psycopg2 import IntegrityError

from odoo.exceptions import AccessError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common_priority import PriorityCase


@tagged("post_install", "-at_install")
class TestCustomerTier(PriorityCase):
    """Who is gold, and who says so."""

    def test_sales_managers_say_it(self):
        self.mona.group_ids += self.env.ref("base.group_partner_manager")
        self.rpc(self.mona, self.customer, "write", {"customer_tier_id": self.gold.id})
        self.assertEqual(self.customer.customer_tier_id, self.gold)

    def test_others_do_not(self):
        self.sally.group_ids += self.env.ref("base.group_partner_manager")
        partners = self.env["res.partner"]
        with self.assertRaises(AccessError):
            self.rpc(self.sally, self.customer, "write", {"customer_tier_id": self.gold.id})
        with self.assertRaises(AccessError):
            self.rpc(self.sally, partners, "create", [{"name": "X", "customer_tier_id": self.gold.id}])
        smuggling = partners.with_user(self.sally).with_context(default_customer_tier_id=self.gold.id)
        self.assertFalse(smuggling.create({"name": "Y"}).customer_tier_id)
        self.rpc(
            self.sally,
            self.env["ir.default"],
            "set",
            "res.partner",
            "customer_tier_id",
            self.gold.id,
            user_id=True,
        )
        self.assertFalse(partners.with_user(self.sally).create({"name": "Z"}).customer_tier_id)
        with self.assertRaises(AccessError):
            self.rpc(self.sally, self.gold, "write", {"points": 1})

    def test_others_add_contacts_of_a_gold_customer(self):
        self.customer.customer_tier_id = self.gold
        self.sally.group_ids += self.env.ref("base.group_partner_manager")
        contact = (
            self.env["res.partner"]
            .with_user(self.sally)
            .create({"name": "Store", "parent_id": self.customer.id})
        )
        self.assertEqual(contact.customer_tier_id, self.gold)
        self.customer.customer_tier_id = self.bronze
        self.assertEqual(contact.customer_tier_id, self.bronze)

    def test_on_the_form(self):
        self.mona.group_ids += self.env.ref("base.group_partner_manager")
        with Form(self.customer.with_user(self.mona)) as form:
            form.customer_tier_id = self.gold
        self.sally.group_ids += self.env.ref("base.group_partner_manager")
        with Form(self.customer.with_user(self.sally)) as form:
            self.assertEqual(form.customer_tier_id, self.gold)
            form.phone = "+44 20 7946 0019"

    @mute_logger("odoo.sql_db")
    def test_points_have_bounds(self):
        for points in (-1, 101):
            with self.subTest(points), self.assertRaises(IntegrityError), self.cr.savepoint():
                self.env["customer.tier"].create({"name": "X", "points": points})
