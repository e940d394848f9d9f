import logging

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..engine.stock_warning import CRITICAL, RECOVERED, Watch, look
from .order_stock_warning_sql import Row, changes, free_now

_logger = logging.getLogger(__name__)

CRON = "order_processing.ir_cron_watch_stock"
# So many levels are settled in one transaction.
BATCH = 100
LEVEL_FIELDS = (
    "active",
    "product_id",
    "warehouse_id",
    "location_id",
    "company_id",
    "warning_level",
    "critical_level",
)
WATCHED = "order_processing.watched_stock"
WOKEN = "order_processing.stock_watch_woken"


class OrderStockWarning(models.Model):
    """How a crossing is found: promptly when stock moves, and by a sweep in any case."""

    _inherit = "order.stock.warning"

    # ---------------------------------------------------------------- the scheduled action
    @api.model
    def _cron_watch(self):
        """Look at all levels, in batches; each is a transaction of its own.

        Opening, telling and closing are one transaction: killed at any moment, what is committed is done and
        told, the rest is found again by the next run.
        """
        commit = self.env["ir.cron"]._commit_progress
        self._drop_unwatched()
        self._tell_who_was_named_since()
        after = 0
        while rows := self._changes(after=after, limit=BATCH):
            after = rows[-1].orderpoint_id
            self._try(rows)
            if not commit(len(rows), remaining=int(len(rows) == BATCH)):
                return
        commit(remaining=0)

    @api.model
    def _try(self, rows):
        """Settle the batch; where it fails, close in on the one that does, which the next run tries again."""
        queue = [rows]
        while queue:
            part = queue.pop()
            try:
                self._settle(part)
                self.env.flush_all()
            except Exception:
                self.env.cr.rollback()
                if len(part) == 1:
                    _logger.exception("The warning level %s could not be looked at", part[0].orderpoint_id)
                else:
                    middle = len(part) // 2
                    queue += [part[:middle], part[middle:]]
                continue
            if queue:
                self.env["ir.cron"]._commit_progress(len(part))

    @api.model
    def _changes(self, condition=None, after=0, limit=None):
        """Return the levels at which something has perhaps happened: one query, however many there are."""
        self.env["stock.quant"].flush_model(["quantity", "reserved_quantity", "location_id", "product_id"])
        self.env["stock.warehouse.orderpoint"].flush_model(LEVEL_FIELDS)
        self.env["res.company"].flush_model(["stock_warning_margin"])
        self.flush_model(["orderpoint_id", "state", "severity"])
        query = changes(condition or SQL("TRUE"), self._digits(), after, limit)
        return [Row(*row) for row in self.env.execute_query(query)]

    @api.model
    def _settle(self, rows):
        """Open, escalate and close what the engine says, and tell people: once for each crossing."""
        self = self.with_context(mail_create_nolog=True, mail_create_nosubscribe=True, tracking_disable=True)
        crossed, told, recovered = [], self.browse(), self.browse()
        for row in rows:
            watch = Watch(row.level, row.critical, row.margin / 100, row.severity)
            verdict = look(row.quantity, watch)
            warning = self.browse(row.warning_id or ())
            if verdict == RECOVERED:
                warning._close("recovered", row.quantity)
                recovered |= warning
            elif verdict and warning:
                warning._get_critical(row)
                told |= warning
            elif verdict:
                crossed.append(self._opening_vals(row, verdict))
        recovered._withdraw_activities()
        told |= self.create(crossed)
        told._tell()
        return told

    @api.model
    def _opening_vals(self, row, verdict):
        return {
            "orderpoint_id": row.orderpoint_id,
            "product_id": row.product_id,
            "warehouse_id": row.warehouse_id,
            "location_id": row.location_id,
            "company_id": row.company_id,
            "severity": verdict,
            "level": row.level,
            "critical_level": row.critical,
            "quantity": row.quantity,
            "critical_at": fields.Datetime.now() if verdict == CRITICAL else False,
        }

    def _get_critical(self, row):
        self.write(
            {
                "severity": CRITICAL,
                "critical_at": fields.Datetime.now(),
                "quantity": row.quantity,
                "level": row.level,
                "critical_level": row.critical,
            }
        )

    def _close(self, state, quantity=None):
        vals = {"state": state, "recovered_at": fields.Datetime.now()}
        self.write(vals if quantity is None else {**vals, "recovered_quantity": quantity})

    @api.model
    def _drop_unwatched(self):
        """Where the level was removed, or the product or the rule archived, nothing can recover."""
        is_watched = Domain(
            [
                ("orderpoint_id", "!=", False),
                ("orderpoint_id.active", "=", True),
                ("orderpoint_id.warning_level", ">", 0),
                ("product_id.active", "=", True),
                ("product_id.is_storable", "=", True),
            ]
        )
        open_ones = self.with_context(active_test=False, tracking_disable=True)
        dropped = open_ones.search(Domain("state", "=", "open") & ~is_watched)
        dropped._close("dropped")
        dropped._withdraw_activities()

    @api.model
    def _tell_who_was_named_since(self):
        """What nobody was told of, as nobody was named, is told once somebody is."""
        untold = self.search([("state", "=", "open"), ("told", "=", False)])
        untold.filtered(lambda warning: warning.orderpoint_id._watchers())._tell()

    # ---------------------------------------------------------------- promptly
    @api.model
    def _wake(self):
        """Let the scheduled action run as soon as this transaction is committed; once is enough."""
        data = self.env.cr.precommit.data
        if not data.get(WOKEN):
            data[WOKEN] = True
            # sudo: whoever moves goods need not know of scheduled actions
            cron = self.env.ref(CRON, raise_if_not_found=False)
            if cron:
                cron.sudo()._trigger()

    @api.model
    def _note_moved(self, product_ids):
        """Stock of these products has changed: before the commit it is seen whether that crosses a level."""
        watched = self.env["stock.warehouse.orderpoint"]._watched_product_ids().intersection(product_ids)
        if not watched:
            return
        data = self.env.cr.precommit.data
        if WATCHED not in data:
            data[WATCHED] = set()
            self.env.cr.precommit.add(self.sudo()._wake_if_crossed)  # sudo: levels concern everybody
        data[WATCHED] |= watched

    @api.model
    def _wake_if_crossed(self):
        product_ids = self.env.cr.precommit.data.pop(WATCHED, None)
        if product_ids and self._changes(SQL("op.product_id = ANY(%s)", list(product_ids)), limit=1):
            self._wake()

    # ---------------------------------------------------------------- now
    def _compute_free_quantity(self):
        self.env["stock.quant"].flush_model(["quantity", "reserved_quantity"])
        free = dict(self.env.execute_query(free_now(self.ids, self._digits()))) if self.ids else {}
        for warning in self:
            warning.free_quantity = free.get(warning.id, 0.0)
