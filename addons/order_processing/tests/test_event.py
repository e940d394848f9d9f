"""The timeline is written once, and stands in nobody's way."""

import math
from unittest.mock import patch

import psycopg2

from odoo.exceptions import AccessError, UserError
from odoo.sql_db import Cursor
from odoo.tests import tagged
from odoo.tools import mute_logger
from odoo.tools.translate import code_translations

from .common import OrderProcessingCase


@tagged("post_install", "-at_install")
class TestEventIsWrittenOnce(OrderProcessingCase):
    def setUp(self):
        super().setUp()
        self.order = self.held_quotation()
        self.env.cr.flush()
        self.event = self.order.sudo()._events()[0]

    def test_nobody_changes_deletes_or_copies_an_event(self):
        for who in (self.env.ref("base.user_admin"), self.env.ref("base.user_root")):
            event = self.event.with_user(who).sudo()
            for act in (lambda e: e.write({"kind": "approved"}), lambda e: e.unlink(), lambda e: e.copy()):
                with self.assertRaises(UserError):
                    act(event)

    def test_nobody_writes_an_event_by_hand(self):
        values = {
            "company_id": self.company.id,
            "order_id": 1,
            "order_name": "S1",
            "kind": "x",
            "audience": "internal",
        }
        for user in (self.sally, self.mona, self.env.ref("base.user_admin")):
            with self.assertRaises(AccessError):
                self.env["order.event"].with_user(user).create(values)

    def refused(self, query, *arguments):
        """The database itself says no, as it would to anybody with a psql prompt."""
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.RestrictViolation),
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute(query, arguments)

    def test_the_database_refuses_change_and_deletion(self):
        self.refused("UPDATE order_event SET order_name = 'S0' WHERE id = %s", self.event.id)
        self.refused("DELETE FROM order_event WHERE id = %s", self.event.id)
        self.refused("TRUNCATE order_event")

    def test_a_seal_is_set_once_and_brings_nothing_else_along(self):
        seal = "UPDATE order_event SET seal_position = 1, seal_hash = 'a', content_hash = 'b'"
        self.refused(f"{seal}, actor_name = 'Nobody' WHERE id = %s", self.event.id)
        self.refused("UPDATE order_event SET seal_hash = 'a' WHERE id = %s", self.event.id)
        self.env.cr.execute(f"{seal} WHERE id = %s", [self.event.id])
        self.refused(f"{seal} WHERE id = %s", self.event.id)

    def test_maintenance_ends_with_its_transaction(self):
        self.env.cr.execute("SET LOCAL order_processing.event_maintenance = 'on'")
        with self.registry.cursor() as other:
            other.execute("SELECT current_setting('order_processing.event_maintenance', true)")
            self.assertNotEqual(other.fetchone()[0], "on")


@tagged("post_install", "-at_install")
class TestEventStandsInNobodysWay(OrderProcessingCase):
    def test_a_draft_that_was_never_handed_in_goes_without_a_trace(self):
        quote = self.quotation()
        quote.order_line.product_uom_qty = 3
        quote.action_quotation_sent()
        quote._action_cancel()
        quote.action_draft()
        self.assertEqual(self.events(quote), [])
        number = quote.id
        quote.sudo().unlink()
        self.env.cr.flush()
        self.assertEqual(self.env["order.event"].search_count([("order_id", "=", number)]), 0)

    def test_a_cancelled_order_is_deleted_its_timeline_stays(self):
        order = self.held_quotation()
        order._action_cancel()
        self.assertEqual(self.events(order), ["received", "held", "stage:cancelled"])
        events, name = order.sudo()._events(), order.name
        order.sudo().unlink()
        self.assertEqual(events.exists().mapped("order_name"), [name] * 3)
        with self.assertRaisesRegex(UserError, name):
            events[0].action_open_order()

    def test_a_colleague_who_acted_is_deleted(self):
        order = self.confirmed_order(by=self.sally)
        self.assertEqual(self.events(order), ["received", "confirmed", "stage:ready"])
        (
            order.sudo() | self.env["sale.order"].sudo().search([("user_id", "=", self.sally.id)])
        ).user_id = False
        self.sally.unlink()
        self.env.invalidate_all()
        acts = order.sudo()._events().filtered(lambda event: event.kind != "stage")
        self.assertEqual(acts.mapped("actor_name"), ["Sally"] * 2)

    def test_contacts_are_merged(self):
        order = self.held_quotation()
        self.env.cr.flush()
        twin = self.corner_shop.copy()
        self.env["base.partner.merge.automatic.wizard"]._merge([self.corner_shop.id, twin.id], twin)
        self.assertEqual(order.sudo().partner_id, twin)
        self.assertEqual(order.sudo()._events().mapped("customer_name"), ["Corner Shop"] * 3)


