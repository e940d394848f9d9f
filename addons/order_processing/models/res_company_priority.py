from odoo import api, fields, models

from ..engine.priority import PARTS, Weights

# What the engine calls the weights and scales, and the fields they are kept in.
WEIGHT_FIELDS = {name: f"priority_weight_{name}" for name in PARTS} | {
    "slack_days": "priority_slack_days",
    "age_days": "priority_age_days",
    "reference": "priority_reference_amount",
}
DEFAULT = Weights()


class ResCompany(models.Model):
    """What makes one order more pressing than another here."""

    _inherit = "res.company"

    is_priority_scored = fields.Boolean(
        "Score orders",
        help="Open orders get a priority, also where departures are not planned. Where they are, always.",
    )
    priority_weight_urgency = fields.Integer("Urgent, or starred", default=int(DEFAULT.urgency))
    priority_weight_slack = fields.Integer("Time left to keep the promise", default=int(DEFAULT.slack))
    priority_weight_tier = fields.Integer("Tier of the customer", default=int(DEFAULT.tier))
    priority_weight_age = fields.Integer("Age of the order", default=int(DEFAULT.age))
    priority_weight_waiting = fields.Integer("What it has suffered", default=int(DEFAULT.waiting))
    priority_weight_value = fields.Integer("Value of the order", default=int(DEFAULT.value))
    priority_slack_days = fields.Float(
        "A promise presses within", default=DEFAULT.slack_days, help="Days before the goods have to leave."
    )
    priority_age_days = fields.Float(
        "Age counts up to", default=DEFAULT.age_days, help="Days since the order was confirmed."
    )
    priority_reference_amount = fields.Monetary(
        "Half the points for a value of",
        currency_field="currency_id",
        default=DEFAULT.reference,
        help="More is worth more, but never all of the points.",
    )

    _priority_weights_bounds = models.Constraint(
        """CHECK(priority_weight_urgency BETWEEN 0 AND 100 AND priority_weight_slack BETWEEN 0 AND 100
             AND priority_weight_tier BETWEEN 0 AND 100 AND priority_weight_age BETWEEN 0 AND 100
             AND priority_weight_waiting BETWEEN 0 AND 100 AND priority_weight_value BETWEEN 0 AND 100)""",
        "Each weight of the priority is a number from 0 to 100.",
    )
    _priority_weights_not_all_zero = models.Constraint(
        """CHECK(priority_weight_urgency + priority_weight_slack + priority_weight_tier + priority_weight_age
                 + priority_weight_waiting + priority_weight_value > 0)""",
        "At least one weight of the priority has to be more than 0.",
    )
    _priority_scales_positive = models.Constraint(
        "CHECK(priority_slack_days > 0 AND priority_age_days > 0 AND priority_reference_amount > 0)",
        "Days and amount the priority is measured by are more than 0.",
    )

    def _scores_priority(self):
        return self._plans_dispatch() or self.is_priority_scored

    @api.model
    def _scoring_ids(self):
        domain = ["|", ("dispatch_mode", "=", "plan"), ("is_priority_scored", "=", True)]
        return self.search(domain).ids

    def _priority_weights(self):
        self.ensure_one()
        return Weights(**{name: float(self[field]) for name, field in WEIGHT_FIELDS.items()})

    def write(self, vals):
        result = super().write(vals)
        watched = {"dispatch_mode", "is_priority_scored", *WEIGHT_FIELDS.values()}
        if watched & vals.keys():
            self.env["sale.order"]._wake_priority_clock()
        return result
