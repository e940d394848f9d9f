from datetime import date, datetime
from pathlib import Path

from odoo.tests import BaseCase, tagged

from odoo.addons.order_processing.engine import order_file
from odoo.addons.order_processing.engine.made_up import StockPlan, made_up_address
from odoo.addons.order_processing.engine.order_file import Bucket, FileFormat, Kind, MissingColumns, Selection
from odoo.addons.order_processing.engine.price_steps import PriceLists, derive_steps, price_at

ONE_DAY = Path(__file__).parent / "data" / "online_retail_one_day.csv"
HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"


def read(*rows, form=None, selection=None):
    """Sort out a file of ``ref sku quantity price customer`` rows, all of one day."""
    form = form or FileFormat()
    lines = [HEADER]
    for row in rows:
        ref, sku, quantity, price, customer = row.split(",")
        lines.append(f"{ref},{sku},A thing,{quantity},2011-02-10 09:00:00,{price},{customer},France")
    return order_file.sort_out(order_file.read_rows(lines, form), form, selection or Selection())


def counted(found):
    return {bucket.value: count for bucket, count in found.items()}


@tagged("post_install", "-at_install")
class TestOneRealDay(BaseCase):
    """One day of a wholesaler: every row is counted once, every document is one thing."""

    def test_every_row_of_the_day_is_somewhere(self):
        day = order_file.load(ONE_DAY)
        self.assertEqual(
            counted(day.rows),
            {
                "goods": 703,
                "repeated": 15,
                "zero_price": 1,
                "freight": 3,
                "cancellation": 62,
                "correction": 1,
            },
        )
        self.assertEqual(counted(day.documents), {"order": 42, "cancellation": 23, "correction": 1})
        with ONE_DAY.open(encoding="utf-8") as lines:
            self.assertEqual(day.row_count, len(lines.readlines()) - 1)
        self.assertEqual(sum(len(order.lines) for order in day.orders), day.line_count)
        self.assertEqual(day.line_count, 722)

    def test_the_days_prices_become_a_list_that_explains_nearly_all_of_them(self):
        day = order_file.load(ONE_DAY)
        prices = PriceLists.derive(day.orders)
        off = {order.ref: prices.off_list(order, 1.0) for order in day.orders}
        self.assertEqual({ref: lines for ref, lines in off.items() if lines}, {"543555": 1, "543619": 1})

    def test_a_part_of_the_file_is_counted_as_such(self):
        day = order_file.load(ONE_DAY, selection=Selection(limit=5))
        self.assertEqual(len(day.orders), 5)
        self.assertEqual((day.documents[Kind.NOT_SELECTED], day.row_count), (37, 785))
        nothing = order_file.load(ONE_DAY, selection=Selection(first=date(2011, 2, 11)))
        self.assertEqual(counted(nothing.rows), {"not_selected": 785})


@tagged("post_install", "-at_install")
class TestSortingOut(BaseCase):
    """What each kind of dirt becomes."""

    def test_a_cancellation_is_no_order(self):
        found = read("C100,A1,-2,5.00,17", "C100,D,-1,9.00,17")
        self.assertEqual(counted(found.rows), {"cancellation": 2})
        self.assertFalse(found.orders)

    def test_pieces_written_off_or_found_are_no_order(self):
        found = read("100,A1,-2,0,", "101,A1,4,0,")
        self.assertEqual(counted(found.documents), {"correction": 2})

    def test_a_free_piece_for_a_customer_stays_in_his_order(self):
        found = read("100,A1,4,0,17")
        self.assertEqual([line.bucket for line in found.orders[0].lines], [Bucket.ZERO_PRICE])

    def test_postage_stays_and_bank_charges_do_not(self):
        rows = ["100,A1,1,5,17", "100,post,1,18,17", "100,BANK CHARGES,1,15,17", "100,M,1,3,17"]
        found = read(*rows, "101,S,1,4,17")
        self.assertEqual(counted(found.rows), {"goods": 1, "freight": 1, "charge": 2, "manual": 1})
        self.assertEqual([line.sku for line in found.orders[0].lines], ["A1", "POST", "M"])
        self.assertEqual(counted(found.documents), {"order": 1, "charge": 1})

    def test_the_same_sku_again_is_a_line_of_its_own_however_it_is_spelled(self):
        found = read("100,85123A,1,5,17", "100,85123a,2,5,17", "101,85123A,1,5,17")
        self.assertEqual(counted(found.rows), {"goods": 2, "repeated": 1})
        self.assertEqual([line.quantity for line in found.orders[0].lines], [1, 2])

    def test_an_order_that_lacks_a_line_is_not_entered_at_all(self):
        found = read("100,A1,1,5,17", "100,A2,many,5,17", "101,A1,1,nan,17", "102,A1,1,5,17", ",A1,1,5,17")
        self.assertEqual(counted(found.rows), {"goods": 1, "unreadable": 3, "incomplete": 1})
        self.assertEqual([order.ref for order in found.orders], ["102"])
        self.assertEqual(
            [(fault.row.number, fault.code, fault.value) for fault in found.faults],
            [(3, "bad_quantity", "many"), (4, "bad_price", "nan"), (6, "no_ref", "")],
        )

    def test_two_customers_under_one_number_are_no_order(self):
        found = read("100,A1,1,5,17", "100,A2,1,5,18.0")
        self.assertEqual([(fault.row.number, fault.code) for fault in found.faults], [(3, "other_customer")])
        self.assertFalse(found.orders)

    def test_a_customer_number_is_no_decimal_and_may_be_missing(self):
        found = read("100,A1,1,5,17850.0", "101,A1,1,5,")
        self.assertEqual([(o.customer, o.is_walk_in) for o in found.orders], [("17850", False), ("", True)])

    def test_other_columns_dates_and_codes(self):
        form = FileFormat(
            columns={**order_file.COLUMNS, "ref": "Order"},
            delimiter=";",
            date_format="%d/%m/%Y",
            freight_codes=frozenset({"SHIP"}),
        )
        lines = [HEADER.replace("InvoiceNo", "Order").replace(",", ";"), "7;SHIP;;1;10/02/2011;4.5;17;France"]
        order = order_file.sort_out(order_file.read_rows(lines, form), form, Selection()).orders[0]
        self.assertEqual((order.ref, order.date, order.country), ("7", datetime(2011, 2, 10), "France"))
        self.assertEqual(order.lines[0].bucket, Bucket.FREIGHT)

    def test_a_file_without_the_columns_says_which(self):
        with self.assertRaises(MissingColumns) as caught:
            list(order_file.read_rows(["a,b", "1,2"], FileFormat(columns={"ref": "b", "sku": "c"})))
        self.assertEqual((caught.exception.missing, caught.exception.found), (["c"], ["a", "b"]))


