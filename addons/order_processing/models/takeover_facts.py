"""What a take-over is decided on, and what a person is shown of it before."""

from datetime import datetime, timedelta

from odoo import fields

from ..engine.takeover import Coming, Other, Piece, Want, Winner, decide

EPOCH = datetime(1970, 1, 1)
# A transfer somebody works on: printed, or in a batch that has begun.
BEGUN = ("in_progress", "done")


def minutes(moment):
    return int((moment - EPOCH).total_seconds() // 60) if moment else None


class TakeoverFacts:
    """What an urgent order lacks, who has it, and when it comes again."""

    def __init__(self, order):
        # su: ids and numbers; what is shown of other orders is decided by who may take over at all
        self.order = order.sudo()
        self.env = self.order.env
        self.now = fields.Datetime.now()
        self.scale = 10 ** self.env["decimal.precision"].precision_get("Product Unit")
        self.moves = self.order.order_line.move_ids._to_allocate().filtered(
            lambda move: not move.released_by_hand
        )
        self.lines = self._find_lines()
        self.orders = {line: self._order_of(line) for line in self.lines}
        self.ranks = (self.moves | self.lines.move_id)._allocation_ranks()
        self.coming = self._find_coming()

    def decide(self):
        return decide(
            self._winner(),
            self._wants(),
            [self._piece(line) for line in self.lines],
            self._others(),
            self.coming,
        )

    # ---------------------------------------------------------------- what the engine gets
    def _units(self, quantity):
        return round(quantity * self.scale)

    def _winner(self):
        rank = max((self.ranks[move.id] for move in self.moves), default="")
        return Winner(self.order.id, self.order.company_id.id, rank, self.order.urgency == "urgent")

    def _wants(self):
        return [
            Want(move.id, move.product_id.id, _path(move.location_id), self._units(self._need(move)))
            for move in self.moves
        ]

    @staticmethod
    def _need(move):
        return move.product_uom._compute_quantity(
            move.product_uom_qty - move.quantity, move.product_id.uom_id, rounding_method="HALF-UP"
        )

    def _piece(self, line):
        sale_line = line.move_id.sale_line_id
        return Piece(
            line.id,
            line.move_id.id,
            self.orders[line].id,
            line.product_id.id,
            _path(line.location_id),
            self._units(line.quantity_product_uom),
            minutes(sale_line.ready_date),
        )

    def _others(self):
        lately = self._taken_from_lately()
        others = {}
        for order, lines in self.lines.grouped(lambda line: self.orders[line]).items():
            rank = min(self.ranks[move.id] for move in lines.move_id)
            transfers = lines.picking_id
            others[order.id] = Other(
                order.id,
                order.company_id.id,
                rank,
                urgent=order.urgency == "urgent" or rank[:1] == "0",  # a star makes a transfer urgent
                picked=any(transfers.move_line_ids.mapped("picked")),
                released=any(t.printed or t.batch_id.state in BEGUN for t in transfers),
                taken_lately=order.id in lately,
            )
        return others

    # ---------------------------------------------------------------- reading
    def _find_lines(self):
        """Return what other orders of the company have set aside of what is wanted."""
        if not self.moves:
            return self.env["stock.move.line"]
        lines = self.env["stock.move.line"].search(
            [
                ("product_id", "in", self.moves.product_id.ids),
                ("location_id", "child_of", self.moves.location_id.ids),
                ("company_id", "=", self.order.company_id.id),
                ("state", "in", ("assigned", "partially_available")),
                ("quantity_product_uom", ">", 0),
                ("result_package_id", "=", False),  # packed already
                ("move_id.move_orig_ids", "=", False),
                "|",
                ("move_id.sale_line_id", "!=", False),
                ("move_id.hold_line_id", "!=", False),
            ],
            order="id",
        )
        return lines.filtered(lambda line: self._order_of(line) != self.order)

    @staticmethod
    def _order_of(line):
        return line.move_id.sale_line_id.order_id or line.move_id.hold_line_id.order_id

    def _taken_from_lately(self):
        hours = self.order.company_id.takeover_rest_hours
        since = self.now - timedelta(hours=hours)
        lines = self.env["order.takeover.line"].search(
            [
                ("loser_order_id", "in", [order.id for order in self.orders.values()]),
                ("takeover_id.state", "=", "done"),
                ("create_date", ">", since),
            ]
        )
        return set(lines.loser_order_id.ids)

    def _find_coming(self):
        """Return when what is taken comes again: the next receipt, else what can be bought or made."""
        warehouse = self.moves.location_id.warehouse_id[:1]
        if not warehouse or not self.lines:
            return {}
        coming = {}
        available = self.lines.product_id._order_availability(warehouse, with_lead=True)
        for (product_id, _warehouse), known in available.items():
            if known.next_date:
                coming[product_id] = Coming(minutes(known.next_date), self._units(known.next_quantity))
            elif known.lead_days is not None:
                when = self.now + timedelta(days=known.lead_days)
                coming[product_id] = Coming(minutes(when), self._units(10**9))
        return coming

    # ---------------------------------------------------------------- what it does to whom
    def losses(self, decision):
        """Return what each loser loses, as plain values for the preview and for the record."""
        by_id = {line.id: line for line in self.lines}
        return [
            self._loss(by_id[take.line_id], take, decision.losers[self.orders[by_id[take.line_id]].id])
            for take in decision.takes
        ]

    def _loss(self, line, take, survives):
        order = self.orders[line]
        sale_line = line.move_id.sale_line_id or line.move_id.hold_line_id
        quantity = take.quantity / self.scale
        promise = order.promise_date or order.commitment_date
        return {
            "line": line,
            "winner_move": self.env["stock.move"].browse(take.move_id),
            "order": order,
            "quantity": quantity,
            "value": self._value(sale_line, line.product_id, quantity),
            "promise": promise,
            "expected": promise if survives else self._expected(promise, sale_line, line.product_id),
            "survives": survives,
        }

    def _value(self, sale_line, product, quantity):
        """Return what the goods are sold for, without taxes, in the company's currency.

        A part of a kit has no price of its own: it counts with what it costs.
        """
        if product != sale_line.product_id:
            return quantity * product.with_company(sale_line.company_id).standard_price
        in_unit = product.uom_id._compute_quantity(quantity, sale_line.product_uom_id, round=False)
        return in_unit * sale_line.price_reduce_taxexcl / (sale_line.order_id.currency_rate or 1.0)

    def _expected(self, promise, sale_line, product):
        """Return when the loser can be expected instead; None where nobody can say."""
        next_ = self.coming.get(product.id)
        if next_ is None or not promise:
            return None
        later = next_.when - (minutes(sale_line.ready_date) or minutes(self.now))
        return promise + timedelta(minutes=max(later, 0))


def _path(location):
    return tuple(map(int, location.parent_path.rstrip("/").split("/")))
