from odoo import fields, models


class StockMoveLine(models.Model):
    _inherit = "stock.move.line"

    reservation_place = fields.Integer(
        "Rank",
        compute="_compute_reservation_place",
        help="Who gets it first where there is not enough for everybody.",
    )

    # What open transfers hold is added up every hour; done lines are many times more.
    _open_reservation = models.Index(
        """(location_id, product_id)
            WHERE state IN ('assigned', 'partially_available', 'waiting', 'confirmed')"""
    )

    def _compute_reservation_place(self):
        """Number the lines that are looked at together, the first in rank 1."""
        ranks = self.move_id._allocation_ranks()
        ranked = self.sorted(lambda line: (ranks.get(line.move_id.id, ""), line.id))
        for place, line in enumerate(ranked, 1):
            line.reservation_place = place
