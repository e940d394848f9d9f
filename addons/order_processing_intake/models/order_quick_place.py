from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

CHANNEL = "portal"


class OrderQuick(models.Model):
    """A quick order becomes an order, once."""

    _inherit = "order.quick"

    def _place(self, seen=None):
        """Return the order made of it; a second click, at the same moment or later, gets the same one.

        ``seen`` tells what the customer saw when he pressed the button, see :meth:`_seen`.
        """
        self.ensure_one()
        self._take_turn()
        if self.order_id:
            return self.order_id
        self._check_can_be_placed()
        if seen is not None and seen != self._seen():
            raise UserError(
                self.env._(
                    "Something has changed since you saw this: a price, a quantity, or lines in another"
                    " window. Please look at it again, then order."
                )
            )
        order = self.env["sale.order"].with_company(self.company_id).create(self._prepare_order())
        self.write({"state": "placed", "order_id": order.id})
        if order._has_to_be_paid():
            order.action_quotation_sent()  # Odoo's way to be paid for: he accepts and pays on its page
        else:
            order.action_submit()
        return order

    def _check_can_be_placed(self):
        if not self.line_ids:
            raise UserError(self.env._("There is nothing in it yet: please add what you would like."))
        faulty = self.line_ids.filtered(lambda line: not line._is_fine())
        if len(faulty) == 1:
            raise UserError(self.env._("One line needs a look before this can be ordered: it is marked."))
        if faulty:
            raise UserError(
                self.env._("%s lines need a look before this can be ordered: they are marked.", len(faulty))
            )
        if self.requested_date and self.requested_date < fields.Date.context_today(self):
            raise UserError(self.env._("The day you would like it is over: please choose another."))
        if self.partner_shipping_id and self.partner_shipping_id not in self._delivery_places():
            raise UserError(self.env._("Please choose where it shall be delivered."))

    def _prepare_order(self):
        """Return the values of the order: who, where to, when and what; prices are worked out anew."""
        values = {
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "channel_id": self.env["order.channel"]._for_code(CHANNEL, self.company_id).id,
            "channel_ref": f"Q{self.id:06}",
            "client_order_ref": self.client_order_ref,
            "requested_date": self._requested_moment(),
            "packing_instruction": self.packing_instruction,
            # Logged in and told what it costs, he has ordered by pressing the button.
            "require_signature": False,
            "order_line": [Command.create(line._prepare_order_line()) for line in self.line_ids],
        }
        if self.partner_shipping_id:
            values["partner_shipping_id"] = self.partner_shipping_id.id
        return values


class OrderQuickLine(models.Model):
    _inherit = "order.quick.line"

    def _prepare_order_line(self):
        return {
            "product_id": self.product_id.id,
            "product_uom_qty": self.quantity,
            "product_uom_id": self.uom_id.id,
            "sequence": 10,
        }
