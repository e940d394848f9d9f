import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg2

from odoo.sql_db import connection_info_for, db_connect
from odoo.tools import config
from odoo.tools.misc import exec_pg_environ, find_pg_tool


class DatabaseCopy:
    """A real database for processes of their own: nothing of it is seen by the tests' transaction.

    Copied by dumping, as PostgreSQL copies no database somebody is connected to. Its settings are not
    copied: what the tests' database gives up for speed, this one does not.
    """

    def __init__(self, source, suffix):
        self.source, self.name = source, f"{source}_{suffix}"

    def make(self):
        self.drop()
        self._admin("CREATE DATABASE \"%s\" ENCODING 'unicode' TEMPLATE template0")
        dump = subprocess.Popen(
            [find_pg_tool("pg_dump"), "-Fc", "-Z0", self.source],
            env=exec_pg_environ(),
            stdout=subprocess.PIPE,
        )
        restore = [find_pg_tool("pg_restore"), "--no-owner", "--single-transaction", "-d", self.name]
        subprocess.run(restore, env=exec_pg_environ(), stdin=dump.stdout, check=True)
        if dump.wait():
            raise RuntimeError(f"{self.source} could not be dumped")
        return self

    def drop(self):
        self._admin('DROP DATABASE IF EXISTS "%s" WITH (FORCE)')

    def _admin(self, statement):
        connection = db_connect("postgres").cursor()
        with connection as cr:
            cr._cnx.autocommit = True
            cr.execute(statement % self.name)  # pylint: disable=sql-injection; a name takes no parameter

    def sql(self, statement):
        _name, info = connection_info_for(self.name)
        with closing(psycopg2.connect(**info)) as connection, connection, connection.cursor() as cr:
            cr.execute(statement)
            return cr.fetchall() if cr.description else None

    # ---------------------------------------------------------------- processes
    def odoo(self, *arguments):
        """Start one of Odoo's commands on this database; return the process."""
        command, *options = arguments
        return self._start("-c", "from odoo.cli import main; main()", command, "-d", self.name, *options)

    def program(self, name, *arguments, folder=None):
        """Run a program beside the tests on this database to its end; return what it prints, as JSON.

        :param folder: the tests of another addon; its programs, too, find those that stand here
        """
        here = Path(__file__).parent
        process = self._start(str((folder or here) / f"{name}.py"), self.name, *arguments, path=here)
        out, err = process.communicate()
        if process.returncode:
            raise RuntimeError(f"{name} ended with {process.returncode}:\n{err}")
        return json.loads(out)

    @staticmethod
    def _start(*arguments, path=""):
        return subprocess.Popen(
            [sys.executable, *arguments],
            env={
                **os.environ,
                "ODOO_RC": config["config"],
                "PYTHONUNBUFFERED": "1",
                "PYTHONPATH": os.pathsep.join(filter(None, (str(path), os.environ.get("PYTHONPATH")))),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
