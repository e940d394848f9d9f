from babel.dates import format_timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, ormcache
from odoo.tools.misc import babel_locale_parse, get_lang

# Columns of the board that stand there empty, too: the way a parcel takes.
USUAL = ("pending", "in_transit", "out_for_delivery")
# What is known of the shipments, by one query however many are shown.
FIGURES = """
SELECT shipment.id, seen.last_at, seen.eta, scan.text, scan.place, scan.status, late.day, late.is_late,
       trouble.problems
  FROM order_shipment shipment
  LEFT JOIN LATERAL (
       SELECT max(parcel.last_event_at) AS last_at, max(parcel.eta) AS eta
         FROM order_shipment_order_shipment_parcel_rel link
         JOIN order_shipment_parcel parcel ON parcel.id = link.order_shipment_parcel_id
        WHERE link.order_shipment_id = shipment.id) seen ON TRUE
  LEFT JOIN LATERAL (
       SELECT event.text, event.place, event.status
         FROM order_shipment_order_shipment_parcel_rel link
         JOIN order_shipment_event event ON event.parcel_id = link.order_shipment_parcel_id
        WHERE link.order_shipment_id = shipment.id
        ORDER BY event.event_time DESC NULLS LAST, event.id DESC LIMIT 1) scan ON TRUE
  LEFT JOIN LATERAL (
       SELECT count(*) AS problems
         FROM order_shipment_order_shipment_parcel_rel link
         JOIN order_shipment_problem problem ON problem.parcel_id = link.order_shipment_parcel_id
        WHERE link.order_shipment_id = shipment.id AND problem.state = 'open') trouble ON TRUE
  LEFT JOIN LATERAL (%(late)s) late ON TRUE
 WHERE shipment.id = ANY(%(ids)s)"""
# Against which day it is measured, and whether it is later: the day agreed since, or else the first promised.
# In the customer's days, as for problems (sale.order._parcel_zone).
LATE = """
SELECT min(COALESCE(agreed.day, promised.day)) AS day,
       bool_or(expected.day > COALESCE(agreed.day, promised.day)) AS is_late
  FROM order_shipment_sale_order_rel sold
  JOIN sale_order sale ON sale.id = sold.sale_order_id
  JOIN res_partner receiver ON receiver.id = sale.partner_shipping_id
  JOIN res_partner customer ON customer.id = sale.partner_id
  JOIN res_company company ON company.id = sale.company_id
  JOIN res_partner ours ON ours.id = company.partner_id
  CROSS JOIN LATERAL (
       SELECT COALESCE(CASE WHEN receiver.tz = ANY(%(zones)s) THEN receiver.tz END,
                       CASE WHEN customer.tz = ANY(%(zones)s) THEN customer.tz END,
                       CASE WHEN ours.tz = ANY(%(zones)s) THEN ours.tz END, 'UTC') AS name
       ) zone
  CROSS JOIN LATERAL (
       SELECT (COALESCE(sale.promise_date, sale.commitment_date) AT TIME ZONE 'UTC'
               AT TIME ZONE zone.name)::date AS day) promised
  CROSS JOIN LATERAL (
       SELECT max(problem.new_date) AS day
         FROM order_shipment_order_shipment_parcel_rel link
         JOIN order_shipment_problem problem ON problem.parcel_id = link.order_shipment_parcel_id
        WHERE link.order_shipment_id = shipment.id) agreed
  CROSS JOIN LATERAL (
       SELECT (GREATEST(max(parcel.eta), %(now)s::timestamp) AT TIME ZONE 'UTC'
               AT TIME ZONE zone.name)::date AS day
         FROM order_shipment_order_shipment_parcel_rel link
         JOIN order_shipment_parcel parcel ON parcel.id = link.order_shipment_parcel_id
        WHERE link.order_shipment_id = shipment.id) expected
 WHERE sold.order_shipment_id = shipment.id AND sale.state <> 'cancel'"""
OVER = ("delivered", "returned", "cancelled")


