from odoo import api, fields, models

STAFF = "sales_team.group_sale_salesman,stock.group_stock_user,account.group_account_invoice"


class SaleOrder(models.Model):
    _inherit = "sale.order"

    case_id = fields.Many2one(
        "order.case",
        "Sent again for",
        readonly=True,
        index="btree_not_null",
        copy=False,
        groups="base.group_user",
    )
    case_ids = fields.One2many("order.case", "order_id", "Cases", readonly=True, copy=False, groups=STAFF)
    case_count = fields.Integer(compute="_compute_case_count", groups=STAFF)

    @api.model
    def _guarded_fields(self):
        return super()._guarded_fields() | {"case_id", "case_ids"}

    def _compute_case_count(self):
        counts = dict(
            self.env["order.case"]._read_group([("order_id", "in", self.ids)], ["order_id"], ["__count"])
        )
        for order in self:
            order.case_count = counts.get(order._origin, 0)

    def action_view_cases(self):
        self.check_access("read")
        action = self.env["order.case"]._action_of([("order_id", "in", self.ids)])
        one = self[:1]
        return {**action, "context": {"default_order_id": one.id, "default_partner_id": one.partner_id.id}}

    def action_new_case(self):
        self.check_access("read")
        self.ensure_one()
        self.env["order.case"].check_access("create")
        return {
            "type": "ir.actions.act_window",
            "res_model": "order.case",
            "view_mode": "form",
            "views": [(False, "form")],
            "context": {"default_order_id": self.id, "default_partner_id": self.partner_id.id},
        }

    # ---------------------------------------------------------------- what customers see
    def _portal_cases(self):
        # sudo: of this order only, to who may read it; the page shows words, no fields
        return self.env["order.case"].sudo().search([("order_id", "=", self.id)], order="id desc", limit=20)

    def _may_complain(self):
        return self.state == "sale" or bool(self.sudo().shipment_ids)  # sudo: whether something has left


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    case_sale_line_id = fields.Many2one(
        "sale.order.line",
        "Sent again of",
        readonly=True,
        index="btree_not_null",
        copy=False,
        groups="base.group_user",
    )

    @api.model
    def _guarded_fields(self):
        return super()._guarded_fields() | {"case_sale_line_id"}
