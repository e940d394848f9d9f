import logging
from collections import Counter
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from pytz import UTC

from odoo import api, fields, models
from odoo.fields import Command

_logger = logging.getLogger(__name__)

TEMPLATE = "order_processing.mail_template_morning_list"
# So many hours after the set one it is no morning list any more: switched on in the evening, or after the
# server was down all day, it waits for the next morning.
WINDOW = 4
SHOWN = 50
OPEN = ("waiting", "confirmed", "assigned")
# What somebody has to see to; the rest is ready, or is once it is picked.
PROBLEMS = ("held", "late", "short")


class StockWarehouse(models.Model):
    """In the morning the people of a warehouse get by mail what leaves today or should have left before, and
    what is held back, short or late.
    """

    _inherit = "stock.warehouse"

    morning_list_user_ids = fields.Many2many(
        "res.users",
        "stock_warehouse_morning_list_rel",
        string="Morning list for",
        domain=[("share", "=", False)],
        help="They get by e-mail what leaves today and what is short or late. Empty: no list.",
    )
    morning_list_hour = fields.Float(
        "Morning list at", default=6.5, help="In the time zone of the warehouse's working times."
    )
    morning_list_sent_on = fields.Date(readonly=True, copy=False)

    _morning_list_hour_of_day = models.Constraint(
        "CHECK(morning_list_hour >= 0 AND morning_list_hour < 24)", "The hour of the morning list is 0 to 24."
    )

    # ---------------------------------------------------------------- once a day
    @api.model
    def _cron_morning_lists(self):
        """Send today's lists that are due; sent and noted as sent are one transaction."""
        commit = self.env["ir.cron"]._commit_progress
        for warehouse in self.search([("morning_list_user_ids", "!=", False)]):
            try:
                warehouse._send_if_due()
                self.env.flush_all()
            except Exception:
                self.env.cr.rollback()
                _logger.exception("The morning list of warehouse %s could not be sent", warehouse.id)
            if not commit(1):
                return

    def _send_if_due(self):
        warehouse = self.try_lock_for_update()
        warehouse.invalidate_recordset(["morning_list_sent_on"])
        if warehouse and warehouse._is_morning():
            warehouse._send_morning_list()
            warehouse.morning_list_sent_on = warehouse._local_now().date()

    def _local_now(self):
        return datetime.now(ZoneInfo(self._dispatch_zone()))

    def _is_morning(self):
        now = self._local_now()
        late_by = now.hour + now.minute / 60 - self.morning_list_hour
        return self.morning_list_sent_on != now.date() and 0 <= late_by < WINDOW

    def _send_morning_list(self):
        readers = self.morning_list_user_ids.filtered(
            lambda user: user.active and user.email_normalized and user.has_group("stock.group_stock_user")
        )
        template = self.env.ref(TEMPLATE, raise_if_not_found=False)
        if not template or not self._morning_news()["is_worth_it"]:
            return
        for user in readers:
            reader = self.with_context(lang=user.lang, tz=self._dispatch_zone(), reader_lang=user.lang)
            template.with_env(reader.env).send_mail(
                self.id,
                force_send=False,
                email_values={"recipient_ids": [Command.link(user.partner_id.id)], "email_to": False},
                email_layout_xmlid="mail.mail_notification_light",
            )

    # ---------------------------------------------------------------- what it says
    def _morning_news(self):
        """Return ``{departures, problems, more, is_worth_it}`` of today, in the reader's language."""
        self.ensure_one()
        begin, end = self._local_day_bounds(self._local_now().date())
        pickings = self._leaving_pickings(end)
        today = self.env["order.dispatch.departure"].search(
            [
                ("warehouse_id", "=", self.id),
                ("departs_at", ">=", begin),
                ("departs_at", "<", end),
                ("state", "!=", "cancelled"),
            ]
        )
        statuses = {picking: picking._morning_status() for picking in pickings}
        rows = self._departure_rows(today, statuses)
        problems = pickings.filtered(lambda picking: statuses[picking] in PROBLEMS)
        problems = problems.sorted(lambda p: (p.dispatch_due or p.date_deadline or p.scheduled_date, p.id))
        return {
            "departures": rows,
            "problems": [self._problem_row(picking, statuses[picking]) for picking in problems[:SHOWN]],
            "more": max(0, len(problems) - SHOWN),
            "is_worth_it": bool(rows or problems),
        }

    def _local_day_bounds(self, day):
        """Return when the day begins and ends where the warehouse is, in UTC."""
        zone = ZoneInfo(self._dispatch_zone())
        edges = (datetime.combine(day + timedelta(days=days), time.min, zone) for days in (0, 1))
        return [edge.astimezone(UTC).replace(tzinfo=None) for edge in edges]

    def _leaving_pickings(self, end):
        """Return the open transfers with which goods leave: those of today, and those that are late."""
        pickings = self.env["stock.picking"].search(
            [
                ("picking_type_id.warehouse_id", "=", self.id),
                ("state", "in", OPEN),
                "|",
                ("departure_id.departs_at", "<", end),
                "&",
                ("departure_id", "=", False),
                ("scheduled_date", "<", end),
            ]
        )
        return pickings.filtered(lambda picking: any(move._leaves_last() for move in picking.move_ids))

    def _departure_rows(self, today, statuses):
        """Return the rows of today's departures, and of earlier ones with something left behind."""
        counts = {departure: Counter() for departure in today}
        for picking, status in statuses.items():
            counts.setdefault(picking.departure_id, Counter())[status] += 1
        departures = sorted(counts, key=lambda one: (not one, one.departs_at, one.id))
        return [self._departure_row(departure, counts[departure]) for departure in departures]

    def _departure_row(self, departure, counts):
        return {
            "time": departure and self._time_words(departure.departs_at) or "",
            "name": departure.route_id.name or self.env._("No departure"),
            "transfers": counts.total(),
            **{status: counts[status] for status in ("ready", "to_pick", *PROBLEMS)},
        }

    def _time_words(self, moment):
        """Return the time of day; with the day before it, unless that is today."""
        local = fields.Datetime.context_timestamp(self.with_context(tz=self._dispatch_zone()), moment)
        is_today = local.date() == self._local_now().date()
        return f"{local:%H:%M}" if is_today else f"{local:%Y-%m-%d %H:%M}"

    def _problem_row(self, picking, status):
        words = {
            "held": self.env._("Held back"),
            "late": self.env._("Late"),
            "short": self.env._("Goods missing"),
        }
        return {
            "name": picking.name,
            "orders": ", ".join(picking._paper_orders().mapped("name")) or picking.origin or "",
            "customer": picking.partner_id.display_name or "",
            "status": words[status],
            "is_urgent": picking._is_urgent(),
        }


class StockPicking(models.Model):
    _inherit = "stock.picking"

    def _morning_status(self):
        """Return ``held``, ``late``, ``short``, ``to_pick`` or ``ready``."""
        if self.dispatch_status == "held" or self.move_ids._held_orders():
            return "held"
        if self.dispatch_status == "late" or self._is_late_without_plan():
            return "late"
        if self.dispatch_status == "short":
            return "short"
        waits = self.state == "waiting" or not self.location_dest_id._is_at_customer()
        return "to_pick" if waits else "ready"

    def _is_late_without_plan(self):
        """Where nobody plans departures it is the deadline that counts."""
        deadline = not self.departure_id and not self.dispatch_due and self.date_deadline
        return bool(deadline) and deadline < fields.Datetime.now()
