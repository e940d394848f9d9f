from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common_dispatch import DispatchCase

# What a customer may see of his own records, of all that we have added to Odoo's models. Whatever is added
# later needs groups, or a line here.
FOR_CUSTOMERS = {
    "stock.picking": {
        "packing_instruction",
        "order_urgency",
        "gift_note",
        "no_substitutes",
    },
    "sale.order": {
        "channel_id",
        "channel_ref",
        "first_promise_date",
        "fulfilment",
        "gift_note",
        "no_substitutes",
        "packing_instruction",
        "processing_stage",
        "promise_at_risk",
        "promise_date",
        "promise_mode",
        "promise_slip",
        "reordered_from_id",
        "requested_date",
        "reservation_state",
        "review_mode",
        "review_state",
        "shipment_count",
        "submitted_at",
        "urgency",
    },
    "sale.order.line": {"first_promise_date", "promise_date", "ships_from_id"},
}
MODELS = [*FOR_CUSTOMERS, "res.partner", "delivery.carrier", "stock.move", "stock.picking.batch"]


@tagged("post_install", "-at_install")
class TestDispatchPortal(DispatchCase):
    """A customer reads his own transfer: what is planned with it, and why, is not for him."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mine = cls.transfer(partner=cls.carla.partner_id)
        cls.plan()

    def ours(self, model):
        fields = self.env[model]._fields
        return {name for name, field in fields.items() if "order_processing" in field._modules}

    def records(self, model):
        order = self.mine.sale_id
        product = self.product("POST", 4.0, type="service", is_storable=False)
        return {
            "stock.picking": self.mine,
            "sale.order": order,
            "sale.order.line": order.order_line,
            "res.partner": self.carla.partner_id,
            "delivery.carrier": self.env["delivery.carrier"].create(
                {"name": "Van", "product_id": product.id}
            ),
            "stock.move": self.mine.move_ids,
            "stock.picking.batch": self.mine.batch_id,
        }[model]

    def test_a_customer_reads_nothing_that_is_ours(self):
        self.assertEqual(self.rpc(self.carla, self.mine, "read", ["name"])[0]["id"], self.mine.id)
        for model in MODELS:
            records, internal = (
                self.records(model),
                self.ours(model) - FOR_CUSTOMERS.get(model, set()),
            )
            self.assertTrue(records and internal, model)
            for name in sorted(internal):
                with self.subTest(model, field=name), self.assertRaises(AccessError):
                    self.rpc(self.carla, records, "read", [name])

    def test_what_he_may_see_he_sees(self):
        for model, names in FOR_CUSTOMERS.items():
            self.assertTrue(self.rpc(self.carla, self.records(model), "read", sorted(names)), model)

    def test_nor_does_he_find_anything_by_it(self):
        self.mine.with_user(self.wes).dispatch_hold("He never pays")
        for name, value in (("dispatch_hold_reason", "He never pays"), ("departures_missed", 0)):
            with self.assertRaises(AccessError):
                self.rpc(self.carla, self.env["stock.picking"], "search", [(name, "=", value)])
