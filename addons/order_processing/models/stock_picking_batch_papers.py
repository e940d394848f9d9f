from odoo import models
from odoo.exceptions import UserError

from .stock_picking_papers import LABEL_REPORT, SLIP_REPORT


class StockPickingBatch(models.Model):
    """Papers of all transfers of a wave, in the order of its boxes."""

    _inherit = "stock.picking.batch"

    def action_print_packing_slips(self):
        return self._print_of_transfers(SLIP_REPORT)

    def action_print_parcel_labels(self):
        return self._print_of_transfers(LABEL_REPORT)

    def _print_of_transfers(self, report):
        self.check_access("read")
        leaving = self.picking_ids.filtered(
            lambda picking: picking.state not in ("draft", "cancel")
            and any(move._leaves_last() for move in picking.move_ids)
        )
        if not leaving:
            raise UserError(self.env._("Nothing leaves for a customer with these transfers."))
        return self.env.ref(report).report_action(leaving._in_box_order())
