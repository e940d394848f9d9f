from collections import defaultdict
from datetime import timedelta

from psycopg2.errors import LockNotAvailable, SerializationFailure

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL
from odoo.tools.misc import formatLang

from .stock_move_allocate import TAKEN_OVER
from .takeover_facts import BEGUN, TakeoverFacts

TAKEOVER_GROUP = "order_processing.group_order_processing_takeover"
LARGE_GROUP = "order_processing.group_order_processing_takeover_large"
UNDO_MINUTES = 15


class OrderTakeover(models.Model):
    """An urgent order has taken what others had set aside: who, when, what exactly, and whether it was undone."""

    _name = "order.takeover"
    _description = "Take-over of Stock"
    _order = "id desc"
    _rec_name = "winner_name"

    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True, ondelete="cascade")
    winner_order_id = fields.Many2one(
        "sale.order", "Urgent order", index="btree_not_null", readonly=True, ondelete="set null"
    )
    winner_name = fields.Char("Taken for", readonly=True)
    user_id = fields.Many2one("res.users", "By", readonly=True, ondelete="set null")
    automatic = fields.Boolean(readonly=True, help="By the policy of the company, and by nobody in person.")
    reason = fields.Char(readonly=True)
    state = fields.Selection(
        [("done", "Done"), ("undone", "Undone")], required=True, readonly=True, default="done"
    )
    undone_at = fields.Datetime(readonly=True)
    undone_by_id = fields.Many2one("res.users", "Undone by", readonly=True, ondelete="set null")
    line_ids = fields.One2many("order.takeover.line", "takeover_id", readonly=True)
    losers = fields.Char("Taken from", compute="_compute_losers")
    currency_id = fields.Many2one(related="company_id.currency_id")
    value = fields.Monetary(readonly=True, help="What the goods are sold for, without taxes.")
    can_undo = fields.Boolean(compute="_compute_can_undo")

    @api.depends("line_ids.loser_name")
    def _compute_losers(self):
        for takeover in self:
            takeover.losers = ", ".join(dict.fromkeys(takeover.line_ids.mapped("loser_name")))

    @api.depends("state", "create_date")
    @api.depends_context("uid")
    def _compute_can_undo(self):
        may = self.env.user.has_group(TAKEOVER_GROUP)
        for takeover in self:
            takeover.can_undo = may and takeover.state == "done" and not takeover._is_too_old()

    def _is_too_old(self):
        return not self.create_date or self.create_date < fields.Datetime.now() - timedelta(
            minutes=UNDO_MINUTES
        )

    # ---------------------------------------------------------------- taking
    @api.model
    def _check_may_take_over(self):
        if not self.env.user.has_group(TAKEOVER_GROUP):
            raise AccessError(
                self.env._(
                    'To take over what others have set aside you need the right "Take over reservations".'
                )
            )

    @api.model
    def _check_value(self, company, value):
        limit = company.sudo().takeover_value_limit  # sudo: company settings
        if not limit or self.env.user.has_group(LARGE_GROUP):
            return
        if company.currency_id.compare_amounts(value, limit) > 0:
            amounts = [
                formatLang(self.env, amount, currency_obj=company.currency_id) for amount in (value, limit)
            ]
            raise AccessError(
                self.env._(
                    "This takes over goods for %(value)s; up to %(limit)s you may. Ask somebody with the right"
                    ' "Take over any amount".',
                    value=amounts[0],
                    limit=amounts[1],
                )
            )

    @api.model
    def _take(self, order, reason=None, automatic=False, shown=None):
        """Let the order take what it lacks from those that may lose it; return the record, empty for nothing.

        ``shown``: what a person has been shown, as ``{(line id, quantity)}``; nobody decides on anything else.
        """
        facts = TakeoverFacts(order)
        decision = facts.decide()
        losses = facts.losses(decision)
        if shown is not None and shown != {_shown(loss) for loss in losses}:
            raise UserError(self.env._("Something has changed meanwhile. Look at it again."))
        if not losses:
            return self.browse()
        value = sum(loss["value"] for loss in losses)
        if not automatic:
            self._check_value(order.company_id, value)
        self._lock_all(facts.moves, self.env["stock.move.line"].union(*(loss["line"] for loss in losses)))
        # sudo: written here only, after the rights have been checked
        takeover = self.sudo().create(self._prepare_takeover_vals(order, losses, value, reason, automatic))
        facts.env["stock.move"]._pass_on(
            [(loss["line"], loss["winner_move"], loss["quantity"]) for loss in losses]
        )
        takeover._after_taking()
        return takeover.with_env(self.env)

    def _prepare_takeover_vals(self, order, losses, value, reason, automatic):
        return {
            "company_id": order.company_id.id,
            "winner_order_id": order.id,
            "winner_name": order.name,
            "user_id": False if automatic else self.env.uid,
            "automatic": automatic,
            "reason": reason,
            "value": value,
            "line_ids": [
                fields.Command.create(
                    {
                        "loser_order_id": loss["order"].id,
                        "loser_name": loss["order"].name,
                        "loser_move_id": loss["line"].move_id.id,
                        "winner_move_id": loss["winner_move"].id,
                        "product_id": loss["line"].product_id.id,
                        "quantity": loss["quantity"],
                        "location_id": loss["line"].location_id.id,
                        "lot_id": loss["line"].lot_id.id,
                        "package_id": loss["line"].package_id.id,
                        "owner_id": loss["line"].owner_id.id,
                        "promise_before": loss["promise"],
                    }
                )
                for loss in losses
            ],
        }

    def _after_taking(self):
        """Say it on all the orders, look at their promises again, and let the losers wait for what comes."""
        losers, winner = self.line_ids.loser_order_id, self.winner_order_id
        moves = self.line_ids.loser_move_id
        moves.write({"reservation_code": TAKEN_OVER, "reservation_figures": False})
        self._log_all("takeover_won", "takeover_lost")
        losers.filtered(lambda order: order.state == "sale")._promise_again("taken_over", source=winner)
        winner._promise_again("urgent_order")
        moves._wake_allocator()

    def _log_all(self, won, lost):
        Event = self.env["order.event"].with_user(self.user_id or self.env.user)
        told = {"reason": self.reason or "", "others": self.line_ids.mapped("loser_name")}
        told["others"] = list(dict.fromkeys(told["others"]))
        Event._log(self.winner_order_id, won, {**told, "goods": self.line_ids._goods()})
        for order, lines in self.line_ids.grouped("loser_order_id").items():
            if order.submitted_at:
                figures = {"reason": self.reason or "", "others": [self.winner_name], "goods": lines._goods()}
                Event._log(order, lost, figures)

    # ---------------------------------------------------------------- locks
    @api.model
    def _lock_all(self, moves, lines):
        """Lock the stock and the lines in question; who does not get them at once is told so."""
        products, places = lines.product_id, moves.location_id | lines.location_id
        try:
            locked = self.env["stock.quant"]._lock_for_reservation(products, places, wait=False)
            self.env.flush_all()
            with self.env.cr.savepoint(flush=False):
                for records in (lines.picking_id | moves.picking_id, lines.move_id | moves, lines):
                    query = SQL(
                        "SELECT id FROM %s WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE NOWAIT",
                        SQL.identifier(records._table),
                        records.ids,
                    )
                    self.env.cr.execute(query, log_exceptions=False)
        except (LockNotAvailable, SerializationFailure):
            locked = products.browse()
        if products - locked:
            raise BusyError(self.env._("Somebody else is at these goods just now. Try again in a moment."))

    # ---------------------------------------------------------------- undoing
    def action_undo(self):
        """Give everything back as it was, within a quarter of an hour."""
        self._check_may_take_over()
        self.check_access("read")
        for takeover in self.sudo():  # sudo: the right was checked; moves are not for everybody to write
            takeover._undo()
        return True

    def _undo(self):
        self._check_can_undo()
        parts = self.line_ids._find_what_was_taken()
        lines = self.env["stock.move.line"].union(*(line for line, _move, _quantity in parts))
        self._lock_all(self.line_ids.loser_move_id, lines)
        self.env["stock.move"]._pass_on(parts)
        self.write({"state": "undone", "undone_at": fields.Datetime.now(), "undone_by_id": self.env.uid})
        self._log_all("takeover_won_undone", "takeover_lost_undone")
        losers = self.line_ids.loser_order_id.filtered(lambda order: order.state == "sale")
        losers._promise_again("taken_back", source=self.winner_order_id)
        self.winner_order_id._promise_again("looked_again")
        self.line_ids.winner_move_id._wake_allocator()

    def _check_can_undo(self):
        if self.state != "done":
            raise UserError(self.env._("This take-over was undone already."))
        if self._is_too_old():
            raise UserError(
                self.env._("A take-over can be undone for %s minutes; they are over.", UNDO_MINUTES)
            )


