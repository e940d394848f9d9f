"""Every way an approved order can be changed, and the attempts to get round the review that way."""

from datetime import datetime, timedelta

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.http import Request
from odoo.tests import Form, tagged

from .common import OrderProcessingHttpCase
from .test_fingerprint import FingerprintCase


class PathsCase(FingerprintCase):
    def risks(self):
        """Return ``(what changes: order, line or new, values, code)`` of the risks each way is tried with."""
        return [
            ("order", {"partner_shipping_id": self.customer.id}, "address_changed"),
            ("order", {"partner_invoice_id": self.customer.id}, "invoice_changed"),
            ("order", {"payment_term_id": self.net_60.id}, "payment_worse"),
            ("order", {"incoterm": self.ddp.id}, "incoterm_worse"),
            ("line", {"product_uom_qty": 30.0}, "quantity_raised"),
            ("line", {"price_unit": 9.0}, "price_changed"),
            ("line", {"discount": 10.0}, "price_changed"),
            ("line", {"tax_ids": [Command.set([])]}, "tax_lowered"),
            ("new", {"product_id": self.mug.id, "product_uom_qty": 3.0}, "line_added"),
        ]

    def harmless(self):
        return [
            ("order", {"client_order_ref": "PO 8"}),
            ("order", {"packing_instruction": "No plastic."}),
            ("order", {"payment_term_id": self.net_14.id}),
            ("line", {"product_uom_qty": 5.0}),
            ("line", {"name": "Lantern, black"}),
        ]

    def try_all(self, change):
        """Try each risk and each harmless change by ``change(target, values)``."""
        for target, vals, code in self.risks():
            with self.undone(f"{target} {vals}"):
                if change(target, vals) is not False:
                    self.assertHeldFor(code)
        for target, vals in self.harmless():
            with self.undone(f"{target} {vals}"):
                if change(target, vals) is not False:
                    self.assertPasses()


