import inspect

from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.order_processing.tests.common import STAFF

from .common import CaseCase

SELLS = {"paul": "cru", "sally": "cru", "rita": "cru", "mona": "crud", "wes": "cru", "anna": "r"}
LINES = {**SELLS, "paul": "crud", "sally": "crud", "rita": "crud", "wes": "crud"}
RIGHTS = {"order.case": SELLS, "order.case.line": LINES, "order.case.rule": {"mona": "crud"}}
OPERATIONS = {"c": "create", "r": "read", "u": "write", "d": "unlink"}
NAME = "odoo.addons.order_processing_aftersales."


@tagged("post_install", "-at_install")
class TestCaseAccess(CaseCase):
    def test_the_matrix(self):
        for model, rights in RIGHTS.items():
            for login in (*STAFF, "carla"):
                records = self.env[model].with_user(getattr(self, login))
                has = "".join(letter for letter, op in OPERATIONS.items() if records.has_access(op))
                with self.subTest(model, user=login):
                    self.assertEqual(has, rights.get(login, ""))

    def test_the_matrix_is_complete(self):
        ours = {
            name
            for name, model in self.env.items()
            if model._original_module == "order_processing_aftersales"
        }
        self.assertEqual({name for name in ours if not self.env[name]._abstract}, RIGHTS.keys())

    def public_methods(self):
        """Return ``(model, method)`` of what we have added and anybody can call."""
        for model, registered in self.env.items():
            classes = type(registered).__mro__
            ours = [cls for cls in classes if cls.__module__.startswith(NAME)]
            others = {name for cls in classes if cls not in ours for name in vars(cls)}
            for cls in ours:
                for name, method in vars(cls).items():
                    if inspect.isfunction(method) and not name.startswith("_") and name not in others:
                        yield model, name

    def test_customers_and_guests_call_nothing(self):
        records = {"order.case": self.case(), "sale.order": self.order, "res.partner": self.customer}
        called = set(self.public_methods())
        self.assertGreater(len(called), 10)
        for model, name in called:
            for user in (self.carla, self.env.ref("base.public_user")):
                with self.subTest(model, method=name, user=user.name), self.assertRaises(AccessError):
                    self.rpc(user, self.env[model].browse(records[model].ids), name)

    def test_customers_read_no_field_of_ours(self):
        for model, record in (("sale.order", self.order), ("res.partner", self.customer)):
            ours = {
                n for n, f in self.env[model]._fields.items() if "order_processing_aftersales" in f._modules
            }
            self.assertTrue(ours)
            for name in ours:
                with self.subTest(model, field=name), self.assertRaises(AccessError):
                    self.rpc(self.carla, record, "read", [name])

    def test_what_follows_is_not_set_by_hand(self):
        case = self.case()
        for name, value in (
            ("state", "closed"),
            ("name", "X"),
            ("answered_at", False),
            ("access_token", "x"),
        ):
            with self.subTest(name), self.assertRaises(AccessError):
                self.rpc(self.sally, case, "write", {name: value})
        with self.assertRaises(AccessError):
            self.rpc(self.sally, self.order, "write", {"case_id": case.id})

    def test_a_salesperson_sees_his_own_only(self):
        case = self.case()
        self.assertFalse(case.with_user(self.paul).has_access("read"))
        self.assertTrue(case.with_user(self.wes).has_access("read"))

    def test_no_case_of_an_order_one_may_not_read(self):
        with self.assertRaises(AccessError):
            self.case(by=self.paul)
        smuggled = {"default_order_id": self.order.id}
        with self.assertRaises(AccessError):
            self.env["order.case"].with_user(self.paul).with_context(**smuggled).create({"subject": "Mine"})
        mine = self.env["order.case"].with_user(self.paul).create({"subject": "Mine"})
        with self.assertRaises(AccessError):
            self.rpc(self.paul, mine, "write", {"order_id": self.order.id})
