from datetime import date, datetime, time, timedelta

from pytz import timezone, utc

from odoo import fields, models
from odoo.fields import Domain

from ..engine.quiet_hours import zone_of
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
        """Return the orders whose goods are in these parcels."""
        return self.env["sale.order"].union(*self._told_by_parcel().values()).sorted("id")

    def _told_by_parcel(self):
        """Return ``{parcel id: orders whose goods are in it}``, read together for all of a batch.

        Where goods of several customers left together, each has the parcels whose number stands on his
        transfers; a number that stands on none is everybody's.
        """
        return {parcel.id: parcel._orders_inside() for parcel in self}

    def _orders_inside(self):
        orders = self.env["sale.order"]
        for shipment in self.shipment_ids:
            together = shipment.order_ids
            if len(together.partner_id.commercial_partner_id) > 1:
                key = _compared(self.number)
                marked = shipment.picking_ids.filtered(
                    lambda one, key=key: key in map(_compared, numbers_in(one.carrier_tracking_ref))
                )
                together = marked._shipped_orders() & together if marked else together
            orders |= together
        return orders.sorted("id")

    def _trouble_facts(self, orders):
        """Return what the engine decides by; ``orders`` are those whose goods are in the parcel."""
        return Facts(
            status=self.status,
            substatus=self.substatus or None,
            status_since=self.status_since or None,
            last_event_at=self.last_event_at or None,
            shipped_at=self.shipped_at or None,
            eta=self.eta or None,
            promised=self._late_from(orders),
        )

    def _trouble_settings(self):
        return Settings(self.company_id.problem_silent_days, self.company_id.problem_pickup_days)

    def _late_from(self, orders):
        """Return the first moment that is later than promised, or agreed since: the end of that day."""
        agreed = [problem.new_date for problem in self.problem_ids if problem.new_date]
        if agreed:
            return _end_of(max(agreed), orders[:1]._parcel_zone() if orders else "UTC")
        ends = []
        for order in orders.filtered(lambda one: one.state != "cancel"):
            if moment := order.promise_date or order.commitment_date:
                zone = order._parcel_zone()
                day = utc.localize(moment).astimezone(timezone(zone)).date()
                ends.append(_end_of(day, zone))
        return min(ends, default=None)

    def _carrier_working_days(self):
        """Return ``{parcel id: days on which its carrier works}``, from a quarter ago on.

        None: Monday to Friday.
        """
        now = fields.Datetime.now()
        first = (now.replace(day=1) - timedelta(days=100)).replace(day=1)
        known = {}
        for parcel in self:
            key = parcel.carrier_id.transit_calendar_id, parcel.company_id
            if key not in known:
                calendar, company = key
                start = datetime(first.year, first.month, 1)
                known[key] = calendar._working_days(start, company.id) if calendar else None
        return {parcel.id: known[parcel.carrier_id.transit_calendar_id, parcel.company_id] for parcel in self}


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _parcel_zone(self):
        """Return the time zone in which the customer's days begin."""
        return zone_of(self.partner_shipping_id.tz, self.partner_id.tz, self.company_id.partner_id.tz).key


def _end_of(day: date, zone: str) -> datetime:
    midnight = datetime.combine(day + timedelta(days=1), time())
    return timezone(zone).localize(midnight).astimezone(utc).replace(tzinfo=None)


def _compared(number):
    return number.replace(" ", "").upper()
