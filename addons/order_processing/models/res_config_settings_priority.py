from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    is_priority_scored = fields.Boolean(related="company_id.is_priority_scored", readonly=False)
    priority_weight_urgency = fields.Integer(related="company_id.priority_weight_urgency", readonly=False)
    priority_weight_slack = fields.Integer(related="company_id.priority_weight_slack", readonly=False)
    priority_weight_tier = fields.Integer(related="company_id.priority_weight_tier", readonly=False)
    priority_weight_age = fields.Integer(related="company_id.priority_weight_age", readonly=False)
    priority_weight_waiting = fields.Integer(related="company_id.priority_weight_waiting", readonly=False)
    priority_weight_value = fields.Integer(related="company_id.priority_weight_value", readonly=False)
    priority_slack_days = fields.Float(related="company_id.priority_slack_days", readonly=False)
    priority_age_days = fields.Float(related="company_id.priority_age_days", readonly=False)
    priority_reference_amount = fields.Monetary(
        related="company_id.priority_reference_amount", readonly=False
    )
