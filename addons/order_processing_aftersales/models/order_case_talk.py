from odoo import api, fields, models
from odoo.tools import html2plaintext

from ..engine.cases import is_low, numbers_in


class OrderCase(models.Model):
    """What is written: mails that make a case, answers that move one on, and how it was rated."""

    _inherit = "order.case"

    # ---------------------------------------------------------------- mail
    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """A mail to the alias makes a case; the number of an order in it is recognised."""
        self.check_access("create")
        partner = self.env["res.partner"].browse(msg_dict.get("author_id")).exists()
        subject = msg_dict.get("subject") or self.env._("No subject")
        words = html2plaintext(msg_dict.get("body") or "")
        order = self._order_named(partner, f"{subject}\n{words}")
        values = {
            **(custom_values or {}),
            "subject": subject[:200],
            "description": words[:4000],
            "source": "mail",
            "kind": (custom_values or {}).get("kind") or "question",
            "partner_id": partner.id,
            "order_id": order.id,
        }
        return super().message_new(msg_dict, values)

    @api.model
    def _order_named(self, partner, text):
        """Return the order that is named, if it is one of the sender: others' orders are none of his."""
        if not partner or not (numbers := numbers_in(text)):
            return self.env["sale.order"]
        domain = [("partner_id", "child_of", partner.commercial_partner_id.id)]
        # sudo: of the sender only; who may open cases by mail may not read orders
        orders = self.env["sale.order"].sudo()
        return orders.search(
            [*domain, "|", ("name", "in", numbers), ("client_order_ref", "in", numbers)], limit=1
        )

    def _concerns(self, author):
        """Tell whether mails of this sender belong here: the customer's, of who follows it, of staff."""
        theirs = self.partner_id.commercial_partner_id
        is_customer = bool(author) and author.commercial_partner_id == theirs
        is_staff = any(not user.share for user in author.user_ids)
        return is_customer or is_staff or bool(author & self.message_partner_ids)

    def _message_post_after_hook(self, message, msg_vals):
        result = super()._message_post_after_hook(message, msg_vals)
        if message.message_type in ("comment", "email") and not message.is_internal:
            self._someone_wrote(message)
        return result

    def _someone_wrote(self, message):
        """The first word of staff is the answer; one of the customer moves a waiting case on."""
        case = self.sudo()  # sudo: stage and clock follow from what was written
        by_staff = any(not user.share for user in message.sudo().author_id.user_ids)
        if by_staff and not message.subtype_id.internal:
            if not case.answered_at:
                case.answered_at = fields.Datetime.now()
            if case.state == "new":
                case._go("progress")
        elif not by_staff and case.state in ("waiting", "resolved"):
            case._go("progress")
            if case.user_id:
                case._remind(case.user_id, case.env._("The customer has answered"))

    # ---------------------------------------------------------------- rating
    def _rating_get_operator(self):
        return self.user_id.partner_id

    def rating_apply(self, rate, *args, **kwargs):
        self.check_access("write")
        rating = super().rating_apply(rate, *args, **kwargs)
        for case in self.sudo():  # sudo: settings, whoever has rated
            if is_low(rate, case.company_id.case_low_rating):
                case._follow_up(rating)
        return rating

    def _follow_up(self, rating):
        """Somebody calls: a case of its own, once, beside the one that is done."""
        if self.search_count([("follow_up_of_id", "=", self.id)], limit=1):
            return
        follow_up = self.create(
            {
                "subject": self.env._("Rating of %s", self.display_name),
                "description": rating.feedback,
                "kind": "complaint",
                "partner_id": self.partner_id.id,
                "order_id": self.order_id.id,
                "company_id": self.company_id.id,
                "user_id": self.user_id.id,
                "follow_up_of_id": self.id,
                "source": self.source,
            }
        )
        self._tell_order("case_rated_low", follow_up=follow_up.name)
