from odoo import api, fields, models
from odoo.exceptions import UserError

from .freight_money import MONEY_GROUPS
from .freight_words import freight_words
from .sale_order_freight import _by_hand

GUARDED = frozenset({"freight_code", "freight_figures", "freight_exact_price"})


class StockPicking(models.Model):
    """The carrier of a transfer: compared, and what its label really cost."""

    _inherit = "stock.picking"

    freight_code = fields.Char(copy=False, readonly=True, groups=MONEY_GROUPS)
    freight_figures = fields.Json(copy=False, readonly=True, groups=MONEY_GROUPS)
    freight_reason = fields.Char("Why this carrier", compute="_compute_freight_reason", groups=MONEY_GROUPS)
    freight_exact_price = fields.Float(
        "Price of the label",
        copy=False,
        readonly=True,
        groups=MONEY_GROUPS,
        help="What the carrier said when the label was made, without what the customer is charged extra.",
    )

    @api.depends("freight_code", "freight_figures")
    @api.depends_context("lang")
    def _compute_freight_reason(self):
        for picking in self:
            currency = picking.company_id.currency_id
            picking.freight_reason = freight_words(
                self.env, picking.freight_code, picking.freight_figures, currency
            )

    @api.model
    def _guarded_fields(self):
        return super()._guarded_fields() | GUARDED

    def write(self, vals):
        if "carrier_id" in vals and "freight_code" not in vals:
            others = self.filtered(lambda picking: picking.carrier_id.id != vals["carrier_id"])
            # sudo: guarded fields; with another carrier the reason for the one before is none
            others = others.sudo().filtered("freight_code")
            if others:
                others.write({"freight_code": False, "freight_figures": False})
        return super().write(vals)

    # ---------------------------------------------------------------- comparing
    def action_compare_freight(self):
        """Ask all carriers what they would take the transfer for, and show it."""
        self.check_access("write")
        self.ensure_one()
        self.env["order.freight.compare"].check_access("create")
        order = self.sudo().sale_id  # sudo: who may change the transfer may say how it is sent
        self._check_open_delivery(order)
        return self.env["order.freight.compare"]._open(order, *order._ask_carriers(self), self)

    def _check_open_delivery(self, order):
        if not order or self.picking_type_code != "outgoing" or self.state in ("done", "cancel"):
            raise UserError(
                self.env._("Carriers are compared for open deliveries of an order; %s is none.", self.name)
            )

    def _take_offer(self, offer):
        """A person has picked this offer for the transfer; where it is all of the order, for that as well."""
        picking = self.sudo()  # sudo: guarded fields; who may change the transfer may say how it is sent
        order = offer.sudo().order_id
        self._check_open_delivery(order)
        order._check_offer(offer)
        offers = order.freight_offer_ids.filtered(lambda one: one.picking_id == picking)
        code, figures = _by_hand(offer.sudo(), offers, self.env.user)
        picking.write({"carrier_id": offer.carrier_id.id, "freight_code": code, "freight_figures": figures})
        open_deliveries = order.picking_ids.filtered(
            lambda one: one.state not in ("done", "cancel") and one.picking_type_code == "outgoing"
        )
        if all(one.carrier_id == offer.carrier_id for one in open_deliveries):
            order._write_carrier(offer.carrier_id, code, figures)  # and the promise follows

    # ---------------------------------------------------------------- what the label cost
    def _note_exact_price(self, price):
        if price is None:
            return
        picking = self.sudo()  # sudo: guarded field; the carrier has said it
        picking.freight_exact_price = price
        picking.shipment_ids._expect_freight()

    def _add_delivery_cost_to_so(self):
        # A carrier that we have chosen is no reason to charge the customer what he never agreed to.
        order = self.sudo().sale_id  # sudo: guarded field of the order
        if order.freight_code and not order.order_line.filtered("is_delivery"):
            return None
        return super()._add_delivery_cost_to_so()
