"""The seal: one chain per company, that shows whatever was done to the events in it."""

import threading
from contextlib import contextmanager
from unittest.mock import patch

import psycopg2

from odoo import api
from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, tagged
from odoo.tools import SQL

from ..models import order_event_chain
from .common import OrderProcessingCase


def event_values(company, order, **values):
    return {
        "company_id": company.id,
        "order_id": order,
        "order_name": f"S{order}",
        "kind": "x",
        "audience": "internal",
        **values,
    }


class SealCase(OrderProcessingCase):
    def setUp(self):
        super().setUp()
        self.chain = self.env["order.event.chain"]._for_company(self.company)
        self.events_made = self.note(self.company, 5)

    def note(self, company, number):
        return self.env["order.event"].create(
            [event_values(company, order) for order in range(1, number + 1)]
        )

    def seal(self):
        self.env["order.event"]._seal_all(self.company)
        self.env.invalidate_all()

    def tamper(self, query, *arguments):
        """Do what only somebody with the database's password can."""
        self.env.cr.execute("SET LOCAL order_processing.event_maintenance = 'on'")
        self.env.cr.execute(query, arguments)
        self.env.cr.execute("SET LOCAL order_processing.event_maintenance = 'off'")
        self.env.invalidate_all()

    def assertBroken(self, reason, event):
        self.chain.action_check()
        found = (self.chain.check_result, self.chain.broken_reason, self.chain.broken_event_id)
        self.assertEqual(found, ("broken", reason, event.id))

    def assertIntact(self):
        self.chain.action_check()
        self.assertEqual(
            (self.chain.check_result, self.chain.broken_reason, self.chain.broken_event_id),
            ("intact", False, 0),
        )


@tagged("post_install", "-at_install")
class TestSeal(SealCase):
    def test_sealed_in_batches_in_the_order_of_their_numbers(self):
        self.assertEqual(self.chain.unsealed_count, 5)
        with patch.object(order_event_chain, "SEAL_BATCH", 2):
            self.assertEqual([self.chain._seal_batch() for _batch in range(4)], [2, 2, 1, 0])
        self.assertEqual(self.events_made.mapped("seal_position"), [1, 2, 3, 4, 5])
        self.assertEqual((self.chain.sealed_count, self.chain.head_hash), (5, self.events_made[-1].seal_hash))
        self.assertIntact()

    def test_each_company_has_a_chain_of_its_own(self):
        other = self.env["res.company"].create({"name": "Mugs of Leeds"})
        theirs = self.note(other, 2)
        self.seal()
        self.assertEqual(theirs.mapped("seal_position"), [0, 0])
        self.env["order.event"]._seal_all(other)
        self.env.invalidate_all()
        self.assertEqual(theirs.mapped("seal_position"), [1, 2])
        self.assertEqual(self.chain.sealed_count, 5)
        self.assertIntact()

    def test_the_scheduled_action_seals_every_company(self):
        other = self.env["res.company"].create({"name": "Mugs of Leeds"})
        theirs = self.note(other, 2)
        with self.enter_registry_test_mode():
            self.env.ref("order_processing.ir_cron_seal_events").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(self.events_made.mapped("seal_position"), [1, 2, 3, 4, 5])
        self.assertEqual(theirs.mapped("seal_position"), [1, 2])

    def test_an_event_that_was_changed(self):
        self.seal()
        self.tamper("UPDATE order_event SET order_name = 'S99' WHERE id = %s", self.events_made[1].id)
        self.assertBroken("changed", self.events_made[1])

    def test_an_event_that_was_deleted(self):
        self.seal()
        self.tamper("DELETE FROM order_event WHERE id = %s", self.events_made[1].id)
        self.assertBroken("missing", self.events_made[2])

    def test_a_forged_seal(self):
        """Content and its own hash agree again; the chain does not."""
        self.seal()
        second = self.events_made[1]
        row = {**self.env["order.event"]._rows_of(SQL("id = %s", second.id))[0], "order_name": "S99"}
        forged = self.env["order.event"]._content_hash(second.id, row)
        self.tamper(
            "UPDATE order_event SET order_name = 'S99', content_hash = %s WHERE id = %s", forged, second.id
        )
        self.assertBroken("seal", second)

    def test_an_end_that_was_cut_off(self):
        self.seal()
        self.tamper("DELETE FROM order_event WHERE id = ANY(%s)", self.events_made[3:].ids)
        self.assertBroken("cut", self.events_made[2])

    def test_an_event_added_to_the_end_by_hand(self):
        self.seal()
        extra = self.note(self.company, 1)
        self.tamper("UPDATE order_event SET seal_position = 6, seal_hash = 'f' WHERE id = %s", extra.id)
        with patch.object(order_event_chain, "CHECK_BATCH", 5):
            self.assertBroken("changed", extra)

    def test_the_whole_chain_calculated_anew(self):
        """Who makes all seals again is given away by the head that was noted down."""
        self.seal()
        head = self.chain.head_hash
        self.tamper("UPDATE order_event SET seal_position = NULL WHERE company_id = %s", self.company.id)
        self.tamper("UPDATE order_event SET order_name = 'S99' WHERE id = %s", self.events_made[1].id)
        self.chain.write({"sealed_count": 0, "head_hash": ""})
        self.seal()
        self.assertIntact()
        self.assertNotEqual(self.chain.head_hash, head)
        self.chain.head_hash = head
        self.assertBroken("cut", self.events_made[4])


