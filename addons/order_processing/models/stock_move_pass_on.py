from collections import defaultdict

from odoo import api, models

from .inside import PASSING_ON
from .stock_quant import LEDGER


class StockMove(models.Model):
    """Goods that are set aside pass from one move to another.

    What is reserved on the shelf stays reserved, to the piece, the lot and the package: nobody else can get
    it in between, and nothing has to be found again.
    """

    _inherit = "stock.move"

    @api.model
    def _pass_on(self, parts):
        """Let move lines change hands: ``parts`` are ``(line, move that gets it, quantity)``.

        Quantities are in the product's own unit, more than 0 and no more than the line has; a line of which
        only a part goes is split. Whoever calls has locked the lines.
        """
        before = self.env["stock.move"].union(*(line.move_id for line, _move, _quantity in parts))
        after = self.env["stock.move"].union(*(move for _line, move, _quantity in parts))
        passing = {LEDGER: PASSING_ON, "mail_notrack": True, "preserve_state": True}
        entire = defaultdict(self.env["stock.move.line"].with_context(**passing).browse)
        for line, move, quantity in parts:
            line = line.with_context(**passing)
            is_entire = line.product_id.uom_id.compare(quantity, line.quantity_product_uom) >= 0
            if twin := line._find_twin(move):
                twin._grow(quantity)
                if is_entire:
                    line.unlink()
                else:
                    line._grow(-quantity)
            elif is_entire:
                entire[move] |= line
            else:
                line._split_off(move, quantity)
        for move, lines in entire.items():
            lines.write(move._prepare_passed_on_vals())
        (before | after).with_context(mail_notrack=True)._recompute_state()
        after._settle_passed_on()

    def _prepare_passed_on_vals(self):
        return {
            "move_id": self.id,
            "picking_id": self.picking_id.id,
            "location_dest_id": self.location_dest_id.id,
        }

    def _settle_passed_on(self):
        """What Odoo does after reserving: whole packages, where to put it, waves."""
        lines = self.move_line_ids.with_context(mail_notrack=True)
        self.picking_id._check_entire_pack()
        lines._apply_putaway_strategy()
        lines._auto_wave()
        self.picking_id.mapped("state")


class StockMoveLine(models.Model):
    _inherit = "stock.move.line"

    def _find_twin(self, move):
        """Return a line of that move with the same goods from the same place, that nobody works on yet."""
        return move.move_line_ids.filtered(
            lambda line: not line.picked
            and not line.result_package_id
            and line._place() == self._place()
            and self.product_id.tracking != "serial"
        )[:1].with_env(self.env)

    def _grow(self, quantity):
        """Add so much, in the product's unit, to what the line says."""
        more = self.product_id.uom_id._compute_quantity(quantity, self.product_uom_id, round=False)
        self.quantity += more

    def _give_back(self, quantity):
        """Set so much less aside. Odoo would give back all and take the rest again, and may wait for that."""
        self.with_context(**{LEDGER: PASSING_ON})._grow(-quantity)
        # sudo: as Odoo does; people reserve, they need not see quants
        self.env["stock.quant"].sudo()._update_reserved_quantity(
            self.product_id,
            self.location_id,
            -quantity,
            lot_id=self.lot_id,
            package_id=self.package_id,
            owner_id=self.owner_id,
        )

    def _split_off(self, move, quantity):
        """Give a part of the line, in the product's unit, to another move."""
        self._grow(-quantity)
        self.create(
            {
                **move._prepare_passed_on_vals(),
                "product_id": self.product_id.id,
                "product_uom_id": self.product_id.uom_id.id,
                "quantity": quantity,
                "location_id": self.location_id.id,
                "lot_id": self.lot_id.id,
                "package_id": self.package_id.id,
                "owner_id": self.owner_id.id,
            }
        )
