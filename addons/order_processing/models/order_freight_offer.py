from odoo import api, fields, models
from odoo.exceptions import AccessError

from .freight_money import coins

OFFER_CODES = [
    ("rate", "Our freight rate"),
    ("price", "The method's own price"),
    ("quote", "Quoted by the carrier"),
    ("unknown", "Nobody knows the cost"),
    ("not_asked", "Not asked yet"),
    ("unavailable", "Does not take this order"),
    ("collected", "The customer has to choose this"),
    ("error", "No answer"),
    ("timeout", "Took too long"),
]


class OrderFreightOffer(models.Model):
    """What a carrier would take an order, or a transfer, for; kept from the last comparison."""

    _name = "order.freight.offer"
    _description = "Freight Offer"
    _order = "order_id, picking_id, place, id"
    _rec_name = "carrier_id"

    order_id = fields.Many2one("sale.order", required=True, ondelete="cascade", index=True, readonly=True)
    picking_id = fields.Many2one(
        "stock.picking", "Transfer", ondelete="cascade", index="btree_not_null", readonly=True
    )
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    carrier_id = fields.Many2one("delivery.carrier", required=True, ondelete="cascade", readonly=True)
    place = fields.Integer(readonly=True, help="1 is the best.")
    cost = fields.Monetary("Costs us", readonly=True)
    is_cost_known = fields.Boolean(readonly=True)
    parcels = fields.Integer(readonly=True)
    days = fields.Integer("Days until it is there", readonly=True)
    arrives = fields.Datetime(readonly=True)
    keeps_promise = fields.Boolean("In time", readonly=True)
    works = fields.Boolean(readonly=True)
    code = fields.Selection(OFFER_CODES, "Price from", readonly=True)
    error = fields.Char("Why not", readonly=True)
    asked_at = fields.Datetime(readonly=True)
    is_chosen = fields.Boolean("Taken", compute="_compute_is_chosen")

    @api.depends("carrier_id", "order_id.carrier_id", "picking_id.carrier_id")
    def _compute_is_chosen(self):
        for offer in self:
            document = offer.picking_id or offer.order_id
            offer.is_chosen = document.carrier_id == offer.carrier_id

    def action_choose(self):
        """Send the order, or the transfer, with this carrier."""
        self.check_access("read")
        self.ensure_one()
        document = self.picking_id or self.order_id
        document.check_access("write")
        if not self.env.user.has_groups("sales_team.group_sale_salesman,stock.group_stock_manager"):
            raise AccessError(self.env._("Carriers are chosen by sales and by warehouse managers."))
        document._take_offer(self)
        return {"type": "ir.actions.act_window_close"}

    @api.model
    def _keep(self, found, picking=None):
        """Keep what was found, ``{order: (priced, choice, due)}``, instead of what was found before.

        Of the orders themselves, or of one transfer. Returns ``{order: offers, the best first}``.
        """
        domain = [
            ("order_id", "in", [order.id for order in found]),
            ("picking_id", "=", picking.id if picking else False),
        ]
        self.search(domain).unlink()
        offers = self.create(
            [
                {**vals, "order_id": order.id, "picking_id": picking.id if picking else False}
                for order, one in found.items()
                for vals in self._prepare_vals(order.company_id, *one)
            ]
        )
        by_order = offers.grouped("order_id")
        return {order: by_order.get(order, self.browse()).sorted("place") for order in found}

    def _prepare_vals(self, company, priced, choice, due):
        """Return the values of the offers of one order."""
        places = {offer.carrier: place for place, offer in enumerate(choice.ranking, 1)}
        offers = {offer.carrier: offer for offer in choice.ranking}
        now, day = fields.Datetime.now(), company._promise_day
        return [
            {
                "carrier_id": each.carrier.id,
                "place": places[each.carrier.id],
                "cost": each.cost or 0.0,
                "is_cost_known": each.cost is not None,
                "parcels": each.parcels,
                "days": (day(each.arrives) - day(now)).days if each.arrives else 0,
                "arrives": each.arrives,
                "works": offers[each.carrier.id].works,
                "keeps_promise": offers[each.carrier.id].keeps(due),
                "code": each.code,
                "error": each.error,
                "asked_at": now,
            }
            for each in priced
        ]

    def _figures(self):
        """Return what the reason of a choice says of this offer."""
        return {
            "carrier": self.carrier_id.name,
            "cost": self.cost if self.is_cost_known else None,
            "parcels": self.parcels,
            "arrives": fields.Datetime.to_string(self.arrives) if self.arrives else None,
        }

    def _difference_to(self, best):
        """Return how much more this costs than the best, where both are known."""
        if not (self.is_cost_known and best.is_cost_known):
            return None
        currency = self.currency_id
        return (coins(self.cost, currency) - coins(best.cost, currency)) * currency.rounding
