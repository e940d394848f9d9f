from odoo import fields, models


class OrderFreightReport(models.Model):
    """Freight by order, carrier, region and month: charged, expected, billed.

    A row is what one order bears of one shipment. What the customer was charged is shared out over his
    shipments by weight, to the cent; of orders nothing has left of, it is a row of its own.
    """

    _name = "order.freight.report"
    _description = "Freight Costs"
    _auto = False
    _order = "date desc, id"
    _rec_name = "order_id"

    order_id = fields.Many2one("sale.order", readonly=True)
    shipment_id = fields.Many2one("order.shipment", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    carrier_id = fields.Many2one("delivery.carrier", readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    country_id = fields.Many2one("res.country", readonly=True)
    state_id = fields.Many2one("res.country.state", readonly=True)
    zone_id = fields.Many2one("order.freight.zone", readonly=True)
    date = fields.Datetime(readonly=True)
    is_billed = fields.Boolean("Billed already", readonly=True)
    weight = fields.Float(readonly=True)
    charged = fields.Monetary("Charged to the customer", readonly=True)
    expected = fields.Monetary("Expected cost", readonly=True)
    billed = fields.Monetary(readonly=True)
    cost = fields.Monetary("Freight", readonly=True, help="Billed, and expected for what is not billed yet.")
    difference = fields.Monetary("More than expected", readonly=True)
    result = fields.Monetary("Charged less freight", readonly=True)

    def action_open_order(self):
        self.ensure_one()
        return self.order_id.get_formview_action()

    @property
    def _table_query(self):
        return """
            WITH charged AS (
                SELECT line.order_id,
                       round((sum(line.price_subtotal) / COALESCE(NULLIF(o.currency_rate, 0), 1))::numeric,
                             currency.decimal_places) AS amount
                  FROM sale_order_line line
                  JOIN sale_order o ON o.id = line.order_id
                  JOIN res_company company ON company.id = o.company_id
                  JOIN res_currency currency ON currency.id = company.currency_id
                 WHERE line.is_delivery AND o.state = 'sale'
                 GROUP BY line.order_id, o.currency_rate, currency.decimal_places
            ), parts AS (
                SELECT share.*, charged.amount AS charged, currency.decimal_places AS digits,
                       row_number() OVER (PARTITION BY share.order_id ORDER BY share.id) AS place,
                       CASE WHEN sum(share.weight) OVER (PARTITION BY share.order_id) > 0
                            THEN share.weight / sum(share.weight) OVER (PARTITION BY share.order_id)
                            ELSE 1.0 / count(*) OVER (PARTITION BY share.order_id) END AS part
                  FROM order_freight_share share
                  JOIN res_company company ON company.id = share.company_id
                  JOIN res_currency currency ON currency.id = company.currency_id
                  LEFT JOIN charged ON charged.order_id = share.order_id
            ), rounded AS (
                SELECT *, round((COALESCE(charged, 0) * part)::numeric, digits) AS own FROM parts
            ), shares AS (
                -- The first bears what rounding left over: together they are what was charged.
                SELECT id, shipment_id, order_id, company_id, expected, billed, cost, difference, weight,
                       is_billed, own + CASE WHEN place = 1
                           THEN COALESCE(charged, 0) - sum(own) OVER (PARTITION BY order_id)
                           ELSE 0 END AS charged
                  FROM rounded
            )
            SELECT share.id AS id, share.order_id, share.shipment_id, share.company_id, company.currency_id,
                   shipment.carrier_id, o.partner_id, partner.country_id, partner.state_id,
                   shipment.freight_zone_id AS zone_id, shipment.shipped_at AS date, share.is_billed,
                   share.weight, share.charged, share.expected, share.billed, share.cost, share.difference,
                   share.charged - share.cost AS result
              FROM shares share
              JOIN order_shipment shipment ON shipment.id = share.shipment_id
              JOIN sale_order o ON o.id = share.order_id
              JOIN res_company company ON company.id = share.company_id
              LEFT JOIN res_partner partner
                     ON partner.id = COALESCE(shipment.partner_id, o.partner_shipping_id)
             UNION ALL
            SELECT -o.id, o.id, NULL, o.company_id, company.currency_id, o.carrier_id, o.partner_id,
                   partner.country_id, partner.state_id, NULL, o.date_order, FALSE, 0, charged.amount, 0, 0,
                   0, 0, charged.amount
              FROM charged
              JOIN sale_order o ON o.id = charged.order_id
              JOIN res_company company ON company.id = o.company_id
              LEFT JOIN res_partner partner ON partner.id = o.partner_shipping_id
             WHERE NOT EXISTS (SELECT FROM order_freight_share share WHERE share.order_id = o.id)
        """