@tagged("post_install", "-at_install")
class TestWaysToChangeAnApprovedOrder(PathsCase):
    """Paul may change his orders; each way ends at the same comparison."""

    def commands(self, target, vals):
        if target == "order":
            return vals
        command = Command.create(vals) if target == "new" else Command.update(self.line.id, vals)
        return {"order_line": [command]}

    def write_directly(self, target, vals, **context):
        lines = self.line.with_user(self.paul).with_context(**context)
        if target == "order":
            lines.order_id.write(vals)
        elif target == "line":
            lines.write(vals)
        else:
            lines.create({"order_id": self.order.id, **vals})

    # ---------------------------------------------------------------- ways
    def test_written_by_code(self):
        self.try_all(self.write_directly)

    def test_written_over_rpc(self):
        def change(target, vals):
            if target == "new":
                self.rpc(self.paul, self.line, "create", [{"order_id": self.order.id, **vals}])
            else:
                self.rpc(self.paul, self.order if target == "order" else self.line, "write", vals)

        self.try_all(change)

    def test_saved_with_the_order(self):
        def change(target, vals):
            commands = self.commands(target, vals)
            if target == "order":
                commands = {**commands, "note": "…"}
            self.rpc(self.paul, self.order, "web_save", commands, specification={})

        self.try_all(change)

    def test_typed_into_the_form(self):
        for group in ("account.group_delivery_invoice_address", "sale.group_discount_per_so_line"):
            self.paul.group_ids += self.env.ref(group)

        def change(target, vals):
            (name, value), *more = vals.items()
            if name in ("incoterm", "tax_ids", "packing_instruction"):
                return False  # not in Paul's form, or nothing that Form can type
            with Form(self.order.with_user(self.paul)) as form:
                if target == "order":
                    self.type_in(form, name, value)
                else:
                    rows = form.order_line
                    with rows.new() if target == "new" else rows.edit(0) as row:
                        for key, each in [(name, value), *more]:
                            self.type_in(row, key, each)
            return True

        self.try_all(change)

    def type_in(self, form, name, value):
        field = self.env[form._record._name]._fields[name]
        setattr(form, name, self.env[field.comodel_name].browse(value) if field.relational else value)

    def test_imported_from_a_file(self):
        def change(target, vals):
            if "tax_ids" in vals:
                return False  # an import cannot empty it
            columns, row = [], []
            for name, value in vals.items():
                is_record = self.env["sale.order" if target == "order" else "sale.order.line"]._fields[name]
                columns.append(f"{name}/.id" if is_record.relational else name)
                row.append(str(value))
            records = self.order if target == "order" else self.line
            key = ("order_id/.id", self.order.id) if target == "new" else (".id", records.id)
            loader = self.env[records._name].with_user(self.paul).with_context(import_file=True)
            result = loader.load([key[0], *columns], [[str(key[1]), *row]])
            self.assertFalse(result["messages"])
            return True

        self.try_all(change)

    def test_flags_of_the_context_switch_nothing_off(self):
        flags = ["skip_procurement", "tracking_disable", "mail_notrack", "import_file", "install_mode"]
        flags += ["no_reset", "sale_write_from_compute", "force_price_recomputation"]
        self.try_all(lambda target, vals: self.write_directly(target, vals, **dict.fromkeys(flags, True)))

    # ---------------------------------------------------------------- Odoo's own tools
    def test_a_discount_for_all_lines_and_one_for_the_order(self):
        self.company.sale_discount_product_id = self.product("OFF", 0, type="service", is_storable=False)
        for kind, vals, code in (
            ("sol_discount", {"discount_percentage": 0.1}, "price_changed"),
            ("so_discount", {"discount_percentage": 0.1}, "line_added"),
            ("amount", {"discount_amount": 5}, "line_added"),
        ):
            with self.undone(kind):
                wizard = self.env["sale.order.discount"].with_user(self.paul)
                wizard = wizard.create({"sale_order_id": self.order.id, "discount_type": kind, **vals})
                wizard.action_apply_discount()
                self.assertHeldFor(code)

    def test_prices_taken_anew_from_a_list_that_has_changed(self):
        self.lantern.list_price = 3
        self.order.with_user(self.paul).action_update_prices()
        self.assertHeldFor("price_changed")

    def test_prices_taken_anew_from_the_same_list_are_the_same(self):
        self.order.with_user(self.paul).action_update_prices()
        self.assertPasses()

    def test_taxes_taken_off_by_a_fiscal_position(self):
        export = self.env["account.fiscal.position"].create({"name": "Export"})
        untaxed = {"name": "Export 0", "amount": 0, "country_id": self.gb.id, "type_tax_use": "sale"}
        group = self.vat.tax_group_id.id
        none = self.env["account.tax"].create({**untaxed, "tax_group_id": group})
        none.write({"fiscal_position_ids": [Command.link(export.id)], "original_tax_ids": self.vat.ids})
        self.lantern.taxes_id = self.vat
        order = self.order.with_user(self.paul)
        order.fiscal_position_id = export
        self.assertPasses()  # so far it is a word on the order
        order.action_update_taxes()
        self.assertEqual(self.line.tax_ids, none)
        self.assertHeldFor("tax_lowered")

    def test_another_customer_brings_terms_of_his_own(self):
        self.order.with_user(self.paul).partner_id = self.customer
        self.assertIn("customer_changed", self.codes())
        self.assertEqual(self.order.review_state, "pending")

    def test_cancelled_and_back_to_draft_nothing_is_cleared_any_more(self):
        order = self.order.with_user(self.paul)
        order._action_cancel()
        order.action_draft()
        order.order_line.price_unit = 1
        order.action_submit()
        self.assertEqual((order.state, order.review_state), ("sent", "pending"))
        with self.assertRaisesRegex(UserError, "have to be reviewed"):
            order.action_confirm()

    def test_a_copy_is_a_new_order(self):
        copy = self.order.with_user(self.paul).copy()
        copy.action_submit()
        self.assertOpen(copy)

    # ---------------------------------------------------------------- tricks with lines
    def test_a_line_that_is_being_delivered_does_not_leave_its_order(self):
        """Its transfer would go with it, to an order that nobody holds."""
        self.line.price_unit = 1
        other = self.quotation(by=self.paul)
        with self.assertRaisesRegex(UserError, "cannot move to another order"):
            self.line.with_user(self.paul).order_id = other

    def test_a_line_of_another_order_is_new_here(self):
        other = self.quotation(lines=[(self.mug, 3)], by=self.paul)
        other.order_line.order_id = self.order
        self.assertHeldFor("line_added")

    def test_a_line_copied_within_the_order_is_new(self):
        self.line.with_user(self.paul).copy({"order_id": self.order.id})
        self.assertHeldFor("line_added")

    def test_what_was_cleared_does_not_become_freight(self):
        """Freight and expenses are not looked at; a service that was must not pass for them."""
        advice = self.product("ADVICE", 0, type="service", is_storable=False)
        order = self.held_quotation(lines=[(self.lantern, 1), (advice, 1, 500)], by=self.paul)
        self.approve(order)
        order.order_line[1].write({"is_delivery": True, "price_unit": 1})
        self.assertHeldFor("price_changed", order=order)

    def test_amounts_written_past_odoo(self):
        for target, vals in (
            (self.order, {"amount_total": 1.0}),
            (self.line, {"price_total": 1.0}),
            (self.line, {"price_subtotal": 1.0, "price_tax": 0.2, "price_total": 1.2}),
        ):
            with self.undone(vals):
                self.rpc(self.paul, target, "write", vals)
                self.assertEqual((self.order.review_state, len(self.codes())), ("pending", 1))

    def test_up_and_down_within_one_step(self):
        self.line.product_uom_qty = 30
        self.line.product_uom_qty = 6
        self.line.price_unit = 1
        self.line.price_unit = 18.5
        self.assertPasses()
        moves = self.order.sudo().picking_ids.move_ids.filtered(lambda move: move.state != "cancel")
        self.assertEqual(sum(moves.mapped("product_uom_qty")), 6)

    def test_many_orders_in_one_step(self):
        others = self.order
        for _number in range(3):
            others += self.held_quotation(by=self.paul)
        self.approve(others - self.order)
        with self.undone("price"):
            others.order_line.write({"price_unit": 9})
            for order in others:
                self.assertHeldFor("price_changed", order=order)
        with self.undone("terms"):
            others.write({"payment_term_id": self.net_60.id})
            self.assertEqual(others.mapped("review_state"), ["pending"] * 4)

    # ---------------------------------------------------------------- waiting for review
    def test_while_it_waits_an_edited_address_is_shown_again(self):
        order = self.held_quotation(by=self.paul, partner_shipping_id=self.depot.id)
        self.depot.street = "70 Dock Road"
        self.approve(order)
        self.assertOpen(order)
        self.assertEqual(self.codes(order), ["address_rewritten"])
        self.approve(order)
        self.assertConfirmed(order, "approved")

    def test_while_it_waits_something_harmless_is_approved_at_once(self):
        order = self.held_quotation(by=self.paul, partner_shipping_id=self.depot.id)
        self.depot.phone = "+44 117 496 0999"
        order.order_line.product_uom_qty = 1
        order.payment_term_id = False
        self.approve(order)
        self.assertConfirmed(order, "approved")


