from odoo.tests import new_test_user

from .common import OrderProcessingCase


class ReservationHealthCase(OrderProcessingCase):
    """Lamps & Mugs with *max*, who answers for the stock: 120 lanterns and 400 mugs, nothing reserved."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_health()

    @classmethod
    def _set_up_health(cls):
        groups = "stock.group_stock_manager,order_processing.group_order_processing_warehouse"
        cls.max = new_test_user(cls.env, "max", groups, name="Max")
        cls.Drift = cls.env["order.reservation.drift"]
        cls.shelf = cls.warehouse.lot_stock_id

    # ---------------------------------------------------------------- as plain Odoo would leave it
    @classmethod
    def sql(cls, query, *args):
        cls.env.flush_all()
        cls.env.cr.execute(query, args)
        cls.env.invalidate_all()

    @classmethod
    def records(cls, product, **place):
        domain = [("product_id", "=", product.id), ("location_id", "=", cls.shelf.id)]
        domain += [(name, "=", record.id) for name, record in place.items()]
        return cls.env["stock.quant"].search(domain, order="id")

    @classmethod
    def lose(cls, product, quantity):
        """An inventory counted less at the moment somebody reserved; neither saw the other."""
        record = cls.records(product).with_context(inventory_mode=True)
        on_hand = record.quantity
        record.inventory_quantity = on_hand - 1
        record.action_apply_inventory()
        line = cls.env["stock.move.line"].search(
            [("product_id", "=", product.id), ("location_dest_id.usage", "=", "inventory")], limit=1
        )
        cls.sql(
            "UPDATE stock_move_line SET quantity = %s, quantity_product_uom = %s WHERE id = %s",
            quantity,
            quantity,
            line.id,
        )
        cls.sql("UPDATE stock_quant SET quantity = %s WHERE id = %s", on_hand - quantity, record.id)

    @classmethod
    def set_reserved(cls, record, quantity):
        cls.sql("UPDATE stock_quant SET reserved_quantity = %s WHERE id = %s", quantity, record.id)

    @classmethod
    def twice(cls, record, quantity=0, reserved=0, in_date="2020-02-02 02:02:02"):
        """A second record of the same place, as two transactions at the same moment make one."""
        cls.sql(
            """INSERT INTO stock_quant (product_id, location_id, lot_id, package_id, owner_id, company_id,
                                        quantity, reserved_quantity, in_date)
               SELECT product_id, location_id, lot_id, package_id, owner_id, company_id, %s, %s, %s
                 FROM stock_quant WHERE id = %s""",
            quantity,
            reserved,
            in_date,
            record.id,
        )

    # ---------------------------------------------------------------- looking
    def check(self):
        """Check now; return what is listed as ``(kind, state, cause)``."""
        self.Drift._check(self.company)
        drifts = self.Drift.search([("state", "in", ("open", "by_hand"))], order="product_id, kind")
        return [(drift.kind, drift.state, drift.cause) for drift in drifts]

    def listed(self):
        return self.Drift.search([("state", "in", ("open", "by_hand"))])

    def repair(self, drifts=None, by=None):
        drifts = self.listed() if drifts is None else drifts
        return self.rpc(by or self.max, drifts, "action_repair")

    @staticmethod
    def held(order):
        """Return what the order's open transfer holds, and its state."""
        moves = order.sudo().picking_ids.move_ids
        return sum(moves.mapped("quantity")), moves.mapped("state")

    def assertAddsUp(self, product):
        self.assertEqual(self.check(), [])
        record = self.records(product)
        self.assertEqual(len(record), 1)
        self.assertLessEqual(record.reserved_quantity, record.quantity)
