from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..engine.freight_seen import key_of
from ..engine.scan_text import masked
from .order_shipment import STATUSES
from .stock_picking_papers import numbers_in

STAFF = "base.group_user"
OVER = ("delivered", "returned", "cancelled")


class OrderShipment(models.Model):
    """What the screens of shipments show of their parcels."""

    _inherit = "order.shipment"

    # All columns of the board, in the order of the journey.
    status = fields.Selection(group_expand="_group_expand_status")
    last_scan_at = fields.Datetime("Last scan", compute="_compute_scans", groups=STAFF)
    last_scan = fields.Char("What happened last", compute="_compute_scans", groups=STAFF)
    eta = fields.Datetime("Expected by the carrier", compute="_compute_scans", groups=STAFF)
    promised_day = fields.Date(
        "Promised for", compute="_compute_promised_day", compute_sudo=True, groups=STAFF
    )
    is_late = fields.Boolean(compute="_compute_is_late", groups=STAFF)
    scan_ids = fields.Many2many(
        "order.shipment.event", compute="_compute_scan_ids", string="On its way", groups=STAFF
    )
    problem_count = fields.Integer("Problems", compute="_compute_problem_count", groups=STAFF)
    is_asked = fields.Boolean(compute="_compute_is_asked", groups=STAFF)

    @api.model
    def _group_expand_status(self, statuses, domain):
        """Show the columns of the usual journey also where they are empty."""
        usual = ("pending", "in_transit", "out_for_delivery", "attempt_failed", "exception")
        return [status for status, _label in STATUSES if status in usual or status in statuses]

    @api.depends("parcel_ids.last_event_at", "parcel_ids.eta")
    def _compute_scans(self):
        newest = self.parcel_ids._newest_scans()
        for shipment in self:
            parcels = shipment.parcel_ids
            at, words = max((newest[one.id] for one in parcels if one.id in newest), default=(False, False))
            shipment.last_scan_at, shipment.last_scan = at, words
            # The shipment is there when its last parcel is.
            shipment.eta = max(filter(None, parcels.mapped("eta")), default=False)

    @api.depends("order_ids.promise_date")
    def _compute_promised_day(self):
        for shipment in self:
            days = map(fields.Date.to_date, filter(None, shipment.order_ids.mapped("promise_date")))
            shipment.promised_day = min(days, default=False)

    @api.depends("eta", "promised_day", "status", "delivered_at")
    def _compute_is_late(self):
        today = fields.Date.context_today(self)
        for shipment in self:
            there = shipment.delivered_at if shipment.status == "delivered" else shipment.eta
            day = fields.Date.to_date(there) or today
            shipment.is_late = bool(shipment.promised_day) and day > shipment.promised_day

    @api.depends("parcel_ids.event_ids")
    def _compute_scan_ids(self):
        for shipment in self:
            shipment.scan_ids = shipment.parcel_ids.event_ids.sorted(
                lambda event: (event.event_time or event.received_at, event.id), reverse=True
            )

    def _compute_problem_count(self):
        domain = Domain("parcel_id", "in", self.parcel_ids.ids) & Domain("state", "=", "open")
        groups = self.env["order.shipment.problem"]._read_group(domain, ["parcel_id"], ["__count"])
        counts = {parcel.id: count for parcel, count in groups}
        for shipment in self:
            shipment.problem_count = sum(counts.get(parcel.id, 0) for parcel in shipment.parcel_ids)

    @api.depends("parcel_ids.provider_id", "parcel_ids.status")
    def _compute_is_asked(self):
        for shipment in self:
            shipment.is_asked = bool(shipment._parcels_asked_for())

    def _parcels_asked_for(self):
        return self.parcel_ids.filtered(
            lambda one: one.provider_id.active and one.provider_id.mode != "push" and one.status not in OVER
        )

    # ---------------------------------------------------------------- buttons
    def action_ask_now(self):
        """Have the carrier asked at once, as far as it may be asked again already."""
        self.check_access("write")
        # sudo: accounts and times of questions are nobody's to write; checked above
        parcels = self.sudo()._parcels_asked_for()
        if not parcels:
            raise UserError(self.env._("Nobody can be asked for these parcels."))
        now = fields.Datetime.now()
        for provider, some in parcels.grouped("provider_id").items():
            for parcel in some:
                asked = parcel.last_poll_at
                parcel.next_poll_at = max(now, asked + provider._pause()) if asked else now
        if cron := self.env.ref("order_processing.ir_cron_tracking_poll", raise_if_not_found=False):
            cron.sudo()._trigger(parcels.mapped("next_poll_at"))  # sudo: whoever ships need not know of it
        if min(parcels.mapped("next_poll_at")) <= now:
            words = self.env._("The carrier is asked within a minute.")
        else:
            words = self.env._("The carrier was asked a moment ago; it is asked again as soon as it lets us.")
        reload = {"type": "ir.actions.client", "tag": "soft_reload"}
        params = {"type": "info", "message": words, "next": reload}
        return {"type": "ir.actions.client", "tag": "display_notification", "params": params}

    def action_view_problems(self):
        self.env["order.shipment.problem"].check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "order_processing.order_shipment_problem_action"
        )
        return {**action, "domain": [("parcel_id", "in", self.parcel_ids.ids)], "context": {}}

    @api.model
    def get_view(self, view_id=None, view_type="form", **options):
        """Cards are moved only by those who may set the status."""
        result = super().get_view(view_id, view_type, **options)
        if view_type == "kanban" and not self.has_access("write"):
            result["arch"] = result["arch"].replace("<kanban ", '<kanban records_draggable="0" ', 1)
        return result

    # ---------------------------------------------------------------- for the customer
    def _portal_parcels(self, order):
        """Return what the customer of an order reads of its parcels: his own, without names of couriers."""
        shipment = self.sudo()  # sudo: of scans he reads only what stands here
        keys = set(map(key_of, numbers_in(self._numbers_for(order) or "")))
        words = dict(self._fields["status"]._description_selection(self.env))
        found = []
        for parcel in shipment.parcel_ids.filtered(lambda one: one.number_key in keys):
            scans = parcel.event_ids.filtered(lambda one: one.event_time and (one.text or one.place))
            found.append(
                {
                    "number": parcel.number,
                    "status": words[parcel.status],
                    "eta": parcel.eta if parcel.status not in OVER else False,
                    "scans": [
                        {"at": scan.event_time, "text": masked(scan.text or ""), "place": scan.place or ""}
                        for scan in scans
                    ],
                }
            )
        return [one for one in found if one["scans"] or one["eta"]]


class OrderShipmentParcel(models.Model):
    _inherit = "order.shipment.parcel"

    def _newest_scans(self):
        """Return {id: (when, what and where)} of the newest scan of each, by one query."""
        if not self.ids:
            return {}
        self.env["order.shipment.event"].flush_model()
        query = SQL(
            """SELECT DISTINCT ON (parcel_id) parcel_id, event_time, concat_ws(' · ', text, place)
                 FROM order_shipment_event WHERE parcel_id = ANY(%s) AND event_time IS NOT NULL
                ORDER BY parcel_id, event_time DESC, id DESC""",
            self.ids,
        )
        return {id_: (at, words) for id_, at, words in self.env.execute_query(query)}
