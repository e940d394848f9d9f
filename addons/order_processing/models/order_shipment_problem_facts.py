from datetime import date, datetime, time, timedelta

from pytz import timezone, utc

from odoo import fields, models
from odoo.fields import Domain

from ..engine.tracking_trouble import Facts, Settings
from .stock_picking_papers import numbers_in


class OrderShipmentParcel(models.Model):
    """Whose goods are in a parcel, and what the engine wants to know of it."""

    _inherit = "order.shipment.parcel"

    problem_ids = fields.One2many("order.shipment.problem", "parcel_id", readonly=True)
    open_problem_count = fields.Integer("Open problems", compute="_compute_open_problem_count")

    _tracked_open = models.Index("(id) WHERE status NOT IN ('delivered', 'returned', 'cancelled')")

    def _compute_open_problem_count(self):
        domain = Domain("parcel_id", "in", self.ids) & Domain("state", "=", "open")
        counts = dict(self.env["order.shipment.problem"]._read_group(domain, ["parcel_id"], ["__count"]))
        for parcel in self:
            parcel.open_problem_count = counts.get(parcel._origin, 0)

    def _told_orders(self):
        """Return the orders whose goods are in the parcel.

        Where goods of several customers left together, each has the parcels whose number stands on his
        transfers; a number that stands on none is everybody's.
        """
        orders = self.env["sale.order"]
        for parcel in self:
            for shipment in parcel.shipment_ids:
                all_orders = shipment.order_ids
                if len(all_orders.partner_id.commercial_partner_id) < 2:
                    orders |= all_orders
                    continue
                key = parcel.number.replace(" ", "").upper()
                marked = shipment.picking_ids.filtered(
                    lambda one, key=key: key
                    in [n.replace(" ", "").upper() for n in numbers_in(one.carrier_tracking_ref)]
                )
                orders |= marked._shipped_orders() & all_orders if marked else all_orders
        return orders.sorted("id")

    def _is_watched(self):
        """Tell whether it is on its way to a customer: what comes in is somebody else's to tell of."""
        return any(order.state == "sale" for order in self._told_orders())

    def _trouble_facts(self):
        """Return what the engine decides by."""
        return Facts(
            status=self.status,
            substatus=self.substatus or None,
            status_since=self.status_since or None,
            last_event_at=self.last_event_at or None,
            shipped_at=self.shipped_at or None,
            eta=self.eta or None,
            promised=self._late_from(),
        )

    def _trouble_settings(self):
        return Settings(self.company_id.problem_silent_days, self.company_id.problem_pickup_days)

    def _late_from(self):
        """Return the first moment that is later than promised, or agreed since: the end of that day."""
        agreed = [problem.new_date for problem in self.problem_ids if problem.new_date]
        if agreed:
            orders = self._told_orders()
            return _end_of(max(agreed), orders[:1]._parcel_zone() if orders else "UTC")
        ends = []
        for order in self._told_orders():
            if moment := order.promise_date or order.commitment_date:
                zone = order._parcel_zone()
                day = utc.localize(moment).astimezone(timezone(zone)).date()
                ends.append(_end_of(day, zone))
        return min(ends, default=None)

    def _carrier_working_days(self):
        """Return the days on which the carrier works, from a quarter ago on; None: Monday to Friday."""
        calendar = self.carrier_id.transit_calendar_id
        if not calendar:
            return None
        now = fields.Datetime.now()
        first = (now.replace(day=1) - timedelta(days=100)).replace(day=1)
        return calendar._working_days(datetime(first.year, first.month, 1), self.company_id.id)


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _parcel_zone(self):
        """Return the time zone in which the customer's days begin."""
        return self.partner_shipping_id.tz or self.partner_id.tz or self.company_id.partner_id.tz or "UTC"


def _end_of(day: date, zone: str) -> datetime:
    midnight = datetime.combine(day + timedelta(days=1), time())
    return timezone(zone).localize(midnight).astimezone(utc).replace(tzinfo=None)
