import io
import os
import tempfile
from contextlib import redirect_stdout
from pathlib import Path
from unittest.mock import patch

from cryptography.fernet import Fernet

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import config, mute_logger

from odoo.addons.order_processing.cli import order_secrets
from odoo.addons.order_processing.connectors import base
from odoo.addons.order_processing.models.order_secret import OPTION, SECTION, VARIABLE, SecretKeyError

from .common_tracking import TrackingCase

FIRST, SECOND = Fernet.generate_key().decode(), Fernet.generate_key().decode()
VALUE = "pa55-of-parcel-eye"


class Keyed(base.Connector):
    kind = "generic"
    can_push = True
    secret_names = {"key": "Key", "salt": "Salt"}


@tagged("post_install", "-at_install")
class TestSecrets(TrackingCase):
    """Parcel Eye has given us a key. It gets in, is used, and gets out nowhere."""

    def setUp(self):
        super().setUp()
        self.keys(FIRST)
        self.enterContext(patch.dict(base._KINDS, {"generic": Keyed}))
        self.admin = self.env.ref("base.user_admin")
        self.admin.company_ids |= self.company

    def keys(self, *keys):
        """Let these be the keys in the configuration file."""
        path = Path(self.enterContext(tempfile.TemporaryDirectory()), "odoo.conf")
        path.write_text(f"[options]\nworkers = 0\n\n[{SECTION}]\n{OPTION} = {','.join(keys)}\n")
        self.enterContext(patch.dict(config.options, {"config": str(path)}))
        self.enterContext(patch.dict(os.environ))
        os.environ.pop(VARIABLE, None)

    def rows(self):
        self.env.cr.execute("SELECT name, value FROM order_secret ORDER BY id")
        return dict(self.env.cr.fetchall())

    # ---------------------------------------------------------------- in and used
    def test_what_is_stored_is_not_what_was_entered(self):
        self.provider._set_secret("key", VALUE)
        self.assertEqual(self.provider._secrets(), {"key": VALUE})
        self.assertTrue(self.provider._has_secret("key"))
        self.assertNotIn(VALUE, self.rows()["key"])
        self.assertEqual(Fernet(FIRST).decrypt(self.rows()["key"]).decode(), VALUE)

    def test_the_connector_gets_it(self):
        self.provider._set_secret("key", VALUE)
        self.assertEqual(self.provider._connector_secrets(), {"key": VALUE})

    def test_entered_again_it_is_replaced_and_empty_it_is_forgotten(self):
        self.provider._set_secret("key", "old")
        self.provider._set_secret("key", VALUE)
        self.assertEqual(self.provider._secrets(), {"key": VALUE})
        self.provider._set_secret("key", "")
        self.assertFalse(self.provider._has_secret("key"))

    def test_without_a_key_it_is_said_what_to_do(self):
        self.keys("")
        with self.assertRaisesRegex(UserError, "order_secrets --generate"):
            self.provider._set_secret("key", VALUE)
        self.assertEqual(self.rows(), {})

    def test_an_account_without_secrets_needs_no_key(self):
        self.keys("")
        self.assertEqual(self.provider._secrets(), {})

    def test_a_bad_key_is_not_repeated_in_the_message(self):
        self.keys("nonsense-key")
        with self.assertRaises(SecretKeyError) as caught:
            self.provider._set_secret("key", VALUE)
        self.assertNotIn("nonsense", str(caught.exception))
        self.assertIsNone(caught.exception.__cause__)
        self.assertIsNone(caught.exception.__context__)

    def test_the_environment_wins_over_the_file(self):
        os.environ[VARIABLE] = SECOND
        self.provider._set_secret("key", VALUE)
        self.assertEqual(Fernet(SECOND).decrypt(self.rows()["key"]).decode(), VALUE)

    def test_odoo_does_not_warn_of_the_key_in_its_file(self):
        options = type(config)()
        with self.assertNoLogs("odoo.tools.config", "WARNING"):
            options._load_file_options(config["config"])
        self.assertEqual(self.env["order.secret"]._keys(), [FIRST])

    def test_a_file_without_the_section_or_none_is_a_server_without_a_key(self):
        path = Path(config["config"])
        path.write_text("[options]\n")
        os.utime(path, ns=(1, 1))
        self.assertEqual(self.env["order.secret"]._keys(), [])
        path.unlink()
        self.assertEqual(self.env["order.secret"]._keys(), [])

    def test_a_lost_key_stops_asking_and_nothing_else(self):
        self.provider._set_secret("key", VALUE)
        self.keys(SECOND)
        with self.assertRaisesRegex(UserError, "former key"):
            self.provider._secrets()
        with self.assertRaises(base.ConnectorError) as caught:
            self.provider._connector_secrets()
        self.assertEqual(caught.exception.trouble, base.Trouble.RETRY_LATER)

    # ---------------------------------------------------------------- nowhere out
    def test_nobody_reads_or_writes_the_table(self):
        self.provider._set_secret("key", VALUE)
        everybody = self.admin | self.env["res.users"].search([("share", "=", False)])
        secrets = self.env["order.secret"]
        for user in everybody:
            with self.subTest(user.login):
                own = secrets.with_user(user)
                for operation in ("read", "write", "create", "unlink"):
                    self.assertFalse(own.has_access(operation))
                with self.assertRaises(AccessError):
                    own.search_read([], ["name"])

    def test_not_even_the_superuser_reads_the_value_by_the_orm(self):
        self.provider._set_secret("key", VALUE)
        row = self.env["order.secret"].sudo().search([])
        self.assertNotIn(VALUE, str(row.read()))
        self.assertNotIn(self.rows()["key"], str(row.read()))
        self.assertNotIn(self.rows()["key"], str(row.export_data(["name"])))

    def test_read_export_chatter_and_log_do_not_have_it(self):
        with self.assertLogs("odoo", "DEBUG") as logs:
            self.provider.with_user(self.admin)._set_secret("key", VALUE)
            self.provider.with_user(self.admin).read()
            self.env.flush_all()
            self.provider._connector_secrets()
        self.assertNotIn(VALUE, "\n".join(logs.output))
        self.assertNotIn(VALUE, str(self.provider.with_user(self.admin).read()))
        names = [name for name, field in self.provider._fields.items() if field.exportable]
        self.assertNotIn(VALUE, str(self.provider.with_user(self.admin).export_data(names)))
        self.assertNotIn(VALUE, str(self.provider.message_ids.mapped("body")))
        self.env.cr.execute("SELECT * FROM order_tracking_provider WHERE id = %s", [self.provider.id])
        self.assertNotIn(VALUE, str(self.env.cr.fetchall()))

    def test_a_copy_has_none_and_they_go_with_their_owner(self):
        self.provider._set_secret("key", VALUE)
        copied = self.provider.copy()
        self.assertEqual(copied._secrets(), {})
        self.assertFalse(copied.push_digest)
        self.swift_code.unlink()
        self.provider.unlink()
        self.assertEqual(self.rows(), {})

    # ---------------------------------------------------------------- the page
    def wizard(self):
        action = self.provider.with_user(self.admin).action_secrets()
        return self.env[action["res_model"]].with_user(self.admin).browse(action["res_id"])

    def test_an_administrator_enters_it_and_sees_only_that_it_is_set(self):
        wizard = self.wizard()
        line = wizard.line_ids.filtered(lambda one: one.name == "key")
        self.assertEqual(wizard.line_ids.mapped("label"), ["Key", "Salt"])
        self.assertFalse(line.set_at)
        wizard.write({"line_ids": [Command.update(line.id, {"value": f" {VALUE} "})]})
        self.env.invalidate_all()
        self.assertTrue(line.set_at)
        self.assertFalse(line.value)
        self.assertEqual(self.provider._secrets()["key"], VALUE)
        self.env.cr.execute("SELECT * FROM order_tracking_secrets_line")
        self.assertNotIn(VALUE, str(self.env.cr.fetchall()))
        line.action_forget()
        self.assertFalse(self.provider._has_secret("key"))

    def test_the_address_for_news_is_stable_until_it_is_renewed(self):
        address = self.wizard().push_url
        self.assertIn(f"/order_tracking/push/{self.provider.id}/", address)
        self.assertEqual(self.wizard().push_url, address)
        token = address.rpartition("/")[2]
        self.env.cr.execute("SELECT * FROM order_tracking_provider WHERE id = %s", [self.provider.id])
        self.assertNotIn(token, str(self.env.cr.fetchall()))
        self.wizard().action_renew()
        self.assertNotEqual(self.wizard().push_url, address)

    def test_others_get_neither(self):
        for user in (self.boss_user(), self.env.ref("base.public_user")):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.provider.with_user(user).action_secrets()
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.env["order.tracking.secrets"].with_user(user).create({"provider_id": self.provider.id})

    def boss_user(self):
        groups = ["sales_team.group_sale_manager", "stock.group_stock_manager"]
        ids = [self.env.ref(group).id for group in groups]
        return self.env["res.users"].create(
            {
                "name": "Bo",
                "login": "bo-secrets",
                "group_ids": [Command.set(ids)],
                "company_id": self.company.id,
                "company_ids": [Command.set(self.company.ids)],
            }
        )

    # ---------------------------------------------------------------- another key
    def rotate(self):
        last, changed, closed = 0, 0, []
        while last is not None:
            last, count, others = self.env["order.secret"]._rotate(last, limit=2)
            changed, closed = changed + count, closed + others
        return changed, closed

    def test_after_rotation_the_former_key_opens_nothing(self):
        for name in ("a", "b", "c"):
            self.provider._set_secret(name, VALUE)
        self.keys(SECOND, FIRST)
        self.assertEqual(self.provider._secrets()["a"], VALUE)
        self.assertEqual(self.rotate(), (3, []))
        self.assertEqual(self.rotate(), (0, []))
        self.keys(SECOND)
        self.assertEqual(set(self.provider._secrets().values()), {VALUE})
        self.keys(FIRST)
        with self.assertRaises(SecretKeyError):
            self.provider._secrets()

    def test_what_no_key_opens_is_named_and_left(self):
        self.provider._set_secret("a", VALUE)
        self.keys(SECOND)
        before = self.rows()
        self.assertEqual(self.rotate(), (0, [f"a of order.tracking.provider,{self.provider.id}"]))
        self.assertEqual(self.rows(), before)

    def test_the_command_rotates_in_steps_and_says_how_many(self):
        self.provider._set_secret("a", VALUE)
        self.keys(SECOND, FIRST)
        env = self.env

        def step(registry, after):
            return env["order.secret"]._rotate(after)

        with patch.object(order_secrets, "_step", step), redirect_stdout(io.StringIO()) as out:
            code = order_secrets.OrderSecrets()._rotate(self.env.cr.dbname)
        self.assertEqual((code, out.getvalue()), (0, "1 secrets are encrypted by the new key now.\n"))

    def test_the_command_makes_keys(self):
        with redirect_stdout(io.StringIO()) as out:
            order_secrets.OrderSecrets().run(["--generate"])
        Fernet(out.getvalue().strip())

    @mute_logger("odoo.sql_db")
    def test_two_that_set_it_at_once_leave_one(self):
        self.provider._set_secret("key", "a")
        with self.assertRaises(Exception), self.env.cr.savepoint():  # noqa: B017  the index decides
            self.env.cr.execute(
                "INSERT INTO order_secret (model, res_id, name, set_at) SELECT model, res_id, name, set_at"
                " FROM order_secret"
            )
