from odoo.fields import Command, Datetime

from .common_promise import PromisingCompany


class SourcingCase(PromisingCompany):
    """Lamps & Mugs has a second house in Leeds; London is where orders are from.

    Parcels within the country cost 4.00 from London and 6.00 from Leeds, and take a day from either. What
    is in stock where is said by each story.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = Datetime.now()
        cls.london = cls.warehouse
        cls.london.name = "London"
        cls.leeds = cls.env["stock.warehouse"].create(
            {"name": "Leeds", "code": "LEEDS", "company_id": cls.company.id, "sequence": 20}
        )
        cls.company.write({"sourcing_mode": "choose", "sourcing_split_penalty": 5.0, "sourcing_balance": 0.0})
        cls.zone = cls.env["order.freight.zone"].create(
            {
                "name": "Great Britain",
                "country_ids": [Command.link(cls.gb.id)],
                "rate_ids": [
                    Command.create({"warehouse_id": cls.london.id, "fixed_cost": 4.0}),
                    Command.create({"warehouse_id": cls.leeds.id, "fixed_cost": 6.0}),
                ],
            }
        )
        cls.kettle = cls.stocked("KETTLE", london=0, leeds=20, name="Copper Kettle")
        cls.bowl = cls.stocked("BOWL", london=6, leeds=5, name="Oak Bowl")
        cls.jug = cls.stocked("JUG", london=50, leeds=50, name="Milk Jug")

    @classmethod
    def stocked(cls, sku, london, leeds, **vals):
        product = cls.product(sku, 20.0, stock=london, **vals)
        if leeds:
            cls.put_in_stock(product, leeds, cls.leeds.lot_stock_id)
        return product

    @classmethod
    def sources(cls, order):
        """Return the order's lines as product, quantity and warehouse."""
        return [
            (line.product_id.default_code, line.product_uom_qty, line.warehouse_id.name)
            for line in order.sudo().order_line
        ]

    @classmethod
    def transfers(cls, order):
        """Return what the order's open transfers take from where."""
        moves = order.sudo().picking_ids.move_ids.filtered(lambda move: move.state != "cancel")
        return sorted(
            (
                move.product_id.default_code,
                move.product_uom_qty,
                move.location_id.warehouse_id.name,
                move.state,
            )
            for move in moves
        )
