from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..engine.routes import Route, parse_zips
from .inside import CHANGING
from .order_dispatch_departure import CAPACITIES

MARK = "route_changing"
WEEKDAYS = [
    ("0", "Monday"),
    ("1", "Tuesday"),
    ("2", "Wednesday"),
    ("3", "Thursday"),
    ("4", "Friday"),
    ("5", "Saturday"),
    ("6", "Sunday"),
]


class OrderDispatchRoute(models.Model):
    """How goods leave a warehouse for a part of the world: on which days, at what time, how much."""

    _name = "order.dispatch.route"
    _description = "Delivery Route"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    warehouse_id = fields.Many2one(
        "stock.warehouse",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env["stock.warehouse"].search(
            [("company_id", "=", self.env.company.id)], limit=1
        ),
    )
    company_id = fields.Many2one(related="warehouse_id.company_id", store=True, index=True)
    country_ids = fields.Many2many("res.country", string="Countries", help="Empty: all countries.")
    state_ids = fields.Many2many("res.country.state", string="States", help="Empty: all states.")
    zip_ranges = fields.Char(
        "Postal codes",
        help="Such as 20-21, 80331, 00-950. A hyphen is that of a range where both ends are written alike"
        " (20-21, M1-M9), else it belongs to the code (00-950, 100-0001). With spaces around it, or as two"
        " dots, it is always a range: 1000 - 19999, 20..21. A code whose halves are written alike is entered"
        " without its hyphen. Compared as text, as far as it goes. Empty: all.",
    )
    partner_ids = fields.Many2many(
        "res.partner",
        string="Customers",
        help="These go first, wherever they are. A route that names customers and no area serves only them.",
    )
    carrier_ids = fields.Many2many("delivery.carrier", string="Carriers", help="Empty: all carriers.")
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Holidays",
        check_company=True,
        help="Nothing departs on its public holidays. Empty: the warehouse's working times.",
    )
    lead_days = fields.Integer(
        "Days to the customer", default=1, help="Used where neither a freight rate nor the carrier says it."
    )
    max_parcels = fields.Integer("Parcels", help="0 is no limit.")
    max_weight = fields.Float("Weight", digits="Stock Weight", help="0 is no limit.")
    max_volume = fields.Float("Volume", digits="Volume", help="0 is no limit.")
    slot_ids = fields.One2many("order.dispatch.slot", "route_id", string="Departures each week", copy=True)
    departure_ids = fields.One2many("order.dispatch.departure", "route_id", string="Departures", copy=False)

    slot_summary = fields.Char("Leaves", compute="_compute_slot_summary", help="When it departs each week.")

    _capacity_positive = models.Constraint(
        "CHECK(COALESCE(max_parcels, 0) >= 0 AND COALESCE(max_weight, 0) >= 0"
        " AND COALESCE(max_volume, 0) >= 0)",
        "The room of a departure is 0, which is no limit, or more.",
    )
    _lead_days_positive = models.Constraint(
        "CHECK(COALESCE(lead_days, 0) >= 0)", "The days to the customer are 0 or more."
    )

    @api.constrains("zip_ranges")
    def _check_zip_ranges(self):
        for route in self:
            try:
                parse_zips(route.zip_ranges)
            except ValueError as error:
                raise ValidationError(
                    self.env._(
                        '%(route)s: "%(part)s" is not a postal code or a range of them. Write them such as'
                        " 20-21, 80331, 1000 - 19999, the smaller first.",
                        route=route.name,
                        part=error.args[0],
                    )
                ) from None

    @api.constrains("country_ids", "state_ids")
    def _check_states(self):
        for route in self:
            strangers = route.state_ids.filtered(
                lambda state, route=route: state.country_id not in route.country_ids
            )
            if route.country_ids and strangers:
                raise ValidationError(
                    self.env._(
                        "%(route)s: %(states)s is in none of its countries.",
                        route=route.name,
                        states=", ".join(strangers.mapped("name")),
                    )
                )

    @api.constrains("warehouse_id", "partner_ids", "carrier_ids")
    def _check_companies(self):
        for route in self.sudo():  # sudo: records of another company are what is looked for
            others = [*route.partner_ids.mapped("company_id"), *route.carrier_ids.mapped("company_id")]
            if any(company != route.company_id for company in others):
                raise ValidationError(
                    self.env._(
                        "%(route)s serves %(company)s: its customers and carriers may not belong to another"
                        " company.",
                        route=route.name,
                        company=route.company_id.name,
                    )
                )

    @api.depends("slot_ids.weekday", "slot_ids.departs_at")
    @api.depends_context("lang")
    def _compute_slot_summary(self):
        days = dict(self.env["order.dispatch.slot"]._fields["weekday"]._description_selection(self.env))
        for route in self:
            times = {}
            for slot in route.slot_ids.sorted(lambda one: (one.weekday, one.departs_at)):
                hour, minute = divmod(round(slot.departs_at * 60), 60)
                times.setdefault(f"{hour}:{minute:02}", []).append(days[slot.weekday][:3])
            route.slot_summary = "; ".join(f"{', '.join(some)} {at}" for at, some in times.items())

    def _engine_routes(self):
        """Return the routes as the engine wants to know them."""
        return [
            Route(
                route.id,
                route.sequence,
                frozenset(route.partner_ids.ids),
                frozenset(route.carrier_ids.ids),
                frozenset(route.country_ids.ids),
                frozenset(route.state_ids.ids),
                parse_zips(route.zip_ranges),
            )
            for route in self
        ]

    # ---------------------------------------------------------------- departures follow
    @api.model_create_multi
    def create(self, vals_list):
        changing = self.with_context(**{MARK: CHANGING})
        routes = super(OrderDispatchRoute, changing).create(vals_list).with_env(self.env)
        routes._departures_follow()
        return routes

    def write(self, vals):
        if "warehouse_id" in vals:
            self.filtered(lambda route: route.warehouse_id.id != vals["warehouse_id"])._check_unused()
        result = super(OrderDispatchRoute, self.with_context(**{MARK: CHANGING})).write(vals)
        if vals.keys() - {"name", "departure_ids"}:
            self._departures_follow()
        return result

    def _check_unused(self):
        """What leaves one warehouse cannot leave another."""
        for route in self.sudo():  # sudo: whatever is on its departures, whoever asks
            if route.departure_ids.picking_ids:
                raise ValidationError(
                    self.env._("%s has been used: make another route for the other warehouse.", route.name)
                )

    def _departures_follow(self):
        """Bring the departures of the coming days in line with what the routes say now."""
        if self.env.context.get(MARK) is CHANGING:
            return
        # sudo: departures follow from what the route says
        departures = self.env["order.dispatch.departure"].sudo()
        for route, known in departures._known_ahead(self.sudo()):  # sudo: see above
            departures._keep_route_ahead(route, known)

    def unlink(self):
        """The departures it has made go with it, as long as nothing has left with them."""
        self.check_access("unlink")
        self._unlink_except_used()
        # sudo: departures follow from the route; whoever may delete it may delete what it made
        departures = self.sudo().departure_ids
        # One that left with nothing on it is no history worth keeping.
        departures.with_context(tracking_disable=True).write({"state": "cancelled"})
        departures.unlink()
        return super().unlink()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        for route in self.sudo():  # sudo: whatever is on its departures, whoever asks
            if any(departure._has_begun() for departure in route.departure_ids):
                raise UserError(
                    self.env._(
                        "Something leaves, or has left, with %s: archive it, so that this stays known.",
                        route.name,
                    )
                )

    def action_view_departures(self):
        """Show when these routes depart."""
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "order_processing.order_dispatch_departure_action"
        )
        return {**action, "domain": [("route_id", "in", self.ids)]}


