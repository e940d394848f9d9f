from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

# Who has not been heard of for so long has left.
STILL_THERE = timedelta(seconds=75)


class OrderLook(models.AbstractModel):
    """Who has which record open at work, right now, so that two do not do the same.

    Tables of their own: noting that somebody looks never gets in the way of what happens to the record.
    """

    _name = "order.look"
    _description = "Person at a Record"
    _looked_at = None  # the field with the record

    user_id = fields.Many2one("res.users", required=True, ondelete="cascade", index=True)
    seen_at = fields.Datetime(required=True)

    @api.model
    def _note(self, records, user):
        """The user is at these records, and only at these."""
        self.env.execute_query(
            SQL(
                """WITH gone AS (
                       DELETE FROM %(table)s WHERE user_id = %(user)s AND NOT %(field)s = ANY(%(ids)s))
                   INSERT INTO %(table)s (%(field)s, user_id, seen_at)
                   SELECT unnest(%(ids)s), %(user)s, %(now)s
                   ON CONFLICT (%(field)s, user_id) DO UPDATE SET seen_at = %(now)s RETURNING id""",
                table=SQL.identifier(self._table),
                field=SQL.identifier(self._looked_at),
                user=user.id,
                ids=records.ids,
                now=fields.Datetime.now(),
            )
        )
        self.invalidate_model(flush=False)

    @api.model
    def _forget(self, user):
        self.search([("user_id", "=", user.id)]).unlink()

    @api.model
    def _others(self, records):
        """Return ``{record id: users}``: who else is at these records now."""
        query = SQL(
            """SELECT %(field)s, user_id FROM %(table)s
                WHERE %(field)s = ANY(%(ids)s) AND user_id <> %(user)s AND seen_at >= %(since)s
                ORDER BY user_id""",
            table=SQL.identifier(self._table),
            field=SQL.identifier(self._looked_at),
            ids=records.ids,
            user=self.env.uid,
            since=fields.Datetime.now() - STILL_THERE,
        )
        others = {}
        for record_id, user_id in self.env.execute_query(query):
            others.setdefault(record_id, []).append(user_id)
        return {record_id: self.env["res.users"].browse(ids) for record_id, ids in others.items()}

    @api.model
    def _other_names(self, records):
        """Return the names of all others who are at one of these records."""
        users = {user for users in self._others(records).values() for user in users}
        return sorted(user.sudo().name for user in users)  # sudo: colleagues see of each other what they do

    @api.autovacuum
    def _gc_looks(self):
        if not self._abstract:
            self.search([("seen_at", "<", fields.Datetime.now() - timedelta(days=1))]).unlink()
