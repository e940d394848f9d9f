from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import OrderedSet

from .stock_move_assign import BY_RANK

BEYOND = "order_processing.reserved_beyond"
PLACE_FIELDS = frozenset(
    {"quantity", "product_uom_id", "location_id", "lot_id", "package_id", "owner_id", "quant_id"}
)


class StockMoveLine(models.Model):
    _inherit = "stock.move.line"

    reserved_by_hand = fields.Boolean(
        "Beyond stock by hand",
        copy=False,
        readonly=True,
        help="Somebody typed a quantity of which there is not enough. It stays: people know of goods the"
        " system has not heard of.",
    )

    # ---------------------------------------------------------------- a quantity typed by hand
    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_mark_not_typed(vals)
        lines = super().create(vals_list)
        lines._note_grown({})
        return lines

    def write(self, vals):
        self._check_mark_not_typed(vals)
        before = {}
        if PLACE_FIELDS & vals.keys():
            before = {line.id: (line._place(), line.quantity_product_uom) for line in self}
        result = super().write(vals)
        if before:
            self._note_grown(before)
        return result

    def _check_mark_not_typed(self, vals):
        if "reserved_by_hand" in vals and not self.env.su:
            raise AccessError(self.env._("Whether a quantity goes beyond the stock follows from the stock."))

    def _place(self):
        return self.location_id, self.lot_id, self.package_id, self.owner_id

    @api.model
    def _note_beyond(self):
        """More is reserved now than is there. Whether it stays so is seen at the end: lines are split too."""
        data = self.env.cr.precommit.data
        if BEYOND not in data:
            data[BEYOND] = {}
            self.env.cr.precommit.add(self.sudo()._judge_beyond)  # sudo: who typed is asked there

    def _note_grown(self, before):
        """Remember which of the lines hold more at their place than before, and who has done it."""
        touched = self.env.cr.precommit.data.get(BEYOND)
        if touched is None:
            return
        for line in self:
            place, quantity = before.get(line.id, (None, 0.0))
            if place != line._place() or line.quantity_product_uom > quantity:
                touched[line.id] = (self.env.uid, self.env.su)

    def _judge_beyond(self):
        """Mark what was typed beyond the stock; refuse it where that needs a right the user has not."""
        touched = self.env.cr.precommit.data.get(BEYOND)
        lines = self.browse(touched or ())._beyond_stock().filtered(lambda line: not line.reserved_by_hand)
        try:
            for line in lines:
                uid, su = touched[line.id]
                line._check_may_go_beyond(self.env(user=uid, su=su))
        except UserError:
            # Somebody may swallow it (a savepoint asks here, too): then it is refused again on commit.
            self.env.cr.precommit.add(self._judge_beyond)
            raise
        self.env.cr.precommit.data.pop(BEYOND, None)
        lines.write({"reserved_by_hand": True})

    def _beyond_stock(self):
        """Return those of the lines of whose goods more is reserved than is there."""
        if not self:
            return self
        self.flush_model(["quantity", "location_id", "lot_id", "package_id", "owner_id", "state"])
        self.env["stock.quant"].flush_model(["quantity", "reserved_quantity"])
        self.env.cr.execute(
            """SELECT ml.id FROM stock_move_line ml
                JOIN stock_quant q ON q.product_id = ml.product_id AND q.location_id = ml.location_id
                     AND q.lot_id IS NOT DISTINCT FROM ml.lot_id
                     AND q.package_id IS NOT DISTINCT FROM ml.package_id
                     AND q.owner_id IS NOT DISTINCT FROM ml.owner_id
               WHERE ml.id = ANY(%s) AND ml.state NOT IN ('done', 'cancel') AND ml.quantity > 0
               GROUP BY ml.id HAVING SUM(COALESCE(q.quantity, 0) - q.reserved_quantity) < -0.000001""",
            [self.ids],
        )
        return self.browse(id_ for (id_,) in self.env.cr.fetchall())

    def _check_may_go_beyond(self, env):
        barred = self.filtered(lambda line: line.picking_type_id.over_reservation == "right")
        if not barred or env.su or env.user.has_group("order_processing.group_order_processing_over_reserve"):
            return
        names = ", ".join(barred.product_id.mapped("display_name"))
        raise UserError(
            env._(
                "There is not that much of %(products)s. To set aside more than is there at %(operation)s you"
                ' need the right "Reserve beyond stock"; or correct the stock first.',
                products=names,
                operation=barred[0].picking_type_id.display_name,
            )
        )

    # ---------------------------------------------------------------- who loses when goods are gone
    def _free_reservation(
        self,
        product_id,
        location_id,
        quantity,
        lot_id=None,
        package_id=None,
        owner_id=None,
        ml_ids_to_ignore=None,
    ):
        free = super()._free_reservation
        if self.move_id.company_id.reservation_mode not in BY_RANK:
            free(product_id, location_id, quantity, lot_id, package_id, owner_id, ml_ids_to_ignore)
            return
        ignored = OrderedSet(ml_ids_to_ignore or ()) | OrderedSet(self.ids)
        candidates = self._reserving(product_id, location_id, lot_id, package_id, owner_id, ignored)
        for line, amount in self._victims(candidates, quantity):
            others = OrderedSet(candidates.ids) - OrderedSet(line.ids)
            free(product_id, location_id, amount, lot_id, package_id, owner_id, ignored | others)

    def _reserving(self, product, location, lot, package, owner, ignored):
        """Return the lines that have reserved such goods and on which nobody works yet."""
        return self.search(
            [
                ("state", "not in", ["done", "cancel"]),
                ("product_id", "=", product.id),
                ("lot_id", "=", lot.id if lot else False),
                ("location_id", "=", location.id),
                ("owner_id", "=", owner.id if owner else False),
                ("package_id", "=", package.id if package else False),
                ("quantity_product_uom", ">", 0.0),
                ("picked", "=", False),
                ("id", "not in", list(ignored)),
            ]
        )

    def _victims(self, candidates, quantity):
        """Yield which lines lose how much: first those of the same transfer, then the lowest in rank."""
        ranks = candidates.move_id._allocation_ranks()
        lowest_first = candidates.sorted(lambda line: ranks.get(line.move_id.id, ""), reverse=True)
        own_first = lowest_first.sorted(lambda line: line.picking_id != self.move_id.picking_id)
        for line in own_first:
            amount = min(line.quantity_product_uom, quantity)
            if self.product_id.uom_id.compare(amount, 0) <= 0:
                return
            quantity -= amount
            yield line, amount
