from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

ACTIVITY = "order_processing.mail_activity_type_shortage"
# Nobody is written to more often than this, however much comes to be short.
BETWEEN_DIGESTS = timedelta(hours=1)


class OrderShortage(models.Model):
    """Telling buyers what is short: one activity each, one message for what is new, nothing twice."""

    _inherit = "order.shortage"

    def _buyers(self):
        """Return ``{shortage id: user id}`` of who sees to each; the purchase glue knows vendors' buyers."""
        return {one.id: one.company_id.shortage_user_id.id or None for one in self}

    @api.model
    def _asked_for(self, product_ids, warehouse_ids):
        """Return ``{(product, warehouse): [(Document, date, quantity)]}`` of what is only asked for yet."""
        return {}

    @api.model
    def _tell_buyers(self, company):
        """Keep one activity for each buyer of the company as long as there is something to see to."""
        due = self.search(
            Domain("state", "=", "open")
            & Domain("company_id", "=", company.id)
            & Domain("buyer_id", "!=", False)
            & (Domain("is_firm", "=", False) | Domain("risk", "=", "late"))
        )
        kind = self.env.ref(ACTIVITY)
        carriers = self.search(
            Domain("company_id", "=", company.id) & Domain("activity_ids.activity_type_id", "=", kind.id)
        )
        activities = carriers.activity_ids.filtered(lambda one: one.activity_type_id == kind)
        by_buyer = due.grouped("buyer_id")
        for buyer, theirs in by_buyer.items():
            theirs._keep_activity(activities.filtered(lambda one, user=buyer: one.user_id == user))
        activities.filtered(lambda one: one.user_id not in by_buyer).unlink()
        lately = self._told_lately(company)
        for buyer, news in due.filtered(lambda one: one._is_news()).grouped("buyer_id").items():
            if buyer not in lately:
                news._send_digest(buyer)

    def _is_news(self):
        return not self.told_at or bool(self.worse_at and self.worse_at > self.told_at)

    def _told_lately(self, company):
        """Return the buyers who have just been written to: what is new comes with the next message."""
        since = fields.Datetime.now() - BETWEEN_DIGESTS
        domain = Domain("company_id", "=", company.id) & Domain("told_at", ">", since)
        return self.env["res.users"].union(*(buyer for (buyer,) in self._read_group(domain, ["buyer_id"])))

    def _keep_activity(self, activities):
        """Have one activity say what there is now; it hangs on the worst of these shortages.

        A buyer who has done with it gets it again only when something is new, or has become worse.
        """
        buyer = self.buyer_id
        summary = self.with_context(lang=buyer.lang).env._("Short: %s products", len(self.product_id))
        if not activities:
            if not any(one._is_news() for one in self):
                return
            self[0].activity_schedule(ACTIVITY, user_id=buyer.id, summary=summary)
            return
        activity, doubles = activities[0], activities[1:]
        doubles.unlink()
        vals = {"summary": summary, "res_id": activity.res_id if activity.res_id in self.ids else self[0].id}
        if changed := {name: value for name, value in vals.items() if activity[name] != value}:
            activity.write(changed)

    def _send_digest(self, buyer):
        """Write to the buyer once about all that is new, as the buyer likes to be written to."""
        reader = self.with_context(lang=buyer.lang, tz=buyer.tz)
        body = (
            self.env["ir.qweb"]
            .with_context(lang=buyer.lang, tz=buyer.tz)
            ._render(
                "order_processing.shortage_digest",
                {"groups": list(reader.grouped("product_id").items()), "user": buyer},
            )
        )
        self.env["mail.thread"].message_notify(
            partner_ids=buyer.partner_id.ids,
            subject=reader.env._("%s products are short", len(self.product_id)),
            body=body,
            author_id=self.company_id.partner_id.id,
            email_layout_xmlid="mail.mail_notification_light",
        )
        self.write({"told_at": fields.Datetime.now()})
