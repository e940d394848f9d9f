from datetime import datetime, time, timezone
from zoneinfo import ZoneInfo

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import plaintext2html

ACTIVITY = "order_processing.mail_activity_type_change"
TEMPLATE = "order_processing.mail_template_order_change"


class SaleOrder(models.Model):
    """Carrying out what a customer wants changed, the way colleagues would; the caller may do everything."""

    _inherit = "sale.order"

    def _carry_out_change(self, kind, wish, user=None):
        """Do it. What is ordered now is judged by the gate; reservation and promise follow the order.

        :param user: the customer, where he does it himself
        """
        self.ensure_one()
        facts = self._change_facts()
        if facts.everything_left or facts.stage in ("cancelled", "refused", "delivered", "completed"):
            raise UserError(
                self.env._("Everything of %s has left, or it is over: nothing can be changed.", self.name)
            )
        paid = self._is_paid_or_posted()
        before = self.amount_total
        getattr(self, f"_change_{kind}")(wish)
        self._look_at_change()
        if paid and self._is_less_due(before):
            self._ask_for_refund()

    def _is_less_due(self, before):
        """Tell whether less is to be paid for the order than ``before``."""
        return self.state == "cancel" or self.currency_id.compare_amounts(self.amount_total, before) < 0

    def _change_cancel(self, _wish):
        self._action_cancel()
        # Last, as it cannot be taken back: what is only reserved on a card.
        self.transaction_ids.filtered(lambda tx: tx.state == "authorized").action_void()

    def _change_quantity(self, wish):
        lines = self._wished_lines(wish)
        for line, quantity in lines.items():
            if line.product_uom_id.compare(quantity, line.qty_delivered) < 0:
                raise UserError(
                    self.env._("Of %s more has been delivered already.", line.product_id.display_name)
                )
        if not lines:
            raise UserError(self.env._("The lines are not there any more."))
        if self.state != "sale":
            gone = [line for line, quantity in lines.items() if not quantity]
            self._write_quantities({line: lines[line] for line in lines if line not in gone}, gone)
            return
        less = {line: quantity for line, quantity in lines.items() if quantity < line.product_uom_qty}
        if less and (self._is_being_packed() or self._is_picked_here()):
            # Odoo would leave the transfer as it is, and have the difference come back from the customer.
            for line, quantity in less.items():
                line._take_from_transfers(line.product_uom_qty - quantity)
            self.with_context(skip_procurement=True)._write_quantities(less)
            lines = {line: quantity for line, quantity in lines.items() if line not in less}
        self._write_quantities(lines)

    def _write_quantities(self, lines, gone=()):
        """Write all at once, so that it is judged and told to the warehouse once."""
        commands = [
            Command.update(line.id, {"product_uom_qty": wanted, **line._discount_to_keep()})
            for line, wanted in lines.items()
        ]
        if commands := commands + [Command.delete(line.id) for line in gone]:
            self.write({"order_line": commands})

    def _change_address(self, wish):
        place = self._wished_place(wish)
        if not place:
            raise UserError(self.env._("This address is not there any more."))
        done = self.picking_ids.filtered(lambda picking: picking.state == "done")
        went = {picking: picking.partner_id for picking in done}
        # Odoo's way of taking the open transfers along; what has left went where it went.
        self.with_context(update_delivery_shipping_partner=True).write({"partner_shipping_id": place.id})
        for picking, partner in went.items():
            picking.partner_id = partner

    def _change_date(self, wish):
        noon = datetime.combine(fields.Date.to_date(wish["date"]), time(12), ZoneInfo(self._customer_tz()))
        self.requested_date = noon.astimezone(timezone.utc).replace(tzinfo=None)

    def _look_at_change(self):
        """An order that is still being checked is checked as it is now; a confirmed one was by the gate."""
        if self.state in ("draft", "sent") and self.review_state == "pending":
            self._store_findings(self._review_findings())
            self._enter_review()

    # ---------------------------------------------------------------- what is wished for
    def _changeable_lines(self):
        """Return the lines of which a customer himself orders more or less: goods, services, no freight."""
        return self.order_line.filtered(
            lambda line: line.product_id
            and not line.display_type
            and line.product_uom_qty > 0
            and line._is_under_review()
            and not (line.is_downpayment or line.is_delivery or line.is_expense)
            and not (line.combo_item_id or line.product_id.type == "combo" or line.linked_line_id)
        )

    def _wished_lines(self, wish):
        """Return ``{line: quantity}`` of what is other than it is now."""
        lines = {str(line.id): line for line in self._changeable_lines()}
        return {
            lines[key]: quantity
            for key, quantity in wish.get("lines", {}).items()
            if key in lines and lines[key].product_uom_id.compare(quantity, lines[key].product_uom_qty)
        }

    def _wished_place(self, wish):
        """Return the contact to deliver to: one of the address book, or a new one in it."""
        if "partner" in wish:
            return self._delivery_places().filtered(lambda place: place.id == wish["partner"])
        customer, vals = self.partner_id.commercial_partner_id, dict(wish["new"])
        same = self._delivery_places().filtered(
            lambda place: all(
                (place[name].id if name.endswith("_id") else place[name] or "") == (value or "")
                for name, value in vals.items()
            )
        )
        if same:
            return same[:1]
        # A new one: other orders go on to where they were to go.
        return self.env["res.partner"].create(
            {
                **vals,
                "name": self.partner_shipping_id.name or customer.name,
                "parent_id": customer.id,
                "type": "delivery",
                "company_id": customer.company_id.id,
                "lang": self.partner_id.lang,
            }
        )

    def _delivery_places(self):
        """Return the address book of the customer's company, as Odoo's portal shows it."""
        customer = self.partner_id.commercial_partner_id
        domain = [
            ("id", "child_of", customer.ids),
            "|",
            ("type", "in", ("delivery", "other")),
            ("id", "in", (customer | self.partner_id | self.partner_shipping_id).ids),
        ]
        return self.env["res.partner"].search(domain, order="id", limit=50)

    # ---------------------------------------------------------------- who has to do something
    def _give_change_to_decide(self, request):
        user = self._person_in_charge()
        reader = self.with_context(lang=user.lang or self.env.lang, tz=user.tz)
        kinds = dict(request._fields["kind"]._description_selection(reader.env))
        reader.activity_schedule(
            ACTIVITY,
            summary=reader.env._("The customer asks: %s", kinds[request.kind]),
            note=plaintext2html("\n".join(filter(None, (request.wish_text, request.note)))),
            user_id=user.id,
        )

    def _close_change_activity(self):
        self.activity_feedback([ACTIVITY])

    def _ask_for_refund(self):
        """Money has come in for what is not ordered any more: accounting gives it back, or a person asks."""
        user = self.company_id.customer_refund_user_id
        user = user if user and self._can_see_to_it(user) else self._person_in_charge()
        reader = self.with_context(lang=user.lang or self.env.lang, tz=user.tz)
        reader.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=reader.env._("Refund what the customer has paid"),
            note=reader.env._(
                "%s was cancelled or made smaller as its customer wanted, and is paid or invoiced. Credit the"
                " invoice or refund the payment; the customer was told that you do.",
                self.name,
            ),
            user_id=user.id,
        )

    # ---------------------------------------------------------------- telling
    def _tell_staff_of_change(self, kind, words):
        """Let the person responsible know what the customer has done; he may have talked to him today."""
        user = self._person_in_charge()
        reader = self.with_context(lang=user.lang or self.env.lang, tz=user.tz)
        text = self.env["order.event"]._texts("internal")[f"changed_{kind}"]
        reader.message_notify(
            partner_ids=user.partner_id.ids,
            author_id=self.partner_id.id,
            subject=str(reader.env._("%s was changed by its customer", self.name)),
            body=str(reader.env._(text)) % {"wish": words},
            force_send=False,
        )

    def _tell_change(self, what, words, answer="", is_less=False):
        """Write to the customer what became of it, also to notice when it was somebody else's doing.

        :param is_less: less is to be paid than before, so that money that has come in may go back
        """
        order = self.with_context(change_news=[what, words or "", answer or "", is_less])
        reachable = order.filtered(lambda one: one.partner_id.email_normalized)
        template = self.env.ref(TEMPLATE, raise_if_not_found=False)
        told = reachable._mail_customers(template)
        if not told and not what.startswith("done_"):
            self._ask_to_call("change", f"{words or ''}\n{answer or ''}")


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _discount_to_keep(self):
        """Return the discount a person has given; Odoo would take it away with another quantity."""
        return {"discount": self.discount} if self._has_discount_by_hand() else {}

    def _take_from_transfers(self, quantity):
        """Have so much less of it taken from the shelf and sent, in each step nobody has finished.

        :param quantity: in the unit of the line
        """
        moves = self.move_ids.filtered(lambda move: move._is_towards_customer())
        if moves.product_id - self.product_id:
            raise UserError(self.env._("%s is a kit: change it by hand.", self.product_id.display_name))
        for steps in moves.grouped("picking_type_id").values():
            left = self.product_uom_id._compute_quantity(quantity, self.product_id.uom_id)
            for move in steps.filtered(lambda one: one._progress() == "open" and one.state != "cancel"):
                left -= move._shrink(left)
            if self.product_id.uom_id.compare(left, 0.0) > 0:
                raise UserError(
                    self.env._(
                        "%s has been picked already: put it back and take it out of its transfer first.",
                        self.product_id.display_name,
                    )
                )


class StockMove(models.Model):
    _inherit = "stock.move"

    def _shrink(self, quantity):
        """Bring up to so much less, in the product's unit; return how much less it is."""
        unit, taken = self.product_id.uom_id, min(quantity, self.product_qty)
        if unit.compare(taken, self.product_qty) >= 0:
            self._action_cancel()
            return taken
        was_reserved = bool(self.move_line_ids)
        self._do_unreserve()
        self.product_uom_qty -= unit._compute_quantity(taken, self.product_uom)
        if was_reserved:
            self._action_assign()
        return taken
