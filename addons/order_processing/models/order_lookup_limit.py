from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import hmac

from .order_tracking_again import settled

SCOPE = "order_processing.lookup.limit"
KEPT_HOURS = 24
DELETED_AT_ONCE = 10_000
# How often, and in how many seconds; each with the name of its setting.
LIMITS = {
    "address": ("order_processing.guest_lookup_per_address", 20, 15 * 60),
    "number": ("order_processing.guest_lookup_per_number", 20, 60 * 60),
}
# Of the turns of one number an address gets this part: numbers follow each other, and whoever knows one could
# keep its customer out by asking for it again and again.
PART, FEWEST = 4, 2
# A bucket that leaks: full, it takes one more as soon as there is room for it. What is refused does not fill
# it, or somebody who goes on and on would keep it full for everybody. One statement: workers cannot both
# take the last place.
TAKE = """
INSERT INTO order_lookup_limit AS bucket (key, level, filled_at, is_refused)
VALUES (%(key)s, 1, clock_timestamp() AT TIME ZONE 'UTC', false)
ON CONFLICT (key) DO UPDATE
   SET level = CASE WHEN %(left)s + 1 <= %(most)s THEN %(left)s + 1 ELSE %(left)s END,
       is_refused = %(left)s + 1 > %(most)s,
       filled_at = clock_timestamp() AT TIME ZONE 'UTC'
RETURNING level, is_refused"""
LEFT = """GREATEST(0, bucket.level - %(most)s::float8 / %(seconds)s
          * GREATEST(0, EXTRACT(EPOCH FROM clock_timestamp() AT TIME ZONE 'UTC' - bucket.filled_at)))"""


class OrderLookupLimit(models.Model):
    """How often somebody has looked up orders without logging in: from an address, for a number.

    Neither is kept as it is, only a digest. All workers share the table.
    """

    _name = "order.lookup.limit"
    _description = "How Often Orders Are Looked Up"
    _log_access = False
    _rec_name = "key"

    key = fields.Char(required=True, readonly=True)
    level = fields.Float(required=True, readonly=True, aggregator=None)
    filled_at = fields.Datetime(required=True, readonly=True)
    is_refused = fields.Boolean(readonly=True)

    _key_unique = models.UniqueIndex("(key)")
    _filled_at = models.Index("(filled_at)")

    @api.model
    def _wait(self, kind, value):
        """Take one turn of an address, a number, or ``both``; return for how many seconds to wait, or 0.

        Commits: the turn is taken whatever becomes of the request. The caller has written nothing yet.
        """
        most, seconds = self._most(kind)
        # sudo: the database's secret
        key = hmac(self.sudo().env, SCOPE, [kind, value])
        level, is_refused = settled(self.env, lambda: self._take(key, most, seconds))
        if not is_refused:
            return 0
        return max(1, round((level + 1 - most) * seconds / most + 0.5))

    @api.model
    def _give_back(self, kind, value):
        """Give a turn back: who has found his order may look again as often as he likes. Commits."""
        # sudo: the database's secret
        key = hmac(self.sudo().env, SCOPE, [kind, value])
        query = SQL(
            "UPDATE order_lookup_limit SET level = GREATEST(0, level - 1) WHERE key = %s RETURNING id", key
        )
        settled(self.env, lambda: self.env.execute_query(query))

    def _take(self, key, most, seconds):
        left = SQL(LEFT, most=most, seconds=seconds)
        query = SQL(TAKE, key=key, left=left, most=most)
        ((level, is_refused),) = self.env.execute_query(query)
        return level, is_refused

    @api.model
    def _most(self, kind):
        """Return how often, and in how many seconds; nobody is without limit."""
        if kind == "both":
            most, seconds = self._most("number")
            return max(min(most, FEWEST), most // PART), seconds
        name, default, seconds = LIMITS[kind]
        # sudo: a setting
        value = self.env["ir.config_parameter"].sudo().get_param(name) or ""
        return (int(value) if value.isdecimal() else 0) or default, seconds

    @api.autovacuum
    def _gc_limits(self):
        old = [("filled_at", "<", fields.Datetime.now() - timedelta(hours=KEPT_HOURS))]
        found = self.search(old, limit=DELETED_AT_ONCE)
        found.unlink()
        return len(found), len(found) == DELETED_AT_ONCE
