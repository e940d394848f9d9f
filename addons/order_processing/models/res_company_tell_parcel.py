from odoo import fields, models


class ResCompany(models.Model):
    """Which news of parcels customers are told. Off until somebody switches them on."""

    _inherit = "res.company"

    tell_out_for_delivery = fields.Boolean("Out for delivery")
    tell_out_for_delivery_sms = fields.Boolean("Out for delivery, by SMS")
    tell_available_for_pickup = fields.Boolean("Ready to be collected")
    tell_available_for_pickup_sms = fields.Boolean("Ready to be collected, by SMS")
    tell_attempt_failed = fields.Boolean("Delivery attempt failed")
    tell_attempt_failed_sms = fields.Boolean("Delivery attempt failed, by SMS")
    tell_delivered = fields.Boolean("Delivered")
    tell_delivered_sms = fields.Boolean("Delivered, by SMS")
    tell_parcel_problem = fields.Boolean("Problem with a parcel")
    tell_parcel_problem_sms = fields.Boolean("Problem with a parcel, by SMS")


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    tell_out_for_delivery = fields.Boolean(related="company_id.tell_out_for_delivery", readonly=False)
    tell_out_for_delivery_sms = fields.Boolean(related="company_id.tell_out_for_delivery_sms", readonly=False)
    tell_available_for_pickup = fields.Boolean(related="company_id.tell_available_for_pickup", readonly=False)
    tell_available_for_pickup_sms = fields.Boolean(
        related="company_id.tell_available_for_pickup_sms", readonly=False
    )
    tell_attempt_failed = fields.Boolean(related="company_id.tell_attempt_failed", readonly=False)
    tell_attempt_failed_sms = fields.Boolean(related="company_id.tell_attempt_failed_sms", readonly=False)
    tell_delivered = fields.Boolean(related="company_id.tell_delivered", readonly=False)
    tell_delivered_sms = fields.Boolean(related="company_id.tell_delivered_sms", readonly=False)
    tell_parcel_problem = fields.Boolean(related="company_id.tell_parcel_problem", readonly=False)
    tell_parcel_problem_sms = fields.Boolean(related="company_id.tell_parcel_problem_sms", readonly=False)
    parcel_problems = fields.Boolean(related="company_id.parcel_problems", readonly=False)
    problem_silent_days = fields.Integer(related="company_id.problem_silent_days", readonly=False)
    problem_pickup_days = fields.Integer(related="company_id.problem_pickup_days", readonly=False)
    problem_user_id = fields.Many2one(related="company_id.problem_user_id", readonly=False)
    problem_returns_user_id = fields.Many2one(related="company_id.problem_returns_user_id", readonly=False)
