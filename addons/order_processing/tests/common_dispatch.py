from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.fields import Command

from .common_promise import PromisingCompany

# A Monday morning in London.
MONDAY = datetime(2027, 1, 11, 9)


class DispatchCase(PromisingCompany):
    """Lamps & Mugs plans its departures: on Monday, the eleventh of January 2027, at nine o'clock.

    *North* leaves each working day at four, for all of the country; what is packed by three goes along. Two
    hours of handling, as for the promises.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clock = freeze_time(MONDAY)
        cls.clock.start()
        cls.addClassCleanup(cls.clock.stop)
        cls.promise_from(MONDAY)
        cls.company.dispatch_mode = "plan"
        cls.north = cls.route("North", country_ids=[Command.set(cls.gb.ids)])
        cls.neighbour = cls.customer.copy({"name": "Ned", "street": "223 Baker Street"})
        cls.shop = cls.customer.copy({"name": "The Shop", "street": "1 High Street", "zip": "M1 1AA"})

    @classmethod
    def route(cls, name, days="01234", cut_off=15.0, departs_at=16.0, **vals):
        slots = [
            Command.create({"weekday": day, "cut_off": cut_off, "departs_at": departs_at}) for day in days
        ]
        vals = {"warehouse_id": cls.warehouse.id, "slot_ids": slots, **vals}
        return cls.env["order.dispatch.route"].create({"name": name, **vals})

    @classmethod
    def at(cls, day, hour=16):
        """Return a moment so many days after Monday."""
        return MONDAY.replace(hour=0) + timedelta(days=day, hours=hour)

    @classmethod
    def departure(cls, day, route=None):
        """Return the departure of a day: 0 is today, Monday."""
        return (route or cls.north).departure_ids.filtered(
            lambda one: one.departs_at.date() == cls.at(day).date()
        )

    @classmethod
    def transfer(cls, *lines, partner=None, **vals):
        """Return the transfer of a new confirmed order."""
        order = cls.confirmed_order(partner, list(lines) or [(cls.lantern, 1)], **vals)
        return order.sudo().picking_ids

    @classmethod
    def plan(cls):
        """Let the scheduled action plan; return how many transfers it decided otherwise."""
        cls.env.flush_all()
        changed = cls.env["order.dispatch.departure"]._plan(cls.warehouse)
        cls.env.flush_all()
        cls.env.invalidate_all()
        return changed

    def queries(self, act):
        """Return how many queries something takes, with nothing known beforehand."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        act()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def deliver(self, transfers):
        """Let Wes validate these; return what is shipped."""
        transfers = transfers.with_user(self.wes)
        transfers.move_ids.picked = True
        transfers.button_validate()
        return transfers.sudo().shipment_ids

    # ---------------------------------------------------------------- goods that go through several transfers
    def in_steps(self, steps):
        self.warehouse.delivery_steps = steps

    def chained(self):
        """Return a pick and the delivery that waits for it, made beforehand as pull rules do."""
        self.in_steps("pick_ship")
        pick = self.transfer()
        move = pick.move_ids
        out = self.env["stock.picking"].create(
            {
                "picking_type_id": self.warehouse.out_type_id.id,
                "partner_id": self.customer.id,
                "location_id": move.location_dest_id.id,
                "location_dest_id": self.customer.property_stock_customer.id,
            }
        )
        move.copy(
            {
                "picking_id": out.id,
                "picking_type_id": out.picking_type_id.id,
                "location_id": out.location_id.id,
                "location_dest_id": out.location_dest_id.id,
                "move_orig_ids": [(6, 0, move.ids)],
                "procure_method": "make_to_order",
                "sale_line_id": move.sale_line_id.id,
            }
        )._action_confirm(merge=False)
        return pick, out

    def assertLeaves(self, transfer, day, code=None):
        self.assertEqual(transfer.departure_id, self.departure(day), transfer.dispatch_reason)
        if code:
            self.assertEqual(transfer.dispatch_code, code, transfer.dispatch_reason)
