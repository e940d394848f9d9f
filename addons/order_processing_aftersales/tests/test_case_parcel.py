from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.order_processing.tests.common_parcel import ParcelCase

from ..models.order_shipment_problem import BATCH

LOG = "odoo.addons.order_processing_aftersales.models.order_shipment_problem"


@tagged("post_install", "-at_install")
class TestCasesOfParcels(ParcelCase):
    """Whoever scans a parcel only marks its problem; the cases are opened afterwards, many at once."""

    def lost(self, count=1, **vals):
        """Return new problems of as many parcels of the first order, as the system opens them."""
        known = self.env["order.shipment.parcel"].search_count([])
        numbers = range(known, known + count)
        parcels = self.env["order.shipment.parcel"].union(
            *(self.parcel_of(f"P{n}", self.order_1) for n in numbers)
        )
        return self.env["order.shipment.problem"].create(
            [
                {
                    "parcel_id": parcel.id,
                    "company_id": self.company.id,
                    "kind": "lost",
                    "order_id": self.order_1.id,
                    "partner_id": self.customer.id,
                    "responsible_id": self.wes.id,
                    **vals,
                }
                for parcel in parcels
            ]
        )

    def run_opener(self):
        self.env.flush_all()
        with self.without_commits():
            self.env["order.shipment.problem"]._cron_open_cases()
        self.env.invalidate_all()

    def cases(self, problems):
        return self.env["order.case"].search([("problem_id", "in", problems.ids)])

    # ---------------------------------------------------------------- one
    def test_a_lost_parcel_is_a_case(self):
        problem = self.becomes("exception", "lost")
        self.assertTrue(problem.case_due)
        self.assertFalse(self.cases(problem))
        cron = self.env.ref("order_processing_aftersales.ir_cron_open_cases")
        self.assertTrue(self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]))
        self.run_opener()
        case = self.cases(problem)
        self.assertEqual((case.kind, case.source, case.parcel_id), ("missing", "parcel", self.parcel))
        self.assertEqual((case.order_id, case.partner_id), (self.order_1, self.customer))
        self.assertEqual(case.line_ids.mapped("quantity"), [2])
        self.assertEqual((case.user_id, case.activity_ids.user_id), (problem.responsible_id,) * 2)
        self.assertIn(self.customer, case.message_partner_ids)
        self.assertRegex(case.name, r"^CASE\d{5}$")
        self.assertTrue(case.answer_by < case.solve_by)
        self.assertNotIn("case_opened", self.events(self.order_1, "customer"))
        self.assertIn("case_opened", self.events(self.order_1))
        self.assertFalse(problem.case_due)
        self.run_opener()
        self.assertEqual(self.cases(problem), case)

    def test_new_companies_have_it(self):
        self.assertTrue(self.env["res.company"].create({"name": "Another"}).case_from_problems)

    def test_where_it_is_switched_off_nothing_opens(self):
        self.company.case_from_problems = False
        problem = self.lost()
        self.run_opener()
        self.company.case_from_problems = True
        self.run_opener()
        self.assertFalse(self.cases(problem))

    def test_what_is_over_opens_nothing(self):
        problem = self.lost()
        problem.action_solve()
        self.run_opener()
        self.assertFalse(self.cases(problem))

    def test_what_somebody_deleted_stays_away(self):
        problem = self.lost()
        self.run_opener()
        self.cases(problem).with_user(self.mona).unlink()
        self.run_opener()
        self.assertFalse(self.cases(problem))

    def test_other_problems_are_no_cases(self):
        problem = self.lost(kind="silent")
        self.assertFalse(problem.case_due)

    # ---------------------------------------------------------------- many
    def test_a_hundred_cost_hardly_more_statements_each_than_ten(self):
        def statements(count):
            self.lost(count)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.run_opener()
            self.env.cr.precommit.run()
            return self.env.cr.sql_log_count - before

        statements(2)
        few, many = statements(10), statements(BATCH)
        # A number each from the sequence (two statements), and what does not depend on how many they are.
        self.assertLess((many - few) / (BATCH - 10), 4)

    def test_one_that_fails_keeps_no_other_waiting(self):
        problems = self.lost(7)
        broken = problems[3]
        case_vals = type(problems)._case_vals

        def fail(problem):
            if problem == broken:
                raise ValueError("broken")
            return case_vals(problem)

        with patch.object(type(problems), "_case_vals", fail), mute_logger(LOG):
            self.run_opener()
        self.assertEqual(self.cases(problems).problem_id, problems - broken)
        self.assertEqual(problems.filtered("case_due"), broken)
        self.run_opener()
        self.assertEqual(self.cases(problems).problem_id, problems)

    def test_it_goes_on_where_it_was_stopped(self):
        problems = self.lost(BATCH + 3)
        self.env.flush_all()
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **kwargs: 0):
            self.env["order.shipment.problem"]._cron_open_cases()
        self.assertEqual(len(self.cases(problems)), BATCH)
        self.run_opener()
        self.assertEqual(len(self.cases(problems)), BATCH + 3)

    # ---------------------------------------------------------------- the parcel's problem and its case
    def test_sent_again_once_by_either(self):
        first, second = self.lost(2)
        self.run_opener()
        case = self.cases(first).with_user(self.sally)
        case.action_replace()
        again = case.sudo().replacement_ids
        self.assertEqual(first.with_user(self.sally).action_reship()["res_id"], again.id)
        other = self.parcel_of("OTHER", self.sent_order())
        problem = self.lost(parcel_id=other.id, order_id=other.shipment_ids.order_ids.id)
        self.run_opener()
        sent = problem.with_user(self.sally).action_reship()["res_id"]
        self.assertEqual(self.cases(problem).with_user(self.sally).action_replace()["res_id"], sent)
        self.assertEqual(self.cases(problem).replacement_ids.id, sent)

    def test_a_case_that_is_resolved_has_seen_to_the_problem(self):
        problem = self.lost()
        self.run_opener()
        case = self.cases(problem).with_user(self.sally)
        case.resolution = "explained"
        case.action_resolve()
        self.assertEqual((problem.state, problem.solved_by_id), ("solved", self.sally))
