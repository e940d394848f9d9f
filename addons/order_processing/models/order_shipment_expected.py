from odoo import fields, models

from .delivery_carrier_freight import Goods


class OrderShipment(models.Model):
    """What a shipment should cost: the label's price, our rate, or the carrier's own price.

    Of what is in it: an order may leave in several shipments, and a shipment hold several orders.
    """

    _inherit = "order.shipment"

    # ---------------------------------------------------------------- what it should cost
    def _expect_freight(self):
        """Note what these shipments should cost: the label's price, our rate, the carrier's own price."""
        # sudo: rates and money are no packer's business; that the cost is noted follows from shipping
        shipments = self.sudo()
        for company, some in shipments.grouped("company_id").items():
            nowhere = shipments.env["order.freight.zone"].with_company(company)
            zones = nowhere._of(some.partner_id)
            for shipment in some.with_company(company):
                zone = zones.get(shipment.partner_id.id, nowhere)
                cost, source = shipment._cost_and_source(zone)
                shipment.write(
                    {
                        "freight_zone_id": zone.id,
                        "expected_cost": cost or 0.0,
                        "is_expected": cost is not None,
                        "expected_from": source,
                    }
                )
        shipments._share_out()

    def _cost_and_source(self, zone):
        if not self.carrier_id:
            return None, False
        exact = [self._exact_price(picking) for picking in self.picking_ids if picking.freight_exact_price]
        if exact:
            return sum(exact), "label"
        warehouse = self.picking_ids.picking_type_id.warehouse_id[:1]
        rates = self.env["order.freight.rate"]
        rate = rates._for(zone, warehouse, self.carrier_id) if zone and warehouse else rates
        if rate and (rate.carrier_id or not self.carrier_id._is_external()):
            return self._by_rate(rate), "rate"
        cost, source = self._by_carrier()
        if cost is None and rate:
            return self._by_rate(rate), "rate"
        return cost, source

    def _by_rate(self, rate):
        lines = self.picking_ids.move_ids.filtered(lambda move: move.state == "done").sale_line_id
        return self.currency_id.round(rate._cost(self.parcel_count, self._weight(), len(lines)))

    def _weight(self):
        """Return what it weighs: packages as they were weighed, and what goes along loose."""
        packages = self.picking_ids.move_line_ids.result_package_id
        if packages and all(packages.mapped("shipping_weight")):
            return sum(packages.mapped("shipping_weight")) + self._loose_weight()
        return sum(self.picking_ids.mapped("weight"))

    def _exact_price(self, picking):
        """Return the label's price in our currency; providers name it in the order's, as Odoo takes it."""
        currency = picking.sale_id.currency_id or self.currency_id
        date = (picking.date_done or fields.Datetime.now()).date()
        return currency._convert(picking.freight_exact_price, self.currency_id, self.company_id, date)

    # ---------------------------------------------------------------- the carrier's own price
    def _by_carrier(self):
        """Return what the carrier quoted lately, or its own price list says; servers are not asked here."""
        if self.carrier_id._is_external():
            cost = self._by_quotes()
            return cost, "quote" if cost is not None else False
        order = self.order_ids[:1]
        if self.carrier_id.delivery_type == "base_on_rule":
            cost = self.carrier_id._price_of_goods(self._goods(), self.company_id)
        else:
            price = self.carrier_id._carrier_price(order)[0] if order else None
            today = fields.Date.context_today(self)
            cost = price and order.currency_id._convert(price, self.currency_id, self.company_id, today)
            cost = cost and cost * self.parcel_count
        return (self.currency_id.round(cost), "price") if cost else (None, False)

    def _by_quotes(self):
        """Return what was quoted for what is in here; None where nothing was for one of the orders.

        A quote for an order is for all of it: of one that leaves in parts, this one bears its part of it.
        """
        total = 0.0
        for order in self.order_ids:
            offers = order.freight_offer_ids.filtered(
                lambda one: one.carrier_id == self.carrier_id and one.is_cost_known
            )
            exact = offers.filtered(lambda one: one.picking_id and one.picking_id in self.picking_ids)
            if exact:
                total += sum(exact.mapped("cost"))
            elif whole := offers.filtered(lambda one: not one.picking_id)[-1:]:
                total += whole.cost * self._part_of(order)
            else:
                return None
        return self.currency_id.round(total) if self.order_ids else None

    def _part_of(self, order):
        """Return which part of an order is in here: by weight, by pieces where nothing weighs anything."""
        lines = order.order_line.filtered(lambda line: line._takes_goods() and not line.is_delivery)
        if not lines or not self._shipped_moves().sale_line_id & lines:
            return 1 / max(len(order.shipment_ids), 1)
        pieces = {line: line._product_qty() for line in lines}
        weights = {line: line.product_id.weight * count for line, count in pieces.items()}
        weights = weights if any(weights.values()) else pieces
        part = sum(weight * self._part_of_line(line) for line, weight in weights.items())
        return min(part / (sum(weights.values()) or 1.0), 1.0)

    def _part_of_line(self, line):
        """Return which part of a line is in here; of a kit, which part of the moves for it."""
        moves = self._shipped_moves().filtered(lambda move: move.sale_line_id == line)
        whole = line._product_qty()
        if moves.product_id != line.product_id:
            leaving = line.move_ids.filtered(
                lambda move: move.state != "cancel"
                and move.location_dest_id._is_at_customer()
                and not move.location_id._is_at_customer()
            )
            whole = sum(_pieces(move) for move in leaving)
        return sum(_pieces(move) for move in moves) / whole if whole else 0.0

    def _shipped_moves(self):
        return self.picking_ids.move_ids.filtered(lambda move: move.state == "done")

    def _goods(self):
        """Return what is in here, as price lists of shipping methods ask for it."""
        moves, today = self._shipped_moves(), fields.Date.context_today(self)
        pieces = {move: _pieces(move) for move in moves}
        value = 0.0
        for line in moves.sale_line_id:
            part = line.price_total * self._part_of_line(line)
            value += line.currency_id._convert(part, self.currency_id, self.company_id, today)
        return Goods(
            value,
            self._weight(),
            sum(move.product_id.volume * count for move, count in pieces.items()),
            sum(pieces.values()),
            sum(move.product_id.weight * move.product_id.volume * count for move, count in pieces.items()),
        )


def _pieces(move):
    """Return how many there are, in the product's own unit."""
    done = move.state == "done"
    return move.product_uom._compute_quantity(
        move.quantity if done else move.product_uom_qty, move.product_id.uom_id, round=False
    )
