from odoo import api, models
from odoo.exceptions import AccessError

LINES = 30


class StockPicking(models.Model):
    """What somebody wants to know of one transfer without leaving the board."""

    _inherit = "stock.picking"

    @api.readonly
    def dispatch_details(self):
        """Return why the transfer is where it is, how urgent it is and why, and what is in it."""
        self._check_works_in_warehouse()
        self.ensure_one()
        moves = self.move_ids.filtered(lambda move: move.state != "cancel")
        return {
            "id": self.id,
            "name": self.name,
            "customer": self.partner_id.sudo().display_name or "",
            "address": self._dispatch_address(),
            "due": self.dispatch_due,
            "reason": self.dispatch_reason,
            "hold_reason": self.dispatch_hold_reason,
            "priority_note": self._order_words("priority_note"),
            "requests": self._pack_requests(),
            "lines": [move._dispatch_line() for move in moves[:LINES]],
            "more_lines": max(len(moves) - LINES, 0),
        }

    def _dispatch_address(self):
        address = self.partner_id.sudo()._display_address(without_company=True)  # sudo: printed on the label
        return "\n".join(line.strip() for line in address.splitlines() if line.strip())

    def _order_words(self, name):
        """Return what a text of the orders says, of each order once."""
        return "\n\n".join(dict.fromkeys(filter(None, self._paper_orders().mapped(name)))) or False

    def _pack_requests(self):
        """Return what was asked for when the goods are packed."""
        return {
            "instruction": self._order_words("packing_instruction"),
            "gift": self._order_words("gift_note"),
            "no_substitutes": any(self._paper_orders().mapped("no_substitutes")),
        }

    def _check_works_in_warehouse(self):
        if not self.env.user.has_group("stock.group_stock_user"):
            raise AccessError(self.env._("The dispatch board is for those who work in the warehouse."))
        self.check_access("read")


class StockMove(models.Model):
    _inherit = "stock.move"

    def _dispatch_line(self):
        return {
            "id": self.id,
            "product": self.product_id.display_name,
            "wanted": self.product_uom_qty,
            "there": self.quantity,
            "unit": self.product_uom.name,
        }
