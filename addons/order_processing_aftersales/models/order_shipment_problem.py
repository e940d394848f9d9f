from odoo import api, models

KINDS = {"damaged": "damage", "lost": "missing", "returned": "return"}
REASONS = {"damaged": "broken", "lost": "missing", "returned": "other"}


class OrderShipmentProblem(models.Model):
    """A parcel that is damaged, lost or came back makes a case by itself, once for each time it happens."""

    _inherit = "order.shipment.problem"

    @api.model_create_multi
    def create(self, vals_list):
        problems = super().create(vals_list)
        problems.sudo()._open_cases()  # sudo: the system opens them, whoever has scanned the parcel
        return problems

    def _open_cases(self):
        for problem in self:
            if problem.kind not in KINDS or not problem.order_id or not problem.company_id.case_from_problems:
                continue
            lines = [
                {"sale_line_id": line.id, "quantity": quantity, "reason": REASONS[problem.kind]}
                for line, quantity in problem._goods()
            ]
            self.env["order.case"].create(
                {
                    "kind": KINDS[problem.kind],
                    "subject": problem.display_name,
                    "order_id": problem.order_id.id,
                    "partner_id": problem.order_id.partner_id.id,
                    "company_id": problem.company_id.id,
                    "parcel_id": problem.parcel_id.id,
                    "problem_id": problem.id,
                    "source": "parcel",
                    "line_ids": [(0, 0, line) for line in lines],
                }
            )

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
