from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Domain

COMES_BACK = {"returning", "returned"}
GOING_ON = {"draft", "sent", "sale"}


class OrderShipmentProblem(models.Model):
    """What staff do about a problem."""

    _inherit = "order.shipment.problem"

    def _may_act(self):
        """Tell whether the user looks after parcels: those who ship, or may change the order."""
        user = self.env.user
        if self.env.su or user.has_group("stock.group_stock_user"):
            return self.has_access("read")
        order = self.order_id
        return self.has_access("read") and bool(order) and order.has_access("write")

    def _check_may_act(self):
        self.check_access("read")
        for problem in self:
            if not problem._may_act():
                raise AccessError(
                    self.env._(
                        "%s: only who ships, or may change the order, can do that.", problem.display_name
                    )
                )

    def action_solve(self):
        """Somebody has seen to it; the same is not opened again."""
        self._check_may_act()
        # sudo: checked above
        todo = self.sudo().filtered(lambda problem: problem.state == "open")
        if todo:
            todo._finish("solved", solved_by_id=self.env.uid)
            todo._log_on_orders("parcel_problem_solved", solver=self.env.user.name)

    def action_open_order(self):
        self.check_access("read")
        self.ensure_one()
        return self.order_id.get_formview_action()

    def action_view_shipments(self):
        self.check_access("read")
        return self.parcel_id.shipment_ids._action_view()

    # ---------------------------------------------------------------- again
    def action_reship(self):
        """Open a quotation with what is in the parcel, for nothing; it takes the usual way from there.

        Goods of several orders make a quotation each, as far as the user may change the orders.
        """
        self._check_may_act()
        self.ensure_one()
        self.order_id.check_access("read")
        self.env["sale.order"].check_access("create")
        if again := self._sent_again_by():
            return again.get_formview_action()
        orders = self.order_id | (self.order_ids - self.order_id)._filtered_access("write")
        replacements = self.env["sale.order"].union(*(self._reship(order) for order in orders))
        # All of it may be on its way again for another parcel of the same transfers.
        if not (replacements := replacements or self._replacements_together().sudo(False)):
            raise UserError(self.env._("Nothing is known of what was in parcel %s.", self.parcel_id.number))
        self.sudo().replacement_order_id = replacements[0]  # sudo: checked above
        return replacements[0].get_formview_action()

    def _sent_again_by(self):
        """Return the order by which the parcel is sent again already, whatever was wrong with it then."""
        problem = self.sudo()  # sudo: what others have done about the same parcel; it is opened as the user
        theirs = (problem | problem.parcel_id.problem_ids).replacement_order_id
        again = theirs.filtered(lambda order: order.state in GOING_ON)[:1]
        if again and problem.replacement_order_id.state not in GOING_ON:
            problem.replacement_order_id = again
        return again.sudo(False)

    def _replacements_together(self):
        """Return what is sent again for parcels that have left together with this one."""
        parcels = self.sudo().parcel_id.shipment_ids.parcel_ids  # sudo: see above
        return parcels.problem_ids.replacement_order_id.filtered(lambda order: order.state in GOING_ON)

    def _reship(self, order):
        lines = self._reship_lines(order)
        if not lines:
            return order.browse()
        replacement = self.env["sale.order"].create(
            {
                **order._prepare_of_the_same_customer(),
                "pricelist_id": order.pricelist_id.id,
                "order_line": lines,
            }
        )
        # sudo: a note by who may change it
        order.sudo()._message_log(
            body=self.env._(
                "Parcel %(parcel)s is sent again with %(order)s.",
                parcel=self.parcel_id.number,
                order=replacement.name,
            )
        )
        return replacement

    def _reship_lines(self, order):
        """Return commands for what left in the parcel for this order: all of the transfers, but for what is
        sent again already for another parcel of them.
        """
        parcel = self.sudo().parcel_id  # sudo: transfers, to who may change the order
        moves = parcel.shipment_ids.picking_ids.move_ids.filtered(
            lambda move: move.state == "done" and move.sale_line_id.order_id.id == order.id
        )
        sums = Counter()
        for move in moves:
            sums[move.product_id, move.product_uom] += move.quantity
        again = self._replacements_together().filtered(lambda one: one.origin == order.name)
        for line in again.order_line:
            sums[line.product_id, line.product_uom_id] -= line.product_uom_qty
        return [
            Command.create(
                {
                    "product_id": product.id,
                    "product_uom_id": uom.id,
                    "product_uom_qty": quantity,
                    "price_unit": 0.0,
                }
            )
            for (product, uom), quantity in sums.items()
            if uom.compare(quantity, 0) > 0
        ]

    # ---------------------------------------------------------------- another day
    def action_new_date(self, day=None):
        """Note the day agreed with the customer, and confirm it to him: until then the parcel is not late.

        Without a day, ask for it.
        """
        self._check_may_act()
        self.ensure_one()
        if not day:
            return {
                "type": "ir.actions.act_window",
                "name": self.env._("Agree on a new date"),
                "res_model": "order.parcel.new.date",
                "view_mode": "form",
                "views": [(False, "form")],
                "target": "new",
                "context": {"default_problem_id": self.id},
            }
        day = fields.Date.to_date(day)
        if day < fields.Date.context_today(self):
            raise UserError(self.env._("The new date has passed already."))
        problem = self.sudo()  # sudo: checked above
        if problem.new_date != day:  # clicked twice it is agreed once
            problem.new_date = day
            told = problem.parcel_id._told_by_parcel()
            problem._log_on_orders("parcel_new_date", told, agreed_for=fields.Date.to_string(day))
            self.env["order.notification"]._due_for_new_date(problem, told[problem.parcel_id.id])
        if problem.state == "open":
            problem._finish("solved", solved_by_id=self.env.uid)
        return False

    # ---------------------------------------------------------------- money back
    def action_refund(self):
        """Open Odoo's own question: about the credit note of what was invoiced, or else about taking back
        what has come home."""
        self.check_access("read")
        self.ensure_one()
        if not (invoices := self._invoices()):
            return self._action_take_back()
        if credit_notes := self._credit_notes(invoices):
            return credit_notes._get_records_action()
        self.env["account.move"].check_access("create")
        action = self.env["ir.actions.act_window"]._for_xml_id("account.action_view_account_move_reversal")
        action["context"] = {
            "active_model": "account.move",
            "active_ids": invoices.ids,
            "default_journal_id": invoices[0].journal_id.id,
            "default_reason": self.display_name,
        }
        return action

    def _action_take_back(self):
        """Open the return of the transfer the goods left with: nothing is invoiced for it then."""
        self._check_may_act()
        # sudo: which transfers; the return is made with the user's own rights
        pickings = self.sudo().parcel_id.shipment_ids.picking_ids.sudo(False)._filtered_access("write")
        theirs = pickings.filtered(lambda one: one.state == "done" and one.sale_id == self.order_id)
        if self.kind not in COMES_BACK or not theirs:
            raise UserError(
                self.env._("Nothing of %s is invoiced: there is nothing to refund.", self.order_id.name)
            )
        action = self.env["ir.actions.act_window"]._for_xml_id("stock.act_stock_return_picking")
        action["context"] = {"active_model": "stock.picking", "active_id": theirs[0].id}
        return action

    def _credit_notes(self, invoices):
        """Return the credit notes by which all of it is refunded already, or somebody is about to."""
        known = invoices.reversal_move_ids.filtered(lambda move: move.state != "cancel")
        refunded = sum(known.mapped("amount_total")) - sum(invoices.mapped("amount_total"))
        is_all = invoices.currency_id[:1].compare_amounts(refunded, 0) >= 0
        return known if is_all else known.filtered(lambda move: move.state == "draft")

    def _invoices(self):
        # sudo: which invoices; they are read as the user
        lines = self.order_id.sudo().order_line.invoice_lines
        invoices = lines.move_id.sudo(False)._filtered_access("read")
        return invoices.filtered(lambda move: move.move_type == "out_invoice" and move.state == "posted")


class SaleOrder(models.Model):
    _inherit = "sale.order"

    parcel_problem_count = fields.Integer(
        "Problems with parcels",
        compute="_compute_parcel_problem_count",
        groups="sales_team.group_sale_salesman,stock.group_stock_user",
    )

    def _compute_parcel_problem_count(self):
        for order in self:
            order.parcel_problem_count = 0
        domain = self._parcel_problem_domain() & Domain("state", "=", "open")
        for problem in self.env["order.shipment.problem"].search(domain):
            # sudo: of these orders; the problem itself may be read
            for order in problem.sudo().parcel_id._told_orders() & self._origin.sudo():
                self.browse(order.id).parcel_problem_count += 1

    @api.model
    def _parcel_problem_domain(self):
        return Domain("parcel_id.shipment_ids.order_ids", "in", self.ids)

    def action_view_parcel_problems(self):
        self.check_access("read")
        self.env["order.shipment.problem"].check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "order_processing.order_shipment_problem_action"
        )
        return {**action, "domain": list(self._parcel_problem_domain()), "context": {}}
