from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import AccessError

UTC = ZoneInfo("UTC")
# So many cards of a wave come with the board, and so many of all waves; the others when somebody looks at them.
CARDS, ALL_CARDS, MORE = 40, 400, 80
# What is due after today is seen as far as that.
NEXT = 6
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
        warehouses = self.env["stock.warehouse"].search_fetch([], ["name", "company_id"], order="sequence, id")
        warehouse = warehouses.filtered(lambda one: one.id == warehouse_id) or self._own_warehouse(warehouses)
        board = {
            "now": fields.Datetime.now(),
            "warehouses": [{"id": one.id, "name": one.name} for one in warehouses],
            "warehouse_id": warehouse.id,
            "papers": self._board_papers(),
            "statuses": self._board_statuses(),
            "can": self._board_rights(),
            **self._board_units(),
        }
        if not warehouse:
            nothing = dict.fromkeys(("departures", "waves", "lanes", "carriers"), [])
            return {**board, **nothing, "mode": "off", "unplanned": self._board_unplanned([])}
        self = self.with_company(warehouse.company_id)
        zone = ZoneInfo(warehouse._dispatch_zone())
        today = datetime.now(zone).date()
        shown = fields.Date.to_date(day) or today
        departures = self._board_departures(warehouse, zone, shown, today)
        scope = self._board_scope(warehouse, [one["id"] for one in departures])
        figures = self._board_figures(scope)
        board |= {
            "mode": warehouse.company_id.dispatch_mode,
            "zone": str(zone),
            "day": shown,
            "today": today,
            "has_routes": bool(self._board_routes(warehouse)),
            "departures": self._board_fill(departures, figures, scope),
            "waves": self._board_waves(figures),
            "unplanned": self._board_unplanned(figures),
            "carriers": self._board_carriers(scope),
        }
        board["lanes"] = self._board_cards(scope, self._board_first(board, figures), filters)
        return board

    @api.model
    @api.readonly
    def dispatch_board_more(self, warehouse_id, lane, offset=0, filters=None):
        """Return the next cards of one lane, ``{"departure_id", "batch_id", "kind"}``."""
        self._check_may_see_board()
        warehouse = self.env["stock.warehouse"].browse(warehouse_id).exists()
        warehouse.check_access("read")
        self = self.with_company(warehouse.company_id)
        key = (lane.get("kind") or "wave", lane.get("departure_id") or 0, lane.get("batch_id") or 0)
        scope = self._board_scope(warehouse, [key[1]] if key[1] else [])
        lanes = self._board_cards(scope, [key], filters, offset=offset, limit=MORE)
        return lanes[0] if lanes else {"cards": [], "matching": 0}

    # ---------------------------------------------------------------- rights
    def _check_may_see_board(self):
        if not self.env.user.has_group("stock.group_stock_user"):
            raise AccessError(self.env._("The dispatch board is for those who work in the warehouse."))
        self.check_access("read")
        self.env["stock.picking"].check_access("read")

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
    def _board_departures(self, warehouse, zone, shown, today):
        """Return the day's departures, and looked at today: what should have left, and what comes next."""
        start, end = (self._moment(day, zone) for day in (shown, shown + timedelta(days=1)))
        of_warehouse = [("warehouse_id", "=", warehouse.id)]
        domain = [*of_warehouse, ("departs_at", ">=", start), ("departs_at", "<", end)]
        departures = self.search([*domain, ("state", "!=", "cancelled")], order="departs_at, id")
        overdue = following = self.browse()
        if shown == today:
            late = [*of_warehouse, ("state", "=", "planned"), ("departs_at", "<", start)]
            still_here = ("picking_ids", "any", [("state", "not in", ("done", "cancel"))])
            overdue = self.search([*late, still_here], order="departs_at, id")
            coming = [*of_warehouse, ("state", "=", "planned"), ("departs_at", ">=", end)]
            following = self._next_of_each_route(coming)
        whens = [("overdue", overdue), ("day", departures), ("next", following)]
        return [one._board_departure(when) for when, group in whens for one in group]

    def _next_of_each_route(self, domain):
        ahead = self.search_fetch(domain, ["route_id"], order="departs_at, id", limit=200)
        first = {}
        for departure in ahead:
            first.setdefault(departure.route_id, departure)
        return self.union(*list(first.values())[:NEXT])

    def _board_departure(self, when):
        return {
            "id": self.id,
            "route_id": self.route_id.id,
            "name": self.route_id.sudo().name,  # sudo: who sees a departure reads what its route is called
            "departs_at": self.departs_at,
            "cut_off_at": self.cut_off_at,
            "departed_at": self.departed_at,
            "state": self.state,
            "when": when,
            "max": {"parcels": self.max_parcels, "weight": self.max_weight, "volume": self.max_volume},
        }

    def _moment(self, day, zone):
        return datetime.combine(day, time(), zone).astimezone(UTC).replace(tzinfo=None)

    # ---------------------------------------------------------------- figures
    def _board_fill(self, departures, figures, scope):
        """Add to each departure how full it is, and how much of it is at which status."""
        volumes = self._board_volumes(scope) if any(one["max"]["volume"] for one in departures) else {}
        for departure in departures:
            own = [row for row in figures if row["departure_id"] == departure["id"]]
            leaving = [row for row in own if row["code"] == "outgoing" and row["status"] != "held"]
            departure["counts"] = self._added_up(leaving, "status", "transfers")
            departure["fill"] = {
                "parcels": sum(row["parcels"] for row in leaving),
                "weight": sum(row["weight"] for row in leaving),
                "volume": volumes.get(departure["id"], 0.0),
            }
        return departures

    def _board_waves(self, figures):
        """Return the waves that have something in them, urgent ones and the first steps on top."""
        batches = self.env["stock.picking.batch"].browse({row["batch_id"] for row in figures} - {0})
        batches.fetch(["name", "state", "is_urgent_wave", "is_planned_wave", "user_id", "picking_type_id"])
        by_wave = {}
        for row in figures:
            if row["kind"] == "wave":
                by_wave.setdefault((row["departure_id"], row["batch_id"]), []).append(row)
        waves = [
            {
                **batches.browse(batch_id)._board_wave(rows[0]["code"]),
                **self._board_sums(rows),
                "departure_id": departure_id,
            }
            for (departure_id, batch_id), rows in by_wave.items()
        ]
        return sorted(
            waves, key=lambda wave: (not wave["id"], not wave["urgent"], wave["code"] == "outgoing", wave["id"])
        )

    def _board_unplanned(self, figures):
        """Return the figures of what has no departure yet, and of what is held back."""
        return {
            kind: self._board_sums([row for row in figures if row["kind"] == kind]) for kind in ("none", "held")
        }

    def _board_sums(self, rows):
        return {
            "counts": self._added_up(rows, "status", "transfers"),
            "total": sum(row["transfers"] for row in rows),
            "parcels": sum(row["parcels"] for row in rows),
            "weight": sum(row["weight"] for row in rows),
        }

    @staticmethod
    def _added_up(rows, key, value):
        sums = {}
        for row in rows:
            sums[row[key]] = sums.get(row[key], 0) + row[value]
        return sums

    def _board_first(self, board, figures):
        """Return the lanes whose cards are shown first: nearest departures, as many as are soon looked at."""
        totals = {}
        for row in figures:
            key = (row["kind"], row["departure_id"], row["batch_id"])
            totals[key] = totals.get(key, 0) + row["transfers"]
        order = {departure["id"]: place for place, departure in enumerate(board["departures"])}
        rank = {(wave["departure_id"], wave["id"]): place for place, wave in enumerate(board["waves"])}
        lanes = sorted(
            totals, key=lambda key: (order.get(key[1], -1), key[0] == "held", rank.get(key[1:], 1_000), key)
        )
        first, cards = [], 0
        for key in lanes:
            if cards >= ALL_CARDS:
                break
            first.append(key)
            cards += min(totals[key], CARDS)
        return first


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
