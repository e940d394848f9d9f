from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import OrderProcessingCase

ROLES = ("paul", "sally", "rita", "mona", "wes", "anna", "boss", "admin", "carla", "public")
SALES = {"paul", "sally", "rita", "mona"}
# Who may do what; whoever is not named may not, and the administrator may what anybody may. Each row
# is a method of the class below.
ALLOWED = {
    # Change: until something has left, those who sell; then sales managers.
    "change_a_line": SALES,
    "add_a_line": SALES,
    "change_the_address": SALES,
    "change_a_line_after_shipping": {"mona"},
    "add_a_line_after_shipping": {"mona"},
    "change_the_customer_after_shipping": {"mona"},
    "write_a_note_after_shipping": SALES | {"wes", "anna", "boss"},
    "change_a_line_after_picking": {"mona"},
    "take_out_more_than_one_may_cancel": {"mona"},
    # Cancel: the same, and up to an amount.
    "cancel_unshipped": SALES,
    "cancel_unshipped_by_writing_the_state": SALES,
    "take_a_confirmed_order_back_by_writing_the_state": SALES,
    "cancel_picked": {"mona"},
    "cancel_shipped": {"mona"},
    "cancel_shipped_by_writing_the_state": {"mona"},
    "take_a_shipped_order_back_by_writing_the_state": {"mona"},
    "cancel_shipped_among_many": {"mona"},
    "cancel_over_the_limit": {"mona"},
    "cancel_over_the_limit_after_emptying_it": {"mona"},
    "cancel_by_the_question": SALES,
    # Delete.
    "delete_a_draft": {"mona"},
    "delete_a_cancelled_order": {"mona"},
    # Refund: who may post invoices, up to an amount; drafts from the order also those who sell.
    "refund_small": {"anna", "boss"},
    "refund_large": {"boss"},
    "refund_large_in_small_pieces": {"boss"},
    "refund_small_by_hand": {"anna", "boss"},
    "refund_large_by_hand": {"boss"},
    "refund_large_as_a_switched_invoice": {"boss"},
    "refund_large_by_a_grown_draft": {"boss"},
    "credit_small_from_the_order": SALES,
    "credit_large_from_the_order": {"mona"},
    # Review.
    "approve": {"rita"},
    "refuse": {"rita"},
    "waive_a_finding": {"rita"},
    "read_the_rules": SALES,
    "edit_a_rule": {"mona"},
    "switch_a_rule_off": {"mona"},
    "delete_a_rule": {"mona"},
    "make_a_rule_of_a_filter": {"mona"},
    "make_a_rule_of_python": {"admin"},
    "turn_a_rule_into_python": {"admin"},
    "read_findings": SALES,
    "read_decisions": SALES,
    "read_the_timeline": SALES,
    "delete_a_decision": set(),
    "write_the_review_state": set(),
    "write_what_was_cleared": set(),
}


