import logging

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html
from odoo.tools.translate import LazyTranslate

from .sale_order_rules import RETRIED

_lt = LazyTranslate(__name__)
_logger = logging.getLogger(__name__)

# After one of these, an earlier answer answers nothing any more.
ASKED_ANEW = ("received", "received_from", "changes_requested", "taken_back")
COMPLETED_TEXTS = {
    "zip": _lt("Postal code completed: %s"),
    "state_id": _lt("State completed: %s"),
    "phone": _lt("Phone number given: %s"),
}


class SaleOrder(models.Model):
    """The customer answers what a reviewer has asked, and the order goes back through the gate."""

    _inherit = "sale.order"

    review_customer_answer = fields.Text(
        "Customer's answer",
        compute="_compute_review_customer_answer",
        groups="base.group_user",
        compute_sudo=True,
        help="What the customer has answered since a reviewer last asked.",
    )

    @api.depends("review_state", "review_decision_ids")
    def _compute_review_customer_answer(self):
        events = self.env["order.event"]
        events._insert_pending()
        kinds = ("answered", *ASKED_ANEW)
        found = events.search([("order_id", "in", self.ids), ("kind", "in", kinds)])
        latest = {event.order_id: event for event in found}
        for order in self:
            event = latest.get(order.id)
            is_answer = event and event.kind == "answered"
            order.review_customer_answer = (event.data or {}).get("answer") if is_answer else False

    # ---------------------------------------------------------------- who may answer, and when
    def _can_be_answered_by(self, user):
        """Tell whether ``user``, who can see the page of the order, may answer on it now.

        Answering ends the question, so nobody can answer twice and there is no need to count. Colleagues
        look at the page, too; they have the order itself to write on, and must not speak for the customer.
        """
        is_asked = self.review_state == "changes_requested" and self.state != "cancel"
        person = user.sudo().partner_id.commercial_partner_id  # sudo: compared only
        return is_asked and (not user._is_internal() or person == self.partner_id.commercial_partner_id)

    # ---------------------------------------------------------------- taking the answer in
    def _answer_change_request(self, text, completed=None, attachments=(), user=None):
        """Take in what the customer answers and check the order again; never raise for what is found.

        :param completed: values for empty fields of the delivery contact, checked by the caller
        :param attachments: ``(name, content)`` of files, checked by the caller
        :param user: who answers; nobody is logged in behind a signed link
        """
        # sudo: a customer may not write on orders or contacts; what is written here is what was asked for
        order, user = self.sudo(), user or self.env.user
        if not order._can_be_answered_by(user):
            return False
        completed = {
            name: value for name, value in (completed or {}).items() if not order._delivery_has(name)
        }
        order._post_answer(text, completed, attachments, user)
        events = self.env["order.event"].with_user(user)
        if text:
            events._log(order, "answered", {"answer": text}, audience="customer")
        order._back_to_review()
        if completed and order._try("_complete_contact", completed):
            for name, value in order._completed_words(completed).items():
                events._log(order, f"completed_{name}", {"value": value}, audience="customer")
        # What somebody has written, a person reads before the order goes on: "only 14, please".
        order._try("_wait_for_reading" if text or attachments else "_check_again")
        return True

    def _check_again(self):
        """Let the order go on if nothing holds it any more; else it waits, with what is found now."""
        if self.state == "sale":
            self._review_after_change()
        elif not self._confirmation_error_message():
            self._review_gate().action_confirm()

    def _wait_for_reading(self):
        """Keep the order for the reviewers, with what is found now; of a confirmed one nothing is new."""
        if self.state != "sale":
            self._store_findings(self._review_findings())
            self._enter_review()
        self.write({"review_answer_unread": True})

    def _delivery_has(self, name):
        return bool(self.partner_shipping_id[name])

    def _complete_contact(self, completed):
        self.partner_shipping_id.write(completed)

    def _completed_words(self, completed):
        states = self.env["res.country.state"]
        return {
            name: states.browse(value).name if name == "state_id" else value
            for name, value in completed.items()
        }

    def _post_answer(self, text, completed, attachments, user):
        """Write the answer on the order in the customer's name, as Odoo does with one that declines."""
        author = self.partner_id if user._is_public() else user.partner_id
        body = plaintext2html(text, with_paragraph=False)
        for name, value in self._completed_words(completed).items():
            body += Markup("<p>%s</p>") % (str(self.env._(COMPLETED_TEXTS[name])) % value)
        self.message_post(
            author_id=author.id,
            body=body,
            attachments=list(attachments),
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )

    def _try(self, name, *args):
        """Call a method by its name; when it fails, undo it, note it for the staff, and go on.

        The customer has answered and cannot mend what fails here: the order waits for the reviewers.
        """
        self.env.flush_all()
        try:
            with self.env.cr.savepoint():
                getattr(self, name)(*args)
            return True
        except RETRIED:
            raise
        except Exception as error:  # noqa: BLE001  whatever it is, the answer is kept
            _logger.warning("%s could not go on after what its customer did", self.name, exc_info=True)
            why = str(error) if isinstance(error, UserError) else type(error).__name__
            self.message_post(body=self._could_not_words(name, why))
            return False

    def _could_not_words(self, name, why):
        return self.env._("The customer has answered, but the order could not go on by itself: %s", why)
