from odoo import api, fields, models, tools
from odoo.exceptions import AccessError
from odoo.fields import Domain

from .dispatch_board_asked import _as_id
from .dispatch_board_lanes import MORE

BOARD_FIELDS = (
    *("route_id", "departs_at", "cut_off_at", "departed_at", "state"),
    *("max_parcels", "max_weight", "max_volume"),
)
STATUSES = ("held", "late", "short", "ready", "picked", "packed", "done")
PAPERS = {
    "pick_list": "order_processing.action_report_wave_pick_list",
    "packing_slip": "order_processing.action_report_packing_slip",
    "label": "order_processing.action_report_parcel_label",
    "handover": "order_processing.action_report_handover_list",
}


class OrderDispatchDeparture(models.Model):
    """What the dispatch board shows: read in a handful of queries, however many transfers there are."""

    _inherit = "order.dispatch.departure"

    # ---------------------------------------------------------------- what the board asks for
    @api.model
    @api.readonly
    def dispatch_board(self, warehouse_id=False, day=False, filters=None):
        """Return the board of a warehouse on a day (today): departures, their waves, cards by priority.

        ``filters``: ``text``, ``status``, ``urgent``, ``carrier_id`` choose the cards; figures are of all.
        """
        self._check_may_see_board()
        warehouses = self.env["stock.warehouse"].search_fetch(
            [], ["name", "company_id"], order="sequence, id"
        )
        warehouse = warehouses.filtered(lambda one: one.id == warehouse_id) or self._own_warehouse(warehouses)
        frame = self._board_frame(warehouses, warehouse)
        if not warehouse:
            nothing = dict.fromkeys(("departures", "waves", "lanes", "carriers"), [])
            return {**frame, **nothing, "mode": "off", "unplanned": self._board_unplanned({})}
        self = self.with_company(warehouse.company_id)
        return frame | self._board_of(warehouse, self._asked_day(day), self._asked_filters(filters))

    @api.model
    @api.readonly
    def dispatch_board_more(self, warehouse_id, lane, offset=0, filters=None):
        """Return the next cards of one lane, ``{"departure_id", "batch_id", "kind"}``."""
        self._check_may_see_board()
        warehouse = self.env["stock.warehouse"].browse(_as_id(warehouse_id) or ()).exists()
        if not warehouse:
            raise AccessError(self.env._("There is no such warehouse."))
        warehouse.check_access("read")
        self = self.with_company(warehouse.company_id)
        key, filters = self._asked_lane(lane), self._asked_filters(filters)
        scope = self._board_scope(warehouse, [key[1]] if key[1] else [])
        lanes = self._board_lanes(self._board_transfers(scope, filters))
        chosen = self._board_chosen({key: lanes.get(key, [])}, filters)
        return self._board_cards(chosen, {key: MORE}, offset=_as_id(offset))[0]

    def _board_frame(self, warehouses, warehouse):
        """Return what stands around the departures."""
        return {
            "now": fields.Datetime.now(),
            "warehouses": [{"id": one.id, "name": one.name} for one in warehouses],
            "warehouse_id": warehouse.id,
            "papers": self._board_papers(),
            "statuses": self._board_statuses(),
            "can": self._board_rights(),
            **self._board_units(),
        }

    def _board_of(self, warehouse, day, filters):
        """Return what leaves the warehouse on that day; on none: today."""
        today = warehouse._local_now().date()
        shown = day or today
        end = warehouse._local_day_bounds(shown)[1]
        departures = self._board_departures(warehouse, shown, today)
        ids = [one["id"] for one in departures]
        transfers = self._board_transfers(self._board_scope(warehouse, ids), filters)
        lanes = self._board_lanes(transfers)
        board = {
            "mode": warehouse.company_id.dispatch_mode,
            "zone": warehouse._dispatch_zone(),
            "day": shown,
            "today": today,
            "has_routes": bool(departures or self._board_routes(warehouse)),
            "departures": self._board_fill(departures, lanes),
            "waves": self._board_waves(lanes),
            "unplanned": self._board_unplanned(lanes),
            "carriers": self._board_carriers(transfers),
            "later": self._board_later(warehouse, ids, end),
            "next": self._board_next(warehouse, departures, end),
        }
        chosen = self._board_chosen(lanes, filters)
        return {**board, "lanes": self._board_cards(chosen, self._board_first(board, chosen))}

    # ---------------------------------------------------------------- rights
    def _check_may_see_board(self):
        self.env["stock.picking"]._check_works_in_warehouse()
        self.check_access("read")

    def _board_rights(self):
        return {
            "routes": self.env["order.dispatch.route"].has_access("create"),
            "settings": self.env.user.has_group("base.group_system"),
        }

    def _board_papers(self):
        model_data = self.env["ir.model.data"]
        return {
            name: xml_id
            for name, xml_id in PAPERS.items()
            if model_data._xmlid_to_res_id(xml_id, raise_if_not_found=False)
        }

    def _board_statuses(self):
        """Return the statuses as the reader calls them, in the order in which they are looked at."""
        words = dict(self.env["stock.picking"]._fields["dispatch_status"]._description_selection(self.env))
        words["done"] = self.env._("Gone")
        return [[status, words[status]] for status in STATUSES]

    @tools.ormcache("self.env.lang")
    def _board_units(self):
        templates = self.env["product.template"]
        return {
            "weight_unit": templates._get_weight_uom_name_from_ir_config_parameter(),
            "volume_unit": templates._get_volume_uom_name_from_ir_config_parameter(),
        }

    def _own_warehouse(self, warehouses):
        own = self.env.user.property_warehouse_id
        company = warehouses.filtered(lambda one: one.company_id == self.env.company)
        return (own & warehouses) or company[:1] or warehouses[:1]

    def _board_routes(self, warehouse):
        return self.env["order.dispatch.route"].search([("warehouse_id", "=", warehouse.id)], limit=1)

    # ---------------------------------------------------------------- departures
    def _board_departures(self, warehouse, shown, today):
        """Return the day's departures, and looked at today: what should have left, and what comes next."""
        start, end = warehouse._local_day_bounds(shown)
        in_view = Domain("departs_at", ">=", start) & Domain("departs_at", "<", end)
        in_view &= Domain("state", "!=", "cancelled")
        if shown == today:
            still_here = Domain("picking_ids", "any", [("state", "not in", ("done", "cancel"))])
            in_view |= Domain("state", "!=", "cancelled") & Domain("departs_at", "<", start) & still_here
            in_view |= Domain("id", "in", self._next_of_each_route(warehouse, end))
        found = self.search_fetch(
            in_view & Domain("warehouse_id", "=", warehouse.id), BOARD_FIELDS, order="departs_at, id"
        )
        return [one._board_departure(start, end) for one in found]

    def _board_departure(self, start, end):
        return {
            "id": self.id,
            "route_id": self.route_id.id,
            "name": self.route_id.sudo().name,  # sudo: who sees a departure reads what its route is called
            "departs_at": self.departs_at,
            "cut_off_at": self.cut_off_at,
            "departed_at": self.departed_at,
            "state": self.state,
            "when": "overdue" if self.departs_at < start else "day" if self.departs_at < end else "next",
            "max": {"parcels": self.max_parcels, "weight": self.max_weight, "volume": self.max_volume},
        }

    # ---------------------------------------------------------------- figures
    def _board_fill(self, departures, lanes):
        """Add to each departure how full it is, and how much of it is at which status.

        Of a delivery in several steps only one transfer counts: the goods go along once.
        """
        leading = {departure["id"]: [] for departure in departures}
        for key, lane in lanes.items():
            if key[1]:
                leading[key[1]] += [one for one in lane if one.row.leads]
        volumes = {}
        if any(one["max"]["volume"] for one in departures):
            volumes = self._board_volumes([one.row.id for lane in leading.values() for one in lane])
        for departure in departures:
            sums = self._board_sums(leading[departure["id"]])
            departure["counts"] = sums["counts"]
            departure["fill"] = {
                "parcels": sums["parcels"],
                "weight": sums["weight"],
                "volume": volumes.get(departure["id"], 0.0),
            }
        return departures

    def _board_waves(self, lanes):
        """Return the waves that have something in them, urgent ones and the first steps on top."""
        batches = self.env["stock.picking.batch"].browse({key[2] for key in lanes} - {0})
        batches.fetch(["name", "state", "is_urgent_wave", "is_planned_wave", "user_id", "picking_type_id"])
        waves = [
            {
                **batches.browse(batch_id or ())._board_wave(lane[0].row.code),
                **self._board_sums(lane),
                "departure_id": departure_id,
            }
            for (kind, departure_id, batch_id), lane in lanes.items()
            if kind == "wave"
        ]
        return sorted(
            waves,
            key=lambda wave: (not wave["id"], not wave["urgent"], wave["code"] == "outgoing", wave["id"]),
        )

    def _board_unplanned(self, lanes):
        """Return the figures of what has no departure yet, and of what is held back."""
        return {kind: self._board_sums(lanes.get((kind, 0, 0), [])) for kind in ("none", "held")}


class StockPickingBatch(models.Model):
    _inherit = "stock.picking.batch"

    def _board_wave(self, code):
        """Return what the board says of the wave; of none: of what has a departure and no wave."""
        return {
            "id": self.id or 0,
            "name": self.name or False,
            "state": self.state or "draft",
            "urgent": self.is_urgent_wave,
            "planned": self.is_planned_wave,
            "user": self.user_id.sudo().name or False,  # sudo: the name of a colleague
            "code": code,
            # sudo: what the step is called
            "step": False if code == "outgoing" or not self else self.picking_type_id.sudo().name,
        }
