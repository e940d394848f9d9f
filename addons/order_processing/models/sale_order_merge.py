from odoo import models

PARTIES = ("customer", "address", "invoice")


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _follow_merge(self, merged_ids, kept_id):
        """Let what was cleared speak of the contact that is kept: whoever merges says they are the same.

        Its address may be another, though, and that is judged like any address that is edited.
        """
        parties = ("partner_id", "partner_shipping_id", "partner_invoice_id")
        domain = ["|", "|", *((name, "=", kept_id) for name in parties), ("state", "!=", "draft")]
        known = ("review_clearance", "review_replay", "review_first_terms")
        orders = self.search([*domain, "|", "|", *((name, "!=", False) for name in known)])

        def renamed(terms):
            return {
                key: kept_id if key in PARTIES and id_ in merged_ids else id_ for key, id_ in terms.items()
            }

        for order in orders:
            if order.review_clearance:
                order.review_clearance = renamed(order.review_clearance)
            if order.review_first_terms:
                order.review_first_terms = renamed(order.review_first_terms)
            if terms := (order.review_replay or {}).get("terms"):
                order.review_replay = {**order.review_replay, "terms": renamed(terms)}
        self._cleared_orders_sent_to([kept_id])._review_after_change()
        self._note_address_raised([kept_id])
