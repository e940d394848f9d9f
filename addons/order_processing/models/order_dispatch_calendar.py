import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ..engine.departures import Slot, departures
from .order_allocation_run import CONCURRENCY
from .order_dispatch_departure import CAPACITIES

_logger = logging.getLogger(__name__)
# So many days ahead departures are known.
AHEAD_DAYS = 14
# Where departures wait that change their times, so that two of them do not meet on the way.
ASIDE = timedelta(days=36_525)


class OrderDispatchDeparture(models.Model):
    """The departures of the coming days follow what their routes say."""

    _inherit = "order.dispatch.departure"

    @api.model
    def _keep_ahead(self, warehouses):
        """Make, change and remove the departures of the coming days of these warehouses.

        What is wrong with one route stops no other.
        """
        routes = self.env["order.dispatch.route"].with_context(active_test=False)
        for route, known in self._known_ahead(routes.search([("warehouse_id", "in", warehouses.ids)])):
            self.env.flush_all()
            try:
                # Nothing that belongs before the commit happens here: that is for the end of the plan.
                with self.env.cr.savepoint(flush=False):
                    self._keep_route_ahead(route, known)
                    self.env.flush_all()
            except CONCURRENCY:
                raise
            except Exception:
                self.env.transaction.clear()
                _logger.exception("The departures of the delivery route %s could not be made", route.id)

    @api.model
    def _known_ahead(self, routes):
        """Return of each route the departures that are to come, or were to come today."""
        now = fields.Datetime.now()
        coming = Domain("departs_at", ">", now)
        # Whatever became of it: what a slot makes of a day it makes once.
        coming |= Domain("slot_day", ">=", now.date() - timedelta(days=1))
        known = self.search(Domain("route_id", "in", routes.ids) & coming).grouped("route_id")
        return [(route, known.get(route, self.browse())) for route in routes]

    @api.model
    def _keep_route_ahead(self, route, known):
        """Bring the departures of a route in line with it.

        What somebody changed, or has begun to work for, stays as it is; so does what was cancelled. No two
        leave at the same time: a slot whose time is taken by one that stays makes none.
        """
        now = fields.Datetime.now()
        closed = route._closed(now)
        targets = {(vals["slot_id"], vals["slot_day"]): vals for vals in self._due_ahead(route, closed, now)}
        free = known.filtered(lambda one: one._has_to_follow(targets.get(one._slot_key()), now))
        stays = known - free
        taken, made = set(stays.mapped("departs_at")), {one._slot_key() for one in stays}
        changes, vals_list = {}, []
        by_slot = {one._slot_key(): one for one in free}
        for key, vals in targets.items():
            if key in made or vals["departs_at"] in taken:
                continue
            taken.add(vals["departs_at"])
            if key in by_slot:
                changes[by_slot[key]] = vals
            else:
                vals_list.append(vals)
        obsolete = free.filtered(lambda one: one not in changes and one.departs_at > now)
        obsolete.unlink()
        self._follow(changes)
        self.with_context(mail_create_nolog=True, tracking_disable=True).create(vals_list)
        if obsolete or changes or vals_list:
            self.env["stock.picking"]._note_dispatch()
        stays._note_holidays(closed, now)

    @api.model
    def _due_ahead(self, route, closed, now):
        """Return the values of what departs in the coming days."""
        slots = {slot.id: slot for slot in route.slot_ids} if route.active else {}
        if not slots:
            return []
        found = departures(
            [Slot(id_, int(s.weekday), s.cut_off, s.departs_at) for id_, s in slots.items()],
            route.warehouse_id._dispatch_zone(),
            now,
            AHEAD_DAYS,
            closed,
        )
        return [
            {
                "route_id": route.id,
                "slot_id": planned.slot,
                "slot_day": planned.day,
                "departs_at": planned.departs,
                "cut_off_at": planned.cut_off,
                **slots[planned.slot]._capacity(),
            }
            for planned in found
        ]

    def _slot_key(self):
        return self.slot_id.id, self.slot_day

    def _has_to_follow(self, vals, now):
        """The slot says something else now, and nobody decided otherwise or has begun to work for it."""
        if self.state != "planned" or self.is_set_by_hand:
            return False
        if vals:
            other = any(self[name] != vals[name] for name in ("departs_at", "cut_off_at", *CAPACITIES))
        else:
            other = self.departs_at > now  # what should have left is no longer the route's
        return other and not self._has_begun()

    @api.model
    def _follow(self, changes):
        """Take over what the slots say now."""
        moving = [one for one, vals in changes.items() if one.departs_at != vals["departs_at"]]
        quietly = self.with_context(tracking_disable=True).browse
        for one in moving:
            quietly(one.id).departs_at += ASIDE
        self.browse([one.id for one in moving]).flush_recordset(["departs_at"])
        for one, vals in changes.items():
            quietly(one.id).write({name: vals[name] for name in ("departs_at", "cut_off_at", *CAPACITIES)})


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
