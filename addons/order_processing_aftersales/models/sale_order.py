from odoo import api, fields, models
from odoo.exceptions import MissingError
from odoo.tools import SQL

from odoo.addons.order_processing.models.sale_order_stage import BEFORE

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

    # ---------------------------------------------------------------- going on
    def _take_case_turn(self):
        """Let those who do something about cases of this order come one after the other.

        The row is written, not only locked: whoever has waited, and began before that, is told by the
        database that he has old figures, is tried again by Odoo, and sees what the other one has made.
        """
        self.env.cr.execute(SQL("UPDATE sale_order SET write_date = write_date WHERE id = %s", self.id))

    def _log_stage_changes(self):
        """What was sent again for a case has gone on: the case does, too."""
        changed = self.browse(list(self.env.cr.precommit.data.get(BEFORE) or ()))
        result = super()._log_stage_changes()
        orders = changed.sudo()  # sudo: whoever has moved the order, by a scan for example
        try:
            again = orders.filtered("case_id")
        except MissingError:  # one of them was deleted meanwhile
            again = orders.exists().filtered("case_id")
        again.case_id._replacement_moved()
        return result

    # ---------------------------------------------------------------- what customers see
    def _portal_cases(self):
        # sudo: of this order only, to who may read it; the page shows words, no fields
        return self.env["order.case"].sudo().search([("order_id", "=", self.id)], order="id desc", limit=20)

    def _may_complain(self, user):
        """Tell whether ``user``, who sees the page, may write here.

        Colleagues see it, too: they have the order itself to open a case on, and must not speak for him.
        """
        # sudo: compared only
        theirs = user.sudo().partner_id.commercial_partner_id == self.partner_id.commercial_partner_id
        if user._is_internal() and not theirs:
            return False
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