@tagged("post_install", "-at_install")
class TestPriceSteps(BaseCase):
    """Quantity breaks are what explains most of the prices charged."""

    def test_cheaper_from_a_dozen_on(self):
        steps = derive_steps([(1, 2.95), (2, 2.95), (12, 2.55), (24, 2.55), (48, 2.55)])
        self.assertEqual(steps, [(0, 2.95), (12, 2.55)])
        prices = [price_at(steps, quantity) for quantity in (1, 11, 12, 500)]
        self.assertEqual(prices, [2.95, 2.95, 2.55, 2.55])

    def test_three_steps(self):
        self.assertEqual(
            derive_steps([(1, 3.0), (6, 2.5), (7, 2.5), (100, 2.0)]), [(0, 3.0), (6, 2.5), (100, 2.0)]
        )

    def test_the_usual_price_wins_and_an_odd_one_stays_off_the_list(self):
        self.assertEqual(derive_steps([(1, 2.95), (1, 2.95), (1, 9.99), (2, 2.95)]), [(0, 2.95)])

    def test_more_never_costs_more(self):
        self.assertEqual(derive_steps([(1, 2.0), (2, 2.0), (10, 3.0)]), [(0, 2.0)])

    def test_a_break_has_to_explain_enough_lines(self):
        observed = [(1, 2.0), (2, 2.0), (10, 1.5)]
        self.assertEqual(derive_steps(observed), [(0, 2.0), (10, 1.5)])
        self.assertEqual(derive_steps(observed, break_gain=2), [(0, 2.0)])

    def test_nothing_observed(self):
        self.assertEqual(derive_steps([]), [])

    def test_walk_ins_have_prices_of_their_own(self):
        orders = read("1,A1,1,5,17", "2,A1,1,8,", "3,B1,1,9,").orders
        prices = PriceLists.derive(orders)
        self.assertEqual((prices.named, prices.walk_in), ({"A1": [(0, 5)]}, {"A1": [(0, 8)], "B1": [(0, 9)]}))
        self.assertEqual([prices.base_price(sku) for sku in ("A1", "B1", "C1")], [5, 9, 0])
        self.assertEqual([prices.off_list(order, 1.0) for order in orders], [0, 0, 0])


@tagged("post_install", "-at_install")
class TestMadeUp(BaseCase):
    def test_the_same_number_always_lives_at_the_same_place(self):
        self.assertEqual(
            made_up_address("17850", "GB"),
            {
                "street": "126 Church Street",
                "city": "Northgate",
                "email": "customer-17850@example.com",
                "zip": "EC1A 1HQ",
            },
        )
        self.assertNotIn("zip", made_up_address("17850", ""))

    def test_some_goods_are_scarce(self):
        plan = StockPlan(factor=1.5, scarce=0.02)
        shares = [plan.quantity(str(number), 100) for number in range(1000)]
        self.assertEqual({150, 75}, set(shares))
        self.assertEqual(shares.count(75), 23)
        self.assertEqual(shares, [plan.quantity(str(number), 100) for number in range(1000)])
