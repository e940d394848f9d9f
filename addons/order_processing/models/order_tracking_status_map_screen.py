from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..engine.tracking_guess import guess
from .order_shipment import STATUSES
from .order_tracking_status_map import _WORDS, _letters


class OrderTrackingStatusMap(models.Model):
    """Deciding what a code means: with one click where its words say so, and for past scans as well."""

    _inherit = "order.tracking.status.map"

    guess = fields.Selection(STATUSES, "Probably", compute="_compute_guess")

    @api.depends("status", "code", "example")
    def _compute_guess(self):
        for meaning in self:
            found = guess(meaning.code, meaning.example) if not meaning.status else None
            meaning.guess = found.value if found else False

    def action_accept(self):
        """These mean what they probably mean: from now on, and for the scans we have."""
        self.check_access("write")
        todo = self.filtered("guess")
        if not todo:
            raise UserError(self.env._("Its words do not say what it means: choose a status."))
        for status, meanings in todo.grouped("guess").items():
            meanings.status = status
        return todo.action_apply()

    def action_decide(self):
        """Open the code by itself, to say what it means."""
        self.check_access("read")
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("What it means"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "view_mode": "form",
            "target": "new",
        }

    def action_apply(self):
        """Read the scans that carry these codes again, now that somebody has decided what they mean."""
        self.check_access("write")
        todo = self.filtered("status")
        if not todo:
            raise UserError(self.env._("Decide first what the code means: choose a status."))
        parcels = todo._parcels()
        parcels._refold()
        message = (
            self.env._("Parcels read again: %s.", len(parcels))
            if parcels
            else self.env._("Noted. No parcel has a scan with it yet.")
        )
        return self.env["order.tracking.provider"]._tell("success", message)

    def _parcels(self):
        """Return the parcels that have a scan with one of these codes, of the accounts they are for."""
        # sudo: scans and parcels follow from what was decided; whoever comes here may write the codes
        parcels = self.env["order.shipment.parcel"].sudo()
        for meaning in self:
            pattern = meaning.code.replace("%", r"\%").replace("_", r"\_").replace("*", "%")
            provider = (
                Domain("provider_id", "=", meaning.provider_id.id)
                if meaning.provider_id
                else Domain("provider_id.kind", "=", meaning.kind)
            )
            codes = Domain("code", "=like", pattern) | Domain("code", "in", meaning._written_otherwise())
            parcels |= parcels.search(provider & Domain("event_ids", "any", codes))
        return parcels

    def _written_otherwise(self):
        """Return the codes of scans that are the same word, as "In Transit" is ``in_transit``."""
        if not _WORDS.fullmatch(self.code):
            return []
        self.env["order.shipment.event"].flush_model(["code"])
        query = SQL(
            """SELECT DISTINCT event.code
                 FROM order_shipment_event event
                 JOIN order_shipment_parcel parcel ON parcel.id = event.parcel_id
                 JOIN order_tracking_provider provider ON provider.id = parcel.provider_id
                WHERE provider.kind = %s
                  AND lower(regexp_replace(event.code, '[^[:alnum:]]', '', 'g')) = %s""",
            self.kind,
            _letters(self.code),
        )
        return [code for (code,) in self.env.execute_query(query)]


class OrderTrackingProvider(models.Model):
    _inherit = "order.tracking.provider"

    unmapped_ids = fields.Many2many(
        "order.tracking.status.map",
        compute="_compute_unmapped_ids",
        string="Codes to decide",
        groups="base.group_system,sales_team.group_sale_manager",
    )

    @api.depends("kind")
    def _compute_unmapped_ids(self):
        codes = self.env["order.tracking.status.map"]
        for provider in self:  # a page shows one
            provider.unmapped_ids = codes.search(provider._unmapped_domain(), order="seen_count desc, id")
