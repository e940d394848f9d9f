from datetime import datetime, time

from odoo import api, fields, models
from odoo.tools import SQL

from ..connectors.base import connector_of

# One pass over the calls since midnight, UTC as the quota has it, or of the last hour.
USED = """
SELECT provider_id,
       count(*) FILTER (WHERE called_at >= %(midnight)s),
       count(*) FILTER (WHERE called_at > %(now)s::timestamp - interval '1 minute')
  FROM order_tracking_call
 WHERE provider_id = ANY(%(ids)s)
   AND called_at >= LEAST(%(midnight)s::timestamp, %(now)s::timestamp - interval '1 minute')
 GROUP BY provider_id"""
BUSIEST = """
SELECT provider_id, max(calls)
  FROM (SELECT provider_id, count(*) AS calls FROM order_tracking_call
         WHERE provider_id = ANY(%(ids)s) AND called_at >= %(now)s::timestamp - interval '1 hour'
         GROUP BY provider_id, date_trunc('minute', called_at)) minutes
 GROUP BY provider_id"""


class OrderTrackingProvider(models.Model):
    """How much of what the account may is used: today, and in a minute."""

    _inherit = "order.tracking.provider"

    used_today = fields.Char("Calls today so far", compute="_compute_usage")
    used_a_minute = fields.Char("Calls a minute", compute="_compute_usage")
    last_push_at = fields.Datetime(
        "Told us last", compute="_compute_last_push_at", groups="base.group_system"
    )

    @api.depends("kind", "per_day", "per_second")
    @api.depends_context("lang")
    def _compute_usage(self):
        made, minute, busiest = self._usage()
        for provider in self:
            id_, kind = provider._origin.id, connector_of(provider.kind)
            a_day = provider.per_day or (kind.per_day if kind else 0) or 0
            provider.used_today = self._used_today(made.get(id_, 0), a_day)
            a_second = provider.per_second or (kind.per_second if kind else 0) or 0
            provider.used_a_minute = self._used_a_minute(
                minute.get(id_, 0), busiest.get(id_, 0), round(a_second * 60)
            )

    def _usage(self):
        """Return calls today, in the last minute, and in the busiest minute of the last hour, by account."""
        calls = self.env["order.tracking.call"]
        calls.flush_model(["provider_id", "called_at"])
        now = fields.Datetime.now()
        values = {"ids": self._origin.ids, "now": now, "midnight": datetime.combine(now.date(), time())}
        rows = self.env.execute_query(SQL(USED, **values))
        busiest = dict(self.env.execute_query(SQL(BUSIEST, **values)))
        made = {id_: count for id_, count, _minute in rows}
        for provider in self:
            if provider.calls_day == now.date():  # what took its turn counts, whether noted or not
                id_ = provider._origin.id
                made[id_] = max(made.get(id_, 0), provider.calls_today)
        return made, {id_: count for id_, _today, count in rows}, busiest

    def _used_today(self, made, allowed):
        return self.env._("%(made)s of %(allowed)s", made=made, allowed=allowed) if allowed else str(made)

    def _used_a_minute(self, now, most, allowed):
        if allowed:
            return self.env._(
                "%(now)s now, at most %(most)s within the last hour, %(allowed)s allowed",
                now=now,
                most=most,
                allowed=allowed,
            )
        return self.env._("%(now)s now, at most %(most)s within the last hour", now=now, most=most)

    def _compute_last_push_at(self):
        for provider in self:  # a page shows one
            last = self.env["order.tracking.inbox"].search(
                [("provider_id", "=", provider._origin.id)], order="id desc", limit=1
            )
            provider.last_push_at = last.received_at
