from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    review_mode = fields.Selection(related="company_id.review_mode", readonly=False)
    role_limits = fields.Boolean(related="company_id.role_limits", readonly=False)
    change_limit = fields.Selection(related="company_id.change_limit", readonly=False)
    cancel_limit = fields.Monetary(related="company_id.cancel_limit", readonly=False)
    refund_limit = fields.Monetary(related="company_id.refund_limit", readonly=False)
    billing_refund_limit = fields.Monetary(related="company_id.billing_refund_limit", readonly=False)
    tell_received = fields.Boolean(related="company_id.tell_received", readonly=False)
    tell_changes_requested = fields.Boolean(related="company_id.tell_changes_requested", readonly=False)
    tell_refused = fields.Boolean(related="company_id.tell_refused", readonly=False)
    reservation_mode = fields.Selection(related="company_id.reservation_mode", readonly=False)
    review_price_tolerance = fields.Float(related="company_id.review_price_tolerance", readonly=False)
    review_manager_id = fields.Many2one(related="company_id.review_manager_id", readonly=False)
    complete_order_patience = fields.Integer(related="company_id.complete_order_patience", readonly=False)
    reservation_watch_user_id = fields.Many2one(
        related="company_id.reservation_watch_user_id", readonly=False
    )
    promise_mode = fields.Selection(related="company_id.promise_mode", readonly=False)
    promise_planning_days = fields.Integer(related="company_id.promise_planning_days", readonly=False)
    tell_promise = fields.Boolean(related="company_id.tell_promise", readonly=False)
