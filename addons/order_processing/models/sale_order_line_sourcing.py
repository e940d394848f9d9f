from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import formatLang
from odoo.tools.translate import LazyTranslate

from .inside import SOURCED

_lt = LazyTranslate(__name__)

# Why a line comes from its warehouse. The costs are the order's, from all its warehouses together.
REASONS = {
    "only": _lt("Only %(source)s can send it by then"),
    "cheapest": _lt("%(source)s is cheapest: %(cost)s for the order; next is %(other)s for %(other_cost)s"),
    "in_time": _lt("%(source)s for %(cost)s is in time; %(cheaper)s for %(cheaper_cost)s would be late"),
    "split": _lt("No warehouse has all of it in time: %(pieces)s"),
    "split_next": _lt(
        "No warehouse has all of it in time: %(pieces)s. %(cost)s for the order; next is %(other)s for"
        " %(other_cost)s"
    ),
    "late": _lt("No warehouse can send it in time. From %(source)s it is least late; days late: %(days)s"),
    "nowhere": _lt(
        "No warehouse has all of it, nor gets it; in %(source)s the least is missing: %(missing)s"
    ),
    "by_hand": _lt("%(source)s, set by %(user)s"),
    "fixed": _lt("Its route says where it comes from"),
}
CHOICE = ("source_warehouse_id", "source_by_hand")
MARK = "chosen_source"


