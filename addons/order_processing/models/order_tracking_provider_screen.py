from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools.translate import LazyTranslate

from ..connectors.base import ConnectorError, Item, Trouble
from ..engine.tracking import TERMINAL
from .order_tracking_health import OF_THE_ACCOUNT
from .order_tracking_words import OURS, detail_words

_lt = LazyTranslate(__name__)

# What an administrator does about the state of the account.
TODO = {
    "new": _lt("Nobody has asked it yet. Test the connection."),
    "told": _lt("Nobody asks it: it tells us by itself. Give it the address under Keys."),
    "ok": _lt("Nothing to do."),
    "slow": _lt(
        "It was asked too often. We wait as long as it said; lower the calls a second if this goes on."
    ),
    "down": _lt(
        "It does not answer. We try again by ourselves; look at the address, and at its status page."
    ),
    "auth": _lt(
        "It refuses the account. Enter the keys again, and see whether the contract still runs; or test the"
        " connection. By itself we try once a day only."
    ),
    "quota": _lt("The calls of the day are used up. We go on tomorrow; ask for more, or ask less often."),
}
# What a test of the connection found, in words.
TROUBLES = {
    Trouble.NOT_FOUND: _lt("The account works; the parcel asked for is not known there yet."),
    Trouble.RETRY_LATER: _lt("It cannot be reached, or has a problem of its own. Try again in some minutes."),
    Trouble.RATE: _lt("It was asked too often just now. Wait some minutes."),
    Trouble.AUTH: _lt("It refuses the account. Check the keys and the address."),
    Trouble.QUOTA: _lt("The calls the contract allows are used up."),
    Trouble.NEED_PHONE: _lt("The account works; for this carrier it wants the receiver's phone number."),
    Trouble.BAD_NUMBER: _lt("The account works; it does not like the number of the parcel asked for."),
    Trouble.ALREADY_REGISTERED: _lt("The account works."),
    Trouble.NOT_REGISTERED: _lt("The account works; the parcel asked for has to be announced there first."),
    Trouble.BAD_REQUEST: _lt(
        "It does not understand the question. Check the address and how calls are built."
    ),
    Trouble.MALFORMED: _lt("It answers with something that cannot be read. Check the address."),
}
# The account is fine, whatever is wrong with the parcel.
WORKS = {
    Trouble.NOT_FOUND,
    Trouble.NEED_PHONE,
    Trouble.BAD_NUMBER,
    Trouble.ALREADY_REGISTERED,
    Trouble.NOT_REGISTERED,
}


