import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from .delivery_carrier_freight import ASK_SECONDS
from .freight_facts import QUOTE_HOURS, FreightFacts
from .freight_money import MONEY_GROUPS
from .freight_words import freight_words

STAFF = "base.group_user"
REASON_GROUPS = f"{MONEY_GROUPS},sales_team.group_sale_salesman"
# So long an order that nobody has approved yet is worth asking carriers about.
DAYS_WORTH_ASKING = 14


class SaleOrder(models.Model):
    """Which carrier takes an order: the cheapest that keeps the promise, unless somebody has chosen."""

    _inherit = "sale.order"

    # They hold what carriers would take: not for those who pack.
    freight_code = fields.Char(copy=False, readonly=True, groups=REASON_GROUPS)
    freight_figures = fields.Json(copy=False, readonly=True, groups=REASON_GROUPS)
    freight_reason = fields.Char(
        "Why this carrier", compute="_compute_freight_reason", groups="sales_team.group_sale_salesman"
    )
    freight_mode = fields.Selection(related="company_id.freight_mode", groups=STAFF)
    freight_offer_ids = fields.One2many(
        "order.freight.offer",
        "order_id",
        string="Freight offers",
        readonly=True,
        groups="sales_team.group_sale_salesman,stock.group_stock_manager",
    )

    @api.depends("freight_code", "freight_figures")
    @api.depends_context("lang")
    def _compute_freight_reason(self):
        for order in self:
            currency = order.company_id.currency_id
            order.freight_reason = freight_words(
                self.env, order.freight_code, order.freight_figures, currency
            )

    # ---------------------------------------------------------------- on approval
    def _choose_sources(self):
        result = super()._choose_sources()
        self._choose_carriers()
        return result

    def _choose_carriers(self):
        """Choose the carrier of each order that has none, with the queries of one for all of them.

        Servers of carriers are not asked here, where stock is about to be locked: what they have said
        lately counts.
        """
        # sudo: rates, stock and guarded fields; that a carrier is chosen follows from the approval
        for company, orders in self.sudo().grouped("company_id").items():
            due = company._chooses_carriers() and orders.filtered(lambda order: order._lacks_carrier())
            if not due:
                continue
            due = due.with_company(company)
            due -= due.filtered(lambda order: order._take_usual_carrier())
            if due:
                due._choose_carriers_of(FreightFacts(due, company))

    def _lacks_carrier(self):
        """Tell whether nobody has chosen how it is sent, and nothing of it is on its way yet."""
        return (
            self.state in ("draft", "sent", "sale")
            and not self.carrier_id
            and not self.pickup_location_data
            and any(line._takes_goods() and line.product_uom_qty > 0 for line in self.order_line)
            and not any(line.is_delivery for line in self.order_line)
            and not any(move.state != "cancel" for move in self.order_line.move_ids)
        )

    def _take_usual_carrier(self):
        """Send the order with the carrier the customer always has, if it takes it.

        That of the address, else of the customer it belongs to, as Odoo takes it. One that is the company's
        default for all contacts is nobody's choice, and what the customer has to choose himself is left to
        him.
        """
        address = self.partner_shipping_id
        default = address._fields["property_delivery_carrier_id"].get_company_dependent_fallback(address)
        chosen = (one.property_delivery_carrier_id for one in (address, address.commercial_partner_id))
        usual = next((one for one in chosen if one and one != default), None)
        if not usual or usual._is_collected() or not usual.available_carriers(address, self):
            return False
        self._write_carrier(usual, "preferred", {"carrier": usual.name})
        return True

    def _choose_carriers_of(self, facts):
        found = {}
        for order in self:
            priced = facts.priced(order)
            found[order] = (priced, *facts.choose(order, priced))
        kept = self.env["order.freight.offer"]._keep(found)
        for order, (_priced, choice, _due) in found.items():
            # Without any price it would be a guess.
            if choice.offer and choice.offer.cost is not None:
                offers = kept[order]
                order._write_carrier(offers[:1].carrier_id, choice.code.value, _figures(offers, choice))

    def _write_carrier(self, carrier, code, figures):
        """Set the carrier, and why; no line of the order changes, so neither does what it costs."""
        # sudo: guarded fields; the caller has checked, or is the system
        self.sudo().write({"carrier_id": carrier.id, "freight_code": code, "freight_figures": figures})
        self.env["order.event"]._log(self, "carrier_chosen", {"carrier": carrier.name})

    def write(self, vals):
        if "carrier_id" in vals and "freight_code" not in vals:
            others = self.filtered(lambda order: order.carrier_id.id != vals["carrier_id"])
            # sudo: guarded fields; with another carrier the reason for the one before is none
            others = others.sudo().filtered(lambda order: order.freight_code or order.freight_figures)
            if others:
                others.write({"freight_code": False, "freight_figures": False})
        return super().write(vals)

    def _forget_clearance(self, state):
        if state == "draft":
            orders = self.sudo()  # sudo: guarded fields; what was chosen goes with the approval
            chosen = orders.filtered(
                lambda order: order.freight_code
                and not order.freight_code.startswith("by_hand")
                # (a method the customer is charged for is agreed with him)
                and not order.order_line.filtered("is_delivery")
            )
            if chosen:
                chosen.write({"carrier_id": False, "freight_code": False, "freight_figures": False})
        return super()._forget_clearance(state)

    def _create_delivery_line(self, carrier, price_unit):
        """Charged to the customer, the method is agreed with him, and nothing that the system may change."""
        order = self.sudo()  # sudo: guarded field; who may add the line has chosen the method
        if order.freight_code:
            order.freight_code = False  # (the figures stay: what it is expected to cost)
        return super()._create_delivery_line(carrier, price_unit)

    # ---------------------------------------------------------------- a person compares
    def action_compare_freight(self):
        """Ask all carriers what they would take the order for, and show it."""
        self.check_access("write")
        self.ensure_one()
        if self.state == "cancel":
            raise UserError(self.env._("The order is cancelled: there is nothing to send."))
        self.env["order.freight.compare"].check_access("create")
        return self.env["order.freight.compare"]._open(self, *self._ask_carriers())

    def _freight_due(self):
        """Return the moment by which it has been promised, or asked for."""
        return self.promise_date or self.commitment_date or self.requested_date

    def _ask_carriers(self, picking=None, seconds=ASK_SECONDS):
        """Ask, weigh and keep the offers for the order, or for one transfer of it; return what is best."""
        order = self.sudo().with_company(self.company_id)  # sudo: rates and stock
        moves = picking.sudo().move_ids if picking else None
        facts = FreightFacts(order, order.company_id, moves)
        priced = facts.priced(order, ask=time.monotonic() + seconds)
        choice, due = facts.choose(order, priced)
        # sudo: offers are what the system has found, nobody types them
        kept = self.env["order.freight.offer"].sudo()._keep({order: (priced, choice, due)}, picking)
        return choice.code.value, _figures(kept[order], choice)

    def _take_offer(self, offer):
        """A person has picked this offer for the order."""
        order = self.sudo()  # sudo: who may change the order may say how it is sent
        self._check_offer(offer)
        offers = order.freight_offer_ids.filtered(lambda one: not one.picking_id)
        order._write_carrier(offer.carrier_id, *_by_hand(offer, offers, self.env.user))
        order.picking_ids.filtered(
            lambda picking: picking.state not in ("done", "cancel")
            and not any(move.origin_returned_move_id for move in picking.move_ids)
        ).carrier_id = offer.carrier_id

    def _check_offer(self, offer):
        if self.state == "cancel":
            raise UserError(self.env._("The order is cancelled: there is nothing to send."))
        if not offer.works:
            raise UserError(self.env._("%s does not take this.", offer.carrier_id.name))
        order = self.sudo()  # sudo: lines and carrier of the order one is about to send
        charged = order.order_line.filtered("is_delivery")
        to_be_charged = charged.filtered(lambda line: line.currency_id.is_zero(line.price_unit))
        if to_be_charged and order.carrier_id.invoice_policy == "real":
            raise UserError(
                self.env._(
                    "The customer pays what sending %s really costs. Change the shipping method in the order"
                    " itself, so that the price is agreed anew.",
                    self.name,
                )
            )
        if charged and offer.carrier_id != order.carrier_id:
            raise UserError(
                self.env._(
                    "%(order)s charges the customer for “%(charged)s”. To send it with %(carrier)s, press"
                    " “Update shipping cost” on the order, so that what he is charged is agreed anew.",
                    order=self.name,
                    charged=(charged[:1].name or "").splitlines()[0],
                    carrier=offer.carrier_id.name,
                )
            )

    # ---------------------------------------------------------------- asked in the background
    @api.model
    def _cron_ask_carriers(self):
        """Ask carriers' servers about orders that will need a carrier, before anything is locked for them."""
        companies = self.env["res.company"].search([("freight_mode", "=", "choose")])
        for company in companies:
            carriers = self.env["delivery.carrier"].with_company(company)._compared(company)
            if any(carrier._is_external() for carrier in carriers):
                self._ask_about(company)

    def _ask_about(self, company):
        since = fields.Date.subtract(fields.Date.today(), days=DAYS_WORTH_ASKING)
        lately = fields.Datetime.now() - timedelta(hours=QUOTE_HOURS)
        orders = self.search(
            [
                ("company_id", "=", company.id),
                ("state", "in", ("draft", "sent")),
                ("submitted_at", ">=", since),
                ("carrier_id", "=", False),
                ("freight_offer_ids", "not any", [("asked_at", ">=", lately)]),
            ],
            limit=100,
        )
        for number, order in enumerate(orders, 1):
            if order._lacks_carrier():
                order.with_company(company)._ask_carriers()
            if not self.env["ir.cron"]._commit_progress(1, remaining=len(orders) - number):
                return


def _figures(offers, choice):
    """Return what the reason of a choice says, from the offers with the best first."""
    if not choice.offer:
        return {}
    by_carrier = {offer.carrier_id.id: offer for offer in offers}
    best = by_carrier[choice.offer.carrier]
    figures = best._figures()
    if choice.runner_up:
        other = by_carrier[choice.runner_up.carrier]
        figures |= {
            "other": other.carrier_id.name,
            "other_cost": other.cost if other.is_cost_known else None,
            "difference": other._difference_to(best),
        }
    if choice.cheaper:
        cheaper = by_carrier[choice.cheaper.carrier]
        figures |= {"cheaper": cheaper.carrier_id.name, "cheaper_cost": cheaper.cost}
    return figures


def _by_hand(offer, offers, user):
    """Return code and figures of an offer that a person has picked."""
    figures = {**offer._figures(), "user": user.name}
    best = offers.sorted("place")[:1]
    if best and best != offer and best.works:
        figures |= {"best": best.carrier_id.name, "best_cost": best.cost if best.is_cost_known else None}
        return "by_hand_dearer", figures
    return "by_hand", figures
