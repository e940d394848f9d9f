from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common_board import BoardCase


@tagged("post_install", "-at_install")
class TestPacking(BoardCase):
    """Wes counts goods into parcels."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mug.barcode = "4006381333931"
        cls.wave_north = cls.wave(cls.north)
        cls.two = cls.transfer((cls.mug, 3), (cls.lantern, 1), wave=cls.wave_north)

    # ---------------------------------------------------------------- counting
    def test_scanned_to_the_last_piece(self):
        for code in ("4006381333931", "mug", "MUG"):
            self.assertEqual(self.scan(self.two, code)["result"], "counted")
        answer = self.scan(self.two, "LANTERN")
        self.assertEqual((answer["result"], answer["sheet"]["whole"]), ("complete", True))
        self.assertEqual(self.two.state, "assigned")
        self.assertEqual(self.rpc(self.wes, self.two, "pack_close"), {"done": True, "action": False})
        self.assertEqual(self.two.state, "done")
        self.assertEqual(self.two.move_ids.mapped("quantity"), [3, 1])
        self.assertTrue(self.two.shipment_ids)

    def test_what_is_packed_stays_in_its_wave(self):
        other = self.transfer((self.mug, 1), wave=self.wave_north)
        for transfer in self.two + other:
            self.assertNotEqual(self.wave_north.state, "done")
            transfer.move_ids.picked = True
            transfer.with_user(self.wes).button_validate()
        self.assertEqual(self.wave_north.picking_ids, self.two + other)
        self.assertEqual(self.wave_north.state, "done")

    def test_a_box_counts_for_what_is_in_it(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        self.env["product.uom"].create({"product_id": self.mug.id, "uom_id": dozen.id, "barcode": "BOX-12"})
        transfer = self.transfer((self.mug, 30))
        self.assertEqual(self.scan(transfer, "BOX-12")["result"], "counted")
        self.assertEqual(self.counted(transfer), [12])
        self.scan(transfer, "BOX-12")
        answer = self.scan(transfer, "BOX-12")
        self.assertEqual(answer["result"], "too_many")
        self.assertIn("12", answer["message"])
        self.assertEqual(self.counted(transfer), [24])

    def test_ordered_by_the_dozen_counted_by_the_piece(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        line = {"product_id": self.mug.id, "product_uom_qty": 1, "product_uom_id": dozen.id}
        transfer = self.transfer(line)
        self.scan(transfer, "MUG")
        self.rpc(self.wes, transfer, "pack_count", transfer.move_line_ids.id, 12)
        self.assertEqual(self.rpc(self.wes, transfer, "pack_close")["done"], True)
        self.assertEqual(sum(transfer.move_line_ids.mapped("quantity_product_uom")), 12)

    def test_what_does_not_count(self):
        cases = {"NONSENSE": "unknown", "": "unknown", "BLANKET": "wrong", "%": "unknown"}
        for code, result in cases.items():
            with self.subTest(code):
                answer = self.scan(self.two, code)
                self.assertEqual(answer["result"], result)
                self.assertTrue(answer["message"])
        self.scan(self.two, "LANTERN")
        answer = self.scan(self.two, "LANTERN")
        self.assertEqual(answer["result"], "too_many")
        self.assertIn("all 1 of", answer["message"])
        self.assertEqual(sum(self.counted(self.two)), 1)

    def test_a_transfer_scanned_is_opened(self):
        other = self.transfer((self.mug, 1))
        answer = self.scan(self.two, other.name.lower())
        self.assertEqual((answer["result"], answer["picking_id"]), ("transfer", other.id))

    def test_damaged_labels_are_counted_by_hand(self):
        line = self.two.move_line_ids.filtered(lambda one: one.product_id == self.mug)
        self.rpc(self.wes, self.two, "pack_count", line.id, 3)
        self.assertEqual((line.packed_qty, line.picked), (3, True))
        self.rpc(self.wes, self.two, "pack_count", line.id, 0)
        self.assertEqual((line.packed_qty, line.picked), (0, False))
        for quantity in (4, -1):
            with self.assertRaisesRegex(UserError, "3 Units are set aside"):
                self.rpc(self.wes, self.two, "pack_count", line.id, quantity)
        with self.assertRaisesRegex(UserError, "has changed"):
            self.rpc(self.wes, self.two, "pack_count", 0, 1)

    def test_counting_books_nothing(self):
        quants = self.env["stock.quant"]._gather(self.mug, self.warehouse.lot_stock_id)
        before = quants.mapped("reserved_quantity")
        self.scan(self.two, "MUG")
        quants.invalidate_recordset()
        self.assertEqual(quants.mapped("reserved_quantity"), before)
        self.assertEqual(self.two.move_line_ids.mapped("quantity"), [3, 1])

    # ---------------------------------------------------------------- serial numbers, lots
    def test_serial_numbers(self):
        lamp = self.product("LAMP", 90.0, name="Desk Lamp", tracking="serial")
        self.serial(lamp, "SN-1", "SN-2", "SN-3", "SN-4")
        transfer, other = self.transfer((lamp, 2)), self.transfer((lamp, 1))
        self.assertEqual(self.scan(transfer, "LAMP")["result"], "lot")
        planned = transfer.move_line_ids.lot_id.mapped("name")
        self.assertEqual(self.scan(transfer, planned[0])["result"], "counted")
        self.assertEqual(self.scan(transfer, planned[0])["result"], "too_many")
        taken = other.move_line_ids.lot_id
        answer = self.scan(transfer, taken.name)
        self.assertEqual(answer["result"], "wrong")
        self.assertIn(other.name, answer["message"])
        # Another one than planned, that nobody has: taken instead.
        free = {"SN-1", "SN-2", "SN-3", "SN-4"} - {*planned, taken.name}
        self.assertEqual(self.scan(transfer, free.pop())["result"], "complete")
        self.rpc(self.wes, transfer, "pack_close")
        self.assertEqual(transfer.state, "done")
        self.assertEqual(len(set(transfer.move_line_ids.lot_id.ids)), 2)
        self.assertEqual(self.scan(self.two, planned[0])["result"], "wrong")

    def test_a_lot(self):
        tea = self.product("TEA", 5.0, name="Tea", tracking="lot")
        lot = self.env["stock.lot"].create({"name": "L-1", "product_id": tea.id})
        self.env["stock.quant"]._update_available_quantity(tea, self.warehouse.lot_stock_id, 5, lot_id=lot)
        transfer = self.transfer((tea, 2))
        self.assertEqual(self.scan(transfer, "L-1")["result"], "counted")
        self.assertEqual(self.scan(transfer, "L-1")["result"], "complete")
        self.assertEqual(self.scan(transfer, "L-1")["result"], "too_many")

    # ---------------------------------------------------------------- not everything
    def test_somebody_else_goes_on(self):
        self.scan(self.two, "MUG")
        self.assertEqual(self.rpc(self.wes, self.two, "pack_leave"), True)
        sheet = self.rpc(self.ben, self.two, "pack_open")
        self.assertEqual(sorted(line["packed"] for line in sheet["lines"]), [0, 1])
        self.assertFalse(sheet["others"])

    def test_the_rest_is_sent_later(self):
        self.scan(self.two, "MUG")
        answer = self.rpc(self.wes, self.two, "pack_close")
        self.assertEqual([one["quantity"] for one in answer["ask"]], [2, 1])
        self.assertEqual(answer["choices"], ["later", "stop"])
        self.assertEqual(self.two.state, "assigned")
        self.assertTrue(self.rpc(self.wes, self.two, "pack_close", "later")["done"])
        rest = self.two.backorder_ids
        self.assertEqual(sorted(rest.move_ids.mapped("product_uom_qty")), [1, 2])
        self.assertEqual(sum(rest.move_line_ids.mapped("packed_qty")), 0)
        self.assertEqual(self.two.move_ids.mapped("quantity"), [1])

    def test_the_rest_is_not_sent(self):
        self.scan(self.two, "MUG")
        self.assertTrue(self.rpc(self.wes, self.two, "pack_close", "stop")["done"])
        self.assertFalse(self.two.backorder_ids)
        self.assertEqual(self.two.move_ids.filtered(lambda m: m.state == "done").mapped("quantity"), [1])

    def test_nothing_counted_is_not_closed(self):
        with self.assertRaisesRegex(UserError, "Nothing is counted"):
            self.rpc(self.wes, self.two, "pack_close")

    def test_validated_in_odoos_form_what_was_counted_goes(self):
        self.scan(self.two, "MUG")
        action = self.two.with_user(self.wes).button_validate()
        self.assertEqual(action["res_model"], "stock.backorder.confirmation")
        self.two.with_context(skip_backorder=True).button_validate()
        self.assertEqual(self.two.move_ids.mapped("quantity"), [1])

    def test_a_quantity_typed_is_stronger_than_the_count(self):
        line = self.two.move_line_ids.filtered(lambda one: one.product_id == self.mug)
        for _piece in range(3):
            self.scan(self.two, "MUG")
        line.quantity = 2
        self.assertEqual(line.packed_qty, 2)
        line.picked = False
        self.assertEqual(line.packed_qty, 0)
        line.with_user(self.wes).packed_qty = 7
        self.assertEqual(line.packed_qty, 0, "counted is what was counted")

    def test_into_a_package(self):
        self.scan(self.two, "MUG")
        self.rpc(self.wes, self.two, "pack_close", "later", True)
        self.assertEqual(self.two.state, "done")
        self.assertEqual(len(self.two.move_line_ids.result_package_id), 1)

    # ---------------------------------------------------------------- who may, and when
    def test_two_packers_are_told(self):
        self.assertFalse(self.rpc(self.wes, self.two, "pack_open")["others"])
        self.assertEqual(self.rpc(self.ben, self.two, "pack_open")["others"], ["Wes"])
        self.assertEqual(self.scan(self.two, "MUG")["sheet"]["others"], ["Ben"])
        self.scan(self.two, "MUG", by=self.ben)
        self.assertEqual(sum(self.counted(self.two)), 2)
        self.rpc(self.ben, self.transfer((self.mug, 1)), "pack_open")
        self.assertFalse(self.scan(self.two, "MUG")["sheet"]["others"], "Ben is at another one")

    def test_held_back_is_not_packed(self):
        self.two.with_user(self.ben).dispatch_hold("Wait for the greeting card")
        with self.assertRaisesRegex(UserError, "Wait for the greeting card"):
            self.scan(self.two, "MUG")
        with self.assertRaisesRegex(UserError, "held back"):
            self.rpc(self.wes, self.two, "pack_close")

    def test_under_review_again_it_is_not_packed(self):
        self.company.review_mode = "enforce"
        order = self.confirmed_order(lines=[(self.mug, 2)])
        transfer = order.sudo().picking_ids
        order.with_user(self.sally).order_line.price_unit = 0.5
        self.assertTrue(order.sudo()._is_on_review_hold())
        with self.assertRaisesRegex(UserError, "Nothing may leave"):
            self.scan(transfer, "MUG")

    def test_closed_is_closed(self):
        self.two.move_ids.picked = True
        self.two.button_validate()
        with self.assertRaisesRegex(UserError, "closed already"):
            self.scan(self.two, "MUG")
        self.assertEqual(self.rpc(self.wes, self.two, "pack_open")["state"], "done")

    def test_who_may_pack(self):
        line = self.two.move_line_ids[0]
        calls = (
            ("pack_open",),
            ("pack_scan", "MUG"),
            ("pack_count", line.id, 1),
            ("pack_leave",),
            ("pack_close",),
        )
        for user in (self.carla, self.sally, self.anna):
            for method, *args in calls:
                with self.subTest(user.login, method=method), self.assertRaises(AccessError):
                    self.rpc(user, self.two, method, *args)
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.rpc(user, self.wave_north, "pack_list")

    def test_the_wave_in_the_order_of_work(self):
        last = self.transfer(wave=self.wave_north, score=5)
        urgent = self.transfer(wave=self.wave_north, urgency="urgent", score=1)
        first = self.transfer(wave=self.wave_north, score=50)
        wave = self.rpc(self.wes, self.wave_north, "pack_list")
        self.assertEqual(
            [one["id"] for one in wave["transfers"]], [urgent.id, first.id, last.id, self.two.id]
        )
