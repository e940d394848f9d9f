from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

# As the connectors of this addon have them.
LABELS = {
    "User name or client id": _lt("User name or client id"),
    "Key, password or client secret": _lt("Key, password or client secret"),
    "Secret that signs pushed messages": _lt("Secret that signs pushed messages"),
}


class OrderTrackingProvider(models.Model):
    """What the kind of an account brings with it: what it can do, and what has to be entered."""

    _inherit = "order.tracking.provider"

    default_url = fields.Char("Usual address", compute="_compute_kind")
    knows_carriers = fields.Boolean(compute="_compute_kind")
    carrier_code_missing = fields.Boolean(compute="_compute_carrier_code_missing")

    @api.depends("kind")
    def _compute_kind(self):
        for provider in self:
            kind = provider._connector_class_or_none()
            provider.default_url = kind.default_url if kind else False
            provider.knows_carriers = bool(kind and kind.has_carriers)

    @api.depends("kind", "carrier_code_ids.code")
    def _compute_carrier_code_missing(self):
        for provider in self:
            kind, codes = provider._connector_class_or_none(), provider.carrier_code_ids
            missing = bool(codes) and not all(codes.mapped("code"))
            provider.carrier_code_missing = bool(kind and kind.needs_carrier) and missing

    @api.onchange("kind")
    def _onchange_kind(self):
        """The address of another kind is of no use, and not all can tell us."""
        self.base_url = False
        if not self._can_be_told():
            self.mode = "poll"

    @api.constrains("kind", "mode")
    def _check_mode(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for provider in self.filtered(lambda one: one.mode != "poll" and not one._can_be_told()):
            raise ValidationError(
                self.env._(
                    "%(account)s: accounts of the kind %(kind)s do not tell us of news. Choose that we ask.",
                    account=provider.name,
                    kind=kinds[provider.kind],
                )
            )

    def write(self, vals):
        before = {one: one._secret_names() for one in self if one.kind != vals.get("kind", one.kind)}
        result = super().write(vals)
        for provider, names in before.items():
            # Many call theirs "key": what one was told in secret is not for another.
            for name in names & provider._secret_names():
                if provider._has_secret(name):
                    provider._set_secret(name, "")
        return result

    def _secret_names(self):
        kind = self._connector_class_or_none()
        return set(kind.secret_names) if kind else set()

    def _secret_labels(self):
        """Return {name: label} of the secrets its connector needs, in the reader's language.

        Kinds extend it with their own; what they leave out is labelled as the connector has it.
        """
        kind = self._connector_class_or_none()
        labels = kind.secret_names if kind else {}
        return {
            name: str(self.env._(LABELS[label])) if label in LABELS else label
            for name, label in labels.items()
        }

    def _can_be_told(self):
        """Tell whether it sends messages; of one set up by records, its records say so."""
        kind = self._connector_class_or_none()
        return not kind or self.kind == "generic" or bool(kind.can_push)

    def _announces(self):
        """Tell whether its parcels are announced there: to be told of them, or to be able to ask."""
        kind = self._connector_class_or_none()
        return self.mode in ("push", "both") or bool(kind and kind.announces_always)

    def _kind_gone(self):
        """The addon of their kind is removed: they are kept, switched off, and what it said of codes goes.

        ``ondelete`` of a kind an addon adds.
        """
        kinds = list(set(self.mapped("kind")))
        self.write({"active": False, "kind": "generic", "mode": "poll", "options": False})
        # What people decided, and what was only counted; the addon's own data go by themselves.
        for model in ("order.tracking.status.map", "order.tracking.carrier"):
            self.env[model].search([("kind", "in", kinds)]).unlink()
