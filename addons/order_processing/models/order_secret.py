import configparser
import os
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, config

# A section of its own: of options it does not know in its own section, Odoo warns at each start.
SECTION, OPTION = "order_processing", "secret_key"
VARIABLE = "ORDER_PROCESSING_SECRET_KEY"
ROTATED_AT_ONCE = 200


class SecretKeyError(UserError):
    """There is no key, or none of the keys is the right one."""


class OrderSecret(models.Model):
    """Passwords and keys of accounts with others, encrypted by a key that is not in the database.

    Nobody may read, write or list them; records that have some are ``order.secret.owner``. The key is in
    ``odoo.conf`` (section ``order_processing``), or in the environment. Of several keys, separated by
    commas, the first encrypts.
    """

    _name = "order.secret"
    _description = "Secret of an Account"
    _rec_name = "name"

    model = fields.Char(required=True, readonly=True)
    res_id = fields.Many2oneReference(model_field="model", required=True, readonly=True)
    name = fields.Char(required=True, readonly=True)
    set_at = fields.Datetime(required=True, readonly=True)

    _once = models.UniqueIndex("(model, res_id, name)")

    def init(self):
        # No field: read and written by SQL only, it is in no cache, no export and no answer.
        self.env.cr.execute("ALTER TABLE order_secret ADD COLUMN IF NOT EXISTS value varchar")

    # ---------------------------------------------------------------- keys
    @api.model
    def _keys(self):
        """Return the keys as texts; the first encrypts, all decrypt."""
        given = os.environ.get(VARIABLE) or _in_file(config["config"])
        return [key for part in given.split(",") if (key := part.strip())]

    @api.model
    def _fernets(self):
        keys = self._keys()
        if not keys:
            raise SecretKeyError(
                self.env._(
                    "Secrets are stored encrypted, and this server has no key to do it. An administrator of"
                    " the server makes one by 'odoo order_secrets --generate', puts it into the section"
                    " %(section)s of odoo.conf as %(option)s (or into the environment as %(variable)s) and"
                    " starts Odoo again.",
                    section=f"[{SECTION}]",
                    option=OPTION,
                    variable=VARIABLE,
                )
            )
        if all(fernets := [_fernet(key) for key in keys]):
            return fernets
        raise SecretKeyError(
            self.env._(
                "One of the keys in %(option)s (section %(section)s of odoo.conf) is not a key. Keys are"
                " made by 'odoo order_secrets --generate'; several are separated by commas.",
                section=f"[{SECTION}]",
                option=OPTION,
            )
        )

    # ---------------------------------------------------------------- values
    @api.model
    def _put(self, model, res_id, name, value):
        """Encrypt a value and keep it; an empty one is forgotten."""
        if not value:
            query = SQL(
                "DELETE FROM order_secret WHERE model = %s AND res_id = %s AND name = %s", model, res_id, name
            )
        else:
            token = MultiFernet(self._fernets()).encrypt(value.encode()).decode()
            query = SQL(
                """INSERT INTO order_secret (model, res_id, name, set_at, value, create_uid, write_uid,
                                             create_date, write_date)
                   VALUES (%(model)s, %(res_id)s, %(name)s, %(now)s, %(value)s, %(uid)s, %(uid)s, %(now)s,
                           %(now)s)
                       ON CONFLICT (model, res_id, name)
                       DO UPDATE SET value = EXCLUDED.value, set_at = EXCLUDED.set_at,
                                     write_uid = EXCLUDED.write_uid, write_date = EXCLUDED.write_date""",
                model=model,
                res_id=res_id,
                name=name,
                value=token,
                now=fields.Datetime.now(),
                uid=self.env.uid,
            )
        self.env.cr.execute(query, log_exceptions=False)
        self.invalidate_model(flush=False)

    @api.model
    def _values(self, model, res_id):
        """Return {name: value}, decrypted."""
        query = SQL("SELECT name, value FROM order_secret WHERE model = %s AND res_id = %s", model, res_id)
        if not (rows := self.env.execute_query(query)):
            return {}
        fernet = MultiFernet(self._fernets())
        if all(_opens(fernet, value) for _name, value in rows):
            return {name: fernet.decrypt(value).decode() for name, value in rows}
        raise SecretKeyError(
            self.env._(
                "None of the keys in %(option)s (section %(section)s of odoo.conf) opens what is stored."
                " Put the former key back (behind the new one, after a comma), or enter the secrets again.",
                section=f"[{SECTION}]",
                option=OPTION,
            )
        )

    @api.model
    def _forget(self, model, ids):
        self.env.cr.execute(
            SQL("DELETE FROM order_secret WHERE model = %s AND res_id = ANY(%s)", model, list(ids))
        )
        self.invalidate_model(flush=False)

    # ---------------------------------------------------------------- other keys
    @api.model
    def _rotate(self, after=0, limit=ROTATED_AT_ONCE):
        """Encrypt the next ones by the first key; return (last id or None, how many, names of the closed).

        What somebody sets meanwhile is left as he has set it.
        """
        query = SQL("SELECT id, model, res_id, name, value FROM order_secret WHERE id > %s", after)
        rows = self.env.execute_query(SQL("%s ORDER BY id LIMIT %s", query, limit))
        first, every = (fernets := self._fernets())[0], MultiFernet(fernets)
        changed, closed = 0, []
        for id_, model, res_id, name, value in rows:
            if _opens(first, value):
                continue
            if not _opens(every, value):
                closed.append(f"{name} of {model},{res_id}")
                continue
            query = SQL(
                "UPDATE order_secret SET value = %s WHERE id = %s AND value = %s",
                *(every.rotate(value).decode(), id_, value),
            )
            self.env.cr.execute(query)
            changed += self.env.cr.rowcount
        return (rows[-1][0] if rows else None), changed, closed


def _in_file(path):
    """Return what the configuration file says, as it is now."""
    try:
        return _read_file(path, os.stat(path).st_mtime_ns)
    except (OSError, ValueError, configparser.Error):
        return ""


@lru_cache(maxsize=1)
def _read_file(path, _changed_at):
    parser = configparser.RawConfigParser()
    parser.read([path])
    return parser.get(SECTION, OPTION, fallback="")


def _fernet(key):
    """Return what encrypts by a key; None where it is none. What is wrong with it is not told."""
    try:
        return Fernet(key)
    except ValueError:
        return None


def _opens(fernet, value):
    try:
        fernet.decrypt(value)
    except InvalidToken:
        return False
    return True
