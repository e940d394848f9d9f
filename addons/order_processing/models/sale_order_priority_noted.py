from odoo import api, models
from odoo.tools import SQL

NOTED = "order_processing.priority"
ORDER_FIELDS = frozenset(
    {
        "state",
        "urgency",
        "promise_date",
        "commitment_date",
        "requested_date",
        "date_order",
        "partner_id",
        "carrier_id",
        "company_id",
        "currency_id",
    }
)
MOVE_FIELDS = frozenset({"picking_id", "sale_line_id", "priority"})
CLOSED = ("done", "cancel")


class SaleOrder(models.Model):
    """Whatever a priority rests on has it worked out again, once, at the end of the transaction."""

    _inherit = "sale.order"

    def write(self, vals):
        result = super().write(vals)
        if ORDER_FIELDS & vals.keys():
            self._note_priority()
        return result

    def _compute_field_value(self, field):
        result = super()._compute_field_value(field)
        if field.name == "amount_total":
            self._note_priority()
        return result

    def _note_priority(self):
        # sudo: whether the company scores, and what is open
        orders = self.sudo().filtered(lambda o: o.id and o.state in ("sale", "cancel"))
        self._note_priorities(orders.filtered(lambda o: o.company_id._scores_priority()))

    # ---------------------------------------------------------------- at the end of the transaction
    @api.model
    def _note_priorities(self, records):
        """Have the priorities worked out again that rest on these orders, transfers, moves or partners."""
        if not records:
            return
        data = self.env.cr.precommit.data
        if NOTED not in data:
            data[NOTED] = {}
            # sudo: whoever changes something need not see the orders that rest on it
            self.env.cr.precommit.add(self.env["sale.order"].sudo()._reprioritise_noted)
        data[NOTED].setdefault(records._name, set()).update(records.ids)

    @api.model
    def _reprioritise_noted(self):
        noted = self.env.cr.precommit.data.pop(NOTED, None)
        if noted and not self._reprioritise(self.browse(self._orders_behind(noted))):
            self._wake_priority_clock()

    @api.model
    def _orders_behind(self, noted):
        """Return the ids of the orders behind ``{model: ids}``."""
        ids = {name: list(noted.get(name, ())) for name in ("stock.picking", "stock.move", "res.partner")}
        found = set(noted.get("sale.order", ()))
        if not any(ids.values()):
            return found
        self.env["stock.move"].flush_model(["picking_id", "sale_line_id"])
        self.env["res.partner"].flush_model(["commercial_partner_id"])
        rows = self.env.execute_query(
            SQL(
                """SELECT sl.order_id FROM stock_move m JOIN sale_order_line sl ON sl.id = m.sale_line_id
                    WHERE m.picking_id = ANY(%s) OR m.id = ANY(%s)
                    UNION
                   SELECT o.id FROM res_partner c
                     JOIN res_partner p ON p.commercial_partner_id = c.commercial_partner_id
                     JOIN sale_order o ON o.partner_id = p.id AND o.state = 'sale'
                    WHERE c.id = ANY(%s) AND EXISTS (
                          SELECT FROM sale_order_line sl JOIN stock_move m ON m.sale_line_id = sl.id
                           WHERE sl.order_id = o.id AND m.state NOT IN ('done', 'cancel'))""",
                ids["stock.picking"],
                ids["stock.move"],
                ids["res.partner"],
            )
        )
        return found.union(id_ for (id_,) in rows)


class StockPicking(models.Model):
    _inherit = "stock.picking"

    def write(self, vals):
        result = super().write(vals)
        if {"priority", "company_id"} & vals.keys():
            self._note_priority()
        return result

    def _note_priority(self):
        # sudo: whether the company scores
        scoring = self.sudo().filtered(lambda picking: picking.company_id._scores_priority())
        self.env["sale.order"]._note_priorities(scoring)


class StockMove(models.Model):
    _inherit = "stock.move"

    @api.model_create_multi
    def create(self, vals_list):
        moves = super().create(vals_list)
        moves._note_priority()
        return moves

    def write(self, vals):
        changing = bool(MOVE_FIELDS & vals.keys())
        if changing:
            self._note_priority()  # the order, or the transfer, it is taken from
        result = super().write(vals)
        if changing or vals.get("state") in CLOSED:
            self._note_priority()
        return result

    def _note_priority(self):
        # sudo: whoever moves goods need not see the orders they are for
        ours = self.sudo().filtered(lambda move: move.sale_line_id and move.company_id._scores_priority())
        self.env["sale.order"]._note_priorities(ours.sale_line_id.order_id)


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _note_priority(self):
        self.env["sale.order"]._note_priorities(self)
