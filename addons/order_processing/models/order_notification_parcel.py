from pytz import timezone, utc

from odoo import api, fields, models

# Told of at every status that is one of these; of the others once for each day.
ONCE = {"available_for_pickup", "delivered"}
STATUS_NEWS = {*ONCE, "out_for_delivery", "attempt_failed"}
# Of silence only we wonder; of a failed attempt there is a message of its own.
NOT_TOLD = {"silent", "attempt_failed"}
# Of these nobody waits for the day that was agreed.
NO_DATE_ANY_MORE = {"delivered", "returning", "returned", "cancelled"}


class OrderNotification(models.Model):
    """News of parcels: who is told of which."""

    _inherit = "order.notification"

    @api.model
    def _due_for_parcels(self, changes, problems, told):
        """Note that customers are to be told of these changes, and of problems that were opened.

        :param told: ``{parcel id: orders whose goods are in it}``
        """
        # sudo: settings and addresses, whoever has scanned it
        Parcel, rows = self.env["order.shipment.parcel"].sudo(), []
        parcels = Parcel.browse(change.parcel_id for change in changes)
        for change, parcel in zip(changes, parcels, strict=True):
            if change.is_news and change.after in STATUS_NEWS:
                day = "" if change.after in ONCE or not change.at else told[parcel.id]._parcel_day(change.at)
                rows += self._parcel_rows(change.after, parcel, day, told[parcel.id])
        for problem in problems.sudo():  # sudo: see above
            if problem.kind not in NOT_TOLD:
                parcel = problem.parcel_id
                event = problem._told_as()
                rows += self._parcel_rows("parcel_problem", parcel, event, told[parcel.id], problem)
        return self._note_rows(rows)

    @api.model
    def _due_for_new_date(self, problem, orders):
        """Note that the customers are to be told of the day that was agreed."""
        # sudo: settings and addresses, whoever has agreed on it
        notifications, problem = self.sudo(), problem.sudo()
        # Agreed on one day, on another, and on the first again: each is told.
        times = len(set(notifications._agreed_before(problem).mapped("event_key")))
        event, parcel = f"{problem.id} {times} {problem.new_date}", problem.parcel_id
        return self._note_rows(
            list(notifications._parcel_rows("parcel_new_date", parcel, event, orders, problem))
        )

    @api.model
    def _agreed_before(self, problem):
        return self.search([("problem_id", "=", problem.id), ("kind", "=", "parcel_new_date")])

    @api.model
    def _note_rows(self, rows):
        if not rows:
            return self.browse()
        # What the rows point to must be in the database before them.
        self.env.flush_all()
        noted = self._insert(rows)
        self._wake([row.due_at for row in rows if row.state == "due"])
        return noted

    @api.model
    def _parcel_rows(self, kind, parcel, event, orders, problem=None):
        orders = orders.filtered(lambda order: order.state == "sale")
        for row in self._rows(kind, parcel, event, orders):
            yield row._replace(parcel_id=parcel.id, problem_id=problem and problem.id)

    def _why_not(self):
        if self.parcel_id and self._is_overtaken():
            return "overtaken"
        if self.parcel_id and not self._told_orders().filtered(lambda order: order.state == "sale"):
            return "order_cancelled"
        return super()._why_not()

    def _is_overtaken(self):
        """Tell whether it is no news any more: nobody wants to wait for what is there."""
        if self.kind == "parcel_new_date":
            newest = self._newest_agreed()
            is_newest = newest == self.problem_id and self.event_key.endswith(f" {newest.new_date}")
            later = self._agreed_before(newest).filtered(
                lambda row: row.id > self.id and row.event_key != self.event_key
            )
            is_newest = is_newest and not later
            return self.parcel_id.status in NO_DATE_ANY_MORE or not is_newest
        if self.problem_id:
            return not self._problem_now()
        return self.parcel_id.status != self.kind

    def _newest_agreed(self):
        agreed = self.parcel_id.problem_ids.filtered("new_date")
        return agreed.sorted(lambda problem: (problem.closed_at or fields.Datetime.now(), problem.id))[-1:]

    def _problem_now(self):
        """Return the problem it is about, or the one that has taken its place before it was sent."""
        problems = self.problem_id | self.parcel_id.problem_ids
        told = self.problem_id._told_as()
        return problems.filtered(lambda one: one.state == "open" and one._told_as() == told)[:1]

    def _ask_to_call(self):
        # Of the others staff have the activity about the problem, or nothing is to be done.
        if self.parcel_id or self.kind == "digest":
            return
        super()._ask_to_call()

    def _subject_record(self):
        now = self.problem_id and self._problem_now() or self.problem_id
        return super()._subject_record().with_context(told_kind=self.kind, told_problem=now.id)


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _parcel_day(self, moment):
        """Return which day it is for the customer, as text: of the first where there are several."""
        zone = timezone(self[:1]._parcel_zone() if self else "UTC")
        return f"{utc.localize(moment).astimezone(zone):%Y-%m-%d}"
