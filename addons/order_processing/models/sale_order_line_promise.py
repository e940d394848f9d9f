from datetime import datetime

from odoo import api, fields, models
from odoo.tools import SQL, format_date
from odoo.tools.json import scriptsafe as json
from odoo.tools.translate import LazyTranslate

from ..engine.promise import Code, Need, Question
from .promise_ways import STRAIGHT

_lt = LazyTranslate(__name__)

# What a date rests on, in words; dates are written in the reader's way.
REASONS = {
    Code.IN_STOCK.value: _lt("In stock; leaves on %(departs)s."),
    Code.RECEIPT.value: _lt("Comes in on %(ready)s with %(source)s; leaves on %(departs)s."),
    Code.OVERDUE.value: _lt("%(source)s is overdue; if it comes by %(ready)s, it leaves on %(departs)s."),
    Code.LEAD_TIME.value: _lt("Not ordered yet; can be there on %(ready)s and leaves on %(departs)s."),
    Code.ON_ORDER.value: _lt("Bought or made for this order; there on %(ready)s, leaves on %(departs)s."),
    Code.NOT_STOCKED.value: _lt("Not counted in stock; leaves on %(departs)s."),
    Code.UNKNOWN.value: _lt("Nothing comes in, and it can be neither bought nor made: nobody can say when."),
    "by_hand": _lt("Set by hand. It could be there on %(possible)s."),
}
PARTLY = _lt("%(now)s of %(quantity)s could leave at once.")
DATES = ("ready", "departs", "possible")


