from psycopg2.errors import LockNotAvailable, SerializationFailure

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .inside import Swap
from .stock_quant import RESERVABLE_USAGES

SWAPPED = "swapped_holds"
# A hold stays what it is: it belongs to no transfer and to no order line as a delivery.
FIXED_FIELDS = frozenset({"picking_id", "picking_type_id", "sale_line_id", "location_id", "location_dest_id"})


class StockMove(models.Model):
    """A hold: goods set aside for an order that is not confirmed yet.

    It is a real move, from the shelf to the customer, so that whatever counts free stock sees it; but without
    operation type, transfer and order line, so that nobody ships it. When the order is confirmed its goods
    pass to the move that is made then.
    """

    _inherit = "stock.move"

    hold_line_id = fields.Many2one(
        "sale.order.line",
        "Held for",
        index="btree_not_null",
        copy=False,
        readonly=True,
        ondelete="set null",
        help="The line of a quotation, or of an order under review, that these goods are held for.",
    )
    hold_until = fields.Datetime("Held until", copy=False, readonly=True, index="btree_not_null")

    # ---------------------------------------------------------------- it is no delivery
    def _is_hold(self):
        # The line it was for may be gone.
        return bool(self.hold_until)

    def _action_done(self, cancel_backorder=False):
        if held := self.filtered(lambda move: move._is_hold()):
            raise UserError(
                self.env._(
                    "%s is only held, for an order that is not confirmed. Confirm the order, and ship that.",
                    held[0].product_id.display_name,
                )
            )
        return super()._action_done(cancel_backorder=cancel_backorder)

    def write(self, vals):
        if FIXED_FIELDS & vals.keys() and not self.env.su and any(move._is_hold() for move in self):
            raise AccessError(self.env._("What is held for an order is changed with the order."))
        return super().write(vals)

    @api.model
    def _prepare_merge_moves_distinct_fields(self):
        return [*super()._prepare_merge_moves_distinct_fields(), "hold_line_id"]

    # ---------------------------------------------------------------- how it is called
    @api.depends("hold_line_id")
    def _compute_reference(self):
        holds = self.filtered("hold_line_id")
        for move in holds:
            move.reference = move.hold_line_id.order_id.name
        return super(StockMove, self - holds)._compute_reference()

    @api.depends("hold_line_id", "hold_until")
    @api.depends_context("lang", "tz")
    def _compute_display_name(self):
        result = super()._compute_display_name()
        for move in self.filtered("hold_line_id"):
            move.display_name = move.sudo().hold_line_id.order_id._held_name()  # sudo: its name only
        return result

    def _get_source_document(self):
        return super()._get_source_document() or self.hold_line_id.order_id

    # ---------------------------------------------------------------- locks
    def _lock_holds(self):
        """Lock these holds and what is set aside for them; return those that nobody else is working on."""
        if not self:
            return self
        self.flush_recordset()
        self.move_line_ids.flush_recordset()
        try:
            with self.env.cr.savepoint(flush=False):
                for query in (
                    "SELECT id FROM stock_move WHERE id = ANY(%s) ORDER BY id FOR UPDATE NOWAIT",
                    "SELECT id FROM stock_move_line WHERE move_id = ANY(%s) ORDER BY id FOR UPDATE NOWAIT",
                ):
                    self.env.cr.execute(query, [self.ids], log_exceptions=False)
        except (LockNotAvailable, SerializationFailure):
            middle = len(self) // 2
            return self[:middle]._lock_holds() | self[middle:]._lock_holds() if middle else self.browse()
        return self

    # ---------------------------------------------------------------- swapping
    def _take_from_holds(self):
        """Take what is held for the lines these moves are made for, before anybody else can."""
        swap = self.env.context.get(SWAPPED)
        if not isinstance(swap, Swap):
            return
        moves = self.filtered(lambda move: move._can_take_from_hold())
        held = self.browse(swap.hold_ids).exists().move_line_ids if moves else ()
        left = {line: line.quantity_product_uom for line in held}
        parts = []
        for move in moves:
            parts += move._choose_from(left)
        if parts:
            self._pass_on(parts)

    def _can_take_from_hold(self):
        return (
            bool(self.sale_line_id)
            and self.state in ("confirmed", "partially_available")
            and self.procure_method == "make_to_stock"
            and not self.picked
            and not self.move_orig_ids
            and self.location_id.usage in RESERVABLE_USAGES
            and self.product_uom.compare(self.quantity, self.product_uom_qty) < 0
            and not self._should_bypass_reservation()
        )

    def _is_held_for(self, line):
        return (
            line.move_id.hold_line_id == self.sale_line_id
            and line.product_id == self.product_id
            and line.location_id._child_of(self.location_id)
        )

    def _choose_from(self, left):
        """Return as much of what is ``left`` on these move lines as the move still needs, for ``_pass_on``.

        Of what is counted in another unit only whole ones.
        """
        unit = self.product_id.uom_id
        mine = [line for line, quantity in left.items() if quantity > 0 and self._is_held_for(line)]
        there = unit._compute_quantity(
            sum(left[line] for line in mine), self.product_uom, rounding_method="DOWN"
        )
        needed = min(self.product_uom_qty - self.quantity, there)
        wanted = self.product_uom._compute_quantity(needed, unit, rounding_method="HALF-UP")
        parts = []
        for line in mine:
            quantity = min(wanted, left[line])
            if unit.compare(quantity, 0) <= 0:
                break
            parts.append((line, self, quantity))
            left[line] -= quantity
            wanted -= quantity
        return parts

    def _prepare_procurement_qty(self):
        """What is bought or made for an order does not include what is held for it."""
        quantities = super()._prepare_procurement_qty()
        swap = self.env.context.get(SWAPPED)
        if not isinstance(swap, Swap) or "mts_else_mto" not in self.rule_id.mapped("procure_method"):
            return quantities
        held = self.browse(swap.hold_ids).exists().move_line_ids
        return [
            max(quantity - move._held_quantity(held), 0)
            if move.rule_id.procure_method == "mts_else_mto"
            else quantity
            for move, quantity in zip(self, quantities, strict=True)
        ]

    def _held_quantity(self, lines):
        mine = lines.filtered(lambda line: self._is_held_for(line))
        held = sum(mine.mapped("quantity_product_uom"))
        return self.product_id.uom_id._compute_quantity(held, self.product_uom, round=False)

    # ---------------------------------------------------------------- beginning, changing, ending
    @api.model
    def _create_holds(self, vals_list):
        # Set aside from now on, by rank as everything else; Odoo's scheduler looks for the date.
        today = fields.Date.today()
        holds = self.create([{**vals, "reservation_date": today} for vals in vals_list])
        holds._action_confirm(merge=False)
        holds._note_demand_moved()

    def _resize_hold(self, quantity):
        """Hold another quantity of the same; what it has it keeps, as far as it still wants it."""
        surplus = self.quantity - quantity
        self.with_context(do_not_unreserve=True).product_uom_qty = quantity
        for line in self.move_line_ids.sorted("id", reverse=True):
            if self.product_uom.compare(surplus, 0) <= 0:
                break
            less = min(surplus, line.quantity)
            surplus -= less
            if line.quantity <= less:
                line.unlink()
            else:
                line._give_back(less)
        self._recompute_state()

    def _release_holds(self):
        """Give the goods back, to whoever comes next."""
        self._note_demand_moved()
        self._drop_holds()

    def _drop_holds(self):
        if self:
            self._action_cancel()
            self.unlink()

    def _note_demand_moved(self):
        """What is held, or is not any more, may move what others were promised."""
        promising = self.filtered(lambda hold: hold.company_id._promises())
        for warehouse, holds in promising.grouped(lambda hold: hold.location_id.warehouse_id).items():
            self.env["order.promise.recheck"]._note(holds.product_id, warehouse, "looked_again")
