from odoo.fields import Command
from odoo.service.model import call_kw
from odoo.tests import HttpCase, TransactionCase, new_test_user

# Who works here: login and the groups each has.
STAFF = {
    "sally": "order_processing.group_order_processing_sales",
    "rita": "order_processing.group_order_processing_reviewer",
    "wes": "order_processing.group_order_processing_warehouse",
    "paul": "sales_team.group_sale_salesman",
    "mona": "sales_team.group_sale_manager",
    "anna": "account.group_account_user,account.group_account_invoice",
}


class OrderProcessingCase(TransactionCase):
    """The company all tests play in: Lamps & Mugs of London, where orders are reviewed.

    Staff: *sally* takes orders, *rita* reviews them, *wes* ships; *paul* is a salesperson who knows
    Odoo's own roles only, *mona* a sales manager, *anna* does the books. Customers: *carla*, whose
    address is complete and who has a portal login, and the *corner shop*, whose is not.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "no_reset_password": True})
        cls._set_up_company()
        cls._set_up_staff()
        cls._set_up_customers()
        cls._set_up_goods()
        # One reason at a time: stories about prices are not about the margin, those that need the same
        # order many times not about duplicates. These rules have their own.
        (cls.rule("margin") + cls.rule("duplicate") + cls.rule("velocity")).active = False

    @classmethod
    def _set_up_company(cls):
        cls.gb = cls.env.ref("base.uk")
        cls.company = cls.env.company
        cls.company.write(
            {
                "name": "Lamps & Mugs",
                "country_id": cls.gb.id,
                "currency_id": cls.env.ref("base.GBP").id,
                "review_mode": "enforce",
                "reservation_mode": "odoo",
                "review_price_tolerance": 1.0,
                "portal_confirmation_sign": True,
                "portal_confirmation_pay": False,
            }
        )
        cls.currency = cls.company.currency_id
        # Told apart from Odoo's other mails about an order, which have the same subject.
        cls.env.ref("sale.mail_template_sale_confirmation").subject = "Confirmed: {{ object.name }}"
        cls.warehouse = cls.env["stock.warehouse"].search([("company_id", "=", cls.company.id)], limit=1)
        cls.pricelist = cls.env["product.pricelist"].create(
            {"name": "Public", "currency_id": cls.currency.id, "sequence": 0}
        )

    @classmethod
    def _set_up_staff(cls):
        # All at once: one by one, as new_test_user makes them, they take a third of a class's preparation.
        users = cls.env["res.users"].create(
            [
                {
                    "login": login,
                    "name": login.capitalize(),
                    "password": login.ljust(8, "x"),
                    "email": f"{login}@example.com",
                    "group_ids": [Command.set([cls.env.ref(group).id for group in groups.split(",")])],
                }
                for login, groups in STAFF.items()
            ]
        )
        for user in users:
            setattr(cls, user.login, user)

    @classmethod
    def _set_up_customers(cls):
        # "carla" is her user, "customer" the person.
        cls.carla = new_test_user(
            cls.env, "carla", "base.group_portal", name="Carla", email="carla@example.com"
        )
        cls.customer = cls.carla.partner_id
        cls.customer.write(
            {
                "street": "221 Baker Street",
                "city": "London",
                "zip": "NW1 6XE",
                "country_id": cls.gb.id,
                "phone": "+44 20 7946 0018",
                "property_product_pricelist": cls.pricelist.id,
            }
        )
        # No post code, no phone, no e-mail: their orders are held.
        cls.corner_shop = cls.env["res.partner"].create(
            {
                "name": "Corner Shop",
                "street": "12 Market Row",
                "city": "Bristol",
                "country_id": cls.gb.id,
                "property_product_pricelist": cls.pricelist.id,
            }
        )

    @classmethod
    def _set_up_goods(cls):
        cls.lantern = cls.product("LANTERN", 18.5, stock=120, name="Metal Lantern")
        cls.mug = cls.product("MUG", 7.9, stock=400, name="Enamel Mug")
        cls.blanket = cls.product("BLANKET", 54.0, name="Wool Blanket")
        cls.wrapping = cls.product("WRAP", 3.0, name="Gift Wrapping", type="service", is_storable=False)

    # ---------------------------------------------------------------- making things
    @classmethod
    def product(cls, sku, price, stock=0, **vals):
        """Return a new product, storable unless told otherwise, with ``stock`` pieces in the warehouse."""
        product = cls.env["product.product"].create(
            {
                "name": sku,
                "default_code": sku,
                "type": "consu",
                "is_storable": True,
                "list_price": price,
                "standard_price": price / 2,
                "invoice_policy": "order",
                "taxes_id": [Command.clear()],
                "supplier_taxes_id": [Command.clear()],
                **vals,
            }
        )
        if stock:
            cls.put_in_stock(product, stock)
        return product

    @classmethod
    def put_in_stock(cls, product, quantity, location=None):
        location = location or cls.warehouse.lot_stock_id
        cls.env["stock.quant"]._update_available_quantity(product, location, quantity)

    @classmethod
    def quotation(cls, partner=None, lines=None, by=None, **vals):
        """Return a new quotation in the hands of ``by`` (sally).

        ``lines`` are ``(product, quantity)``, ``(product, quantity, price)`` or dicts of values.
        """
        commands = [Command.create(cls._line_vals(line)) for line in lines or [(cls.lantern, 2)]]
        orders = cls.env["sale.order"].with_user(by or cls.sally)
        return orders.create({"partner_id": (partner or cls.customer).id, "order_line": commands, **vals})

    @staticmethod
    def _line_vals(line):
        if isinstance(line, dict):
            return line
        product, quantity, *price = line
        vals = {"product_id": product.id, "product_uom_qty": quantity}
        return {**vals, "price_unit": price[0]} if price else vals

    @classmethod
    def held_quotation(cls, partner=None, lines=None, by=None, **vals):
        """Return a quotation that was submitted and is held (by default: the corner shop's address)."""
        order = cls.quotation(partner or cls.corner_shop, lines, by, **vals)
        order.action_submit()
        return order

    @classmethod
    def confirmed_order(cls, partner=None, lines=None, by=None, **vals):
        """Return an order that passed the checks and was confirmed."""
        order = cls.quotation(partner, lines, by, **vals)
        order.action_submit()
        return order

    # ---------------------------------------------------------------- acting
    @classmethod
    def rpc(cls, user, records, method, *args, **kwargs):
        """Call a method as another system can, or a curious user: public ones, with the user's own rights."""
        cls.env.flush_all()
        cls.env.invalidate_all()  # what others have read is no right to read it
        ids = [] if getattr(getattr(records, method), "_api_model", False) else [records.ids]
        return call_kw(cls.env[records._name].with_user(user), method, [*ids, *args], kwargs)

    @classmethod
    def submit(cls, orders, by=None):
        return orders.with_user(by or cls.sally).action_submit()

    @classmethod
    def approve(cls, orders, reason=None, by=None):
        return orders.with_user(by or cls.rita).action_review_approve(reason)

    @classmethod
    def ship(cls, order, by=None):
        """Validate the order's open transfers in full, as the packer does; return them."""
        pickings = order.sudo().picking_ids.filtered(lambda picking: picking.state not in ("done", "cancel"))
        pickings = pickings.with_user(by or cls.wes)
        pickings.move_ids.picked = True
        pickings.button_validate()
        return pickings

    # ---------------------------------------------------------------- looking
    @classmethod
    def events(cls, order, audience=None):
        """Return the kinds of the order's events, oldest first; stage changes included as ``stage:NEW``."""
        cls.env.cr.flush()
        kinds = []
        for event in order.sudo()._events(audience):
            kinds.append(f"stage:{event.data['after']}" if event.kind == "stage" else event.kind)
        return kinds

    @classmethod
    def found(cls, order):
        """Return what the rules that hold find on the order now, as ``(code, figures)``; nothing is kept."""
        order = order.sudo()
        holding = order._holding(order._review_findings())
        return [(one.code, one.figures) for _rule, one in holding.get(order.id, [])]

    @classmethod
    def rule(cls, name):
        """Return a rule of the review by its name in the data, switched on or off."""
        return cls.env.ref(f"order_processing.rule_{name}")

    @classmethod
    def open_findings(cls, order):
        """Return the codes of what the order is held for."""
        return (
            order.sudo().review_finding_ids.filtered(lambda finding: finding.state == "open").mapped("code")
        )

    @classmethod
    def confirmation_mails(cls, order):
        """Return the messages that told the customer that the order is confirmed."""
        return order.sudo().message_ids.filtered(
            lambda message: message.subject == f"Confirmed: {order.name}"
        )

    def assertOpen(self, order):
        """The order is held: no confirmation, no transfer, waiting for a reviewer."""
        self.assertEqual(order.sudo().mapped("state"), ["sent"] * len(order))
        self.assertEqual(order.sudo().mapped("review_state"), ["pending"] * len(order))
        self.assertFalse(order.sudo().picking_ids)

    def assertConfirmed(self, order, review_state="not_required"):
        """The order is confirmed and its transfer made."""
        self.assertEqual(order.sudo().mapped("state"), ["sale"] * len(order))
        self.assertEqual(order.sudo().mapped("review_state"), [review_state] * len(order))
        self.assertEqual(len(order.sudo().picking_ids), len(order))


class OrderProcessingHttpCase(OrderProcessingCase, HttpCase):
    """The same company, with its web server."""
