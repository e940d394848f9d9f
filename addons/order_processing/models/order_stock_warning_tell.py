import logging
from collections import defaultdict

from markupsafe import Markup

from odoo import fields, models

from .sale_order_rules import RETRIED

_logger = logging.getLogger(__name__)

ACTIVITY = "order_processing.mail_activity_type_stock_warning"
QUEUES = {"mail": "mail.ir_cron_mail_scheduler_action", "sms": "sms.ir_cron_sms_scheduler_action"}


class OrderStockWarning(models.Model):
    """Who is told of a crossing, and how.

    What crosses together is one e-mail and one SMS for each person. Both are put into Odoo's queues in the
    transaction that opens the warning, so that they go out if, and only if, it is committed.
    """

    _inherit = "order.stock.warning"

    def _tell(self):
        for company, warnings in self.grouped("company_id").items():
            by_user = defaultdict(self.browse)
            for warning in warnings:
                for user in warning.orderpoint_id._watchers():
                    by_user[user] |= warning
            for user, theirs in by_user.items():
                theirs._tell_user(user, user._stock_warning_media(company))

    def _tell_user(self, user, media):
        """Tell a person by each of the ways; one that fails does not stop the others."""
        reader = self.with_context(lang=user.lang or self.env.lang, tz=user.tz)
        ways = [way for way in media if reader._try_to_tell(way, user)]
        if ways:
            for warning in self:
                warning.told = [*(warning.told or []), [user.name, ways]]
        for way in QUEUES.keys() & ways:
            if cron := self.env.ref(QUEUES[way], raise_if_not_found=False):
                cron._trigger()

    def _try_to_tell(self, way, user):
        try:
            with self.env.cr.savepoint():
                return {"activity": self._schedule, "mail": self._mail, "sms": self._text}[way](user)
        except RETRIED:
            raise
        except Exception:  # noqa: BLE001  whatever it is, the others are told
            _logger.warning("%s could not be told by %s of low stock", user.login, way, exc_info=True)
            return False

    # ---------------------------------------------------------------- the ways
    def _schedule(self, user):
        """Give them an activity each; where one is open already (it has got critical) it says so now."""
        kind = self.env.ref(ACTIVITY)
        open_ones = self.activity_ids.filtered(
            lambda one: one.activity_type_id == kind and one.user_id == user
        )
        known = {activity.res_id: activity for activity in open_ones}
        vals_list = []
        for warning in self:
            vals = {"summary": warning._sentence(), "date_deadline": fields.Date.context_today(warning)}
            if warning.id in known:
                known[warning.id].write(vals)
                continue
            vals |= {"activity_type_id": kind.id, "user_id": user.id, "automated": True}
            vals |= {"res_model_id": self.env["ir.model"]._get_id(self._name), "res_id": warning.id}
            vals_list.append(vals)
        # The e-mail is ours to send: Odoo's own for each activity would be a second one.
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(vals_list)
        return True

    def _mail(self, user):
        body = Markup("<p>%s</p>") % self[0]._sentence()
        if len(self) > 1:
            items = Markup().join(Markup("<li>%s</li>") % warning._sentence() for warning in self)
            body = Markup("<p>%s</p><ul>%s</ul>") % (self._headline(), items)
        self[0].message_notify(
            partner_ids=user.partner_id.ids,
            subject=self._headline(),
            body=body,
            email_layout_xmlid="mail.mail_notification_light",
            force_send=False,
        )
        return True

    def _text(self, user):
        if not user.partner_id.phone:
            return False
        text = self[0]._sentence() if len(self) == 1 else self._headline()
        self[0]._message_sms(text, partner_ids=user.partner_id.ids, put_in_queue=True)
        return True

    def _headline(self):
        critical = self.filtered(lambda warning: warning.severity == "critical")
        if len(self) == 1:
            name = self.product_id.display_name
            return self.env._("Critical stock: %s", name) if critical else self.env._("Low stock: %s", name)
        names = ", ".join((critical or self)[:3].product_id.mapped("display_name"))
        return self.env._(
            "%(count)s products are low on stock, %(critical)s of them critical: %(names)s …",
            count=len(self),
            critical=len(critical),
            names=names,
        )

    # ---------------------------------------------------------------- over
    def _withdraw_activities(self):
        """It has recovered: there is nothing left to be done."""
        kind = self.env.ref(ACTIVITY)
        self.activity_ids.filtered(lambda one: one.activity_type_id == kind).unlink()
