"""What an allocation is decided on, read from the database in a few queries."""

from typing import NamedTuple

from odoo.fields import Domain
from odoo.tools import SQL

from ..engine.allocation import Demand, Group, Supply, allocate
from .inside import ALLOCATOR
from .sale_order_review import HELD_STATES
from .stock_quant import RESERVABLE_USAGES

# Goes before every rank there is: a person has let the move jump the queue.
FIRST = ""
NO_KIND = (0, 0, 0)
OPEN_STATES = ("confirmed", "partially_available")
# Transfers shipped complete bring other products with them, and those other transfers: so many at most.
PRODUCTS_BESIDE = 100

# Who goes first: urgency class, due, ordered, number. Of an order it is frozen with the approval (orders
# older than this addon have none); a star on the transfer makes it urgent. Goods held for an order that was
# handed in are served as the order will be; those for a quotation nobody has answered yet after all orders
# ("1q" sorts behind "1" and a year). What serves no order and only fills another shelf comes last. A promised
# line is due when its goods have to be there, not when the order is to arrive: served by arrival, whoever
# lives far away, or waits for another line as well, would lose the very goods he was promised to others whose
# promise rests on the next receipt.
RANK_SOURCE = SQL("""
    LEFT JOIN sale_order_line sl ON sl.id = COALESCE(m.sale_line_id, m.hold_line_id)
    LEFT JOIN sale_order o ON o.id = sl.order_id
    LEFT JOIN stock_picking_type pt ON pt.id = m.picking_type_id
    CROSS JOIN LATERAL (
        SELECT CASE WHEN m.hold_line_id IS NOT NULL AND o.submitted_at IS NULL THEN '1q' ELSE '' END ||
               CASE WHEN o.id IS NOT NULL THEN COALESCE(o.allocation_rank,
                   CASE WHEN o.urgency = 'urgent' THEN '0' ELSE '1' END
                   || to_char(COALESCE(o.requested_date, o.commitment_date, o.date_order),
                              'YYYYMMDDHH24MISS')
                   || to_char(o.date_order, 'YYYYMMDDHH24MISS') || lpad(o.id::text, 10, '0'))
               ELSE CASE WHEN pt.code = 'internal' THEN '2' ELSE '1' END
                   || to_char(COALESCE(m.date_deadline, m.date), 'YYYYMMDDHH24MISS')
                   || to_char(COALESCE(m.create_date, m.date), 'YYYYMMDDHH24MISS')
                   || lpad(m.id::text, 10, '0')
               END AS order_rank
    ) w
    CROSS JOIN LATERAL (
        SELECT CASE WHEN sl.ready_date IS NULL THEN order_rank
                    ELSE left(order_rank, 1) || to_char(sl.ready_date, 'YYYYMMDDHH24MISS')
                         || substr(order_rank, 16)
               END AS plain_rank
    ) p
    CROSS JOIN LATERAL (
        SELECT CASE WHEN m.reservation_asked = 'first' THEN ''
                    WHEN m.priority = '1' THEN '0' || substr(plain_rank, 2) ELSE plain_rank END AS rank
    ) r
""")
FLUSH = {
    "stock.move": """state priority product_id product_qty product_uom product_uom_qty quantity location_id
        location_dest_id picking_id picking_type_id sale_line_id company_id restrict_partner_id date
        date_deadline reservation_date reservation_pending reservation_code reservation_asked
        released_by_hand procure_method picked hold_line_id hold_until""",
    "stock.move.line": "quantity move_id",
    "stock.quant": "quantity reserved_quantity location_id lot_id package_id owner_id in_date",
    "stock.picking": "move_type",
    "stock.picking.type": "code reservation_method",
    "sale.order": """allocation_rank urgency requested_date commitment_date date_order review_state state
        submitted_at""",
    "sale.order.line": "order_id promise_code ready_date",
    "product.template": "uom_id tracking categ_id is_storable",
    "res.company": "reservation_mode complete_order_patience promise_mode",
}


class Row(NamedTuple):
    """A candidate as the database has it."""

    move_id: int
    rank: str
    product_id: int
    path: str
    need: float
    transfer_id: int | None
    collects: bool
    plain: bool
    pending: bool
    code: str | None
    asked: str | None
    cut: bool  # there are more of its product than were read


def flush_facts(env):
    for model, names in FLUSH.items():
        env[model].flush_model(names.split())


