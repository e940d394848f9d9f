import logging

from odoo import api, fields, models

from ..engine.consignment import Code, Consignment
from ..engine.departures import end_of_day, leaves_by, start_of_day
from ..engine.routes import serve
from ..engine.schedule import plan
from .dispatch_facts import GRACE, DispatchFacts
from .dispatch_waves import Waves
from .order_allocation_run import CONCURRENCY

_logger = logging.getLogger(__name__)
DECIDED = (
    "departure_id",
    "dispatch_route_id",
    "dispatch_due",
    "dispatch_code",
    "dispatch_figures",
    "dispatch_join_key",
    "batch_sequence",
    "dispatch_by_hand",
)
# Figures that change as time passes are written only together with others.
PASSING = ("ready",)


class OrderDispatchDeparture(models.Model):
    """The plan: which transfer leaves with which departure, in which wave."""

    _inherit = "order.dispatch.departure"

    # ---------------------------------------------------------------- the scheduled action
    @api.model
    def _cron_plan(self):
        """Plan all warehouses, each in a transaction of its own; what goes wrong in one stops no other."""
        warehouses = self.env["stock.warehouse"].search([("company_id.dispatch_mode", "=", "plan")])
        todo = warehouses.ids
        while todo:
            warehouse, todo = self.env["stock.warehouse"].browse(todo[0]), todo[1:]
            try:
                self._plan(warehouse)
                self.env.cr.flush()  # what other addons do before a commit belongs to the step
            except CONCURRENCY:
                self.env.cr.rollback()  # somebody is at these transfers: the next run finds them as they are
            except Exception:
                self.env.cr.rollback()
                _logger.exception("Planning the departures of warehouse %s failed", warehouse.id)
            if not self.env["ir.cron"]._commit_progress(1, remaining=len(todo)):
                return

    @api.model
    def _plan(self, warehouses):
        """Plan these warehouses anew; return how many transfers are planned otherwise than before."""
        changed = 0
        for warehouse in warehouses.filtered(lambda one: one.company_id._plans_dispatch()):
            # Two at a time would make the same waves twice.
            if warehouse.try_lock_for_update(allow_referencing=True):
                self._close_departed(warehouse)
                self._keep_ahead(warehouse)
                changed += self._plan_warehouse(warehouse)
        return changed

    @api.model
    def _close_departed(self, warehouse):
        """What should have left long ago has left, although nobody said so."""
        long_ago = fields.Datetime.now() - GRACE
        domain = [
            ("warehouse_id", "=", warehouse.id),
            ("state", "=", "planned"),
            ("departs_at", "<=", long_ago),
        ]
        for departure in self.search(domain):
            departure.write({"state": "departed", "departed_at": departure.departs_at})
            departure._let_go(departure.picking_ids, "left_behind")

    # ---------------------------------------------------------------- read, decide, write
    @api.model
    def _plan_warehouse(self, warehouse):
        facts = DispatchFacts(warehouse)
        decided = self._decide(facts)
        waves = Waves(facts, decided)
        changes = {id_: news for id_, values in decided.items() if (news := _news(facts.rows[id_], values))}
        touched = set(changes) | set(waves.moves)
        pickings = self.env["stock.picking"].browse(sorted(touched))
        # What a packer is at just now is left as it is until the next run.
        free = pickings.try_lock_for_update(allow_referencing=True)
        free._write_plan(changes)
        waves.carry_out(free)
        return len(free)

    @api.model
    def _decide(self, facts):
        """Return ``{transfer id: values}`` for all that is open."""
        routes = self.env["order.dispatch.route"].search([("warehouse_id", "=", facts.warehouse.id)])
        engine_routes, lead_days = routes._engine_routes(), {route.id: route.lead_days for route in routes}
        transit = self._transit_days(facts)
        decided, consignments, served = {}, [], {}
        for row in facts.rows.values():
            if row.id in facts.roots:
                continue
            address = facts.address(row)
            if address not in served:
                served[address] = serve(address, engine_routes)
            found = served[address]
            due = _due(facts, row, transit.get(row.carrier, lead_days.get(found.route, 1)))
            fixed = _fixed(facts, row)
            decided[row.id] = values = _before(facts, row, found, due, fixed)
            if not values["dispatch_code"]:
                route = found.route or facts.departures[fixed].route
                consignments.append(_consignment(facts, row, route, due, fixed))
        self._place(facts, decided, consignments)
        for id_, root in facts.roots.items():
            decided[id_] = _like(decided[root], facts, facts.rows[id_])
        return decided

    @api.model
    def _place(self, facts, decided, consignments):
        done = [_packed(facts, *row) for row in facts.done]
        names = {id_: row.name for id_, row in facts.rows.items()}
        wait_days = facts.company.dispatch_join_days
        for placed in plan([*consignments, *done], facts.departures.values(), wait_days):
            values = decided.get(placed.key)
            if values is None:
                continue
            row = facts.rows[placed.key]
            values["departure_id"] = placed.departure
            values["dispatch_join_key"] = placed.joined and facts.join_key(placed.departure, placed.joined)
            if placed.code is Code.FIXED and row.dispatch_code:
                values["dispatch_code"], values["dispatch_figures"] = row.dispatch_code, row.dispatch_figures
            else:
                values["dispatch_code"] = placed.code.value
                values["dispatch_figures"] = _written(placed.figures, names) or None

    @api.model
    def _transit_days(self, facts):
        carriers = self.env["delivery.carrier"].browse({row.carrier for row in facts.rows.values()} - {None})
        return {carrier.id: carrier.transit_days for carrier in carriers if carrier.transit_days}