@tagged("post_install", "-at_install")
class TestRolesMatrix(OrderProcessingCase):
    """Every role tries everything.

    *boss* is the administrator of accounting, *admin* of Odoo, *public* a visitor of the web site. All
    orders belong to nobody, so that only the role decides and not whose order it is.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.boss = new_test_user(cls.env, "boss", "account.group_account_manager", name="Boss")
        cls.admin = cls.env.ref("base.user_admin")
        cls.public = cls.env.ref("base.public_user")
        cls.company.write(
            {
                "change_limit": "picked",
                "cancel_limit": 100.0,
                "refund_limit": 20.0,
                "billing_refund_limit": 50.0,
            }
        )

    def order(self, pieces=2, **vals):
        return self.confirmed_order(lines=[(self.lantern, pieces)], by=self.mona, user_id=False, **vals)

    def shipped(self):
        order = self.order()
        self.ship(order)
        return order

    def picked(self):
        order = self.order()
        order.sudo().picking_ids.move_ids.picked = True
        return order

    def held(self):
        return self.held_quotation(by=self.mona, user_id=False)

    def invoice(self, pieces):
        invoice = self.order(pieces=pieces).sudo()._create_invoices()
        invoice.action_post()
        return invoice

    def decided(self):
        order = self.held()
        self.approve(order)
        return order.sudo().review_decision_ids

    # ---------------------------------------------------------------- the table
    def test_every_role_tries_everything(self):
        self.maxDiff = None
        found = {}
        for action in ALLOWED:
            act = getattr(self, f"to_{action}")()
            found[action] = {login for login in ROLES if self.works(act, getattr(self, login))}
        expected = {
            action: allowed | {"admin"} if allowed else allowed for action, allowed in ALLOWED.items()
        }
        self.assertEqual(found, expected)

    def works(self, act, user):
        """Tell whether ``user`` may do it; afterwards everything is as before."""
        savepoint = self.env.cr.savepoint()
        try:
            act(user)
        except AccessError:
            return False
        finally:
            savepoint.close(rollback=True)
            self.env.invalidate_all()
        return True

    def calls(self, records, method, *args, **kwargs):
        return lambda user: self.rpc(user, records, method, *args, **kwargs)

    # ---------------------------------------------------------------- change
    def to_change_a_line(self):
        return self.calls(self.order().order_line, "write", {"product_uom_qty": 1})

    def add_line_to(self, order):
        vals = {"order_id": order.id, "product_id": self.mug.id}
        return self.calls(self.env["sale.order.line"], "create", [vals])

    def to_add_a_line(self):
        return self.add_line_to(self.order())

    def to_change_the_address(self):
        return self.calls(self.order(), "write", {"partner_shipping_id": self.corner_shop.id})

    def to_change_a_line_after_shipping(self):
        line = self.shipped().order_line
        command = [Command.update(line.id, {"price_unit": 17})]
        return self.calls(line.order_id, "write", {"order_line": command})

    def to_add_a_line_after_shipping(self):
        return self.add_line_to(self.shipped())

    def to_change_the_customer_after_shipping(self):
        return self.calls(self.shipped(), "write", {"partner_id": self.corner_shop.id})

    def to_write_a_note_after_shipping(self):
        return self.calls(self.shipped(), "write", {"note": "Thank you."})

    def to_change_a_line_after_picking(self):
        return self.calls(self.picked().order_line, "write", {"product_uom_qty": 1})

    def to_take_out_more_than_one_may_cancel(self):
        return self.calls(self.order(pieces=10).order_line, "write", {"product_uom_qty": 0})

    # ---------------------------------------------------------------- cancel
    def to_cancel_unshipped(self):
        return self.calls(self.order(), "action_cancel")

    def to_cancel_unshipped_by_writing_the_state(self):
        return self.calls(self.order(), "write", {"state": "cancel"})

    def to_take_a_confirmed_order_back_by_writing_the_state(self):
        return self.calls(self.order(), "write", {"state": "draft"})

    def to_cancel_picked(self):
        return self.calls(self.picked(), "action_cancel")

    def to_cancel_shipped(self):
        return self.calls(self.shipped(), "action_cancel")

    def to_cancel_shipped_by_writing_the_state(self):
        return self.calls(self.shipped(), "write", {"state": "cancel"})

    def to_take_a_shipped_order_back_by_writing_the_state(self):
        return self.calls(self.shipped(), "write", {"state": "draft"})

    def to_cancel_shipped_among_many(self):
        orders = self.order() | self.shipped()

        def act(user):
            # Nobody does it all at once; a sales manager is only told to do it one by one.
            orders.with_user(user)._check_may_cancel()
            wizards = self.env["sale.mass.cancel.orders"].with_user(user)
            wizards.create({"sale_order_ids": [Command.set(orders.ids)]})

        return act

    def to_cancel_over_the_limit(self):
        return self.calls(self.order(pieces=10), "action_cancel")

    def to_cancel_over_the_limit_after_emptying_it(self):
        order = self.order(pieces=10)
        order.sudo().order_line.product_uom_qty = 0
        return self.calls(order, "action_cancel")

    def to_cancel_by_the_question(self):
        order = self.order()

        def act(user):
            vals = [{"order_id": order.id, "reason": "Changed their mind"}]
            wizard = self.env["order.cancel"].browse(self.rpc(user, self.env["order.cancel"], "create", vals))
            self.rpc(user, wizard, "action_cancel_order")

        return act

    # ---------------------------------------------------------------- delete
    def to_delete_a_draft(self):
        return self.calls(self.quotation(by=self.mona, user_id=False), "unlink")

    def to_delete_a_cancelled_order(self):
        order = self.order()
        order.sudo().action_cancel()
        return self.calls(order, "unlink")

    # ---------------------------------------------------------------- refund
    def reverse(self, invoice):
        def act(user):
            reversals = self.env["account.move.reversal"]
            context = {"active_model": "account.move", "active_ids": invoice.ids}
            new = self.rpc(
                user, reversals, "create", [{"journal_id": invoice.journal_id.id}], context=context
            )
            self.rpc(user, reversals.browse(new), "refund_moves")

        return act

    def to_refund_small(self):
        return self.reverse(self.invoice(2))

    def to_refund_large(self):
        return self.reverse(self.invoice(3))

    def to_refund_large_in_small_pieces(self):
        invoice = self.invoice(2)
        invoice._reverse_moves()
        return self.reverse(invoice)

    def credit_note(self, amount, move_type="out_refund"):
        line = {"name": "Credit", "price_unit": amount, "tax_ids": [Command.clear()]}
        return {
            "move_type": move_type,
            "partner_id": self.customer.id,
            "invoice_date": "2024-01-01",
            "invoice_line_ids": [Command.create(line)],
        }

    def to_refund_small_by_hand(self):
        return self.calls(self.env["account.move"], "create", [self.credit_note(50)])

    def to_refund_large_by_hand(self):
        return self.calls(self.env["account.move"], "create", [self.credit_note(51)])

    def to_refund_large_as_a_switched_invoice(self):
        invoice = self.env["account.move"].create(self.credit_note(51, "out_invoice"))
        return self.calls(invoice, "action_switch_move_type")

    def to_refund_large_by_a_grown_draft(self):
        note = self.env["account.move"].create(self.credit_note(10))
        note.invoice_line_ids.price_unit = 1000
        return self.calls(note, "action_post")

    def credit_from(self, pieces):
        order = self.order(pieces=pieces)
        order.sudo()._create_invoices().action_post()
        order.sudo().order_line.product_uom_qty = 0

        def act(user):
            wizards = self.env["sale.advance.payment.inv"].with_context(active_ids=order.ids)
            wizards = wizards.with_user(user)
            wizards.create({"sale_order_ids": [Command.set(order.ids)]}).create_invoices()

        return act

    def to_credit_small_from_the_order(self):
        return self.credit_from(1)

    def to_credit_large_from_the_order(self):
        return self.credit_from(2)

    # ---------------------------------------------------------------- review
    def to_approve(self):
        return self.calls(self.held(), "action_review_approve")

    def to_refuse(self):
        return self.calls(self.held(), "action_review_refuse", "We do not deliver there.")

    def to_waive_a_finding(self):
        return self.calls(self.held().sudo().review_finding_ids, "action_waive", "Known to us", "2099-01-01")

    FILTER = {"name": "Urgent", "domain": "[('urgency', '=', 'urgent')]", "message": "Urgent over {amount}"}
    PYTHON = {"name": "Big", "kind": "expression", "expression": "amount > 100", "message": "Over {amount}"}

    def own_rule(self):
        return self.env["order.review.rule"].create(self.FILTER)

    def to_read_the_rules(self):
        return self.calls(self.own_rule(), "read", ["name", "severity"])

    def to_edit_a_rule(self):
        return self.calls(self.own_rule(), "write", {"severity": "inform"})

    def to_switch_a_rule_off(self):
        return self.calls(self.own_rule(), "write", {"active": False})

    def to_delete_a_rule(self):
        return self.calls(self.own_rule(), "unlink")

    def to_make_a_rule_of_a_filter(self):
        return self.calls(self.env["order.review.rule"], "create", [self.FILTER])

    def to_make_a_rule_of_python(self):
        return self.calls(self.env["order.review.rule"], "create", [self.PYTHON])

    def to_turn_a_rule_into_python(self):
        return self.calls(self.own_rule(), "write", self.PYTHON)

    def to_read_findings(self):
        return self.calls(self.held().sudo().review_finding_ids, "read", ["code", "text"])

    def to_read_decisions(self):
        return self.calls(self.decided(), "read", ["decision", "reason"])

    def to_read_the_timeline(self):
        events = self.held().sudo()._events()
        return self.calls(events, "read", ["kind", "text"])

    def to_delete_a_decision(self):
        return self.calls(self.decided(), "unlink")

    def to_write_the_review_state(self):
        return self.calls(self.held(), "write", {"review_state": "approved"})

    def to_write_what_was_cleared(self):
        return self.calls(self.held(), "write", {"review_clearance": {}})


@tagged("post_install", "-at_install")
class TestWhereLimitsHold(OrderProcessingCase):
    """Limits hold where review is enforced, and can be switched off."""

    def setUp(self):
        super().setUp()
        # Without rights in the warehouse, too, Odoo itself lets no salesperson cancel where purchasing is
        # installed: it looks for purchase orders to warn of.
        self.sam = new_test_user(self.env, "sam", "sales_team.group_sale_salesman,stock.group_stock_user")
        self.company.write({"cancel_limit": 10.0, "billing_refund_limit": 10.0})
        self.order = self.confirmed_order()
        self.ship(self.order)

    def check_as_in_odoo(self):
        line = self.order.order_line
        self.rpc(self.sally, line, "write", {"price_unit": 18.4})
        self.rpc(self.wes, self.order, "write", {"partner_shipping_id": self.corner_shop.id})
        invoice = self.confirmed_order().sudo()._create_invoices()
        invoice.action_post()
        invoice.with_user(self.anna)._reverse_moves()
        self.order.user_id = self.sam
        self.order.with_user(self.sam)._action_cancel()
        self.assertEqual(self.order.state, "cancel")

    def test_not_while_observing(self):
        self.company.review_mode = "observe"
        self.check_as_in_odoo()

    def test_not_where_review_is_off(self):
        self.company.review_mode = "off"
        self.check_as_in_odoo()

    def test_not_where_they_are_switched_off(self):
        self.company.role_limits = False
        self.check_as_in_odoo()

    def test_no_amount_is_no_limit(self):
        self.company.write({"cancel_limit": 0, "billing_refund_limit": 0})
        order = self.confirmed_order(lines=[(self.lantern, 100)])
        invoice = order.sudo()._create_invoices()
        invoice.action_post()
        invoice.with_user(self.anna)._reverse_moves()
        self.rpc(self.sally, order, "write", {"state": "cancel"})
        self.assertEqual(order.state, "cancel")

    def test_the_limit_is_in_the_companys_currency(self):
        self.company.cancel_limit = 30
        yen = self.env["res.currency"].with_context(active_test=False).search([("name", "=", "JPY")])
        yen.write({"active": True, "rate_ids": [Command.clear(), Command.create({"rate": 190.0})]})
        pricelist = self.env["product.pricelist"].create({"name": "Yen", "currency_id": yen.id})
        small = self.confirmed_order(lines=[(self.lantern, 1)], pricelist_id=pricelist.id)
        self.assertGreater(small.amount_total, 30)
        self.rpc(self.sally, small, "action_cancel")
        self.assertEqual(small.state, "cancel")

    def test_shipping_and_invoicing_go_on(self):
        """What the warehouse and accounting do every day writes to orders, too."""
        order = self.confirmed_order(lines=[(self.lantern, 2)])
        order.user_id = self.sam
        picking = order.sudo().picking_ids.with_user(self.sam)
        self.env["stock.move"].with_user(self.sam).create(
            {
                "product_id": self.mug.id,
                "quantity": 1,
                "picked": True,
                "picking_id": picking.id,
                "location_id": picking.location_id.id,
                "location_dest_id": picking.location_dest_id.id,
            }
        )
        self.ship(order, by=self.sam)
        self.assertEqual(order.order_line.mapped("qty_delivered"), [2, 1])
        invoice = order.with_user(self.anna)._create_invoices()
        invoice.action_post()
        self.assertEqual(invoice.state, "posted")
