from odoo import fields, models


class SaleOrder(models.Model):
    """What an order was when it was first held or cleared, for judging it later as it was handed in."""

    _inherit = "sale.order"

    review_first_terms = fields.Json(
        copy=False,
        readonly=True,
        groups="base.group_system",
        help="What was first held or cleared, where it is something else now. For trials of rules.",
    )

    def _first_terms_vals(self, terms=None):
        """Return the values that keep the first terms, where ``terms`` are about to take their place.

        Nothing for an order that is held or cleared for the first time, or as it was before: then what
        is kept anyway tells what it was.
        """
        if self.review_first_terms:
            return {}
        first = (self.review_replay or {}).get("terms") or self.review_clearance
        return {"review_first_terms": first} if first and first != terms else {}

    def _forget_clearance(self, state):
        orders = self.sudo()  # sudo: see the method
        if state == "draft" and (kept := orders.filtered("review_first_terms")):
            kept.write({"review_first_terms": False})
        if state == "cancel":
            for order in orders:
                # What was cleared goes; what the order was like when it was handed in does not.
                if vals := order._first_terms_vals():
                    order.write(vals)
        return super()._forget_clearance(state)
