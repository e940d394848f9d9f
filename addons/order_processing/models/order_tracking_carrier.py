from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..connectors.base import ConnectorError, Trouble
from .order_tracking_again import settled


class OrderTrackingCarrier(models.Model):
    """What carriers are called there, by kind of provider: to choose from, seeded or fetched."""

    _name = "order.tracking.carrier"
    _description = "Carrier as Tracking Providers Call It"
    _order = "kind, name, code"
    _rec_names_search = ["name", "code"]

    kind = fields.Selection(
        selection=lambda self: self.env["order.tracking.provider"]
        ._fields["kind"]
        ._description_selection(self.env),
        string="Kind of provider",
        required=True,
    )
    code = fields.Char("Code there", required=True)
    name = fields.Char("Carrier", required=True)
    needs_phone = fields.Boolean(help="The carrier answers only who knows the receiver's phone number.")

    _once = models.UniqueIndex("(kind, code)")

    @api.depends("name", "code")
    def _compute_display_name(self):
        for carrier in self:
            carrier.display_name = f"{carrier.name} ({carrier.code})"

    @api.model
    def _learn(self, kind, carriers):
        """Store the carriers a provider has named (``CarrierName``); return how many there are.

        Nothing is forgotten: parcels may be on their way with what is no longer on the list, and people may
        have found out who wants phone numbers.
        """
        rows = {carrier.code: carrier for carrier in carriers if carrier.code and carrier.name}
        if rows:
            self.flush_model()
            columns = zip(*((one.code, one.name, one.needs_phone) for one in rows.values()), strict=True)
            self.env.cr.execute(
                SQL(
                    """INSERT INTO order_tracking_carrier (kind, code, name, needs_phone)
                       SELECT %s, * FROM unnest(%s::varchar[], %s::varchar[], %s::bool[])
                       ON CONFLICT (kind, code) DO UPDATE SET name = EXCLUDED.name,
                          needs_phone = order_tracking_carrier.needs_phone OR EXCLUDED.needs_phone""",
                    kind,
                    *map(list, columns),
                )
            )
            self.invalidate_model(flush=False)
        return len(rows)


class OrderTrackingCarrierCode(models.Model):
    _inherit = "order.tracking.carrier.code"

    kind = fields.Selection(related="provider_id.kind")
    known_id = fields.Many2one(
        "order.tracking.carrier",
        "Carrier there",
        compute="_compute_known_id",
        inverse="_inverse_known_id",
        domain="[('kind', '=', kind)]",
        help="Choose it by its name; its code is filled in.",
    )

    @api.depends("code", "provider_id.kind")
    def _compute_known_id(self):
        carriers = self.env["order.tracking.carrier"]
        found = carriers.search(
            [("kind", "in", self.mapped("kind")), ("code", "in", self.filtered("code").mapped("code"))]
        )
        by_code = {(one.kind, one.code): one for one in found}
        for code in self:
            code.known_id = by_code.get((code.kind, code.code), carriers)

    def _inverse_known_id(self):
        for code in self.filtered("known_id"):
            code.code = code.known_id.code

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._with_phone(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._with_phone(vals))

    @api.model
    def _with_phone(self, vals):
        """Whether it wants the phone number is as the list says, unless somebody says otherwise."""
        if not vals.get("known_id") or "needs_phone" in vals:
            return vals
        known = self.env["order.tracking.carrier"].browse(vals["known_id"])
        return {**vals, "needs_phone": known.needs_phone}

    @api.onchange("known_id")
    def _onchange_known_id(self):
        if self.known_id:
            self.code, self.needs_phone = self.known_id.code, self.known_id.needs_phone


class OrderTrackingProvider(models.Model):
    _inherit = "order.tracking.provider"

    def action_fetch_carriers(self):
        """Ask the provider which carriers it knows, and keep their names and codes."""
        self.check_access("write")
        self.ensure_one()
        try:
            carriers = self.sudo()._fetched_carriers()  # sudo: it needs the keys nobody reads; checked above
        except ConnectorError as error:
            return self._tell_trouble(error.trouble, error.message)
        known = self.env["order.tracking.carrier"].sudo()  # sudo: the list is what the provider says
        count = settled(self.env, lambda: known._learn(self.kind, carriers))
        return self._tell("success", self.env._("Carriers known now: %s.", count))

    def _fetched_carriers(self):
        connector = self._connector()
        if request := connector.carriers_request():
            if carriers := self._call(request, connector, connector.read_carriers):
                return carriers
            raise ConnectorError(Trouble.MALFORMED)
        raise UserError(self.env._("This kind of account has no list of carriers to fetch."))
