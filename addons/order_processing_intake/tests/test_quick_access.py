from odoo.tests import tagged

from odoo.addons.order_processing.tests.common import STAFF

from .common import QuickCase

LOOKS = {"paul": "r", "sally": "r", "rita": "r", "mona": "rd"}
KEEPS = {"paul": "cru", "sally": "cru", "rita": "cru", "mona": "crud"}
RIGHTS = {
    "order.quick": LOOKS,
    "order.quick.line": LOOKS,
    "order.quick.list": KEEPS,
    "order.quick.list.line": dict.fromkeys(KEEPS, "crud"),
}
OPERATIONS = {"c": "create", "r": "read", "u": "write", "d": "unlink"}


@tagged("post_install", "-at_install")
class TestQuickOrderAccess(QuickCase):
    """Who sells sees what customers put together; what is in it is the customer's."""

    def test_the_matrix(self):
        for model, rights in RIGHTS.items():
            for login in (*STAFF, "carla"):
                records = self.env[model].with_user(getattr(self, login))
                has = "".join(letter for letter, op in OPERATIONS.items() if records.has_access(op))
                with self.subTest(model, user=login):
                    self.assertEqual(has, rights.get(login, ""))

    def test_the_matrix_is_complete(self):
        ours = {
            name for name, model in self.env.items() if model._original_module == "order_processing_intake"
        }
        self.assertEqual({name for name in ours if not self.env[name]._abstract}, RIGHTS.keys())

    def test_there_is_no_public_method(self):
        """Nothing of a quick order is called from outside; the portal's routes have tests of their own."""
        for model in RIGHTS:
            for cls in type(self.env[model]).__mro__:
                if cls.__module__.startswith("odoo.addons.order_processing_intake."):
                    public = [name for name, value in vars(cls).items() if callable(value) and name[0] != "_"]
                    self.assertFalse(public, model)

    def test_other_companies(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        theirs = self.env["order.quick"].with_company(elsewhere)._begin(self.carla)
        kept = self.env["order.quick.list"].create(
            {"name": "Theirs", "partner_id": self.customer.id, "company_id": elsewhere.id}
        )
        for record in (theirs, kept):
            self.assertNotIn(record, self.env[record._name].with_user(self.mona).search([]))
        self.assertNotEqual(theirs, self.quick)
