import logging
import time
from dataclasses import dataclass, replace

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
    tries: int = 0  # how often somebody else had it
    limit: int | None = None  # so many moves at a time, for among them is one that fails
    without: frozenset = frozenset()  # these are left out, having failed


@dataclass(slots=True)
class Tally:
    """What a step has done."""

    served: int = 0
    partly: int = 0
    notes: tuple = ()

    @property
    def moves(self):
        return self.served + self.partly


class CarryOutError(Exception):
    """Reserving failed for one of these moves."""

    def __init__(self, move_ids):
        super().__init__()
        self.move_ids = move_ids


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
        pending = self._pending_ids()
        seen, queue, nothing_free = self._survey()
        self._note_seen(pending, nothing_free, Code.SHORT.value)
        run, left, given_up = self._work_off(seen, queue)
        if not left:
            self._note_seen(pending, None, False, besides=given_up)
        run._close()
        self.env["ir.cron"]._commit_progress(remaining=left)

    @api.model
    def _work_off(self, seen, queue):
        """Go through the queue; return the run, how many moves are left and the products given up."""
        run, budget, given_up = self.browse(), FIRST_BUDGET, set()
        while queue:
            batch = self._take_batch(queue, budget)
            began = time.monotonic()
            again, tally = self._try_step(batch, budget)
            seconds = time.monotonic() - began
            given_up |= {work.product_id for work in again if work.tries > PATIENCE}
            queue += [work for work in again if work.tries <= PATIENCE]
            run = run._note_step(seen, tally, seconds)
            budget = self._next_budget(budget, tally.moves, seconds)
            left = sum(work.moves for work in queue)
            if not self.env["ir.cron"]._commit_progress(tally.moves, remaining=left):
                return run, left, given_up  # others want to run, too; the rest comes next, at once
            if again and not tally.moves:
                time.sleep(PAUSE)  # somebody else is at it; he is about to finish
        return run, 0, given_up

    @api.model
    def _next_budget(self, budget, moves, seconds):
        if not moves:
            return budget
        affordable = int(moves * STEP_SECONDS / max(seconds, 0.01))
        return max(SMALLEST_BUDGET, min(LARGEST_BUDGET, 2 * budget, affordable))

    @api.model
    def _take_batch(self, queue, budget):
        """Take so many products from the front of the queue that about ``budget`` moves are served.

        What has to be handled with care is taken alone.
        """
        batch, winners, moves = [], 0, 0
        while queue and (not batch or (winners < budget and moves < 20 * budget)):
            careful = queue[0].tries or queue[0].limit or queue[0].without
            if batch and careful:
                break
            work = queue.pop(0)
            batch.append(work)
            winners += work.winners
            moves += work.moves
            if careful:
                break
        return batch

    @api.model
    def _try_step(self, batch, budget):
        """Serve a batch; return what has to be tried again, and the tally of what was done."""
        try:
            return self._step(batch, budget)
        except CONCURRENCY:
            self.env.cr.rollback()
            return [replace(work, tries=work.tries + 1) for work in batch], Tally()
        except Exception as error:
            self.env.cr.rollback()
            return self._after_failure(batch, budget, error)

    @api.model
    def _after_failure(self, batch, budget, error):
        """Close in on what fails: each product alone, then ever fewer of its moves, then without that one."""
        if len(batch) > 1:
            return [replace(work, limit=budget) for work in batch], Tally()
        work, cause = batch[0], error.__cause__ or error
        failing = error.move_ids if isinstance(error, CarryOutError) else ()
        if len(failing) > 1:
            return [replace(work, limit=max(len(failing) // 2, 1))], Tally()
        move = self.env["stock.move"].browse(failing)
        what = f"{move.picking_id.name or ''} {move.product_id.display_name or ''}".strip()
        _logger.error("Reserving failed for %s", what or work.product_id, exc_info=cause)
        tally = Tally(
            notes=(f"{what or self.env['product.product'].browse(work.product_id).display_name}: {cause}",)
        )
        return ([replace(work, limit=budget, without=work.without | set(failing))] if failing else []), tally

    # ---------------------------------------------------------------- one step
    @api.model
    def _step(self, batch, budget):
        by_id = {work.product_id: work for work in batch}
        products = self.env["product.product"].browse(by_id)
        locked = self._lock(products)
        again = [
            replace(by_id[product.id], tries=by_id[product.id].tries + 1) for product in products - locked
        ]
        tally = Tally()
        if not locked:
            return again, tally
        limits = [work.limit for work in batch if work.limit]
        limit = min(limits, default=budget if any(work.winners > budget for work in batch) else None)
        unfit = frozenset().union(*(work.without for work in batch))
        deadline = time.monotonic() + STEP_SECONDS
        while True:
            facts = AllocationFacts(self.env, locked.ids, limit=limit, without=unfit)
            failed, blocked = self._serve(facts, tally)
            unfit |= failed
            # Odoo gave them nothing though something is free: it is not for them. It is for the next.
            if not failed or time.monotonic() > deadline:
                break
        rest = facts.cut_ids if tally.moves or failed else set()
        for product_id in (rest | (facts.product_ids if failed else set())) & by_id.keys():
            work = by_id[product_id]
            again.append(replace(work, tries=0, limit=work.limit and 2 * work.limit, without=unfit))
        again += [replace(by_id[id_], tries=by_id[id_].tries + 1) for id_ in blocked & by_id.keys() - rest]
        self.env.cr.flush()  # what other addons do before a commit belongs to the step
        return again, tally

    @api.model
    def _lock(self, products):
        # Locations without a company belong to all of them.
        domain = [
            ("usage", "in", RESERVABLE_USAGES),
            *("|", ("company_id", "=", False), ("company_id.reservation_mode", "!=", "odoo")),
        ]
        locations = self.env["stock.location"].search(domain)
        return self.env["stock.quant"]._lock_for_reservation(products, locations, wait=False)

    @api.model
    def _serve(self, facts, tally):
        """Decide and carry out.

        Return the moves that should have got something and did not, and the products to look at again
        because what a transfer shipped complete needs besides is in somebody else's hands.
        """
        beside = self.env["product.product"].browse(facts.partner_ids)
        unlocked = frozenset((beside - self._lock(beside)).ids) if beside else frozenset()
        outcomes = facts.decide(unavailable=unlocked)
        mine = {
            move_id: outcome
            for move_id, outcome in outcomes.items()
            if outcome.demand.product_id in facts.product_ids or outcome.demand.group is not None
        }
        try:
            failed = self.env["stock.move"]._carry_out(facts, mine)
            self.env.flush_all()
        except CONCURRENCY:
            raise
        except Exception as error:
            raise CarryOutError([id_ for id_, outcome in mine.items() if outcome.served]) from error
        codes = [outcome.code for id_, outcome in mine.items() if outcome.served and id_ not in failed]
        tally.served += codes.count(Code.SERVED)
        tally.partly += codes.count(Code.PARTLY)
        return failed, facts.product_ids if unlocked else set()

    # ---------------------------------------------------------------- what there is to do
    @api.model
    def _survey(self):
        """Return how many moves wait, the products of which something is free, and those nothing is of."""
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
        return sum(row[2] for row in rows), queue, {row[0] for row in rows if not row[4]}

    @api.model
    def _pending_ids(self):
        """Return the moves that wait for being looked at now; what comes meanwhile waits for the next run."""
        return self.env["stock.move"].search([("reservation_pending", "=", True)], order="id").ids

    @api.model
    def _note_seen(self, pending, product_ids, code, besides=()):
        """Note of moves that were pending that they have been looked at.

        Those of these products (None: of all, besides some), of which nothing is free.
        """
        among = (
            ("product_id", "in", list(product_ids))
            if product_ids is not None
            else ("product_id", "not in", list(besides))
        )
        for start in range(0, len(pending), NOTED_AT_ONCE):
            some = pending[start : start + NOTED_AT_ONCE]
            domain = [("id", "in", some), ("reservation_pending", "=", True), among]
            moves = self.env["stock.move"].search(domain)
            if not moves:
                continue
            vals = {"reservation_pending": False, "reservation_asked": False}
            try:
                moves.write({**vals, "reservation_code": code} if code else vals)
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
        if not (self or tally.moves or tally.notes):
            return self
        run = self or self.create({"seen_count": seen})
        served, partly = run.served_count + tally.served, run.partly_count + tally.partly
        run.write(
            {
                "served_count": served,
                "partly_count": partly,
                "short_count": max(seen - served - partly, 0),  # some have come since they were counted
                "step_count": run.step_count + 1,
                "seconds": run.seconds + seconds,
                "longest_step": max(run.longest_step, seconds),
                "note": "\n".join(filter(None, [run.note or "", *tally.notes])) or False,
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
