from odoo import api, fields, models
from odoo.tools import SQL

from .promise_facts import OPEN_STATES

# Of a move line "ml": all of it was counted; quantities have not more digits than that.
COUNTED_WHOLE = SQL("ml.packed_qty >= ml.quantity_product_uom - 0.000001")
# Pick, pack, ship: at most so many transfers lie before the last.
STEPS_BEFORE = 3


def without_jit(env):
    """Have the queries of this transaction not compiled: that takes a hundred times what they take."""
    env.cr.execute("SET LOCAL jit = off")


def missing_sql(move, steps=STEPS_BEFORE):
    """Return the SQL condition that goods of an open move, an alias, are not set aside yet.

    A move that waits for an earlier transfer in the warehouse lacks what that one lacks.
    """
    if not steps:
        return SQL("%s.state != 'assigned'", SQL.identifier(move))
    before = f"before{steps}"
    earlier = SQL(
        """SELECT FROM stock_move_move_rel %(rel)s JOIN stock_move %(before)s
             ON %(before)s.id = %(rel)s.move_orig_id AND %(before)s.state IN %(open)s
           JOIN stock_picking_type %(kind)s ON %(kind)s.id = %(before)s.picking_type_id
             AND %(kind)s.code IN ('internal', 'outgoing')
           WHERE %(rel)s.move_dest_id = %(move)s.id""",
        rel=SQL.identifier(f"rel{steps}"),
        before=SQL.identifier(before),
        kind=SQL.identifier(f"kind{steps}"),
        move=SQL.identifier(move),
        open=OPEN_STATES,
    )
    return SQL(
        """(%(move)s.state IN ('confirmed', 'partially_available') OR (%(move)s.state = 'waiting' AND (
                NOT EXISTS (%(earlier)s) OR EXISTS (%(earlier)s AND %(lacks)s))))""",
        move=SQL.identifier(move),
        earlier=earlier,
        lacks=missing_sql(before, steps - 1),
    )


class StockPicking(models.Model):
    """How far a transfer is for its departure, in one word."""

    _inherit = "stock.picking"

    dispatch_status = fields.Selection(
        [
            ("ready", "Ready"),
            ("short", "Goods missing"),
            ("late", "Late"),
            ("picked", "Picked"),
            ("packed", "Packed"),
            ("held", "Held back"),
        ],
        "Dispatch status",
        compute="_compute_dispatch_status",
        groups="base.group_user",
    )

    @api.depends(
        *("dispatch_by_hand", "departure_id.departs_at", "departure_id.state", "dispatch_due", "state"),
        *("move_ids.state", "move_line_ids.picked", "move_line_ids.quantity"),
        *("move_line_ids.result_package_id", "move_line_ids.packed_qty"),
    )
    def _compute_dispatch_status(self):
        self.dispatch_status = False
        real = self.filtered("id")
        if not real:
            return
        self.env.flush_all()
        without_jit(self.env)
        rows = self.env.execute_query(
            SQL(
                "SELECT id, %s FROM stock_picking WHERE id = ANY(%s)",
                self._dispatch_status_sql(),
                real._origin.ids,
            )
        )
        statuses = dict(rows)
        for picking in real:
            picking.dispatch_status = statuses.get(picking._origin.id)

    @api.model
    def _dispatch_status_sql(self, alias="stock_picking"):
        """Return the SQL expression of the status of the transfer ``alias``; flush before you use it."""
        return SQL(
            """CASE
                WHEN %(p)s.state = 'done' THEN 'packed'
                WHEN %(p)s.dispatch_by_hand = 'held' THEN 'held'
                WHEN %(p)s.state NOT IN ('waiting', 'confirmed', 'assigned') THEN NULL
                WHEN %(late)s THEN 'late'
                WHEN %(short)s THEN 'short'
                WHEN %(packed)s THEN 'packed'
                WHEN %(picked)s THEN 'picked'
                ELSE 'ready' END""",
            p=SQL.identifier(alias),
            late=self._is_late_sql(alias),
            short=self._is_short_sql(alias),
            picked=self._is_picked_sql(alias),
            packed=self._is_packed_sql(alias),
        )

    @api.model
    def _is_packed_sql(self, alias):
        """All of it is counted at packing, or lies in packages and nobody counts it."""
        return self._all_picked_sql(
            alias,
            SQL(
                "CASE WHEN ml.packed_qty > 0 THEN %s ELSE ml.result_package_id IS NOT NULL END", COUNTED_WHOLE
            ),
        )

    @api.model
    def _is_picked_sql(self, alias):
        """All of it is picked; a line that is being counted is marked as picked from the first piece on."""
        return self._all_picked_sql(alias, SQL("(COALESCE(ml.packed_qty, 0) = 0 OR %s)", COUNTED_WHOLE))

    @api.model
    def _is_short_sql(self, alias):
        """Not all of it is set aside, nor will be when what lies before it is done."""
        return SQL(
            "EXISTS (SELECT FROM stock_move m WHERE m.picking_id = %s.id AND m.state IN %s AND %s)",
            SQL.identifier(alias),
            OPEN_STATES,
            missing_sql("m"),
        )

    @api.model
    def _is_late_sql(self, alias):
        """Its departure is after its promise, or in the past; without one, its promise cannot be kept."""
        return SQL(
            """COALESCE((SELECT d.departs_at > %(p)s.dispatch_due OR d.departs_at < %(now)s
                           OR d.state != 'planned'
                           FROM order_dispatch_departure d WHERE d.id = %(p)s.departure_id),
                        %(p)s.dispatch_due < %(now)s, FALSE)""",
            p=SQL.identifier(alias),
            now=fields.Datetime.now(),
        )

    @api.model
    def _all_picked_sql(self, alias, condition):
        return SQL(
            """(EXISTS (SELECT FROM stock_move_line ml WHERE ml.picking_id = %(p)s.id AND ml.quantity > 0)
                AND NOT EXISTS (SELECT FROM stock_move_line ml WHERE ml.picking_id = %(p)s.id
                                   AND ml.quantity > 0 AND NOT (ml.picked AND %(condition)s)))""",
            p=SQL.identifier(alias),
            condition=condition,
        )
