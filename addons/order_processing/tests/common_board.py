from datetime import timedelta

from odoo import fields

from .common import OrderProcessingCase


class BoardCase(OrderProcessingCase):
    """Lamps & Mugs sends goods out: *North* leaves in two hours, *South* in four; *wes* and *ben* pack.

    The departures are made by hand and what leaves with which is said by each story: here it is about what
    the board shows and what packing does, not about what the plan decides.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.dispatch_mode = "plan"
        cls.company.review_mode = "off"
        cls.now = fields.Datetime.now().replace(microsecond=0)
        cls.north, cls.south = cls.departure("North", hours=2), cls.departure("South", hours=4)
        cls.ben = cls.wes.copy({"login": "ben", "name": "Ben", "password": "benxxxxx"})
        cls.board_model = cls.env["order.dispatch.departure"]

    @classmethod
    def departure(cls, name, hours, **vals):
        route = cls.env["order.dispatch.route"].create({"name": name, "warehouse_id": cls.warehouse.id})
        at = cls.now + timedelta(hours=hours)
        departure = cls.env["order.dispatch.departure"].sudo()
        return departure.create(
            {
                "route_id": route.id,
                "departs_at": at,
                "cut_off_at": at - timedelta(hours=1),
                "is_set_by_hand": True,
                **vals,
            }
        )

    @classmethod
    def transfer(cls, *lines, departure=None, wave=None, score=0, **vals):
        """Return the transfer of a new order, on a departure and in a wave."""
        order = cls.quotation(lines=list(lines) or [(cls.mug, 2)], **vals)
        order.action_confirm()
        transfer = order.sudo().picking_ids
        departure = wave.departure_id if wave else departure
        transfer._write_dispatch(
            {
                "departure_id": departure and departure.id,
                "batch_id": wave and wave.id,
                "priority_score": score,
            }
        )
        return transfer

    @classmethod
    def wave(cls, departure, **vals):
        return (
            cls.env["stock.picking.batch"]
            .sudo()
            .create(
                {
                    "picking_type_id": cls.warehouse.out_type_id.id,
                    "company_id": cls.company.id,
                    "departure_id": departure.id,
                    **vals,
                }
            )
        )

    @classmethod
    def read_board(cls, by=None, filters=None, warehouse=None):
        cls.env.flush_all()
        return cls.board_model.with_user(by or cls.wes).dispatch_board(
            (warehouse or cls.warehouse).id, False, filters
        )

    @staticmethod
    def departure_of(board, departure):
        return next(one for one in board["departures"] if one["id"] == departure.id)

    @staticmethod
    def cards(board, kind="wave", departure=None, wave=None):
        """Return the cards of the lanes, in their order."""
        return [
            card
            for lane in board["lanes"]
            if lane["kind"] == kind
            and (departure is None or lane["departure_id"] == departure.id)
            and (wave is None or lane["batch_id"] == wave.id)
            for card in lane["cards"]
        ]

    @classmethod
    def names(cls, board, **which):
        return [card["name"] for card in cls.cards(board, **which)]

    @classmethod
    def serial(cls, product, *names):
        """Return serial numbers of a product that are in stock."""
        lots = cls.env["stock.lot"].create([{"name": name, "product_id": product.id} for name in names])
        for lot in lots:
            cls.env["stock.quant"]._update_available_quantity(
                product, cls.warehouse.lot_stock_id, 1, lot_id=lot
            )
        return lots

    # ---------------------------------------------------------------- packing
    def scan(self, transfer, code, by=None):
        return self.rpc(by or self.wes, transfer, "pack_scan", code)

    def counted(self, transfer):
        return transfer.move_line_ids.sorted("id").mapped("packed_qty")
