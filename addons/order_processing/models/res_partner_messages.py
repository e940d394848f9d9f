from odoo import models
from odoo.tools.translate import LazyTranslate

from .order_notification import KINDS
from .order_notification_preference import CHOSEN, OTHER_SWITCHES, REQUIRED

_lt = LazyTranslate(__name__)

AS_SENT = {
    "mail": _lt("By e-mail"),
    "sms": _lt("By SMS"),
    "mail sms": _lt("By e-mail and SMS"),
}


class ResPartner(models.Model):
    """What customers choose on the page My Messages of the portal."""

    _inherit = "res.partner"

    def _choices_offered(self):
        """Return ``{kind: media}`` of what those companies send that this customer may buy from."""
        companies = self._companies_that_tell()
        offered = {}
        for kind, _label in CHOSEN:
            switches = {medium: [name] for medium, name in KINDS.get(kind, {}).items()}
            for medium, names in OTHER_SWITCHES.get(kind, {}).items():
                switches[medium] = [*switches.get(medium, []), *names]
            media = [
                medium
                for medium, names in switches.items()
                if any(company[name] for company in companies for name in names)
            ]
            if media:
                offered[kind] = media
        return offered

    def _companies_that_tell(self):
        return self.company_id or self.env["res.company"].search([])  # pylint: disable=no-search-all

    def _messages_page(self):
        """Return what the page shows: each kind with its options, and whether there is one mail a day."""
        holder = self.commercial_partner_id
        companies = holder._companies_that_tell()
        labels = dict(
            self.env["order.notification.preference"]._fields["kind"]._description_selection(self.env)
        )
        kinds = [
            {
                "code": kind,
                "label": labels[kind],
                "choice": self._message_choice(kind) or "",
                "options": self._media_options(media),
                "required": kind in REQUIRED and all(companies.mapped("messages_required")),
            }
            for kind, media in holder._choices_offered().items()
        ]
        digests = self._fields["message_digest"]._description_selection(self.env)
        return {
            "holder": holder,
            "kinds": kinds,
            "digest": self.message_digest or holder.message_digest or "",
            "digests": [("", self.env._("As you send them as a rule")), *digests],
        }

    def _media_options(self, media):
        preference = self.env["order.notification.preference"]
        words = dict(preference._fields["medium"]._description_selection(self.env))
        single = [(medium, words[medium]) for medium in media if len(media) > 1]
        return [("", str(self.env._(AS_SENT[" ".join(media)]))), *single, ("none", words["none"])]

    def _choose_messages(self, choices, digest):
        """Keep what the customer has chosen, for all of his company; what he had himself is replaced.

        :param choices: ``{kind: medium or ""}``; kinds that are not offered, and media nobody knows, are
            left out
        """
        holder = self.commercial_partner_id
        offered, known = holder._choices_offered(), {"", "mail", "sms", "none"}
        choices = {kind: one for kind, one in choices.items() if kind in offered and one in known}
        both = self | holder
        both.message_preference_ids.filtered(lambda one: one.kind in choices).unlink()
        self.env["order.notification.preference"].create(
            [
                {"partner_id": holder.id, "kind": kind, "medium": medium}
                for kind, medium in choices.items()
                if medium
            ]
        )
        if digest in ("", "each", "daily"):
            (self - holder).message_digest = False
            holder.message_digest = digest or False
