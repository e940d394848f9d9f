import re
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import SQL

from ..models.freight_bill_facts import BillFacts
from .common_freight import FreightCase

HEADING = ("Tracking no.", "Service", "Net amount", "Fuel surcharge", "Currency", "Date")


@tagged("post_install", "-at_install")
class TestBilledTwice(FreightCase):
    """What was billed before, whatever way the bills went: taken back, together, in euros, credited."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.parcel = cls.sent("RP-1")

    def draft(self, number, *lines, **vals):
        return self.bill(*(lines or [("RP-1", "freight", 4.0)]), number=number, check=False, **vals)

    def check(self, *bills):
        for bill in bills:
            self.rpc(self.anna, bill, "action_check")

    def test_taken_back_and_checked_again_it_comes_last(self):
        first, second = self.draft("A"), self.draft("B")
        self.check(first)
        self.rpc(self.anna, first, "action_back_to_draft")
        self.check(second, first)
        self.assertEqual(self.verdicts(second), [("RP-1", "ok")])
        self.assertEqual((self.verdicts(first), first.state), ([("RP-1", "duplicate")], "checked"))
        self.check(second)  # however often: the first stays the first
        self.assertEqual(self.verdicts(second), [("RP-1", "ok")])

    def test_two_bills_checked_together(self):
        both = self.draft("A") | self.draft("B")
        self.check(both)
        self.assertEqual([line.verdict for line in both.line_ids.sorted("id")], ["ok", "duplicate"])
        self.assertLess(both[0].checked_at, both[1].checked_at)

    def test_a_draft_of_before_counts_from_when_it_is_checked(self):
        first = self.draft("A")
        self.check(first)
        first.sudo().state = "draft"  # as taken back by an older version: the moment is still there
        second = self.draft("B")
        self.check(second, first)
        self.assertEqual(self.verdicts(first), [("RP-1", "duplicate")])

    def test_in_euros(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        euro.rate_ids.unlink()
        self.currency.rate_ids.unlink()
        self.env["res.currency.rate"].create(
            {"currency_id": euro.id, "company_id": self.company.id, "name": "2020-01-01", "rate": 1 / 0.8865}
        )
        lines = [("NOBODY", "freight", 10.01, "EUR")] * 2
        bill = self.bill(*lines, declared={"EUR": 20.02})
        self.assertEqual(bill.line_ids.sorted("id").mapped("company_amount"), [8.88, 8.87])
        self.assertEqual(self.verdicts(bill), [("NOBODY", "unknown"), ("NOBODY", "duplicate")])
        again = self.bill(("NOBODY", "freight", 10.01, "EUR"), number="B-2", declared={"EUR": 10.01})
        self.assertEqual(self.verdicts(again), [("NOBODY", "duplicate")])

    def test_billed_wrong_credited_and_billed_right(self):
        self.bill(("RP-1", "freight", 9.0))
        credit = self.bill(("RP-1", "freight", -9.0), number="B-2")
        right = self.bill(("RP-1", "freight", 4.0), number="B-3")
        self.assertEqual((self.verdicts(credit), credit.state), ([("RP-1", "credit")], "settled"))
        self.assertEqual((self.verdicts(right), right.state), ([("RP-1", "ok")], "settled"))
        self.assertEqual(self.parcel.billed_cost, 4.0)

    def test_credited_and_billed_right_on_the_next_bill(self):
        self.bill(("RP-1", "freight", 9.0))
        lines = [("RP-1", "freight", 4.0), ("RP-1", "credit", -9.0)]
        self.assertEqual(self.verdicts(self.bill(*lines, number="B-2")), [("RP-1", "ok"), ("RP-1", "credit")])

    def test_bills_are_what_their_parcels_bear_and_what_is_nobodys(self):
        """In dispute or not: billed is what bills say, until a bill takes it back."""
        bills = self.bill(("RP-1", "freight", 4.0), ("XX", "fee", 1.5))
        bills |= self.bill(("RP-1", "freight", 4.0), number="B-2")
        self.assertReconciled(bills, 8.0)
        self.rpc(self.anna, bills[1].line_ids, "action_dispute_accepted")
        self.assertReconciled(bills, 8.0)  # promised is not given
        bills |= self.bill(("RP-1", "freight", -4.0), number="B-3")
        self.assertReconciled(bills, 4.0)
        # The credit answered what was billed twice: all that was expected is still billed.
        fuel = self.bill(("RP-1", "fuel", 0.9), number="B-4")
        self.assertEqual((self.verdicts(fuel), fuel.line_ids.difference), ([("RP-1", "overcharged")], 0.9))
        self.assertReconciled(bills | fuel, 4.9)

    def assertReconciled(self, bills, borne):
        self.assertEqual(sum(self.parcel.share_ids.mapped("billed")), borne)
        self.assertAlmostEqual(borne + sum(bills.mapped("unassigned")), sum(bills.mapped("amount")), 9)

    def test_nothing_for_a_number_nobody_knows(self):
        bill = self.bill(("XX", "info", 0.0))
        self.assertEqual((bill.line_ids.dispute_state, bill.state), (False, "settled"))

    def test_parcels_are_found_by_an_index(self):
        self.assertEqual(self.parcel.number_keys.split(",")[0], "RP1")
        facts = BillFacts(self.env, self.company, self.post, self.today.date())
        self.env.flush_all()
        self.env.cr.execute(  # a few parcels are read faster as they stand
            """
            INSERT INTO order_shipment (name, company_id, status, shipped_at, number_keys)
            SELECT 'P', %s, 'pending', %s, 'P' || place || ',Q' || place FROM generate_series(1, 5000) place
            """,
            [self.company.id, self.today],
        )
        self.env.cr.execute("ANALYZE order_shipment")
        plan = self.env.execute_query(SQL("EXPLAIN %s", facts._shipments_query({"RP1"})))
        self.assertIn("order_shipment_number_keys_idx", str(plan))

    # ---------------------------------------------------------------- who may change what
    def test_totals_of_a_checked_bill_stay(self):
        bill = self.bill(("RP-1", "freight", 4.0))
        total = bill.total_ids
        euro = self.env.ref("base.EUR").id
        for call in (
            (total, "write", {"declared": 99.0}),
            (total, "unlink"),
            (total.browse(), "create", [{"bill_id": bill.id, "currency_id": euro, "declared": 1.0}]),
            (self.draft("B").total_ids, "write", {"bill_id": bill.id, "currency_id": euro}),
        ):
            record, method, *args = call
            with (
                self.subTest(call=call),
                self.assertRaisesRegex(UserError, "back to draft"),
                self.env.cr.savepoint(),
            ):
                self.rpc(self.anna, record, method, *args)
        self.rpc(self.anna, bill, "action_back_to_draft")
        self.rpc(self.anna, total, "write", {"declared": 5.0})
        self.check(bill)
        self.assertEqual((bill.state, bill.is_total_right), ("checked", False))

    def test_who_only_reads_bills_has_his_disputes_as_a_file(self):
        bill = self.bill(("XX", "freight", 4.0))
        action = self.rpc(self.mona, bill.line_ids, "action_export_disputes")
        attachment = self.env["ir.attachment"].browse(int(re.search(r"\d+", action["url"])[0]))
        self.assertEqual((attachment.res_model, attachment.create_uid), (False, self.mona))
        self.assertTrue(self.rpc(self.mona, attachment, "read", ["raw"])[0]["raw"])
        with self.assertRaises(AccessError):
            self.rpc(self.rita, attachment, "read", ["raw"])
        action = self.rpc(self.anna, bill.line_ids, "action_export_disputes")
        attachment = self.env["ir.attachment"].browse(int(re.search(r"\d+", action["url"])[0]))
        self.assertEqual((attachment.res_model, attachment.res_id), (bill._name, bill.id))


@tagged("post_install", "-at_install")
class TestRowsToCorrect(FreightCase):
    """What could be read of a row is kept; what was wrong is corrected, all of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.parcel = cls.sent("340434161094")

    def imported(self, *rows, declared, heading=HEADING):
        wizard = self.importing(self.csv_file(heading, *rows), declared=declared)
        self.rpc(self.anna, wizard, "action_preview")
        self.assertAlmostEqual(wizard.total_ids.difference, 0.0, 9)
        action = self.rpc(self.anna, wizard, "action_import")
        return self.env["order.freight.bill"].browse(action["res_id"])

    def test_a_number_that_was_shortened(self):
        bill = self.imported(("3.40434E+11", "freight", "3.50", "0.50"), declared={"GBP": 4.0})
        lines = bill.line_ids.sorted("id")
        self.assertEqual(
            lines.mapped(lambda line: (line.service, line.amount, line.verdict)),
            [("freight", 3.5, "unreadable"), ("Fuel surcharge", 0.5, "unreadable")],
        )
        self.assertEqual((bill.state, bill.is_total_right), ("draft", True))
        self.rpc(self.anna, lines, "write", {"tracking_number": "340434161094"})
        self.rpc(self.anna, bill, "action_check")
        self.assertEqual([line.verdict for line in lines], ["ok", "part"])
        self.assertEqual((bill.state, self.parcel.billed_cost), ("settled", 4.0))

    def test_only_the_amount_is_missing(self):
        bill = self.imported(("340434161094", "freight", "four", "0.50"), declared={"GBP": 0.5})
        self.assertEqual(
            bill.line_ids.sorted("id").mapped(lambda line: (line.service, line.amount, line.verdict)),
            [("Fuel surcharge", 0.5, False), ("freight", 0.0, "unreadable")],
        )

    def test_all_that_is_wrong_has_to_be_corrected(self):
        bill = self.imported(("3.40434E+11", "freight", "four", "", "", "soon"), declared={"GBP": 0.0})
        line = bill.line_ids
        for vals, left in (
            ({"amount": 4.0}, {"digits_lost", "bad_date"}),
            ({"service": "express"}, {"digits_lost", "bad_date"}),
            ({"tracking_number": "340434161094"}, {"bad_date"}),
        ):
            self.rpc(self.anna, line, "write", vals)
            self.assertEqual((line.verdict, {code for code, *_rest in line.problems}), ("unreadable", left))
        self.rpc(self.anna, line, "write", {"date": "2026-11-02"})
        self.assertEqual((line.verdict, line.problems, bill.unreadable_count), (False, False, 0))

    def test_dates_with_a_time_and_dates_that_are_none(self):
        bill = self.imported(
            ("340434161094", "freight", "4.00", "", "", "2026-11-02 13:05"), declared={"GBP": 4.0}
        )
        self.assertEqual(
            (str(bill.line_ids.date), self.verdicts(bill)), ("2026-11-02", [("340434161094", "ok")])
        )

    def test_subtotals(self):
        rows = [("340434161094", "freight", "4.00"), ("XX-2", "freight", "6.00"), ("", "Subtotal 1", "10.00")]
        rows += [("XX-3", "freight", "5.00"), ("XX-4", "freight", "5.00"), ("", "Subtotal 2", "10.00")]
        bill = self.imported(*rows, ("", "Total", "20.00"), declared={"GBP": 20.0})
        self.assertEqual((bill.amount, bill.line_count), (20.0, 4))

    def test_amounts_in_credit_and_in_crowns(self):
        bill = self.imported(
            ("340434161094", "freight", "kr. 120.00"), ("XX-1", "bonus", "CR 4.00"), declared={"GBP": 116.0}
        )
        self.assertEqual(bill.line_ids.sorted("id").mapped("amount"), [120.0, -4.0])