@tagged("post_install", "-at_install")
class TestEventCosts(OrderProcessingCase):
    def inserts(self, act):
        """Return how many INSERT statements on the timeline it takes."""
        execute, found = Cursor.execute, []

        def counting(cursor, query, *arguments, **options):
            if 'INSERT INTO "order_event"' in str(getattr(query, "code", query)):
                found.append(query)
            return execute(cursor, query, *arguments, **options)

        with patch.object(Cursor, "execute", counting):
            act()
            self.env.cr.flush()
        return len(found)

    def test_many_orders_cost_a_statement_per_hundred_events(self):
        number = 200
        order = {"partner_id": self.customer.id, "order_line": [(0, 0, {"product_id": self.wrapping.id})]}
        orders = self.env["sale.order"].create([order] * number)
        self.assertEqual(self.inserts(lambda: None), 0)
        statements = self.inserts(orders.action_submit)
        self.assertEqual(set(orders.mapped("state")), {"sale"})
        self.assertEqual(len(orders._events()), 3 * number)
        self.assertLessEqual(statements, math.ceil(3 * number / 100) + 3)

    def test_what_is_rolled_back_did_not_happen(self):
        order = self.quotation()
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            order.action_submit()
            self.assertEqual(len(order.sudo()._events()), 2)
            raise ZeroDivisionError
        self.assertEqual(self.events(order), [])
        order.action_submit()
        self.assertEqual(self.events(order), ["received", "confirmed", "stage:ready"])

    def test_an_event_of_a_rolled_back_transaction_is_never_written(self):
        with self.registry.cursor() as cr:
            Event = self.env(cr=cr)["order.event"]
            before = Event.search_count([])
            Event._log(Event.env["sale.order"].new({"name": "S-never"}), "received")
            cr.rollback()
            cr.flush()
            self.assertEqual(Event.search_count([]), before)


@tagged("post_install", "-at_install")
class TestEventWords(OrderProcessingCase):
    def test_the_customer_hears_of_less_and_in_other_words(self):
        order = self.held_quotation()
        self.approve(order, "Known to us")
        order.order_line.product_uom_qty = 50
        self.assertEqual(
            self.events(order),
            ["received", "held", "approved", "confirmed", "reopened", "changed", "stage:in_review"],
        )
        self.assertNotIn("reopened", self.events(order, "customer"))
        ours = order.sudo()._events()[1].text
        theirs = order.sudo()._portal_events()[-2].text
        self.assertEqual(theirs, "We are checking your order")
        self.assertTrue(
            ours.startswith("Held for review: the delivery address of Corner Shop lacks a postal code"), ours
        )

    def test_each_reads_in_his_own_language(self):
        """The words are made on reading: the same event, two readers, two languages."""
        self.env["res.lang"]._activate_lang("zh_CN")
        order = self.held_quotation()
        self.env.cr.flush()
        received, _held, stage = order.sudo()._events()
        for code, words in (("quotation", "报价"), ("in_review", "审核中")):
            value = self.env.ref(f"order_processing.selection__sale_order__processing_stage__{code}")
            value.with_context(lang="zh_CN").name = words
        python = code_translations.python_translations
        chinese = {("order_processing", "zh_CN"): {"Order received": "已收到订单"}}
        with patch.dict(python, chinese):
            texts = [event.with_context(lang="zh_CN").text for event in (received, stage)]
        self.assertEqual(texts, ["已收到订单", "报价 → 审核中"])
        self.assertEqual([received.text, stage.text], ["Order received", "Quotation → In Review"])

    def test_a_kind_nobody_has_words_for_is_shown_by_its_code(self):
        order = self.confirmed_order()
        self.env.cr.flush()
        self.env["order.event"]._log(order, "weighed", {"kg": 3})
        self.env.cr.flush()
        self.assertEqual(order.sudo()._events()[-1].text, "weighed")

    def test_customers_do_not_read_the_table(self):
        order = self.confirmed_order()
        self.env.cr.flush()
        with self.assertRaises(AccessError):
            order.sudo()._events().with_user(self.carla).read(["kind"])

    def test_a_salesperson_reads_of_own_orders_only(self):
        mine, others = self.confirmed_order(by=self.paul), self.confirmed_order(by=self.mona)
        self.env.cr.flush()
        seen = self.env["order.event"].with_user(self.paul).search([("order_id", "in", (mine.id, others.id))])
        self.assertEqual(set(seen.mapped("order_id")), {mine.id})
