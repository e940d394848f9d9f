import re
import shutil
import signal
import time
from contextlib import suppress
from unittest import skipIf

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.order_processing.engine.made_up import StockPlan
from odoo.addons.order_processing.engine.price_steps import PriceLists
from odoo.addons.order_processing.tools.order_file_run import OrderFileRun
from odoo.addons.order_processing.tools.order_file_setup import OrderFileSetup

from .common import OrderProcessingCase
from .common_database import DatabaseCopy
from .test_order_file import ONE_DAY, read

DAY_ORDERS = 42
DAY_LINES = 722


@tagged("post_install", "-at_install")
class TestOrderFileRun(OrderProcessingCase):
    """A few orders in the test's own transaction: what the run does with each."""

    def process(self, *rows, create=True, batch=50):
        orders = read(*rows).orders
        if create:
            prices = PriceLists.derive(orders)
            OrderFileSetup(self.transaction, orders, prices, StockPlan(scarce=0), lambda *a: None).run()
        run = OrderFileRun(self.transaction, orders, "file", batch, lambda *a: None)
        run.run()
        return run.outcome, *self.transaction(run.figures)

    def transaction(self, function):
        with self.env.cr.savepoint():
            return function(self.env)

    def orders(self):
        return self.env["sale.order"].search([("channel_id.code", "=", "file")], order="channel_ref")

    def test_orders_at_list_price_are_confirmed_and_reserved(self):
        outcome, figures, reasons = self.process("T1,SKU1,5,2,17", "T2,SKU1,1,2,17", "T2,POST,1,18,17")
        self.assertEqual((outcome.new, outcome.known, outcome.failed), (2, 0, {}))
        self.assertEqual(self.orders().mapped("state"), ["sale", "sale"])
        self.assertEqual((figures["confirmed"], figures["reserved full"], figures["held"]), (2, 2, 0))
        self.assertEqual(reasons, {})
        self.assertEqual(self.orders()[0].client_order_ref, "T1 (2011-02-10 09:00)")

    def test_postage_is_a_freight_line_and_is_not_asked_for_its_list_price(self):
        self.process("T1,SKU1,1,2,17", "T1,POST,1,18,17")
        self.assertEqual(self.orders().order_line.mapped("is_delivery"), [False, True])
        self.assertEqual(self.orders().review_state, "not_required")

    def test_goods_cannot_pass_as_freight(self):
        self.env["product.product"].create({"name": "Gold", "default_code": "GOLD", "type": "consu"})
        line = {"sku": "GOLD", "quantity": 1, "price": 1.0, "freight": True}
        payload = {"channel": "file", "ref": "T1", "customer": {"id": self.customer.id}, "lines": [line]}
        with self.assertRaisesRegex(UserError, "GOLD cannot be freight"):
            self.env["sale.order"].place_order(payload)

    def test_new_customers_of_one_batch_are_one_customer(self):
        self.env["product.product"].create({"name": "Cup", "default_code": "CUP", "type": "consu"})
        customer = {"ref": "N1", "name": "New", "email": "new@example.com"}
        payload = {"channel": "file", "customer": customer, "lines": [{"sku": "CUP", "quantity": 1}]}
        self.env["sale.order"]._place_orders([{**payload, "ref": ref} for ref in ("T1", "T2")])
        self.assertEqual(self.env["res.partner"].search_count([("ref", "=", "N1")]), 1)
        self.assertEqual(len(self.orders().partner_id), 1)

    def test_a_price_of_nothing_and_a_manual_amount_are_held(self):
        rows = ["T1,SKU1,1,2,17", "T2,SKU1,1,0,17", "T3,M,1,30,17", "T4,NEVERSOLD,1,0,17"]
        _outcome, figures, reasons = self.process(*rows)
        self.assertEqual((figures["held"], figures["confirmed"]), (3, 1))
        self.assertEqual(reasons, {"price_off_list": 3})

    def test_the_same_file_again_adds_nothing_and_tells_what_is_not_the_same_any_more(self):
        self.process("T1,SKU1,1,2,17", "T2,SKU1,1,2,17")
        before = self.env["order.event"].search_count([])
        outcome, figures, _reasons = self.process("T1,SKU1,1,2,17", "T2,SKU1,3,2,17")
        self.assertEqual((outcome.new, outcome.known, outcome.differs), (0, 2, 1))
        self.assertEqual((figures["in"], len(self.orders())), (2, 2))
        self.assertEqual(self.env["order.event"].search_count([]), before)

    def test_one_bad_order_does_not_stop_the_others(self):
        self.process("T1,SKU1,1,2,17")
        rows = [f"T{number},SKU{9 if number == 5 else 1},1,2,17" for number in range(2, 8)]
        outcome, figures, _reasons = self.process(*rows, create=False)
        self.assertEqual((outcome.new, list(outcome.failed)), (5, ["T5"]))
        self.assertIn("SKU9", outcome.failed["T5"])
        self.assertEqual(self.orders().mapped("channel_ref"), ["T1", "T2", "T3", "T4", "T6", "T7"])
        self.assertEqual(figures["in"], 5)

    def test_an_interrupted_run_goes_on_where_it_was(self):
        rows = [f"T{number},SKU1,1,2,17" for number in range(1, 6)]
        place, calls = OrderFileRun._place, []

        def interrupted(env, payloads):
            calls.append(len(payloads))
            if len(calls) == 3:
                raise KeyboardInterrupt
            place(env, payloads)

        self.patch(OrderFileRun, "_place", staticmethod(interrupted))
        with suppress(KeyboardInterrupt):  # assertRaises would roll back what was committed
            self.process(*rows, batch=2)
        self.assertEqual(calls, [2, 2, 1])
        self.assertEqual(self.orders().mapped("channel_ref"), ["T1", "T2", "T3", "T4"])
        outcome, _figures, _reasons = self.process(*rows, batch=2)
        self.assertEqual((outcome.new, outcome.known), (1, 4))
        self.assertEqual(calls, [2, 2, 1, 1])

    def test_what_is_there_is_left_as_it_is(self):
        mine = self.env["product.product"].create(
            {"name": "Mine", "default_code": "sku1", "list_price": 7, "is_storable": True}
        )
        self.process("T1,SKU1,1,2,17")
        self.assertEqual(self.orders().order_line.product_id, mine)
        self.assertEqual((mine.list_price, mine.qty_available), (7, 0))
        self.assertEqual(self.orders().review_state, "pending")

    def test_unknown_customers_are_one_for_each_country(self):
        self.process("T1,SKU1,1,2,", "T2,SKU1,2,2,")
        self.assertEqual(self.orders().partner_id.ref, "WALK-IN FRANCE")
        self.assertEqual(self.orders().partner_id.country_id.code, "FR")
        self.assertEqual(self.orders().mapped("state"), ["sale", "sale"])


