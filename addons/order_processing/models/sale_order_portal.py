from babel.dates import format_datetime
from pytz import timezone

from odoo import api, fields, models
from odoo.tools import babel_locale_parse, get_lang, posix_to_ldml
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

# The customer's five steps, and the stages in which an order stands at each.
STEPS = (
    (_lt("Order received"), ("received", "in_review")),
    (_lt("In preparation"), ("approved", "waiting_stock", "in_production")),
    (_lt("Ready to ship"), ("ready",)),
    (_lt("On its way"), ("shipped", "in_transit")),
    (_lt("Delivered"), ("delivered", "completed")),
)
STAGE_SENTENCES = {
    "received": _lt("We have received your order."),
    "in_review": _lt("We are checking your order. You will hear from us soon."),
    "approved": _lt("Your order is confirmed and is being prepared."),
    "waiting_stock": _lt("Your order is confirmed. We are waiting for goods to come in."),
    "in_production": _lt("Your order is being made."),
    "ready": _lt("Your order is ready to be sent."),
    "shipped": _lt("Your order has left our warehouse."),
    "in_transit": _lt("Your order is on its way to you."),
    "delivered": _lt("Your order has been delivered."),
    "completed": _lt("Your order has been delivered. Thank you!"),
    "refused": _lt("We could not accept this order."),
    "cancelled": _lt("This order has been cancelled."),
}
CHANGE_REQUESTED = _lt("We need something from you before we can go on. Please answer below.")
RESERVING = _lt("Your order is confirmed. We are setting your goods aside at this moment.")
PARTLY_SHIPPED = _lt("Part of it has been sent already.")
# Stages the customer is told in the timeline. Of the others, an event of its own says more.
TOLD_STAGES = ("waiting_stock", "in_production", "ready", "delivered", "cancelled")


class SaleOrder(models.Model):
    """What the customer sees of an order: steps, one sentence, and the events meant for customers."""

    _inherit = "sale.order"

    review_answer = fields.Text(
        "Reviewer's answer", compute="_compute_review_answer", groups="base.group_user", compute_sudo=True
    )

    @api.depends("review_decision_ids")
    def _compute_review_answer(self):
        for order in self:
            order.review_answer = order.review_decision_ids[:1].reason

    def _portal_is_followed(self):
        """An order is followed from the moment it was handed in; before that it is an offer."""
        return bool(self.submitted_at) and self.processing_stage != "quotation"

    def _portal_steps(self):
        """Return ``[{label, state}]`` with state done, current or todo; empty where an order ended early."""
        stages = [stages for _label, stages in STEPS]
        current = next((i for i, names in enumerate(stages) if self.processing_stage in names), None)
        if current is None:
            return []
        last = len(STEPS) - 1
        return [
            {
                "label": str(self.env._(label)),
                "state": "done"
                if i < current or i == current == last
                else "current"
                if i == current
                else "todo",
            }
            for i, (label, _stages) in enumerate(STEPS)
        ]

    def _portal_sentence(self):
        """Say in one or two sentences where the order stands."""
        if self.review_state == "changes_requested":
            return str(self.env._(CHANGE_REQUESTED))
        reserving = self.processing_stage == "approved" and self.reservation_state == "pending"
        sentence = str(self.env._(RESERVING if reserving else STAGE_SENTENCES[self.processing_stage]))
        if self.fulfilment == "partial":
            sentence += " " + str(self.env._(PARTLY_SHIPPED))
        return sentence

    def _portal_answer(self):
        """Return what the reviewer wrote to the customer, where an answer is due or the order was refused."""
        return self.sudo().review_answer if self.review_state in ("changes_requested", "refused") else ""

    def _portal_events(self):
        """Return the events meant for the customer, newest first."""
        events = self.with_context(order_event_audience="customer")._events("customer")
        return events.filtered(lambda e: e.kind != "stage" or (e.data or {}).get("after") in TOLD_STAGES)[
            ::-1
        ]

    def _portal_clock(self, user):
        """Return ``_clock`` of who reads the page."""
        return self._clock(self._portal_tz(user))

    def _clock(self, tz_name):
        """Return ``(day, moment)``: functions that say a moment by the reader's clock, in his language.

        A page says dozens of them: language and time zone are looked up once.
        """
        lang, zone = get_lang(self.env), timezone(tz_name)
        locale = babel_locale_parse(lang.code)
        day = posix_to_ldml(lang.date_format, locale=locale)
        time = posix_to_ldml(lang.time_format, locale=locale).replace(":ss", "").replace(":s", "")

        def said(pattern):
            return lambda at: at and format_datetime(at, pattern, tzinfo=zone, locale=locale)

        return said(day), said(f"{day} {time}")

    def _portal_tz(self, user):
        """Return the time zone of the reader, of the customer when nobody is logged in, or of the company."""
        # sudo: the reader's own time zone, without a look at what else of him he may read
        return (not user._is_public() and user.sudo().tz) or self._customer_tz()

    def _customer_tz(self):
        return self.partner_id.tz or self.company_id.partner_id.tz or "UTC"

    @api.depends("submitted_at", "review_state")
    def _compute_type_name(self):
        # Who has ordered does not want to read of a quotation: not while we check, nor when it is cancelled.
        result = super()._compute_type_name()
        for order in self.filtered(
            lambda one: one._is_in_review() or one.submitted_at and one.state == "cancel"
        ):
            order.type_name = self.env._("Order")
        return result
