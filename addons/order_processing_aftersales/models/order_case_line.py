from odoo import api, fields, models
from odoo.exceptions import ValidationError

REASONS = [
    ("broken", "Broken"),
    ("faulty", "Does not work"),
    ("missing", "Missing"),
    ("wrong", "Not what was ordered"),
    ("description", "Not as described"),
    ("late", "Came too late"),
    ("unwanted", "Not wanted any more"),
    ("other", "Something else"),
]


class OrderCaseLine(models.Model):
    """Which goods of the order a case is about, how many, and why."""

    _name = "order.case.line"
    _description = "Goods of a Case"
    _order = "case_id desc, id"

    case_id = fields.Many2one("order.case", required=True, index=True, ondelete="cascade")
    sale_line_id = fields.Many2one(
        "sale.order.line", "Line of the order", required=True, index=True, ondelete="restrict"
    )
    # sudo: what was sold, to those who look after the case
    product_id = fields.Many2one(
        related="sale_line_id.product_id", store=True, index="btree_not_null", related_sudo=True
    )
    product_uom_id = fields.Many2one(related="sale_line_id.product_uom_id", related_sudo=True)
    quantity = fields.Float(digits="Product Unit", required=True, default=1.0)
    reason = fields.Selection(REASONS, required=True, default="other", index=True)
    note = fields.Char()

    # ---------------------------------------------------------------- for the report
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True)
    kind = fields.Selection(related="case_id.kind", store=True)
    partner_id = fields.Many2one(related="case_id.partner_id", store=True, index="btree_not_null")
    carrier_id = fields.Many2one(related="case_id.carrier_id", store=True, index="btree_not_null")

    _positive = models.Constraint("CHECK(quantity > 0)", "The quantity of goods in a case is more than 0.")
    _line_once = models.Constraint(
        "UNIQUE(case_id, sale_line_id)", "This line of the order is in the case already."
    )

    @api.constrains("sale_line_id", "quantity", "case_id")
    def _check_sold(self):
        for line in self.sudo():  # sudo: what was sold, to who may write the case
            sold = line.sale_line_id
            if sold.order_id != line.case_id.order_id:
                raise ValidationError(
                    self.env._("%s is not in the order of this case.", sold.product_id.display_name)
                )
            if sold.product_uom_id.compare(line.quantity, sold.product_uom_qty) > 0:
                raise ValidationError(
                    self.env._(
                        "Of %(product)s only %(sold)s were sold.",
                        product=sold.product_id.display_name,
                        sold=sold.product_uom_qty,
                    )
                )