class StockPicking(models.Model):
    _inherit = "stock.picking"

    def _write_plan(self, changes):
        """Write ``{id: values}`` of these, many rows at once: nothing follows from them."""
        pickings = self.filtered(lambda picking: picking.id in changes)
        if pickings:
            pickings._write_multi([_columns(self, changes[picking.id]) for picking in pickings])
            pickings.invalidate_recordset(DECIDED, flush=False)
            departures = self.env["order.dispatch.departure"]
            departures.invalidate_model(["picking_ids"], flush=False)


def _columns(model, values):
    return {name: model._fields[name].convert_to_column(value, model) for name, value in values.items()}


def _news(row, values):
    """Return what of these values is another than before."""
    news = {name: value for name, value in values.items() if (getattr(row, name) or None) != (value or None)}
    if set(news) == {"dispatch_figures"}:
        before, after = row.dispatch_figures or {}, values["dispatch_figures"] or {}
        same = {**after, **{name: before[name] for name in PASSING if name in before}}
        if same == before:
            return {}
    return news


def _before(facts, row, found, due, fixed):
    """Return what is known of a transfer before departures are chosen; one with a code gets none."""
    values = dict.fromkeys(DECIDED)
    values.update(
        dispatch_route_id=found.route,
        dispatch_due=due,
        batch_sequence=_sequence(facts, row),
        dispatch_by_hand=row.dispatch_by_hand,
    )
    if row.dispatch_by_hand == "held":
        values.update(dispatch_code="held", dispatch_figures=row.dispatch_figures)
    elif row.review:
        # Taken off its departure, it was not put by hand on the one it gets when it is cleared.
        values.update(dispatch_code="review", dispatch_by_hand=None)
    elif not fixed:
        if row.dispatch_by_hand == "moved":
            values["dispatch_by_hand"] = None  # what it was moved to has left without it
        if not found.route:
            values["dispatch_code"] = found.code.value
    return values


def _sequence(facts, row):
    """Return its place in a wave: the urgent first, then by priority. Whoever works may change it then."""
    wave = facts.waves.get(row.batch)
    if wave and wave.state == "in_progress":
        return row.batch_sequence
    return round((100 - row.score) * 10) + (0 if row.urgent else 10_000)


def _due(facts, row, days):
    """Return by when it has to leave to keep the promise: the end of a day, for carriers count days."""
    ends = [end_of_day(row.departs, facts.zone)] if row.departs else []
    if row.arrives:
        ends.append(leaves_by(row.arrives, days, facts.zone))
    if not ends and row.scheduled:
        ends.append(end_of_day(row.scheduled, facts.zone))
    return min(ends, default=None)


def _fixed(facts, row):
    """Return the departure a transfer stays with: moved there by hand, or work on it has begun.

    Of goods that go through several transfers it is enough that one of them stays.
    """
    stays = (_stays(facts, one) for one in (row, *facts.feeding.get(row.id, ())))
    return next((departure for departure in stays if departure), None)


def _stays(facts, row):
    departure = facts.departures.get(row.departure_id)
    if not departure:
        return None
    wave = facts.waves.get(row.batch)
    released = wave and wave.state == "in_progress" and wave.departure == departure.key
    moved = row.dispatch_by_hand == "moved" and departure.departs > facts.now
    return departure.key if moved or released or row.begun else None


def _consignment(facts, row, route, due, fixed):
    return Consignment(
        row.id,
        route,
        _ready(facts, row),
        facts.load(row.id, row.weight, row.volume),
        row.urgent,
        row.score,
        due,
        start_of_day(due, facts.zone) if row.wanted and due else None,
        row.missing,
        facts.address_key(row),
        True,
        fixed,
    )


def _packed(facts, id_, departure, weight, volume):
    load = facts.load(id_, weight, volume)
    return Consignment(id_, 0, facts.now, load, may_join=False, fixed=departure)


def _ready(facts, row):
    """Return when it is packed; None where nobody knows when its goods come."""
    if row.missing:
        return None if row.unknown or not row.ready else facts.way.packed(max(row.ready, facts.now))
    if row.begun:
        return facts.now
    packed = facts.way.packed(facts.now)
    # Planned in time, it stays with its departure until the cut-off, whenever the work on it begins.
    departure = facts.departures.get(row.departure_id)
    return min(packed, departure.cut_off) if departure and departure.cut_off >= facts.now else packed


def _like(root, facts, row):
    """An earlier transfer of the same goods leaves the warehouse with the later one."""
    values = {**root, "dispatch_join_key": None, "batch_sequence": _sequence(facts, row)}
    if row.dispatch_by_hand != "moved":  # moved, it stays moved as long as the last one does
        values["dispatch_by_hand"] = row.dispatch_by_hand
    if row.dispatch_by_hand == "held":
        values.update(departure_id=None, dispatch_code="held", dispatch_figures=row.dispatch_figures)
    return values


def _written(figures, names):
    """Return figures as they are stored: moments as text, transfers by name."""
    result = {}
    for key, value in figures.items():
        if key in ("took", "with"):
            result[key] = [names.get(id_, "") for id_ in value if id_ in names]
        else:
            result[key] = fields.Datetime.to_string(value) if hasattr(value, "year") else value
    return result
