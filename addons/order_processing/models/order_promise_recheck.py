import logging

from psycopg2.errors import DeadlockDetected, LockNotAvailable, SerializationFailure

from odoo import api, fields, models
from odoo.tools import SQL

from .promise_facts import OPEN_STATES

_logger = logging.getLogger(__name__)

NOTED = "order_processing.promise_rechecks"
# Notes taken up in one step; a step is meant to take less than two seconds.
AT_ONCE = 60
# Something that fails so often is left for a person to look at, and does not keep the others waiting.
TRIES = 5
# Why somebody looks, where nothing else has moved: any other reason says more.
WEAK = ("promised_twice", "looked_again")
CONCURRENCY = (SerializationFailure, LockNotAvailable, DeadlockDetected)


class OrderPromiseRecheck(models.Model):
    """Supply or demand of a product has moved: the promises that rest on it are to be looked at again.

    Plain rows, inserted by whoever moves something; the scheduled action takes them up within a minute.
    """

    _name = "order.promise.recheck"
    _description = "Promises to Look at Again"
    _order = "tries, id"
    _log_access = False

    product_id = fields.Many2one("product.product", required=True, ondelete="cascade", index=True)
    warehouse_id = fields.Many2one("stock.warehouse", required=True, ondelete="cascade")
    code = fields.Char(required=True)
    source_model = fields.Char()
    source_id = fields.Many2oneReference("Document ID", model_field="source_model")
    source_name = fields.Char()
    noted_at = fields.Datetime(default=fields.Datetime.now)
    tries = fields.Integer(required=True, default=0)

    # ---------------------------------------------------------------- noting
    @api.model
    def _note(self, products, warehouses, code, source=None):
        """Have the promises looked at again that rest on these products in these warehouses."""
        self._note_pools({(p.id, w.id) for p in products for w in warehouses}, code, source)

    @api.model
    def _note_pools(self, pools, code, source=None):
        """Do the same for ``{(product id, warehouse id)}``; written once, at the end of the transaction."""
        if not pools:
            return
        data = self.env.cr.precommit.data
        if NOTED not in data:
            data[NOTED] = {}
            # sudo: whoever moves supply need not see the orders that rest on it
            self.env.cr.precommit.add(self.sudo()._insert_noted)
        document = (source._name, source.id) if source else (None, None)
        for pool in pools:
            data[NOTED].setdefault((*pool, code, *document), source)

    @api.model
    def _insert_noted(self):
        noted = self.env.cr.precommit.data.pop(NOTED, None)
        if not noted:
            return
        rows = [
            (*key, source.display_name if source and source.exists() else None)
            for key, source in noted.items()
        ]
        columns = [list(column) for column in zip(*rows, strict=True)]
        self.env.cr.execute(
            SQL(
                """INSERT INTO order_promise_recheck
                          (product_id, warehouse_id, code, source_model, source_id, source_name,
                           noted_at, tries)
                   SELECT product_id, warehouse_id, code, source_model, source_id, source_name,
                          now() AT TIME ZONE 'UTC', 0
                     FROM unnest(%s::int[], %s::int[], %s::text[], %s::text[], %s::int[], %s::text[])
                          AS d (product_id, warehouse_id, code, source_model, source_id, source_name)""",
                *columns,
            )
        )
        cron = self.env.ref("order_processing.ir_cron_recheck_promises", raise_if_not_found=False)
        if cron:
            cron.sudo()._trigger()  # sudo: whoever moves supply need not know of scheduled actions

    # ---------------------------------------------------------------- taking up
    @api.model
    def _cron_recheck(self):
        """Look again at all promises that something noted rests on, in small steps."""
        budget = AT_ONCE
        while rows := self._next_rows(budget):
            try:
                done = self._try_step(rows)
            except CONCURRENCY:  # somebody else is at it: the next run finds the notes as they are
                self.env.cr.rollback()
                return
            budget = AT_ONCE if done else max(len(rows) // 2, 1)
            if not self.env["ir.cron"]._commit_progress(len(rows) if done else 0, remaining=self._left()):
                return

    @api.model
    def _next_rows(self, limit):
        rows = self.search([("tries", "<", TRIES)], limit=limit)
        return rows.try_lock_for_update() if rows else rows

    @api.model
    def _left(self):
        return self.search_count([("tries", "<", TRIES)])

    @api.model
    def _try_step(self, rows):
        """Serve these notes; tell whether it went well. What fails alone is put back, behind the others."""
        ids = rows.ids
        try:
            rows._serve()
            rows.unlink()
            self.env.cr.flush()  # what other addons do before a commit belongs to the step
        except CONCURRENCY:
            raise
        except Exception:
            self.env.cr.rollback()
            if len(ids) == 1:
                _logger.exception("Looking at promises again failed for note %s", ids[0])
                self._put_back(ids)
            return False
        return True

    @api.model
    def _put_back(self, ids):
        for row in self.browse(ids).exists():
            row.tries += 1

    def _serve(self):
        """Look again at the lines that take goods from these pools; the last note of a pool is its cause."""
        causes = {
            (row.product_id.id, row.warehouse_id.id): (
                row.code,
                row.source_model or False,
                row.source_id or False,
                row.source_name or False,
            )
            for row in self.sorted(lambda row: (row.code not in WEAK, row.id))
        }
        pools_of = self._lines_of(causes)
        lines = self.env["sale.order.line"].browse(pools_of)
        for some in lines.grouped("company_id").values():
            some._look_again(lambda line: causes[pools_of[line.id]])
        # What is short follows the same changes, and purchasing hears of it.
        self.env["order.shortage"]._update(self.product_id, self.warehouse_id)
        lines.order_id._tell_without_date()

    @api.model
    def _lines_of(self, pools):
        """Return ``{line id: pool}`` of the promised lines that still take goods from these pools."""
        self.env["stock.move"].flush_model(["state", "product_id", "sale_line_id", "location_id"])
        self.env["sale.order.line"].flush_model(["promise_code"])
        self.env.cr.execute(
            SQL(
                """SELECT m.sale_line_id, d.product_id, d.warehouse_id
                     FROM stock_move m JOIN stock_location l ON l.id = m.location_id
                     JOIN sale_order_line sl ON sl.id = m.sale_line_id
                     JOIN res_company c ON c.id = sl.company_id AND c.promise_mode = 'promise'
                     JOIN unnest(%s::int[], %s::int[]) AS d (product_id, warehouse_id)
                       ON d.product_id = m.product_id
                      AND d.warehouse_id = COALESCE(l.warehouse_id, sl.warehouse_id)
                    WHERE m.state = ANY(%s) AND sl.promise_code IS NOT NULL
                      AND l.usage IN ('internal', 'supplier')""",
                *[list(column) for column in zip(*pools, strict=True)],
                list(OPEN_STATES),
            )
        )
        return {line_id: (product, warehouse) for line_id, product, warehouse in self.env.cr.fetchall()}

    @api.model
    def _cron_sweep(self):
        """Once a day: have all promises looked at again that still wait for goods.

        A receipt becomes overdue without anybody writing anything. What failed before is tried once more.
        """
        self.search([("tries", ">=", TRIES)]).write({"tries": 0})
        self.env["stock.move"].flush_model(["state", "product_id", "sale_line_id", "location_id"])
        self.env.cr.execute(
            SQL(
                """SELECT DISTINCT m.product_id, COALESCE(l.warehouse_id, sl.warehouse_id)
                     FROM stock_move m JOIN stock_location l ON l.id = m.location_id
                     JOIN sale_order_line sl ON sl.id = m.sale_line_id
                     JOIN res_company c ON c.id = sl.company_id AND c.promise_mode = 'promise'
                    WHERE (m.state IN ('waiting', 'confirmed', 'partially_available')
                           OR (m.state = 'assigned' AND l.usage = 'supplier'))
                      AND sl.promise_code IS NOT NULL
                      AND COALESCE(l.warehouse_id, sl.warehouse_id) IS NOT NULL"""
            )
        )
        self._note_pools(set(self.env.cr.fetchall()), "looked_again")
