from odoo import fields, models


class OrderChannel(models.Model):
    """For how long stock is held for what comes through this channel."""

    _inherit = "order.channel"

    hold_quotation_hours = fields.Integer(
        "Quotations hold stock for",
        help="Hours for which the goods of a quotation are set aside once it was sent. 0: not at all.",
    )
    hold_review_hours = fields.Integer(
        "Orders under review hold stock for",
        help="Hours for which the goods of an order are set aside while it waits for a decision. 0: not at"
        " all.",
    )

    _hold_hours_positive = models.Constraint(
        "CHECK(hold_quotation_hours >= 0 AND hold_review_hours >= 0)",
        "Stock is held for 0 hours or more; 0 is not at all.",
    )


class ResCompany(models.Model):
    """For how long stock is held for orders without a channel."""

    _inherit = "res.company"

    hold_quotation_hours = fields.Integer(
        "Quotations hold stock for",
        help="Hours for which the goods of a quotation without a channel are set aside once it was sent. 0:"
        " not at all.",
    )
    hold_review_hours = fields.Integer(
        "Orders under review hold stock for",
        help="Hours for which the goods of an order without a channel are set aside while it waits for a"
        " decision. 0: not at all.",
    )

    hold_longest_hours = fields.Integer(
        "Salespeople hold stock for at most",
        required=True,
        default=72,
        help="Hours from the first time stock is held for a quotation or an order under review; after that"
        " only sales managers hold it again.",
    )

    _hold_hours_positive = models.Constraint(
        "CHECK(hold_quotation_hours >= 0 AND hold_review_hours >= 0)",
        "Stock is held for 0 hours or more; 0 is not at all.",
    )
    _hold_longest_hours_positive = models.Constraint(
        "CHECK(hold_longest_hours > 0)", "Stock is held for at least an hour."
    )
