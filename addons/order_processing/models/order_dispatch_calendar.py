from datetime import timedelta

from odoo import api, fields, models

from ..engine.departures import Slot, departures, start_of_day
from .order_dispatch_departure import CAPACITIES

# So many days ahead departures are known.
AHEAD_DAYS = 14


class OrderDispatchDeparture(models.Model):
    """The departures of the coming days follow what their routes say."""

    _inherit = "order.dispatch.departure"

    @api.model
    def _keep_ahead(self, warehouses):
        """Make, change and remove the departures of the coming days of these warehouses.

        What somebody changed, or has begun to work for, stays as it is; so does what was cancelled.
        """
        routes = self.env["order.dispatch.route"].with_context(active_test=False)
        routes = routes.search([("warehouse_id", "in", warehouses.ids)])
        now = fields.Datetime.now()
        known = self.search([("route_id", "in", routes.ids), ("departs_at", ">", now)])
        by_day, at_times = {}, {(one.route_id.id, one.departs_at) for one in known}
        for one in known.filtered("slot_id"):
            by_day[one.slot_id.id, _day(one.departs_at, one.warehouse_id._dispatch_zone())] = one
        obsolete = known.filtered(lambda one: one.state == "planned" and not one.is_set_by_hand)
        vals_list = []
        for vals in self._due_ahead(routes, now):
            day = _day(
                vals["departs_at"],
                self.env["stock.warehouse"].browse(vals.pop("warehouse_id"))._dispatch_zone(),
            )
            departure = by_day.get((vals["slot_id"], day))
            if departure:
                obsolete -= departure
                departure._follow(vals)
            elif (vals["route_id"], vals["departs_at"]) not in at_times:
                at_times.add((vals["route_id"], vals["departs_at"]))
                vals_list.append(vals)
        obsolete = obsolete.filtered(lambda one: not one._has_begun())
        obsolete.unlink()
        made = self.with_context(mail_create_nolog=True, tracking_disable=True).create(vals_list)
        if made or obsolete:
            self.env["stock.picking"]._note_dispatch()
        return made

    @api.model
    def _due_ahead(self, routes, now):
        """Yield the values of what departs in the coming days."""
        slots = routes.slot_ids.grouped("route_id")
        for route in routes.filtered("active"):
            some = {slot.id: slot for slot in slots.get(route, ())}
            if not some:
                continue
            found = departures(
                [Slot(id_, int(s.weekday), s.cut_off, s.departs_at) for id_, s in some.items()],
                route.warehouse_id._dispatch_zone(),
                now,
                AHEAD_DAYS,
                route._closed(now),
            )
            for planned in found:
                yield {
                    "route_id": route.id,
                    "warehouse_id": route.warehouse_id.id,
                    "slot_id": planned.slot,
                    "departs_at": planned.departs,
                    "cut_off_at": planned.cut_off,
                    **some[planned.slot]._capacity(),
                }

    def _follow(self, vals):
        """Take over what the slot says now, unless somebody decided otherwise or work has begun."""
        if self.is_set_by_hand or self.state != "planned":
            return
        names = ("departs_at", "cut_off_at", *CAPACITIES)
        changed = {name: vals[name] for name in names if self[name] != vals[name]}
        if changed and not self._has_begun():
            self.with_context(tracking_disable=True).write(changed)
            self.env["stock.picking"]._note_dispatch()


class OrderDispatchRoute(models.Model):
    _inherit = "order.dispatch.route"

    def _closed(self, now):
        """Return from when to when nothing departs: the public holidays of the coming days."""
        calendar = self.calendar_id or self.warehouse_id._dispatch_calendar()
        leaves = self.env["resource.calendar.leaves"].search_fetch(
            [
                ("resource_id", "=", False),
                ("time_type", "=", "leave"),
                ("company_id", "in", (False, self.company_id.id)),
                ("calendar_id", "in", (False, calendar.id)),
                ("date_to", ">", now - timedelta(days=2)),
                ("date_from", "<", now + timedelta(days=AHEAD_DAYS + 2)),
            ],
            ["date_from", "date_to"],
        )
        return [(leave.date_from, leave.date_to) for leave in leaves]


class StockWarehouse(models.Model):
    _inherit = "stock.warehouse"

    dispatch_route_ids = fields.One2many("order.dispatch.route", "warehouse_id", string="Delivery routes")

    def _dispatch_calendar(self):
        return self.shipping_calendar_id or self.company_id.resource_calendar_id

    def _dispatch_zone(self):
        """Return the time zone its departures are written in."""
        return self._dispatch_calendar().tz or self.company_id.partner_id.tz or "UTC"


class ResourceCalendarLeaves(models.Model):
    _inherit = "resource.calendar.leaves"

    def _forget_public_holidays(self):
        """Nothing departs on a holiday that was just entered: the scheduled action sees to it."""
        if any(not leave.resource_id for leave in self):
            self.env["stock.picking"]._note_dispatch()
        return super()._forget_public_holidays()


def _day(moment, zone):
    """Return the day it is there."""
    return start_of_day(moment, zone)