@tagged("post_install", "-at_install")
class TestAddressesEditedElsewhere(PathsCase):
    """The address of an approved order is a contact, which many people edit in many places."""

    def test_every_way_to_edit_a_contact(self):
        depot = self.depot
        street = {"street": "70 Dock Road"}

        def load():
            loader = self.env["res.partner"].load
            self.assertFalse(loader([".id", "street"], [[str(depot.id), street["street"]]])["messages"])

        def with_children():
            self.corner_shop.write({"child_ids": [Command.update(depot.id, street)]})

        def in_the_form():
            with Form(depot.with_user(self.mona), view="base.view_partner_form") as form:
                form.street = street["street"]

        ways = {
            "code": lambda: depot.write(street),
            "rpc": lambda: self.rpc(self.mona, depot, "write", street),
            "import": load,
            "the company's form": with_children,
            "the form": in_the_form,
            "many at once": lambda: (depot + self.customer + self.corner_shop).write(street),
            "no tracking": lambda: depot.with_context(tracking_disable=True, import_file=True).write(street),
        }
        for name, change in ways.items():
            with self.undone(name):
                change()
                self.assertIn("address_rewritten", self.codes())

    def test_a_contact_takes_its_address_from_its_company(self):
        clerk = {"name": "Clerk", "parent_id": self.corner_shop.id, "type": "contact"}
        clerk = self.env["res.partner"].create(clerk)
        order = self.held_quotation(
            by=self.paul, partner_shipping_id=clerk.id, partner_invoice_id=self.customer.id
        )
        self.approve(order)
        with self.undone("the company moves"):
            self.corner_shop.street = "99 Market Row"
            self.assertEqual(clerk.street, "99 Market Row")
            self.assertHeldFor("address_rewritten", order=order)
        with self.undone("the clerk goes to another company"):
            clerk.parent_id = self.customer
            self.assertHeldFor("address_rewritten", order=order)
        with self.undone("a colleague's contact is edited, and with it the company's"):
            colleague = clerk.copy({"name": "Colleague", "parent_id": self.corner_shop.id})
            colleague.street = "99 Market Row"
            self.assertHeldFor("address_rewritten", order=order)

    def test_what_has_left_is_left_alone(self):
        self.ship(self.order)
        self.depot.street = "70 Dock Road"
        self.assertEqual((self.order.review_state, self.codes()), ("approved", []))

    def test_half_shipped_the_rest_is_held(self):
        picking = self.order.sudo().picking_ids
        picking.move_ids.write({"quantity": 2, "picked": True})
        picking.with_context(skip_backorder=True).button_validate()
        self.depot.street = "70 Dock Road"
        self.assertHeldFor("address_rewritten")

    def test_where_the_checks_had_cleared_it_they_look_again(self):
        order = self.confirmed_order(by=self.paul)
        self.customer.street = "1 Baker Street"
        self.assertEqual((order.review_state, order.sudo()._deviations()), ("not_required", []))
        self.customer.zip = False
        self.assertEqual(order.review_state, "pending")
        self.assertEqual(self.open_findings(order), ["address_incomplete"])
        self.customer.zip = "NW1 6XE"
        self.assertEqual(order.review_state, "not_required")

    def test_it_is_only_noted_where_the_company_only_observes(self):
        self.company.review_mode = "observe"
        self.depot.street = "70 Dock Road"
        self.assertFalse(self.order.sudo().picking_ids.move_ids._held_orders())

    # ---------------------------------------------------------------- cost
    def test_an_ordinary_edit_costs_nothing(self):
        partner = self.customer.copy()
        for vals in ({"phone": "+44 20 7946 0099"}, {"name": "Someone"}, {"street": "221 BAKER STREET"}):
            self.assertEqual(self.queries_of_write(partner, vals), 0)

    def test_an_address_without_orders_costs_one_query_however_many(self):
        for number in (1, 20):
            partners = self.env["res.partner"].concat(*(self.customer.copy() for _ in range(number)))
            extra = self.queries_of_write(partners, {"street": f"{number} Other Street"})
            self.assertEqual(extra, 1)

    def queries_of_write(self, partners, vals):
        """Return how many queries the search for the orders concerned takes, 0 where nobody searches."""
        counted = []
        cls = type(self.env["sale.order"])
        original = cls._cleared_orders_sent_to

        def counting(orders, ids):
            orders.env.flush_all()
            before = self.env.cr.sql_log_count
            found = original(orders, ids)
            counted.append(self.env.cr.sql_log_count - before)
            return found

        self.patch(cls, "_cleared_orders_sent_to", counting)
        partners.write(vals)
        self.env.flush_all()
        return sum(counted)


