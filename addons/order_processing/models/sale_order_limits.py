from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools.misc import formatLang

# What makes a confirmed order another order, beside its lines.
TERMS = ("partner_id", "partner_shipping_id", "pricelist_id", "currency_id")


class SaleOrder(models.Model):
    """Who may change, cancel and delete an order, and up to what amount.

    Odoo lets whoever ships or invoices write any order. Where review is enforced and the company
    wants limits, a confirmed order is changed and cancelled by salespeople only, until something of
    it has gone and up to an amount; from then on by sales managers. The system itself (portal, web
    shop, scheduled actions: sudo) has no limits; what a person may ask of it is checked there.
    """

    _inherit = "sale.order"

    def write(self, vals):
        if vals.get("state", "sale") != "sale":
            self._check_may_cancel()
        elif self._changes_terms(vals):
            self._check_may_change()
        return super().write(vals)

    def _action_cancel(self):
        self._check_may_cancel()  # before the transfers are cancelled: a picked one would look untouched
        # sudo: company settings
        if any(order.state == "sale" and order.company_id.review_mode == "enforce" for order in self.sudo()):
            # sudo: the right to cancel is decided here; Odoo would ask for one to read purchases, too
            self.check_access("write")
            return super(SaleOrder, self.sudo())._action_cancel()
        return super()._action_cancel()

    def _create_invoices(self, grouped=False, final=False, date=None):
        moves = super()._create_invoices(grouped=grouped, final=final, date=date)
        if not self.env.su:  # Odoo makes the credit note with sudo, whoever asked for it
            moves._check_refund_limit_of(self.env.user)
        return moves

    @api.ondelete(at_uninstall=False)
    def _unlink_except_by_managers(self):
        # Odoo's access rights say the same today; here it is a rule of ours and not of a table.
        if not self.env.su and not self._is_sales_manager():
            raise AccessError(self.env._("Only sales managers delete orders. Cancel it instead."))

    def unlink(self):
        self.env["order.event"]._log(self.filtered("submitted_at"), "deleted")
        return super().unlink()

    def _changes_terms(self, vals):
        terms = [name for name in TERMS if name in vals]
        return bool(terms) and any(order[name].id != vals[name] for order in self for name in terms)

    # ---------------------------------------------------------------- whom limits concern
    def _is_sales_manager(self):
        return self.env.user.has_group("sales_team.group_sale_manager")

    def _limited(self):
        """Return the confirmed ones of these orders on which the acting user has limits."""
        if self.env.su or self._is_sales_manager():
            return self.browse()
        confirmed = self.filtered(lambda order: order.state == "sale")
        # sudo: company settings
        limited = confirmed.sudo().company_id.filtered(lambda company: company._has_role_limits())
        return confirmed.filtered(lambda order: order.sudo().company_id in limited)

    def _check_may_change(self):
        """Raise when the acting user may not change what these orders sell, to whom and where to."""
        orders = self._limited()
        orders._check_is_sales()
        orders._check_nothing_gone()

    def _check_may_cancel(self):
        orders = self._limited()
        orders._check_is_sales()
        orders._check_nothing_gone()
        for order in orders.sudo():  # sudo: company settings
            limit, amount = order.company_id.cancel_limit, order._company_amount()
            if limit and order.company_id.currency_id.compare_amounts(amount, limit) > 0:
                raise AccessError(
                    self.env._(
                        "%(order)s is over %(amount)s; you may cancel orders up to %(limit)s. Ask a sales"
                        " manager.",
                        order=order.name,
                        amount=formatLang(self.env, amount, currency_obj=order.company_id.currency_id),
                        limit=formatLang(self.env, limit, currency_obj=order.company_id.currency_id),
                    )
                )

    def _check_is_sales(self):
        if self and not self.env.user.has_group("sales_team.group_sale_salesman"):
            raise AccessError(
                self.env._(
                    "%s is confirmed: only salespeople change or cancel it. Ask the one it belongs to.",
                    self[0].name,
                )
            )

    def _check_nothing_gone(self):
        for order in self.sudo():  # sudo: transfers are not for every salesperson to read
            if order.fulfilment != "none":
                gone = self.env._("Something of %s has left.", order.name)
            elif order.company_id.change_limit == "picked" and order._is_picked():
                gone = self.env._("Something of %s has been picked.", order.name)
            else:
                continue
            raise AccessError(
                self.env._("%s From here on only a sales manager changes or cancels it. Ask one.", gone)
            )

    def _check_not_cancelled_piecemeal(self):
        """Raise when what was taken out of these orders is more than the acting user may cancel."""
        for order in self._limited().sudo():  # sudo: company settings, what was cleared
            limit = order.company_id.cancel_limit * (order.currency_rate or 1.0)
            if (
                limit
                and order.currency_id.compare_amounts(order._cleared_amount() - order.amount_total, limit) > 0
            ):
                raise AccessError(
                    self.env._(
                        "You may take goods for %(limit)s out of %(order)s at most. Ask a sales manager.",
                        limit=formatLang(self.env, limit, currency_obj=order.currency_id),
                        order=order.name,
                    )
                )

    # ---------------------------------------------------------------- how far the order is
    def _company_amount(self):
        """Return the most the order has been worth, with taxes, in the company's currency.

        What was cleared counts as long as it has not left: who may not cancel an order may not
        first take everything out of it, either.
        """
        return max(self.amount_total, self._cleared_amount()) / (self.currency_rate or 1.0)

    def _cleared_amount(self):
        # The net prices that were cleared, with the taxes the order has now.
        lines = (self.review_clearance or {}).get("lines", {})
        net = sum(quantity * price for _product, quantity, _unit, price, *_more in lines.values())
        return net * (self.amount_total / self.amount_untaxed if self.amount_untaxed else 1.0)

    def _is_picked(self):
        return any(move.picked or move.state == "done" for move in self._moves_out())

    def _moves_out(self):
        """Return the stock moves, done or open, that bring goods of these orders nearer to the customer."""
        moves = self.picking_ids.move_ids.filtered(lambda move: move.state != "cancel")
        return moves.filtered(lambda move: move._is_towards_customer() and move.sale_line_id.order_id <= self)