class OrderShipment(models.Model):
    """What the screens of shipments show of the parcels in them."""

    _inherit = "order.shipment"

    status = fields.Selection(group_expand="_status_columns")
    last_scan_at = fields.Datetime("Last scan", compute="_compute_figures")
    last_scan_age = fields.Char("Scanned", compute="_compute_last_scan_age")
    last_scan = fields.Char("What was seen last", compute="_compute_figures")
    eta = fields.Datetime("Expected by the carrier", compute="_compute_figures")
    promised_for = fields.Date("Promised for", compute="_compute_figures")
    is_late = fields.Boolean(
        "Late",
        compute="_compute_figures",
        search="_search_is_late",
        help="On its way, and later than promised or agreed since; or the carrier expects it to be.",
    )
    problem_count = fields.Integer("Open problems", compute="_compute_figures")
    tracked_count = fields.Integer("Parcels followed", compute="_compute_tracked_count")
    carrier_page = fields.Char("Carrier's page", compute="_compute_carrier_page", exportable=False)
    scan_ids = fields.Many2many("order.shipment.event", compute="_compute_scan_ids", string="On its way")

    @api.model
    def _status_columns(self, values, domain):
        """Return the columns of the board in the order of the journey; rare ones only where they are used."""
        shown = {*values, *USUAL}
        return [status for status in self._fields["status"].get_values(self.env) if status in shown]

    # Of parcels nothing is named here: hundreds move in a batch, and who looks asks anew.
    @api.depends("status", "order_ids")
    @api.depends_context("lang")
    def _compute_figures(self):
        rows = {row[0]: row[1:] for row in self._figure_rows()}
        nothing = (None, None, None, None, None, None, False, 0)
        labels = dict(self._fields["status"]._description_selection(self.env))
        for shipment in self:
            last_at, eta, text, place, status, day, is_late, problems = rows.get(shipment._origin.id, nothing)
            shipment.last_scan_at = last_at or False
            # Who sets a status by hand writes no text.
            shipment.last_scan = ", ".join(filter(None, (text or labels.get(status), place)))
            shipment.eta = eta if shipment.status not in OVER else False
            shipment.promised_for = day or False
            shipment.is_late = bool(is_late) and shipment.status not in OVER
            shipment.problem_count = problems

    @api.depends("last_scan_at")
    @api.depends_context("lang")
    def _compute_last_scan_age(self):
        now, locale = fields.Datetime.now(), babel_locale_parse(get_lang(self.env).code)
        for shipment in self:
            # A carrier's clock may be ahead of ours.
            since = shipment.last_scan_at and min(shipment.last_scan_at - now, now - now)
            words = since is not False and format_timedelta(
                since, granularity="minute", threshold=1, add_direction=True, locale=locale
            )
            shipment.last_scan_age = words or ""

    def _figure_rows(self):
        self._flush_figures()
        late = self._late_sql()
        return self.env.execute_query(SQL(FIGURES, late=late, ids=self._origin.ids))

    @api.model
    def _late_sql(self):
        return SQL(LATE, now=fields.Datetime.now(), zones=list(self._known_zones()))

    @api.model
    @ormcache()
    def _known_zones(self):
        """Return the time zones the database knows: one it does not know would stop the whole list."""
        return tuple(name for (name,) in self.env.execute_query(SQL("SELECT name FROM pg_timezone_names")))

    def _flush_figures(self):
        self.flush_model(["status", "order_ids", "parcel_ids"])
        for model, names in {
            "order.shipment.parcel": ["last_event_at", "eta"],
            "order.shipment.event": ["event_time", "text", "place", "status"],
            "order.shipment.problem": ["state", "new_date", "parcel_id"],
            "sale.order": ["state", "promise_date", "commitment_date", "partner_id", "partner_shipping_id"],
            "res.partner": ["tz"],
        }.items():
            self.env[model].flush_model(names)

    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        self._flush_figures()
        ids = SQL(
            """(SELECT shipment.id FROM order_shipment shipment
                 CROSS JOIN LATERAL (%s) late
                 WHERE shipment.status NOT IN %s AND late.is_late)""",
            self._late_sql(),
            OVER,
        )
        # The one value asked for: yes, or with both all of them.
        if {True, False} <= set(value):
            return Domain.TRUE
        return Domain("id", "in" if True in value else "not in", ids)

    @api.depends("parcel_ids")
    def _compute_tracked_count(self):
        for shipment in self:
            shipment.tracked_count = len(shipment.parcel_ids)

    @api.depends("parcel_ids")
    def _compute_scan_ids(self):
        for shipment in self:  # a page shows one
            shipment.scan_ids = shipment.parcel_ids.event_ids.sorted(
                lambda scan: (scan.event_time or scan.received_at, scan.id), reverse=True
            )

    @api.depends("parcel_ids")
    def _compute_carrier_page(self):
        together = self.parcel_ids._prefetch_ids  # a board shows many
        for shipment in self:
            shipment.carrier_page = shipment.parcel_ids[:1].with_prefetch(together).carrier_page

    # ---------------------------------------------------------------- buttons
    def action_ask_now(self):
        """Have its parcels asked for as soon as their provider allows."""
        self.check_access("read")
        return self.parcel_ids.action_ask_now()

    def action_open_carrier_page(self):
        self.check_access("read")
        self.ensure_one()
        return self.parcel_ids[:1].action_open_carrier_page()

    def action_view_problems(self):
        self.check_access("read")
        return self.parcel_ids.action_view_problems()


class OrderShipmentEvent(models.Model):
    _inherit = "order.shipment.event"

    zone_mark = fields.Char("Time zone", compute="_compute_zone_mark")

    @api.depends("zone_assumed")
    @api.depends_context("lang")
    def _compute_zone_mark(self):
        for scan in self:
            scan.zone_mark = self.env._("Assumed") if scan.zone_assumed else ""
