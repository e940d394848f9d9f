"""What carriers would take some orders for, and when they would be there; read in a few queries."""

from collections import defaultdict, namedtuple
from datetime import timedelta

from odoo import fields

from ..engine.freight import Offer, choose, due_with_patience
from .freight_money import coins
from .promise_ways import Ways
from .sale_order_promise import _asked

Part = namedtuple("Part", "warehouse weight lines ready")
Priced = namedtuple("Priced", "carrier cost arrives code error parcels")
# How long a price of a carrier's server is good for.
QUOTE_HOURS = 24
# Why an offer is none. An error is no offer either: nobody knows whether the carrier would take it.
WORKS_NOT = ("unavailable", "collected", "error", "timeout")


class FreightFacts:
    """Carriers, rates and ways for some orders of one company, in superuser's hands.

    ``moves``: of one transfer, where only its goods are to be sent.
    """

    def __init__(self, orders, company, moves=None):
        self.orders, self.company, self.moves = orders, company, moves
        self.env, self.now = orders.env, fields.Datetime.now()
        self.carriers = self.env["delivery.carrier"]._compared(company)
        self.ways = Ways(orders, self.now)
        self.rates, self.quotes = {}, self._read_quotes()
        self.parts = self._read_parts()

    # ---------------------------------------------------------------- what is to be sent
    def _read_parts(self):
        """Return ``{order: [a parcel's warehouse, weight, lines and when it is there]}``."""
        lines = self.orders.order_line.filtered(lambda line: line._takes_goods() and not line.is_delivery)
        if self.moves is not None:
            lines &= self.moves.sale_line_id
        ready = self._ready(lines)
        result = defaultdict(list)
        for (order, warehouse), some in lines.grouped(
            lambda line: (line.order_id, line.warehouse_id)
        ).items():
            dates = [ready.get(line.id) for line in some]
            result[order].append(
                Part(
                    warehouse,
                    self._weight(some),
                    len(some),
                    max(dates) if all(dates) else None,
                )
            )
        return result

    def _weight(self, lines):
        if self.moves is not None:
            return sum(move.weight for move in self.moves if move.sale_line_id in lines)
        return sum(line.product_id.weight * line._product_qty() for line in lines)

    def _ready(self, lines):
        """Return ``{line id: when its goods are there}``: as promised, else as soon as can be."""
        promised = lines.filtered("ready_date")
        ready = {line.id: max(line.ready_date, self.now) for line in promised}
        if self.moves is not None:
            here = self.moves.filtered(lambda move: move.state == "assigned").sale_line_id
            ready |= dict.fromkeys((lines & here).ids, self.now)
        if rest := lines.filtered(lambda line: line.id not in ready):
            facts = self.orders._promise_facts(rest)
            questions = [line._question(facts, self.ways, None) for line in rest]
            promiser = facts.promiser(_asked(questions))
            promises = [promiser.promise(question) for question in questions]
            ready |= {promise.key.id: promise.ready for promise in promises}
        return ready

    # ---------------------------------------------------------------- what it costs
    def _read_quotes(self):
        """Return ``{(order id, carrier id): amount}`` that servers have named for all of it not long ago."""
        domain = [
            ("order_id", "in", self.orders.ids),
            ("picking_id", "=", False),
            ("code", "=", "quote"),
            ("asked_at", ">=", self.now - timedelta(hours=QUOTE_HOURS)),
        ]
        offers = self.env["order.freight.offer"].search(domain, order="asked_at")
        return {(offer.order_id.id, offer.carrier_id.id): offer.cost for offer in offers}

    def rate(self, order, warehouse, carrier):
        zone = self.ways.zones.get((order.company_id.id, order.partner_shipping_id.id))
        key = (zone, warehouse, carrier)
        if key not in self.rates:
            rates = self.env["order.freight.rate"]
            self.rates[key] = rates._for(zone, warehouse, carrier) if zone else rates
        return self.rates[key]

    def _by_rates(self, order, carrier):
        """Return what our own rates say, and whether they name the carrier; None where one is missing."""
        cost, named = 0.0, True
        for part in self.parts[order]:
            rate = self.rate(order, part.warehouse, carrier)
            if not rate:
                return None, False
            cost += rate._cost(carrier._parcels(part.weight), part.weight, part.lines)
            named &= bool(rate.carrier_id)
        return cost, named

    def price(self, order, carrier, ask=None):
        """Return ``(cost, code, error)``; ``ask``: until when servers may be asked, None: not at all."""
        cost, named = self._by_rates(order, carrier)
        is_external = carrier._is_external()
        if cost is not None and (named or not is_external):
            return cost, "rate", False
        if not is_external or ask is not None:
            price, code, error = carrier._ask(order, ask or float("inf"))
            if price is None:
                return None, code, error
            return self._in_company_currency(price, order) * self._times(order, carrier), code, False
        if (quote := self.quotes.get((order.id, carrier.id))) is not None:
            return quote, "quote", False
        return (None, "not_asked", False) if cost is None else (cost, "rate", False)

    def _times(self, order, carrier):
        """A fixed price is for one parcel; rules and servers are told how much it is."""
        if carrier.delivery_type != "fixed" or carrier._is_external():
            return 1
        return max(sum(carrier._parcels(part.weight) for part in self.parts[order]), 1)

    def _in_company_currency(self, price, order):
        today = fields.Date.context_today(order)
        return order.currency_id._convert(price, self.company.currency_id, self.company, today)

    # ---------------------------------------------------------------- offers
    def priced(self, order, ask=None):
        """Return what each carrier would take the order for; those that do not take it, why not."""
        source = self.moves.picking_id[:1] if self.moves is not None else order
        available = self.carriers.available_carriers(order.partner_shipping_id, source)
        result = []
        for carrier in self.carriers:
            if carrier._is_collected():
                result.append(Priced(carrier, None, None, "collected", False, 0))
            elif carrier not in available:
                result.append(Priced(carrier, None, None, "unavailable", False, 0))
            else:
                cost, code, error = self.price(order, carrier, ask)
                parcels = sum(carrier._parcels(part.weight) for part in self.parts[order])
                result.append(Priced(carrier, cost, self.arrives(order, carrier), code, error, parcels))
        return result

    def arrives(self, order, carrier):
        """Return when the last of it would be with the customer; None where nobody can say."""
        parts = self.parts[order]
        if not parts or not all(part.ready for part in parts):
            return None
        return max(
            self.ways.way(order, part.warehouse, carrier).deliver(part.ready).arrives for part in parts
        )

    def choose(self, order, priced):
        """Return the engine's choice of what ``priced`` has found, and by which day it had to be there."""
        day, currency = self.company._promise_day, self.company.currency_id
        offers = [
            Offer(
                each.carrier.id,
                None if each.cost is None else coins(each.cost, currency),
                day(each.arrives) if each.arrives else None,
                each.code not in WORKS_NOT,
                sequence,
            )
            for sequence, each in enumerate(priced)
        ]
        due = order._freight_due()
        due = day(due) if due else due_with_patience(offers, self.company.freight_patience)
        return choose(offers, due), due
