from markupsafe import Markup

from odoo import api, fields, models

from .order_stock_warning_sql import next_receipts


class OrderStockWarning(models.Model):
    """What helps: the next receipt, ordering, the forecast."""

    _inherit = "order.stock.warning"

    next_receipt_date = fields.Datetime("Next receipt", compute="_compute_next_receipt")
    next_receipt_quantity = fields.Float("Coming in", digits="Product Unit", compute="_compute_next_receipt")
    next_receipt_id = fields.Many2one("stock.picking", "Receipt", compute="_compute_next_receipt")
    next_receipt_name = fields.Char("Document", compute="_compute_next_receipt")

    def _compute_next_receipt(self):
        self.env["stock.move"].flush_model(["state", "date", "product_qty", "picking_id", "location_dest_id"])
        rows = self.env.execute_query(next_receipts(self.ids)) if self.ids else []
        found = {row[0]: row[1:] for row in rows}
        for warning in self:
            date, quantity, picking_id, name = found.get(warning.id, (False, 0.0, False, False))
            warning.next_receipt_date = date
            warning.next_receipt_quantity = quantity
            warning.next_receipt_id = picking_id
            warning.next_receipt_name = name

    # ---------------------------------------------------------------- leading on
    def action_open_replenish(self):
        """Order it, as from the product's own button."""
        self.check_access("read")
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("stock.action_product_replenish")
        missing = max(self.level - self.free_quantity, 0) or 1
        return {
            **action,
            "context": {
                "default_product_id": self.product_id.id,
                "default_product_tmpl_id": self.product_id.product_tmpl_id.id,
                "default_warehouse_id": self.warehouse_id.id,
                "default_quantity": missing,
            },
        }

    def action_open_forecast(self):
        self.check_access("read")
        self.ensure_one()
        action = self.product_id.action_product_forecast_report()
        return {
            **action,
            "context": {
                "active_id": self.product_id.id,
                "active_model": "product.product",
                "warehouse_id": self.warehouse_id.id,
            },
        }

    def action_open_level(self):
        """Where the level is set: with the reordering rule."""
        self.check_access("read")
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "stock.warehouse.orderpoint",
            "res_id": self.orderpoint_id.id,
            "views": [[False, "form"]],
            "name": self.env._("Warning Level"),
        }

    # ---------------------------------------------------------------- nothing to show
    @api.model
    def get_empty_list_help(self, help_message):
        """Say whether anything is watched at all."""
        Orderpoint = self.env["stock.warehouse.orderpoint"]
        watched = Orderpoint.search_count(
            [("warning_level", ">", 0), ("company_id", "in", self.env.companies.ids)]
        )
        if watched:
            title = self.env._("Nothing is low")
            text = self.env._(
                "Levels that are watched: %s. People are told when stock falls to one.", watched
            )
        else:
            title = self.env._("No warning level is set")
            text = self.env._(
                "Set one on the Replenishment page of Inventory, in the column Warning Level: it needs no"
                " reordering, a rule that is triggered by hand will do."
            )
        return Markup('<p class="o_view_nocontent_smiling_face">%s</p><p>%s</p>') % (title, text)
