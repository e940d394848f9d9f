from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

# What is due after today is seen as far as that.
NEXT = 6


class OrderDispatchDeparture(models.Model):
    """What leaves after the day that is looked at."""

    _inherit = "order.dispatch.departure"

    def _planned_from(self, warehouse, moment):
        planned = Domain("warehouse_id", "=", warehouse.id) & Domain("state", "=", "planned")
        return planned & Domain("departs_at", ">=", moment)

    def _next_of_each_route(self, warehouse, end):
        """Return the next departure of each route, of those the soonest."""
        query = SQL(
            """SELECT id FROM (
                   SELECT DISTINCT ON (route_id) id, departs_at FROM order_dispatch_departure WHERE id IN %s
                    ORDER BY route_id, departs_at, id) AS next
                ORDER BY departs_at, id LIMIT %s""",
            self._search(self._planned_from(warehouse, end)).subselect(),
            NEXT,
        )
        return [id_ for (id_,) in self.env.execute_query(query)]

    def _board_later(self, warehouse, shown, end):
        """Return what is on departures after that moment and is not shown."""
        ahead = self._planned_from(warehouse, end) & Domain("id", "not in", shown)
        transfers = self.env["stock.picking"]._search(
            Domain("departure_id", "in", self._search(ahead)) & Domain("state", "not in", ("done", "cancel"))
        )
        query = SQL(
            """SELECT COUNT(DISTINCT d.id) AS departures, COUNT(*) AS transfers,
                      MIN(d.departs_at) AS departs_at
                 FROM stock_picking p JOIN order_dispatch_departure d ON d.id = p.departure_id
                WHERE p.id IN %s""",
            transfers.subselect(),
        )
        return self.env.execute_query_dict(query)[0]

    def _board_next(self, warehouse, departures, end):
        """Return what leaves next where nothing leaves on the day that is looked at."""
        if any(one["when"] == "day" for one in departures):
            return False
        found = self.search(self._planned_from(warehouse, end), order="departs_at, id", limit=1)
        # sudo: who sees a departure reads what its route is called
        return bool(found) and {"departs_at": found.departs_at, "name": found.route_id.sudo().name}
