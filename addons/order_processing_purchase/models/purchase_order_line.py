from odoo import api, fields, models


class PurchaseOrderLine(models.Model):
    """A receipt that moves is looked after: promises are looked at again, deliveries keep their deadline."""

    _inherit = "purchase.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._note_for_promises("receipt_changed")
        return lines

    def write(self, vals):
        moved = self._moved_by(vals)
        changed = self._quantity_changed_by(vals)
        result = super().write(vals)
        moved._note_for_promises("receipt_moved")
        (changed - moved)._note_for_promises("receipt_changed")
        return result

    def unlink(self):
        self._note_for_promises("receipt_cancelled")
        return super().unlink()

    def _moved_by(self, vals):
        if not vals.get("date_planned"):
            return self.browse()
        date = fields.Datetime.to_datetime(vals["date_planned"])
        return self.filtered(lambda line: line.date_planned != date)

    def _quantity_changed_by(self, vals):
        if not {"product_qty", "product_uom_id"} & vals.keys():
            return self.browse()
        quantity = vals.get("product_qty")
        return self.filtered(
            lambda line: "product_uom_id" in vals
            or line.product_uom_id.compare(line.product_qty, quantity) != 0
        )

    def _note_for_promises(self, code):
        """Have the promises looked at again that rest on these lines, with the purchase as the cause."""
        # sudo: company settings; buyers need not see what rests on it
        ours = self.sudo().filtered(lambda line: line.product_id.is_storable and line.company_id._promises())
        for order, lines in ours.grouped("order_id").items():
            warehouse = order.picking_type_id.warehouse_id
            self.env["order.promise.recheck"]._note(lines.product_id, warehouse, code, source=order)

    # ---------------------------------------------------------------- the deadline does not move silently
    def _update_move_date_deadline(self, new_date):
        """Move the receipts, not the deliveries that wait for them, where dates are promised.

        The receipt is expected on the new day, too: what is promised is reckoned from it.
        """
        # sudo: company settings
        promising = self.filtered(lambda line: line.sudo().company_id._promises())
        result = super(PurchaseOrderLine, self - promising)._update_move_date_deadline(new_date)
        receipts = promising.move_ids.filtered(lambda move: move.state not in ("done", "cancel"))
        receipts.write({"date": new_date, "date_deadline": new_date})
        waiting = promising.filtered(lambda line: not (line.move_ids & receipts)).move_dest_ids
        onward = waiting.filtered(lambda move: move.state not in ("done", "cancel"))
        (onward - onward._promised_deliveries()).write({"date_deadline": new_date})
        return result
