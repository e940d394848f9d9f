from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import formatLang

SHOWN = 10  # products of a transfer that are spelled out


class OrderCancel(models.TransientModel):
    """Asks what is to become of an order of which something has happened already, and does it."""

    _name = "order.cancel"
    _description = "Cancel an Order"

    order_id = fields.Many2one("sale.order", required=True, ondelete="cascade", readonly=True)
    scope = fields.Selection(
        [
            ("rest", "Cancel only what has not left. What left stays sold."),
            ("all", "Cancel the whole order. What left is to come back."),
        ],
        required=True,
        default="all",
        string="What to cancel",
    )
    credit = fields.Selection(
        [("leave", "Leave them as they are"), ("draft", "Draft a credit note")],
        required=True,
        default="leave",
        string="Invoices",
    )
    reason = fields.Text(help="Your colleagues read it in the timeline.")

    # What it will touch, in words; empty where there is nothing of the kind.
    open_transfers = fields.Text("Not left yet, will be cancelled", compute="_compute_effects")
    picked_transfers = fields.Text("Picked already, has to be put back", compute="_compute_effects")
    done_transfers = fields.Text("Has left", compute="_compute_effects")
    shipments = fields.Text("Parcels", compute="_compute_effects")
    draft_invoices = fields.Text("Draft invoices, will be cancelled", compute="_compute_effects")
    posted_invoices = fields.Text(compute="_compute_effects")
    payments = fields.Text("Paid online, stays paid until you refund it", compute="_compute_effects")
    credit_hint = fields.Char(compute="_compute_effects")
    shown = fields.Json(readonly=True, help="What there was to touch when the question was asked.")

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        order = self.env["sale.order"].browse(values.get("order_id"))
        if order:
            order.check_access("write")
            values["shown"] = order.sudo()._cancel_documents()  # sudo: compared, never shown
            left = bool(order.sudo()._transfers("done"))  # sudo: where the order stands
            values["scope"] = "rest" if left and order.sudo()._transfers("open") else "all"
        return values

    @api.depends("order_id")
    def _compute_effects(self):
        # Whoever may not cancel the order is not told what that would touch.
        self.order_id.check_access("write")
        for wizard in self:
            # sudo: whoever may cancel an order is told what that touches
            order = wizard.order_id.sudo()
            invoices = order.invoice_ids
            wizard.open_transfers = self._list_transfers(order._transfers("open"))
            wizard.picked_transfers = self._list_transfers(order._transfers("picked"))
            wizard.done_transfers = self._list_transfers(order._transfers("done"))
            wizard.shipments = self._list_shipments(order.shipment_ids)
            wizard.draft_invoices = self._list_invoices(invoices.filtered(lambda m: m.state == "draft"))
            wizard.posted_invoices = self._list_invoices(invoices.filtered(lambda m: m.state == "posted"))
            wizard.payments = "\n".join(
                f"{tx.reference}: {formatLang(self.env, tx.amount, currency_obj=tx.currency_id)}"
                for tx in order._payments()
            )
            wizard.credit_hint = wizard._credit_limit_words()

    # ---------------------------------------------------------------- words
    def _list_transfers(self, transfers):
        return "\n".join(f"{picking.name}: {self._list_moves(moves)}" for picking, moves in transfers.items())

    def _list_moves(self, moves):
        words = [self._list_move(move) for move in moves[:SHOWN]]
        if len(moves) > SHOWN:
            words.append(self.env._("and %s more", len(moves) - SHOWN))
        return ", ".join(words)

    def _list_move(self, move):
        quantity = move.quantity if move.state == "done" else move.product_uom_qty
        digits = 0 if quantity.is_integer() else 2
        return f"{formatLang(self.env, quantity, digits=digits)} × {move.product_id.display_name}"

    def _list_shipments(self, shipments):
        words = dict(shipments._fields["status"]._description_selection(self.env))
        return "\n".join(
            " · ".join(filter(None, (parcel.name, parcel.tracking_number, words[parcel.status])))
            for parcel in shipments.filtered(lambda parcel: parcel.status not in ("cancelled", "returned"))
        )

    def _list_invoices(self, invoices):
        paid = dict(invoices._fields["payment_state"]._description_selection(self.env))
        return "\n".join(
            f"{move.name or self.env._('Draft')}: "
            f"{formatLang(self.env, move.amount_total, currency_obj=move.currency_id)}"
            + (f" ({paid[move.payment_state]})" if move.state == "posted" else "")
            for move in invoices
        )

    def _credit_limit_words(self):
        """Return up to what amount the user may have a credit note drafted, or False without a limit."""
        company = self.order_id.sudo().company_id  # sudo: company settings
        limit = company._has_role_limits() and company._refund_limit_of(self.env.user)
        if limit:
            return self.env._(
                "You may credit up to %s; above that, ask a sales manager or accounting.",
                formatLang(self.env, limit, currency_obj=company.currency_id),
            )
        return False

    # ---------------------------------------------------------------- doing it
    def action_cancel_order(self):
        self.check_access("write")
        self.ensure_one()
        order = self.order_id
        order.check_access("write")
        order._check_may_cancel()
        if not (self.reason or "").strip():
            raise UserError(self.env._("Give a reason. Your colleagues will want to know."))
        # sudo: compared, never shown
        if self.shown not in (False, order.sudo()._cancel_documents()):
            raise UserError(
                self.env._("Something has happened to the order meanwhile. Close this and look again.")
            )
        if self.scope == "rest" and order.sudo()._transfers("done"):  # sudo: where the order stands
            kind, touched = "cancelled_rest", self._cancel_rest(order)
        else:
            kind, touched = "cancelled_by", self._cancel_all(order)
        figures = {"reason": self.reason.strip().rstrip("."), "touched": touched}
        self.env["order.event"]._log(order.sudo().filtered("submitted_at"), kind, figures)
        # Where the customer had asked for it, that is done.
        asked = order._open_change_requests().filtered(lambda request: request.kind == "cancel")
        asked._close("accepted")
        return {"type": "ir.actions.act_window_close"}

    def _cancel_all(self, order):
        # sudo: the right to cancel has been checked; that goods come back and money is credited follows
        lent = order.sudo()
        before = lent._cancel_documents()
        posted = lent.invoice_ids.filtered(lambda move: move.state == "posted")
        order._action_cancel()
        returns = lent._return_what_left()
        notes = self._credit_invoices(posted) if self.credit == "draft" else posted.browse()
        return self._touched(before, returns=returns, notes=notes)

    def _cancel_rest(self, order):
        lent = order.sudo()  # sudo: as above
        before = lent._cancel_documents()
        if not before["open"] and not before["picked"]:
            raise UserError(
                self.env._("Everything of this order has left: there is nothing to cancel of it alone.")
            )
        lent._cancel_open_transfers()
        lent.invoice_ids.filtered(lambda move: move.state == "draft").button_cancel()
        lent._reduce_to_what_left()
        notes = lent.env["account.move"]
        if self.credit == "draft":
            notes = lent._credit_what_is_not_delivered()
            notes._check_refund_limit_of(self.env.user)
        return self._touched(before, notes=notes)

    def _credit_invoices(self, posted):
        """Draft credit notes for invoices that have none yet and are of this order alone."""
        order = self.order_id.sudo()  # sudo: the caller has checked the right
        invoices = posted.filtered(
            lambda move: move.move_type == "out_invoice"
            and not move.reversal_move_ids.filtered(lambda note: note.state != "cancel")
        )
        if shared := invoices.filtered(lambda move: move.line_ids.sale_line_ids.order_id != order):
            raise UserError(
                self.env._(
                    "%s is for other orders, too. Leave it as it is here, and let accounting credit it.",
                    ", ".join(shared.mapped("name")),
                )
            )
        notes = invoices.browse()
        for journal, moves in invoices.grouped("journal_id").items():
            vals = {
                "move_ids": [fields.Command.set(moves.ids)],
                "journal_id": journal.id,
                "company_id": order.company_id.id,
                "reason": self.reason,
            }
            reversal = self.env["account.move.reversal"].sudo().create(vals)
            reversal.refund_moves()
            notes |= reversal.new_move_ids
        notes._check_refund_limit_of(self.env.user)
        return notes

    def _touched(self, before, returns=(), notes=()):
        """Return what was done to other documents, as codes and names for the timeline."""
        credited = [note.reversed_entry_id.name or note.ref or "" for note in notes]
        touched = [
            ("open", before["open"] + before["picked"]),
            ("done", [] if returns else before["done"]),
            ("return", [picking.name for picking in returns]),
            ("draft", before["draft"]),
            ("posted", [] if notes else before["posted"]),
            ("credit", credited),
        ]
        return [[what, names] for what, names in touched if names]
