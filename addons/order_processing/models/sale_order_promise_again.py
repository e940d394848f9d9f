from datetime import datetime

from odoo import fields, models
from odoo.tools import SQL

from ..engine.promise import Code, Expected
from .inside import PROMISING
from .promise_facts import OPEN_STATES, PromiseFacts, line_waits
from .promise_ways import STRAIGHT, Ways
from .sale_order_promise import MARK

# What decides how long an order is on its way, and whether its lines travel together.
WAY = frozenset({"partner_shipping_id", "carrier_id", "picking_policy"})


class SaleOrder(models.Model):
    """Looking at promised dates again when something has moved."""

    _inherit = "sale.order"

    def write(self, vals):
        by_hand = "commitment_date" in vals and self.env.context.get(MARK) is not PROMISING
        before = {order.id: order.commitment_date for order in self} if by_hand else {}
        on_the_way = {order.id: [order[name] for name in WAY] for order in self} if WAY & vals.keys() else {}
        result = super().write(vals)
        if by_hand:
            self.filtered(lambda o: o.commitment_date != before[o.id])._follow_date_set_by_hand()
        if on_the_way:
            moved = self.filtered(lambda o: [o[name] for name in WAY] != on_the_way[o.id])
            moved._promise_again("line_changed")
        return result

    def _follow_date_set_by_hand(self):
        """Somebody has set another delivery date: that is what is promised now."""
        # sudo: guarded fields; who may write the delivery date sets the promise
        orders = self.sudo().filtered(lambda order: order._is_promised() and order.company_id._promises())
        if not orders:
            return
        source = (self.env.user._name, self.env.user.id, self.env.user.name)
        dated = orders.filtered("commitment_date")
        dated._promise_by_hand()
        dated._take_dates_of_lines("by_hand", {order.id: ("by_hand", *source) for order in dated})
        (orders - dated)._promise_again("by_hand", self.env.user)

    def _change_rank(self, before):
        # The customer wants it on another day: the date follows before the place in the queue does.
        self._promise_again("line_changed")
        return super()._change_rank(before)

    def _promise_again(self, code, source=None):
        """Look at the dates of these orders again; keep and tell what has moved, because of ``code``."""
        # sudo: guarded fields; what is promised follows from what happens to the order and the stock
        orders = self.sudo().filtered(
            lambda order: order.state == "sale" and order.company_id._promises() and order._is_promised()
        )
        if not orders:
            return
        orders._promise_lines(orders.order_line)  # what has been added since
        cause = (code, source._name, source.id, source.display_name) if source else (code, *[False] * 3)
        orders.order_line._look_again(lambda _line: cause, freely=code in ("line_changed", "by_hand"))
        # Nothing waits any more for what was late: the order's date is that of the others.
        due = orders.filtered(lambda order: order._days_between(order.promise_date, order._promised_date()))
        due._take_dates_of_lines(code, {order.id: cause for order in due})

    def _tell_without_date(self):
        """Tell those, once, whose order nobody could give a date to begin with."""
        undated = self.filtered(lambda order: not order.promise_date and order.state == "sale")
        domain = [("order_id", "in", undated.ids), ("kind", "=", "first"), ("told_at", "=", False)]
        rows = self.env["order.promise"].search(domain)
        rows.order_id._tell_promises(rows)


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _look_again(self, cause_of, freely=False):
        """Work out when these lines will be there now; return the rows of the ledger that came of it.

        ``cause_of``: a function that tells of a line the code and the document that moved it. ``freely``:
        the date may also become an earlier one than was promised first.
        """
        asked = self.filtered("promise_code")
        cause = {line.order_id.id: cause_of(line) for line in asked}
        # What is shipped in one piece waits for all of it.
        whole = asked.order_id.filtered(lambda order: order.picking_policy == "one")
        lines = asked | whole.order_line.filtered("promise_code")
        facts = lines._facts_of_moves()
        ways, expected = Ways(lines.order_id, facts.now), lines._expected(facts)
        dates, moved, causes = {}, {}, {}
        for line in lines.filtered(lambda line: line.id in expected):
            found = line._moved_date(expected[line.id], ways, freely)
            if found is None:
                continue
            if line.promise_code == "by_hand" and not freely:
                dates[line.id] = line._beside_date_by_hand(found)
                moved.setdefault(line.order_id.id, [])
                continue
            after, figures, code = found
            before, name = line.promise_date, line.product_id.display_name
            dates[line.id] = (code, after, line._needed_by(expected[line.id], ways), figures)
            moved.setdefault(line.order_id.id, []).append([line.id, name, _text(before), _text(after)])
            why = cause_of(line) if line in asked else cause[line.order_id.id]
            causes[line.order_id.id] = _said_better(why, expected[line.id])
        lines._write_promises(dates)
        self.browse(dates)._plan_transfers_anew()
        orders = self.env["sale.order"].browse(moved)
        return orders._take_dates_of_lines("looked_again", causes, moved)

    def _plan_transfers_anew(self):
        """What leaves on another day is planned for that day, as far as nobody has begun with it."""
        by_day = {}
        for line in self:
            departs = (line.promise_figures or {}).get("departs")
            for move in line.move_ids if departs else ():
                if move.state in OPEN_STATES and not move.picked and not move.move_orig_ids:
                    by_day.setdefault(min(departs, _text(line.promise_date) or departs), []).append(move.id)
        for day, ids in by_day.items():
            self.env["stock.move"].browse(ids).write({"date": day})

    def _facts_of_moves(self):
        """Read what waits, and what it waits for, wherever these lines still take goods from."""
        moves = self.env["stock.move"].search(
            [("sale_line_id", "in", self.ids), ("state", "in", OPEN_STATES)]
        )
        return PromiseFacts(self.env, moves.product_id, moves.location_id.warehouse_id)

    def _expected(self, facts):
        """Return ``{line id: Expected}``: when the last of its goods will be there."""
        own = set(self.ids)
        by_line = {id_: waits for id_, waits in line_waits(facts.waits).items() if id_ in own}
        chained = [wait.move_id for waits in by_line.values() for wait in waits if wait.chained]
        origins = self._origin_dates(chained)
        by_move = facts.forecast()
        result = self._expected_straight(facts.now)
        for line_id, waits in by_line.items():
            parts = [self._expected_part(wait, origins, by_move, facts.now) for wait in waits]
            unknown = next((part for part in parts if part.ready is None), None)
            result[line_id] = unknown or max(parts, key=lambda part: part.ready)
        return self._expected_in_one_piece(result)

    def _expected_in_one_piece(self, expected):
        """What is shipped in one piece is there when the last of it is; what has left is not waited for."""
        whole = self.filtered(lambda line: line.id in expected and line.order_id.picking_policy == "one")
        for lines in whole.grouped(lambda line: (line.order_id, line.warehouse_id)).values():
            last = max((expected[line.id] for line in lines), key=lambda e: e.ready or datetime.max)
            expected.update({line.id: last for line in lines})
        return expected

    def _expected_straight(self, now):
        """Return the same for what vendors send straight to the customer."""
        moves = self.move_ids.filtered(lambda move: move.state in OPEN_STATES and move._comes_straight())
        result = {}
        for line, some in moves.grouped("sale_line_id").items():
            last = max(some, key=lambda move: move.date)
            source = ("stock.move", last.id, last.picking_id.origin or last.picking_id.name)
            result[line.id] = Expected(max(last.date, now), Code.ON_ORDER, source)
        return result

    @staticmethod
    def _expected_part(wait, origins, by_move, now):
        if wait.need <= 0:
            return Expected(now, Code.IN_STOCK)
        if wait.chained:
            at, source = origins.get(wait.move_id, (None, None))
            if at is None:  # nothing of it is under way yet: as was promised
                return Expected(max(wait.due, now), Code.ON_ORDER)
            return Expected(max(at, now), Code.ON_ORDER, source)
        return by_move[wait.move_id]

    def _origin_dates(self, move_ids):
        """Return ``{move id: (when the last of what is made or bought for it comes, document)}``."""
        if not move_ids:
            return {}
        self.env["stock.move"].flush_model(["date", "state", "origin"])
        self.env.cr.execute(
            SQL(
                """
                WITH RECURSIVE before AS (
                    SELECT move_dest_id AS move_id, move_orig_id AS origin_id FROM stock_move_move_rel
                     WHERE move_dest_id = ANY(%s)
                    UNION
                    SELECT b.move_id, r.move_orig_id FROM before b
                      JOIN stock_move_move_rel r ON r.move_dest_id = b.origin_id
                )
                SELECT DISTINCT ON (b.move_id) b.move_id, m.date, m.id,
                       COALESCE(k.origin, m.origin, k.name, m.reference)
                  FROM before b JOIN stock_move m ON m.id = b.origin_id
                  LEFT JOIN stock_picking k ON k.id = m.picking_id
                 WHERE m.state = ANY(%s)
                 ORDER BY b.move_id, m.date DESC
                """,
                list(move_ids),
                ["draft", *OPEN_STATES],
            )
        )
        return {
            move_id: (at, ("stock.move", origin_id, name))
            for move_id, at, origin_id, name in self.env.cr.fetchall()
        }

    # ---------------------------------------------------------------- has it moved?
    def _needed_by(self, expected, ways):
        """Return when its goods have to be there, by which it is served: what is wanted later can wait."""
        if not expected.ready:
            return self.ready_date
        wanted = self.order_id._wanted_date()
        latest = wanted and ways.way(self.order_id, self.warehouse_id).latest_ready(wanted)
        return max(expected.ready, latest or expected.ready)

    def _beside_date_by_hand(self, found):
        """A date set by a person stands; beside it is kept when it could be there now."""
        figures = {**(self.promise_figures or {}), "possible": _text(found[0])}
        return "by_hand", self.promise_date, self.ready_date, figures

    def _moved_date(self, expected, ways, freely):
        """Return ``(date, figures, code)`` where the line's date is another one now, else None."""
        before, first = self.promise_date, self.first_promise_date or self.promise_date
        if self.promise_code == "by_hand" and not freely:  # what moves is when it could be there
            possible = (self.promise_figures or {}).get("possible")
            before, freely = fields.Datetime.to_datetime(possible), True
        if expected.ready is None:
            return (False, {}, Code.UNKNOWN.value) if before else None
        straight = any(move._comes_straight() for move in self.move_ids)
        way = STRAIGHT if straight else ways.way(self.order_id, self.warehouse_id)
        delivery = way.deliver(expected.ready)
        after = max(filter(None, (delivery.arrives, self.order_id._wanted_date())))
        day = self.company_id._promise_day
        later = before and day(after) > day(before)
        if later and expected.code is Code.IN_STOCK and not freely:
            return None  # its goods are set aside: what keeps them here is no matter of supply
        if before and not later and not freely:
            if day(before) <= day(first):
                return None
            after = max(after, first)  # it had slipped, and comes back, but not before what was told first
        if before and day(after) == day(before):
            return None
        figures = {"departs": _text(delivery.departs), "ready": _text(expected.ready)}
        if expected.source:
            figures["source"] = expected.source[-1]
        return after, figures, expected.code.value


def _said_better(cause, expected):
    """Nothing was moved by anybody: it is a receipt that has not come."""
    overdue = cause[0] == "looked_again" and expected.code is Code.OVERDUE and expected.source
    return ("overdue", *expected.source) if overdue else cause


def _text(moment):
    return fields.Datetime.to_string(moment) if moment else False
