"""What a carrier's bill is compared with: our parcels, and what was billed before; in a few queries."""

from datetime import timedelta

from odoo import fields
from odoo.tools import SQL

from ..engine.freight import convert
from ..engine.freight_bill import Earlier, Parcel, Tolerance, judge
from ..engine.freight_seen import key_of
from .freight_money import coins

# Carriers use their numbers again; nobody bills what was sent longer ago.
DAYS_BACK = 400


class BillFacts:
    """Parcels and earlier bills for a bill of a carrier; in superuser's hands."""

    def __init__(self, env, company, carrier, date, bill=None):
        # sudo: whoever checks bills need not see every shipment, nor what orders are behind it
        self.env, self.company, self.date = env(su=True), company, date
        self.carriers = carrier.sudo()._on_one_bill()
        self.bill = bill
        self.currency = company.currency_id
        self.tolerance = Tolerance(
            coins(company.freight_tolerance, self.currency), company.freight_tolerance_percent
        )

    # ---------------------------------------------------------------- money
    def company_coins(self, money):
        """Return for ``[(currency, amount)]`` the whole cents of the company's currency.

        What stands in one currency adds up to what its total is converted to, to the cent.
        """
        result = [0] * len(money)
        for currency in {currency for currency, _amount in money}:
            places = [place for place, (one, _amount) in enumerate(money) if one == currency]
            rate = self.env["res.currency"]._get_conversion_rate(
                currency, self.currency, self.company, self.date
            )
            own = [coins(money[place][1], currency) for place in places]
            converted = convert(own, rate, currency.rounding, self.currency.rounding)
            for place, number in zip(places, converted, strict=True):
                result[place] = number
        return result

    # ---------------------------------------------------------------- reading
    def judge(self, lines):
        """Return the engine's verdicts on :class:`BillLine`s, by their key."""
        keys = {key_of(number) for line in lines for number in (line.number, line.reference)} - {""}
        by_hand = {line.parcel for line in lines if line.parcel}
        shipments = self._shipments(keys, by_hand)
        if self.bill:  # rates may have been added since it left
            shipments.filtered(lambda one: not one.is_expected)._expect_freight()
        return judge(lines, self._parcels(shipments), self._earlier(shipments, keys), self.tolerance)

    def _shipments(self, keys, by_hand):
        """Return the shipments with one of the numbers or names; the latest first."""
        self.env["order.shipment"].flush_model(["number_keys", "shipped_at", "company_id"])
        found = self.env.execute_query(self._shipments_query(keys))
        shipments = self.env["order.shipment"].browse({id_ for (id_,) in found} | by_hand)
        return shipments.sorted(lambda one: (one.shipped_at or fields.Datetime.now(), one.id), reverse=True)

    def _shipments_query(self, keys):
        # Number by number: one array of all of them would be compared with each shipment it has found.
        return SQL(
            """
            SELECT DISTINCT shipment.id
              FROM unnest(%(keys)s::text[]) number
              JOIN order_shipment shipment
                   ON string_to_array(shipment.number_keys, ',') @> ARRAY[number]
             WHERE shipment.company_id = %(company)s
               AND shipment.shipped_at BETWEEN %(since)s AND %(until)s
            """,
            company=self.company.id,
            since=self.date - timedelta(days=DAYS_BACK),
            until=self.date + timedelta(days=2),
            keys=list(keys),
        )

    def _parcels(self, shipments):
        return [
            Parcel(
                shipment.id,
                tuple(shipment._tracking_numbers()),
                coins(shipment.expected_cost, self.currency) if shipment.is_expected else None,
                max(shipment.parcel_count, 1),
                not shipment.carrier_id or shipment.carrier_id in self.carriers,
                (shipment.name, *shipment.picking_ids.mapped("name")),
            )
            for shipment in shipments
        ]

    def _earlier(self, shipments, keys):
        """Return what bills checked before this one say of these parcels and numbers, oldest first.

        What was billed twice counts as a charge when we pay it after all. Of one bill, charges go before
        credits: what is taken back has been charged, wherever it stands.
        """
        self.env["order.freight.bill.line"].flush_model()
        self.env["order.freight.bill"].flush_model(["state", "checked_at"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT line.tracking_number, line.service, line.company_amount, line.shipment_id,
                       line.verdict != 'duplicate' OR line.dispute_state IN ('refused', 'dropped'),
                       line.currency_id, line.amount
                  FROM order_freight_bill_line line
                  JOIN order_freight_bill bill ON bill.id = line.bill_id
                 WHERE bill.company_id = %(company)s AND bill.carrier_id = ANY(%(carriers)s)
                   AND bill.state != 'draft' AND bill.id != %(bill)s
                   AND (%(checked_at)s::timestamp IS NULL
                        OR (bill.checked_at, bill.id) < (%(checked_at)s, %(bill)s))
                   AND line.verdict != 'unreadable'
                   AND (line.shipment_id = ANY(%(shipments)s) OR line.number_key = ANY(%(keys)s))
                 ORDER BY bill.checked_at, bill.id, line.company_amount < 0, line.row_number, line.id
                """,
                company=self.company.id,
                carriers=self.carriers.ids,
                bill=self.bill.id if self.bill else 0,
                checked_at=self._checked_at(),
                shipments=shipments.ids,
                keys=list(keys),
            )
        )
        currencies = {id_: self.env["res.currency"].browse(id_) for (*_rest, id_, _billed) in rows}
        return [
            Earlier(
                number or "",
                service or "",
                coins(amount or 0.0, self.currency),
                shipment,
                counts,
                currencies[currency].name,
                coins(billed or 0.0, currencies[currency]),
            )
            for number, service, amount, shipment, counts, currency, billed in rows
        ]

    def _checked_at(self):
        """Return since when this bill counts; one in draft, or not there yet, comes after all others."""
        return self.bill.checked_at or None if self.bill and self.bill.state != "draft" else None
