from collections import defaultdict

from odoo import api, fields, models

from .freight_money import MONEY_GROUPS


class SaleOrder(models.Model):
    """What freight was charged, expected and billed, and what the order earns after it.

    All in the company's currency. Goods margin: what the goods are sold for, without tax and without the
    delivery lines, less what they cost: Odoo's purchase price of the line where it keeps one (sale_margin),
    else the value the delivered pieces left the stock with and the product's cost for the others. After
    freight: plus what the customer is charged for delivery, less what the carriers billed; as long as a
    shipment is not billed, what it is expected to cost.
    """

    _inherit = "sale.order"

    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency", groups=MONEY_GROUPS
    )
    freight_share_ids = fields.One2many(
        "order.freight.share", "order_id", string="Freight shares", readonly=True, groups=MONEY_GROUPS
    )
    freight_charged = fields.Monetary(
        compute="_compute_freight_money",
        currency_field="company_currency_id",
        groups=MONEY_GROUPS,
        help="What the customer is charged for delivery, without tax.",
    )
    freight_expected = fields.Monetary(
        compute="_compute_freight_money",
        currency_field="company_currency_id",
        groups=MONEY_GROUPS,
        help="What the parcels that have left should cost us; before any has, what the carrier offered.",
    )
    freight_billed = fields.Monetary(
        compute="_compute_freight_money",
        currency_field="company_currency_id",
        groups=MONEY_GROUPS,
        help="What carriers have billed for them.",
    )
    freight_cost = fields.Monetary(
        compute="_compute_freight_money",
        currency_field="company_currency_id",
        groups=MONEY_GROUPS,
        help="Billed, and expected for what is not billed yet.",
    )
    is_freight_known = fields.Boolean(compute="_compute_freight_money", groups=MONEY_GROUPS)
    goods_margin = fields.Monetary(
        compute="_compute_margin_after_freight",
        currency_field="company_currency_id",
        groups=MONEY_GROUPS,
        help="What the goods are sold for, without tax and delivery, less what they cost.",
    )
    margin_after_freight = fields.Monetary(
        compute="_compute_margin_after_freight",
        currency_field="company_currency_id",
        groups=MONEY_GROUPS,
        help="Goods margin, plus what the customer is charged for delivery, less what delivery costs.",
    )

    @api.depends(
        "order_line.price_subtotal",
        "order_line.is_delivery",
        "freight_share_ids.expected",
        "freight_share_ids.billed",
        "freight_share_ids.cost",
        "freight_figures",
    )
    def _compute_freight_money(self):
        shares = self._freight_sums()
        for order in self:
            offered = order._offered_freight()
            expected, billed, cost, count = shares.get(order._origin.id, (offered, 0.0, offered, 0))
            lines = order.order_line.filtered("is_delivery")
            order.freight_charged = order._to_company_currency(sum(lines.mapped("price_subtotal")))
            order.freight_expected, order.freight_billed, order.freight_cost = expected, billed, cost
            order.is_freight_known = bool(count or lines or offered)

    def _freight_sums(self):
        groups = self.env["order.freight.share"]._read_group(
            [("order_id", "in", self._origin.ids)],
            ["order_id"],
            ["expected:sum", "billed:sum", "cost:sum", "__count"],
        )
        return {order.id: tuple(sums) for order, *sums in groups}

    def _offered_freight(self):
        """Return what the chosen carrier was to cost, as far as anybody knows."""
        return (self.freight_figures or {}).get("cost") or 0.0 if self.state != "cancel" else 0.0

    def _to_company_currency(self, amount):
        return self.company_id.currency_id.round(amount / (self.currency_rate or 1.0))

    @api.depends("freight_charged", "freight_cost", "order_line.price_subtotal", "order_line.product_uom_qty")
    def _compute_margin_after_freight(self):
        costs = self._goods_costs()
        for order in self:
            goods = order._goods_lines()
            revenue = order._to_company_currency(sum(goods.mapped("price_subtotal")))
            margin = revenue - sum(costs[line] for line in goods)
            order.goods_margin = order.company_id.currency_id.round(margin)
            order.margin_after_freight = order.goods_margin + order.freight_charged - order.freight_cost

    def _goods_lines(self):
        return self.order_line.filtered(lambda line: not line.is_delivery and not line.display_type)

    def _goods_costs(self):
        """Return ``{line: what its goods cost}`` in the company's currency."""
        lines = self._goods_lines()
        if "purchase_price" in lines._fields:
            return {
                line: line.order_id._to_company_currency(line.purchase_price * line.product_uom_qty)
                for line in lines
            }
        delivered = self._delivered_values(lines)
        return {line: line._goods_cost(delivered[line._origin.id]) for line in lines}

    def _delivered_values(self, lines):
        """Return ``{line id: value}`` of what has left the stock for the lines, less what came back."""
        result = defaultdict(float)
        groups = (
            self.env["stock.move"]
            .sudo()  # sudo: who may see the margin need not be of the warehouse
            ._read_group(
                [("sale_line_id", "in", lines._origin.ids), ("state", "=", "done"), ("value", "!=", 0)],
                ["sale_line_id", "is_in"],
                ["value:sum"],
            )
        )
        for line, is_in, value in groups:
            result[line.id] += -value if is_in else value
        return result


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _goods_cost(self, value):
        """Return what the goods of a line cost: those that left as they left, the others as of now."""
        product = self.product_id.with_company(self.company_id)
        quantity = self.product_uom_qty - (self.qty_delivered if value else 0.0)
        quantity = self.product_uom_id._compute_quantity(
            max(quantity, 0.0), product.uom_id, round=False, raise_if_failure=False
        )
        return value + quantity * product.standard_price