@tagged("post_install", "-at_install")
class TestCustomersThemselves(PathsCase, OrderProcessingHttpCase):
    """Carla in the portal, other systems over HTTP: they are never stopped, the order is."""

    def approved_for_carla(self):
        order = self.held_quotation(self.customer, lines=[(self.lantern, 2, 18.5)], by=self.paul)
        if order.state != "sale":
            self.approve(order)
        return order

    def test_an_address_edited_in_the_portal(self):
        self.customer.zip = "not a code"
        order = self.approved_for_carla()
        self.assertEqual(order.review_state, "approved")
        self.env.cr.flush()
        self.authenticate("carla", "carlaxxx")
        form = {
            "partner_id": self.customer.id,
            "name": self.customer.name,
            "email": self.customer.email,
            "phone": self.customer.phone,
            "street": "1 Elsewhere Road",
            "city": "London",
            "zip": "NW1 6XE",
            "country_id": self.gb.id,
            "csrf_token": Request.csrf_token(self),
        }
        answer = self.url_open("/my/address/submit", data=form, timeout=60)
        self.assertEqual((answer.status_code, "redirectUrl" in answer.json()), (200, True))
        self.env.invalidate_all()
        self.assertEqual(self.customer.street, "1 Elsewhere Road")
        self.assertHeldFor("address_rewritten", order=order)

    def test_an_offer_whose_quantity_the_customer_raises(self):
        order = self.quotation(self.corner_shop, by=self.paul)
        section = {"display_type": "line_section", "name": "If you like", "is_optional": True, "sequence": 50}
        option = {"product_id": self.mug.id, "product_uom_qty": 1, "price_unit": 2.0, "sequence": 51}
        order.write({"order_line": [Command.create(section), Command.create(option)]})
        order.action_quotation_sent()
        order.sudo()._portal_ensure_token()
        option = order.order_line.filtered(lambda line: line.product_id == self.mug)
        params = {"access_token": order.sudo().access_token, "line_id": option.id, "input_quantity": 50}
        url = f"/my/orders/{order.id}/update_line_dict"
        self.make_jsonrpc_request(url, params, timeout=60)
        self.assertEqual(option.product_uom_qty, 50)
        # Once it is held, the customer changes nothing there any more.
        order.sudo()._validate_order()
        self.assertOpen(order)
        self.make_jsonrpc_request(url, {**params, "input_quantity": 500}, timeout=60)
        self.assertEqual(option.product_uom_qty, 50)

    def test_over_json_2(self):
        soon = datetime.now() + timedelta(days=1)
        key = self.env["res.users.apikeys"].with_user(self.paul).sudo()._generate("rpc", "shop", soon)
        for model, record, vals in (
            ("sale.order", self.order, {"payment_term_id": self.net_60.id}),
            ("sale.order.line", self.line, {"product_uom_qty": 30}),
        ):
            answer = self.opener.post(
                f"{self.base_url()}/json/2/{model}/write",
                json={"ids": record.ids, "vals": vals, "context": {"skip_procurement": True}},
                headers={"Authorization": f"Bearer {key}"},
                timeout=60,
            )
            self.assertEqual(answer.status_code, 200, answer.text)
        self.env.invalidate_all()
        self.assertHeldFor("payment_worse", "quantity_raised")

    def test_signing_and_sending_are_no_changes(self):
        order = self.order.with_user(self.paul)
        order.action_quotation_send()
        order.message_post(body="On its way.")
        order.sudo().write({"signed_by": "Shop", "signed_on": datetime.now()})
        self.assertPasses()


