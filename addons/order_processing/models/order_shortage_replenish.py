from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.stock.models.stock_rule import ProcurementException


class OrderShortage(models.Model):
    """Ordering what nobody has ordered yet, as Odoo would: by a reordering rule where there is one, else
    by the routes: buy from the best vendor, make, or bring from another warehouse.

    What is raised goes to the shelf, not to one order: who gets it is decided by rank when it comes.
    """

    _inherit = "order.shortage"

    def _replenish(self, by_hand=False):
        """Raise what is uncovered of these shortages; return whether anything may have been raised.

        :param by_hand: a person asks for it, who may also have rules order that order nothing by themselves
        """
        open_ones = self.filtered(lambda one: one.state == "open" and one.uncovered_qty)
        if not open_ones:
            return False
        open_ones._lock()
        for (company, warehouse), ours in open_ones.grouped(lambda o: (o.company_id, o.warehouse_id)).items():
            ours.with_company(company)._replenish_in(warehouse, by_hand)
        return True

    def _lock(self):
        # Who raises the same meanwhile comes second, sees the change, and is tried again by Odoo.
        self.flush_recordset()
        query = SQL(
            "SELECT id FROM order_shortage WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", self.ids
        )
        self.env.execute_query(query)

    def _replenish_in(self, warehouse, by_hand):
        rules = self._reordering_rules(warehouse, by_hand)
        by_rule = self.filtered(lambda one: one.product_id in rules.product_id)
        today = fields.Date.context_today(self)
        # A rule put to sleep, or left to people, is a person's decision: it neither orders nor is passed by.
        due = rules.filtered(
            lambda rule: (by_hand or rule.trigger == "auto")
            and not (rule.snoozed_until and rule.snoozed_until > today)
            and rule.product_uom.compare(rule.qty_to_order, 0.0) > 0
        )
        # sudo is the caller's: whoever takes orders need not be a buyer
        due._procure_orderpoint_confirm(company_id=self.company_id, raise_user_error=False)
        (self - by_rule)._procure(warehouse)

    def _reordering_rules(self, warehouse, by_hand):
        """Return the rules that watch over the shelf."""
        rules = self.env["stock.warehouse.orderpoint"].search(
            Domain("product_id", "in", self.product_id.ids)
            & Domain("location_id", "child_of", warehouse.lot_stock_id.id)
            & Domain("company_id", "=", self.company_id.id)
        )
        if not by_hand:
            # One that only carries a warning level, or that Odoo made for its report, does not count.
            rules = rules.filtered(lambda rule: rule._says_something())
        # What was read of the stock before is not what it is now.
        self.env.add_to_compute(rules._fields["qty_to_order_computed"], rules)
        rules.invalidate_recordset(["qty_forecast", "qty_to_order"])
        return rules

    def _procure(self, warehouse):
        """Run all procurements at once; what has no rule or vendor is marked, and the rest goes on."""
        groups = self.grouped("product_id")
        wanted = {product: self._procurement(warehouse, ours) for product, ours in groups.items()}
        while wanted:
            try:
                with self.env.cr.savepoint():
                    rules = self.env["stock.rule"].with_context(from_orderpoint=True)
                    rules.run(list(wanted.values()), raise_user_error=False)
                break
            except ProcurementException as errors:
                failed = {procurement.product_id for procurement, _text in errors.procurement_exceptions}
                for product in failed:
                    groups[product].is_unavailable = True
                if not failed & wanted.keys():
                    break
                wanted = {product: one for product, one in wanted.items() if product not in failed}

    def _procurement(self, warehouse, ours):
        product, location = ours.product_id, warehouse.lot_stock_id
        quantity = product.uom_id.round(sum(ours.mapped("uncovered_qty")))
        values = {
            "warehouse_id": warehouse,
            "route_ids": self.env["stock.route"],
            **self._procurement_dates(ours, location),
            "orderpoint_id": self.env["stock.warehouse.orderpoint"],
            "move_dest_ids": self.env["stock.move"],
        }
        origin = ", ".join(sorted(set(ours.order_id.mapped("name")))[:10])
        return self.env["stock.rule"].Procurement(
            product, quantity, product.uom_id, location, origin, origin, ours.company_id, values
        )

    def _procurement_dates(self, ours, location):
        """Return when it is wanted: by the first order that needs it, but not sooner than it can be had."""
        product = ours.product_id
        days = product._get_rules_from_location(location)._get_lead_days(product)[0]["total_delay"]
        earliest = fields.Datetime.now() + timedelta(days=days)
        wanted = min(ours.filtered("due_date").mapped("due_date"), default=earliest)
        date = max(wanted, earliest)
        info = product._get_dates_info(date, location)
        return {"date_planned": info["date_planned"], "date_order": info["date_order"], "date_deadline": date}

    # ---------------------------------------------------------------- by hand
    def action_replenish(self):
        """Order what nobody has ordered yet, on a planner's word."""
        self.check_access("read")
        if not self._may_plan():
            raise UserError(self.env._("Ask somebody in Inventory or Purchase to order it."))
        if self.company_id.filtered(lambda company: company.sudo().shortage_replenish == "off"):
            raise UserError(self.env._("In this company nothing is ordered from here. See the settings."))
        lent = self.sudo()  # sudo: planners may order what is short, whatever way the goods come
        before = sum(lent.mapped("uncovered_qty"))
        lent._replenish(by_hand=True)
        lent._update(lent.product_id, lent.warehouse_id)
        return self._replenished_notice(lent.filtered(lambda one: one.state == "open"), before)

    def _replenished_notice(self, lent, before):
        left = lent.filtered("uncovered_qty")
        if left.filtered("is_unavailable"):
            names = ", ".join(left.filtered("is_unavailable").product_id.mapped("display_name"))
            return _notice(
                "warning", self.env._("Nobody can order %s: it has no vendor and no route.", names)
            )
        if left and sum(left.mapped("uncovered_qty")) >= before:
            return _notice("info", self.env._("Its reordering rule orders it when it is time."))
        names = sorted({one.document_name for one in lent.help_ids})
        if not names:
            return _notice("info", self.env._("There is nothing to order."))
        return _notice("success", self.env._("On its way: %s", ", ".join(names[:5])))

    def _may_plan(self):
        """Tell whether the user may order goods: who plans the stock, or (by the glue) purchases, or is the
        one told of what is short."""
        if self.env.su or self.env.user.has_group("stock.group_stock_user"):
            return True
        # sudo: company settings
        return bool(self) and self.sudo().company_id.shortage_user_id == self.env.user


def _notice(kind, message):
    return {
        "type": "ir.actions.client",
        "tag": "display_notification",
        "params": {
            "type": kind,
            "message": message,
            "next": {"type": "ir.actions.client", "tag": "soft_reload"},
        },
    }


class StockWarehouseOrderpoint(models.Model):
    _inherit = "stock.warehouse.orderpoint"

    def _says_something(self):
        """Tell whether somebody has said with it when to order, or that nothing is to be ordered."""
        limits = self.product_min_qty or self.product_max_qty or self.snoozed_until
        return self.trigger == "auto" or bool(limits)