class SaleOrderLine(models.Model):
    """The date a line is promised for, and what it rests on."""

    _inherit = "sale.order.line"

    promise_date = fields.Datetime("Promised for", copy=False, readonly=True)
    first_promise_date = fields.Datetime("First promised for", copy=False, readonly=True)
    ready_date = fields.Datetime(
        "Goods needed by",
        copy=False,
        readonly=True,
        groups="base.group_user",
        help="When its goods have to lie in the warehouse.",
    )
    promise_code = fields.Char(copy=False, readonly=True, groups="base.group_user")
    promise_figures = fields.Json(copy=False, readonly=True, groups="base.group_user")
    promise_reason = fields.Char(
        "Why then",
        compute="_compute_promise_reason",
        groups="base.group_user",
        help="What the date rests on.",
    )
    possible_date = fields.Datetime(
        "Can be there",
        compute="_compute_possible_date",
        groups="base.group_user",
        help="When it can be with the customer, if it is confirmed now.",
    )
    availability_note = fields.Char(
        "Stock", compute="_compute_possible_date", groups="base.group_user", help="What can be had of it."
    )

    # ---------------------------------------------------------------- in words
    @api.depends("promise_code", "promise_figures")
    @api.depends_context("lang", "tz")
    def _compute_promise_reason(self):
        for line in self:
            line.promise_reason = line._promise_words(line.promise_code, line.promise_figures or {})

    def _promise_words(self, code, figures):
        if code not in REASONS:
            return False
        values = {name: self._written_day(figures.get(name)) for name in DATES}
        values["source"] = figures.get("source") or self.env._("a receipt")
        words = self.env._(REASONS[code])
        text = words % values
        if figures.get("now"):
            partly = self.env._(PARTLY)
            text = f"{text} {partly}" % {
                "now": f"{figures['now']:g}",
                "quantity": f"{figures['quantity']:g}",
            }
        return text

    def _written_day(self, value):
        moment = fields.Datetime.to_datetime(value)
        if not moment:
            return self.env._("an unknown day")
        return format_date(self.env, fields.Datetime.context_timestamp(self, moment))

    def _is_at_risk(self):
        """Nobody can say when, or a date set by hand is earlier than it can be."""
        if not self.promise_date:
            return True
        if self.promise_code != "by_hand" or "possible" not in (self.promise_figures or {}):
            return False
        possible = fields.Datetime.to_datetime(self.promise_figures["possible"])
        if self.qty_delivered >= self.product_uom_qty:
            return False
        if not possible:
            return True
        day = self.company_id._promise_day
        return day(possible) > day(self.promise_date)

    # ---------------------------------------------------------------- shown before
    @api.depends("product_id", "product_uom_qty", "product_uom_id", "order_id.requested_date")
    @api.depends("order_id.partner_shipping_id", "order_id.carrier_id", "warehouse_id", "state")
    @api.depends_context("lang")
    def _compute_possible_date(self):
        self.possible_date = self.availability_note = False
        open_lines = self.filtered(
            lambda line: line.state in ("draft", "sent")
            and line.order_id.company_id.sudo().promise_mode != "off"  # sudo: a setting
            and line._takes_goods()
        )
        for order in open_lines.order_id:
            asked = open_lines.filtered(lambda line, order=order: line.order_id == order)
            # All lines of the order together: two lines of the same goods share what is there.
            lines = order.order_line.filtered(lambda line: line._takes_goods()) | asked
            promises = order._possible_promises(lines)
            for line in asked:
                promise, note = promises.get(line, (None, False))
                line.possible_date = promise and promise.arrives
                line.availability_note = note

    def _availability_note(self, question, had):
        """Say what can be had of the product, here and elsewhere; of kits there is nothing to say."""
        counted = [need.pool for need in question.needs if need.pool]
        if len(counted) != 1:
            return False
        here, product = had[counted[0]], self.product_id
        note = product._order_availability_text(here)
        if here.free_now >= sum(quantity for _product, quantity in self._goods_needed()):
            return note
        # sudo: names of warehouses are no secret
        others = self.env["stock.warehouse"].sudo().browse({place for _goods, place in had})
        elsewhere = [
            self.env._("%(quantity)s in %(place)s", quantity=f"{free:g}", place=warehouse.name)
            for warehouse in (others - self.warehouse_id).sorted("sequence")
            if (pool := (counted[0][0], warehouse.id)) in had and (free := had[pool].free_now) > 0
        ]
        return ", ".join([note, *elsewhere])

    # ---------------------------------------------------------------- kept on the line
    @api.model
    def _write_promises(self, dates):
        """Store ``{line id: (code, promised for, goods needed by, figures)}``, all in one statement.

        The first date is kept for ever beside the one that may move.
        """
        if not dates:
            return
        rows = [
            (id_, code, at or None, ready or None, json.dumps(figures))
            for id_, (code, at, ready, figures) in dates.items()
        ]
        self.flush_model(["promise_date", "first_promise_date", "ready_date"])
        self.env.cr.execute(
            SQL(
                """UPDATE sale_order_line l
                      SET promise_code = d.code, promise_date = d.at, ready_date = d.ready,
                          first_promise_date = COALESCE(l.first_promise_date, d.at),
                          promise_figures = d.figures::jsonb
                     FROM unnest(%s::int[], %s::text[], %s::timestamp[], %s::timestamp[], %s::text[])
                          AS d (id, code, at, ready, figures)
                    WHERE l.id = d.id""",
                *map(list, zip(*rows, strict=True)),
            )
        )
        self.browse(dates).invalidate_recordset(
            ["promise_code", "promise_date", "first_promise_date", "ready_date", "promise_figures"],
            flush=False,
        )

    # ---------------------------------------------------------------- what is asked for
    def _takes_goods(self):
        return bool(self.product_id) and not self.display_type and self.product_id.type == "consu"

    def _goods_needed(self):
        """Return ``[(product, quantity in its unit)]`` of what is still to be delivered.

        Glue addons for kits replace a kit by its parts.
        """
        quantity = self.product_uom_qty - self.qty_delivered
        unit = self.product_uom_id or self.product_id.uom_id
        return [(self.product_id, unit._compute_quantity(quantity, self.product_id.uom_id))]

    def _needs(self, facts):
        """Return the engine's needs, each of a pool or of nothing that is counted."""
        return [
            Need(
                (product.id, self.warehouse_id.id) if product.is_storable and self.warehouse_id else None,
                facts.units(quantity),
            )
            for product, quantity in self._goods_needed()
            if facts.units(quantity) > 0
        ]

    def _pools(self):
        """Return the pools, each a product in a warehouse, that these lines take goods from."""
        return {
            (product.id, line.warehouse_id.id)
            for line in self
            if line._takes_goods()
            for product, _quantity in line._goods_needed()
            if product.is_storable
        }

    def _promise_figures(self, promise, facts):
        """Return what a date rests on, as it is stored; quantities in the line's own unit."""
        text = fields.Datetime.to_string
        figures = {
            "departs": promise.departs and text(promise.departs),
            "ready": promise.ready and text(promise.ready),
            "source": promise.source and promise.source[-1],
        }
        if promise.now and [product for product, _quantity in self._goods_needed()] == [self.product_id]:
            unit = self.product_id.uom_id
            figures["now"] = unit._compute_quantity(promise.now / facts.scale, self.product_uom_id)
            figures["quantity"] = self.product_uom_qty
        return {name: value for name, value in figures.items() if value}

    @api.model
    def _in_one_piece(self, promises):
        """What is shipped in one piece leaves with the last of it, whenever the rest is there."""
        pieces = {}
        for promise in promises:
            line = promise.key
            if line.order_id.picking_policy == "one":
                pieces.setdefault((line.order_id, line.warehouse_id), []).append(promise)
        for together in pieces.values():
            last = max(together, key=lambda promise: promise.arrives or datetime.max)
            for promise in together:
                promise.departs, promise.arrives = last.departs, last.arrives
                promise.ready = last.ready or promise.ready
        return promises

    def _question(self, facts, ways, wanted):
        rules = self._own_rules()
        straight = any(rule.action == "buy" for rule in rules)
        return Question(
            self,
            self._needs(facts),
            STRAIGHT if straight else ways.way(self.order_id, self.warehouse_id),
            wanted,
            self._fixed_ready(facts, straight) if rules else None,
            self.order_id.urgency == "urgent",
        )

    def _fixed_ready(self, facts, straight):
        """Return when goods bought or made for this line alone are there; None where nobody can say."""
        customer = self.order_id.partner_shipping_id.property_stock_customer
        location = customer if straight else self.warehouse_id.lot_stock_id
        lead = self.product_id.with_company(self.company_id)._promise_lead(location, self.route_ids)
        return facts.now + lead.promised if lead else None

    def _own_rules(self):
        """Return the rules that buy or make the goods for this line alone."""
        # sudo: routes are settings
        product = self.product_id.sudo()
        routes = self.route_ids.sudo() or (product.route_ids | product.categ_id.total_route_ids)
        return routes.rule_ids.filtered(
            lambda rule: rule.location_dest_id.usage == "customer"
            and (rule.procure_method == "make_to_order" or rule.action == "buy")
            and (not rule.warehouse_id or rule.warehouse_id == self.warehouse_id)
        )

    # ---------------------------------------------------------------- its transfer
    def _prepare_procurement_values(self):
        values = super()._prepare_procurement_values()
        if self.promise_date and self.company_id._promises():
            departs = fields.Datetime.to_datetime((self.promise_figures or {}).get("departs"))
            values["date_deadline"] = self.promise_date
            values["date_planned"] = min(departs or self.promise_date, self.promise_date)
        return values
