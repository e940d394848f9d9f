from unittest.mock import patch

from odoo.addons.base.models.ir_cron import IrCron

from .common import OrderProcessingCase

KEY = """product_id, location_id, COALESCE(lot_id, 0) AS lot, COALESCE(package_id, 0) AS package,
    COALESCE(owner_id, 0) AS owned"""


class ReservationCase(OrderProcessingCase):
    """Lamps & Mugs reserves by rank: at once, unless a story says otherwise."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.reservation_mode = "at_once"
        cls.few = cls.product("FEW", 12.0, stock=10, name="Brass Bell")

    # ---------------------------------------------------------------- acting
    @classmethod
    def order(cls, *lines, **vals):
        """Return a confirmed order of ``(product, quantity)``."""
        return cls.confirmed_order(lines=list(lines), **vals)

    @staticmethod
    def without_commits():
        """Let scheduled actions do all their work inside the test's transaction."""

        def commit_progress(cron, processed=0, *, remaining=None, deactivate=False):
            cron.env.flush_all()
            cron.env.cr.precommit.run()
            return float("inf")

        return patch.object(IrCron, "_commit_progress", commit_progress)

    @classmethod
    def run_allocator(cls):
        with cls.without_commits():
            cls.env["order.allocation.run"]._cron_allocate()
        cls.env.invalidate_all()

    @classmethod
    def restock(cls, product, quantity, **vals):
        """Receive goods, as the warehouse does."""
        cls.put_in_stock(product, quantity, **vals)
        cls.run_allocator()

    # ---------------------------------------------------------------- looking
    @classmethod
    def set_aside(cls, *orders):
        """Return how much is set aside for each of the orders."""
        return [sum(order.sudo().order_line.move_ids.mapped("quantity")) for order in orders]

    @classmethod
    def code(cls, order):
        return order.sudo().order_line.move_ids.mapped("reservation_code")

    def assertAddsUp(self, *products):
        """Nothing is reserved that is not there, and the quants say what the lines say."""
        self.env.flush_all()
        self.env.cr.execute(
            f"""SELECT q.product_id, q.quantity, q.reserved, COALESCE(l.quantity, 0)
                  FROM (SELECT {KEY}, sum(quantity) AS quantity, sum(reserved_quantity) AS reserved
                          FROM stock_quant WHERE product_id = ANY(%s) GROUP BY 1, 2, 3, 4, 5) q
                  JOIN stock_location p ON p.id = q.location_id AND p.usage IN ('internal', 'transit')
                  LEFT JOIN (SELECT {KEY}, sum(quantity_product_uom) AS quantity FROM stock_move_line
                              WHERE state NOT IN ('done', 'cancel', 'draft') GROUP BY 1, 2, 3, 4, 5) l
                    ON (l.product_id, l.location_id, l.lot, l.package, l.owned)
                     = (q.product_id, q.location_id, q.lot, q.package, q.owned)""",
            [[product.id for product in products]],
        )
        for product_id, on_hand, reserved, by_lines in self.env.cr.fetchall():
            self.assertLessEqual(reserved, on_hand, product_id)
            self.assertAlmostEqual(float(reserved), float(by_lines), msg=product_id)
