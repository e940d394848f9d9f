from odoo import fields, models

from ..engine.departures import is_closed, whole_days

ACTIVITY = "mail.mail_activity_data_todo"


class OrderDispatchDeparture(models.Model):
    """A holiday is entered after somebody has decided about a departure of that day: a person has to look."""

    _name = "order.dispatch.departure"
    _inherit = ["order.dispatch.departure", "mail.activity.mixin"]

    is_on_holiday = fields.Boolean(
        "On a public holiday",
        readonly=True,
        copy=False,
        help="It still runs, because somebody changed it or work for it has begun.",
    )

    def _note_holidays(self, closed, now):
        """Say of those that stay although the place is closed then; take it back where it is open again."""
        coming = self.filtered(lambda one: one.slot_id and one.state == "planned" and one.departs_at > now)
        if not coming:
            return
        closed = whole_days(closed, coming.warehouse_id._dispatch_zone())
        for departure in coming:
            on_holiday = is_closed(departure.departs_at, closed)
            if departure.is_on_holiday != on_holiday:
                departure.is_on_holiday = on_holiday
                departure._note_holiday() if on_holiday else departure._forget_holiday()

    def _note_holiday(self):
        self._message_log(body=self._holiday_words())
        warehouse = self.warehouse_id
        for user in warehouse.morning_list_user_ids or warehouse.company_id.reservation_watch_user_id:
            departure = self.with_context(lang=user.lang)
            summary = departure.env._("Departs on a public holiday")
            departure.activity_schedule(
                ACTIVITY, summary=summary, note=departure._holiday_words(), user_id=user.id
            )

    def _holiday_words(self):
        return self.env._(
            "This is a public holiday. The departure still runs: somebody changed it, or work for it has"
            " begun. Say that it does not run, or let it be."
        )

    def _forget_holiday(self):
        self._message_log(body=self.env._("The place is open that day after all."))
        self.activity_unlink([ACTIVITY])
