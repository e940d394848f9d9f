from odoo import api, fields, models
from odoo.exceptions import AccessError


class OrderReviewLook(models.Model):
    """Who is looking at which order, right now, so that two do not decide on the same."""

    _name = "order.review.look"
    _inherit = ["order.look"]
    _description = "Reviewer Looking at an Order"
    _log_access = False
    _order = "id"
    _looked_at = "order_id"

    order_id = fields.Many2one("sale.order", required=True, ondelete="cascade", index=True)

    _once = models.UniqueIndex("(order_id, user_id)", "One note for each reviewer and order.")


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
        return looks._other_names(self)

    def review_look_away(self):
        """The acting reviewer has left the desk."""
        if not self.env.user.has_group("order_processing.group_order_processing_reviewer"):
            raise AccessError(self.env._("Only reviewers are at the review desk."))
        self.env["order.review.look"].sudo()._forget(self.env.user)  # sudo: their own, nothing else
        return True