class OrderTakeoverLine(models.Model):
    """What one order lost, with what is needed to give it back: the place, the lot, the package, the owner."""

    _name = "order.takeover.line"
    _description = "Taken-over Goods"
    _order = "id"

    takeover_id = fields.Many2one(
        "order.takeover", required=True, index=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="takeover_id.company_id", store=True, index=True)
    loser_order_id = fields.Many2one(
        "sale.order", "Order", index="btree_not_null", readonly=True, ondelete="set null"
    )
    loser_name = fields.Char("Taken from", readonly=True)
    loser_move_id = fields.Many2one("stock.move", readonly=True, index="btree_not_null", ondelete="set null")
    winner_move_id = fields.Many2one("stock.move", readonly=True, index="btree_not_null", ondelete="set null")
    product_id = fields.Many2one("product.product", required=True, readonly=True, ondelete="cascade")
    quantity = fields.Float(digits="Product Unit", readonly=True, help="In the product's own unit.")
    location_id = fields.Many2one("stock.location", readonly=True, ondelete="cascade")
    lot_id = fields.Many2one("stock.lot", readonly=True, ondelete="cascade")
    package_id = fields.Many2one("stock.package", readonly=True, ondelete="cascade")
    owner_id = fields.Many2one("res.partner", readonly=True, ondelete="cascade")
    promise_before = fields.Datetime("Was promised for", readonly=True)
    promise_now = fields.Datetime(related="loser_order_id.promise_date", string="Promised for now")

    def _goods(self):
        goods = defaultdict(float)
        for line in self:
            goods[line.product_id.display_name] += line.quantity
        return [[quantity, name] for name, quantity in goods.items()]

    def _find_what_was_taken(self):
        """Return where the goods are now, as ``_pass_on`` wants it; raise where they cannot go back."""
        taken = defaultdict(float)  # several lines may have taken from one
        wanted = defaultdict(float)
        parts = []
        for line in self:
            line._check_movable(wanted)
            left = line.quantity
            for there in line.winner_move_id.move_line_ids.filtered(line._is_same_goods):
                quantity = min(left, there.quantity_product_uom - taken[there])
                if line.product_id.uom_id.compare(quantity, 0) > 0:
                    parts.append((there, line.loser_move_id, quantity))
                    taken[there] += quantity
                    left -= quantity
            if line.product_id.uom_id.compare(left, 0) > 0:
                line._refuse(
                    self.env._("%(order)s has not got it any more.", order=line.takeover_id.winner_name)
                )
        return parts

    def _is_same_goods(self, there):
        return not there.picked and (there.location_id, there.lot_id, there.package_id, there.owner_id) == (
            self.location_id,
            self.lot_id,
            self.package_id,
            self.owner_id,
        )

    def _check_movable(self, wanted):
        winner, loser = self.winner_move_id, self.loser_move_id
        transfer = winner.picking_id
        if not winner or winner.state in ("done", "cancel"):
            self._refuse(self.env._("%s has shipped it, or is cancelled.", self.takeover_id.winner_name))
        if (
            any(transfer.move_line_ids.mapped("picked"))
            or transfer.printed
            or transfer.batch_id.state in BEGUN
        ):
            self._refuse(self.env._("%s is being picked.", self.takeover_id.winner_name))
        if not loser or loser.state in ("done", "cancel"):
            self._refuse(self.env._("%s does not want it any more.", self.loser_name))
        open_ = loser.product_uom._compute_quantity(
            loser.product_uom_qty - loser.quantity, loser.product_id.uom_id, rounding_method="HALF-UP"
        )
        wanted[loser] += self.quantity
        if self.product_id.uom_id.compare(wanted[loser], open_) > 0:
            self._refuse(self.env._("%s has got others meanwhile, or wants fewer now.", self.loser_name))

    def _refuse(self, why):
        raise UserError(
            self.env._("%(product)s cannot go back: %(why)s", product=self.product_id.display_name, why=why)
        )


def _shown(loss):
    return loss["line"].id, round(loss["quantity"], 6)


class BusyError(UserError):
    """Somebody else holds the stock at this moment."""
