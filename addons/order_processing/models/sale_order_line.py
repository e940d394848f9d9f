from odoo import api, models
from odoo.exceptions import AccessError, UserError

from ..engine.clearance import LineTerms
from ..engine.review_facts import LineKind, is_under_review

# A change of one of these on a line of a confirmed order may go beyond what was cleared. The amounts
# are Odoo's to work out, but over RPC anybody may write them.
RISK_FIELDS = frozenset(
    {
        "order_id",
        "product_id",
        "product_uom_qty",
        "product_uom_id",
        "price_unit",
        "discount",
        "tax_ids",
        "extra_tax_data",
        "is_delivery",
        "is_expense",
        "price_subtotal",
        "price_total",
    }
)


# With one of these a line needs more or less of the stock than was promised.
QUANTITY = frozenset({"product_uom_qty", "product_uom_id"})
# Follows from what happens to the order and the stock; nobody may write it by form, import or API.
SOURCE_FIELDS = frozenset({"source_code", "source_figures", "split_from"})
GUARDED_FIELDS = SOURCE_FIELDS | {
    "promise_date",
    "first_promise_date",
    "ready_date",
    "promise_code",
    "promise_figures",
}


class SaleOrderLine(models.Model):
    _name = "sale.order.line"
    _inherit = ["sale.order.line", "order.guarded"]

    @api.model_create_multi
    def create(self, vals_list):
        default = self.env.context.get("default_order_id")
        order_ids = {vals.get("order_id") or default for vals in vals_list} - {None, False}
        self.env["sale.order"].browse(order_ids)._touch()
        return super().create(vals_list)

    @api.model
    def _guarded_fields(self):
        return super()._guarded_fields() | GUARDED_FIELDS

    def _check_guarded(self, vals):
        if not self.env.su and SOURCE_FIELDS & vals.keys():
            raise AccessError(
                self.env._("Why a line comes from its warehouse is not typed; choose the warehouse itself.")
            )
        if not self.env.su and GUARDED_FIELDS & vals.keys():
            raise AccessError(
                self.env._(
                    "What a line is promised for follows from the stock; set the order's delivery date."
                )
            )
        return super()._check_guarded(vals)

    def write(self, vals):
        self._check_stays(vals)
        if RISK_FIELDS & vals.keys():
            (self.order_id | self.order_id.browse(vals.get("order_id") or ()))._touch()
        result = super().write(vals)
        if RISK_FIELDS & vals.keys():
            self.filtered(lambda line: line.state == "sale").order_id._review_after_change()
        if QUANTITY & vals.keys():
            self.order_id._promise_again("line_changed")
        return result

    def unlink(self):
        self.order_id._touch()  # a line that takes something off may be what made the order cheap
        return super().unlink()

    def _check_stays(self, vals):
        """A line that is being delivered stays on its order, which is what tells whether it may leave."""
        if "order_id" not in vals:
            return
        leaving = self.filtered(lambda line: line.state == "sale" and line.order_id.id != vals["order_id"])
        # sudo: sales people need not see the transfers
        if any(move.state != "cancel" for move in leaving.sudo().move_ids):
            raise UserError(
                self.env._(
                    "A line that is being delivered cannot move to another order. Set its quantity to 0 and"
                    " add it there."
                )
            )

    def _action_launch_stock_rule(self, *, previous_product_uom_qty=False):
        # Lines of a confirmed order that go beyond its approval procure nothing until they are cleared.
        self.order_id._review_after_change()
        # sudo: company settings
        held = self.filtered(lambda line: line.order_id.sudo()._is_on_review_hold())
        held._note_kept_back()
        # What was added to a promised order gets its date before its transfer is planned.
        # sudo: guarded fields
        added = (self - held).sudo().filtered(lambda line: line.order_id._is_promised())
        added.order_id._promise_lines(added)
        return super(SaleOrderLine, self - held)._action_launch_stock_rule(
            previous_product_uom_qty=previous_product_uom_qty
        )

    def _note_kept_back(self):
        """Remember which lines are to be procured after the hold: only these, the others had their turn."""
        # sudo: guarded field
        for order, lines in self.sudo().grouped("order_id").items():
            replay = order.review_replay or {}
            kept_back = sorted({*replay.get("procure", ()), *lines.ids})
            order.write({"review_replay": {**replay, "procure": kept_back}})

    # ---------------------------------------------------------------- what the review looks at
    def _is_under_review(self):
        """Tell whether the line is looked at, as ``engine.review_facts`` decides for whole batches, too."""
        if self.display_type:
            return False
        kind = LineKind(
            product_id=self.product_id.id or None,
            product_type=self.product_id.type,
            quantity=self.product_uom_qty,
            price_unit=self.price_unit,
            net_price=self._net_price(),
            is_delivery=self.is_delivery,
            is_expense=self.is_expense,
            list_price=self.product_id.list_price,
            expense_policy=self.product_id.expense_policy,
        )
        return is_under_review(kind, self.order_id.carrier_id.product_id.id)

    def _net_price(self):
        return self.price_unit * (1 - (self.discount or 0.0) / 100.0)

    def _key(self):
        """Return what the line is known by in a clearance: its id, or that of the line it was split from."""
        return str(self.split_from or self.id)

    def _terms(self):
        return LineTerms(
            self.product_id.id,
            self.product_uom_qty,
            self.product_uom_id.id,
            round(self._net_price(), 6),
            self.price_subtotal,
            round(self.price_total - self.price_subtotal, 6),
        )

    # ---------------------------------------------------------------- stage
    def _is_service_done(self):
        """A service is done when it is delivered, or invoiced where it is invoiced on order."""
        done = self.qty_delivered
        if self.product_id.invoice_policy == "order":
            done = max(done, self.qty_invoiced)
        return self.product_uom_id.compare(done, self.product_uom_qty) >= 0