class OrderDispatchSlot(models.Model):
    """One departure of a route in each week."""

    _name = "order.dispatch.slot"
    _description = "Departure of a Delivery Route"
    _order = "weekday, departs_at, id"

    route_id = fields.Many2one("order.dispatch.route", required=True, index=True, ondelete="cascade")
    weekday = fields.Selection(WEEKDAYS, required=True, default="0")
    cut_off = fields.Float("Packed by", default=15.0, help="In the time zone of the warehouse.")
    departs_at = fields.Float("Leaves at", default=16.0, help="In the time zone of the warehouse.")
    max_parcels = fields.Integer("Parcels", help="0: as the route says.")
    max_weight = fields.Float("Weight", digits="Stock Weight", help="0: as the route says.")
    max_volume = fields.Float("Volume", digits="Volume", help="0: as the route says.")

    _times = models.Constraint(
        "CHECK(cut_off >= 0 AND departs_at < 24 AND cut_off <= departs_at)",
        "Goods have to be packed before the departure leaves, and both are times of one day.",
    )
    _capacity_positive = models.Constraint(
        "CHECK(COALESCE(max_parcels, 0) >= 0 AND COALESCE(max_weight, 0) >= 0"
        " AND COALESCE(max_volume, 0) >= 0)",
        "The room of a departure is 0, which is as the route says, or more.",
    )

    def _capacity(self):
        """Return what a departure of this slot can take."""
        return {name: self[name] or self.route_id[name] for name in CAPACITIES}

    @api.model_create_multi
    def create(self, vals_list):
        slots = super().create(vals_list)
        slots.route_id._departures_follow()
        return slots

    def write(self, vals):
        routes = self.route_id
        result = super().write(vals)
        (routes | self.route_id)._departures_follow()
        return result

    def unlink(self):
        routes = self.route_id
        result = super().unlink()
        routes.exists()._departures_follow()
        return result
