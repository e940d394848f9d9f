from datetime import timedelta

from psycopg2.errors import LockNotAvailable, SerializationFailure

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL
from odoo.tools.misc import formatLang

from .stock_move_allocate import TAKEN_OVER
from .takeover_facts import TakeoverFacts

TAKEOVER_GROUP = "order_processing.group_order_processing_takeover"
LARGE_GROUP = "order_processing.group_order_processing_takeover_large"
UNDO_MINUTES = 15


class OrderTakeover(models.Model):
    """An urgent order has taken what others had set aside: who did it, when, what exactly; was it undone."""

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
        latest = fields.Datetime.now() - timedelta(minutes=UNDO_MINUTES)
        return not self.create_date or self.create_date < latest

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
                    "This takes over goods for %(value)s; up to %(limit)s you may. Ask somebody with the"
                    ' right "Take over any amount".',
                    value=amounts[0],
                    limit=amounts[1],
                )
            )

    @api.model
    def _take(self, order, reason=None, automatic=False, shown=None):
        """Let the order take what it lacks from those that may lose it; return the record, empty for nothing.

        ``shown``: what a person has been shown, as ``{(line id, quantity)}``; he decides on nothing else.
        """
        # sudo: settings; asked again, as much may have changed since somebody opened the question
        if not order.sudo()._may_take():
            raise UserError(order._not_to_take_message())
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
        losing = self.line_ids.loser_move_id.filtered(lambda move: move.reservation_code == TAKEN_OVER)
        losing.write({"reservation_code": False, "reservation_figures": False})
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


def _shown(loss):
    return loss["line"].id, round(loss["quantity"], 6)


class BusyError(UserError):
    """Somebody else holds the stock at this moment."""
