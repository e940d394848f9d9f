from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain

TO_COUNT = Domain("location_id.usage", "in", ["internal", "transit"])


class StockQuant(models.Model):
    """Counting by plan, with Odoo's own counts: the date and the person stand on the stock record."""

    _inherit = "stock.quant"

    abc_class = fields.Char("Class", compute="_compute_abc_class", search="_search_abc_class")

    @api.depends("product_id", "location_id")
    def _compute_abc_class(self):
        classes = self.env["order.count.plan"]._class_of(self.product_id, self.location_id.warehouse_id)
        for quant in self:
            key = (quant.product_id.id, quant.location_id.warehouse_id.id)
            quant.abc_class = classes.get(key, False)

    @api.model
    def _search_abc_class(self, operator, value):
        if operator != "in":
            return NotImplemented
        # sudo: the class is no secret
        plans = self.env["order.count.plan"].sudo().search([("abc_class", "in", [v for v in value if v])])
        domains = [
            Domain("location_id.warehouse_id", "=", warehouse.id)
            & Domain("product_id", "in", group.product_id.ids)
            for warehouse, group in plans.grouped("warehouse_id").items()
        ]
        return Domain.OR(domains)

    def _request_count(self, date, user):
        """Ask for a count as Odoo's wizard does; who is asked already stays so."""
        if not self:
            return
        counting = self.with_context(inventory_mode=True)
        counting.write({"inventory_date": date})
        if user:
            counting.filtered(lambda quant: not quant.user_id).write({"user_id": user.id})

    # ---------------------------------------------------------------- what is to be counted
    @api.model
    def _to_count_domain(self):
        """What is due today or late: of the user, or of nobody yet."""
        today = fields.Date.context_today(self)
        return (
            TO_COUNT & Domain("inventory_date", "<=", today) & Domain("user_id", "in", [False, self.env.uid])
        )

    @api.model
    def _count_today_action(self):
        """Return Odoo's page of counts, with what is due only; it says how many are late."""
        action = self.action_view_inventory()
        today = fields.Date.context_today(self)
        due = self._to_count_domain() & Domain("company_id", "in", self.env.companies.ids)
        late = self.search_count(due & Domain("inventory_date", "<", today))
        context = {
            name: value for name, value in action["context"].items() if name != "search_default_my_count"
        }
        name = self.env._("Count Today")
        if is_open := self.search_count(due):
            name = self.env._("Count Today (%(open)s open, %(late)s late)", open=is_open, late=late)
        title = self.env._("Nothing to count today")
        text = self.env._(
            "Counts come here on their day: by ABC class, by the frequency of a location, or because somebody"
            " asked for one."
        )
        return {
            **action,
            "name": name,
            "domain": list(self._to_count_domain()),
            "context": {**context, "always_show_loc": 1},
            "search_view_id": [self.env.ref("order_processing.stock_quant_view_search_count").id, "search"],
            "view_mode": "list,kanban,form",
            "mobile_view_mode": "kanban",
            "views": [
                (self.env.ref(f"order_processing.stock_quant_view_{kind}_count").id, kind)
                for kind in ("list", "kanban", "form")
            ],
            "help": Markup('<p class="o_view_nocontent_smiling_face">%s</p><p>%s</p>') % (title, text),
        }

    # ---------------------------------------------------------------- what was found
    def _get_inventory_move_values(
        self, qty, location_id, location_dest_id, package_id=False, package_dest_id=False
    ):
        vals = super()._get_inventory_move_values(
            qty, location_id, location_dest_id, package_id=package_id, package_dest_id=package_dest_id
        )
        cost = self.product_id.with_company(self.company_id).standard_price
        return {
            **vals,
            "counted_quantity": self.inventory_quantity,
            "counted_cost": cost,
            "counted_class": self.abc_class,
        }


class StockMove(models.Model):
    """What a count found, kept with the move it made."""

    _inherit = "stock.move"

    counted_quantity = fields.Float(
        "Counted", digits="Product Unit", copy=False, readonly=True, aggregator=None
    )
    counted_cost = fields.Float("Cost when counted", copy=False, readonly=True, aggregator=None)
    counted_class = fields.Char("Class when counted", copy=False, readonly=True)
