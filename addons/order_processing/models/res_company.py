from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    _inherit = "res.company"

    review_mode = fields.Selection(
        selection=[
            ("off", "Off"),
            ("observe", "Observe: show findings, hold nothing"),
            ("enforce", "Enforce: hold orders until they are cleared"),
        ],
        string="Order review",
        required=True,
        default="observe",
        help="Observe is the right start in a running company: you see for some weeks what would be held.",
    )
    reservation_mode = fields.Selection(
        selection=[
            ("odoo", "As Odoo does it"),
            ("at_once", "At once, on confirmation"),
            ("queued", "Queued, by rank"),
        ],
        string="Stock reservation",
        required=True,
        default="odoo",
        help="Who gets scarce stock, and when it is set aside. Nothing is ever reserved twice, in none of"
        " them.",
    )
    complete_order_patience = fields.Integer(
        "Orders shipped complete wait",
        required=True,
        default=7,
        help="Days in which an order that is shipped complete sets nothing aside before everything for it is"
        " there, so that others can have what it could not use yet. After that it collects what it gets."
        " 0, and where dates are promised: it collects from the beginning.",
    )
    review_price_tolerance = fields.Float(
        string="Price tolerance (%)",
        default=1.0,
        digits=(5, 2),
        help="How far a line's net price may be from the price list, up or down, before the order is held.",
    )
    review_manager_id = fields.Many2one(
        "res.users",
        string="Gets reviews nobody else may decide",
        ondelete="restrict",
        help="Gets reviews that nobody at the stage may decide, or that are not decided in time, where"
        " neither the stage nor the sales team names somebody. Needs the role Reviewer.",
    )
    role_limits = fields.Boolean(
        string="Limits by role",
        default=True,
        help="Who may change, cancel and refund, and up to what amount. They hold where review is enforced.",
    )
    change_limit = fields.Selection(
        selection=[
            ("shipped", "Something of it has left"),
            ("picked", "Something of it has been picked"),
        ],
        string="Salespeople change and cancel until",
        required=True,
        default="shipped",
        help="From then on only sales managers change or cancel the order.",
    )
    cancel_limit = fields.Monetary(
        string="Salespeople cancel up to",
        help="Total of a confirmed order with taxes, in the company's currency. 0 is no limit.",
    )
    refund_limit = fields.Monetary(
        string="Salespeople credit up to",
        help="What is drafted as credit notes for one order or invoice, in the company's currency. 0 is no"
        " limit. Sales managers have none; posting takes a role in accounting.",
    )
    billing_refund_limit = fields.Monetary(
        string="Billing credits up to",
        help="What is credited for one order or invoice, in the company's currency. 0 is no limit."
        " Administrators of accounting have none.",
    )

    tell_received = fields.Boolean(
        "Order received",
        default=True,
        help="Customers get a message when their order has come in and is checked before it is confirmed."
        " For one that is confirmed at once Odoo's own messages are sent.",
    )
    tell_changes_requested = fields.Boolean(
        "Change asked for",
        default=True,
        help="Customers get a reviewer's question by e-mail, with a link to answer it.",
    )
    tell_refused = fields.Boolean(
        "Order refused",
        default=True,
        help="Customers get the reason for which a reviewer refused their order.",
    )

    def write(self, vals):
        # Saving the settings writes every field again: only a change concerns the orders.
        mode = vals.get("review_mode")
        changing = self.filtered(lambda company: mode and company.review_mode != mode)
        reserving = vals.get("reservation_mode")
        switched = self.filtered(lambda company: reserving and company.reservation_mode != reserving)
        result = super().write(vals)
        if switched:
            self.env["stock.move"]._follow_reservation_mode(switched, reserving)
        if changing:
            domain = [("company_id", "in", changing.ids), ("state", "=", "sale")]
            # sudo: the switch concerns all orders of the company
            orders = self.env["sale.order"].sudo().search([*domain, ("processing_stage", "!=", "completed")])
            orders._follow_review_mode(mode)
            if mode != "enforce":
                held = self.env["sale.order"].sudo()  # sudo: see above
                held = held.search(
                    [
                        ("company_id", "in", changing.ids),
                        ("state", "in", ("draft", "sent")),
                        ("review_state", "in", ("pending", "changes_requested")),
                    ]
                )
                held._release_quotations()
        return result

    @api.constrains("review_manager_id")
    def _check_review_manager(self):
        for company in self:
            user = company.review_manager_id
            if user and not user.has_group("order_processing.group_order_processing_reviewer"):
                raise ValidationError(
                    self.env._(
                        "%s cannot decide on orders without the role Reviewer. Give it first.", user.name
                    )
                )

    _role_limits_positive = models.Constraint(
        "CHECK(cancel_limit >= 0 AND refund_limit >= 0 AND billing_refund_limit >= 0)",
        "A limit is an amount of 0 or more; 0 is no limit.",
    )
    _complete_order_patience_positive = models.Constraint(
        "CHECK(complete_order_patience >= 0)", "An order can wait 0 days or more, not less."
    )
    _review_price_tolerance_range = models.Constraint(
        "CHECK(review_price_tolerance >= 0 AND review_price_tolerance <= 100)",
        "The price tolerance is a percentage between 0 and 100.",
    )

    # ---------------------------------------------------------------- limits by role
    def _has_role_limits(self):
        return self.role_limits and self.review_mode == "enforce"

    def _refund_limit_of(self, user):
        """Return up to what amount ``user`` may credit one order or invoice; 0 is no limit."""
        if user.has_group("account.group_account_manager") or user.has_group("sales_team.group_sale_manager"):
            return 0.0
        if user.has_group("account.group_account_invoice"):
            return self.billing_refund_limit
        return self.refund_limit
