from odoo import api, fields, models
from odoo.fields import Command

from ..connectors.base import connector_of
from ..models.order_tracking_secrets import PUSH_TOKEN


class OrderTrackingSecrets(models.TransientModel):
    """Sets the secrets of a tracking account, which nobody reads again, and shows where it pushes to."""

    _name = "order.tracking.secrets"
    _description = "Keys of a Tracking Account"

    provider_id = fields.Many2one("order.tracking.provider", required=True, readonly=True, ondelete="cascade")
    can_push = fields.Boolean(compute="_compute_can_push")
    push_url = fields.Char("Address for news", compute="_compute_push_url", exportable=False)
    line_ids = fields.One2many("order.tracking.secrets.line", "wizard_id", string="Keys")

    @api.model_create_multi
    def create(self, vals_list):
        wizards = super().create(vals_list)
        wizards.provider_id.check_access("write")
        for wizard in wizards:
            names = wizard.provider_id._secret_labels()
            # What an addon that is gone has left can still be forgotten.
            names |= {name: name for name in wizard.provider_id._secrets_set() if name not in names}
            names.pop(PUSH_TOKEN, None)
            wizard.line_ids = [
                Command.create({"name": name, "label": str(label)}) for name, label in names.items()
            ]
        return wizards

    @api.depends("provider_id.kind")
    def _compute_can_push(self):
        for wizard in self:
            kind = connector_of(wizard.provider_id.kind)
            wizard.can_push = bool(kind and kind.can_push)

    @api.depends("provider_id.push_digest")
    def _compute_push_url(self):
        for wizard in self:
            wizard.provider_id.check_access("write")
            wizard.push_url = wizard.provider_id._push_url() if wizard.can_push else False

    def action_save(self):
        """Close: what was entered is stored with the page."""
        self.check_access("write")
        return {"type": "ir.actions.act_window_close"}

    def action_renew(self):
        """Give the account another address for news; the old one no longer works."""
        self.check_access("write")
        self.ensure_one()
        self.provider_id.check_access("write")
        self.provider_id._renew_push_token()
        return self.provider_id.action_secrets()


class OrderTrackingSecretsLine(models.TransientModel):
    """One secret: whether it is set, and what it is to be from now on. The value is not stored here."""

    _name = "order.tracking.secrets.line"
    _description = "Key of a Tracking Account"

    wizard_id = fields.Many2one(
        "order.tracking.secrets", required=True, readonly=True, index=True, ondelete="cascade"
    )
    name = fields.Char(required=True, readonly=True)
    label = fields.Char("Key", readonly=True)
    set_at = fields.Datetime("Set on", compute="_compute_set_at")
    value = fields.Char(
        "New value", compute="_compute_value", inverse="_inverse_value", store=False, exportable=False
    )

    @api.depends("wizard_id")
    def _compute_set_at(self):
        for line in self:
            line.set_at = line.wizard_id.provider_id._secrets_set().get(line.name)

    def _compute_value(self):
        self.value = False

    def _inverse_value(self):
        for line in self:
            if line.value:
                # Checked there: who may write the account.
                line.wizard_id.provider_id._set_secret(line.name, line.value.strip())
        self.invalidate_recordset(["value", "set_at"], flush=False)

    def action_forget(self):
        """Forget the secret; the account does without it from now on."""
        self.check_access("write")
        for line in self:
            line.wizard_id.provider_id._set_secret(line.name, "")
        return self.wizard_id[:1].provider_id.action_secrets()
