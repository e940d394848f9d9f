"""What the races are about: products, stock, orders, receipts; and what people do with them."""

import contextlib
import time

from odoo.api import SUPERUSER_ID, Environment
from odoo.exceptions import UserError
from odoo.fields import Command

PRESSES = 5


class Shop:
    """Makes what a race needs. Its records are committed before the race begins."""

    PEOPLE = {
        "seller": ["sales_team.group_sale_salesman_all_leads"],
        "keeper": ["stock.group_stock_manager"],
    }

    def __init__(self, env, share=1.0):
        self.share = share
        self.env = env(context={**env.context, "tracking_disable": True, "no_reset_password": True})
        self.warehouse = env["stock.warehouse"].search([("company_id", "=", env.company.id)], limit=1)
        self.shelf = self.warehouse.lot_stock_id
        self.seller, self.keeper = (self._person(name) for name in self.PEOPLE)

    def _person(self, name):
        login = f"race-{name}"
        user = self.env["res.users"].search([("login", "=", login)])
        groups = [self.env.ref(group).id for group in ["base.group_user", *self.PEOPLE[name]]]
        values = {"name": login, "login": login, "group_ids": [Command.set(groups)]}
        return (user or self.env["res.users"].create(values)).id

    def crowd(self, number):
        """Return how many come where ``number`` come to a race in full."""
        return max(2, round(number * self.share))

    # ---------------------------------------------------------------- goods
    def product(self, stock=0, **values):
        """Return a new product with so many pieces on the shelf."""
        product = self.env["product.product"].create(
            {
                "name": "Race",
                "type": "consu",
                "is_storable": True,
                "list_price": 10.0,
                "taxes_id": [Command.clear()],
                **values,
            }
        )
        if stock:
            self.put(product, stock)
        return product

    def put(self, product, quantity, location=None, **where):
        self.env["stock.quant"]._update_available_quantity(product, location or self.shelf, quantity, **where)

    def lots(self, product, *quantities):
        """Put a lot of each of these sizes on the shelf."""
        for number, quantity in enumerate(quantities):
            values = {"name": f"L{product.id}-{number}", "product_id": product.id}
            self.put(product, quantity, lot_id=self.env["stock.lot"].create(values))

    def shelves(self, product, *quantities):
        """Put each of these quantities on a shelf of its own."""
        for number, quantity in enumerate(quantities):
            values = {"name": f"Shelf {number}", "location_id": self.shelf.id}
            self.put(product, quantity, self.env["stock.location"].create(values))

    def kit(self, *components):
        """Return a product that is nothing but one of each of these."""
        kit = self.product()
        lines = [Command.create({"product_id": product.id, "product_qty": 1}) for product in components]
        template = kit.product_tmpl_id.id
        self.env["mrp.bom"].create({"product_tmpl_id": template, "type": "phantom", "bom_line_ids": lines})
        return kit

    # ---------------------------------------------------------------- documents
    def customer(self):
        return self.env["res.partner"].create(
            {
                "name": "Race Customer",
                "street": "1 Main Street",
                "city": "Los Angeles",
                "zip": "90001",
                "country_id": self.env.ref("base.us").id,
                "email": "race@example.com",
            }
        )

    def orders(self, number, *lines, customer=None):
        """Return quotations with these lines ``(product, quantity[, unit])``, each of another customer."""
        values = [self._line(*line) for line in lines]
        return self.env["sale.order"].create(
            [
                {
                    "partner_id": (customer or self.customer()).id,
                    "user_id": self.seller,
                    "order_line": [Command.create(line) for line in values],
                }
                for _number in range(number)
            ]
        )

    @staticmethod
    def _line(product, quantity, unit=None):
        values = {"product_id": product.id, "product_uom_qty": quantity}
        return {**values, "product_uom_id": unit.id} if unit else values

    def transfers(self, number, lines, kind="out"):
        """Return confirmed transfers of ``[(product, quantity)]`` to customers, or from vendors."""
        operation = getattr(self.warehouse, f"{kind}_type_id")
        from_where = operation.default_location_src_id or self.env.ref("stock.stock_location_suppliers")
        to = operation.default_location_dest_id or self.env.ref("stock.stock_location_customers")
        ends = {"location_id": from_where.id, "location_dest_id": to.id}
        moves = [
            Command.create({"product_id": product.id, "product_uom_qty": quantity, **ends})
            for product, quantity in lines
        ]
        values = {"picking_type_id": operation.id, "move_ids": moves, **ends}
        transfers = self.env["stock.picking"].create([dict(values) for _number in range(number)])
        transfers.action_confirm()
        return transfers


# -------------------------------------------------------------------- what people and jobs do
def confirm(env, order):
    env["sale.order"].browse(order).action_confirm()


def hold(env, order):
    """Set aside what a quotation wants, for a time."""
    env["sale.order"].browse(order).action_hold_stock()


def release_holds(env):
    env["sale.order"]._cron_release_holds()


def take_over(env, order):
    """Let an urgent order have what others have; who is told that somebody is at the goods tries again."""
    for _press in range(PRESSES):
        with contextlib.suppress(UserError), env.cr.savepoint():
            return env["order.takeover"]._take(env["sale.order"].browse(order))
        time.sleep(0.1)
    return None


def cancel(env, order):
    env["sale.order"].browse(order).action_cancel()


def scrap(env, product, quantity):
    """Scrap; where there is not enough, a person would be asked, and does not go on."""
    env["stock.scrap"].create({"product_id": product, "scrap_qty": quantity}).action_validate()


def count(env, product, quantity):
    """Count so many pieces on the shelf, and apply it."""
    quants = env["stock.quant"].with_context(inventory_mode=True)
    found = quants.search([("product_id", "=", product), ("location_id.usage", "=", "internal")], limit=1)
    found.inventory_quantity = quantity
    found.action_apply_inventory()


def receive(env, picking):
    transfer = env["stock.picking"].browse(picking)
    transfer.move_ids.picked = True
    transfer.button_validate()


def superuser(cr):
    return Environment(cr, SUPERUSER_ID, {})


def run_scheduler(env):
    env["stock.rule"]._run_scheduler_tasks(use_new_cursor=True)


def run_allocator(env):
    env["order.allocation.run"]._cron_allocate()


def can_allocate(env):
    """Whether stock is given out by our allocator in this company."""
    modes = ("at_once", "queued")
    return "order.allocation.run" in env and env.company.reservation_mode in modes


def drain(registry, products):
    """Have everything served that can be, the way this company serves what waits."""

    def step(function):
        with registry.cursor() as cr:
            return function(_waiting(superuser(cr), products))

    def serve(moves):
        if can_allocate(moves.env):
            run_allocator(moves.env)
        else:
            moves._action_assign()

    before = None
    while before != (now := step(lambda moves: [(move.id, move.quantity) for move in moves])):
        before = now
        step(serve)


def _waiting(env, products):
    states = ("confirmed", "partially_available")
    domain = [("product_id", "in", list(products)), ("state", "in", states)]
    return env["stock.move"].search(domain, order="id")
