from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date
from odoo.tools.misc import formatLang

from .order_shortage_replenish import _notice
from .stock_warehouse_bring import Load


class OrderShortage(models.Model):
    """What the planner sees of a shortage, and the buttons that help."""

    _inherit = "order.shortage"
    _mail_post_access = "read"  # who may see it may note what the vendor said

    help_text = fields.Char("What helps", compute="_compute_help_text")
    elsewhere_id = fields.Many2one(
        "stock.warehouse", "Free elsewhere", compute="_compute_elsewhere", compute_sudo=True
    )
    elsewhere_qty = fields.Float(
        "Free there", compute="_compute_elsewhere", compute_sudo=True, digits="Product Unit"
    )
    elsewhere_text = fields.Char("In another warehouse", compute="_compute_elsewhere", compute_sudo=True)
    substitute_text = fields.Char("Substitutes", compute="_compute_substitute_text", compute_sudo=True)
    can_replenish = fields.Boolean(compute="_compute_can_replenish")
    days_short = fields.Integer("Days", compute="_compute_days_short", help="Since when it is short.")

    @api.depends("help_ids", "uncovered_qty", "is_unavailable")
    @api.depends_context("lang", "tz")
    def _compute_help_text(self):
        for shortage in self:
            shortage.help_text = shortage._help_words()

    def _help_words(self):
        if self.state != "open":
            return False
        words = [f"{one.document_name} · {format_date(self.env, one._day())}" for one in self.help_ids]
        if self.is_unavailable:
            words.append(self.env._("no vendor, no route"))
        elif self.uncovered_qty and not words:
            words.append(self.env._("nothing is coming"))
        elif self.uncovered_qty:
            words.append(self.env._("%s more to order", self._number(self.uncovered_qty)))
        return " + ".join(words)

    def _number(self, quantity):
        return formatLang(self.env, quantity, digits=0 if float(quantity).is_integer() else 2)

    @api.depends("product_id", "warehouse_id", "state")
    @api.depends_context("lang")
    def _compute_elsewhere(self):
        free = self._free_by_warehouse(self.product_id)
        for shortage in self:
            others = {
                warehouse: quantity
                for warehouse, quantity in free.get(shortage.product_id, {}).items()
                if warehouse != shortage.warehouse_id
                and warehouse.company_id == shortage.company_id
                and quantity > 0
                and shortage.state == "open"
            }
            best = max(others, key=others.get, default=shortage.warehouse_id.browse())
            shortage.elsewhere_id = best
            shortage.elsewhere_qty = others.get(best, 0.0)
            shortage.elsewhere_text = f"{self._number(others[best])} · {best.name}" if best else False

    def _free_by_warehouse(self, products):
        """Return ``{product: {warehouse: quantity}}`` of what is free after all that is promised."""
        warehouses = self.env["stock.warehouse"].search([("company_id", "in", self.company_id.ids)])
        free = {}
        for (product_id, warehouse_id), had in products._order_availability(warehouses).items():
            free.setdefault(products.browse(product_id), {})[warehouses.browse(warehouse_id)] = had.free_now
        return free

    @api.depends("product_id", "warehouse_id", "state")
    @api.depends_context("lang")
    def _compute_substitute_text(self):
        free = self._free_by_warehouse(self.product_id.substitute_ids)
        for shortage in self:
            here = {
                product: free.get(product, {}).get(shortage.warehouse_id, 0.0)
                for product in shortage.product_id.substitute_ids
            }
            shortage.substitute_text = shortage.state == "open" and ", ".join(
                f"{product.display_name}: {self._number(quantity)}"
                for product, quantity in here.items()
                if quantity > 0
            )

    @api.depends("uncovered_qty", "state", "company_id")
    @api.depends_context("uid")
    def _compute_can_replenish(self):
        for shortage in self:
            allowed = (
                shortage._may_plan() and shortage.company_id.sudo().shortage_replenish != "off"
            )  # sudo: settings
            shortage.can_replenish = allowed and shortage.state == "open" and bool(shortage.uncovered_qty)

    @api.depends("since", "closed_at")
    def _compute_days_short(self):
        for shortage in self:
            shortage.days_short = ((shortage.closed_at or fields.Datetime.now()) - shortage.since).days

    # ---------------------------------------------------------------- leading somewhere
    def action_open_order(self):
        self.check_access("read")
        self.ensure_one()
        return self.order_id.get_formview_action()

    def action_open_help(self):
        """Open what brings the goods: the first of it, or all where there are several."""
        self.check_access("read")
        self.ensure_one()
        if len(self.help_ids) == 1:
            return self.help_ids.action_open_document()
        domain = [("shortage_id", "=", self.id)]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("What helps"),
            "res_model": "order.shortage.help",
            "view_mode": "list",
            "domain": domain,
            "target": "new",
        }

    def action_view_holders(self):
        """Show for whom the product is set aside: another order may do without it for a while."""
        self.check_access("read")
        self.ensure_one()
        domain = [
            ("product_id", "=", self.product_id.id),
            ("state", "in", ("assigned", "partially_available")),
            ("location_id", "child_of", self.warehouse_id.sudo().view_location_id.id),  # sudo: an id
        ]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Who has it: %s", self.product_id.display_name),
            "res_model": "stock.move",
            "view_mode": "list",
            "views": [(self.env.ref("order_processing.stock_move_view_list_holders").id, "list")],
            "domain": domain,
        }

    def action_view_forecast(self):
        self.check_access("read")
        self.ensure_one()
        action = self.product_id.action_product_forecast_report()
        action["context"] = {
            "active_id": self.product_id.id,
            "active_model": "product.product",
            "warehouse_id": self.warehouse_id.id,
        }
        return action

    # ---------------------------------------------------------------- doing something
    def action_refresh(self):
        """Look at these again, now."""
        self.check_access("read")
        self._update(self.product_id, self.warehouse_id)
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_transfer(self):
        """Bring what is missing from the warehouse that has most of it free, in one transfer for each."""
        self.check_access("read")
        if not self._may_plan():
            raise UserError(self.env._("Ask somebody in Inventory to bring it from there."))
        lent = self.sudo()  # sudo: planners may move stock
        lent._touch()
        # What somebody has just brought on its way counts; nothing is ordered before it is brought.
        lent._refresh(lent.product_id, lent.warehouse_id)
        lent.invalidate_recordset(["elsewhere_id", "elsewhere_qty", "elsewhere_text"])
        lent = lent.filtered(lambda one: one.state == "open" and one.elsewhere_id)
        pickings = self.env["stock.picking"]
        for (source, target), ours in lent.grouped(lambda o: (o.elsewhere_id, o.warehouse_id)).items():
            pickings |= ours._transfer(source, target)
        if not pickings:
            return _notice("info", self.env._("It is free in no other warehouse."))
        lent._update(lent.product_id, lent.warehouse_id)
        return _notice("success", self.env._("On its way: %s", ", ".join(pickings.mapped("name"))))

    def _transfer(self, source, target):
        """Have what is missing brought, up to what is free there; return the transfers that leave."""
        loads = []
        for product, ours in self.grouped("product_id").items():
            quantity = min(sum(one._not_on_its_way() for one in ours), ours[:1].elsewhere_qty)
            if product.uom_id.compare(quantity, 0.0) > 0:
                what_for = ", ".join(sorted(set(ours.order_id.mapped("name")))[:10])
                loads.append(Load(product, quantity, what_for))
        if not loads:
            return self.env["stock.picking"]
        return source._bring_to(target, loads, source._days_to(target))

    def _touch(self):
        """Have the rows: who does the same meanwhile comes second, and Odoo tries it again."""
        self.flush_recordset()
        now = fields.Datetime.now()
        query = SQL("UPDATE order_shortage SET write_date = %s WHERE id = ANY(%s)", now, self.ids)
        self.env.execute_query(query)

    def _not_on_its_way(self):
        """Return what is missing and not being brought from another warehouse already."""
        brought = self.help_ids.filtered(lambda one: one.kind == "transfer")
        return self.quantity - sum(brought.mapped("quantity"))

    def action_ask_customer(self):
        """Write to the customers of these orders and let them choose."""
        self.check_access("read")
        orders = self.order_id
        orders.check_access("write")  # who may write to the customer of an order
        offers = self.env["order.choice.offer"]._offer(orders)
        if not offers:
            return _notice("info", self.env._("There is nothing these customers could choose."))
        told = offers.order_id._mail_about_slip()
        self.env["order.event"]._log(offers.order_id, "choices_offered")
        if not told:
            return _notice(
                "warning", self.env._("No mail was sent: no e-mail address, or the company sends none.")
            )
        return _notice("success", self.env._("Asked: %s", ", ".join(told.partner_id.mapped("name"))))
