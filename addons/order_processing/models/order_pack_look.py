from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

# Somebody who has not been heard of for so long has left the packing table.
STILL_PACKING = timedelta(seconds=75)


class OrderPackLook(models.Model):
    """Who packs which transfer, right now, so that two do not pack the same.

    A table of its own: noting that somebody packs never gets in the way of what happens to the transfer.
    """

    _name = "order.pack.look"
    _description = "Packer at a Transfer"
    _log_access = False
    _order = "id"

    picking_id = fields.Many2one("stock.picking", required=True, ondelete="cascade", index=True)
    user_id = fields.Many2one("res.users", required=True, ondelete="cascade", index=True)
    seen_at = fields.Datetime(required=True)

    _once = models.UniqueIndex("(picking_id, user_id)", "One note for each packer and transfer.")

    @api.model
    def _note(self, pickings, user):
        """The user packs these transfers, and only these."""
        self.env.execute_query(
            SQL(
                """WITH gone AS (
                       DELETE FROM order_pack_look
                        WHERE user_id = %(user)s AND NOT picking_id = ANY(%(pickings)s))
                   INSERT INTO order_pack_look (picking_id, user_id, seen_at)
                   SELECT unnest(%(pickings)s), %(user)s, %(now)s
                   ON CONFLICT (picking_id, user_id) DO UPDATE SET seen_at = %(now)s RETURNING id""",
                user=user.id,
                pickings=pickings.ids,
                now=fields.Datetime.now(),
            )
        )
        self.invalidate_model(flush=False)

    @api.model
    def _others(self, picking):
        """Return the names of those who pack the transfer as well."""
        since = fields.Datetime.now() - STILL_PACKING
        others = self.search([("picking_id", "=", picking.id), ("seen_at", ">=", since)])
        return sorted((others.user_id - self.env.user).mapped("name"))

    @api.autovacuum
    def _gc_looks(self):
        self.search([("seen_at", "<", fields.Datetime.now() - timedelta(days=1))]).unlink()
