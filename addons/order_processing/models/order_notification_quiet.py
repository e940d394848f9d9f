from odoo import fields, models

from ..engine.quiet_hours import Window, clock, next_allowed, zone_of

# What may need an answer while the courier is still near.
URGENT = {"attempt_failed"}


class OrderNotification(models.Model):
    """Nobody is disturbed at night: what falls into quiet hours is sent after them."""

    _inherit = "order.notification"

    def _waits(self):
        now = fields.Datetime.now()
        then = self._not_before(now)
        if then > now:
            self.write({"due_at": then})
            self._wake([then])
            return True
        return super()._waits()

    def _not_before(self, now):
        """Return the first moment from now on at which it may go out, by the recipient's clock."""
        company = self.company_id
        if not company[f"quiet_{self.medium}"] or (company.quiet_except_urgent and self.kind in URGENT):
            return now
        hours = (company[f"quiet_{self.medium}_{end}"] for end in ("from", "until"))
        return next_allowed(now, Window(*map(clock, hours)), self._recipient_zone())

    def _recipient_zone(self):
        partner = self.partner_id
        return zone_of(partner.tz, partner.commercial_partner_id.tz, self.company_id.partner_id.tz)
