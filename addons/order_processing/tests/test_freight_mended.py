from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common_freight import FreightCase


@tagged("post_install", "-at_install")
class TestBillsOnceMore(FreightCase):
    """What came out when the carriers' bills were read once more."""

    def test_no_line_is_moved_to_a_checked_bill(self):
        checked = self.bill(("XX-1", "freight", 4.0))
        draft = self.bill(("XX-2", "freight", 5.0), number="B-2", check=False)
        with self.assertRaisesRegex(UserError, "back to draft"), self.env.cr.savepoint():
            self.rpc(self.anna, draft.line_ids, "write", {"bill_id": checked.id})
        self.assertEqual((checked.line_count, draft.line_count), (1, 1))

    def test_credited_is_only_what_the_carrier_accepts(self):
        bill = self.bill(("XX-1", "freight", 4.0), ("XX-2", "freight", 5.0), ("XX-3", "freight", 6.0))
        dropped, noted, plain = bill.line_ids.sorted("id")
        self.rpc(self.anna, dropped, "action_dispute_dropped")
        self.rpc(self.anna, noted, "write", {"credited_amount": 2.5})
        self.rpc(self.anna, bill.line_ids, "action_dispute_accepted")
        self.assertEqual(
            [(line.dispute_state, line.credited_amount) for line in (dropped, noted, plain)],
            [("dropped", 0.0), ("accepted", 2.5), ("accepted", 6.0)],
        )

    # ---------------------------------------------------------------- importing
    def file_of(self, number):
        return self.csv_file(("Tracking no.", "Net amount"), (number, "4.00"))

    def test_a_number_is_no_pattern(self):
        self.bill(("XX-1", "freight", 4.0), number="INV-1")
        wizard = self.importing(self.file_of("XX-2"), name="INV_1", declared={"GBP": 4.0})
        action = self.rpc(self.anna, wizard, "action_import")
        self.assertEqual(self.env["order.freight.bill"].browse(action["res_id"]).name, "INV_1")
        with self.assertRaisesRegex(UserError, "inv_1 of this carrier is here already"):
            self.rpc(self.anna, self.importing(self.file_of("XX-3"), name="inv_1"), "action_preview")

    def test_nobody_tries_a_bill_on_another_companys_parcels(self):
        self.sent("RP-1")
        self.bill(("XX-1", "freight", 4.0), number="F-1")  # not even that it is there is told
        other = self.env["res.company"].create({"name": "Elsewhere"})
        only = {"company_id": other.id, "company_ids": [Command.set(other.ids)]}
        stranger = self.anna.copy({"login": "ann", **only})
        self.post.company_id = False
        wizard = self.importing(self.file_of("RP-1"), by=stranger, company_id=other.id)
        wizard.company_id = self.company
        for method in ("action_preview", "action_import"):
            with self.subTest(method), self.assertRaises(AccessError):
                self.rpc(stranger, wizard, method)


@tagged("post_install", "-at_install")
class TestCarriersOnceMore(FreightCase):
    """What came out when the choice of carriers was read once more."""

    def test_what_was_quoted_for_a_part_is_not_the_price_of_all(self):
        self.zone.rate_ids.filtered(lambda rate: rate.carrier_id == self.slow).unlink()
        order = self.order((self.mug, 2))
        with self.server(self.slow, 0.5):
            order._ask_carriers(order.sudo().picking_ids)
            order.with_user(self.mona)._action_cancel()
            order.with_user(self.mona).action_draft()
            self.submit(order)
        offers = order.sudo().freight_offer_ids.filtered(lambda offer: offer.carrier_id == self.slow)
        codes = {"part" if offer.picking_id else "all": offer.code for offer in offers}
        self.assertEqual(codes, {"part": "quote", "all": "not_asked"})
        self.assertEqual(order.carrier_id, self.post)

    def test_methods_own_prices_cost_only_what_odoo_asks_itself(self):
        """Odoo looks up each price in the order's price list: one query for each order and method."""
        self.zone.rate_ids.unlink()

        def queries(count):
            orders = self.env["sale.order"]
            for _number in range(count):
                orders += self.quotation(lines=[(self.mug, 1)])
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            orders._choose_carriers()
            self.env.flush_all()
            self.assertTrue(all(order.carrier_id for order in orders))
            return self.env.cr.sql_log_count - before

        queries(1)
        few, many = queries(2), queries(12)
        self.assertLessEqual(many - few, 10 * len(self.post + self.courier + self.slow), (few, many))
