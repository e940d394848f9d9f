from odoo import api, fields, models

from ..engine.promise import Code
from .inside import PROMISING
from .product_availability import availability_of
from .promise_facts import PromiseFacts
from .promise_ways import Ways

MARK = "promised_date"
# Due in the rank of an order nobody could give a date: after all that have one, until it has one itself.
NO_DATE = "99991231235959"
# What of a promise stands on the lines; the first of these stays when it is only worked out anew.
KEPT_ON_LINES = ("first_promise_date", "promise_date", "ready_date", "promise_code", "promise_figures")


class SaleOrder(models.Model):
    """The date an order is promised for: worked out, kept, and moved only with a reason."""

    _inherit = "sale.order"

    promise_date = fields.Datetime(
        "Promised for",
        copy=False,
        readonly=True,
        index="btree_not_null",
        help="When all of it will be with the customer, as things stand.",
    )
    first_promise_date = fields.Datetime(
        "First promised for",
        copy=False,
        readonly=True,
        help="The date told first. Whether we were on time is measured by it.",
    )
    promise_slip = fields.Integer(
        "Days late",
        copy=False,
        readonly=True,
        aggregator="avg",
        help="How many days the promise is later now than it was first.",
    )
    promise_at_risk = fields.Boolean(
        "At risk",
        copy=False,
        readonly=True,
        help="Nobody can say when it will be there, or a date set by hand is earlier than it can be.",
    )
    promise_ids = fields.One2many(
        "order.promise",
        "order_id",
        string="Promises",
        readonly=True,
        groups="sales_team.group_sale_salesman,stock.group_stock_user",
    )
    promise_mode = fields.Selection(related="company_id.promise_mode")
    possible_date = fields.Datetime(
        "Can be there",
        compute="_compute_possible_date",
        groups="base.group_user",
        help="When all of it can be with the customer, if it is confirmed now.",
    )

    # ---------------------------------------------------------------- shown before
    @api.depends("order_line.possible_date")
    def _compute_possible_date(self):
        for order in self:
            dates = order.order_line.filtered(lambda line: line._takes_goods()).mapped("possible_date")
            order.possible_date = max(dates) if dates and all(dates) else False

    def _possible_promises(self, lines):
        """Return ``{line: (Promise, what can be had)}`` for these lines of one order, taken together."""
        everywhere = lines.warehouse_id | self.env["stock.warehouse"].search(
            [("company_id", "=", self.company_id.id)]
        )
        facts, ways = self._promise_facts(lines, everywhere), Ways(self, fields.Datetime.now())
        questions = {line: line._question(facts, ways, self._wanted_date()) for line in lines}
        promiser = facts.promiser(_asked(questions.values()))
        had = {pool: availability_of(facts, promiser, pool) for pool in facts.stocks}
        promises = lines._in_one_piece([promiser.promise(question) for question in questions.values()])
        return {
            promise.key: (promise, promise.key._availability_note(questions[promise.key], had))
            for promise in promises
        }

    @api.model
    def _promise_facts(self, lines, warehouses=None):
        """Read what the dates of these lines rest on, in their own warehouses or in these."""
        product_ids = {product.id for line in lines for product, _quantity in line._goods_needed()}
        products = self.env["product.product"].browse(product_ids).filtered("is_storable")
        # sudo: what is held for these lines is theirs
        holds = lines._origin.sudo().hold_move_ids
        return PromiseFacts(self.env, products, warehouses or lines.warehouse_id, holds.ids)

    def _wanted_date(self):
        """Return when the customer wants it: never before that, if it can be on that day."""
        return self.requested_date or None

    # ---------------------------------------------------------------- the first promise
    def _freeze_rank(self):
        self._promise()
        return super()._freeze_rank()

    def _prepare_allocation_rank(self):
        """Due is what was promised.

        Where a customer asks for goods sooner than they can be there, going by his wish would take what
        others have been promised.
        """
        rank = super()._prepare_allocation_rank()
        if not self._is_promised() or not self.company_id._promises():
            return rank
        due = f"{self.promise_date:%Y%m%d%H%M%S}" if self.promise_date else NO_DATE
        return f"{rank[0]}{due}{rank[15:]}"

    def _promise(self):
        """Promise the orders that have no date yet, one after the other in their order of arrival."""
        # sudo: guarded fields; that a date is promised follows from the approval
        orders = self.sudo().filtered(lambda order: order.company_id._promises())
        orders._forget_stale_promises()
        for some in orders.filtered(lambda o: not o._is_promised()).grouped("company_id").values():
            some._choose_sources()
            some._promise_lines(some.order_line)

    def _is_promised(self):
        return any(line.promise_code for line in self.order_line)

    def _forget_stale_promises(self):
        """What was promised with an approval some time ago, and is confirmed only now, is promised anew."""
        now = self.env.cr.now()
        for order in self.filtered(lambda order: order.state == "sale" and order._is_promised()):
            rows = order.promise_ids.sorted("id")
            moves = order.order_line.move_ids.filtered(lambda move: move.state != "cancel")
            if not moves and rows and rows[-1].create_date < now:
                order.order_line.write(dict.fromkeys(KEPT_ON_LINES[1:], False))

    def _forget_clearance(self, state):
        """Cancelled it is at no risk any more; taken back, it is promised anew when it is confirmed again."""
        orders = self.sudo()  # sudo: guarded fields; what was promised goes with the approval
        if at_risk := orders.filtered("promise_at_risk"):
            at_risk.write({"promise_at_risk": False})
        if state == "draft" and (promised := orders.filtered(lambda order: order._is_promised())):
            promised._forget_promises()
        return super()._forget_clearance(state)

    def _forget_promises(self):
        by_hand = self.filtered(lambda o: "by_hand" in o.order_line.mapped("promise_code"))
        ours = (self - by_hand).filtered(lambda o: o.commitment_date and o.commitment_date == o.promise_date)
        if ours:
            ours.with_context(**{MARK: PROMISING}).write({"commitment_date": False})
        self.write({"promise_date": False, "first_promise_date": False, "promise_slip": 0})
        self.order_line.write(dict.fromkeys(KEPT_ON_LINES, False))

    def _choose_sources(self):
        """Choose from which warehouse each line comes, before a date is promised."""

    def _promise_lines(self, lines):
        """Promise lines that have no date; write it to them and their orders, and keep it in the ledger."""
        lines = lines.filtered(lambda line: line._takes_goods() and not line.promise_code)
        lines = lines.filtered(lambda line: line.product_uom_qty > line.qty_delivered)
        if not lines:
            return
        fresh = lines.order_id.filtered(lambda order: not order._is_promised())
        facts, ways = self._promise_facts(lines), Ways(lines.order_id, fields.Datetime.now())
        ordered = lines.sorted(lambda line: (line.order_id.urgency != "urgent", line.order_id.id, line.id))
        questions = [line._question(facts, ways, line.order_id._wanted_date()) for line in ordered]
        promiser = facts.promiser(_asked(questions))
        promises = lines._in_one_piece([promiser.promise(question) for question in questions])
        lines._write_promises(
            {p.key.id: (p.code.value, p.arrives, p.ready, p.key._promise_figures(p, facts)) for p in promises}
        )
        # Whoever is promised the same receipt at this very moment does not see us, nor we him.
        waiting = [p for p in promises if p.code not in (Code.IN_STOCK, Code.NOT_STOCKED)]
        pools = {need.pool for p in waiting for need in p.key._needs(facts) if need.pool}
        self.env["order.promise.recheck"]._note_pools(pools, "promised_twice")
        orders = lines.order_id
        orders._keep_word()
        first = fresh.filtered(lambda order: not order.promise_date)
        first._take_dates_of_lines("first")
        (orders - first)._take_dates_of_lines("line_changed")
        orders.filtered(lambda order: order.urgency == "urgent")._go_before_others(facts)

    def _go_before_others(self, facts):
        """What comes in goes to urgent orders first: others may have to wait longer than they were told."""
        for order in self:
            pools = order.order_line._pools() & facts.stocks.keys()
            self.env["order.promise.recheck"]._note_pools(pools, "urgent_order", order)

    def _keep_word(self):
        """A date set by hand before the approval is what was promised, whatever can be done."""
        self.filtered(
            lambda order: order.commitment_date
            and (not order.first_promise_date or "by_hand" in order.order_line.mapped("promise_code"))
        )._promise_by_hand()

    def _promise_by_hand(self):
        """Somebody has set the delivery date: of every line it is said beside it when it could be there."""
        text = fields.Datetime.to_string
        dates = {}
        for line in self.order_line.filtered("promise_code"):
            figures = line.promise_figures or {}
            possible = figures.get("possible") or (line.promise_date and text(line.promise_date))
            date = line.order_id.commitment_date
            dates[line.id] = ("by_hand", date, line.ready_date, {**figures, "possible": possible})
        self.order_line._write_promises(dates)

    # ---------------------------------------------------------------- the order's date follows its lines'
    def _promised_date(self):
        """Return when all of it will be there; False where of one line nobody can say."""
        lines = self.order_line.filtered(lambda line: line.promise_code and line.product_uom_qty > 0)
        dates = lines.mapped("promise_date")
        return max(dates) if dates and all(dates) else False

    def _take_dates_of_lines(self, code, causes=None, moved=None):
        """Set the orders' dates by their lines'; keep in the ledger, and tell, what is another date now.

        ``causes``: ``{order id: (code, source model, id, name)}`` where they differ; ``moved``: ``{order id:
        [[line id, product, before, after], …]}`` of lines with another date.
        """
        vals_list, dates = [], {}
        for order in self:
            after = order._promised_date()
            cause = (causes or {}).get(order.id) or (code, False, False, False)
            first = code == "first"
            vals = order._prepare_promise_vals(after, cause, (moved or {}).get(order.id), first)
            if vals:
                vals_list.append(vals)
            first = order.first_promise_date or after
            slip = order._days_between(first, after)
            dates.setdefault((after, first, slip, order._is_at_risk()), []).append(order.id)
        for values, ids in dates.items():
            self.browse(ids)._write_promise_date(*values)
        rows = self.env["order.promise"].create(vals_list)
        rows._log()
        # Who has no date from the beginning is told when his transfer stands and it is known what helps.
        self._tell_promises(rows.filtered(lambda row: row.kind != "first"))
        return rows

    def _days_between(self, one, other):
        """Return how many days later the other is, where people work; 0 where one of them is missing."""
        day = self.company_id._promise_day
        return (day(other) - day(one)).days if one and other else 0

    def _is_at_risk(self):
        return any(line._is_at_risk() for line in self.order_line if line.promise_code)

    def _write_promise_date(self, date, first, slip, at_risk):
        late_starters = self.filtered(lambda order: date and order.allocation_rank and not order.promise_date)
        vals = {
            "promise_date": date,
            "first_promise_date": first,
            "promise_slip": slip,
            "promise_at_risk": at_risk,
        }
        orders = self.with_context(**{MARK: PROMISING})
        # Odoo's own date, which deliveries follow and documents print, is ours while it is what we promised.
        ours = orders.filtered(lambda order: order.commitment_date == order.promise_date)
        orders.write(vals)
        following = orders if date else ours
        following.filtered(lambda o: o.commitment_date != date).write({"commitment_date": date})
        for order in late_starters:
            order.allocation_rank = order._prepare_allocation_rank()

    def _prepare_promise_vals(self, after, cause, moved, first):
        """Return the row of the ledger, or None where no date is another one."""
        before = self.promise_date
        slip = self._days_between(before, after)
        same = not slip and bool(before) == bool(after)
        if same and not moved and not first:
            return None  # (of dates set by hand only what is possible has moved)
        code, *source = cause
        return {
            "order_id": self.id,
            "kind": self._promise_kind(first, code, before, after, slip, moved),
            "date": after,
            "previous_date": before,
            "slip_days": slip,
            "code": code,
            "figures": {"lines": moved} if moved else False,
            "source_model": source[0],
            "source_id": source[1],
            "source_name": source[2],
        }

    @staticmethod
    def _promise_kind(first, code, before, after, slip, moved):
        if code == "by_hand":
            return "by_hand"
        if first:
            return "first"
        if code == "customer_choice":
            return "customer"
        if slip < 0 or (after and not before):
            return "earlier"
        if slip > 0 or (before and not after):
            return "later"
        return "later" if any(not new or (old and new > old) for _id, _what, old, new in moved) else "earlier"

    def _tell_promises(self, rows):
        """Tell the customer and the salesperson, once, what has moved; keep who was told."""
        news = rows.filtered(lambda row: row._is_news())
        if not news:
            return
        # What is short has to be known before the customer is asked what to do about it.
        lines = news.order_id.order_line.filtered(lambda line: line._takes_goods())
        self.env["order.shortage"]._update(lines.product_id, lines.warehouse_id)
        told = news.order_id._tell_slip(news)
        now = fields.Datetime.now()
        for to, some in news.grouped(lambda row: told.get(row.id) or False).items():
            some.write({"told_at": now, "told_to": to})


def _asked(questions):
    """Return ``{pool: quantity}`` of all these questions together."""
    asked = {}
    for question in questions:
        for pool, quantity in question.needs:
            if pool is not None:
                asked[pool] = asked.get(pool, 0) + quantity
    return asked
