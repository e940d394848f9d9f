import logging

from markupsafe import Markup

from odoo import SUPERUSER_ID, models
from odoo.tools import plaintext2html
from odoo.tools.translate import LazyTranslate

from .sale_order_rules import RETRIED

_lt = LazyTranslate(__name__)
_logger = logging.getLogger(__name__)

# What customers are told by e-mail, each with its template; ``tell_<what>`` of the company switches it off.
TEMPLATES = {
    "received": "order_processing.mail_template_order_received",
    "changes_requested": "order_processing.mail_template_order_changes_requested",
    "refused": "order_processing.mail_template_order_refused",
}
# What the salesperson says where no e-mail can. Nobody is called only to hear that his order has come in.
CALLS = {
    "changes_requested": (
        _lt("Ask the customer about %s"),
        _lt("No e-mail could be sent. A reviewer asks:"),
    ),
    "refused": (
        _lt("Tell the customer that %s was refused"),
        _lt("No e-mail could be sent. The order was refused, with this reason:"),
    ),
    "promise": (
        _lt("Tell the customer that %s comes later"),
        _lt("No e-mail could be sent. The delivery has moved:"),
    ),
    "accepted": (
        _lt("Tell the customer that %s is accepted"),
        _lt("The message did not reach the customer. The order is confirmed."),
    ),
    "change": (
        _lt("Tell the customer what became of his wish about %s"),
        _lt("No e-mail could be sent. It was decided:"),
    ),
    "shipped": (
        _lt("Tell the customer that %s has been sent"),
        _lt("The message did not reach the customer. Goods of the order have left."),
    ),
}
LAYOUT = "order_processing.mail_layout_customer"


class SaleOrder(models.Model):
    """Telling customers what became of their orders: one event, one message."""

    _inherit = "sale.order"

    def _tell_customer(self, what, reason=""):
        """Write to the customers of the orders; where that cannot be done, ask their salespeople to call.

        :param what: a key of ``TEMPLATES``
        :param reason: what the reviewer wrote to the customer; the mail has it from the decision

        Orders that a rule refuses are not written about: nobody has looked at them, and no sentence a
        customer could act on has been written. He reads on the page of the order that he may ask.
        """
        # sudo: settings and addresses, whoever submits or decides
        orders = self.sudo().filtered(
            lambda o: o.company_id[f"tell_{what}"] and (not o.channel_id or o.channel_id.tells_customers)
        )
        reachable = orders.filtered(lambda order: order.partner_id.email_normalized)
        told = reachable._mail_customers(self.env.ref(TEMPLATES[what], raise_if_not_found=False))
        if what in CALLS:
            (orders - told)._ask_to_call(what, reason)

    # ---------------------------------------------------------------- by e-mail
    def _mail_customers(self, template, post="_post_template"):
        """Post the message on each order and put its mail into the queue; return the orders it worked for.

        :param post: the name of the method that does it, for all orders of one author
        """
        if not self or not template:
            return self.browse()
        # What the caller has written must not be lost, or hidden, with a message that fails.
        self.env.flush_all()
        orders = self.with_user(SUPERUSER_ID)  # like Odoo's own mails about orders
        # A decision just taken stands last in the cache, but first in the database.
        orders.invalidate_recordset(["review_decision_ids", "review_answer"])
        by_author = orders.grouped(lambda o: o.user_id.partner_id or o.company_id.partner_id)
        told = self.browse(
            order.id
            for author, group in by_author.items()
            for order in group._try_to_post(template, author, post)
        )
        # The queue is worked off after the transaction, at once: customers do not wait for the next hour.
        if told and (cron := self.env.ref("mail.ir_cron_mail_scheduler_action", raise_if_not_found=False)):
            cron._trigger()
        return told

    def _try_to_post(self, template, author, post):
        """Post together; when that fails, one by one. Never raise: the order may just have been signed.

        Administrators edit templates, so a message may fail for reasons of its own.
        """
        try:
            with self.env.cr.savepoint():
                getattr(self, post)(template, author)
            return self
        except RETRIED:
            raise
        except Exception:  # noqa: BLE001  whatever it is, the order goes on
            _logger.warning("%s could not be sent for orders %s", template, self.ids, exc_info=True)
        if len(self) == 1:
            return self.browse()
        return self.browse().union(*(order._try_to_post(template, author, post) for order in self))

    def _post_template(self, template, author):
        # As message_post_with_source does, but rendering many orders at once, and only ever queueing.
        composer = self.env["mail.compose.message"].with_context(
            default_composition_mode="comment",
            default_model=self._name,
            default_res_ids=self.ids,
            default_template_id=template.id,
        )
        composer = composer.create(
            {
                "message_type": "notification",  # the timeline in the portal says it already
                "subtype_id": self.env.ref("mail.mt_comment").id,
                "email_layout_xmlid": LAYOUT,
                "force_send": False,
            }
        )
        composer.author_id = author  # only now: given at once, the sender would not be computed
        composer._action_send_mail()

    def _post_to_customer(self, template, author):
        """Send the message to the customer alone; the chatter keeps what it says, without its links.

        Its links act for the customer: whoever follows the order must not have them.
        """
        template, names = template.with_env(self.env), ("subject", "body_html", "email_from")
        private = template._generate_template(self.ids, names)
        kept = template.with_context(without_choices=True)._generate_template(self.ids, names)
        for order in self:
            order = order.with_context(lang=order.partner_id.lang)
            sender = {"author_id": author.id, "email_from": private[order.id]["email_from"]}
            order.message_notify(
                partner_ids=order.partner_id.ids,
                subject=private[order.id]["subject"],
                body=private[order.id]["body_html"],
                **sender,
                is_internal=False,
                email_add_signature=False,
                email_layout_xmlid=LAYOUT,
                force_send=False,
            )
            order.message_post(
                subject=kept[order.id]["subject"],
                body=kept[order.id]["body_html"],
                **sender,
                message_type="notification",
                subtype_xmlid="mail.mt_note",
                force_send=False,
            )

    # ---------------------------------------------------------------- by phone
    def _ask_to_call(self, what, reason):
        """Give the salesperson, or else the head of the team, an activity for today."""
        summary, note = CALLS[what]
        for order in self:
            user = order.user_id or order.team_id.user_id
            if not user.active:
                continue
            reader = order.with_context(lang=user.lang, tz=user.tz)
            order_note = Markup("<p>%s</p>%s") % (reader.env._(note), plaintext2html(reason))
            reader.activity_schedule(
                "mail.mail_activity_data_call",
                summary=str(reader.env._(summary)) % order.name,
                note=order_note,
                user_id=user.id,
            )
