"""What an approval covers: each risk, and what is none."""

from contextlib import contextmanager

from odoo.fields import Command
from odoo.tests import tagged

from ..engine.clearance import LineTerms, OrderTerms, address_digests, deviations
from ..engine.payment_terms import Instalment, PaymentTerms, is_incoterm_worse, is_payment_worse
from ..engine.review import covers
from .common import OrderProcessingCase


class UndoneError(Exception):
    """Raised to undo what a trial has changed."""


class FingerprintCase(OrderProcessingCase):
    """Rita has approved the corner shop's order: two taxed lanterns, to their shop, EXW, 30 days net."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # One reason at a time: what the checks find on the way stands in their own tests.
        rules = cls.env["order.review.rule"].search([])
        (rules - cls.rule("address") - cls.rule("contact") - cls.rule("changed")).active = False
        cls._set_up_terms()
        cls.order = cls.quotation(
            cls.corner_shop,
            [{"product_id": cls.lantern.id, "product_uom_qty": 6, "tax_ids": [Command.set(cls.vat.ids)]}],
            by=cls.paul,
            partner_shipping_id=cls.depot.id,
            payment_term_id=cls.net_30.id,
            incoterm=cls.exw.id,
        )
        cls.order.action_submit()
        cls.approve(cls.order)
        cls.line = cls.order.order_line
        cls.env.cr.flush()

    @classmethod
    def _set_up_terms(cls):
        place = {"street": "7 Dock Road", "city": "Bristol", "zip": "BS1 6QH", "country_id": cls.gb.id}
        cls.depot = cls.env["res.partner"].create(
            {"name": "Depot", "parent_id": cls.corner_shop.id, "type": "delivery", **place}
        )
        vat = {"name": "VAT 20", "amount": 20, "amount_type": "percent", "country_id": cls.gb.id}
        group = cls.env["account.tax.group"].create({"name": "VAT", "country_id": cls.gb.id})
        cls.vat = cls.env["account.tax"].create({**vat, "tax_group_id": group.id})
        cls.net_14, cls.net_30, cls.net_60 = (cls.payment_term(days) for days in (14, 30, 60))
        cls.exw, cls.ddp = (cls.env.ref(f"account.incoterm_{code}") for code in ("EXW", "DDP"))

    @classmethod
    def payment_term(cls, days, **vals):
        line = {"value": "percent", "value_amount": 100, "nb_days": days}
        return cls.env["account.payment.term"].create(
            {"name": f"{days} days", "line_ids": [Command.create(line)], **vals}
        )

    @contextmanager
    def undone(self, name):
        """Try something on the approved order, then undo it."""
        with self.subTest(name):
            try:
                with self.env.cr.savepoint():
                    yield
                    raise UndoneError
            except UndoneError:
                self.env.invalidate_all()

    def reopened(self, order=None):
        """Return the open finding that says what has changed since the order was approved."""
        findings = (order or self.order).sudo().review_finding_ids
        return findings.filtered(lambda f: f.state == "open" and f.rule_id == self.rule("changed"))

    def codes(self, order=None):
        """Return the codes of what has changed, so that the order is held for it."""
        finding = self.reopened(order)
        self.assertLessEqual(len(finding), 1)  # one finding for each order and rule
        if finding.code == "changed":
            return [code for code, _figures in finding.facts["changes"]]
        return finding.mapped("code")

    def assertHeldFor(self, *codes, order=None):
        order = (order or self.order).sudo()
        self.assertEqual((order.state, order.review_state), ("sale", "pending"))
        self.assertEqual(self.codes(order), list(codes))
        self.assertNotIn("_", self.reopened(order).text)  # said in words
        self.assertTrue(order.picking_ids.move_ids._held_orders())

    def assertPasses(self, order=None):
        order = (order or self.order).sudo()
        self.assertEqual((order.state, order.review_state), ("sale", "approved"))
        self.assertEqual(self.codes(order), [])
        self.assertFalse(order.picking_ids.move_ids._held_orders())


@tagged("post_install", "-at_install")
class TestWhatCounts(FingerprintCase):
    def test_nothing_has_changed(self):
        self.assertPasses()
        self.assertEqual(self.order.sudo()._deviations(), [])

    def test_what_makes_it_riskier_is_held(self):
        order, line, depot = self.order, self.line, self.depot
        risks = [
            ("another delivery address", order, {"partner_shipping_id": self.customer.id}, "address_changed"),
            ("another invoice address", order, {"partner_invoice_id": self.customer.id}, "invoice_changed"),
            ("more time to pay", order, {"payment_term_id": self.net_60.id}, "payment_worse"),
            ("we clear customs", order, {"incoterm": self.ddp.id}, "incoterm_worse"),
            ("more pieces", line, {"product_uom_qty": 30}, "quantity_raised"),
            ("a lower price", line, {"price_unit": 9}, "price_changed"),
            ("a higher price", line, {"price_unit": 30}, "price_changed"),
            ("a discount", line, {"discount": 10}, "price_changed"),
            ("no tax", line, {"tax_ids": [Command.clear()]}, "tax_lowered"),
            (
                "dozens",
                line,
                {"product_uom_id": self.env.ref("uom.product_uom_dozen").id, "price_unit": 18.5},
                "unit_changed",
            ),
            ("another street", depot, {"street": "70 Dock Road"}, "address_rewritten"),
            ("a second line", depot, {"street2": "c/o Smith"}, "address_rewritten"),
            ("another town", depot, {"city": "Bath"}, "address_rewritten"),
            ("another code", depot, {"zip": "BA1 1AA"}, "address_rewritten"),
            ("another country", depot, {"country_id": self.env.ref("base.ie").id}, "address_rewritten"),
            ("where we bill", self.corner_shop, {"street": "13 Market Row"}, "invoice_rewritten"),
        ]
        for name, record, vals, code in risks:
            with self.undone(name):
                record.sudo().write(vals)
                self.assertHeldFor(code)

    def test_what_does_not_passes(self):
        order, line, depot = self.order, self.line, self.depot
        harmless = [
            ("a note", order, {"note": "Ring twice."}),
            ("their reference", order, {"client_order_ref": "PO 8"}),
            ("the salesperson", order, {"user_id": self.sally.id}),
            ("when they want it", order, {"requested_date": "2027-01-31"}),
            ("when we promise it", order, {"commitment_date": "2027-01-31"}),
            ("how to pack it", order, {"packing_instruction": "No plastic."}),
            ("less time to pay", order, {"payment_term_id": self.net_14.id}),
            ("to be paid at once", order, {"payment_term_id": False}),
            ("fewer pieces", line, {"product_uom_qty": 5}),
            ("none", line, {"product_uom_qty": 0}),
            ("what the line says", line, {"name": "Lantern, black"}),
            ("the same price, written twice", line, {"price_unit": 18.5000001}),
            ("a phone number", depot, {"phone": "+44 117 496 0999"}),
            ("a mail address", depot, {"email": "depot@example.com"}),
            ("a name", depot, {"name": "Depot North"}),
            ("the same address in capitals", depot, {"street": "7, DOCK ROAD", "zip": "bs16qh"}),
            ("the state filled in", depot, {"state_id": self.env.ref("base.state_uk19").id}),
            ("the missing code", self.corner_shop, {"zip": "BS1 5AH"}),
        ]
        for name, record, vals in harmless:
            with self.undone(name):
                record.sudo().write(vals)
                self.assertPasses()

    def test_a_new_line_is_held_a_note_is_not(self):
        with self.undone("note"):
            note = {"display_type": "line_note", "name": "Thank you!"}
            self.order.write({"order_line": [Command.create(note)]})
            self.assertPasses()
        for price in (7.9, 0, -5):
            with self.undone(price):
                line = {"product_id": self.mug.id, "price_unit": price, "tax_ids": False}
                self.order.write({"order_line": [Command.create(line)]})
                self.assertIn("line_added", self.codes())
                self.assertEqual(self.order.review_state, "pending")

    def test_several_changes_are_one_finding_in_words(self):
        self.order.write({"partner_shipping_id": self.customer.id, "payment_term_id": self.net_60.id})
        self.line.write({"product_uom_qty": 7, "price_unit": 10})
        expected = ["address_changed", "payment_worse", "quantity_raised", "price_changed"]
        self.assertHeldFor(*expected)
        finding = self.reopened()
        for words in ("delivery address was changed", "from 30 days to 60 days", "from 6.00 to 7.00"):
            self.assertIn(words, finding.text)

    def test_an_address_that_is_edited_is_named_by_its_parts(self):
        self.depot.write({"street": "70 Dock Road", "zip": "BS1 9ZZ"})
        finding = self.reopened()
        self.assertEqual(finding.text, "The delivery address was edited: street, postal code")
        self.assertNotIn("Dock", str(finding.facts))

    def test_where_one_contact_takes_goods_and_invoice_it_is_told_once(self):
        order = self.held_quotation(by=self.paul, partner_shipping_id=self.corner_shop.id)
        self.approve(order)
        self.corner_shop.street = "13 Market Row"
        self.assertHeldFor("address_rewritten", order=order)

    def test_put_back_it_goes_on(self):
        self.depot.street = "70 Dock Road"
        self.assertHeldFor("address_rewritten")
        self.depot.street = "7 Dock Road"
        self.assertPasses()

    # ---------------------------------------------------------------- what was decided before
    def test_only_what_changed_is_open_again(self):
        self.line.product_uom_qty = 7
        self.assertHeldFor("quantity_raised")  # not once more that nobody answers the phone
        self.approve(self.order)
        self.assertPasses()
        self.line.product_uom_qty = 6
        self.line.product_uom_qty = 7
        self.assertPasses()
        self.line.product_uom_qty = 8
        self.assertHeldFor("quantity_raised")

    def test_waiving_a_raise_to_seven_covers_no_raise_to_seventy(self):
        self.line.product_uom_qty = 7
        self.reopened().with_user(self.rita).action_waive("Fine.")
        self.assertPasses()
        self.line.product_uom_qty = 70
        self.assertHeldFor("quantity_raised")

    def test_a_waiver_covers_what_is_not_worse_while_other_things_wait(self):
        sizes = self.sizes_after(product_uom_qty=7, price_unit=10)
        for vals, is_covered in (
            ({"product_uom_qty": 7, "price_unit": 10}, True),
            ({"product_uom_qty": 6.5, "price_unit": 11}, True),
            ({"product_uom_qty": 70, "price_unit": 10}, False),
            ({"product_uom_qty": 7, "price_unit": 9}, False),
            ({"product_uom_qty": 7, "price_unit": 20}, False),
        ):
            now = self.sizes_after(**vals)
            with self.subTest(**vals):
                self.assertEqual(covers(sizes, now), is_covered)

    def test_what_was_waived_stays_waived_while_something_else_is_open(self):
        self.depot.zip = "not a code"
        self.line.price_unit = 10
        self.reopened().with_user(self.rita).action_waive("A friend of the house.")
        self.assertEqual(self.order.review_state, "pending")  # the code is still none of this country
        for price, codes in ((11, []), (10, []), (9, ["address_rewritten", "price_changed"])):
            self.line.price_unit = price
            with self.subTest(price=price):
                self.assertEqual(self.codes(), codes)

    def sizes_after(self, **vals):
        self.line.write(vals)
        order = self.order.sudo()
        return order._deviation_findings(order._deviations()).sizes

    # ---------------------------------------------------------------- before this version
    def test_what_was_cleared_before_addresses_and_terms_were_recorded(self):
        order = self.order.sudo()
        old = {
            "customer": order.partner_id.id,
            "address": order.partner_shipping_id.id,
            "currency": order.currency_id.id,
            "lines": {str(self.line.id): [self.lantern.id, 6.0, self.line.product_uom_id.id, 18.5]},
        }
        order.review_clearance = old
        for record, vals in (
            (order, {"payment_term_id": self.net_60.id, "partner_invoice_id": self.customer.id}),
            (self.depot, {"street": "70 Dock Road"}),
            (self.line, {"product_uom_qty": 5, "tax_ids": [Command.clear()]}),
        ):
            record.write(vals)
            self.assertPasses()
        self.line.price_unit = 10
        self.assertHeldFor("price_changed")

    def test_terms_that_are_edited_or_gone(self):
        with self.undone("edited: the company's affair"):
            self.net_30.line_ids.nb_days = 90
            self.line.product_uom_qty = 5
            self.assertPasses()
        with self.undone("discount for early payment"):
            term = self.payment_term(30, early_discount=True, discount_percentage=3, discount_days=10)
            self.order.payment_term_id = term
            self.assertHeldFor("payment_worse")

    def test_a_price_list_edited_afterwards_is_no_change_of_the_order(self):
        vals = {"pricelist_id": self.pricelist.id, "compute_price": "percentage", "percent_price": 50}
        self.env["product.pricelist.item"].create(vals)
        self.lantern.list_price = 3
        self.order.write({"note": "Ring twice.", "payment_term_id": self.net_14.id})
        self.assertPasses()
        self.line.product_uom_qty = 5  # Odoo takes the new list's price with a new quantity
        self.assertHeldFor("price_changed")


@tagged("post_install", "-at_install")
class TestCompared(OrderProcessingCase):
    """The comparison alone, on plain values."""

    def codes(self, cleared, now, **options):
        return [item.code for item in deviations(cleared, now, **options)]

    def terms(self, *lines, **vals):
        base = {"customer": 1, "address": 2, "currency": 3, "total": sum(sum(line[4:]) for line in lines)}
        named = {str(number): LineTerms(*line) for number, line in enumerate(lines)}
        return OrderTerms(**{**base, "lines": named, **vals})

    def test_kept_as_json_it_is_the_same(self):
        terms = self.terms((7, 2.0, 1, 9.5, 19.0, 3.8), address_text=address_digests({"zip": "NW1 6XE"}))
        self.assertEqual(OrderTerms.from_json(terms.to_json()), terms)

    def test_tax_that_only_rounds_differently(self):
        cleared = self.terms((7, 10.0, 1, 0.37, 3.7, 0.74))
        one = self.terms((7, 1.0, 1, 0.37, 0.37, 0.07))
        self.assertEqual(self.codes(cleared, one), [])
        untaxed = self.terms((7, 10.0, 1, 0.37, 3.7, 0.0))
        self.assertEqual(self.codes(cleared, untaxed), ["tax_lowered"])

    def test_the_total_is_the_last_net(self):
        line = (7, 10.0, 1, 10.0, 100.0, 20.0)
        cleared, fewer = self.terms(line), (7, 5.0, 1, 10.0, 50.0, 10.0)
        for now, total, expected in (
            (line, 120.0, []),
            (line, 120.01, []),
            (line, 121.0, ["total_changed"]),
            (line, 90.0, ["total_changed"]),
            (fewer, 60.0, []),
            (fewer, 1.0, ["total_changed"]),
        ):
            with self.subTest(total=total, now=now):
                self.assertEqual(self.codes(cleared, self.terms(now, total=total)), expected)
        self.assertEqual(self.codes(cleared, self.terms(total=0.0)), [])

    def test_taking_away_what_was_taken_off_is_no_gift(self):
        goods, off = (7, 1.0, 1, 50.0, 50.0, 0.0), (8, 1.0, 1, -10.0, -10.0, 0.0)
        self.assertEqual(self.codes(self.terms(goods, off), self.terms(goods)), ["total_changed"])

    def test_addresses_are_compared_as_a_carrier_reads_them(self):
        def digest(**parts):
            return address_digests(parts)

        same = [
            ({"street": "221B, Baker  Street "}, {"street": "221b baker street"}),
            ({"zip": "NW1 6XE"}, {"zip": "nw16xe"}),
            ({"city": "上海 市"}, {"city": "上海-市"}),
            ({"street": "12"}, {"street": "12"}),
            ({"street": ""}, {"street": " . "}),
        ]
        other = [
            ({"street": "12 3rd Street"}, {"street": "1 23rd Street"}),
            ({"zip": "10115"}, {"zip": "10116"}),
        ]
        for one, two in same:
            self.assertEqual(digest(**one), digest(**two))
        for one, two in other:
            self.assertNotEqual(digest(**one), digest(**two))

    def test_what_is_more_generous(self):
        def net(*parts, **vals):
            return PaymentTerms(tuple(Instalment(*part) for part in parts), **vals)

        at_once, month = net(), net((100.0, 30))
        self.assertTrue(is_payment_worse(at_once, month))
        self.assertFalse(is_payment_worse(month, at_once))
        self.assertFalse(is_payment_worse(month, net((50.0, 0), (50.0, 30))))
        self.assertTrue(is_payment_worse(net((50.0, 0), (50.0, 30)), month))
        self.assertTrue(is_payment_worse(month, net((100.0, 30, "days_after_end_of_month"))))
        self.assertTrue(is_payment_worse(month, net((100.0, 30), discount=2.0, discount_days=10)))
        self.assertTrue(is_payment_worse(month, net((None, 0), (100.0, 0))))
        self.assertTrue(is_incoterm_worse("FOB", "CIF"))
        self.assertFalse(is_incoterm_worse("DDP", "EXW"))
        self.assertTrue(is_incoterm_worse("", "EXW"))
