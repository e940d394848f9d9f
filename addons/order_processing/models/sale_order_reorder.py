from odoo import fields, models
from odoo.fields import Command, Domain


class SaleOrder(models.Model):
    """The customer orders the same again: a new draft at today's prices, which he places or throws away."""

    _inherit = "sale.order"

    reordered_from_id = fields.Many2one(
        "sale.order",
        "Reordered from",
        copy=False,
        readonly=True,
        index="btree_not_null",
        help="The customer has made this draft from that order. It is his until he places it.",
    )

    def _can_be_reordered_by(self, user):
        """Tell whether ``user``, who sees the page, may order the same again: the customer, logged in."""
        is_known = not user._is_public() and self._may_choose(user)
        return is_known and self._portal_is_followed()

    def _lines_to_reorder(self):
        """Return the lines of what is still sold, as the customer ordered them."""
        return self.order_line.filtered(
            lambda line: not line.display_type
            and line.product_id.active
            and line.product_id.sale_ok
            and line.product_id.type != "combo"
            and line.product_uom_qty > 0
            and line._is_ordered_by_hand()
        )

    def _reorder(self, user):
        """Return ``(draft, names of what is not sold any more)``; asked twice on a day, the same draft."""
        # sudo: a customer may not create orders; he gets what he has ordered before, at today's prices
        order = self.sudo().with_company(self.company_id)
        lines = order._lines_to_reorder()
        gone = order.order_line.filtered(lambda line: line.product_id and line._is_ordered_by_hand()) - lines
        names = gone.product_id.with_context(display_default_code=False).mapped("display_name")
        draft = order._draft_of_today()
        if not draft:
            draft = order.create(order._prepare_reorder_vals(lines))
            words = self.env._("Ordered again from %s.", order.name)
            draft.message_post(author_id=user.partner_id.id, body=words)
        return draft, names

    def _draft_of_today(self):
        today = fields.Datetime.start_of(fields.Datetime.now(), "day")
        domain = Domain("reordered_from_id", "=", self.id) & Domain("state", "=", "draft")
        return self.search(domain & Domain("create_date", ">=", today), limit=1)

    def _prepare_reorder_vals(self, lines):
        """Return the values of the new draft: who, where to and how many; prices are worked out anew."""
        return {
            **self._prepare_of_the_same_customer(),
            "packing_instruction": self.packing_instruction,
            "reordered_from_id": self.id,
            "order_line": [Command.create(line._prepare_reorder_line_vals()) for line in lines],
        }

    def _prepare_of_the_same_customer(self):
        """Return what another order of the customer has in common with this one, whatever it is for."""
        return {
            "partner_id": self.partner_id.id,
            "partner_invoice_id": self.partner_invoice_id.id,
            "partner_shipping_id": self.partner_shipping_id.id,
            "company_id": self.company_id.id,
            "user_id": self.user_id.id,
            "team_id": self.team_id.id,
            "warehouse_id": self.warehouse_id.id,
            "origin": self.name,
        }

    # ---------------------------------------------------------------- the draft
    def _is_own_draft_of(self, user):
        """Tell whether the order is a draft the customer has made himself, and ``user`` is the customer."""
        is_draft = self.state == "draft" and bool(self.reordered_from_id)
        return is_draft and not user._is_public() and self._may_choose(user)

    def _can_be_placed_by(self, user):
        """Tell whether it needs no more than a click: what is signed or paid goes Odoo's way."""
        return self._is_own_draft_of(user) and not self._has_to_be_signed() and not self._has_to_be_paid()


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _is_ordered_by_hand(self):
        """Tell whether the customer has ordered it, and not Odoo added it: carriage, a gift."""
        return not (
            self.is_delivery
            or self.is_downpayment
            or ("is_reward_line" in self._fields and self.is_reward_line)
            or self.combo_item_id
        )

    def _prepare_reorder_line_vals(self):
        values = {
            "product_id": self.product_id.id,
            "product_uom_qty": self.product_uom_qty,
            "product_uom_id": self.product_uom_id.id,
        }
        no_variant = self.product_no_variant_attribute_value_ids
        return {**values, "product_no_variant_attribute_value_ids": [Command.set(no_variant.ids)]}
