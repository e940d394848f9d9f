from datetime import datetime, time, timedelta

from freezegun import freeze_time

from odoo import fields

from .common_reservation import ReservationCase

# A Monday morning in London, before the clocks change.
MONDAY = datetime(2027, 1, 11, 9)


class PromiseCase(ReservationCase):
    """Lamps & Mugs promises dates: it works Monday to Friday from eight to five, UTC.

    Two hours of handling, what is packed by three o'clock leaves the same day, and is one working day on its
    way. It is Monday, the eleventh of January 2027, nine o'clock.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clock = freeze_time(MONDAY)
        cls.clock.start()
        cls.addClassCleanup(cls.clock.stop)
        calendar = cls.company.resource_calendar_id
        calendar.tz = "UTC"
        cls.company.write({"promise_mode": "promise", "promise_planning_days": 1})
        cls.warehouse.write({"handling_hours": 2, "shipping_cut_off": 15})

    def tuesday(self, weeks=0, days=0):
        """Return the noon of the first Tuesday, and so many days later."""
        return datetime.combine(MONDAY.date(), time(12)) + timedelta(days=1 + days, weeks=weeks)

    def receipt(self, product, quantity, days, partner=None):
        """Return a confirmed receipt that brings so much in so many days."""
        supplier = self.env.ref("stock.stock_location_suppliers")
        picking = self.env["stock.picking"].create(
            {
                "picking_type_id": self.warehouse.in_type_id.id,
                "location_id": supplier.id,
                "location_dest_id": self.warehouse.lot_stock_id.id,
                "origin": "PO-1",
                "scheduled_date": MONDAY + timedelta(days=days),
                "move_ids": [
                    fields.Command.create(
                        {
                            "product_id": product.id,
                            "product_uom_qty": quantity,
                            "location_id": supplier.id,
                            "location_dest_id": self.warehouse.lot_stock_id.id,
                            "date": MONDAY + timedelta(days=days),
                        }
                    )
                ],
            }
        )
        picking.action_confirm()
        picking.move_ids.date = MONDAY + timedelta(days=days)
        return picking

    def recheck(self):
        """Let the scheduled action look again at what was noted."""
        self.env.flush_all()
        self.env.cr.precommit.run()
        with self.without_commits():
            self.env["order.promise.recheck"]._cron_recheck()

    def day(self, moment):
        return moment and moment.date().isoformat()
