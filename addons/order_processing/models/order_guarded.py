from odoo import api, models
from odoo.exceptions import AccessError


class OrderGuarded(models.AbstractModel):
    """Fields that follow from what happens, or are decided: nobody sets them by form, import or API.

    A default smuggled in by the context, or one that users keep for themselves, is a value like any other.
    """

    _name = "order.guarded"
    _description = "Guarded Fields"

    @api.model
    def _guarded_fields(self):
        """Return the names; each file that adds some extends it."""
        return frozenset()

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_guarded(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_guarded(vals)
        return super().write(vals)

    @api.model
    def default_get(self, fields):
        guarded = self._guarded_fields()
        values = super().default_get([name for name in fields if name not in guarded])
        own = {name: self._fields[name].default for name in guarded.intersection(fields)}
        return values | {name: default(self) for name, default in own.items() if default}

    def _check_guarded(self, vals):
        if self.env.su or not (guarded := self._guarded_fields() & vals.keys()):
            return
        labels = ", ".join(sorted(self._fields[name].string for name in guarded))
        raise AccessError(
            self.env._("These fields follow from what happens and cannot be set: %s", labels),
        )