@tagged("post_install", "-at_install")
class TestGettingAwayFromTheHold(PathsCase):
    """The order is held; what if its transfer did not know?"""

    def setUp(self):
        super().setUp()
        self.line.price_unit = 1
        self.assertHeldFor("price_changed")
        self.picking = self.order.sudo().picking_ids

    def assertStays(self):
        with self.assertRaisesRegex(UserError, "Nothing may leave"), self.env.cr.savepoint():
            pickings = self.picking.with_user(self.wes)
            pickings.move_ids.picked = True
            pickings.button_validate()

    def test_the_transfer_cannot_be_tied_to_another_order(self):
        other = self.confirmed_order(by=self.paul)
        moves = self.picking.move_ids
        for name, records, vals in (
            ("move to a clean line", moves, {"sale_line_id": other.order_line.id}),
            ("move to nothing", moves, {"sale_line_id": False}),
            ("transfer to a clean order", self.picking, {"sale_id": other.id}),
            ("transfer to nothing", self.picking, {"sale_id": False}),
        ):
            with self.undone(name):
                with self.assertRaisesRegex(UserError, "Nothing may leave"), self.env.cr.savepoint():
                    self.rpc(self.wes, records, "write", vals)
                self.assertStays()

    def test_an_order_that_is_no_order_any_more_ships_nothing(self):
        for state in ("sent", "draft", "cancel"):
            with self.undone(state):
                self.rpc(self.paul, self.order, "write", {"state": state})
                self.assertStays()
                self.picking.do_unreserve()
                self.picking.action_assign()
                self.assertEqual(self.picking.state, "confirmed")

    def test_what_was_shipped_for_a_cancelled_order_comes_back(self):
        order = self.confirmed_order(by=self.paul)
        self.ship(order)
        wizard = self.env["stock.return.picking"].create({"picking_id": order.sudo().picking_ids.id})
        wizard.product_return_moves.quantity = 2
        back = self.env["stock.picking"].browse(wizard.action_create_returns()["res_id"])
        order.sudo().state = "cancel"
        back.move_ids.write({"quantity": 2, "picked": True})
        back.with_user(self.wes).button_validate()
        self.assertEqual(back.state, "done")


@tagged("post_install", "-at_install")
class TestMergedContacts(PathsCase):
    """Two contacts turn out to be one."""

    def merge(self, kept, *merged):
        wizard = self.env["base.partner.merge.automatic.wizard"]
        wizard._merge((kept.concat(*merged)).ids, kept)
        self.env.invalidate_all()

    def test_the_same_address_twice_is_no_change(self):
        twin = self.depot.copy({"name": "Depot (2)"})
        self.merge(twin, self.depot)
        self.assertEqual(self.order.partner_shipping_id, twin)
        self.assertPasses()
        self.order.with_user(self.paul).order_line.product_uom_qty = 5
        self.assertPasses()

    def test_another_address_is_held(self):
        other = self.depot.copy({"name": "Depot (2)", "street": "1 Elsewhere Road"})
        self.merge(other, self.depot)
        self.assertHeldFor("address_rewritten")

    def test_the_customer_merged_is_the_same_customer(self):
        twin = self.corner_shop.copy({"name": "Corner Shop Ltd"})
        twin.child_ids = False
        self.merge(twin, self.corner_shop)
        self.assertEqual(self.order.partner_id, twin)
        self.assertPasses()