class OrderTrackingProvider(models.Model):
    """The page of a provider: whether it works, what to do, what waits."""

    _inherit = "order.tracking.provider"

    todo = fields.Char("What to do", compute="_compute_todo")
    open_parcel_count = fields.Integer("Parcels on their way", compute="_compute_parcel_counts")
    due_parcel_count = fields.Integer("Due to be asked for", compute="_compute_parcel_counts")
    failing_parcel_count = fields.Integer("Without an answer", compute="_compute_parcel_counts")
    unmapped_count = fields.Integer("Codes nobody has decided", compute="_compute_unmapped_count")
    # Who may read the account, but not its calls, reads the rest of it.
    call_ids = fields.One2many(
        "order.tracking.call",
        compute="_compute_call_ids",
        string="Last calls",
        groups="base.group_system",
    )

    @api.depends("health", "mode")
    @api.depends_context("lang")
    def _compute_todo(self):
        for provider in self:
            is_told = provider.health == "new" and provider.mode == "push"
            words = TODO["told"] if is_told else TODO.get(provider.health)
            provider.todo = str(self.env._(words)) if words else ""

    @api.model
    def _parcel_domains(self):
        """Return, by field, which parcels it counts."""
        still_open = Domain("status", "not in", [status.value for status in TERMINAL])
        return {
            "open_parcel_count": still_open,
            "due_parcel_count": Domain("next_poll_at", "<=", fields.Datetime.now()),
            "failing_parcel_count": still_open & Domain("fail_count", ">", 0),
        }

    def _compute_parcel_counts(self):
        parcels = self.env["order.shipment.parcel"]
        for name, domain in self._parcel_domains().items():
            rows = parcels._read_group(
                domain & Domain("provider_id", "in", self.ids), ["provider_id"], ["__count"]
            )
            counts = {provider.id: count for provider, count in rows}
            for provider in self:
                provider[name] = counts.get(provider._origin.id, 0)

    def _unmapped_domain(self):
        """Return which codes of these providers, or of their kinds, nobody has decided about."""
        own = Domain("provider_id", "in", self.ids) | (
            Domain("provider_id", "=", False) & Domain("kind", "in", self.mapped("kind"))
        )
        return Domain("status", "=", False) & own

    @api.depends("kind")
    def _compute_unmapped_count(self):
        # sudo: how many; the codes are read by who may
        rows = (
            self.env["order.tracking.status.map"]
            .sudo()
            ._read_group(self._unmapped_domain(), ["provider_id", "kind"], ["__count"])
        )
        counts = {(provider.id, kind): count for provider, kind, count in rows}
        for provider in self:
            of_kind = counts.get((False, provider.kind), 0)
            provider.unmapped_count = of_kind + counts.get((provider._origin.id, provider.kind), 0)

    def _compute_call_ids(self):
        for provider in self:  # a page shows one
            provider.call_ids = self.env["order.tracking.call"].search(
                [("provider_id", "=", provider._origin.id)], limit=20
            )

    # ---------------------------------------------------------------- buttons
    def _action_parcels(self, name):
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "order_processing.order_shipment_parcel_action"
        )
        domain = self._parcel_domains()[name] & Domain("provider_id", "in", self.ids)
        return {**action, "domain": list(domain), "context": {}}

    def action_view_open_parcels(self):
        return self._action_parcels("open_parcel_count")

    def action_view_due_parcels(self):
        return self._action_parcels("due_parcel_count")

    def action_view_failing_parcels(self):
        return self._action_parcels("failing_parcel_count")

    def action_view_unmapped(self):
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "order_processing.order_tracking_status_map_action"
        )
        return {**action, "domain": list(self._unmapped_domain()), "context": {}}

    def _action_of_provider(self, xml_id):
        self.check_access("write")
        action = self.env["ir.actions.act_window"]._for_xml_id(xml_id)
        return {**action, "domain": [("provider_id", "in", self.ids)], "context": {}}

    def action_view_inbox(self):
        return self._action_of_provider("order_processing.order_tracking_inbox_action")

    def action_view_calls(self):
        return self._action_of_provider("order_processing.order_tracking_call_action")

    def action_ask_now(self):
        """Have the parcels on their way asked for as soon as the scheduled action runs: now."""
        self.check_access("write")
        if not self.filtered(lambda provider: provider.active and provider.mode != "push"):
            raise UserError(
                self.env._("This account is not asked: it is switched off, or it tells us by itself.")
            )
        still_open = Domain("provider_id", "in", self.ids) & Domain("next_poll_at", "!=", False)
        # sudo: nobody sets when a parcel is asked for but by this; checked above
        parcels = self.env["order.shipment.parcel"].sudo().search(still_open)
        parcels._ask_soon()
        return self._tell(
            "info", self.env._("%(count)s parcels are asked for within a minute.", count=len(parcels))
        )

    # ---------------------------------------------------------------- test of the connection
    def action_test_connection(self):
        """Ask it once, and say in words what came of it."""
        self.check_access("write")
        self.ensure_one()
        try:
            # sudo: what a call says of the account nobody writes; checked above
            trouble, message = self.sudo()._try_connection()
        except ConnectorError as error:
            trouble, message = error.trouble, error.message
        if trouble is None:
            return self._tell("success", self.env._("The account works."))
        return self._tell_trouble(trouble, message)

    def _tell_trouble(self, trouble, message):
        """Say what came of a call somebody waits for."""
        words = str(self.env._(TROUBLES[trouble]))
        if (detail := detail_words(self.env, message)) != (message or ""):
            words = detail if message in OURS else f"{words} {detail}"
        elif message:
            words = self.env._("%(words)s It says: %(message)s", words=words, message=message[:200])
        return self._tell("success" if trouble in WORKS else "danger", words)

    def _try_connection(self):
        """Return what is wrong, and the provider's words for it; (None, "") where all is well."""
        connector = self._connector()
        if request := connector.test_request():
            return self._call(request, connector, lambda response: _tested(connector, response))
        parcel = self._parcel_to_try()
        if not parcel:
            raise UserError(
                self.env._(
                    "There is no parcel to ask for yet. Ship one with a delivery method of this account."
                )
            )
        item = Item(parcel.id, parcel.number, parcel.carrier_code or "", shipped_at=parcel.shipped_at or None)
        for request in connector.build_requests([item]):
            for result in connector.parse(self._call(request), request):
                return result.trouble, result.message
        return Trouble.MALFORMED, ""

    def _parcel_to_try(self):
        domain = Domain("provider_id", "=", self.id)
        return self.env["order.shipment.parcel"].search(domain, order="shipped_at desc, id desc", limit=1)

    def _tell(self, kind, message):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": kind, "title": self[:1].name, "message": message, "sticky": kind == "danger"}
            | {"next": {"type": "ir.actions.client", "tag": "soft_reload"}},
        }


def _tested(connector, response):
    trouble, message = connector.read_test(response)
    if trouble in OF_THE_ACCOUNT:
        raise ConnectorError(trouble, message)  # so it is noted with the account
    return trouble, message
