from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.fields import Command

from .common_reservation import ReservationCase

# A Monday morning in London, before the clocks change.
MONDAY = datetime(2027, 1, 11, 9)


class PromisingCompany(ReservationCase):
    """Lamps & Mugs promises dates: it works Monday to Friday from eight to five, UTC.

    Two hours of handling, what is packed by three o'clock leaves the same day, and is one working day on its
    way.
    """

    @classmethod
    def promise_from(cls, moment):
        cls.today = moment
        cls.company.resource_calendar_id.tz = "UTC"
        cls.company.write({"promise_mode": "promise", "promise_planning_days": 1})
        cls.warehouse.write({"handling_hours": 2, "shipping_cut_off": 15})

    @classmethod
    def receipt(cls, product, quantity, days):
        """Return a confirmed receipt that brings so much in so many days."""
        supplier = cls.env.ref("stock.stock_location_suppliers")
        place, date = cls.warehouse.lot_stock_id, cls.today + timedelta(days=days)
        picking = cls.env["stock.picking"].create(
            {
                "picking_type_id": cls.warehouse.in_type_id.id,
                "location_id": supplier.id,
                "location_dest_id": place.id,
                "origin": "PO-1",
                "move_ids": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "product_uom_qty": quantity,
                            "location_id": supplier.id,
                            "location_dest_id": place.id,
                            "date": date,
                        }
                    )
                ],
            }
        )
        picking.action_confirm()
        picking.move_ids.date = date
        return picking

    def recheck(self):
        """Let the scheduled action look again at what was noted."""
        self.env.flush_all()
        self.env.cr.precommit.run()
        with self.without_commits():
            self.env["order.promise.recheck"]._cron_recheck()

    def day(self, moment):
        return moment and moment.date().isoformat()


class PromiseCase(PromisingCompany):
    """The same company on Monday, the eleventh of January 2027, at nine o'clock."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clock = freeze_time(MONDAY)
        cls.clock.start()
        cls.addClassCleanup(cls.clock.stop)
        cls.promise_from(MONDAY)
