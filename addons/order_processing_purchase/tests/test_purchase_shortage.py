from datetime import timedelta

from odoo.tests import tagged

from .common import PurchaseCase


@tagged("post_install", "-at_install")
class TestWhatIsShortIsBought(PurchaseCase):
    """Fifty blankets are ordered, there are none, and nobody has ordered any."""

    def test_from_shortage_to_delivery(self):
        order = self.order((self.blanket, 50))
        shortage = self.look()
        # A request for quotation at the best vendor, in the hands of its buyer.
        purchase = self.purchases()
        self.assertEqual(
            (purchase.state, purchase.partner_id, purchase.user_id), ("draft", self.mill, self.ben)
        )
        self.assertEqual(purchase.order_line.product_qty, 50)
        self.assertEqual(purchase.origin, order.name)
        # It is linked, and the buyer has one activity and one message.
        self.assertEqual((shortage.help_ids.kind, shortage.help_ids.document_name), ("rfq", purchase.name))
        self.assertEqual((shortage.uncovered_qty, shortage.is_firm, shortage.buyer_id), (0, False, self.ben))
        self.assertEqual(purchase.waiting_order_count, 1)
        self.assertEqual(self.activities(self.ben).summary, "Short: 1 products")
        self.assertEqual(len(self.messages_to(self.ben, "products are short")), 1)
        self.assertFalse(self.activities(self.mona))
        # Ordered: nothing is left to do for the buyer.
        purchase.button_confirm()
        self.look()
        self.assertEqual((shortage.help_ids.kind, shortage.is_firm), ("receipt", True))
        self.assertFalse(self.activities(self.ben))
        # Received: the order has it, and nothing is short.
        picking = purchase.picking_ids
        picking.move_ids.picked = True
        picking.button_validate()
        self.run_allocator()
        self.look()
        self.assertEqual((shortage.state, self.set_aside(order)), ("solved", [50]))
        self.env.invalidate_all()
        self.assertEqual(purchase.waiting_order_count, 0)

    def test_the_customer_is_told_with_choices(self):
        order = self.order((self.blanket, 50), (self.mug, 1))
        self.promise(order, 3)
        self.look()
        told = self.env["sale.order"]._tell_slip(self.slip(order, 12))
        self.assertEqual(list(told.values()), ["carla@example.com, Sally"])
        self.assertIn("/order/choice/", self.mails(order).body_html)

    def test_looking_again_orders_nothing_more(self):
        self.order((self.blanket, 50))
        for _again in range(3):
            self.look()
        self.assertEqual(self.purchases().order_line.mapped("product_qty"), [50])

    def test_more_is_added_to_what_is_asked_for(self):
        self.order((self.blanket, 50))
        self.look()
        later = self.order((self.blanket, 8))
        self.look()
        self.assertEqual(self.purchases().order_line.mapped("product_qty"), [58])
        self.assertEqual(self.shortages(later).help_ids.document_name, self.purchases().name)
        self.env.invalidate_all()
        self.assertEqual(self.purchases().waiting_order_count, 2)

    def test_one_request_for_all_of_a_vendor(self):
        rug = self.product("RUG", 80.0, seller_ids=[(0, 0, {"partner_id": self.mill.id, "price": 30.0})])
        self.order((self.blanket, 5), (rug, 2))
        self.look(self.blanket, rug)
        self.assertEqual(len(self.purchases() | self.purchases(rug)), 1)
        self.assertEqual(len(self.activities(self.ben)), 1)

    def test_what_is_ordered_already_counts(self):
        self.bought(30)
        order = self.order((self.blanket, 50))
        self.look()
        drafts = self.purchases().filtered(lambda purchase: purchase.state == "draft")
        self.assertEqual(drafts.order_line.product_qty, 20)
        self.assertEqual(sorted(self.shortages(order).help_ids.mapped("quantity")), [20, 30])

    def test_on_request_only(self):
        self.company.shortage_replenish = "propose"
        self.order((self.blanket, 50))
        shortage = self.look()
        self.assertFalse(self.purchases())
        self.assertTrue(shortage.with_user(self.ben).can_replenish)
        self.assertFalse(shortage.with_user(self.sally).can_replenish)
        notice = self.rpc(self.ben, shortage, "action_replenish")
        self.assertIn(self.purchases().name, notice["params"]["message"])
        self.assertEqual(self.purchases().order_line.product_qty, 50)

    def test_no_vendor_does_not_hold_up_the_others(self):
        lonely = self.product("LONELY", 5.0)
        self.order((self.blanket, 5), (lonely, 2))
        rows = self.look(self.blanket, lonely)
        self.assertEqual(self.purchases().order_line.product_qty, 5)
        self.assertEqual(rows.filtered("is_unavailable").product_id, lonely)

    # ---------------------------------------------------------------- reordering rules
    def orderpoint(self, **vals):
        return self.env["stock.warehouse.orderpoint"].create(
            {
                "product_id": self.blanket.id,
                "location_id": self.warehouse.lot_stock_id.id,
                "product_min_qty": 0,
                "product_max_qty": 0,
                **vals,
            }
        )

    def test_a_reordering_rule_orders_it(self):
        rule = self.orderpoint(product_min_qty=10, product_max_qty=20)
        order = self.order((self.blanket, 50))
        self.look()
        line = self.purchases().order_line
        self.assertEqual((line.product_qty, line.orderpoint_id), (70, rule))
        self.assertEqual(self.shortages(order).uncovered_qty, 0)
        self.look()
        self.env["stock.rule"].run_scheduler()
        self.assertEqual(self.purchases().order_line.mapped("product_qty"), [70])

    def test_a_rule_put_to_sleep_is_left_alone(self):
        self.orderpoint(trigger="manual", snoozed_until=self.now.date() + timedelta(days=3))
        self.order((self.blanket, 50))
        self.assertEqual(self.look().uncovered_qty, 50)
        self.assertFalse(self.purchases())

    def test_a_rule_left_to_people_is_not_passed_by(self):
        self.orderpoint(trigger="manual", product_min_qty=10, product_max_qty=20)
        self.order((self.blanket, 50))
        self.assertEqual(self.look().uncovered_qty, 50)
        self.assertFalse(self.purchases())
        self.rpc(self.ben, self.look(), "action_replenish")
        self.assertEqual(self.purchases().order_line.product_qty, 70)

    def test_a_rule_that_only_warns_is_none(self):
        self.orderpoint(trigger="manual", warning_level=5)
        self.order((self.blanket, 50))
        self.look()
        self.assertEqual(self.purchases().order_line.product_qty, 50)

    def test_a_manual_rule_orders_when_it_is_asked(self):
        self.company.shortage_replenish = "propose"
        rule = self.orderpoint(trigger="manual")
        self.order((self.blanket, 50))
        self.rpc(self.ben, self.look(), "action_replenish")
        self.assertEqual(self.purchases().order_line.orderpoint_id, rule)

    # ---------------------------------------------------------------- making
    def test_what_is_made_is_made(self):
        bom = self.env["mrp.bom"].create(
            {
                "product_tmpl_id": self.blanket.product_tmpl_id.id,
                "bom_line_ids": [(0, 0, {"product_id": self.mug.id, "product_qty": 1})],
            }
        )
        self.blanket.seller_ids = False
        self.blanket.route_ids = self.warehouse.manufacture_pull_id.route_id
        self.order((self.blanket, 5))
        shortage = self.look()
        production = self.env["mrp.production"].search([("bom_id", "=", bom.id)])
        self.assertEqual(production.product_qty, 5)
        self.assertEqual((shortage.help_ids.kind, shortage.uncovered_qty), ("production", 0))
        self.assertEqual(shortage.help_ids.document_name, production.name)
