from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    review_learned_until = fields.Datetime(
        readonly=True,
        copy=False,
        groups="base.group_system",
        help="Changes of orders up to here are in what is usual, or marked to be learned.",
    )
    review_learned_as_of = fields.Datetime(
        readonly=True, copy=False, groups="base.group_system", help="What is usual is that of a trial."
    )


class SaleOrder(models.Model):
    _inherit = "sale.order"

    # The latest orders of a customer, and those within some days: by index, however many there are.
    _customer_date = models.Index("(partner_id, date_order DESC)")


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    _customer_product = models.Index("(order_partner_id, product_id, id DESC) WHERE state = 'sale'")
    _product_latest = models.Index("(company_id, product_id, id DESC) WHERE state = 'sale'")
