import json

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from ..engine.allocation import Code
from .allocation_facts import AllocationFacts, queue_positions, ranks
from .inside import DECIDED, Ledger
from .stock_quant import LEDGER

_lt = LazyTranslate(__name__)

# Something is free, and nothing of it is for this move: of another owner, or less than its unit can count.
UNFIT = "unfit"
# What it had went to a more urgent order.
TAKEN_OVER = "taken_over"
CODES = [
    (Code.SERVED.value, "Reserved"),
    (Code.PARTLY.value, "Partly reserved"),
    (Code.SHORT.value, "Nothing there"),
    (Code.OUTRANKED.value, "Others go first"),
    (Code.HELD_BACK.value, "Waits to be complete"),
    (UNFIT, "Not what it needs"),
    (TAKEN_OVER, "Taken over"),
]
# Why a move has what it has, in words; figures are in the product's own unit.
REASONS = {
    Code.PARTLY.value: _lt(
        "%(served)s of %(need)s set aside: %(free)s were free, %(ahead)s of them went to others before it."
    ),
    Code.SHORT.value: _lt("Nothing is free."),
    Code.OUTRANKED.value: _lt("%(free)s are free and go to others before it."),
    UNFIT: _lt("%(free)s are free, and none of it is what it needs: the owner, the lot, the unit."),
    TAKEN_OVER: _lt("A more urgent order has taken over what was set aside."),
    Code.HELD_BACK.value: _lt(
        "Shipped complete, and not everything is there: what is free may go to others until it is, or until"
        " the order has waited long enough."
    ),
}


