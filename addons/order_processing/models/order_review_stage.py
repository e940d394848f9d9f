from odoo import fields, models


class OrderReviewStage(models.Model):
    """Who looks at what the rules find: the sales desk, finance, management."""

    _name = "order.review.stage"
    _description = "Review Stage"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index=True, help="Leave empty to share the stage between companies."
    )
    rule_ids = fields.One2many("order.review.rule", "stage_id", string="Rules")
