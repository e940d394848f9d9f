from lxml import etree
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common_priority import PriorityCase


@tagged("post_install", "-at_install")
class TestPriorityRights(PriorityCase):
    """Nobody types a priority; everybody who works here reads why."""

    def test_nobody_writes_a_score(self):
        order = self.sold()
        picking = order.picking_ids
        guarded = [
            (order, "priority_score"),
            (order, "priority_figures"),
            (picking, "priority_score"),
            (picking, "departures_missed"),
            (picking.move_ids, "priority_score"),
        ]
        boss = new_test_user(self.env, "boss", "sales_team.group_sale_manager,stock.group_stock_manager")
        for records, name in guarded:
            with self.subTest(records._name, field=name), self.assertRaises(AccessError):
                self.rpc(boss, records, "write", {name: 99})

    def test_nobody_creates_with_a_score(self):
        move = {
            "product_id": self.mug.id,
            "product_uom_qty": 1,
            "location_id": self.warehouse.lot_stock_id.id,
            "location_dest_id": self.env.ref("stock.stock_location_customers").id,
        }
        transfer = {"picking_type_id": self.warehouse.out_type_id.id}
        for model, vals in (("stock.move", move), ("stock.picking", transfer)):
            records = self.env[model]
            with self.subTest(model), self.assertRaises(AccessError):
                self.rpc(self.wes, records, "create", [{**vals, "priority_score": 99}])
            smuggled = records.with_user(self.wes).with_context(default_priority_score=99).create(vals)
            self.assertEqual(smuggled.priority_score, 0)
        order = {"partner_id": self.customer.id}
        smuggled = self.env["sale.order"].with_user(self.sally).with_context(default_priority_score=99)
        self.assertEqual(smuggled.create(order).priority_score, 0)

    def test_who_picks_reads_why(self):
        self.customer.customer_tier_id = self.bronze
        picking = self.sold(urgency="urgent").picking_ids
        note = self.rpc(self.wes, picking, "read", ["priority_note"])[0]["priority_note"]
        for words in ("Priority ", "urgent order", "has to leave by", "Bronze", "Urgency: 50.0 of 50.0"):
            self.assertIn(words, note)
        self.assertNotIn("37", note)  # what the order is worth is not his business

    def test_who_sees_no_orders_moves_goods(self):
        buyer = new_test_user(self.env, "bert", "purchase.group_purchase_user")
        order = self.sold()
        before = order.priority_score
        self.assertFalse(self.env["sale.order"].with_user(buyer).has_access("read"))
        order.picking_ids.with_user(buyer).priority = "1"
        order.picking_ids.move_ids.with_user(buyer).write({"picking_id": order.picking_ids.id})
        self.commit()
        self.assertEqual(order.priority_score, before + 50)

    def test_the_parts_add_up_to_the_score(self):
        order = self.sold(urgency="urgent")
        parts = order.priority_figures["parts"].values()
        self.assertAlmostEqual(sum(points for points, _most in parts), order.priority_score, delta=0.3)
        self.assertAlmostEqual(sum(most for _points, most in parts), 100)

    def test_the_note_is_on_every_list(self):
        for model, view in (
            ("stock.picking", "order_processing.order_picking_view_list"),
            ("stock.picking", "stock.vpicktree"),
            ("stock.picking", "stock.stock_picking_kanban"),
            ("stock.picking", "stock.view_picking_form"),
            ("sale.order", "order_processing.sale_order_view_list"),
            ("sale.order", "order_processing.sale_order_view_kanban"),
            ("sale.order", "sale.view_order_form"),
        ):
            arch = etree.fromstring(self.env[model].get_view(self.env.ref(view).id)["arch"])
            with self.subTest(view):
                self.assertTrue(arch.xpath("//field[@name='priority_score'][@widget='order_priority']"))

    @mute_logger("odoo.sql_db")
    def test_weights_have_bounds(self):
        weights = [name for name in self.company._fields if name.startswith("priority_weight_")]
        for vals in (
            {"priority_weight_tier": 101},
            {"priority_weight_age": -1},
            {"priority_slack_days": 0},
            {"priority_reference_amount": 0},
            dict.fromkeys(weights, 0),
        ):
            with self.subTest(vals), self.assertRaises(IntegrityError), self.cr.savepoint():
                self.company.write(vals)
                self.env.flush_all()
