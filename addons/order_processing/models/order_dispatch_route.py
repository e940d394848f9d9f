from odoo import api, fields, models


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
        "stock.warehouse", required=True, index=True, ondelete="cascade", check_company=True
    )
    company_id = fields.Many2one(related="warehouse_id.company_id", store=True, index=True)
    country_ids = fields.Many2many("res.country", string="Countries", help="Empty: all countries.")
    state_ids = fields.Many2many("res.country.state", string="States", help="Empty: all states.")
    zip_ranges = fields.Char(
        "Postal codes", help="Such as 20-21, 80331. Compared as text, as far as it goes. Empty: all."
    )
    partner_ids = fields.Many2many(
        "res.partner", string="Customers", help="These go first, wherever they are."
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


class OrderDispatchSlot(models.Model):
    """One departure of a route in each week."""

    _name = "order.dispatch.slot"
    _description = "Departure of a Delivery Route"
    _order = "weekday, departs_at, id"

    route_id = fields.Many2one("order.dispatch.route", required=True, index=True, ondelete="cascade")
    weekday = fields.Selection(
        [
            ("0", "Monday"),
            ("1", "Tuesday"),
            ("2", "Wednesday"),
            ("3", "Thursday"),
            ("4", "Friday"),
            ("5", "Saturday"),
            ("6", "Sunday"),
        ],
        required=True,
        default="0",
    )
    cut_off = fields.Float("Packed by", default=15.0, help="In the time zone of the warehouse.")
    departs_at = fields.Float("Leaves at", default=16.0, help="In the time zone of the warehouse.")
    max_parcels = fields.Integer("Parcels", help="0: as the route says.")
    max_weight = fields.Float("Weight", digits="Stock Weight", help="0: as the route says.")
    max_volume = fields.Float("Volume", digits="Volume", help="0: as the route says.")


class OrderDispatchDeparture(models.Model):
    """A vehicle that leaves at a certain time: what is planned for it, and how full it is."""

    _name = "order.dispatch.departure"
    _description = "Departure"
    _inherit = ["mail.thread"]
    _order = "departs_at, id"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name")
    route_id = fields.Many2one("order.dispatch.route", required=True, index=True, ondelete="restrict")
    warehouse_id = fields.Many2one(related="route_id.warehouse_id", store=True, index=True)
    company_id = fields.Many2one(related="route_id.company_id", store=True, index=True)
    slot_id = fields.Many2one(
        "order.dispatch.slot", index="btree_not_null", ondelete="set null", readonly=True
    )
    departs_at = fields.Datetime("Leaves", required=True, index=True)
    cut_off_at = fields.Datetime("Packed by", required=True)
    max_parcels = fields.Integer("Parcels", help="0 is no limit.")
    max_weight = fields.Float("Weight", digits="Stock Weight", help="0 is no limit.")
    max_volume = fields.Float("Volume", digits="Volume", help="0 is no limit.")
    state = fields.Selection(
        [("planned", "Planned"), ("departed", "Departed"), ("cancelled", "Does not run")],
        required=True,
        default="planned",
        index=True,
        readonly=True,
        tracking=True,
    )
    departed_at = fields.Datetime(readonly=True, copy=False)
    picking_ids = fields.One2many("stock.picking", "departure_id", string="Transfers")
    batch_ids = fields.One2many("stock.picking.batch", "departure_id", string="Waves")

    _slot_uniq = models.UniqueIndex(
        "(route_id, departs_at)", "This route has a departure at that time already."
    )

    @api.depends("route_id.name", "departs_at")
    @api.depends_context("tz", "lang")
    def _compute_name(self):
        for departure in self:
            at = departure.departs_at and fields.Datetime.context_timestamp(departure, departure.departs_at)
            departure.name = (
                f"{departure.route_id.name} {at:%a %d.%m. %H:%M}" if at else departure.route_id.name
            )
