from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .common import PurchaseCase


@tagged("post_install", "-at_install")
class TestBuyers(PurchaseCase):
    """Ben buys. He sees what is short and for whom, and no orders."""

    def test_what_he_sees(self):
        order = self.order((self.blanket, 50))
        shortage = self.look()
        self.assertFalse(order.with_user(self.ben).has_access("read"))
        names = ["order_name", "quantity", "help_text", "risk", "elsewhere_text", "substitute_text", "value"]
        values = self.rpc(self.ben, shortage, "read", names)[0]
        self.assertEqual((values["order_name"], values["quantity"]), (order.name, 50))
        self.assertIn(self.purchases().name, values["help_text"])
        specification = {
            "product_id": {"fields": {"display_name": {}}},
            "partner_id": {"fields": {"display_name": {}}},
        }
        read = self.rpc(self.ben, shortage, "web_read", specification)[0]
        self.assertEqual(read["partner_id"]["display_name"], "Carla")
        form = Form(shortage.with_user(self.ben), "order_processing.order_shortage_view_form")
        self.assertEqual(form.quantity, 50)

    def test_from_a_purchase_to_who_waits_for_it(self):
        self.order((self.blanket, 50))
        shortage = self.look()
        action = self.rpc(self.ben, self.purchases(), "action_view_waiting_orders")
        self.assertEqual(action["domain"], [("id", "in", shortage.ids)])
        with Form(self.purchases().with_user(self.ben)) as form:
            self.assertEqual(form.waiting_order_count, 1)

    def test_accountants_open_a_purchase(self):
        """They may not look at what is short, and need not."""
        purchase = self.bought()
        anna = self.anna
        view = purchase.with_user(anna).get_view(self.env.ref("purchase.purchase_order_form").id, "form")
        self.assertNotIn("waiting_order_count", view["arch"])
        self.assertEqual(Form(purchase.with_user(anna)).partner_id, self.mill)

    def test_he_changes_nothing(self):
        self.order((self.blanket, 50))
        shortage = self.look()
        for model in (shortage, shortage.help_ids):
            for call, args in (("write", [{"quantity": 1}]), ("unlink", [])):
                with self.subTest(model._name, call=call), self.assertRaises(AccessError):
                    self.rpc(self.ben, model, call, *args)
        with self.assertRaises(AccessError):
            self.rpc(self.ben, shortage, "action_ask_customer")

    def test_customers_call_nothing(self):
        self.order((self.blanket, 50))
        self.look()
        with self.assertRaises(AccessError):
            self.rpc(self.carla, self.purchases(), "action_view_waiting_orders")
