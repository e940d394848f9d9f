from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_datetime

from ..engine.freight_seen import key_of
from ..engine.scan_text import is_web_link, masked
from ..engine.tracking import TERMINAL, Event, counts
from .order_shipment import PROBLEMS

NUMBER = "<shipmenttrackingnumber>"
OVER = frozenset(status.value for status in TERMINAL)


def tone_of(status):
    """Return how a status looks to the customer."""
    if status == "delivered":
        return "success"
    return "warning" if status in PROBLEMS else "info"


class OrderShipmentParcel(models.Model):
    """What staff do with a parcel on the screen, and what customers read of it."""

    _inherit = "order.shipment.parcel"

    carrier_page = fields.Char(
        "Carrier's page", compute="_compute_carrier_page", compute_sudo=True, exportable=False
    )

    @api.depends("number", "carrier_id", "shipment_ids")
    def _compute_carrier_page(self):
        for parcel in self:
            links = {}
            for shipment in parcel.shipment_ids:
                links |= {key_of(number): url for number, url in shipment._tracking_links() if url}
            url = links.get(key_of(parcel.number))
            if not url and (pattern := parcel.carrier_id.tracking_url):
                url = pattern.replace(NUMBER, parcel.number or "")
            parcel.carrier_page = url if is_web_link(url) else False

    # ---------------------------------------------------------------- buttons
    def action_open_carrier_page(self):
        self.check_access("read")
        if not (page := self[:1].carrier_page):
            raise UserError(self.env._("The delivery method has no page on which parcels are followed."))
        return {"type": "ir.actions.act_url", "url": page, "target": "new"}

    def action_view_problems(self):
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "order_processing.order_shipment_problem_action"
        )
        return {**action, "domain": [("parcel_id", "in", self.ids)], "context": {}}

    def action_ask_now(self):
        """Have them asked for as soon as their provider allows: those who ship, and administrators."""
        self.check_access("read")
        user = self.env.user
        if not (self.env.su or user.has_group("stock.group_stock_user") or user._is_system()):
            raise AccessError(self.env._("Only who ships, or an administrator, can do that."))
        # sudo: when it is asked for follows; checked above
        parcels = self.sudo().filtered(lambda parcel: parcel._is_asked())
        if not parcels:
            raise UserError(
                self.env._(
                    "Nobody can be asked: the parcel has arrived, or no tracking provider knows its"
                    " delivery method."
                )
            )
        soonest = parcels._ask_soon()
        if soonest > fields.Datetime.now():
            words = self.env._(
                "It was asked for a moment ago, and the provider wants a pause. It is asked again at %s.",
                format_datetime(self.env, soonest, dt_format="short"),
            )
        else:
            words = self.env._("%(count)s parcels are asked for within a minute.", count=len(parcels))
        return parcels.provider_id[:1]._tell("info", words)

    def _is_asked(self):
        provider = self.provider_id
        return bool(provider) and provider.active and provider.mode != "push" and self.status not in OVER

    def _ask_soon(self):
        """Have these asked for next, none sooner than its provider allows; return when the first is.

        Who asks for the same number too often is locked out by some providers.
        """
        now = fields.Datetime.now()
        self.flush_recordset(["next_poll_at", "last_poll_at", "provider_id"])
        moments = []
        for provider, parcels in self.grouped("provider_id").items():
            query = SQL(
                """UPDATE order_shipment_parcel
                      SET next_poll_at = LEAST(COALESCE(next_poll_at, 'infinity'),
                                               GREATEST(%(now)s::timestamp, last_poll_at + %(pause)s))
                    WHERE id = ANY(%(ids)s) RETURNING next_poll_at""",
                now=now,
                pause=provider._pause(),
                ids=parcels.ids,
            )
            moments += [at for (at,) in self.env.execute_query(query)]
        self.invalidate_recordset(["next_poll_at"], flush=False)
        soonest = max(now, min(moments, default=now))
        if cron := self.env.ref("order_processing.ir_cron_tracking_poll", raise_if_not_found=False):
            cron.sudo()._trigger(soonest)  # sudo: scheduled actions are administrators'
        return soonest

    # ---------------------------------------------------------------- what customers read
    def _portal_values(self, scans):
        """Return what a customer reads of the parcel: no courier's name, no phone number.

        :param scans: all scans of the parcel, the newest first
        """
        self.ensure_one()
        labels = dict(self._fields["status"]._description_selection(self.env))
        scans = [
            {
                "at": scan.event_time,
                "text": masked(scan.text, self.number) or labels.get(scan.status, ""),
                "label": labels.get(scan.status, ""),
                "place": masked(scan.place, self.number),
            }
            for scan in self._own_scans(scans).filtered("event_time")
        ]
        is_over = self.status in OVER
        # A day that has passed is no news of when it comes.
        eta = self.eta if self.eta and not is_over and self.eta > fields.Datetime.now() else False
        return {
            "number": self.number,
            "url": self.carrier_page,
            "status": labels[self.status],
            "tone": tone_of(self.status),
            "eta": eta,
            "delivered_at": self.delivered_at if self.status == "delivered" else False,
            "last": scans[0] if scans else False,
            "before": scans[1:],
        }

    def _own_scans(self, scans):
        """Return those of this parcel: others are of who had the number before, or of no day yet."""
        now = fields.Datetime.now()
        return scans.filtered(
            lambda scan: counts(Event(scan.event_time or None), self.shipped_at or None, now)
        )


class OrderShipmentProblem(models.Model):
    _inherit = "order.shipment.problem"

    parcel_status = fields.Selection(related="parcel_id.status", string="Where it is")
    parcel_last_scan_at = fields.Datetime(related="parcel_id.last_event_at", string="Last scan")
    parcel_carrier_id = fields.Many2one(related="parcel_id.carrier_id", string="Carrier")
