from odoo import SUPERUSER_ID, api, fields, models

from ..engine.scan_text import masked

# Told of at every status that is one of these; of the others once for each day.
ONCE = {"available_for_pickup", "delivered"}
STATUS_NEWS = {*ONCE, "out_for_delivery", "attempt_failed"}
# Of silence only we wonder; of a failed attempt there is a message of its own.
NOT_TOLD = {"silent", "attempt_failed"}


class OrderNotification(models.Model):
    """News of parcels: who is told of which."""

    _inherit = "order.notification"

    @api.model
    def _due_for_parcels(self, changes, problems):
        """Note that customers are to be told of these changes, and of problems that were opened."""
        # sudo: settings and addresses, whoever has scanned it
        Parcel, rows = self.env["order.shipment.parcel"].sudo(), []
        for change in changes:
            if change.is_news and change.after in STATUS_NEWS:
                parcel = Parcel.browse(change.parcel_id)
                day = "" if change.after in ONCE or not change.at else f"{change.at:%Y-%m-%d}"
                rows += self._parcel_rows(change.after, parcel, day)
        for problem in problems.sudo():  # sudo: see above
            if problem.kind not in NOT_TOLD and not problem._is_known_to_be_late():
                event = f"{problem.kind} {problem.episode}"
                rows += self._parcel_rows("parcel_problem", problem.parcel_id, event, problem)
        if not rows:
            return self.browse()
        self.env.flush_all()
        noted = self._insert(rows)
        self._wake([row.due_at for row in rows if row.state == "due"])
        return noted

    @api.model
    def _parcel_rows(self, kind, parcel, event, problem=None):
        orders = parcel._told_orders().filtered(lambda order: order.state == "sale")
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
        if self.problem_id:
            return self.problem_id.state != "open"
        return self.kind != "delivered" and self.parcel_id.status != self.kind

    def _ask_to_call(self):
        # Of the others staff have the activity about the problem, or nothing is to be done.
        if self.parcel_id:
            return
        super()._ask_to_call()


class OrderShipmentProblem(models.Model):
    _inherit = "order.shipment.problem"

    def _is_known_to_be_late(self):
        """Tell whether the customer was told before that this promise will not be kept."""
        if self.kind != "late":
            return False
        promised = (self.figures or {}).get("promised")
        before = self.parcel_id.problem_ids.filtered(lambda one: one.kind == "eta_late")
        return any((one.figures or {}).get("promised") == promised for one in before)


class OrderShipmentParcel(models.Model):
    _inherit = "order.shipment.parcel"

    def _parcel_news(self):
        """Return ``{number, orders, order, customer, next, scan, url}`` for the customer it is told to."""
        self.ensure_one()
        parcel = self.with_user(SUPERUSER_ID)
        orders = parcel._told_orders()
        told = self.env.context.get("told_customer", orders[:1].partner_id.id)
        orders = orders.filtered(lambda order: order.partner_id.id == told)
        problem = self.env["order.shipment.problem"].sudo()  # sudo: what is written to the customer
        problem = problem.browse(self.env.context.get("told_problem") or ())
        scan = parcel.event_ids.sorted(lambda one: (one.event_time or fields.Datetime.now(), one.id))[-1:]
        return {
            "number": parcel.number,
            "orders": ", ".join(orders.mapped("name")),
            "order": orders[:1],
            "customer": orders[:1].partner_id.name or "",
            "next": problem._customer_words() if problem else "",
            "scan": masked(" – ".join(filter(None, (scan.place, scan.text)))),
            "url": orders and orders[0].get_base_url() + orders[0].get_portal_url() or "",
        }
