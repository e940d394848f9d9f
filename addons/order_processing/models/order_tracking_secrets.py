import hashlib
import secrets
from typing import NamedTuple

from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import ormcache

from ..connectors.base import Settings, connector_of

PUSH_TOKEN = "push_token"  # noqa: S105  its name among the secrets
# Written often and of no importance to who pushes.
UNIMPORTANT = {"tokens", "refilled_at", "calls_today", "calls_day", "health", "cooldown_until"} | {
    *("failures_in_a_row", "last_ok_at", "last_error", "activity_ids", "message_follower_ids"),
}


class PushFacts(NamedTuple):
    """What receiving a push needs of an account, kept by each process until the account changes."""

    kind: str
    digest: str  # of the token in the address
    settings: Settings
    secrets: dict


def digest_of(token):
    """Return what is stored of a token: enough to know it again, not to say it."""
    return hashlib.sha256(token.encode()).hexdigest()


class OrderTrackingProvider(models.Model):
    """The secrets of an account, and the address at which it tells us of news."""

    _inherit = "order.tracking.provider"

    push_digest = fields.Char(readonly=True, copy=False, groups="base.group_system")

    @api.model
    def _guarded_fields(self):
        return super()._guarded_fields() | {"push_digest"}

    @api.model_create_multi
    def create(self, vals_list):
        providers = super().create(vals_list)
        self.env.registry.clear_cache()
        return providers

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() - UNIMPORTANT:
            self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    def _secrets_changed(self):
        self.env.registry.clear_cache()
        self._try_anew()
        return super()._secrets_changed()

    # ---------------------------------------------------------------- pushes
    @api.model
    @ormcache("provider_id")
    def _push_facts(self, provider_id):
        """Return what receiving a push for this account needs; KeyError where nobody may push to it.

        ``ConnectorError`` where its secrets cannot be read at present: the provider is to come again.
        """
        # sudo: nobody is logged in; what the facts are used for is in the route
        provider = self.with_user(SUPERUSER_ID).sudo().browse(provider_id).exists()
        kind = connector_of(provider.kind) if provider.active else None
        if not kind or not kind.can_push or not provider.push_digest:
            raise KeyError(provider_id)  # not kept: anybody can ask for any number
        known = provider._connector_secrets()
        known.pop(PUSH_TOKEN, None)
        settings = provider._connector_settings(kind)
        return PushFacts(provider.kind, provider.push_digest, settings, known)

    def _push_url(self):
        """Return the address the provider tells us news at; whoever knows it can do so.

        Made when it is first asked for.
        """
        self.ensure_one()
        if not (token := self._secrets().get(PUSH_TOKEN)):
            token = self._renew_push_token()
        return f"{self.get_base_url()}/order_tracking/push/{self.id}/{token}"

    def _renew_push_token(self):
        """Give it another address; the old one is worth nothing from now on. Return the token."""
        self.ensure_one()
        token = secrets.token_urlsafe(24)
        self._set_secret(PUSH_TOKEN, token)
        # sudo: follows from the token, nobody sets it
        self.sudo().push_digest = digest_of(token)
        parcels = self.env["order.shipment.parcel"].sudo()  # sudo: they follow from the account
        told = parcels.search([("provider_id", "=", self.id), ("subscription", "=", "active")])
        if told:
            told.write({"subscription": "wanted", "subscribe_at": fields.Datetime.now()})
        return token

    # ---------------------------------------------------------------- buttons
    def action_secrets(self):
        """Show what is set, let it be set anew, and show the address for pushes: to administrators."""
        self.check_access("write")
        self.ensure_one()
        wizard = self.env["order.tracking.secrets"].create({"provider_id": self.id})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Keys and address for news"),
            "res_model": wizard._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }
