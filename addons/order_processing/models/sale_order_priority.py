import json

from odoo import api, fields, models
from odoo.tools import SQL

from .order_allocation_run import CONCURRENCY
from .priority_facts import PriorityFacts
from .priority_scores import PriorityScores


class SaleOrder(models.Model):
    """How urgent an order's picking is; who gets scarce stock goes by ``allocation_rank``, not by this.

    An order that nothing has to be picked for any more, or not yet, has 0.
    """

    _inherit = "sale.order"

    priority_score = fields.Float(
        "Priority",
        digits=(5, 1),
        default=0.0,
        readonly=True,
        copy=False,
        index=True,
        aggregator="avg",
        groups="base.group_user",
        help="0 to 100: orders the picker's work and the board.",
    )
    priority_figures = fields.Json(readonly=True, copy=False, groups="base.group_user")

    @api.model
    def _reprioritise(self, orders):
        """Work out the priorities of these orders anew, and of their transfers and moves.

        A handful of queries, however many there are. Only what has changed is written, past the ORM: no
        message, no ``write_date``, nothing waited for. Return whether all of it could be written; of what
        somebody else is at, the clock takes care.
        """
        if not orders.ids:
            return True
        found = PriorityScores(PriorityFacts(self.env, orders.ids))
        try:
            with self.env.cr.savepoint(flush=False):
                return all(
                    [  # (all three, even where the first cannot be written whole)
                        self._store_priorities("sale.order", found.orders()),
                        self._store_priorities("stock.picking", found.pickings()),
                        self._store_priorities("stock.move", found.moves()),
                    ]
                )
        except CONCURRENCY:  # changed by somebody since our transaction began
            return False

    @api.model
    def _store_priorities(self, model, values):
        """Write ``{id: (score, figures)}``, but for the rows that somebody else is writing now."""
        if not values:
            return True
        records = self.env[model].sudo()  # sudo: guarded fields; they follow from what happens to the order
        figures = [pair[1] and json.dumps(pair[1]) for pair in values.values()]
        explained = SQL(", priority_figures = d.figures::jsonb") if model == "sale.order" else SQL()
        query = SQL(
            """WITH free AS MATERIALIZED (
                   SELECT id FROM %(table)s WHERE id = ANY(%(ids)s) FOR NO KEY UPDATE SKIP LOCKED
               )
               UPDATE %(table)s t SET priority_score = d.score%(explained)s
                 FROM free JOIN unnest(%(ids)s::int[], %(scores)s::numeric[], %(figures)s::text[])
                           AS d (id, score, figures) ON d.id = free.id
                WHERE t.id = d.id""",
            table=SQL.identifier(records._table),
            explained=explained,
            ids=list(values),
            scores=[pair[0] for pair in values.values()],
            figures=figures,
        )
        self.env.cr.execute(query, log_exceptions=False)
        changed = records.browse(values)
        names = [name for name in ("priority_score", "priority_figures") if name in records._fields]
        changed.invalidate_recordset(names, flush=False)
        return self.env.cr.rowcount == len(values)
