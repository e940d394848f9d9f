from odoo import models
from odoo.exceptions import UserError


class SaleOrder(models.Model):
    """Cancelling asks first what is to become of what has already happened."""

    _inherit = "sale.order"

    def action_ask_cancel(self):
        """Open the question about one order, whatever has happened to it."""
        self.check_access("write")
        self.ensure_one()
        self._check_may_cancel()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Cancel %s", self.name),
            "res_model": "order.cancel",
            "view_mode": "form",
            "target": "new",
            "context": {"default_order_id": self.id},
        }

    def action_cancel(self):
        """Cancel, or return the question where somebody has to answer it first."""
        touched = self.filtered(lambda order: not order.locked)._to_ask_about()
        if not touched:
            return super().action_cancel()
        if len(self) == 1:
            return self.action_ask_cancel()
        raise UserError(touched._one_by_one_message())

    def _to_ask_about(self):
        """Return those of these orders that cannot simply be cancelled: something has happened to them."""
        if self.env.su:
            return self.browse()
        self.check_access("write")
        self._check_may_cancel()
        # sudo: transfers and invoices are not for everybody to read who may cancel
        orders = self.sudo().filtered(
            lambda order: order.state == "sale" and order.company_id.review_mode == "enforce"
        )
        return orders.filtered(lambda order: order._is_touched()).with_env(self.env)

    def _one_by_one_message(self):
        return self.env._(
            "Something has been picked, shipped, invoiced or paid of %s. Cancel these one by one: each asks"
            " what is to become of it.",
            ", ".join(self.mapped("name")),
        )

    def _is_touched(self):
        return bool(
            self.fulfilment != "none"
            or self._is_picked()
            or self.invoice_ids.filtered(lambda move: move.state != "cancel")
            or self._payments()
            or any(line.qty_delivered for line in self.order_line)
        )

    def _payments(self):
        return self.transaction_ids.filtered(lambda tx: tx.state in ("pending", "authorized", "done"))

    # ---------------------------------------------------------------- what there is to touch
    def _transfers(self, what):
        """Return ``{transfer: moves}`` that are ``open``, ``picked`` (but still here) or ``done`` (left)."""
        return self._moves_out().filtered(lambda move: move._progress() == what).grouped("picking_id")

    def _cancel_documents(self):
        """Return the names of the documents a cancellation touches, as plain values by kind."""
        invoices = self.invoice_ids
        names = {what: [t.name for t in self._transfers(what)] for what in ("open", "picked", "done")}
        for state in ("draft", "posted"):
            names[state] = [
                move.name or move.display_name for move in invoices.filtered(lambda m, s=state: m.state == s)
            ]
        names["paid"] = self._payments().mapped("reference")
        return names

    # ---------------------------------------------------------------- doing it
    def _cancel_open_transfers(self):
        """Cancel what has not left; what is on its way back to us stays."""
        moves = self._moves_out().filtered(lambda move: move.state != "done")
        moves._action_cancel()

    def _reduce_to_what_left(self):
        """Order no more than was delivered; freight and what is invoiced as a service stay."""
        for line in self.order_line.filtered(lambda line: line._is_under_review() and line.product_id):
            kept = line.qty_delivered
            if line.product_id.type == "service":
                kept = max(kept, line.qty_invoiced)
            if line.product_uom_id.compare(kept, line.product_uom_qty) < 0:
                line._order_less(kept)

    def _return_what_left(self):
        """Make the transfers that bring back what has left and is not on its way back yet; return them."""
        returns = self.env["stock.picking"]
        for picking, moves in self._transfers("done").items():
            leaving = moves.filtered(lambda move: move.location_dest_id._is_at_customer())
            wizard = self.env["stock.return.picking"].create({"picking_id": picking.id}) if leaving else None
            for line in wizard.product_return_moves if wizard else ():
                line.quantity = line.move_id._left_to_return() if line.move_id in leaving else 0
            if wizard and any(line.quantity for line in wizard.product_return_moves):
                returns |= wizard._create_return()
        return returns

    def _credit_what_is_not_delivered(self):
        """Draft the credit note for what was invoiced beyond the quantities now ordered; return it."""
        if not any(line.qty_to_invoice < 0 for line in self.order_line):
            return self.env["account.move"]
        notes = self.with_context(raise_if_nothing_to_invoice=False)._create_invoices(final=True)
        return notes.filtered(lambda move: move.move_type == "out_refund")


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _order_less(self, quantity):
        """Order only so much of it, at the price and discount agreed on for the whole.

        The open moves are cancelled by the caller, picked goods are put back by hand: nothing is to be
        procured, backwards or forwards.
        """
        self.ensure_one()
        # The quantity alone would price what is kept anew, by today's price list and its quantity breaks.
        self.with_context(skip_procurement=True).write(
            {
                "product_uom_qty": quantity,
                "price_unit": self.price_unit,
                "technical_price_unit": self.technical_price_unit,
                "discount": self.discount,
            }
        )
