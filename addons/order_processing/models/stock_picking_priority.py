from odoo import api, fields, models
from odoo.tools import SQL


class StockPicking(models.Model):
    """How soon a transfer is picked: as the most pressing of the orders behind it."""

    _inherit = "stock.picking"

    priority_score = fields.Float(
        "Priority score",
        digits=(5, 1),
        default=0.0,
        readonly=True,
        copy=False,
        index=True,
        aggregator="avg",
        help="0 to 100: of the orders behind it the most pressing.",
        groups="base.group_user",
    )
    departures_missed = fields.Integer(
        readonly=True,
        copy=False,
        help="So many departures it was planned for have left without it.",
        groups="base.group_user",
    )

    @api.model
    def _guarded_fields(self):
        return super()._guarded_fields() | {"priority_score", "departures_missed"}

    # ---------------------------------------------------------------- what the plan writes
    def _write_multi(self, vals_list):
        # Here, and not in write(): the plan writes many rows at once.
        missing = self._missing_departures(vals_list)
        result = super()._write_multi(vals_list)
        missing._count_missed()
        due = [picking.id for picking, vals in zip(self, vals_list, strict=True) if "dispatch_due" in vals]
        self.browse(due)._note_priority()
        return result

    def _missing_departures(self, vals_list):
        """Return those that are taken off a departure that is over, and are still here."""
        pairs = zip(self.ids, vals_list, strict=True)
        planned = {id_: vals["departure_id"] for id_, vals in pairs if "departure_id" in vals}
        if not planned:
            return self.browse()
        query = SQL(
            """SELECT id, departure_id FROM stock_picking
                WHERE id = ANY(%s) AND departure_id IS NOT NULL AND state NOT IN ('done', 'cancel')""",
            list(planned),
        )
        before = {id_: old for id_, old in self.env.execute_query(query) if old != planned[id_]}
        # sudo: whether it has left
        departures = self.env["order.dispatch.departure"].sudo().browse(set(before.values()))
        now = fields.Datetime.now()
        over = departures.filtered(
            lambda d: d.state == "departed" or (d.state == "planned" and d.departs_at <= now)
        )
        return self.browse(id_ for id_, old in before.items() if old in over.ids)

    def _count_missed(self):
        if not self:
            return
        self.env.cr.execute(
            SQL(
                """UPDATE stock_picking SET departures_missed = COALESCE(departures_missed, 0) + 1
                    WHERE id = ANY(%s)""",
                self.ids,
            )
        )
        self.invalidate_recordset(["departures_missed"], flush=False)
        self._note_priority()


class StockMove(models.Model):
    _inherit = "stock.move"

    priority_score = fields.Float(
        "Priority score",
        digits=(5, 1),
        default=0.0,
        readonly=True,
        copy=False,
        index=True,
        aggregator="avg",
        groups="base.group_user",
    )

    @api.model
    def _guarded_fields(self):
        return super()._guarded_fields() | {"priority_score"}
