"""How goods get from a warehouse to a customer, as the engine wants to know it."""

from datetime import datetime, time, timedelta
from functools import lru_cache

from ..engine.delivery_time import Way

make_way = lru_cache(maxsize=512)(Way)
# From a vendor to the customer's door: it arrives on the day the vendor says.
STRAIGHT = Way((), timedelta(), time(23, 59), (), 0)


@lru_cache(maxsize=8)
def _weekdays(first_day):
    days = (first_day.date() + timedelta(days=i) for i in range(500))
    return tuple(day for day in days if day.weekday() < 5)


class Ways:
    """The ways of some orders, found with a few queries for all of them."""

    def __init__(self, orders, now):
        # sudo: calendars, zones and rates are settings
        self.orders = orders.sudo()
        self.first_day = datetime(now.year, now.month, 1)
        self.zones = {}
        for company, some in self.orders.grouped("company_id").items():
            zones = some.env["order.freight.zone"].with_company(company)
            self.zones.update(
                {(company.id, id_): zone for id_, zone in zones._of(some.partner_shipping_id).items()}
            )
        self.found = {}

    def way(self, order, warehouse, carrier=None):
        """Return the way of an order from a warehouse, by its carrier or by this one."""
        zone = self.zones.get((order.company_id.id, order.partner_shipping_id.id))
        carrier = order.carrier_id if carrier is None else carrier
        key = warehouse.id, carrier.id, zone and zone.id
        if key not in self.found:
            # sudo: see above
            self.found[key] = self._make(order.sudo(), warehouse.sudo(), zone, carrier.sudo())
        return self.found[key]

    def _make(self, order, warehouse, zone, carrier):
        rate = zone and order.env["order.freight.rate"]._for(zone, warehouse, carrier)
        calendar = warehouse.shipping_calendar_id or warehouse.company_id.resource_calendar_id
        cut_off = divmod(round(warehouse.shipping_cut_off * 60), 60)
        return make_way(
            calendar._working_hours(self.first_day, warehouse.company_id.id) if calendar else (),
            timedelta(hours=warehouse.handling_hours),
            time(*cut_off),
            self._carrier_days(carrier, warehouse.company_id),
            rate.transit_days if rate else carrier.transit_days if carrier else 1,
            calendar.tz or warehouse.company_id.partner_id.tz or "UTC",
        )

    def _carrier_days(self, carrier, company):
        calendar = carrier.transit_calendar_id
        if not calendar:
            return _weekdays(self.first_day)
        return calendar._working_days(self.first_day, company.id)