@tagged("post_install", "-at_install")
class TestRedaction(SealCase):
    def setUp(self):
        super().setUp()
        self.admin = self.env.ref("base.user_admin")
        self.order = self.held_quotation()
        self.env.cr.flush()
        self.personal = self.order.sudo()._events()[1]

    def test_the_words_go_and_the_seal_stays(self):
        self.seal()
        content, seal = self.personal.content_hash, self.personal.seal_hash
        self.personal.with_user(self.admin).action_redact("Request 17")
        self.env.cr.flush()
        gone = self.personal
        self.assertEqual(
            (gone.redacted, gone.data, gone.customer_name, gone.actor_name), (True, False, False, False)
        )
        self.assertEqual((gone.content_hash, gone.seal_hash), (content, seal))
        self.assertEqual(gone.text, "Removed at the request of the person concerned")
        self.assertIntact()
        self.assertEqual(self.order.sudo()._events()[-1].text, f"Event {gone.id} was redacted: Request 17")

    def test_what_is_not_sealed_yet_is_sealed_first(self):
        self.personal.with_user(self.admin).action_redact("Request 18")
        self.env.cr.flush()
        self.assertEqual(self.personal.seal_position, 7)
        self.assertIntact()

    def test_the_order_may_be_gone(self):
        self.order._action_cancel()
        self.env.cr.flush()
        self.order.sudo().unlink()
        self.personal.with_user(self.admin).action_redact("Request 19")
        self.assertEqual(self.env["order.event"]._rows_of(SQL("id = %s", self.personal.id))[0]["data"], None)
        self.assertIntact()

    def test_only_administrators_and_with_a_reason(self):
        with self.assertRaises(AccessError):
            self.personal.with_user(self.mona).action_redact("Request 20")
        with self.assertRaises(UserError):
            self.personal.with_user(self.admin).action_redact(" ")
        self.assertFalse(self.personal.redacted)

    def test_a_redaction_nobody_recorded(self):
        self.seal()
        self.tamper("UPDATE order_event SET redacted = TRUE, data = NULL WHERE id = %s", self.personal.id)
        self.assertBroken("redaction", self.personal)


@tagged("post_install", "-at_install")
class TestSealAtTheSameTime(TransactionCase):
    """Real transactions side by side, committed, and cleaned up."""

    def setUp(self):
        super().setUp()
        self.company_id = self.env.company.id
        with self.world() as env:
            self.chain_id = env["order.event.chain"]._for_company(env.company).id
            self.head = env["order.event.chain"].browse(self.chain_id).read(["sealed_count", "head_hash"])[0]
            env.cr.execute("SELECT COALESCE(max(id), 0) FROM order_event")
            self.last = env.cr.fetchone()[0]
        self.addCleanup(self.clean)

    @contextmanager
    def world(self):
        with self.registry.cursor() as cr:
            yield api.Environment(cr, api.SUPERUSER_ID, {})

    def clean(self):
        with self.world() as env:
            env.cr.execute("SET LOCAL order_processing.event_maintenance = 'on'")
            env.cr.execute("DELETE FROM order_event WHERE id > %s", [self.last])
            chain = env["order.event.chain"].browse(self.chain_id)
            chain.write({"sealed_count": self.head["sealed_count"], "head_hash": self.head["head_hash"]})

    def note(self, env, number):
        return env["order.event"].create([event_values(env.company, order) for order in range(number)]).ids

    def chain(self, env):
        return env["order.event.chain"].browse(self.chain_id)

    def test_a_transaction_that_commits_late_is_sealed_late(self):
        """Its number is lower than what has been sealed meanwhile; it gets its place all the same."""
        with self.world() as slow:
            [early] = self.note(slow, 1)
            with self.world() as quick:
                [late] = self.note(quick, 1)
            with self.world() as env:
                self.assertEqual(self.chain(env)._seal_batch(), 1)
        with self.world() as env:
            self.assertEqual(self.chain(env)._seal_batch(), 1)
            events = env["order.event"].browse([late, early])
            self.assertGreater(late, early)
            start = self.head["sealed_count"]
            self.assertEqual(events.mapped("seal_position"), [start + 1, start + 2])
            self.assertIsNone(self.chain(env)._first_break())

    def test_who_comes_second_leaves_it_to_the_first(self):
        with self.world() as env:
            self.note(env, 3)
        with self.world() as first, self.world() as second:
            self.assertEqual(self.chain(first)._seal_batch(), 3)
            self.assertEqual(self.chain(second)._seal_batch(), 0)

    def test_many_at_once_make_one_chain(self):
        number, together = 200, threading.Barrier(4)
        with self.world() as env:
            made = self.note(env, number)
        with patch.object(order_event_chain, "SEAL_BATCH", 7):
            workers = [threading.Thread(target=self.seal_all, args=(together, made)) for _worker in range(4)]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
        with self.world() as env:
            positions = env["order.event"].browse(made).mapped("seal_position")
            self.assertEqual(
                positions, list(range(self.head["sealed_count"] + 1, self.head["sealed_count"] + number + 1))
            )
            self.assertIsNone(self.chain(env)._first_break())

    def seal_all(self, together, made):
        together.wait()
        left = True
        while left:
            try:
                with self.world() as env:
                    self.chain(env)._seal_batch()
                    left = env["order.event"].search_count(
                        [("id", "in", made), ("seal_position", "=", False)]
                    )
            except psycopg2.errors.SerializationFailure:
                continue  # somebody sealed between our first look and our lock: a new transaction sees it
