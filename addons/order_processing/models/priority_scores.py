"""From what is known of orders to the scores that change: of orders, transfers and moves."""

from ..engine.priority import score

# Smaller differences are not worth a write; scores have one decimal.
STEP = 0.1


class PriorityScores:
    """What the scores are to be, where they are not yet."""

    def __init__(self, facts):
        self.facts = facts
        self.weights = {}
        self.of_order = {}  # order id: (without, with a star)
        for order in facts.orders.values():
            weights = self._weights_of(order.company_id)
            self.of_order[order.id] = tuple(
                score(facts.facts(order, starred), weights) if facts.open_moves(order) else None
                for starred in (False, True)
            )

    def _weights_of(self, company_id):
        if company_id not in self.weights:
            self.weights[company_id] = self.facts.env["res.company"].browse(company_id)._priority_weights()
        return self.weights[company_id]

    def _of_row(self, row):
        """Return the score of a move: its order's, with the star its transfer has."""
        plain, starred = self.of_order[row.order_id]
        if not plain or not row.open:
            return 0.0
        return (starred if row.starred else plain).value

    def moves(self):
        """Return ``{id: (score, None)}`` of the moves that change."""
        return {
            row.move_id: (value, None)
            for row in self.facts.rows
            if row.order_id in self.facts.asked and _differs(value := self._of_row(row), row.move_score)
        }

    def pickings(self):
        """Do the same for transfers: of several orders the highest counts."""
        mine = {row.picking_id for row in self.facts.rows if row.order_id in self.facts.asked}
        before, after = {}, {}
        for row in self.facts.rows:
            if row.picking_id in mine and row.picking_id:
                before[row.picking_id] = row.picking_score
                after[row.picking_id] = max(after.get(row.picking_id, 0.0), self._of_row(row))
        return {id_: (value, None) for id_, value in after.items() if _differs(value, before[id_])}

    def orders(self):
        """Do the same for the orders, with the figures that explain the score."""
        result = {}
        for order in self.facts.orders.values():
            if order.id in self.facts.asked:
                starred = any(row.starred for row in self.facts.open_moves(order))
                found = self.of_order[order.id][starred]
                value = found.value if found else 0.0
                figures = found and self.facts.figures(order, starred)
                if _differs(value, order.score) or figures != _without_parts(order.figures):
                    result[order.id] = value, figures and {**figures, "parts": _rounded(found.parts)}
        return result


def _differs(one, other):
    return abs(one - other) > STEP / 2


def _rounded(parts):
    return {name: [round(part.points, 1), round(part.most, 1)] for name, part in parts.items()}


def _without_parts(figures):
    return figures and {name: value for name, value in figures.items() if name != "parts"}
