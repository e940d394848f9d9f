from collections import defaultdict

from odoo import fields, models
from odoo.exceptions import UserError

from .takeover_facts import BEGUN


class OrderTakeoverLine(models.Model):
    """What one order lost, and what is needed to give it back: the place, the lot, the package, the owner."""

    _name = "order.takeover.line"
    _description = "Taken-over Goods"
    _order = "id"

    takeover_id = fields.Many2one(
        "order.takeover", required=True, index=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="takeover_id.company_id", store=True, index=True)
    loser_order_id = fields.Many2one(
        "sale.order", "Order", index="btree_not_null", readonly=True, ondelete="set null"
    )
    loser_name = fields.Char("Taken from", readonly=True)
    loser_move_id = fields.Many2one("stock.move", readonly=True, index="btree_not_null", ondelete="set null")
    winner_move_id = fields.Many2one("stock.move", readonly=True, index="btree_not_null", ondelete="set null")
    product_id = fields.Many2one("product.product", required=True, readonly=True, ondelete="cascade")
    quantity = fields.Float(digits="Product Unit", readonly=True, help="In the product's own unit.")
    location_id = fields.Many2one("stock.location", readonly=True, ondelete="cascade")
    lot_id = fields.Many2one("stock.lot", readonly=True, ondelete="cascade")
    package_id = fields.Many2one("stock.package", readonly=True, ondelete="cascade")
    owner_id = fields.Many2one("res.partner", readonly=True, ondelete="cascade")
    promise_before = fields.Datetime("Was promised for", readonly=True)
    promise_now = fields.Datetime(related="loser_order_id.promise_date", string="Promised for now")

    def _goods(self):
        goods = defaultdict(float)
        for line in self:
            goods[line.product_id.display_name] += line.quantity
        return [[quantity, name] for name, quantity in goods.items()]

    def _find_what_was_taken(self):
        """Return where the goods are now, as ``_pass_on`` wants it; raise where they cannot go back."""
        taken = defaultdict(float)  # several lines may have taken from one
        wanted = defaultdict(float)
        parts = []
        for line in self:
            line._check_movable(wanted)
            left = line.quantity
            for there in line.winner_move_id.move_line_ids.filtered(line._is_same_goods):
                quantity = min(left, there.quantity_product_uom - taken[there])
                if line.product_id.uom_id.compare(quantity, 0) > 0:
                    parts.append((there, line.loser_move_id, quantity))
                    taken[there] += quantity
                    left -= quantity
            if line.product_id.uom_id.compare(left, 0) > 0:
                line._refuse(
                    self.env._("%(order)s has not got it any more.", order=line.takeover_id.winner_name)
                )
        return parts

    def _is_same_goods(self, there):
        return not there.picked and (there.location_id, there.lot_id, there.package_id, there.owner_id) == (
            self.location_id,
            self.lot_id,
            self.package_id,
            self.owner_id,
        )

    def _check_movable(self, wanted):
        winner, loser = self.winner_move_id, self.loser_move_id
        transfer = winner.picking_id
        if not winner or winner.state in ("done", "cancel"):
            self._refuse(self.env._("%s has shipped it, or is cancelled.", self.takeover_id.winner_name))
        if (
            any(transfer.move_line_ids.mapped("picked"))
            or transfer.printed
            or transfer.batch_id.state in BEGUN
        ):
            self._refuse(self.env._("%s is being picked.", self.takeover_id.winner_name))
        if not loser or loser.state in ("done", "cancel"):
            self._refuse(self.env._("%s does not want it any more.", self.loser_name))
        open_ = loser.product_uom._compute_quantity(
            loser.product_uom_qty - loser.quantity, loser.product_id.uom_id, rounding_method="HALF-UP"
        )
        wanted[loser] += self.quantity
        if self.product_id.uom_id.compare(wanted[loser], open_) > 0:
            self._refuse(self.env._("%s has got others meanwhile, or wants fewer now.", self.loser_name))

    def _refuse(self, why):
        raise UserError(
            self.env._("%(product)s cannot go back: %(why)s", product=self.product_id.display_name, why=why)
        )
