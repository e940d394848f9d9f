from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common_board import BoardCase


@tagged("post_install", "-at_install")
class TestPackingHardened(BoardCase):
    """What happens to the order, the shelf and the transfer while somebody packs."""

    # ---------------------------------------------------------------- the order becomes smaller, or larger
    def test_made_smaller_below_what_is_in(self):
        transfer = self.transfer((self.mug, 5))
        line = transfer.move_line_ids
        self.rpc(self.wes, transfer, "pack_count", line.id, 3)
        transfer.sale_id.order_line.product_uom_qty = 2
        sheet = self.rpc(self.wes, transfer, "pack_open")
        self.assertEqual([(one["packed"], one["wanted"]) for one in sheet["lines"]], [(3, 2)])
        self.assertEqual(
            (sheet["whole"], sheet["over"][0]["counted"], sheet["lines"][0]["over"]), (False, 3, True)
        )
        for close in (("pack_close",), ("pack_close", "stop")):
            with self.assertRaisesRegex(UserError, "3 Units of .* only 2 are asked for"):
                self.rpc(self.wes, transfer, *close)
        with self.assertRaisesRegex(UserError, "only 2 are asked for"):
            transfer.with_user(self.wes).with_context(skip_backorder=True).button_validate()
        self.assertEqual(self.scan(transfer, "MUG")["result"], "too_many")
        with self.assertRaisesRegex(UserError, "2 Units are asked for now"):
            self.rpc(self.wes, transfer, "pack_count", line.id, 3)
        answer = self.rpc(self.wes, transfer, "pack_count", line.id, 2)
        self.assertEqual(answer["result"], "complete")
        self.assertEqual(self.rpc(self.wes, transfer, "pack_close"), {"done": True, "action": False})
        self.assertEqual(transfer.move_ids.mapped("quantity"), [2])

    def test_taken_out_piece_by_piece(self):
        transfer = self.transfer((self.mug, 5))
        line = transfer.move_line_ids
        self.rpc(self.wes, transfer, "pack_count", line.id, 4)
        transfer.sale_id.order_line.product_uom_qty = 2
        with self.assertRaisesRegex(UserError, "asked for now"):
            self.rpc(self.wes, transfer, "pack_count", line.id, 5)
        for left, result in ((3, "counted"), (2, "complete")):
            self.assertEqual(self.rpc(self.wes, transfer, "pack_count", line.id, left)["result"], result)

    def test_made_smaller_above_what_is_in(self):
        transfer = self.transfer((self.mug, 5))
        self.rpc(self.wes, transfer, "pack_count", transfer.move_line_ids.id, 3)
        transfer.sale_id.order_line.product_uom_qty = 4
        sheet = self.rpc(self.wes, transfer, "pack_open")
        self.assertEqual([(one["packed"], one["wanted"]) for one in sheet["lines"]], [(3, 4)])
        self.assertEqual(self.scan(transfer, "MUG")["result"], "complete")
        self.assertEqual(self.scan(transfer, "MUG")["result"], "too_many")

    def test_made_larger_what_is_in_stays_counted(self):
        transfer = self.transfer((self.mug, 5))
        self.rpc(self.wes, transfer, "pack_count", transfer.move_line_ids.id, 5)
        transfer.sale_id.order_line.product_uom_qty = 7
        transfer.action_assign()
        sheet = self.rpc(self.wes, transfer, "pack_open")
        self.assertEqual((sheet["whole"], [one["quantity"] for one in sheet["short"]]), (False, [2]))
        transfer.with_user(self.wes).with_context(skip_backorder=True).button_validate()
        self.assertEqual(
            (transfer.move_ids.quantity, transfer.backorder_ids.move_ids.product_uom_qty), (5, 2)
        )

    # ---------------------------------------------------------------- Odoo's form
    def test_thought_better_of_it_and_everything_stays_set_aside(self):
        transfer = self.transfer((self.mug, 5))
        self.rpc(self.wes, transfer, "pack_count", transfer.move_line_ids.id, 3)
        asked = transfer.with_user(self.wes).button_validate()
        self.assertEqual(asked["res_model"], "stock.backorder.confirmation")
        self.assertEqual((transfer.state, transfer.move_ids.quantity), ("assigned", 5))
        self.assertEqual(self.counted(transfer), [3])
        wizard = self.env["stock.backorder.confirmation"].with_context(**asked["context"])
        wizard.create({"pick_ids": [Command.set(transfer.ids)]}).with_user(self.wes).process()
        self.assertEqual((transfer.state, transfer.move_ids.quantity), ("done", 3))

    def test_a_quantity_raised_by_hand_goes(self):
        transfer = self.transfer((self.mug, 5))
        self.rpc(self.wes, transfer, "pack_count", transfer.move_line_ids.id, 5)
        transfer.move_line_ids.with_user(self.wes).write({"quantity": 6})
        self.assertEqual(self.counted(transfer), [0])
        transfer.with_user(self.wes).button_validate()
        self.assertEqual((transfer.state, transfer.move_ids.quantity), ("done", 6))

    def test_five_of_a_dozen_are_five(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        transfer = self.transfer(
            {"product_id": self.mug.id, "product_uom_qty": 1, "product_uom_id": dozen.id}
        )
        before = self.mug.with_context(location=self.warehouse.lot_stock_id.id).qty_available
        self.rpc(self.wes, transfer, "pack_count", transfer.move_line_ids.id, 5)
        self.rpc(self.wes, transfer, "pack_close", "later")
        self.env.invalidate_all()
        after = self.mug.with_context(location=self.warehouse.lot_stock_id.id).qty_available
        self.assertEqual(before - after, 5)

    # ---------------------------------------------------------------- codes
    def test_a_barcode_used_again(self):
        old = self.product("AAA-OLD", 5.0, barcode="777")
        old.product_tmpl_id.active = False
        new = self.product("ZZZ-NEW", 5.0, barcode="777")
        self.stock(new, 5)
        self.assertEqual(self.scan(self.transfer((new, 2)), "777")["result"], "counted")
        answer = self.scan(self.transfer((self.mug, 1)), "777")
        self.assertIn("ZZZ-NEW", answer["message"])

    def test_forged_codes(self):
        transfer = self.transfer((self.mug, 2))
        for code in (None, 123, ["MUG"], {"a": 1}, "\x00", "x" * 5000, "\x1d"):
            with self.subTest(repr(code)[:20]):
                self.assertEqual(self.scan(transfer, code)["result"], "unknown")
        self.assertEqual(self.scan(transfer, "M\x00UG\n")["result"], "counted")

    # ---------------------------------------------------------------- lots
    def lots_of_tea(self, **quantities):
        tea = self.product("TEA", 5.0, name="Tea", tracking="lot")
        lots = {}
        for name, quantity in quantities.items():
            lots[name] = self.env["stock.lot"].create({"name": name, "product_id": tea.id})
            self.stock(tea, quantity, lots[name])
        return tea, lots

    def stock(self, product, quantity, lot=None):
        quants = self.env["stock.quant"]
        quants._update_available_quantity(product, self.warehouse.lot_stock_id, quantity, lot_id=lot)

    def reserved(self, tea):
        quants = self.env["stock.quant"]._gather(tea, self.warehouse.lot_stock_id)
        return {quant.lot_id.name: quant.reserved_quantity for quant in quants}

    def test_a_lot_runs_out_and_another_completes_it(self):
        tea, _lots = self.lots_of_tea(A1=5, B1=5)
        transfer = self.transfer((tea, 5))
        first = transfer.move_line_ids.lot_id.name
        other = ({"A1", "B1"} - {first}).pop()
        for _piece in range(2):
            self.scan(transfer, first)
        answer = self.scan(transfer, other)
        self.assertEqual(answer["result"], "counted", answer["message"])
        self.assertEqual(self.reserved(tea), {first: 2, other: 3})
        self.scan(transfer, other)
        # One more of the first was found behind the shelf.
        self.assertEqual(self.scan(transfer, first)["result"], "complete")
        self.assertEqual(self.reserved(tea), {first: 3, other: 2})
        self.assertEqual(sorted(self.counted(transfer)), [2, 3])
        self.rpc(self.wes, transfer, "pack_close")
        self.assertEqual(transfer.state, "done")
        self.assertEqual(
            {line.lot_id.name: line.quantity for line in transfer.move_line_ids}, {first: 3, other: 2}
        )
        self.assertEqual(self.reserved(tea), {first: 0, other: 0})

    def test_no_more_of_the_other_lot_than_there_is(self):
        tea, _lots = self.lots_of_tea(A1=5)
        transfer = self.transfer((tea, 4))
        lot = self.env["stock.lot"].create({"name": "B1", "product_id": tea.id})
        self.stock(tea, 1, lot)
        self.scan(transfer, "A1")
        self.assertEqual(self.scan(transfer, "B1")["result"], "counted")
        answer = self.scan(transfer, "B1")
        self.assertEqual(answer["result"], "wrong")
        self.assertIn("2 of A1 are still to go in", answer["message"])
        self.assertEqual(self.reserved(tea), {"A1": 3, "B1": 1})
        self.assertEqual(sum(self.counted(transfer)), 2)

    # ---------------------------------------------------------------- quantities and answers
    def test_a_piece_is_in_or_not(self):
        lamp = self.product("LAMP", 90.0, name="Desk Lamp", tracking="serial")
        self.serial(lamp, "SN-1")
        transfer = self.transfer((lamp, 1))
        for quantity in (0.5, 2, -1):
            with self.assertRaisesRegex(UserError, "in the parcel or not"):
                self.rpc(self.wes, transfer, "pack_count", transfer.move_line_ids.id, quantity)
        self.rpc(self.wes, transfer, "pack_count", transfer.move_line_ids.id, 1)
        self.assertEqual(self.counted(transfer), [1])

    def test_what_is_no_quantity(self):
        transfer = self.transfer((self.mug, 2))
        line = transfer.move_line_ids
        for quantity in (float("nan"), float("inf"), 10**400, "2", None, True, [], 1e300):
            with self.subTest(repr(quantity)[:20]), self.assertRaisesRegex(UserError, "is no quantity"):
                self.rpc(self.wes, transfer, "pack_count", line.id, quantity)
        with self.assertRaisesRegex(UserError, "finer than"):
            self.rpc(self.wes, transfer, "pack_count", line.id, 1.0004)
        self.env["decimal.precision"].search([("name", "=", "Product Unit")]).digits = 0
        self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, "finer than"):
            self.rpc(self.wes, transfer, "pack_count", line.id, 0.5)
        for line_id in ("x", None, [line.id]):
            with self.assertRaisesRegex(UserError, "has changed"):
                self.rpc(self.wes, transfer, "pack_count", line_id, 1)
        self.assertEqual(self.counted(transfer), [0])

    def test_only_what_may_be_answered(self):
        kind = self.warehouse.out_type_id
        offered = {"ask": ["later", "stop"], "never": ["stop"], "always": ["later"]}
        for backorder, choices in offered.items():
            kind.create_backorder = backorder
            transfer = self.transfer((self.mug, 5))
            self.rpc(self.wes, transfer, "pack_count", transfer.move_line_ids.id, 3)
            for rest in {"later", "stop", "nonsense", 1}.difference(choices) | {True}:
                with self.subTest(backorder, rest=rest), self.assertRaisesRegex(UserError, "no answer"):
                    self.rpc(self.wes, transfer, "pack_close", rest)
            self.assertEqual(transfer.state, "assigned")
            self.assertTrue(self.rpc(self.wes, transfer, "pack_close", choices[0])["done"])
            self.assertEqual(bool(transfer.backorder_ids), choices[0] == "later")
