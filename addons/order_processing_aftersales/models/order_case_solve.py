from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..engine.cases import at_most

ARRIVED = ("delivered", "completed")
PAID = ("paid", "in_payment")


class OrderCase(models.Model):
    """Goods taken back and goods sent again, each once, and followed until they are there."""

    _inherit = "order.case"

    after_return = fields.Selection(
        [("none", "Ask me"), ("refund", "Refund"), ("replacement", "Send again")],
        "When the goods are back",
        default="none",
        required=True,
        help="What is made by itself when the return has been received.",
    )
    replacement_price = fields.Selection(
        [("free", "Free of charge"), ("same", "At the same price")],
        "What is sent again",
        default="free",
        required=True,
    )
    label_ids = fields.Many2many(
        "ir.attachment",
        "order_case_label_rel",
        string="Labels for the return",
        copy=False,
        help="Files the customer can download while goods are on their way back. A carrier that makes labels"
        " by itself adds its own.",
    )
    return_ids = fields.One2many("stock.picking", "case_id", "Returns", readonly=True)
    replacement_ids = fields.One2many("sale.order", "case_id", "Sent again with", readonly=True)
    return_count = fields.Integer(compute="_compute_counts", compute_sudo=True)
    replacement_count = fields.Integer(compute="_compute_counts", compute_sudo=True)
    refund_count = fields.Integer(compute="_compute_counts", compute_sudo=True)

    @api.depends("return_ids", "replacement_ids", "refund_ids")
    def _compute_counts(self):
        for case in self:
            case.return_count = len(case.return_ids)
            case.replacement_count = len(case.replacement_ids)
            case.refund_count = len(case.refund_ids)

    def _check_solvable(self):
        """Goods to do it with; two users, or two clicks, come one after the other."""
        self.ensure_one()
        self._check_open()
        if not self.order_id or not self.line_ids:
            raise UserError(self.env._("Say first which goods of which order the case is about."))
        self.order_id._take_case_turn()

    # ---------------------------------------------------------------- taken back
    def action_return(self):
        """Make Odoo's return of the delivery, for what is in the case."""
        self._check_may_act()
        self._check_solvable()
        case = self.sudo()  # sudo: who may write the case agrees on a return; the warehouse receives it
        if live := case.return_ids.filtered(lambda picking: picking.state != "cancel"):
            return self._open_records(live)
        pickings = case._make_returns()
        if not pickings:
            raise UserError(self.env._("Nothing of it was delivered, or all of it has come back already."))
        case._get_labels(pickings)
        case._go("waiting")
        case._tell_order("case_return", "customer")
        case._send_template("mail_template_case_return")
        return self._open_records(pickings)

    def _make_returns(self):
        made = self.env["stock.picking"]
        for picking, quantities in self._to_return().items():
            wizard = self.env["stock.return.picking"].create({"picking_id": picking.id})
            for line in wizard.product_return_moves:
                line.quantity = quantities.get(line.move_id.id, 0.0)
            made |= wizard._create_return()
        made.write({"case_id": self.id})
        return made

    def _to_return(self):
        """Return ``{delivery: {move id: quantity}}``: never more than left and is not on its way back."""
        found = {}
        for line in self.line_ids:
            uom, wanted = line.product_uom_id, line.quantity
            for move in line.sale_line_id.move_ids.filtered(self._has_left):
                back = move.returned_move_ids.filtered(lambda one: one.state != "cancel")
                taken = sum(
                    one.product_uom._compute_quantity(one.product_uom_qty, move.product_uom) for one in back
                )
                asked = uom._compute_quantity(wanted, move.product_uom)
                part = min(at_most(move.quantity, taken), asked)
                if move.product_uom.compare(part, 0) <= 0:
                    continue
                found.setdefault(move.picking_id, {})[move.id] = part
                wanted -= move.product_uom._compute_quantity(part, uom)
        return found

    @staticmethod
    def _has_left(move):
        return move.state == "done" and move.location_dest_id.usage == "customer" and move.picking_id

    def _get_labels(self, pickings):
        """Ask the carrier for labels, where he makes them; without one the return goes on."""
        carrier = self.order_id.carrier_id
        if not carrier.can_generate_return:
            return
        for picking in pickings:
            try:
                with self.env.cr.savepoint():
                    picking.carrier_id = carrier
                    carrier.get_return_label(picking)
            except Exception as error:  # whatever a carrier's program raises
                self._message_log(body=self.env._("The carrier gave no return label: %s", error))

    def _return_received(self):
        """The goods are back: what was agreed for then is made; where it cannot be, somebody is told."""
        for case in self:
            case.order_id._take_case_turn()
            case._go("progress")
            case._tell_order("case_received", "customer")
            try:
                with case.env.cr.savepoint():
                    case._after_return()
            except UserError as error:
                if case.user_id:
                    case._remind(case.user_id, str(error))

    def _after_return(self):
        if self.after_return == "refund":
            self._make_refund()
        elif self.after_return == "replacement":
            self._make_replacement()
        elif self.user_id and not self._live_refunds():
            self._remind(self.user_id, self.env._("The goods are back"))
        if self._live_refunds() and not self._is_going_on():
            self._resolve("refunded")

    # ---------------------------------------------------------------- sent again
    def action_replace(self):
        """Open a quotation for what is in the case; it takes the usual way through the review."""
        self._check_may_act()
        self._check_solvable()
        self.env["sale.order"].check_access("create")
        self.order_id.check_access("read")
        # sudo: what was sold, and what others have made; the user opens it with his own rights
        return self._open_records(self.sudo()._make_replacement())

    def _make_replacement(self):
        """Return the order by which the goods are sent again: the one there is, or a new one."""
        if live := self._live_replacements():
            return live
        order = self.order_id
        lines = [self._replacement_line(line, quantity) for line, quantity in self._to_replace()]
        if not lines:
            raise UserError(self.env._("All of it has been sent again already."))
        replacement = self.env["sale.order"].create(
            {
                **order._prepare_of_the_same_customer(),
                "pricelist_id": order.pricelist_id.id,
                "case_id": self.id,
                "order_line": lines,
            }
        )
        # Who looks after the parcel sends it no second time.
        self.problem_id.replacement_order_id = replacement
        self._go("progress")
        self._tell_order("case_replacement", "customer", replacement=replacement.name)
        return replacement

    def _live_replacements(self):
        """Return what is sent again for this case, or was for its parcel by who looks after parcels."""
        live = self.replacement_ids.filtered(lambda order: order.state != "cancel")
        if not live:
            live = self.parcel_id.problem_ids.replacement_order_id.filtered(
                lambda order: order.state != "cancel" and order.origin == self.order_id.name
            )
            live.filtered(lambda order: not order.case_id).case_id = self.id
        return live

    def _replacement_moved(self):
        """What was sent again has gone on: when all of it is there, the case is done."""
        for case in self:
            live = case.replacement_ids.filtered(lambda order: order.state != "cancel")
            if live and all(order.processing_stage in ARRIVED for order in live) and not case._is_going_on():
                case._resolve("replaced")

    def _is_going_on(self):
        """Tell whether something else of the case has not come to its end."""
        is_back = all(picking.state in ("done", "cancel") for picking in self.return_ids)
        is_paid = all(move.payment_state in PAID for move in self._live_refunds())
        return not (is_back and is_paid)

    def _replacement_line(self, line, quantity):
        sold = line.sale_line_id
        free = self.replacement_price == "free"
        return Command.create(
            {
                "product_id": sold.product_id.id,
                "product_uom_id": sold.product_uom_id.id,
                "product_uom_qty": quantity,
                "price_unit": 0.0 if free else sold.price_unit,
                "discount": 0.0 if free else sold.discount,
                "case_sale_line_id": sold.id,
            }
        )

    def _to_replace(self):
        """Return ``(line, quantity)``: of what was sold never more than once, whoever asks in which case."""
        again = self.env["sale.order.line"].search(
            [("case_sale_line_id", "in", self.line_ids.sale_line_id.ids), ("state", "!=", "cancel")]
        )
        wanted = []
        for line in self.line_ids:
            sold = line.sale_line_id
            taken = sum(
                again.filtered(lambda one, sold=sold: one.case_sale_line_id == sold).mapped("product_uom_qty")
            )
            quantity = min(at_most(sold.product_uom_qty, taken), line.quantity)
            if sold.product_uom_id.compare(quantity, 0) > 0:
                wanted.append((line, quantity))
        return wanted

    # ---------------------------------------------------------------- looking at them
    def _open_records(self, records):
        records = records.sudo(False)
        if not records.has_access("read"):
            return False  # it is made; those see it who work with it
        if len(records) == 1:
            return records.get_formview_action()
        return {
            "type": "ir.actions.act_window",
            "name": records._description,
            "res_model": records._name,
            "view_mode": "list,form",
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", records.ids)],
        }

    def action_view_returns(self):
        self.check_access("read")
        self.env["stock.picking"].check_access("read")
        return self._open_records(self.return_ids)

    def action_view_replacements(self):
        self.check_access("read")
        self.env["sale.order"].check_access("read")
        return self._open_records(self.replacement_ids)

    def action_view_refunds(self):
        self.check_access("read")
        self.env["account.move"].check_access("read")
        return self._open_records(self.refund_ids)