class SaleOrderLine(models.Model):
    """Which warehouse a line comes from, and why."""

    _inherit = "sale.order.line"

    source_warehouse_id = fields.Many2one(
        "stock.warehouse",
        "Chosen warehouse",
        copy=False,
        check_company=True,
        groups="base.group_user",
        help="Where the line is sent from, whatever warehouse the order has. Empty: the order's.",
    )
    # Where our goods lie, and what freight costs us, is no customer's business.
    source_by_hand = fields.Boolean(
        "Warehouse by hand",
        copy=False,
        groups="base.group_user",
        help="A person has set the warehouse; nothing changes it any more.",
    )
    source_code = fields.Char(copy=False, readonly=True, groups="base.group_user")
    source_figures = fields.Json(copy=False, readonly=True, groups="base.group_user")
    source_reason = fields.Char("Why from there", compute="_compute_source_reason", groups="base.group_user")
    ships_from_id = fields.Many2one(
        "stock.warehouse",
        "From",
        compute="_compute_ships_from_id",
        inverse="_inverse_ships_from_id",
        check_company=True,
        help="The warehouse the line is sent from. Choose another to fix it.",
    )
    # No foreign key: when the first line is deleted, the others are still parts of what was cleared.
    split_from = fields.Integer(
        "Split from line",
        copy=False,
        readonly=True,
        aggregator=None,
        groups="base.group_user",
        help="The line this one was a part of before it was sent from several warehouses.",
    )

    # ---------------------------------------------------------------- Odoo's own field follows the choice
    @api.depends("source_warehouse_id", "source_by_hand")
    def _compute_warehouse_id(self):
        result = super()._compute_warehouse_id()
        for line in self:
            if line._has_valid_source():
                line.warehouse_id = line.source_warehouse_id
        return result

    def _has_valid_source(self):
        """Tell whether the choice still holds: not where a route was set since, or another product."""
        source = self.source_warehouse_id
        if not source or self.route_ids or source.company_id != self.order_id.company_id:
            return False
        if self.source_by_hand:
            return True
        return source.active and (self.source_figures or {}).get("product") == self.product_id.id

    @api.depends("warehouse_id")
    def _compute_ships_from_id(self):
        for line in self:
            line.ships_from_id = line.warehouse_id

    def _inverse_ships_from_id(self):
        for line in self:
            if line.ships_from_id and line.ships_from_id != line.warehouse_id:
                line.source_warehouse_id = line.ships_from_id

    # ---------------------------------------------------------------- a person's choice
    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create([self._with_choice(vals) for vals in vals_list])
        if not self._is_sourcing():
            pairs = zip(lines.ids, vals_list, strict=True)
            self.browse([id_ for id_, vals in pairs if vals.get("source_warehouse_id")])._note_choice(True)
        return lines

    def write(self, vals):
        if self._is_sourcing() or not _is_choice(vals):
            return super().write(vals)
        self._check_guarded(vals)
        if "source_warehouse_id" not in vals and vals["source_by_hand"]:
            for line in self:  # as it is now, from here on
                line.write({"source_warehouse_id": line.warehouse_id.id})
            return super().write({name: value for name, value in vals.items() if name not in CHOICE})
        before = {line: line.warehouse_id for line in self}
        self.check_access("write")
        self._check_source_may_change()
        self._note_choice(vals.get("source_warehouse_id"))
        result = super().write(self._with_choice(vals))
        moved = self.filtered(lambda line: line.warehouse_id != before[line])
        moved._procure_from_new_source(before)
        return result

    def _is_sourcing(self):
        return self.env.context.get(MARK) is SOURCED

    def _with_choice(self, vals):
        """Return ``vals`` with what follows from a warehouse that somebody, not the system, sets."""
        if self._is_sourcing() or not _is_choice(vals):
            return vals
        source = vals.get("source_warehouse_id")
        return {**vals, "source_warehouse_id": source, "source_by_hand": bool(source)}

    def _note_choice(self, by_hand):
        """Remember who has set the warehouse, or that it is the system's to choose again."""
        figures = {"user": self.env.user.name} if by_hand else False
        self._write_source({"source_code": "by_hand" if by_hand else False, "source_figures": figures})

    def _write_source(self, vals):
        if self:
            # sudo: guarded fields; who may choose the warehouse need not be able to type the reason
            self.sudo().with_context(**{MARK: SOURCED}).write(vals)

    def _check_source_may_change(self):
        # sudo: sales people need not see the transfers
        for line in self.sudo().filtered(lambda line: line.state == "sale"):
            if any(move.state == "done" or move.picked for move in line.move_ids if move.state != "cancel"):
                raise UserError(
                    self.env._(
                        "Something of %s has been picked or has left already. What is still to come cannot"
                        " change its warehouse; reduce the line and add another for the rest.",
                        line.product_id.display_name,
                    )
                )

    def _procure_from_new_source(self, before):
        """Confirmed lines leave the old warehouse's transfers and are asked for from the new one."""
        lines = self.filtered(lambda line: line.state == "sale" and line.product_id.type == "consu")
        # sudo: who may change the line need not be of the warehouse
        lines.sudo().move_ids.filtered(lambda move: move.state not in ("done", "cancel"))._action_cancel()
        lines.sudo()._action_launch_stock_rule()
        for order, changed in lines.grouped("order_id").items():
            for line in changed:
                data = {
                    "product": line.product_id.display_name,
                    "warehouse": line.warehouse_id.name,
                    "was": before[line].name,
                }
                self.env["order.event"]._log(order, "source_changed", data)
            order._promise_again("warehouse_changed", order)

    # ---------------------------------------------------------------- when somebody has to choose
    def _needs_source(self):
        """Tell whether the system chooses the warehouse, and has not yet for what the line is now."""
        if not self._is_sourceable() or self.source_by_hand:
            return False
        figures = self.source_figures or {}
        if figures.get("product") != self.product_id.id:
            return True
        if self.source_code == "fixed":
            return False
        return not self._has_valid_source() or self._product_qty() > figures.get("quantity", 0.0) + 1e-6

    def _is_sourceable(self):
        """Goods that nothing has been asked for yet, and no route of their own."""
        return (
            self.product_id.type == "consu"
            and not self.display_type
            and not self.is_expense
            and self.product_uom_qty > 0
            and not self.route_ids
            and not self._is_procured()
        )

    def _is_procured(self):
        # sudo: sales people need not see the transfers
        return self.state == "sale" and any(move.state != "cancel" for move in self.sudo().move_ids)

    def _product_qty(self):
        """Return the quantity in the product's own unit."""
        return self.product_uom_id._compute_quantity(
            self.product_uom_qty, self.product_id.uom_id, rounding_method="HALF-UP"
        )

    def _action_launch_stock_rule(self, *, previous_product_uom_qty=False):
        # Whatever way they were confirmed or added: nothing is asked for from a warehouse nobody chose.
        self.filtered(lambda line: line.state == "sale").order_id._choose_sources()
        return super()._action_launch_stock_rule(previous_product_uom_qty=previous_product_uom_qty)

    # ---------------------------------------------------------------- in words
    @api.depends("source_code", "source_figures", "source_warehouse_id")
    @api.depends_context("lang")
    def _compute_source_reason(self):
        for line in self:
            line.source_reason = line._source_words()

    def _source_words(self):
        figures = dict(self.source_figures or {})
        code = self.source_code
        if code not in REASONS or not (code == "fixed" or self._has_valid_source()):
            return False
        if code == "split" and figures.get("other"):
            code = "split_next"
        figures.setdefault("source", self.source_warehouse_id.name)
        currency = self.company_id.currency_id
        for name in ("cost", "other_cost", "cheaper_cost"):
            if name in figures:
                figures[name] = formatLang(self.env, figures[name], currency_obj=currency)
        if "missing" in figures:
            figures["missing"] = self._quantity_words(figures["missing"])
        if "pieces" in figures:
            pieces = [f"{name} {self._quantity_words(quantity)}" for name, quantity in figures["pieces"]]
            figures["pieces"] = ", ".join(pieces)
        words = self.env._(REASONS[code])
        return words % figures

    def _quantity_words(self, quantity):
        return formatLang(self.env, quantity, digits=0 if quantity == int(quantity) else 2)


def _is_choice(vals):
    return any(name in vals for name in CHOICE)
