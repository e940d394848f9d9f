from odoo.tests import new_test_user

from .common import OrderProcessingCase


class StockWatchCase(OrderProcessingCase):
    """Lamps & Mugs with *max*, who answers for the stock: 120 lanterns and 400 mugs.

    Low stock is told to *wes*. The lantern's level is 30, critical at 10.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = "stock.group_stock_manager,order_processing.group_order_processing_warehouse"
        cls.max = new_test_user(cls.env, "max", groups, name="Max", email="max@example.com")
        cls.Warning = cls.env["order.stock.warning"]
        cls.shelf = cls.warehouse.lot_stock_id
        cls.wes.partner_id.phone = "+44 20 7946 0101"
        cls.company.write(
            {
                "stock_warning_user_ids": [(6, 0, cls.wes.ids)],
                "stock_warning_sms": True,
                "stock_warning_margin": 10,
            }
        )

    def setUp(self):
        super().setUp()
        # A scheduled action commits and, when something fails, rolls back: here neither.
        self.patch(self.env.cr, "commit", self.env.flush_all)

    @classmethod
    def level(cls, product, level, critical=0, **vals):
        return cls.env["stock.warehouse.orderpoint"].create(
            {
                "product_id": product.id,
                "warehouse_id": cls.warehouse.id,
                "location_id": cls.shelf.id,
                "trigger": "manual",
                "warning_level": level,
                "critical_level": critical,
                **vals,
            }
        )

    @classmethod
    def set_free(cls, product, quantity):
        """Stock goes to so many free pieces."""
        free = cls.env["stock.quant"]._get_available_quantity(product, cls.shelf, allow_negative=True)
        cls.put_in_stock(product, quantity - free)

    def watch(self):
        self.Warning._cron_watch()
        return self.Warning.search([("state", "=", "open")])
