from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ..models.order_shipment_ingest import Change
from .common_parcel import ParcelCase


@tagged("post_install", "-at_install")
class TestParcelProblem(ParcelCase):
    """Problems open and close by themselves; customers hear of each thing once."""

    def test_lost_and_found(self):
        problem = self.becomes("exception", "lost")
        self.assertEqual((problem.kind, problem.proposal), ("lost", "re_ship"))
        self.assertEqual(problem.responsible_id, self.sally)
        self.assertEqual(problem.activity_ids.user_id, self.sally)
        self.assertFalse(self.becomes("in_transit"))
        self.assertEqual(problem.state, "gone")
        self.assertFalse(problem.activity_ids)

    def test_told_once_whatever_is_repeated(self):
        at = fields.Datetime.now()
        for _time in range(3):
            self.becomes("exception", "damaged", at=at)
        self.send()
        self.assertEqual(len(self.parcel.problem_ids), 1)
        self.assertEqual(self.heard(self.order_1), [f"News of your parcel: {self.order_1.name}"])
        for _time in range(3):
            self.becomes("delivered", at=at)
        self.send()
        self.assertEqual(len(self.heard(self.order_1)), 2)

    def test_old_news_is_none(self):
        self.assertFalse(self.becomes("exception", "lost", is_news=False))
        self.assertFalse(self.rows(self.order_1))

    def test_silence_is_found_by_the_clock(self):
        self.parcel.write(
            {"status": "in_transit", "last_event_at": fields.Datetime.now() - timedelta(days=8)}
        )
        with self.without_commits():
            self.env["order.shipment.problem"]._cron_watch()
            self.env["order.shipment.problem"]._cron_watch()
        self.assertEqual(self.parcel.problem_ids.mapped("kind"), ["silent"])
        self.rpc(self.sally, self.parcel.problem_ids, "action_solve")
        with self.without_commits():
            self.env["order.shipment.problem"]._cron_watch()
        self.assertEqual(self.parcel.problem_ids.mapped("state"), ["solved"])

    def test_off_until_somebody_switches_it_on(self):
        company = self.env["res.company"].create({"name": "Another"})
        self.assertFalse(company.parcel_problems)
        self.company.parcel_problems = False
        self.assertFalse(self.becomes("exception", "lost"))
        self.assertEqual(self.states(), [])

    def test_late_is_a_problem_from_the_next_day_on(self):
        self.promised(-2)
        self.watch()
        [problem] = self.parcel.problem_ids
        self.assertEqual((problem.kind, problem.state), ("late", "open"))
        self.becomes("delivered")
        self.assertEqual(problem.state, "gone")

    def test_of_a_cancelled_order_nothing_opens(self):
        self.promised(-2)
        self.order_1._action_cancel()
        self.watch()
        self.assertFalse(self.parcel.problem_ids)

    # ---------------------------------------------------------------- sent again, refunded
    def test_sent_again_for_nothing(self):
        problem = self.becomes("exception", "lost")
        self.rpc(self.sally, problem, "action_reship")
        again = problem.replacement_order_id
        self.assertEqual((again.state, again.amount_untaxed, again.origin), ("draft", 0, self.order_1.name))
        self.assertEqual(again.order_line.mapped("product_uom_qty"), [2])
        self.rpc(self.sally, problem, "action_reship")
        self.assertEqual(self.env["sale.order"].search_count([("origin", "=", self.order_1.name)]), 1)
        # For nothing is not the price list's price: somebody looks at it.
        self.submit(again)
        self.approve(again)
        self.assertEqual(again.picking_ids.move_ids.mapped("product_uom_qty"), [2])
        self.assertEqual(again.picking_ids.state, "assigned")

    def test_two_orders_in_it_are_both_sent_again(self):
        other = self.sent_order(lines=[(self.mug, 3)])
        self.order_1.shipment_ids.write(
            {
                "order_ids": [(4, other.id)],
                "picking_ids": [(4, picking.id) for picking in other.picking_ids],
            }
        )
        problem = self.becomes("exception", "lost")
        self.rpc(self.sally, problem, "action_reship")
        again = self.env["sale.order"].search([("origin", "in", (self.order_1 | other).mapped("name"))])
        products = {order.origin: order.order_line.product_id for order in again}
        self.assertEqual(products, {self.order_1.name: self.lantern, other.name: self.mug})

    def test_refunded_by_a_draft_credit_note(self):
        problem = self.becomes("exception", "lost")
        with self.assertRaisesRegex(UserError, "nothing to refund"):
            self.rpc(self.sally, problem, "action_refund")
        invoice = self.order_1._create_invoices()
        invoice.action_post()
        action = self.rpc(self.anna, problem, "action_refund")
        wizard = self.env["account.move.reversal"].with_context(**action["context"]).create({})
        wizard.refund_moves()
        credit = self.order_1.invoice_ids - invoice
        self.assertEqual(
            (credit.move_type, credit.state, credit.amount_total),
            ("out_refund", "draft", invoice.amount_total),
        )

    def test_what_came_back_without_an_invoice_is_taken_back(self):
        problem = self.becomes("returned")
        action = self.rpc(self.wes, problem, "action_refund")
        context = {**action["context"], "active_ids": [action["context"]["active_id"]]}
        wizard = self.env["stock.return.picking"].with_context(**context).create({})
        self.assertEqual(wizard.picking_id, self.order_1.picking_ids)

    # ---------------------------------------------------------------- another day
    def test_a_new_date_is_told_and_holds(self):
        self.promised(-2)
        self.watch()
        problem = self.parcel.problem_ids
        action = self.rpc(self.sally, problem, "action_new_date")
        form = Form(self.env[action["res_model"]].with_user(self.sally).with_context(**action["context"]))
        form.day = fields.Date.add(fields.Date.today(), days=3)
        form.save().action_apply()
        self.assertEqual(problem.state, "solved")
        self.send()
        self.assertIn(f"New date for your parcel: {self.order_1.name}", self.heard(self.order_1))
        self.assertIn("As agreed, it comes on", self.mail(self.order_1).body)
        self.assertIn("parcel_new_date", self.events(self.order_1, "customer"))
        self.watch()
        self.assertEqual(len(self.parcel.problem_ids), 1)

    def test_the_day_agreed_last_is_told(self):
        problem = self.becomes("exception", "lost")
        for days in (2, 4):
            problem.action_new_date(fields.Date.add(fields.Date.today(), days=days))
        self.send()
        told = self.rows(self.order_1, kind="parcel_new_date")
        self.assertEqual(told.mapped("state"), ["skipped", "sent"])

    # ---------------------------------------------------------------- rights
    def test_salespeople_see_those_of_their_own_orders(self):
        problem = self.becomes("exception", "lost")
        self.order_1.user_id = self.sally
        self.assertFalse(problem.with_user(self.paul).has_access("read"))
        self.assertTrue(problem.with_user(self.wes).has_access("read"))
        for name in ("action_solve", "action_reship", "action_refund"):
            with self.subTest(name), self.assertRaises(AccessError):
                self.rpc(self.paul, problem, name)
        with self.assertRaises(AccessError):
            self.rpc(self.carla, self.order_1, "action_view_parcel_problems")
        for name, value in (("state", "solved"), ("responsible_id", self.wes.id), ("new_date", "2030-01-01")):
            with self.subTest(name), self.assertRaises(AccessError):
                self.rpc(self.sally, problem, "write", {name: value})

    def test_the_order_says_how_many_are_open(self):
        self.becomes("exception", "lost")
        order = self.order_1.with_user(self.sally)
        self.assertEqual(order.parcel_problem_count, 1)
        action = self.rpc(self.sally, self.order_1, "action_view_parcel_problems")
        found = self.env[action["res_model"]].with_user(self.sally).search(action["domain"])
        self.assertEqual(found, self.parcel.problem_ids)
        self.becomes("delivered")
        order.invalidate_recordset()
        self.assertEqual(order.parcel_problem_count, 0)

    # ---------------------------------------------------------------- many
    def test_a_hundred_cost_hardly_more_statements_than_ten(self):
        def lost(count):
            orders = self.env["sale.order"].union(*(self.sent_order() for _n in range(2)))
            parcels = self.env["order.shipment.parcel"].union(
                *(self.parcel_of(f"M{count}N{n}", orders[n % 2]) for n in range(count))
            )
            now = fields.Datetime.now()
            parcels.write({"status": "exception", "substatus": "lost", "status_since": now})
            changes = [Change(one.id, "pending", "exception", "lost", now, True) for one in parcels]
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            parcels._status_changed(changes)
            self.env.flush_all()
            self.env.cr.precommit.run()
            self.assertEqual(len(parcels.problem_ids), count)
            return self.env.cr.sql_log_count - before

        lost(2)
        few, many = lost(10), lost(100)
        self.assertLess(many, few + 15)
