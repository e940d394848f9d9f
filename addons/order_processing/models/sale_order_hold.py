import logging
from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_datetime

from .sale_order_review import HELD_STATES, QUOTATION_STATES

_logger = logging.getLogger(__name__)
# Held by hand where nothing is set up.
HOURS_BY_HAND = 24


class SaleOrder(models.Model):
    """Stock held while an order is in review or a quotation is open."""

    _inherit = "sale.order"

    hold_until = fields.Datetime(
        "Stock held until",
        copy=False,
        readonly=True,
        index="btree_not_null",
        groups="base.group_user",
        help="Until then the goods are set aside for this quotation.",
    )
    hold_since = fields.Datetime(
        "Stock first held on",
        copy=False,
        readonly=True,
        groups="base.group_user",
        help="From then on the time counts for which salespeople may hold stock for it.",
    )
    hold_note = fields.Char("Held", compute="_compute_hold_note", compute_sudo=True, groups="base.group_user")

    # ---------------------------------------------------------------- in words
    # Not on what the holds have: for every move that is reserved it would be asked whether it is one.
    @api.depends("hold_until", "order_line.product_uom_qty", "order_line.product_id")
    @api.depends_context("lang", "tz")
    def _compute_hold_note(self):
        for order in self:
            holds = order.order_line.hold_move_ids if order._is_holding() else None
            order.hold_note = order._hold_words(holds) if holds else False

    def _hold_words(self, holds):
        until = format_datetime(self.env, self.hold_until)
        missing = [
            self.env._(
                "%(held)s of %(wanted)s %(product)s",
                held=f"{hold.quantity:g}",
                wanted=f"{hold.product_uom_qty:g}",
                product=hold.product_id.display_name,
            )
            for hold in holds
            if hold.product_uom.compare(hold.quantity, hold.product_uom_qty) < 0
        ]
        if not missing:
            return self.env._("Everything is set aside until %s.", until)
        return self.env._(
            "Set aside until %(until)s as far as it is there: %(goods)s.",
            until=until,
            goods="; ".join(missing),
        )

    def _held_name(self):
        return self.env._(
            "%(order)s, held until %(until)s",
            order=self.name,
            until=format_datetime(self.env, self.hold_until) if self.hold_until else "–",
        )

    # ---------------------------------------------------------------- how long
    def _hold_hours(self, kind):
        """Return for how many hours stock is held of a ``quotation`` or in ``review``; 0 is not at all."""
        order = self.sudo()  # sudo: settings
        settings = order.channel_id or order.company_id
        return settings[f"hold_{kind}_hours"]

    def _is_holding(self):
        return bool(self.hold_until) and self.hold_until > fields.Datetime.now()

    def _holding_orders(self):
        """Return the quotations among these for which stock is held now."""
        orders = self.sudo()  # sudo: that it is held is not for everybody to read
        return orders.filtered(lambda order: order.state in QUOTATION_STATES and order.hold_until).with_env(
            self.env
        )

    # ---------------------------------------------------------------- beginning and ending
    def _begin_hold(self, kind, by_hand=False):
        """Hold the goods of these quotations for the time that is set for their channel."""
        now = fields.Datetime.now()
        begun = self.browse()
        for order in self.sudo():  # sudo: guarded field, settings
            hours = order._hold_hours(kind) or (HOURS_BY_HAND if by_hand else 0)
            until = order._hold_end(kind, now + timedelta(hours=hours), by_hand)
            if hours <= 0 or until <= now or (order.hold_until and order.hold_until > until):
                continue
            if order.order_line._wanted_holds():
                order.write({"hold_until": until, "hold_since": order.hold_since or now})
                begun |= order
        begun._sync_holds()
        begun.with_user(self.env.user)._log_hold("stock_held")

    def _hold_end(self, kind, wanted, by_hand):
        """Return until when stock is held at most; who holds it again and again keeps it from all others."""
        ends = [wanted]
        if kind == "quotation" and self.validity_date:
            ends.append(datetime.combine(self.validity_date + timedelta(days=1), time.min))
        if (kind == "quotation" or by_hand) and not self._may_hold_longer():
            first = self.hold_since or fields.Datetime.now()
            ends.append(first + timedelta(hours=self.company_id.hold_longest_hours))
        return min(ends)

    def _may_hold_longer(self):
        return self.env.user.has_group("sales_team.group_sale_manager")

    def _log_hold(self, kind):
        # A quotation that was never handed in has no timeline.
        told = self.sudo().filtered("submitted_at")  # sudo: whoever acts, it is noted
        data = {order.id: {"until": fields.Datetime.to_string(order.hold_until)} for order in told}
        self.env["order.event"]._log(told.with_env(self.env), kind, data)

    def _end_hold(self):
        """Give back what is held; what somebody else is at just now goes back a moment later."""
        orders = self.sudo().filtered("hold_until")  # sudo: follows from what ends it
        if not orders:
            return
        holds = orders.order_line.hold_move_ids
        ours = holds._lock_holds()
        ours._release_holds()
        orders.write({"hold_until": False})
        if ours != holds:
            self._wake_hold_clock()

    def _shorten_hold(self):
        """A quotation that is valid for a shorter time holds its goods no longer than that."""
        for order in self.sudo().filtered(lambda order: not order.submitted_at):  # sudo: guarded field
            until = order._hold_end("quotation", order.hold_until, by_hand=False)
            if until < order.hold_until:
                order.hold_until = until
                order._sync_holds() if order._is_holding() else order._end_hold()

    def _sync_holds(self):
        """Make what is held what the orders want now, keeping what is set aside already."""
        orders = self.sudo()  # sudo: salespeople need not see moves
        wanted = orders.filtered(lambda order: order._is_holding()).order_line._wanted_holds()
        holds = orders.order_line.hold_move_ids
        ours = holds._lock_holds()
        stale, grown = ours.browse(), ours.browse()
        for hold in holds:
            key = hold.hold_line_id.id, hold.product_id.id, hold.location_id.id
            quantity = wanted.pop(key, 0)
            if hold not in ours:
                continue  # somebody is at it: the scheduled action makes it right
            if not quantity:
                stale |= hold
                continue
            if hold.hold_until != hold.hold_line_id.order_id.hold_until:
                hold.hold_until = hold.hold_line_id.order_id.hold_until
            change = hold.product_uom.compare(quantity, hold.product_uom_qty)
            if change:
                hold._resize_hold(quantity)
            grown |= hold if change > 0 else hold.browse()
        stale._release_holds()
        grown._action_assign()
        self.env["stock.move"].sudo()._create_holds(  # sudo: see above
            [
                orders.order_line.browse(line_id)._prepare_hold_vals(product_id, location_id, quantity)
                for (line_id, product_id, location_id), quantity in wanted.items()
            ]
        )
        if ours != holds:
            self._wake_hold_clock()

    # ---------------------------------------------------------------- by what happens to the order
    def write(self, vals):
        result = super().write(vals)
        state = vals.get("state")
        if state == "sent":
            open_ = self.sudo().filtered(lambda order: not order.submitted_at and not order.hold_until)
            open_.with_env(self.env)._begin_hold("quotation")
        elif state == "sale":
            # The goods have passed to the moves of the order, or will in a moment.
            held = self.sudo().filtered("hold_until")  # sudo: guarded field
            held.write({"hold_until": False})
        elif "validity_date" in vals:
            self._holding_orders()._shorten_hold()
        elif "warehouse_id" in vals or "partner_shipping_id" in vals or "commitment_date" in vals:
            self._holding_orders()._sync_holds()
        return result

    def _hold(self, findings, holding):
        news = self.filtered(lambda order: order.review_state not in HELD_STATES)
        result = super()._hold(findings, holding)
        waiting = news.filtered(lambda order: order.review_state == "pending" and order._hold_hours("review"))
        if waiting:
            waiting._begin_review_hold()
        self.filtered(lambda order: order.review_state == "refused")._end_hold()
        return result

    def _begin_review_hold(self):
        """Hold the goods; what the customer has just signed or paid is never lost for it."""
        try:
            with self.env.cr.savepoint():
                self._begin_hold("review")
        except UserError:
            _logger.exception("Stock could not be held for the orders %s", self.ids)

    def _close_review(self, review_state, reason):
        result = super()._close_review(review_state, reason)
        if review_state == "refused":
            self._end_hold()
        return result

    def _forget_clearance(self, state):
        result = super()._forget_clearance(state)
        self._end_hold()
        return result

    def unlink(self):
        self._end_hold()
        return super().unlink()

    # ---------------------------------------------------------------- by hand
    def action_hold_stock(self):
        """Hold the goods, for the time of the channel or for a day where none is set."""
        self._check_may_hold()
        if self.filtered(
            lambda order: order.state not in QUOTATION_STATES or order.review_state == "refused"
        ):
            raise UserError(self.env._("Stock is held for open quotations and for orders under review."))
        for kind, orders in self.grouped(lambda o: "review" if o.submitted_at else "quotation").items():
            orders._check_not_held_long_enough(kind)
            orders._begin_hold(kind, by_hand=True)
        return True

    def _check_not_held_long_enough(self, kind):
        now = fields.Datetime.now()
        for order in self.sudo():  # sudo: company settings
            if order._hold_end(kind, now + timedelta(hours=1), by_hand=True) <= now:
                raise UserError(
                    self.env._(
                        "%(order)s is not valid any more, or has held stock for %(hours)s hours already. Only"
                        " a sales manager may hold it longer.",
                        order=order.name,
                        hours=order.company_id.hold_longest_hours,
                    )
                )

    def action_release_stock(self):
        """Give back what is held for these quotations."""
        self._check_may_hold()
        self._log_hold("hold_released")
        self._end_hold()
        return True

    def _check_may_hold(self):
        if not self.env.user.has_group("sales_team.group_sale_salesman"):
            raise AccessError(self.env._("Only salespeople hold stock for a quotation, or release it."))
        self.check_access("write")
