from odoo import fields, models
from odoo.tools import SQL

PREFIX = "secret_"


def secret_field(label, **options):
    """Return a field by which administrators set a secret and nobody reads it.

    A field ``secret_key`` of an ``order.secret.owner`` sets the secret ``key``. It always reads empty;
    storing it empty changes nothing.
    """
    options = {"groups": "base.group_system", "copy": False, "exportable": False, **options}
    return fields.Char(
        label, compute="_compute_secret_fields", inverse="_inverse_secret_fields", store=False, **options
    )


class OrderSecretOwner(models.AbstractModel):
    """Records with secrets: ``_set_secret``, ``_secrets`` and ``_has_secret``. Copies have none."""

    _name = "order.secret.owner"
    _description = "Has Secrets"

    def _set_secret(self, name, value):
        """Keep a secret of each of these, encrypted; an empty value is forgotten."""
        self.check_access("write")
        secrets = self.env["order.secret"].sudo()  # sudo: nobody has rights on secrets; checked above
        for record in self:
            secrets._put(self._name, record.id, name, value)
        self._secrets_changed()

    def _secrets_changed(self):
        """Do what has to follow; models that keep something made with a secret extend it."""

    def _secrets(self):
        """Return {name: value} of one record. For the server's own use: never log, store or show it."""
        self.ensure_one()
        # sudo: nobody has rights on secrets; no method that people can call gives them out
        return self.env["order.secret"].sudo()._values(self._name, self.id)

    def _has_secret(self, name):
        self.ensure_one()
        return name in self._secrets_set()

    def _secrets_set(self):
        """Return {name: when it was set} of one record; needs no key."""
        self.ensure_one()
        query = SQL(
            "SELECT name, set_at FROM order_secret WHERE model = %s AND res_id = %s", self._name, self.id
        )
        return dict(self.env.execute_query(query))

    def unlink(self):
        ids = self.ids
        result = super().unlink()
        self.env["order.secret"].sudo()._forget(self._name, ids)  # sudo: theirs, and they are gone
        return result

    # ---------------------------------------------------------------- write-only fields
    def _compute_secret_fields(self):
        for name in self._secret_field_names():
            self[name] = False

    def _inverse_secret_fields(self):
        for name in self._secret_field_names():
            for record in self:
                if value := record[name]:
                    record._set_secret(name.removeprefix(PREFIX), value)
        self.invalidate_recordset(self._secret_field_names(), flush=False)

    def _secret_field_names(self):
        mine = (name for name, field in self._fields.items() if field.compute == "_compute_secret_fields")
        return [name for name in mine if name.startswith(PREFIX)]
