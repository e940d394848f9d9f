from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

# Somebody who has not been heard of for so long has left the order.
STILL_LOOKING = timedelta(seconds=75)


class OrderReviewLook(models.Model):
    """Who is looking at which order, right now, so that two do not decide on the same.

    A table of its own: noting that somebody looks never gets in the way of a decision.
    """

    _name = "order.review.look"
    _description = "Reviewer Looking at an Order"
    _log_access = False
    _order = "id"

    order_id = fields.Many2one("sale.order", required=True, ondelete="cascade", index=True)
    user_id = fields.Many2one("res.users", required=True, ondelete="cascade", index=True)
    seen_at = fields.Datetime(required=True)

    _once = models.UniqueIndex("(order_id, user_id)", "One note for each reviewer and order.")

    @api.model
    def _note(self, orders, user):
        """The user looks at these orders, and only at these."""
        now = fields.Datetime.now()
        self.env.execute_query(
            SQL(
                """WITH gone AS (
                       DELETE FROM order_review_look
                        WHERE user_id = %(user)s AND NOT order_id = ANY(%(orders)s))
                   INSERT INTO order_review_look (order_id, user_id, seen_at)
                   SELECT unnest(%(orders)s), %(user)s, %(now)s
                   ON CONFLICT (order_id, user_id) DO UPDATE SET seen_at = %(now)s RETURNING id""",
                user=user.id,
                orders=orders.ids,
                now=now,
            )
        )
        self.invalidate_model(flush=False)

    @api.model
    def _forget(self, user):
        self.search([("user_id", "=", user.id)]).unlink()

    @api.model
    def _others(self, orders):
        """Return ``{order id: users}``: who else looks at these orders now."""
        query = SQL(
            """SELECT order_id, user_id FROM order_review_look
                WHERE order_id = ANY(%s) AND user_id <> %s AND seen_at >= %s ORDER BY user_id""",
            orders.ids,
            self.env.uid,
            fields.Datetime.now() - STILL_LOOKING,
        )
        others = {}
        for order_id, user_id in self.env.execute_query(query):
            others.setdefault(order_id, []).append(user_id)
        return {order_id: self.env["res.users"].browse(ids) for order_id, ids in others.items()}

    @api.autovacuum
    def _gc_looks(self):
        self.search([("seen_at", "<", fields.Datetime.now() - timedelta(days=1))]).unlink()


class SaleOrder(models.Model):
    _inherit = "sale.order"

    review_looking = fields.Char(
        "Being looked at by",
        compute="_compute_review_looking",
        groups="order_processing.group_order_processing_reviewer",
        help="Who else has the order open at the review desk now.",
    )

    @api.depends_context("uid")
    def _compute_review_looking(self):
        # sudo: reviewers see of each other what they look at
        others = self.env["order.review.look"].sudo()._others(self)
        for order in self:
            users = others.get(order.id)
            order.review_looking = ", ".join(users.sudo().mapped("name")) if users else False

    def review_look(self):
        """Note that the acting reviewer has this order open; return who else has. The desk calls it often."""
        self._check_is_reviewer()
        self.check_access("read")
        if not self:
            return []
        looks = self.env["order.review.look"].sudo()  # sudo: nobody writes it by hand
        looks._note(self, self.env.user)
        others = looks._others(self)
        return sorted({name for users in others.values() for name in users.sudo().mapped("name")})

    def review_look_away(self):
        """The acting reviewer has left the desk."""
        if not self.env.user.has_group("order_processing.group_order_processing_reviewer"):
            raise AccessError(self.env._("Only reviewers are at the review desk."))
        self.env["order.review.look"].sudo()._forget(self.env.user)  # sudo: their own, nothing else
        return True