@tagged("post_install", "-at_install", "order_file")
@skipIf(not (shutil.which("pg_dump") and shutil.which("pg_restore")), "needs PostgreSQL's own tools")
class TestOneDayForReal(OrderProcessingCase):
    """The real command on one real day, in a database of its own: killed, gone on with, and run again."""

    def setUp(self):
        super().setUp()
        self.database = DatabaseCopy(self.env.cr.dbname, "one_day")
        self.addCleanup(self.database.drop)
        self.sql = self.database.make().sql
        self.sql("UPDATE res_company SET review_mode = 'enforce'")

    def count(self, condition="TRUE"):
        return self.sql(f"SELECT count(*) FROM sale_order o WHERE channel_ref ~ '^5' AND {condition}")[0][0]

    def start(self):
        options = ["--file", str(ONE_DAY), "--create-missing", "--batch", "10"]
        return self.database.odoo("process_orders", *options)

    def run_through(self):
        """Run the command to its end; return its table as ``{label: figure}``."""
        process = self.start()
        out, err = process.communicate(timeout=600)
        self.assertEqual(process.returncode, 0, out + err)
        rows = re.findall(r"(?m)^ *(.+?)  +([\d,]+)$", out)
        return {label: int(figure.replace(",", "")) for label, figure in rows}

    def kill_after_the_first_batch(self):
        process = self.start()
        while process.poll() is None and not self.count():
            time.sleep(0.2)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, -signal.SIGKILL, "it had ended before it could be killed")

    def test_one_day(self):
        self.kill_after_the_first_batch()
        survived = self.count()
        self.assertEqual(survived % 10, 0, "a batch is there as a whole or not at all")
        self.assertIn(survived, range(10, DAY_ORDERS))

        table = self.run_through()
        self.assertEqual(table["known already"], survived)
        self.assertEqual(table["entered by this run"], DAY_ORDERS - survived)
        self._check_against_sql(table)
        before = self._everything()

        again = self.run_through()
        self.assertEqual((again["known already"], again["entered by this run"]), (DAY_ORDERS, 0))
        self._check_against_sql(again)
        self.assertEqual(self._everything(), before)

    def _everything(self):
        tables = ("sale_order", "sale_order_line", "stock_move", "stock_quant", "order_event", "res_partner")
        return {table: self.sql(f"SELECT count(*), max(id) FROM {table}") for table in tables}

    def _check_against_sql(self, table):
        """Compare the printed figures with queries that know nothing of the command's."""
        sale = "state = 'sale' AND"
        waiting = """(SELECT count(*) FILTER (WHERE m.state = 'assigned') = count(*) AS whole,
            count(*) FILTER (WHERE m.state IN ('assigned', 'partially_available')) > 0 AS begun
            FROM stock_move m JOIN sale_order_line l ON l.id = m.sale_line_id WHERE l.order_id = o.id)"""
        expected = {
            "Orders in": self.count(),
            "held": self.count("state = 'sent' AND review_state = 'pending'"),
            "confirmed": self.count("state = 'sale'"),
            "reserved fully": self.count(f"{sale} (SELECT whole FROM {waiting} w)"),
            "reserved partly": self.count(f"{sale} (SELECT begun AND NOT whole FROM {waiting} w)"),
            "not reserved": self.count(f"{sale} (SELECT NOT begun FROM {waiting} w)"),
        }
        self.assertEqual({label: table[label] for label in expected}, expected)
        self.assertEqual((table["Orders in"], table["with lines"]), (DAY_ORDERS, DAY_LINES))
        # One line is given away, two are off the list the day's other prices make.
        self.assertEqual((table["held"], table["not at list price"], table["confirmed"]), (3, 3, 39))
        lines = "SELECT count(*) FROM sale_order_line l JOIN sale_order o ON o.id = order_id"
        self.assertEqual(self.sql(lines + " WHERE channel_ref ~ '^5'"), [(table["with lines"],)])
        self.assertEqual(self.count("NOT EXISTS (SELECT FROM order_event e WHERE e.order_id = o.id)"), 0)