class StockMove(models.Model):
    """Carrying out what the engine decides."""

    _inherit = "stock.move"

    reservation_code = fields.Selection(CODES, "Reservation", copy=False, readonly=True)
    reservation_figures = fields.Json(copy=False, readonly=True)
    reservation_reason = fields.Char(
        "Why", compute="_compute_reservation_reason", help="Why it has the goods it has."
    )
    queue_position = fields.Integer(
        "In the queue",
        compute="_compute_queue_position",
        help="Its place among all that wait for the product; the first gets what comes in first.",
    )

    @api.depends(
        "reservation_code", "reservation_figures", "reservation_pending", "state", "released_by_hand"
    )
    @api.depends_context("lang")
    def _compute_reservation_reason(self):
        for move in self:
            move.reservation_reason = move._reservation_words()

    @api.depends("state", "product_id", "priority")
    def _compute_queue_position(self):
        positions = queue_positions(self.env, self.product_id.ids)
        for move in self:
            move.queue_position = positions.get(move.id, 0)

    def _reservation_words(self):
        if self.state not in ("confirmed", "partially_available", "assigned"):
            return False
        if self.reservation_pending:
            return self.env._("Reserving…")
        if self.released_by_hand and self.state != "assigned":
            return self.env._("Released by hand: it is not reserved again before somebody asks for it.")
        if self.reservation_code not in REASONS or self.state == "assigned":
            return False
        text = self.env._(REASONS[self.reservation_code])
        return text % {key: f"{value:g}" for key, value in (self.reservation_figures or {}).items()}

    def _reservation_note(self):
        """Say of all these moves why not everything is set aside; False where there is nothing to say."""
        waiting = self.filtered(lambda move: move.state in ("confirmed", "partially_available"))
        if waiting and all(move.reservation_pending for move in waiting):
            return self.env._("Reserving…")
        reasons = {
            f"{move.product_id.display_name}: {move.reservation_reason}"
            for move in waiting
            if move.reservation_reason
        }
        return "; ".join(sorted(reasons)) or False

    def _allocation_ranks(self):
        """Return ``{move id: rank}``: who goes first has the smaller."""
        return ranks(self.env, self.ids)

    # ---------------------------------------------------------------- deciding
    def _allocate(self, *, jump=False, collect=False):
        """Reserve for these moves what is left after those before them in rank; return the outcomes.

        The stock of their products is locked. ``jump`` puts them before all others, ``collect`` takes what
        is there although the transfer is shipped complete.
        """
        if not self:
            return {}
        facts = AllocationFacts(
            self.env,
            self.product_id.ids,
            explicit=self.ids,
            jump=jump,
            collect=collect,
            only_before=not jump,
        )
        # What their own transfer, shipped complete, needs besides may be in somebody else's hands just now.
        beside = self.env["product.product"].browse(facts.own_partner_ids())
        locked = self.env["stock.quant"]._lock_for_reservation(beside, self.location_id, wait=False)
        outcomes = facts.decide(unavailable=frozenset((beside - locked).ids))
        own = set(self.ids)
        mine = {move_id: outcome for move_id, outcome in outcomes.items() if move_id in own}
        self.env["stock.move"]._carry_out(facts, mine)
        if any(o.served for move_id, o in outcomes.items() if move_id not in own):
            self._wake_allocator()
        return mine

    # ---------------------------------------------------------------- carrying out
    @api.model
    def _carry_out(self, facts, outcomes):
        """Write what was decided; return those that got nothing although something is free.

        Plain moves are written by us, all in one go; the others by Odoo, which knows of lots, packages,
        units and removal strategies. Those only get to it that have won.
        """
        winners = self.browse(id_ for id_, outcome in outcomes.items() if outcome.served)
        before = {move.id: move.quantity for move in winners}
        held = winners._held_orders()
        goods, strategies = facts.plain_products(), {}
        plain, others = [], []
        for move in winners:
            if held and move.sudo().sale_line_id.order_id in held:  # sudo: only whether it is held
                continue
            outcome = outcomes[move.id]
            lane = plain if self._is_plain(facts, goods, strategies, outcome.demand) else others
            lane.append(outcome)
        self._reserve_plain(facts, sorted(plain, key=lambda o: (o.demand.rank, o.demand.move_id)))
        self._reserve_others(others)
        failed = {move.id for move in winners if not move.quantity > before[move.id]}
        self._note_outcomes(facts, outcomes, failed)
        return failed

    @api.model
    def _is_plain(self, facts, goods, strategies, demand):
        if demand.product_id not in goods or not facts.rows[demand.move_id].plain:
            return False
        key = demand.product_id, demand.place[-1]
        if key not in strategies:
            product = self.env["product.product"].browse(demand.product_id)
            location = self.env["stock.location"].browse(demand.place[-1])
            strategies[key] = self.env["stock.quant"]._get_removal_strategy(product, location)
        return strategies[key] == "fifo"

    @api.model
    def _reserve_others(self, outcomes):
        """Let Odoo reserve for the winners.

        It takes the oldest goods below a move's place, so those bound to the deepest places come first, as
        in the engine; but only those that get all they want, for others would take more than is theirs.
        """
        if not outcomes:
            return
        # preserve_state: Odoo works out the state after each line it writes, and sets it for all at the end.
        context = {"allocation_decided": DECIDED, "preserve_state": True, "mail_notrack": True}
        moves = self.browse(
            outcome.demand.move_id for outcome in sorted(outcomes, key=_deep_and_entirely_served_first)
        ).with_context(**context)
        self._read_together(moves)
        moves._action_assign()
        moves.picking_id.mapped("state")

    @api.model
    def _reserve_plain(self, facts, outcomes):
        if not outcomes:
            return
        # mail_notrack: "Waiting → Ready" in the chatter of every transfer costs more than the reservation;
        # the order's own timeline says it.
        moves = self.browse(o.demand.move_id for o in outcomes).with_context(mail_notrack=True)
        self._read_together(moves)
        places = {supply.quant_id: supply.place[-1] for supply in facts.quants}
        booked, vals_list = {}, []
        for move, outcome in zip(moves, outcomes, strict=True):
            by_place = {}
            for quant_id, amount in outcome.takes:
                booked[quant_id] = booked.get(quant_id, 0) + amount
                by_place[places[quant_id]] = by_place.get(places[quant_id], 0) + amount
            vals_list += [
                {**move._prepare_move_line_vals(quantity=amount / facts.scale), "location_id": location_id}
                for location_id, amount in by_place.items()
            ]
        ledger = Ledger()
        lines = self.env["stock.move.line"].with_context(mail_notrack=True, **{LEDGER: ledger})
        lines = lines.create(vals_list).with_context(**{LEDGER: None})
        self._book(ledger, {id_: amount / facts.scale for id_, amount in booked.items()})
        moves.picking_id._check_entire_pack()
        lines._apply_putaway_strategy()
        lines._auto_wave()
        # Computed here, where the context still says not to write it into every chatter.
        moves.picking_id.mapped("state")

    @api.model
    def _read_together(self, moves):
        """Fetch at once what writing the lines reads of each."""
        moves.fetch(
            [
                "product_id",
                "product_uom",
                "location_id",
                "location_dest_id",
                "picking_id",
                "company_id",
                "picked",
                "state",
            ]
        )
        moves.picking_id.fetch(["state", "picking_type_id", "company_id"])

    @api.model
    def _book(self, ledger, booked):
        """Add what was decided to the quants' reservations, in one statement."""
        self.env["stock.quant"].flush_model(["reserved_quantity"])
        self.env.cr.execute(
            """UPDATE stock_quant q
                  SET reserved_quantity = COALESCE(q.reserved_quantity, 0) + d.quantity,
                      write_uid = %s, write_date = now() AT TIME ZONE 'UTC'
                 FROM unnest(%s::int[], %s::numeric[]) AS d (id, quantity) WHERE q.id = d.id
            RETURNING q.id, q.product_id, q.location_id, d.quantity""",
            [self.env.uid, list(booked), list(booked.values())],
        )
        for _quant_id, product_id, location_id, quantity in self.env.cr.fetchall():
            key = (product_id, location_id, False, False, False)
            ledger.noted[key] = ledger.noted.get(key, 0.0) - float(quantity)
        quants = self.env["stock.quant"].browse(booked)
        quants.invalidate_recordset(["reserved_quantity", "available_quantity"])
        self._book_the_rest(ledger)

    @api.model
    def _book_the_rest(self, ledger):
        """Another addon has written other lines than we asked for: the quants follow the lines."""
        Quant = self.env["stock.quant"].sudo()  # sudo: as Odoo does; people reserve, they need not see quants
        for (product_id, location_id, lot_id, package_id, owner_id), quantity in ledger.noted.items():
            product = self.env["product.product"].browse(product_id)
            if not product.uom_id.is_zero(quantity):
                Quant._update_reserved_quantity(
                    product,
                    self.env["stock.location"].browse(location_id),
                    quantity,
                    lot_id=self.env["stock.lot"].browse(lot_id or ()),
                    package_id=self.env["stock.package"].browse(package_id or ()),
                    owner_id=self.env["res.partner"].browse(owner_id or ()),
                )

    # ---------------------------------------------------------------- keeping the reason
    @api.model
    def _note_outcomes(self, facts, outcomes, failed=()):
        """Store why each got what it got, and that it was looked at."""
        rows = facts.rows
        seen = self.browse(id_ for id_ in outcomes if rows[id_].pending or rows[id_].asked)
        if seen:
            # sudo: that it was looked at follows from reserving
            seen.sudo().write({"reservation_pending": False, "reservation_asked": False})
        codes = {id_: UNFIT if id_ in failed else outcome.code.value for id_, outcome in outcomes.items()}
        news = [
            (id_, codes[id_], _figures(outcome, facts.scale))
            for id_, outcome in outcomes.items()
            if codes[id_] != rows[id_].code or outcome.code in (Code.PARTLY, Code.OUTRANKED)
        ]
        if not news:
            return
        self.env.cr.execute(
            SQL(
                """UPDATE stock_move m SET reservation_code = d.code, reservation_figures = d.figures::jsonb
                     FROM unnest(%s::int[], %s::text[], %s::text[]) AS d (id, code, figures)
                    WHERE m.id = d.id AND (m.reservation_code IS DISTINCT FROM d.code
                                           OR m.reservation_figures IS DISTINCT FROM d.figures::jsonb)""",
                *map(list, zip(*news, strict=True)),
            )
        )
        moves = self.browse(id_ for id_, _code, _figures in news)
        moves.invalidate_recordset(["reservation_code", "reservation_figures"], flush=False)


def _deep_and_entirely_served_first(outcome):
    demand = outcome.demand
    if outcome.served == demand.need:
        return (0, -len(demand.place), demand.rank, demand.move_id)
    return (1, 0, demand.rank, demand.move_id)


def _figures(outcome, scale):
    figures = {
        "need": outcome.demand.need,
        "served": outcome.served,
        "free": outcome.free,
        "ahead": outcome.ahead,
    }
    return json.dumps({name: units / scale for name, units in figures.items()})
