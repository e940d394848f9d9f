import logging

from odoo import api, fields, models
from odoo.fields import Command

from odoo.addons.order_processing.models.order_shipment_problem_watch import QUIETLY

_logger = logging.getLogger(__name__)

KINDS = {"damaged": "damage", "lost": "missing", "returned": "return"}
REASONS = {"damaged": "broken", "lost": "missing", "returned": "other"}
BATCH = 50


class OrderShipmentProblem(models.Model):
    """A parcel that is damaged, lost or came back makes a case by itself, once for each time it happens.

    Whoever scans the parcel only marks the problem; a scheduled action opens the cases, many at once. Mark
    and case change in one transaction: killed at any moment, each problem has its mark or its case.
    """

    _inherit = "order.shipment.problem"

    case_due = fields.Boolean("Case wanted", readonly=True, copy=False)

    _case_due = models.Index("(id) WHERE case_due")

    @api.model_create_multi
    def create(self, vals_list):
        due = [vals.get("kind") in KINDS and bool(vals.get("order_id")) for vals in vals_list]
        problems = super().create(
            [
                {**vals, "case_due": True} if wanted else vals
                for vals, wanted in zip(vals_list, due, strict=True)
            ]
        )
        if any(due):
            self._wake_case_opener()
        return problems

    @api.model
    def _wake_case_opener(self):
        # sudo: who scans a parcel need not know of scheduled actions
        cron = self.env.ref("order_processing_aftersales.ir_cron_open_cases", raise_if_not_found=False)
        if cron:
            cron.sudo()._trigger()

    # ---------------------------------------------------------------- the scheduled action
    @api.model
    def _cron_open_cases(self):
        """Open what is wanted, in steps of a transaction each.

        What somebody is writing at this moment, or what fails, keeps its mark for the next run.
        """
        after, commit = 0, self.env["ir.cron"]._commit_progress
        while problems := self.search([("case_due", "=", True), ("id", ">", after)], order="id", limit=BATCH):
            after = problems[-1].id
            self._try_to_open_cases(problems)
            if not commit(len(problems), remaining=int(len(problems) == BATCH)):
                return

    @api.model
    def _try_to_open_cases(self, problems):
        """Open the cases of these; where it fails, close in on the one that does, and go on."""
        queue = [problems]
        while queue:
            part = queue.pop()
            try:
                with self.env.cr.savepoint():
                    part._open_cases()
            except Exception:
                if len(part) == 1:
                    _logger.exception("No case was opened for the parcel's problem %s", part.id)
                else:
                    middle = len(part) // 2
                    queue += [part[middle:], part[:middle]]

    def _open_cases(self):
        due = self.try_lock_for_update().filtered("case_due")
        due.case_due = False
        cases = self.env["order.case"].with_context(**QUIETLY)
        known = cases.search([("problem_id", "in", due.ids)]).problem_id
        # What is over by now, nobody has to look after any more.
        wanted = (due - known).filtered(
            lambda one: one.state == "open" and one.order_id and one.company_id.case_from_problems
        )
        cases.create([problem._case_vals() for problem in wanted])

    def _case_vals(self):
        return {
            "kind": KINDS[self.kind],
            "subject": self.display_name,
            "order_id": self.order_id.id,
            "partner_id": self.order_id.partner_id.id,
            "parcel_id": self.parcel_id.id,
            "problem_id": self.id,
            "source": "parcel",
            "line_ids": [
                Command.create({"sale_line_id": line.id, "quantity": quantity, "reason": REASONS[self.kind]})
                for line, quantity in self._goods()
            ],
        }

    def _goods(self):
        """Return ``(line of the order, quantity)`` of what left in the parcel's transfers."""
        moves = self.parcel_id.shipment_ids.picking_ids.move_ids.filtered(
            lambda move: move.state == "done" and move.sale_line_id.order_id == self.order_id
        )
        sums = {}
        for move in moves:
            line = move.sale_line_id
            quantity = move.product_uom._compute_quantity(move.quantity, line.product_uom_id)
            sums[line] = min(sums.get(line, 0.0) + quantity, line.product_uom_qty)
        return [(line, quantity) for line, quantity in sums.items() if quantity > 0]
