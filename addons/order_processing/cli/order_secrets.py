import logging
import sys
from functools import partial

from cryptography.fernet import Fernet

from odoo import SUPERUSER_ID
from odoo.api import Environment
from odoo.cli.command import Command
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tools import config


class OrderSecrets(Command):
    """Make a key for stored secrets, or encrypt them all by a new one."""

    name = "order_secrets"
    epilog = """
        To change the key: put a new one before the former one in odoo.conf,
        section [order_processing], secret_key = NEW,FORMER
        start Odoo again, run "odoo order_secrets -d DATABASE --rotate" for each database, then
        take the former key away. Secrets in older backups need the key of their time.
    """

    def __init__(self):
        super().__init__()
        add = self.parser.add_argument
        add("-c", "--config", help="configuration file")
        add("-d", "--database", dest="db_name", help="database name")
        what = self.parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--generate", action="store_true", help="print a new key; needs no database")
        what.add_argument("--rotate", action="store_true", help="encrypt all secrets by the first key")

    def run(self, cmdargs):
        options = self.parser.parse_args(cmdargs)
        if options.generate:
            sys.stdout.write(Fernet.generate_key().decode() + "\n")
            return
        arguments = ["--no-http"]
        for name, value in (("-c", options.config), ("-d", options.db_name)):
            arguments += [name, value] if value else []
        config.parse_config(arguments, setup_logging=True)
        logging.getLogger("odoo").setLevel(logging.WARNING)
        if len(config["db_name"]) != 1:
            self.parser.error("give one database with -d")
        sys.exit(self._rotate(config["db_name"][0]))

    def _rotate(self, database):
        """Encrypt all by the first key, some at a time; return 1 where some cannot be opened."""
        last, changed, closed = 0, 0, []
        registry = Registry(database)
        if "order.secret" not in registry:
            self.parser.error("Order Processing is not installed in this database")
        while last is not None:
            try:
                last, count, others = _step(registry, last)
            except UserError as error:
                self.parser.error(str(error))
            changed += count
            closed += others
        sys.stdout.write(f"{changed} secrets are encrypted by the new key now.\n")
        if closed:
            sys.stdout.write(f"No key opens these, they have to be entered again: {', '.join(closed)}\n")
        return 1 if closed else 0


def _step(registry, after):
    with registry.cursor() as cr:
        env = Environment(cr, SUPERUSER_ID, {})
        return retrying(partial(env["order.secret"]._rotate, after), env)
