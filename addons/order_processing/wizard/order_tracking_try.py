from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

from ..connectors.base import ConnectorError, Item, Request, Response, connector_of


class OrderTrackingTry(models.TransientModel):
    """Shows what is read from an answer of a carrier, before any parcel is asked for."""

    _name = "order.tracking.try"
    _description = "Try an Answer of a Carrier"

    provider_id = fields.Many2one("order.tracking.provider", required=True, readonly=True, ondelete="cascade")
    what = fields.Selection(
        [("answer", "An answer"), ("push", "A pushed message")], "It is", required=True, default="answer"
    )
    number = fields.Char("Asked for", help="The number of the parcel the answer is about, where it was one.")
    body = fields.Text("What the carrier sent", required=True)
    found = fields.Text("What is read from it", readonly=True)

    def action_try(self):
        """Read it; nothing is stored."""
        self.check_access("write")
        self.ensure_one()
        self.provider_id.check_access("write")
        self.found = "\n".join(self._lines(self._results()))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Try an answer"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def _results(self):
        provider = self.provider_id
        kind = connector_of(provider.kind)
        if not kind:
            raise UserError(self.env._("The addon of this kind of provider is not installed."))
        connector, raw = kind(provider._connector_settings(kind), {}), self.body.encode()
        try:
            if self.what == "push":
                return connector.parse_push(raw, {}, {})
            items = (Item(0, self.number),) if self.number else ()
            return connector.parse(Response(200, {}, raw), Request("GET", "", items))
        except ConnectorError as error:
            raise UserError(
                self.env._("This cannot be read: %s", error.message or error.trouble.value)
            ) from None

    def _lines(self, results):
        """Return the lines that say what was read."""
        lookup = self.env["order.tracking.status.map"]._meanings(self.provider_id)
        words = dict(self.env["order.shipment.parcel"]._fields["status"]._description_selection(self.env))
        if not results:
            yield self.env._("No parcel is found in it. Look at the path to the parcels and to the number.")
        for result in results:
            yield f"{result.number} {result.trouble.value if result.trouble else ''}".strip()
            if result.eta:
                yield "  " + self.env._("expected: %s", format_datetime(self.env, result.eta))
            scans = [(result.code_at, result.code, "", "")] if result.code else []
            scans += [(scan.at, scan.code, scan.text, scan.place) for scan in result.scans]
            for at, code, text, place in scans:
                means = lookup(code)
                when = format_datetime(self.env, at) if at else self.env._("no time")
                said = words[means[0]] if means else self.env._("nobody has decided")
                yield "  " + " · ".join(filter(None, (when, f"{code} → {said}", text, place)))
