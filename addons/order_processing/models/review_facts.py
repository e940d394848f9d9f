from collections import defaultdict
from functools import cached_property

from odoo import api, fields, models
from odoo.tools import SQL, ormcache

from ..engine.review_facts import LineRow, OrderRow, PartnerRow, is_under_review
from .sale_order_checks_price import ListPrices

ORDER_FIELDS = (
    "state",
    "company_id",
    "partner_id",
    "partner_shipping_id",
    "partner_invoice_id",
    "pricelist_id",
    "currency_id",
    "currency_rate",
    "date_order",
    "amount_untaxed",
    "amount_tax",
    "amount_total",
    "channel_id",
    "carrier_id",
    "client_order_ref",
    "fiscal_position_id",
)
LINE_FIELDS = (
    "order_id",
    "product_id",
    "product_uom_qty",
    "product_uom_id",
    "price_unit",
    "discount",
    "price_subtotal",
    "price_total",
    "is_delivery",
    "is_expense",
    "combo_item_id",
    "display_type",
)
PARTNER_FIELDS = (
    "commercial_partner_id",
    "name",
    "street",
    "street2",
    "city",
    "zip",
    "state_id",
    "country_id",
    "email",
    "phone",
    "order_blocked",
    "order_block_reason",
)


class ReviewFacts:
    """What the rules look at, of a batch of orders of one company: read once, when first asked for.

    A few queries, however many orders there are; plain rows, because reading fields of records one by
    one would cost more than all decisions together.
    """

    def __init__(self, orders):
        self.records = orders
        self.env = orders.env
        self.company = orders.company_id

    @cached_property
    def orders(self):
        """``{order id: OrderRow}`` in the order of the batch."""
        return self._order_rows()

    def _order_rows(self):
        if not self.records:
            return {}
        self.env["sale.order"].flush_model(ORDER_FIELDS)
        self.env["res.partner"].flush_model(["commercial_partner_id"])
        query = SQL(
            """
            SELECT o.id, o.state, o.company_id, o.partner_id, COALESCE(p.commercial_partner_id, p.id),
                   o.partner_shipping_id, o.partner_invoice_id, o.pricelist_id, o.currency_id,
                   COALESCE(NULLIF(o.currency_rate, 0), 1)::float8, COALESCE(o.date_order, o.create_date),
                   COALESCE(o.amount_untaxed, 0)::float8, COALESCE(o.amount_tax, 0)::float8,
                   COALESCE(o.amount_total, 0)::float8, o.channel_id, o.carrier_id, o.client_order_ref,
                   o.fiscal_position_id
              FROM sale_order o
              JOIN res_partner p ON p.id = o.partner_id
             WHERE o.id = ANY(%s)
            """,
            self.records.ids,
        )
        rows = {row[0]: OrderRow(*row) for row in self.env.execute_query(query)}
        return {order_id: rows[order_id] for order_id in self.records.ids if order_id in rows}

    @cached_property
    def lines(self):
        """``{order id: [LineRow, …]}``: the lines under review, in the order they have on the order."""
        carriers = self.env["delivery.carrier"]
        carriers = carriers.browse({row.carrier_id for row in self.orders.values() if row.carrier_id})
        carrier_products = {carrier.id: carrier.product_id.id for carrier in carriers}
        lines = defaultdict(list)
        self.subtotals = defaultdict(float)
        for row in self._line_rows():
            self.subtotals[row.order_id] += row.subtotal
            carrier_product = carrier_products.get(self.orders[row.order_id].carrier_id)
            if is_under_review(row, carrier_product):
                lines[row.order_id].append(row)
        return lines

    def _line_rows(self):
        return self._query_lines(list(self.orders))

    def _query_lines(self, order_ids, source=SQL("sale_order_line")):  # noqa: B008  a constant
        """Return the lines of these orders as rows, of the table or of what has the same columns."""
        if not order_ids:
            return []
        self.env["sale.order.line"].flush_model(LINE_FIELDS)
        self.env["product.product"].flush_model(["active", "standard_price"])
        self.env["product.template"].flush_model(
            ["type", "list_price", "expense_policy", "sale_ok", "active", "uom_id"]
        )
        query = SQL(
            """
            SELECT l.id, l.order_id, l.product_id, p.product_tmpl_id, t.type,
                   COALESCE(l.product_uom_qty, 0)::float8 AS quantity, l.product_uom_id, t.uom_id,
                   COALESCE(l.price_unit, 0)::float8, COALESCE(l.discount, 0)::float8,
                   COALESCE(l.price_subtotal, 0)::float8, COALESCE(l.price_total, 0)::float8,
                   COALESCE(l.is_delivery, FALSE), COALESCE(l.is_expense, FALSE),
                   l.combo_item_id IS NOT NULL, COALESCE(t.list_price, 0)::float8, t.expense_policy,
                   COALESCE(p.active AND t.active AND t.sale_ok, FALSE),
                   COALESCE(p.standard_price->>%(company)s, '0')::float8,
                   CASE WHEN l.product_uom_id = t.uom_id OR t.uom_id IS NULL THEN
                       COALESCE(l.product_uom_qty, 0)::float8
                   ELSE (l.product_uom_qty * lu.factor / tu.factor)::float8 END,
                   (l.price_unit * (1 - COALESCE(l.discount, 0) / 100.0))::float8
              FROM %(source)s l
              LEFT JOIN product_product p ON p.id = l.product_id
              LEFT JOIN product_template t ON t.id = p.product_tmpl_id
              LEFT JOIN uom_uom lu ON lu.id = l.product_uom_id
              LEFT JOIN uom_uom tu ON tu.id = t.uom_id
             WHERE l.order_id = ANY(%(orders)s) AND l.display_type IS NULL
             ORDER BY l.order_id, l.sequence, l.id
            """,
            company=str(self.company.id),
            orders=order_ids,
            source=source,
        )
        return [LineRow(*row) for row in self.env.execute_query(query)]

    @cached_property
    def partners(self):
        """``{partner id: PartnerRow}`` of customers, their companies, delivery and invoice contacts."""
        wanted = set()
        for row in self.orders.values():
            wanted |= {row.partner_id, row.commercial_id, row.shipping_id, row.invoice_id}
        wanted.discard(None)
        if not wanted:
            return {}
        self.env["res.partner"].flush_model(PARTNER_FIELDS)
        query = SQL(
            """
            SELECT p.id, COALESCE(p.commercial_partner_id, p.id),
                   COALESCE(NULLIF(p.name, ''), NULLIF(p.complete_name, ''), p.email),
                   p.street, p.street2, p.city, p.zip, p.state_id, p.country_id, p.email, p.phone,
                   COALESCE(p.order_blocked, FALSE), p.order_block_reason
              FROM res_partner p
             WHERE p.id = ANY(%s)
            """,
            list(wanted),
        )
        countries, states = self.env["res.country"]._review_country_facts()
        rows = {}
        for row in self.env.execute_query(query):
            code, state_count = countries.get(row[8], (None, 0))
            rows[row[0]] = PartnerRow(*row, code, *states.get(row[7], (None, None)), state_count)
        return rows

    @cached_property
    def list_prices(self):
        """``{line id: net unit price}`` of the price lists, for lines with a product and a quantity."""
        return ListPrices(self).by_line()

    @cached_property
    def habits(self):
        """What is usual for the customers and products of the batch; see :class:`~..engine.habits.Habits`."""
        return self.env["order.review.habit"]._for_orders(self)

    # ---------------------------------------------------------------- what else was known, and when
    @property
    def priced_lines(self):
        """The lines a price list has a price for, as :attr:`lines`."""
        return self.lines

    def today_of(self, order_id):
        """Return the day the order is judged on."""
        return fields.Date.context_today(self.records)

    def with_earlier_orders(self, orders):
        """Return the ids of those of the orders whose customer has had another one confirmed."""
        return orders._with_earlier_orders()

    def count_recent(self, orders, days):
        """Return ``{order id: how many orders of its customer have come in these days}``, itself included."""
        return orders._count_recent(days)

    def placed_nearby(self, orders, days):
        """Return the orders, and those of the same customers from these days, as :class:`~.twins.Placed`."""
        return orders._placed_nearby(days)

    def due_with(self, orders, customers):
        """Return ``{order id: what its customer owes with it}``, for the orders of these customers."""
        return orders._due_with(self, customers)

    def rule_failed(self, orders, rule, error):
        """Return what is found on orders a rule could not judge."""
        return orders._rule_failed(rule, self, error)

    def partner_name(self, partner_id):
        row = self.partners.get(partner_id)
        return row.name if row and row.name else self.env["res.partner"].browse(partner_id).display_name

    def product_name(self, product_id):
        """Return how the product is called, for the few that a finding names."""
        return self.env["product.product"].browse(product_id).display_name


class ResCountry(models.Model):
    _inherit = "res.country"

    @api.model
    @ormcache()
    def _review_country_facts(self):
        """Return ``({country id: (code, number of its states)}, {state id: (code, name)})``."""
        self.flush_model(["code"])
        self.env["res.country.state"].flush_model(["code", "name", "country_id"])
        states = self.env.execute_query(SQL("SELECT id, country_id, code, name FROM res_country_state"))
        counts = defaultdict(int)
        for _id, country_id, _code, _name in states:
            counts[country_id] += 1
        countries = self.env.execute_query(SQL("SELECT id, code FROM res_country"))
        return (
            {country_id: (code, counts[country_id]) for country_id, code in countries},
            {state_id: (code, name) for state_id, _country, code, name in states},
        )

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        if "code" in vals:
            self.env.registry.clear_cache()
        return super().write(vals)


class ResCountryState(models.Model):
    _inherit = "res.country.state"

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()
