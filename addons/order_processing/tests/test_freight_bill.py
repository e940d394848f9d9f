import io
import re

import openpyxl
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_freight import FreightCase


@tagged("post_install", "-at_install")
class TestCarriersBill(FreightCase):
    """The post's bills, line by line; three parcels of 4.00 have left."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first, cls.second, cls.third = (cls.sent(f"RP-{number}") for number in (1, 2, 3))

    def decide(self, lines, what, by=None):
        self.rpc(by or self.anna, lines, f"action_dispute_{what}")

    # ---------------------------------------------------------------- verdicts
    def test_a_bill_that_is_right_is_settled_at_once(self):
        bill = self.bill(("RP-1", "freight", 4.0), ("RP-2", "freight", 3.6), ("RP-2", "fuel", 0.5))
        self.assertEqual([verdict for _number, verdict in self.verdicts(bill)], ["ok", "ok", "part"])
        self.assertEqual((bill.state, bill.amount, bill.expected), ("settled", 8.1, 8.0))
        self.assertEqual([s.billed_cost for s in (self.first, self.second)], [4.0, 4.1])
        self.assertIn("Checked: 3 lines, 0 to dispute", bill.message_ids[0].body + bill.message_ids[1].body)

    def test_what_is_wrong_is_disputed(self):
        courier = self.sent("CC-1", carrier=self.courier)
        bill = self.bill(
            ("RP-1", "freight", 5.2),
            ("RP-2", "freight", 4.0),
            ("RP-2", "freight", 4.0),
            ("RP-9", "freight", 4.0),
            ("CC-1", "freight", 9.0),
            ("RP-3", "freight", 3.0),
        )
        self.assertEqual(
            [(line.verdict, line.disputed_amount, line.dispute_state) for line in bill.line_ids.sorted("id")],
            [
                ("overcharged", 1.2, "open"),
                ("ok", 0.0, False),
                ("duplicate", 4.0, "open"),
                ("unknown", 4.0, "open"),
                ("other_carrier", 9.0, "open"),
                ("undercharged", 0.0, False),
            ],
        )
        self.assertEqual((bill.state, bill.open_dispute_count, bill.unassigned), ("checked", 4, 4.0))
        self.assertEqual(courier.billed_cost, 9.0)

    def test_billed_again_a_month_later(self):
        self.bill(("RP-1", "freight", 4.0))
        again = self.bill(("RP-1", "freight", 4.0), number="B-2")
        self.assertEqual(self.verdicts(again), [("RP-1", "duplicate")])
        self.assertEqual(self.first.billed_cost, 8.0)  # billed twice: that is what it is
        first = self.env["order.freight.bill"].search([("name", "=", "B-1")])
        first.with_user(self.anna).action_check()  # the earlier one is still right
        self.assertEqual(self.verdicts(first), [("RP-1", "ok")])

    def test_methods_on_one_bill(self):
        express = self.carrier("Post Express", 6.0, 1, bill_partner_id=self.postman.id)
        self.sent("RX-1", carrier=express)
        self.assertEqual(self.verdicts(self.bill(("RX-1", "express", 6.0))), [("RX-1", "ok")])

    def test_several_numbers_of_one_shipment(self):
        self.first.write({"tracking_number": "RP-1,RP-1B", "parcel_count": 2})
        self.assertEqual(self.first.expected_cost, 8.0)
        bill = self.bill(("RP-1", "freight", 4.0), ("RP 1b", "freight", 4.0))
        self.assertEqual([verdict for _number, verdict in self.verdicts(bill)], ["ok", "part"])

    def test_a_number_the_carrier_uses_again(self):
        old = self.sent("RP-77")
        old.shipped_at = "2026-02-01"
        new = self.sent("RP-77")
        self.assertEqual(self.bill(("RP-77", "freight", 4.0)).line_ids.shipment_id, new)

    def test_a_rate_that_was_added_later(self):
        friend = self.carrier("Friend", bill_partner_id=self.postman.id)
        friend.product_id.list_price = 0.0
        self.sent("FR-1", carrier=friend)
        bill = self.bill(("FR-1", "freight", 3.0))
        self.assertEqual(self.verdicts(bill), [("FR-1", "no_expectation")])
        self.env["order.freight.rate"].create(
            {"zone_id": self.zone.id, "carrier_id": friend.id, "fixed_cost": 2.0}
        )
        self.rpc(self.anna, bill, "action_check")
        self.assertEqual(self.verdicts(bill), [("FR-1", "overcharged")])

    def test_whose_it_is_by_hand(self):
        bill = self.bill(("TYPO", "freight", 4.0))
        self.assertEqual(self.verdicts(bill), [("TYPO", "unknown")])
        self.rpc(self.anna, bill.line_ids, "write", {"shipment_id": self.third.id})
        self.assertEqual((self.verdicts(bill), bill.state), ([("TYPO", "ok")], "settled"))
        self.assertEqual(self.third.billed_cost, 4.0)

    def test_a_credit_on_a_later_bill(self):
        self.bill(("RP-1", "freight", 6.0))
        self.assertEqual(
            self.verdicts(self.bill(("RP-1", "credit", -2.0), number="B-2")), [("RP-1", "credit")]
        )
        self.assertEqual(self.first.billed_cost, 4.0)

    # ---------------------------------------------------------------- its way
    def test_disputes_until_the_carrier_has_answered(self):
        bill = self.bill(("RP-1", "freight", 5.2), ("RP-9", "freight", 4.0))
        self.decide(bill.line_ids, "sent")
        self.assertEqual((bill.state, bill.open_dispute_count), ("checked", 2))
        first, second = bill.line_ids.sorted("id")
        self.decide(first, "accepted")
        self.assertEqual((first.credited_amount, first.dispute_state), (1.2, "accepted"))
        self.decide(second, "refused")
        self.assertEqual(bill.state, "settled")
        self.assertIn("Carrier refuses: RP-9", " ".join(bill.message_ids.mapped("body")))
        self.decide(second, "reopened")
        self.assertEqual(bill.state, "checked")
        self.decide(second, "dropped")
        self.assertEqual(bill.state, "settled")
        with self.assertRaises(UserError):
            self.decide(second, "sent")

    def test_a_bill_that_does_not_add_up(self):
        bill = self.bill(("RP-1", "freight", 4.0), declared={"GBP": 4.01})
        self.assertEqual(
            (bill.state, bill.is_total_right, bill.total_ids.difference), ("checked", False, -0.01)
        )
        with self.assertRaisesRegex(UserError, "do not add up"):
            self.rpc(self.anna, bill, "action_settle")
        bill.total_note = "Rounded by the post"
        self.rpc(self.anna, bill, "action_settle")
        self.assertEqual(bill.state, "settled")

    def test_what_is_checked_is_not_changed(self):
        bill = self.bill(("RP-1", "freight", 5.2))
        for record, vals in ((bill, {"name": "B-X"}), (bill.line_ids, {"amount": 4.0})):
            with self.subTest(vals=vals), self.assertRaisesRegex(UserError, "back to draft"):
                self.rpc(self.anna, record, "write", vals)
        for record, vals in (
            (bill, {"state": "settled"}),
            (bill.line_ids, {"dispute_state": "accepted"}),
            (bill.line_ids, {"verdict": "ok"}),
        ):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                self.rpc(self.anna, record, "write", vals)
        with self.assertRaises(UserError):
            bill.with_user(self.anna).unlink()

    def test_back_to_draft_it_counts_no_more(self):
        bill = self.bill(("RP-1", "freight", 5.2))
        self.rpc(self.anna, bill, "action_back_to_draft")
        self.assertEqual((self.first.billed_cost, self.first.is_billed), (0.0, False))
        bill.line_ids.amount = 4.0
        self.rpc(self.anna, bill, "action_check")
        self.assertEqual((bill.line_ids.dispute_state, self.first.billed_cost), (False, 4.0))
        self.rpc(self.anna, bill, "action_back_to_draft")
        bill.with_user(self.anna).unlink()
        self.assertFalse(self.first.is_billed)

    def test_a_number_once_per_carrier(self):
        self.bill(("RP-1", "freight", 4.0))
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.bill(("RP-2", "freight", 4.0), number="b-1")

    # ---------------------------------------------------------------- to the cent
    def rates(self, **rates):
        for code, rate in rates.items():
            currency = self.env.ref(f"base.{code}")
            currency.active = True
            currency.rate_ids.unlink()
            if code != "GBP":
                self.env["res.currency.rate"].create(
                    {
                        "currency_id": currency.id,
                        "rate": rate,
                        "company_id": self.company.id,
                        "name": "2027-01-01",
                    }
                )
        self.currency.rate_ids.unlink()

    def test_sums_are_right_in_several_currencies(self):
        """The shares add up to the lines, the lines to the bill: in pounds, euros, dollars and yen."""
        self.rates(EUR=1.1731, USD=1.2677, JPY=193.37)
        self.mug.weight = 0.3
        lines = []
        for number in range(40):
            self.sent(f"M-{number}", (self.mug, 1 + number % 4))
            code = ("EUR", "USD", "GBP", "JPY")[number % 4]
            amount = 400.0 + number * 7 if code == "JPY" else round(3.33 + number * 0.37, 2)
            lines.append((f"M-{number}", "freight", amount, code))
            lines.append((f"M-{number}", "fuel", 11.0 if code == "JPY" else 0.07, code))
        lines += [("NOBODY", "freight", 9.99, "EUR"), ("M-1", "credit", -1.01, "USD")]
        sums = {}
        for _number, _service, amount, code in lines:
            sums[code] = round(sums.get(code, 0.0) + amount, 2)
        bill = self.bill(*lines, declared=sums)
        self.assertTrue(bill.is_total_right)
        for total in bill.total_ids:
            converted = total.currency_id._convert(total.declared, self.currency, self.company, bill.date)
            own = bill.line_ids.filtered(lambda line, total=total: line.currency_id == total.currency_id)
            self.assertAlmostEqual(sum(own.mapped("company_amount")), converted, 9, total.currency_id.name)
        shares = bill.line_ids.shipment_id.share_ids
        self.assertAlmostEqual(sum(shares.mapped("billed")) + bill.unassigned, bill.amount, 9)
        for line in bill.line_ids:
            exact = line.currency_id._convert(
                line.amount, self.currency, self.company, bill.date, round=False
            )
            self.assertLess(abs(line.company_amount - exact), 0.01)

    # ---------------------------------------------------------------- for the carrier
    def test_the_list_for_the_carrier_holds_no_formulas(self):
        bill = self.bill(
            ('=HYPERLINK("http://bad")', "+freight", 4.0), ("@RP", "-1+1", 5.0), ("RP-1", "freight", 4.0)
        )
        bill.line_ids.sorted("id")[0].dispute_note = "=1+1"
        for kind in ("csv", "xlsx"):
            action = self.rpc(self.anna, bill, f"action_export_{kind}")
            attachment = self.env["ir.attachment"].browse(int(re.search(r"\d+", action["url"])[0]))
            if kind == "csv":
                text = attachment.raw.decode("utf-8-sig")
                cells = [cell for row in text.splitlines() for cell in row.replace('"', "").split(",")]
            else:
                sheet = openpyxl.load_workbook(io.BytesIO(attachment.raw)).active
                self.assertFalse([c for row in sheet.iter_rows() for c in row if c.data_type == "f"])
                cells = [str(c.value) for row in sheet.iter_rows() for c in row if c.value is not None]
            self.assertFalse([cell for cell in cells if cell.startswith(("=", "+", "@", "-"))])
            self.assertTrue([cell for cell in cells if cell.startswith("'=HYPER")])
            self.assertNotIn("RP-1", cells)

    # ---------------------------------------------------------------- a vendor bill of Odoo's
    def vendor_bill(self, *lines, move_type="in_invoice"):
        return self.env["account.move"].create(
            {
                "move_type": move_type,
                "partner_id": self.postman.id,
                "invoice_date": self.today.date(),
                "ref": f"RP/{move_type}",
                "invoice_line_ids": [
                    Command.create({"name": name, "quantity": 1, "price_unit": price, "tax_ids": False})
                    for name, price in lines
                ],
            }
        )

    def test_a_vendor_bill_is_compared_and_left_alone(self):
        move = self.vendor_bill(
            ("Parcel RP-1 to London 2027-01-11", 4.0), ("RP-2: freight", 5.5), ("Monthly fee", 12.0)
        )
        before = move.read(["state", "amount_total", "line_ids"]), move.line_ids.read(["balance", "name"])
        action = self.rpc(self.anna, move, "action_check_freight")
        bill = self.env["order.freight.bill"].browse(action["res_id"])
        self.assertEqual(self.verdicts(bill), [("RP-1", "ok"), ("RP-2", "overcharged"), ("", "unknown")])
        self.assertEqual(
            (bill.account_move_id, bill.total_ids.declared, bill.is_total_right), (move, 21.5, True)
        )
        after = move.read(["state", "amount_total", "line_ids"]), move.line_ids.read(["balance", "name"])
        self.assertEqual(before, after)
        again = self.rpc(self.anna, move, "action_check_freight")
        self.assertEqual(again["res_id"], bill.id)

    def test_a_refund_of_the_vendor(self):
        self.bill(("RP-1", "freight", 5.0))
        self.rpc(
            self.anna, self.vendor_bill(("RP-1 rebate", 1.0), move_type="in_refund"), "action_check_freight"
        )
        self.assertEqual(self.first.billed_cost, 4.0)

    def test_a_vendor_who_is_no_carrier(self):
        move = self.vendor_bill(("RP-1", 4.0))
        self.post.bill_partner_id = False
        with self.assertRaisesRegex(UserError, "its bills come from Royal Post"):
            self.rpc(self.anna, move, "action_check_freight")

    # ---------------------------------------------------------------- who may
    def test_who_may(self):
        bill = self.bill(("RP-1", "freight", 5.2))
        for user in (self.paul, self.sally, self.wes, self.carla, self.mona):
            for record, method in (
                (bill, "action_check"),
                (bill, "action_settle"),
                (bill, "action_back_to_draft"),
                (bill.line_ids, "action_dispute_accepted"),
                (bill, "action_export_csv"),
            ):
                with self.subTest(user.login, method=method), self.assertRaises(AccessError):
                    self.rpc(user, record, method)
        self.assertEqual(self.rpc(self.mona, bill, "read", ["amount"])[0]["amount"], 5.2)
        with self.assertRaises(AccessError):
            self.rpc(self.wes, bill, "read", ["amount"])

    def test_another_companys_bill(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        bill = self.bill(("RP-1", "freight", 5.2))
        bill.sudo().company_id = other
        with self.assertRaises(AccessError):
            self.rpc(self.anna, bill, "read", ["amount"])

    def test_many_lines_cost_hardly_more_queries_than_a_few(self):
        def queries(count, number):
            bill = self.bill(
                *[(f"RP-{n % 3 + 1}", f"service {n}", 0.01) for n in range(count)], number=number, check=False
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            bill.sudo().line_ids._check_all()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        queries(3, "Q-0")
        few, many = queries(20, "Q-1"), queries(220, "Q-2")
        self.assertLessEqual(many - few, 20, (few, many))
