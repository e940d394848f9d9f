from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .test_quick_portal import PAGE, QuickHttpCase

SCRIPT = "<script>alert(1)</script>"
ROUTES = ("add", "upload", "update", "place", "again", "list", "list/keep", "list/delete")


@tagged("post_install", "-at_install")
class TestQuickOrderAttacked(QuickHttpCase):
    """Other customers, strangers, colleagues' data: nothing leaks, nothing is changed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.otto = new_test_user(cls.env, "otto", "base.group_portal", name="Otto", email="otto@example.com")
        cls.take("LANTERN 3\nMUG 4")
        cls.kept = cls.env["order.quick.list"]._keep(cls.carla, "Hers", cls.quick.line_ids)
        cls.hers = cls.confirmed_order(lines=[(cls.mug, 4)])

    def test_another_customer(self):
        self.authenticate("otto", "ottoxxxx")
        self.assertNotIn("Metal Lantern", self.page().text)
        self.assertNotIn("Hers", self.page().text)
        line = self.quick.line_ids[0]
        for form in (
            {f"quantity_{line.id}": "99"},
            {"remove": str(line.id)},
            {"use": f"{line.id}:{self.blanket.id}"},
            {"right": f"{line.id}:99"},
            {"empty": "1"},
        ):
            self.send("update", **form)
        self.assertEqual(self.lines(), [("LANTERN", 3, ""), ("MUG", 4, "")])
        answers = [
            self.fault(self.send("list", list_id=number)) for number in (str(self.kept.id), "999999999")
        ]
        self.assertEqual(*answers)
        self.send("list/delete", list_id=str(self.kept.id))
        self.assertTrue(self.kept.exists())
        answers = [
            self.fault(self.send("again", order=number)) for number in (str(self.hers.id), "999999999", "x")
        ]
        self.assertEqual(len(set(answers)), 1)
        self.assertIn("nothing in it", self.fault(self.send("place", quick=str(self.quick.id))))
        self.assertFalse(self.quick.order_id)

    def test_a_placed_one_of_somebody_else(self):
        order = self.quick._place()
        self.authenticate("otto", "ottoxxxx")
        answers = [
            self.send("place", quick=number)
            for number in (str(self.quick.id), "999999999", "", "-1", "9" * 40)
        ]
        self.assertEqual({answer.url for answer in answers}, {self.base_url() + PAGE})
        self.assertNotIn(order.name, answers[0].text)

    def test_nobody(self):
        self.authenticate(None, None)
        self.assertIn("/web/login", self.page().url)
        self.assertIn("/web/login", self.page("/products?words=lan").url)
        for route in ROUTES:
            self.assertIn("/web/login", self.send(route).url, route)

    def test_without_the_token_of_the_form(self):
        for route in ROUTES:
            answer = self.url_open(f"{PAGE}/{route}", data={"empty": "1", "code": "MUG 1", "name": "x"})
            self.assertEqual(answer.status_code, 400, route)
        self.assertEqual(self.lines(), [("LANTERN", 3, ""), ("MUG", 4, "")])

    def test_looking_changes_nothing(self):
        for route in ROUTES:
            self.assertIn(self.page(f"/{route}?empty=1").status_code, (404, 405), route)
        self.page(f"?empty=1&remove={self.quick.line_ids[0].id}")
        self.assertEqual(self.lines(), [("LANTERN", 3, ""), ("MUG", 4, "")])

    def test_switched_off(self):
        self.company.offers_quick_order = False
        self.assertTrue(self.page().url.endswith("/my"))
        self.send("update", empty="1")
        self.assertEqual(len(self.quick.line_ids), 2)
        self.assertEqual(self.page("/products?words=lan").text, "[]")
        self.assertNotIn(PAGE, self.url_open("/my").text)

    def test_products_that_are_not_for_him(self):
        secret = self.product("SECRET", 1.0, is_quick_ordered=False)
        line = self.take("SECRET 1")
        self.assertEqual(line.fault, "unknown")
        for product in (secret.id, 0, 999999999):
            self.send("update", use=f"{line.id}:{product}")
            self.assertFalse(line.product_id)

    def test_scripts_are_words(self):
        self.mug.name = f"Mug {SCRIPT}"
        self.box.name = f"Box {SCRIPT}"
        self.customer.street = SCRIPT
        self.env["order.quick.list"]._keep(self.carla, SCRIPT, self.quick.line_ids)
        self.quick.line_ids.unlink()
        self.take("CANDLE 12\nMUG 1")
        self.send("add", code=f"{SCRIPT} 3")
        self.send("add", code="LANTERN", quantity=SCRIPT[:12])
        self.send("update", client_order_ref=f'">{SCRIPT}', packing_instruction=f"</textarea>{SCRIPT}")
        for answer in (
            self.page(),
            self.page(f"?search={SCRIPT}"),
            self.send("add", code=f"x{SCRIPT}", quantity="1"),
            self.upload("<script>alert(1)</script>.csv", b"\0"),
        ):
            self.assertNotIn(SCRIPT, answer.text)
        piece = self.send("update", piece="1", **{f"quantity_{self.quick.line_ids[-1].id}": "2"})
        self.assertIn("application/json", piece.headers["Content-Type"])
        self.assertNotIn(SCRIPT, piece.json()["rows"][0]["html"])

    def test_nonsense(self):
        line = self.quick.line_ids[0]
        for form in (
            {"quantity_": "1", "quantity_x": "1", "quantity_-1": "1", "unit_": "x"},
            {f"quantity_{line.id}": "9" * 5000},
            {f"quantity_{line.id}": "3", f"unit_{line.id}": "999999"},
            {"use": ":", "right": ":", "remove": "x"},
            {"use": f"{line.id}:{'9' * 11}"},
            {"requested_date": "2026-99-99"},
            {"requested_date": "x" * 1000},
            {"place": str(self.corner_shop.id)},
            {"place": "x"},
        ):
            with self.subTest(form):
                self.assertEqual(self.send("update", **form).status_code, 200)
        self.assertFalse(self.quick.partner_shipping_id)

    def test_files_where_words_belong(self):
        for route in ROUTES:
            names = (
                "code",
                "quantity",
                "use",
                "remove",
                "empty",
                "place",
                "quick",
                "order",
                "list_id",
                "name",
            )
            files = [(name, ("x.txt", b"x", "text/plain")) for name in names]
            with self.subTest(route):
                self.assertEqual(self.send(route, files=files).status_code, 200)
        self.assertEqual(self.lines(), [("LANTERN", 3, ""), ("MUG", 4, "")])

    def test_a_colleague_has_his_own(self):
        self.authenticate("paul", "paulxxxx")
        self.assertNotIn("Metal Lantern", self.page().text)

    def test_customers_call_nothing(self):
        for model in ("order.quick", "order.quick.line", "order.quick.list", "order.quick.list.line"):
            for name, arguments in (
                ("search_read", [[]]),
                ("create", [{}]),
                ("web_search_read", [[], {"id": {}}]),
            ):
                with self.subTest(model, name=name), self.assertRaises(AccessError):
                    self.rpc(self.carla, self.env[model], name, *arguments)
