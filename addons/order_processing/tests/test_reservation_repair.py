from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_health import ReservationHealthCase


@tagged("post_install", "-at_install")
class TestReservationRepair(ReservationHealthCase):
    """A repair restores what has to hold, keeps the higher rank, and undoes no person's decision."""

    # ---------------------------------------------------------------- each kind
    def test_the_lowest_rank_gives_back(self):
        first = self.confirmed_order(lines=[(self.lantern, 60)])
        second = self.confirmed_order(lines=[(self.lantern, 30)])
        third = self.confirmed_order(lines=[(self.lantern, 10)])
        self.lose(self.lantern, 50)  # 70 left of 120, 100 are reserved
        self.check()
        drift = self.listed()
        self.assertEqual(drift.line_ids.mapped("origin"), [first.name, second.name, third.name])
        self.repair()
        self.assertEqual(self.held(first), (60, ["assigned"]))
        self.assertEqual(self.held(second), (10, ["partially_available"]))
        self.assertEqual(self.held(third), (0, ["confirmed"]))
        self.assertEqual(drift.state, "repaired")
        self.assertAddsUp(self.lantern)

    def test_before_and_after_are_kept(self):
        order = self.confirmed_order(lines=[(self.lantern, 100)])
        self.lose(self.lantern, 60)
        self.check()
        drift = self.listed()
        self.repair()
        self.assertEqual((drift.before["reserved"], drift.before["on_hand"]), (100, 60))
        self.assertEqual((drift.after["reserved"], drift.after["by_lines"]), (60, 60))
        self.assertEqual((drift.repaired_by_id, bool(drift.repaired_at)), (self.max, True))
        self.assertIn("60 Units on hand, 100 Units reserved", drift.before_text)
        picking = order.sudo().picking_ids
        self.assertEqual(drift.released_text, f"40 Units of {picking.name} ({order.name})")
        self.assertIn("40 Units of [LANTERN]", picking.message_ids[0].body)

    def test_what_the_record_says_follows_the_transfers(self):
        for reserved in (0, 4, 15, 130):
            with self.subTest(reserved=reserved):
                order = self.confirmed_order(lines=[(self.lantern, 10)])
                self.set_reserved(self.records(self.lantern), reserved)
                self.check()
                self.repair()
                self.assertEqual(self.held(order), (10, ["assigned"]))
                self.assertAddsUp(self.lantern)
                order.sudo()._action_cancel()
                self.assertEqual(self.records(self.lantern).reserved_quantity, 0)

    def test_held_by_transfers_where_nothing_is(self):
        order = self.confirmed_order(lines=[(self.lantern, 10)])
        self.sql("DELETE FROM stock_quant WHERE id = %s", self.records(self.lantern).id)
        listed = [("mismatch", "open", "reservation_lost"), ("over", "open", "unknown")]
        self.assertEqual(self.check(), listed)
        self.repair()
        self.assertEqual(self.held(order), (0, ["confirmed"]))
        self.assertEqual(self.check(), [])

    def test_two_records_become_one_and_nothing_is_lost(self):
        order = self.confirmed_order(lines=[(self.lantern, 10)])
        self.set_reserved(self.records(self.lantern), 6)
        self.twice(self.records(self.lantern), quantity=7, reserved=4)
        self.check()
        self.repair()
        record = self.records(self.lantern)
        self.assertEqual((record.quantity, record.reserved_quantity), (127, 10))
        self.assertEqual(str(record.in_date), "2020-02-02 02:02:02")
        self.assertEqual(self.held(order), (10, ["assigned"]))
        self.assertAddsUp(self.lantern)

    def test_a_count_somebody_typed_is_kept(self):
        self.twice(self.records(self.lantern), quantity=7)
        counted = self.records(self.lantern)[1].with_context(inventory_mode=True)
        counted.inventory_quantity = 5
        counted.user_id = self.wes
        self.check()
        self.repair()
        record = self.records(self.lantern)
        self.assertTrue(record.inventory_quantity_set)
        self.assertEqual((record.quantity, record.inventory_diff_quantity), (127, -2))
        self.assertEqual((record.inventory_quantity, record.user_id), (125, self.wes))

    def test_everything_at_once(self):
        first = self.confirmed_order(lines=[(self.lantern, 60)])
        second = self.confirmed_order(lines=[(self.lantern, 50)])
        self.lose(self.lantern, 90)
        self.set_reserved(self.records(self.lantern), 3)
        self.twice(self.records(self.lantern), quantity=35, reserved=1)
        self.assertEqual([kind for kind, *_rest in self.check()], ["duplicate", "mismatch", "over"])
        self.repair(self.listed()[0])  # one of three: the place is repaired
        self.assertEqual((self.held(first)[0], self.held(second)[0]), (60, 5))
        self.assertAddsUp(self.lantern)
        self.assertEqual(set(self.Drift.search([]).mapped("state")), {"repaired"})

    # ---------------------------------------------------------------- left alone
    def test_a_second_repair_does_nothing(self):
        order = self.confirmed_order(lines=[(self.lantern, 100)])
        self.lose(self.lantern, 60)
        self.check()
        drift = self.listed()
        self.repair()
        names = ["before", "after", "released", "state", "repaired_at", "write_date"]
        record = self.records(self.lantern)
        before = (drift.read(names), self.held(order), record.read(["quantity", "reserved_quantity"]))
        self.repair(drift, by=self.env.ref("base.user_admin"))
        after = (drift.read(names), self.held(order), record.read(["quantity", "reserved_quantity"]))
        self.assertEqual(after, before)

    def test_what_was_typed_by_hand_stays(self):
        line = self.confirmed_order(lines=[(self.lantern, 10)]).sudo().picking_ids.move_line_ids
        line.write({"quantity": 130, "reserved_by_hand": True})
        self.check()
        drift = self.listed()
        for _time in range(2):
            self.repair()
            self.assertEqual((line.quantity, drift.state, drift.repaired_at), (130, "by_hand", False))
        self.assertEqual(self.check(), [("over", "by_hand", "by_hand")])

    def test_beside_what_was_typed_by_hand_the_rest_gives_back(self):
        order = self.confirmed_order(lines=[(self.lantern, 100)])
        line = self.confirmed_order(lines=[(self.lantern, 10)]).sudo().picking_ids.move_line_ids
        self.lose(self.lantern, 50)
        line.write({"quantity": 30, "reserved_by_hand": True})  # 70 left; 100 reserved automatically
        self.assertEqual(self.check()[0][:2], ("over", "open"))
        drift = self.listed()
        self.repair()
        self.assertEqual((self.held(order)[0], line.quantity), (70, 30))
        self.assertEqual((drift.state, drift.cause), ("by_hand", "by_hand"))
        self.assertEqual(drift.released[0]["quantity"], 30)

    def test_what_is_picked_stays_and_it_says_why(self):
        order = self.confirmed_order(lines=[(self.lantern, 100)])
        order.sudo().picking_ids.move_ids.picked = True
        self.lose(self.lantern, 60)
        self.check()
        drift = self.listed()
        answer = self.repair()
        self.assertEqual((self.held(order)[0], drift.state), (100, "open"))
        self.assertIn("40 Units too much are picked already", drift.problem_text)
        self.assertIn("picked already", answer["params"]["message"])

    def test_one_that_fails_leaves_the_others(self):
        broken = "The scales are broken."

        def refuse(records):
            records.quantity = 0
            raise UserError(broken)

        self.patch(type(self.env["stock.quant"]), "_become_one_record", refuse)
        self.twice(self.records(self.lantern), quantity=1)
        self.set_reserved(self.records(self.mug), 5)
        self.check()
        lantern = self.listed().filtered(lambda drift: drift.kind == "duplicate")
        mug = self.listed() - lantern
        self.repair()
        self.assertEqual((lantern.state, mug.state), ("open", "repaired"))
        self.assertEqual(self.records(self.lantern).mapped("quantity"), [120, 1])
        self.assertEqual(lantern.problem_text, broken)

    def test_repair_all(self):
        for product in (self.lantern, self.mug):
            self.set_reserved(self.records(product), 5)
        self.check()
        answer = self.rpc(self.max, self.Drift, "action_repair_all")
        self.assertIn("2 repaired", answer["params"]["message"])
        self.assertEqual(self.check(), [])

    def test_units_of_the_transfer(self):
        self.env["ir.config_parameter"].sudo().set_param("stock.propagate_uom", "1")
        dozen = self.env.ref("uom.product_uom_dozen")
        line = {"product_id": self.lantern.id, "product_uom_qty": 5, "product_uom_id": dozen.id}
        order = self.confirmed_order(lines=[line])
        self.assertEqual(self.records(self.lantern).reserved_quantity, 60)
        self.lose(self.lantern, 90)  # 30 left: two dozen and a half
        self.check()
        self.repair()
        self.assertEqual(self.held(order)[0], 2.5)
        self.assertAddsUp(self.lantern)

    def test_what_is_free_again_is_offered(self):
        self.set_reserved(self.records(self.lantern), 5)
        self.check()
        woken = []
        self.patch(type(self.env["stock.move"]), "_wake_allocator", lambda moves: woken.append(moves))
        self.repair()
        self.assertEqual(len(woken), 1)
        self.repair()
        self.assertEqual(len(woken), 1)
