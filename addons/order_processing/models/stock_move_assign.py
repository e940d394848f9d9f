from odoo import api, fields, models

from .inside import ASKED, DECIDED, JUMPING
from .stock_quant import RESERVABLE_USAGES

BY_RANK = ("at_once", "queued")
FREED = "order_processing.freed_stock"
WOKEN = "order_processing.allocator_woken"


class StockMove(models.Model):
    """Reservation: never more than is there, and by rank where the company says so.

    Everything that reserves in Odoo goes through ``_action_assign``. Moves of companies that reserve as Odoo
    does, and all that follow another move, are only locked first. The others get what is free after those
    before them in rank; who does not get the lock at once is left to the allocator, and nobody waits.
    """

    _inherit = "stock.move"

    reservation_pending = fields.Boolean(
        "Being reserved", copy=False, readonly=True, help="The allocator has not looked at it yet."
    )
    released_by_hand = fields.Boolean(
        copy=False,
        readonly=True,
        help="Somebody released its goods: they are not set aside again before somebody asks for it.",
    )

    reservation_asked = fields.Selection(
        [("asked", "Asked for"), ("first", "Out of turn")],
        copy=False,
        readonly=True,
        help="Somebody has asked for the goods while others held them; the allocator sees to it.",
    )

    _reservation_pending = models.Index("(id) WHERE reservation_pending")

    # ---------------------------------------------------------------- Odoo's way in
    def _action_assign(self, force_qty=False):
        self._take_from_holds()
        ranked = self.browse() if force_qty else self._to_allocate()
        others = self - ranked
        result = None
        if others or not ranked:
            reserving = others.filtered(lambda move: not move._should_bypass_reservation())
            self.env["stock.quant"]._lock_for_reservation(reserving.product_id, reserving.location_id)
            result = super(StockMove, others)._action_assign(force_qty=force_qty)
        if ranked:
            ranked._allocate_now()
        return result

    def _action_done(self, cancel_backorder=False):
        # All at once, in the order of ids, before anything is read: two transfers with the same goods in
        # different order would wait for each other for ever; so would two receipts, each with the record it
        # has booked on, when what comes in is reserved in the same transaction.
        lines = self.move_line_ids
        places = self.location_id | self.location_dest_id | lines.location_id | lines.location_dest_id
        self.env["stock.quant"]._lock_for_reservation(self.product_id, places)
        return super()._action_done(cancel_backorder=cancel_backorder)

    def _action_confirm(self, merge=True, merge_into=False, create_proc=True):
        moves = super()._action_confirm(merge=merge, merge_into=merge_into, create_proc=create_proc)
        moves._take_from_holds()
        queued = moves.filtered(
            lambda move: move.company_id.reservation_mode == "queued" and move._reserves_now()
        )
        queued._to_allocate()._leave_to_allocator()
        return moves

    def _should_assign_at_confirm(self):
        # Queued: the allocator does it, a moment later.
        if self.company_id.reservation_mode == "queued" and self._to_allocate():
            return False
        return super()._should_assign_at_confirm()

    def _reserves_now(self):
        """Odoo would reserve it on confirmation, or today."""
        due = self.reservation_date and self.reservation_date <= fields.Date.today()
        return self.picking_type_id.reservation_method == "at_confirm" or bool(due)

    def _trigger_assign(self):
        """Goods have come in: the first in rank gets them, not whoever is found first."""
        unranked = self.filtered(lambda move: move.company_id.reservation_mode not in BY_RANK)
        return super(StockMove, unranked)._trigger_assign()

    def _update_orderpoints(self):
        """Mark the reordering rules once for each product and warehouse, not once for each move."""
        one_each = {
            (
                move.product_id.id,
                move.location_id.warehouse_id.id,
                move.location_dest_id.warehouse_id.id,
            ): move.id
            for move in self
        }
        return super(StockMove, self.browse(one_each.values()))._update_orderpoints()

    # ---------------------------------------------------------------- by rank
    def _to_allocate(self):
        """Return those of the moves that are served by rank."""
        if self.env.context.get("allocation_decided") is DECIDED:
            return self.browse()
        return self.filtered(
            lambda move: move.company_id.reservation_mode in BY_RANK
            and move.state in ("confirmed", "partially_available")
            and move.procure_method == "make_to_stock"
            and not move.picked
            and not move.move_orig_ids
            and not move._should_bypass_reservation()
            and move.product_uom.compare(move.quantity, move.product_uom_qty) < 0
        )

    def _allocate_now(self):
        """Give these moves what is free after those before them, without waiting for anybody."""
        asked = self.env.context.get("explicit_reservation")
        # sudo: follows from asking for the goods
        self.sudo().filtered("released_by_hand").write({"released_by_hand": False})
        locked = self.env["stock.quant"]._lock_for_reservation(self.product_id, self.location_id, wait=False)
        ready = self.filtered(lambda move: move.product_id in locked)
        busy = self - ready
        if asked in (ASKED, JUMPING):
            busy.sudo().write(
                {"reservation_asked": "first" if asked is JUMPING else "asked"}
            )  # sudo: see above
        busy._leave_to_allocator()
        ready._allocate(collect=asked in (ASKED, JUMPING), jump=asked is JUMPING)

    def _leave_to_allocator(self):
        if not self:
            return
        # sudo: that it is being reserved follows from confirming it
        self.sudo().write({"reservation_pending": True, "released_by_hand": False})
        self._wake_allocator()

    def _note_released_by_hand(self):
        """A person has released these: the allocator does not give the goods back to them at once."""
        # sudo: follows from releasing them
        self._to_allocate().sudo().write(
            {"released_by_hand": True, "reservation_pending": False, "reservation_asked": False}
        )

    @api.model
    def _follow_reservation_mode(self, companies, mode):
        """Reserving as Odoo does, nothing waits for the allocator any more; else it has work now."""
        if mode in BY_RANK:
            self._wake_allocator()
            return
        # sudo: the switch concerns all moves of the company
        marked = self.sudo().search(
            [
                ("company_id", "in", companies.ids),
                ("state", "in", ("confirmed", "partially_available")),
                *("|", "|", "|"),
                ("reservation_pending", "=", True),
                ("released_by_hand", "=", True),
                ("reservation_asked", "!=", False),
                ("reservation_code", "!=", False),
            ]
        )
        marked.write(
            {
                "reservation_pending": False,
                "released_by_hand": False,
                "reservation_asked": False,
                "reservation_code": False,
            }
        )

    # ---------------------------------------------------------------- waking the allocator
    @api.model
    def _wake_allocator(self):
        """Let the allocator run as soon as this transaction is committed; once is enough."""
        data = self.env.cr.precommit.data
        if not data.get(WOKEN):
            data[WOKEN] = True
            # sudo: whoever frees goods need not know of scheduled actions
            cron = self.env.ref("order_processing.ir_cron_allocate", raise_if_not_found=False)
            if cron:
                cron.sudo()._trigger()

    @api.model
    def _note_freed(self, product, location):
        """Remember that some of it may be free now; at the end it is seen whether somebody waits for it."""
        company = location.sudo().company_id  # sudo: only its way of reserving
        if company and company.reservation_mode not in BY_RANK:
            return
        data = self.env.cr.precommit.data
        if FREED not in data:
            data[FREED] = set()
            self.env.cr.precommit.add(self.sudo()._wake_if_somebody_waits)
        data[FREED].add(product.id)

    @api.model
    def _wake_if_somebody_waits(self):
        product_ids = self.env.cr.precommit.data.pop(FREED, None)
        if not product_ids:
            return
        waiting = [
            ("product_id", "in", list(product_ids)),
            ("state", "in", ("confirmed", "partially_available")),
            ("company_id.reservation_mode", "in", BY_RANK),
            ("location_id.usage", "in", RESERVABLE_USAGES),
        ]
        if self.search_count(waiting, limit=1):
            self._wake_allocator()