@tagged("post_install", "-at_install")
class TestWhoSeesOffers(FreightCase):
    """What carriers take is for those who sell and those who answer for it."""

    def test_those_who_pack_read_no_freight_money(self):
        order = self.sent("RP-1").order_ids
        picking = order.sudo().picking_ids
        stock_user = self.wes
        self.assertEqual(order.sudo().freight_figures["cost"], 4.0)
        for user in (stock_user, self.carla):
            for record, name in (
                (order, "freight_figures"),
                (order, "freight_code"),
                (picking, "freight_code"),
                (picking, "freight_figures"),
                (order.sudo().shipment_ids, "expected_cost"),
            ):
                with self.subTest(user.login, field=name), self.assertRaises(AccessError):
                    self.rpc(user, record, "read", [name])
        with self.assertRaises(AccessError):
            self.rpc(stock_user, order.browse(), "search_count", [("freight_figures", "like", "4")])
        for user in (self.sally, self.mona, self.anna):
            order.sudo().user_id = False
            self.assertTrue(self.rpc(user, order, "read", ["freight_figures"])[0]["freight_figures"])

    def test_no_freight_field_that_packers_or_customers_can_read_is_money(self):
        """Whatever field is added later: of these models, customers read some, and packers most."""
        models = (
            "stock.picking",
            "sale.order",
            "sale.order.line",
            "res.partner",
            "order.shipment",
            "delivery.carrier",
        )
        allowed = {"freight_mode", "freight_zone_id"}
        found = set()
        for model in models:
            for user in (self.wes, self.carla):
                try:
                    visible = self.env[model].with_user(user).fields_get()
                except AccessError:
                    continue
                ours = {
                    name
                    for name, field in self.env[model]._fields.items()
                    if field._module == "order_processing"
                    and ("freight" in name or field.type == "monetary" or name.endswith("_cost"))
                }
                found |= ours
                with self.subTest(model, user=user.login):
                    self.assertLessEqual(ours & visible.keys(), allowed)
        self.assertLessEqual({"expected_cost", "freight_cost", "freight_exact_price"}, found)

    # ---------------------------------------------------------------- taking an offer
    def compared(self, order):
        self.rpc(self.sally, order, "action_compare_freight")
        return {offer.carrier_id: offer for offer in order.sudo().freight_offer_ids}

    def test_not_for_a_cancelled_order(self):
        order = self.order((self.mug, 2))
        offers = self.compared(order)
        order.with_user(self.mona)._action_cancel()
        with self.assertRaisesRegex(UserError, "is cancelled"):
            self.rpc(self.sally, offers[self.slow], "action_choose")
        self.assertEqual(order.carrier_id, self.post)

    def test_not_where_the_customer_pays_for_another(self):
        order = self.quotation(lines=[(self.mug, 2)])
        order.set_delivery_line(self.courier, 7.5)
        self.submit(order)
        offers = self.compared(order)
        with self.assertRaisesRegex(UserError, "charges the customer for “Courier”.*Update shipping cost"):
            self.rpc(self.sally, offers[self.slow], "action_choose")
        self.rpc(self.sally, offers[self.courier], "action_choose")  # what he pays for
        self.assertEqual((order.carrier_id, order.amount_total), (self.courier, 2 * 7.9 + 7.5))

    # ---------------------------------------------------------------- charged to the customer
    def test_charged_for_it_is_kept_when_taken_back(self):
        order = self.order((self.mug, 2))
        self.assertEqual(order.carrier_id, self.post)
        order.set_delivery_line(self.post, 7.5)
        self.assertEqual((order.freight_code, order.carrier_id), (False, self.post))
        self.assertEqual(order.with_user(self.mona).freight_expected, 4.0)
        order.with_user(self.mona)._action_cancel()
        order.with_user(self.mona).action_draft()
        self.assertEqual(order.carrier_id, self.post)
        self.assertEqual(order.order_line.filtered("is_delivery").name, "Post")

    def test_charged_for_by_hand_before_the_line_said_so(self):
        order = self.order((self.mug, 2))
        self.env["sale.order.line"].sudo().create(
            {
                "order_id": order.id,
                "product_id": self.post.product_id.id,
                "price_unit": 5,
                "is_delivery": True,
            }
        )
        order.with_user(self.mona)._action_cancel()
        order.with_user(self.mona).action_draft()
        self.assertEqual(order.carrier_id, self.post)

    # ---------------------------------------------------------------- the usual carrier
    def test_the_usual_carrier_of_the_company(self):
        company = self.env["res.partner"].create({"name": "Big Co", "is_company": True})
        dock = self.customer.copy({"name": "Dock", "parent_id": company.id, "type": "delivery"})
        company.property_delivery_carrier_id = self.courier
        order = self.order((self.mug, 2), partner_id=self.customer.id, partner_shipping_id=dock.id)
        self.assertEqual((order.carrier_id, order.freight_code), (self.courier, "preferred"))
        dock.property_delivery_carrier_id = self.slow  # its own goes first
        order = self.order((self.mug, 2), partner_id=self.customer.id, partner_shipping_id=dock.id)
        self.assertEqual(order.carrier_id, self.slow)

    def test_a_usual_carrier_that_the_customer_has_to_choose(self):
        self.customer.property_delivery_carrier_id = self.courier
        with self.collected(self.courier):
            order = self.order((self.mug, 2))
        self.assertEqual((order.carrier_id, order.freight_code), (self.post, "in_time"))

    def collected(self, carrier):
        carriers = type(self.env["delivery.carrier"])
        return patch.object(carriers, "_is_collected", lambda one: one == carrier)
