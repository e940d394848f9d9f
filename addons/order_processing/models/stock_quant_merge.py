from odoo import models


class StockQuant(models.Model):
    _inherit = "stock.quant"

    def _become_one_record(self):
        """Merge the records of one place without losing anything; a count somebody has typed comes first.

        Where only some are counted, the others count as what they say: applying the count makes the same
        difference as before.
        """
        kept = self.sorted(lambda quant: (not quant.inventory_quantity_set, quant.id))[0]
        counted = self.filtered("inventory_quantity_set")
        vals = {
            "quantity": sum(self.mapped("quantity")),
            "reserved_quantity": sum(self.mapped("reserved_quantity")),
            "in_date": min(self.mapped("in_date")),
            "user_id": (counted.user_id or self.user_id)[:1].id,
        }
        if dates := [date for date in (counted or self).mapped("inventory_date") if date]:
            vals["inventory_date"] = min(dates)
        if counted:
            vals["inventory_quantity"] = sum(
                quant.inventory_quantity if quant.inventory_quantity_set else quant.quantity for quant in self
            )
        kept.write(vals)
        (self - kept).unlink()
