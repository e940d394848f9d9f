from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

MOST_LISTS = 50


class OrderQuickList(models.Model):
    """What a customer orders again and again, under a name of his own: everybody of his company has it."""

    _name = "order.quick.list"
    _description = "Customer's List"
    _order = "name, id"

    name = fields.Char(required=True)
    partner_id = fields.Many2one("res.partner", "Customer", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    line_ids = fields.One2many("order.quick.list.line", "list_id", "Lines")

    _name_uniq = models.UniqueIndex(
        "(partner_id, company_id, name)", "The customer has a list of this name already."
    )

    @api.model
    def _of_customer(self, user):
        """Return the lists of the company ``user`` orders for."""
        return self.search(
            [
                ("partner_id", "=", user.partner_id.commercial_partner_id.id),
                ("company_id", "=", self.env.company.id),
            ]
        )

    @api.model
    def _keep(self, user, name, lines):
        """Keep these lines under the name; a list that has it holds these from now on."""
        name = " ".join(name.split())[:60]
        lines = lines.filtered(lambda line: line.product_id and line.quantity > 0)
        if not name:
            raise UserError(self.env._("Please give the list a name."))
        if not lines:
            raise UserError(self.env._("There is nothing yet to keep in a list."))
        lists = self._of_customer(user)
        commands = [Command.clear(), *(Command.create(line._prepare_list_line()) for line in lines)]
        if known := lists.filtered(lambda one: one.name == name):
            known.line_ids = commands
            return known
        if len(lists) >= MOST_LISTS:
            raise UserError(self.env._("There are %s lists already: please delete one first.", MOST_LISTS))
        return self.create(
            {
                "name": name,
                "partner_id": user.partner_id.commercial_partner_id.id,
                "company_id": self.env.company.id,
                "line_ids": commands[1:],
            }
        )


class OrderQuickListLine(models.Model):
    _name = "order.quick.list.line"
    _description = "Line of a Customer's List"
    _order = "list_id, sequence, id"
    _rec_name = "product_id"

    list_id = fields.Many2one("order.quick.list", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="list_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    product_id = fields.Many2one("product.product", required=True, index=True, ondelete="cascade")
    uom_id = fields.Many2one(
        "uom.uom",
        "Unit",
        compute="_compute_uom_id",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
    )
    quantity = fields.Float(digits="Product Unit", required=True, default=1.0)

    @api.depends("product_id")
    def _compute_uom_id(self):
        for line in self:
            product = line.product_id
            if line.uom_id not in product.uom_id | product.uom_ids:
                line.uom_id = product.uom_id


class OrderQuick(models.Model):
    _inherit = "order.quick"

    def _take_products(self, wanted):
        """Put ``(product, quantity, unit)`` on top; what is not sold any more is named and left out.

        Return ``(lines, products left out)``.
        """
        domain = self.env["product.product"]._quickly_ordered_domain(self.company_id)
        products = self.env["product.product"].browse({product.id for product, _qty, _unit in wanted})
        sold = products.filtered_domain(domain)
        rows = [self._row_of(*one) for one in wanted if one[0] in sold]
        return self._put_on_top(rows)[0], products - sold

    @staticmethod
    def _row_of(product, quantity, unit):
        """Return it as it is understood: as much in the product's own unit, if it is not sold by that one."""
        if unit not in product.uom_id | product.uom_ids:
            quantity = unit._compute_quantity(quantity, product.uom_id, raise_if_failure=False)
            unit = product.uom_id
        return {
            "code": product.default_code or product.name,
            "product": product,
            "unit": unit,
            "quantity": quantity,
            "given": False,
            "given_unit": False,
            "fault": False,
        }


class OrderQuickLine(models.Model):
    _inherit = "order.quick.line"

    def _prepare_list_line(self):
        return {"product_id": self.product_id.id, "uom_id": self.uom_id.id, "quantity": self.quantity}
