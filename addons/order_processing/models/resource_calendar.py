from datetime import timedelta

from pytz import timezone, utc

from odoo import api, models
from odoo.tools import ormcache

# So many days are known from the first of the month on; beyond, every day counts as a working day.
DAYS_KNOWN = 500


class ResourceCalendar(models.Model):
    """Working hours as plain tuples, worked out once for all orders of a month."""

    _inherit = "resource.calendar"

    @ormcache("self.id", "first_day", "company_id")
    def _working_hours(self, first_day, company_id):
        """Return ``((start, end), …)`` in UTC from that day on, the company's public holidays taken out."""
        self.ensure_one()
        start = timezone(self.tz or "UTC").localize(first_day)
        holidays = [("time_type", "=", "leave"), ("company_id", "in", (False, company_id))]
        # sudo: when a warehouse works is no secret, nor are public holidays
        intervals = self.sudo()._work_intervals_batch(
            start, start + timedelta(days=DAYS_KNOWN), domain=holidays
        )[False]
        return tuple(
            (begin.astimezone(utc).replace(tzinfo=None), end.astimezone(utc).replace(tzinfo=None))
            for begin, end, _what in intervals
        )

    @ormcache("self.id", "first_day", "company_id")
    def _working_days(self, first_day, company_id):
        """Return the days on which there is work, in the calendar's own time zone."""
        zone = timezone(self.tz or "UTC")
        hours = self._working_hours(first_day, company_id)
        return tuple(sorted({utc.localize(begin).astimezone(zone).date() for begin, _end in hours}))

    def _forget_working_hours(self):
        self.env.registry.clear_cache()

    @api.model_create_multi
    def create(self, vals_list):
        calendars = super().create(vals_list)
        self._forget_working_hours()
        return calendars

    def write(self, vals):
        result = super().write(vals)
        self._forget_working_hours()
        return result


class ResourceCalendarAttendance(models.Model):
    _inherit = "resource.calendar.attendance"

    @api.model_create_multi
    def create(self, vals_list):
        attendances = super().create(vals_list)
        attendances.calendar_id._forget_working_hours()
        return attendances

    def write(self, vals):
        result = super().write(vals)
        self.calendar_id._forget_working_hours()
        return result

    def unlink(self):
        self.calendar_id._forget_working_hours()
        return super().unlink()


class ResourceCalendarLeaves(models.Model):
    _inherit = "resource.calendar.leaves"

    @api.model_create_multi
    def create(self, vals_list):
        leaves = super().create(vals_list)
        leaves._forget_public_holidays()
        return leaves

    def write(self, vals):
        self._forget_public_holidays()
        result = super().write(vals)
        self._forget_public_holidays()
        return result

    def unlink(self):
        self._forget_public_holidays()
        return super().unlink()

    def _forget_public_holidays(self):
        # An employee's own holidays change nothing for the warehouse.
        if any(not leave.resource_id for leave in self):
            self.env.registry.clear_cache()
