import logging
import time
from dataclasses import dataclass

from psycopg2.errors import DeadlockDetected, LockNotAvailable, SerializationFailure

from odoo import api, fields, models
from odoo.tools import SQL

from ..engine.allocation import Code
from .allocation_facts import RANK_SOURCE, AllocationFacts, candidates, flush_facts, free_below
from .stock_quant import RESERVABLE_USAGES

_logger = logging.getLogger(__name__)

# A step is meant to take this long; the limit is two seconds, on a busy machine.
STEP_SECONDS = 0.7
FIRST_BUDGET, SMALLEST_BUDGET, LARGEST_BUDGET = 60, 10, 2000
# So often, and this many seconds apart, the allocator looks again for stock that somebody else holds.
PATIENCE, PAUSE = 40, 0.05
CONCURRENCY = (SerializationFailure, LockNotAvailable, DeadlockDetected)
# Moves that cannot get anything are only noted as looked at, so many in a step.
NOTED_AT_ONCE = 500


@dataclass(slots=True)
class Work:
    """A product that candidates wait for and of which something is free."""

    product_id: int
    moves: int
    winners: int  # about
    tries: int = 0


class OrderAllocationRun(models.Model):
    """One run of the allocator, with its figures. What it does is decided in ``engine/allocation.py``."""

    _name = "order.allocation.run"
    _description = "Allocation Run"
    _order = "id desc"
    _rec_name = "started_at"

    started_at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    ended_at = fields.Datetime(readonly=True)
    state = fields.Selection(
        [("running", "Running"), ("done", "Done"), ("interrupted", "Interrupted")],
        required=True,
        readonly=True,
        default="running",
    )
    seen_count = fields.Integer("Waiting", readonly=True, help="Moves that waited when it began.")
    served_count = fields.Integer("Served", readonly=True)
    partly_count = fields.Integer("Partly", readonly=True)
    short_count = fields.Integer("Short", readonly=True)
    step_count = fields.Integer("Steps", readonly=True)
    seconds = fields.Float(readonly=True, digits=(10, 2), aggregator="sum")
    longest_step = fields.Float("Longest step (s)", readonly=True, digits=(10, 2), aggregator="max")
    note = fields.Text("Left out", readonly=True, help="What could not be reserved, and why.")

    # ---------------------------------------------------------------- the scheduled action
    @api.model
    def _cron_allocate(self):
        """Serve everything that waits, product by product, those that wait for the most important first.

        Every step is a transaction of its own: killed at any moment, what is done stays done and the rest
        comes with the next run.
        """
        self._close_interrupted()
        newest = self.env["stock.move"].search([], order="id desc", limit=1).id
        seen, queue = self._survey()
        self._note_hopeless(newest, {work.product_id for work in queue})
        run, left, given_up = self._work_off(seen, queue)
        if not left and not given_up:
            self._note_hopeless(newest, set())
        run._close()
        self.env["ir.cron"]._commit_progress(remaining=left)

    @api.model
    def _work_off(self, seen, queue):
        """Go through the queue; return the run, how many moves are left and whether some were given up."""
        run, budget, given_up = self.browse(), FIRST_BUDGET, False
        while queue:
            batch = self._take_batch(queue, budget)
            began = time.monotonic()
            again, tally = self._try_step(batch, budget)
            seconds = time.monotonic() - began
            given_up = given_up or (not again and any(work.tries >= PATIENCE for work in batch))
            queue += again
            run = run._note_step(seen, tally, seconds)
            if again and not tally["moves"]:
                time.sleep(PAUSE)  # somebody else is at it; he is about to finish
            budget = self._next_budget(budget, tally["moves"], seconds)
            left = sum(work.moves for work in queue)
            if not self.env["ir.cron"]._commit_progress(tally["moves"], remaining=left):
                return run, left, given_up  # others want to run, too; the rest comes next, at once
        return run, 0, given_up

    @api.model
    def _next_budget(self, budget, moves, seconds):
        if not moves:
            return budget
        return max(
            SMALLEST_BUDGET, min(LARGEST_BUDGET, 2 * budget, int(moves * STEP_SECONDS / max(seconds, 0.01)))
        )

    @api.model
    def _take_batch(self, queue, budget):
        """Take so many products from the front of the queue that about ``budget`` moves are served."""
        batch, winners, moves = [], 0, 0
        while queue and (not batch or (winners < budget and moves < 20 * budget)):
            if batch and queue[0].tries:
                break
            work = queue.pop(0)
            batch.append(work)
            winners += work.winners
            moves += work.moves
            if work.tries:
                break
        return batch

    @api.model
    def _try_step(self, batch, budget):
        """Serve a batch; return what has to be tried again, and the tally of what was done."""
        nothing = {"moves": 0, "served": 0, "partly": 0, "notes": []}
        try:
            return self._step(batch, budget)
        except CONCURRENCY:
            self.env.cr.rollback()
            return self._again(batch), nothing
        except Exception as error:
            self.env.cr.rollback()
            if len(batch) > 1:  # each alone: one bad product must not stop the others
                return [Work(w.product_id, w.moves, w.winners, w.tries + 1) for w in batch], nothing
            _logger.exception("Allocation of product %s failed", batch[0].product_id)
            product = self.env["product.product"].browse(batch[0].product_id)
            return [], {**nothing, "notes": [f"{product.display_name}: {error}"]}

    @api.model
    def _again(self, batch):
        """Those to be tried again; whose stock is held for too long waits for the next run."""
        again = [Work(work.product_id, work.moves, work.winners, work.tries + 1) for work in batch]
        given_up = [work for work in again if work.tries > PATIENCE]
        if given_up:
            self.env["stock.move"]._wake_allocator()
        return [work for work in again if work.tries <= PATIENCE]

    # ---------------------------------------------------------------- one step
    @api.model
    def _step(self, batch, budget):
        by_id = {work.product_id: work for work in batch}
        products = self.env["product.product"].browse(by_id)
        locked = self._lock(products)
        busy = self._again([by_id[product.id] for product in products - locked])
        tally = {"moves": 0, "served": 0, "partly": 0, "notes": []}
        limit = budget if any(work.winners > budget for work in batch) else None
        unlucky = set()
        for _round in range(5):
            facts = AllocationFacts(self.env, locked.ids, limit=limit, without=unlucky)
            failed = self._serve(facts, tally)
            if not failed:
                break
            # Odoo gave them nothing though something is free: it is not for them. It is for the next.
            unlucky |= failed
        if limit and tally["moves"] >= limit and locked:
            busy = [Work(w.product_id, w.moves, max(w.winners - limit, 1)) for w in batch] + busy
        self.env.flush_all()
        return busy, tally

    @api.model
    def _lock(self, products):
        locations = self.env["stock.location"].search([("usage", "in", RESERVABLE_USAGES)])
        return self.env["stock.quant"]._lock_for_reservation(products, locations, wait=False)

    @api.model
    def _serve(self, facts, tally):
        """Decide and carry out; return the moves that should have got something and did not."""
        beside = self.env["product.product"].browse(facts.partner_ids)
        unlocked = frozenset((beside - self._lock(beside)).ids)
        outcomes = facts.decide(unavailable=unlocked)
        mine = {
            move_id: outcome
            for move_id, outcome in outcomes.items()
            if outcome.demand.product_id in facts.product_ids or outcome.demand.group is not None
        }
        winners = self.env["stock.move"].browse(id_ for id_, outcome in mine.items() if outcome.served)
        before = {move.id: move.quantity for move in winners}
        self.env["stock.move"]._carry_out(facts, mine)
        failed = {move.id for move in winners if not move.quantity > before[move.id]}
        codes = [mine[id_].code for id_ in before.keys() - failed]
        tally["moves"] += len(codes)
        tally["served"] += codes.count(Code.SERVED)
        tally["partly"] += codes.count(Code.PARTLY)
        return failed

    # ---------------------------------------------------------------- what there is to do
    @api.model
    def _survey(self):
        """Return how many moves wait, and the products of which something is free for them."""
        flush_facts(self.env)
        waiting = self.env["stock.move"]._search(candidates(self.env), bypass_access=True).subselect()
        self.env.cr.execute(
            SQL(
                """
                WITH waiting AS (
                    SELECT m.product_id, m.location_id, l.parent_path, min(r.rank) AS rank, count(*) AS moves,
                           sum(m.product_qty - COALESCE(m.quantity, 0)) AS need
                      FROM stock_move m JOIN stock_location l ON l.id = m.location_id %(rank)s
                     WHERE m.id IN %(waiting)s
                       AND NOT EXISTS (SELECT FROM stock_move_move_rel c WHERE c.move_dest_id = m.id)
                     GROUP BY m.product_id, m.location_id, l.parent_path
                ), free AS (%(free)s)
                SELECT w.product_id, min(w.rank), sum(w.moves)::int,
                       ceil(sum(w.moves * least(1, COALESCE(f.free, 0) / greatest(w.need, 0.000001))))::int,
                       bool_or(f.free > 0)
                  FROM waiting w LEFT JOIN free f USING (product_id, location_id)
                 GROUP BY w.product_id ORDER BY 2
                """,
                rank=RANK_SOURCE,
                waiting=waiting,
                free=free_below("waiting"),
            )
        )
        rows = self.env.cr.fetchall()
        queue = [Work(product_id, moves, winners) for product_id, _rank, moves, winners, free in rows if free]
        return sum(row[2] for row in rows), queue

    @api.model
    def _note_hopeless(self, newest, product_ids):
        """Moves that were there when the run began and that nothing is free for have been looked at, too."""
        domain = [
            ("reservation_pending", "=", True),
            ("id", "<=", newest),
            ("product_id", "not in", list(product_ids)),
        ]
        Move = self.env["stock.move"]
        while moves := Move.search(domain, limit=NOTED_AT_ONCE, order="id"):
            try:
                moves.write({"reservation_pending": False, "reservation_code": Code.SHORT.value})
                self.env["ir.cron"]._commit_progress(len(moves), remaining=1)
            except CONCURRENCY:
                self.env.cr.rollback()
                return

    # ---------------------------------------------------------------- figures
    @api.model
    def _close_interrupted(self):
        self.search([("state", "=", "running")]).write({"state": "interrupted"})

    def _note_step(self, seen, tally, seconds):
        """Add a step to the run's figures. A run that has done nothing leaves no record."""
        if not (self or tally["moves"] or tally["notes"]):
            return self
        run = self or self.create({"seen_count": seen})
        run.write(
            {
                "served_count": run.served_count + tally["served"],
                "partly_count": run.partly_count + tally["partly"],
                "short_count": seen - run.served_count - run.partly_count - tally["served"] - tally["partly"],
                "step_count": run.step_count + 1,
                "seconds": run.seconds + seconds,
                "longest_step": max(run.longest_step, seconds),
                "note": "\n".join(filter(None, [run.note or "", *tally["notes"]])) or False,
                "ended_at": fields.Datetime.now(),
            }
        )
        return run

    def _close(self):
        self.write({"state": "done"})

    @api.autovacuum
    def _gc_runs(self):
        """Runs are kept for a month."""
        month_ago = fields.Datetime.subtract(fields.Datetime.now(), days=30)
        self.search([("started_at", "<", month_ago)]).unlink()
