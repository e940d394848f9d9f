import logging
import signal
import sys
import time
from datetime import date
from functools import partial
from pathlib import Path

from odoo import SUPERUSER_ID
from odoo.api import Environment
from odoo.cli.command import Command
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tools import config

INTERRUPTED = 130


class ProcessOrders(Command):
    """Take a file of real orders through the company: import, submit, confirm, reserve, report."""

    name = "process_orders"
    epilog = """
        The file has one row per line of an invoice; rows with the same number are one order.
        Every row is counted: see docs/guide/process_orders.md for what becomes of cancellations,
        postage, prices of 0 and the like. A run can be interrupted and started again with the
        same options: orders that are in are not entered twice.
    """

    def __init__(self):
        super().__init__()
        add = self.parser.add_argument
        add("-c", "--config", help="configuration file")
        add("-d", "--database", dest="db_name", help="database name")
        add("--file", required=True, type=Path, help="the orders, .csv or .csv.gz")
        add("--channel", default="file", help="code of the channel the orders come in by (default: file)")
        day = {"type": date.fromisoformat, "metavar": "DAY"}
        add("--from", dest="first", help="orders from this day on, for example 2010-12-01", **day)
        add("--to", dest="last", help="orders up to this day", **day)
        add("--limit", type=int, metavar="N", help="only the first N orders")
        add("--batch", type=int, default=50, metavar="N", help="orders per transaction (default: 50)")
        add("--dry-run", action="store_true", help="read and count the file only; needs no database")
        self._add_format_options()
        self._add_create_options()

    def _add_format_options(self):
        add = self.parser.add_argument_group("how to read the file").add_argument
        add(
            "--column",
            action="append",
            default=[],
            metavar="OURS=THEIRS",
            help="name of a column, for example --column ref=OrderNo; ours are ref, sku, text, quantity,"
            " date, price, customer, country",
        )
        add("--delimiter", default=",", help="between two columns (default: a comma)")
        add("--encoding", default="utf-8-sig", help="of the file (default: UTF-8)")
        add("--date-format", default="", metavar="F", help="for example %%d/%%m/%%Y %%H:%%M (default: ISO)")
        add("--cancel-prefix", metavar="C", help="what the numbers of cancellations start with (default: C)")
        for name in ("freight", "manual", "charge"):
            add(f"--{name}-codes", metavar="CODES", help=f"SKUs of {name} lines, not the usual ones: A,B")

    def _add_create_options(self):
        add = self.parser.add_argument_group("what the orders need (for trials: made up)").add_argument
        number = {"type": float, "metavar": "X"}
        add("--create-missing", action="store_true", help="create products, price lists, customers, stock")
        add("--stock-factor", default=1.0, help="stock, times what is ordered (default: 1)", **number)
        add("--scarce", default=0.02, help="share of SKUs with half of that (default: 0.02)", **number)
        add("--seed", default="1", help="decides which SKUs are scarce (default: 1)")

    # ---------------------------------------------------------------- running
    def run(self, cmdargs):
        options = self.parser.parse_args(cmdargs)
        database = self._configure(options)
        # Only now does Odoo know where its addons are; it has loaded this file as a part of its own "cli".
        from odoo.addons.order_processing import tools  # pylint: disable=odoo-addons-relative-import

        self.tools = tools
        order_file = self._load(options)
        tools.order_file_report.print_file(order_file)
        if options.dry_run:
            tools.order_file_report.print_prices(order_file.orders)
            sys.exit(0)
        sys.exit(self._process(database, order_file, options))

    def _configure(self, options):
        """Read Odoo's configuration; return the name of the database."""
        arguments = ["--no-http"]
        arguments += ["-c", options.config] if options.config else []
        arguments += ["-d", options.db_name] if options.db_name else []
        config.parse_config(arguments, setup_logging=True)
        if not config["log_level"] or config["log_level"] == "info":
            logging.getLogger("odoo").setLevel(logging.WARNING)  # the table is the news
        if options.batch < 1 or options.stock_factor < 0 or not 0 <= options.scarce <= 1:
            self.parser.error("--batch must be 1 or more, --stock-factor 0 or more, --scarce between 0 and 1")
        names = config["db_name"]
        if len(names) != 1 and not options.dry_run:
            self.parser.error("give one database with -d")
        return names[0] if names else None

    def _load(self, options):
        order_file = self.tools.order_file
        form = order_file.FileFormat(
            columns={**order_file.COLUMNS, **self._columns(options, order_file.COLUMNS)},
            delimiter=options.delimiter,
            encoding=options.encoding,
            date_format=options.date_format,
            **self._codes(options),
        )
        selection = order_file.Selection(options.first, options.last, options.limit)
        try:
            return order_file.load(options.file, form, selection)
        except order_file.MissingColumns as error:
            found = ", ".join(error.found)
            self.parser.error(f"{options.file} has no column {error}, only {found}. Say which with --column.")
        except (OSError, UnicodeError, LookupError) as error:
            self.parser.error(f"{options.file} cannot be read: {error}")

    def _columns(self, options, known):
        pairs = [text.partition("=") for text in options.column]
        if wrong := [ours for ours, _sign, theirs in pairs if ours not in known or not theirs]:
            self.parser.error(f"--column {wrong[0]}: write ours=theirs; ours is one of {', '.join(known)}")
        return {ours: theirs for ours, _sign, theirs in pairs}

    @staticmethod
    def _codes(options):
        codes = {
            f"{name}_codes": frozenset(code.strip().upper() for code in text.split(","))
            for name in ("freight", "manual", "charge")
            if (text := getattr(options, f"{name}_codes")) is not None
        }
        if options.cancel_prefix is not None:
            codes["cancel_prefix"] = options.cancel_prefix
        return codes

    def _process(self, database, order_file, options):
        tools, progress = self.tools, Progress(sys.stderr)
        transaction = partial(in_transaction, Registry(database))
        if problem := transaction(partial(self._obstacle, options=options)):
            self.parser.error(problem)
        run = tools.order_file_run.OrderFileRun(
            transaction, order_file.orders, options.channel, options.batch, progress
        )
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # a service manager is no ruder than Ctrl-C
        try:
            if options.create_missing:
                self._create_missing(transaction, order_file.orders, options, progress)
            run.run()
        except KeyboardInterrupt:
            progress.end()
            tools.order_file_report.print_interrupted(run.outcome)
            return INTERRUPTED
        figures, reasons = transaction(run.figures)
        tools.order_file_report.print_outcome(run.outcome, figures, reasons, order_file)
        return 1 if run.outcome.failed or order_file.faults else 0

    def _create_missing(self, transaction, orders, options, progress):
        tools = self.tools
        prices = tools.price_steps.PriceLists.derive(orders)
        plan = tools.made_up.StockPlan(options.stock_factor, options.scarce, options.seed)
        setup = tools.order_file_setup.OrderFileSetup(transaction, orders, prices, plan, progress)
        tools.order_file_report.print_created(setup.run())

    @staticmethod
    def _obstacle(env, options):
        """Return why the run cannot start, or nothing."""
        if "order.channel" not in env:
            return "Order Processing is not installed in this database"
        channel = env["order.channel"]._for_code(options.channel, env.company)
        if not channel:
            codes = ", ".join(env["order.channel"].search([]).mapped("code"))
            return f"there is no channel {options.channel}; there are: {codes}"
        if channel.tells_customers:
            return (
                f"the channel {options.channel} writes to its customers, and a file holds orders of the past."
                " Switch off 'Messages to customers' under Order Processing / Configuration / Channels"
            )
        return None