def candidates(env):
    """Return the domain of the moves the allocator serves.

    Those of Odoo's scheduler, in companies that reserve by rank; never what follows another move (it gets
    what that one brings), nor what a person has released and wants to stay so.
    """
    allocator = env["stock.rule"].with_context(for_allocation=ALLOCATOR)
    order = "sale_line_id.order_id"
    held = Domain("company_id.review_mode", "=", "enforce") & (
        Domain(f"{order}.review_state", "in", HELD_STATES)
        | Domain(f"{order}.state", "in", ("draft", "sent", "cancel"))
    )
    asked = Domain("reservation_asked", "!=", False) & Domain("state", "in", OPEN_STATES)
    return (
        (Domain(allocator._get_moves_to_assign_domain(False)) | asked)
        & Domain("company_id.reservation_mode", "!=", "odoo")
        & Domain("procure_method", "=", "make_to_stock")
        & Domain("picked", "=", False)
        & Domain("released_by_hand", "=", False)
        & Domain("location_id.usage", "in", RESERVABLE_USAGES)
        & Domain("product_id.is_storable", "=", True)
        & (Domain("hold_until", "=", False) | Domain("hold_until", ">", "now"))
        & ~held
    )


class AllocationFacts:
    """The candidates for some products and what is free of them.

    ``explicit`` moves are looked at whether the allocator would or not; ``jump`` puts them first, ``collect``
    lets them take what is there although their transfer is shipped complete, ``only_before`` leaves out
    those after them. ``limit``: so many candidates of each product, the first in rank; ``without`` are left
    out. Transfers that are shipped complete bring the other products they wait for with them.
    """

    def __init__(
        self,
        env,
        product_ids,
        *,
        explicit=(),
        jump=False,
        collect=False,
        only_before=False,
        limit=None,
        without=(),
    ):
        # su: ids and numbers only; who gets what must not depend on what the user may see of the others
        self.env = env(su=True)
        self.explicit = frozenset(explicit)
        self.jump, self.collect, self.only_before, self.limit = jump, collect, only_before, limit
        self.without = list(without)
        self.scale = 10 ** env["decimal.precision"].precision_get("Product Unit")
        self.product_ids = set(product_ids)
        self.rows, self.transfers, self.partner_ids = {}, set(), set()
        flush_facts(self.env)
        self._read_all()
        self.cut_ids = {row.product_id for row in self.rows.values() if row.cut}
        self.quants = self._read_quants()

    def _read_all(self):
        wanted = self.product_ids
        while wanted and len(self.partner_ids) < PRODUCTS_BESIDE:
            read = {row.move_id: row for row in self._read_candidates(wanted)}
            self.rows.update(read)
            self.transfers |= {
                row.transfer_id for row in read.values() if row.transfer_id and not self._collects(row)
            }
            wanted = self._products_beside()
            self.partner_ids |= wanted

    def decide(self, unavailable=frozenset()):
        """Return ``{move id: Outcome}``; nothing of the ``unavailable`` products is given to anybody."""
        supplies = [supply for supply in self.quants if supply.product_id not in unavailable]
        return allocate(self._demands(), supplies, self._groups())

    # ---------------------------------------------------------------- what the engine gets
    def _collects(self, row):
        return row.collects or bool(row.asked) or (self.collect and row.move_id in self.explicit)

    def _demands(self):
        return [
            Demand(
                row.move_id,
                FIRST if self.jump and row.move_id in self.explicit else row.rank,
                row.product_id,
                _place(row.path),
                round(row.need * self.scale),
                row.transfer_id if row.transfer_id in self.transfers else None,
            )
            for row in self.rows.values()
            if round(row.need * self.scale) > 0
        ]

    def _groups(self):
        if not self.transfers:
            return {}
        self.env.cr.execute(
            """SELECT picking_id FROM stock_move
                WHERE picking_id = ANY(%s)
                  AND state IN ('draft', 'waiting', 'confirmed', 'partially_available')
                  AND id != ALL(%s) GROUP BY picking_id""",
            [list(self.transfers), list(self.rows)],
        )
        incomplete = {picking_id for (picking_id,) in self.env.cr.fetchall()}
        return {id_: Group(incomplete=id_ in incomplete) for id_ in self.transfers}

    # ---------------------------------------------------------------- reading
    def _products_beside(self):
        """Return the other products that transfers shipped complete wait for."""
        if not self.transfers:
            return set()
        self.env.cr.execute(
            """SELECT DISTINCT product_id FROM stock_move
                WHERE picking_id = ANY(%s) AND state IN ('confirmed', 'partially_available')
                  AND product_id != ALL(%s)""",
            [list(self.transfers), list(self.product_ids | self.partner_ids)],
        )
        return {product_id for (product_id,) in self.env.cr.fetchall()}

    def own_partner_ids(self):
        """Return the other products that the explicit moves' own transfers wait for."""
        own = {row.transfer_id for row in self.rows.values() if row.move_id in self.explicit} & self.transfers
        return {row.product_id for row in self.rows.values() if row.transfer_id in own} - self.product_ids

    def _read_candidates(self, product_ids):
        """Read the candidates in rank order, as far as there is something free for them.

        Where those before a move at the same place want all that is free there, it cannot get anything, and
        nothing is lost by not looking at it: an order's cost does not grow with those that wait. What is
        shipped complete is not counted: it may be held back. Not so where its date was promised: what others
        took meanwhile would be missing on that day, for they were promised what comes in after it.
        """
        domain = candidates(self.env) & Domain("product_id", "in", list(product_ids))
        wanted = self.env["stock.move"]._search(domain, bypass_access=True).subselect()
        self.env.cr.execute(
            SQL(
                """
                WITH waiting AS (%(rows)s), places AS (
                    SELECT DISTINCT product_id, location_id, parent_path FROM waiting
                ), free AS (%(free)s), queue AS (
                    SELECT waiting.*, transfer IS NULL OR collects AS counts, COALESCE(f.free, 0) AS free,
                           COALESCE(sum(CASE WHEN transfer IS NULL OR collects THEN need ELSE 0 END)
                               OVER (PARTITION BY product_id, location_id ORDER BY rank, id
                                     ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS ahead
                      FROM waiting LEFT JOIN free f USING (product_id, location_id)
                ), numbered AS (
                    SELECT *, count(*) FILTER (WHERE counts) OVER (PARTITION BY product_id ORDER BY rank, id)
                                  AS position,
                           count(*) FILTER (WHERE counts) OVER (PARTITION BY product_id) AS total
                      FROM queue WHERE ahead < free OR id = ANY(%(explicit)s)
                )
                SELECT id, rank, product_id, parent_path, need, transfer, collects, plain,
                       reservation_pending, reservation_code, reservation_asked,
                       COALESCE(total > %(limit)s::int, FALSE)
                  FROM numbered
                 WHERE (%(limit)s::int IS NULL OR position <= %(limit)s OR id = ANY(%(explicit)s))
                   AND (NOT %(only_before)s OR (rank, id) <= %(last)s)
                """,
                rows=self._rows(product_ids, wanted),
                explicit=list(self.explicit),
                free=free_below("places"),
                limit=self.limit,
                only_before=self.only_before,
                last=self._last(),
            )
        )
        return [Row(*values) for values in self.env.cr.fetchall()]

    def _last(self):
        """Return the place in the queue of the last explicit move."""
        known = [(row.rank, row.move_id) for row in self.rows.values() if row.move_id in self.explicit]
        if known:
            return SQL("(%s, %s)", *max(known))
        return SQL(
            "(SELECT rank, id FROM waiting WHERE id = ANY(%s) ORDER BY rank DESC, id DESC LIMIT 1)",
            list(self.explicit),
        )

    def _rows(self, product_ids, wanted):
        return SQL(
            """
            SELECT m.id, r.rank, m.product_id, m.location_id, l.parent_path,
                   m.product_qty * (m.product_uom_qty - COALESCE(m.quantity, 0))
                       / NULLIF(m.product_uom_qty, 0) AS need,
                   CASE WHEN k.move_type = 'one' THEN k.id END AS transfer,
                   m.reservation_asked IS NOT NULL
                       OR (c.promise_mode = 'promise' AND sl.promise_code IS NOT NULL)
                       OR COALESCE(o.date_order, m.create_date) + c.complete_order_patience * interval '1 day'
                          <= clock_timestamp() AT TIME ZONE 'UTC' AS collects,
                   k.id IS NOT NULL AND pt.code IN ('outgoing', 'internal') AND m.product_uom = t.uom_id
                       AND t.tracking = 'none' AND m.restrict_partner_id IS NULL
                       AND g.packaging_reserve_method IS DISTINCT FROM 'full'
                       AND NOT EXISTS (SELECT FROM stock_move_line ml WHERE ml.move_id = m.id) AS plain,
                   COALESCE(m.reservation_pending, FALSE) AS reservation_pending,
                   m.reservation_code, m.reservation_asked
              FROM stock_move m
              JOIN stock_location l ON l.id = m.location_id
              JOIN product_product pp ON pp.id = m.product_id
              JOIN product_template t ON t.id = pp.product_tmpl_id
              LEFT JOIN product_category g ON g.id = t.categ_id
              JOIN res_company c ON c.id = m.company_id
              LEFT JOIN stock_picking k ON k.id = m.picking_id
              %(rank)s
             WHERE (m.id IN %(wanted)s OR m.id = ANY(%(explicit)s))
               AND m.product_id = ANY(%(products)s) AND m.id != ALL(%(without)s)
               AND NOT EXISTS (SELECT FROM stock_move_move_rel chain WHERE chain.move_dest_id = m.id)
            """,
            rank=RANK_SOURCE,
            wanted=wanted,
            explicit=list(self.explicit),
            products=list(product_ids),
            without=self.without,
        )

    def _read_quants(self):
        product_ids = list({row.product_id for row in self.rows.values()})
        # What was released while somebody else held the stock is a quant of its own, without a quantity.
        self.env.cr.execute(
            """SELECT q.id, q.product_id, l.parent_path, COALESCE(q.quantity, 0) - q.reserved_quantity,
                      COALESCE(q.lot_id, 0), COALESCE(q.package_id, 0), COALESCE(q.owner_id, 0)
                 FROM stock_quant q JOIN stock_location l ON l.id = q.location_id
                WHERE q.product_id = ANY(%s) AND l.usage = ANY(%s)
                ORDER BY q.in_date, q.id""",
            [product_ids, list(RESERVABLE_USAGES)],
        )
        return [
            Supply(quant_id, product_id, _place(path), round((free or 0) * self.scale), tuple(kind))
            for quant_id, product_id, path, free, *kind in self.env.cr.fetchall()
        ]

    # ---------------------------------------------------------------- which lane
    def plain_products(self):
        """Return those of which no quant has a lot, a package or an owner."""
        special = {supply.product_id for supply in self.quants if supply.kind != NO_KIND}
        return {row.product_id for row in self.rows.values()} - special