def in_transaction(registry, function):
    """Call ``function(env)`` in a transaction of its own, again where others got in the way; commit."""
    with registry.cursor() as cr:
        # What happens to an order is on its timeline; nobody follows a file's orders by mail.
        env = Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
        return retrying(partial(function, env), env)


class Progress:
    """A bar on a terminal; elsewhere a line every ten seconds."""

    EVERY = 10.0
    WIDTH = 30

    def __init__(self, stream):
        self.stream, self.is_terminal = stream, stream.isatty()
        self.what, self.started, self.shown = None, 0.0, 0.0

    def __call__(self, what, done, total):
        if not total:
            return
        now = time.monotonic()
        if what != self.what:
            self.what, self.started, self.shown = what, now, 0.0
        is_done = done >= total
        if self.is_terminal:
            self._show("\r\033[K" + self._line(done, total, now) + ("\n" if is_done else ""))
        elif is_done or now - self.shown >= self.EVERY:
            self.shown = now
            self._show(self._line(done, total, now) + "\n")

    def _line(self, done, total, now):
        share = done / total if total else 1.0
        bar = ("#" * round(share * self.WIDTH)).ljust(self.WIDTH, ".")
        seconds = now - self.started
        speed = f" {done / seconds:.1f}/s" if done and seconds > 1 else ""
        left = f", {seconds / share - seconds:.0f} s left" if speed and share < 1 else ""
        return f"{self.what:<10} [{bar}] {done}/{total}{speed}{left}"

    def _show(self, text):
        self.stream.write(text)
        self.stream.flush()

    def end(self):
        if self.is_terminal:
            self._show("\n")