def _place(path):
    return tuple(map(int, path.rstrip("/").split("/")))


def free_below(places):
    """Return the SQL of what is free at each of these places and below, at most: holes are not counted.

    ``places`` is a part of the query with product_id, location_id and parent_path. What was released while
    somebody else held the stock is a quant of its own, without a quantity.
    """
    return SQL(
        """
        SELECT p.product_id, p.location_id, sum(COALESCE(q.quantity, 0) - q.reserved_quantity) AS free
          FROM %s p
          JOIN stock_quant q ON q.product_id = p.product_id AND COALESCE(q.quantity, 0) > q.reserved_quantity
          JOIN stock_location l ON l.id = q.location_id AND l.usage = ANY(%s)
               AND l.parent_path LIKE p.parent_path || '%%'
         GROUP BY p.product_id, p.location_id
        """,
        SQL.identifier(places),
        list(RESERVABLE_USAGES),
    )


def ranks(env, move_ids):
    """Return ``{move id: rank}``; the smaller goes first."""
    flush_facts(env)
    env.cr.execute(
        SQL(
            "SELECT m.id, r.rank || lpad(m.id::text, 10, '0') FROM stock_move m %s WHERE m.id = ANY(%s)",
            RANK_SOURCE,
            list(move_ids),
        )
    )
    return dict(env.cr.fetchall())


def queue_positions(env, product_ids):
    """Return ``{move id: place}`` of all that wait for these products, the first being 1."""
    if not product_ids:
        return {}
    env = env(su=True)  # places in a queue: the others are counted, not shown
    flush_facts(env)
    waiting = env["stock.move"]._search(
        candidates(env) & Domain("product_id", "in", list(product_ids)), bypass_access=True
    )
    env.cr.execute(
        SQL(
            "SELECT m.id, row_number() OVER (PARTITION BY m.product_id ORDER BY r.rank, m.id)"
            " FROM stock_move m %s WHERE m.id IN %s",
            RANK_SOURCE,
            waiting.subselect(),
        )
    )
    return dict(env.cr.fetchall())
