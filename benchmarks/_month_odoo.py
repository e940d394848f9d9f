"""The shop of the simulated month kept by Odoo with our addon: real orders, receipts, deliveries and jobs.

Nothing is decided here but what people decide: what is there leaves, what is short is ordered. Python's clock
is frozen and moved; the database's own ``now()`` is not, and nothing that is looked at rests on it.
"""

import contextlib
from collections import defaultdict
from datetime import datetime, time, timedelta

from _month import CLOSES, CUT_OFF, LEADS, OPENS, TRANSIT, VENDORS
from freezegun import freeze_time

AT_ONCE = 40  # deliveries validated in one transaction


def hours(moment):
    return moment.hour + moment.minute / 60


@contextlib.contextmanager
def clock(moment):
    frozen = freeze_time(moment)
    try:
        yield frozen.start()
    finally:
        frozen.stop()


class OdooShop:
    def __init__(self, env, plan, frozen, reservation="at_once"):
        self.env, self.plan, self.frozen = env, plan, frozen
        self.lines, self.orders, self.last_promise = {}, {}, 0
        self.at(datetime.combine(plan.first_day, time(5)))
        self._company(reservation)
        self._articles()
        self._customers()
        self.commit()

    def at(self, moment):
        self.frozen.move_to(moment)

    def commit(self):
        self.env.flush_all()
        self.env.cr.commit()
        self.env.invalidate_all()

    # ---------------------------------------------------------------- before the month
    def _company(self, reservation):
        env = self.env
        company, calendar = env.company, env.company.resource_calendar_id
        company.write({"promise_mode": "promise", "reservation_mode": reservation, "review_mode": "off"})
        company.promise_planning_days = 1
        env["order.channel"].search([]).tells_customers = False
        day = {"hour_from": hours(OPENS), "hour_to": hours(CLOSES), "day_period": "morning"}
        attendances = [(0, 0, {**day, "name": str(n), "dayofweek": str(n)}) for n in range(5)]
        calendar.write({"tz": "UTC", "attendance_ids": [(5,), *attendances]})
        env["resource.calendar.leaves"].create(
            [
                {
                    "name": "Closed",
                    "calendar_id": calendar.id,
                    "date_from": datetime.combine(closed, time.min),
                    "date_to": datetime.combine(closed, time(23, 59, 59)),
                }
                for closed in self.plan.closed
            ]
        )
        self.warehouse = env["stock.warehouse"].search([("company_id", "=", company.id)], limit=1)
        self.warehouse.write({"handling_hours": 2, "shipping_cut_off": hours(CUT_OFF)})
        freight = env["product.product"].create({"name": "Freight", "type": "service"})
        carriers = env["delivery.carrier"].create(
            [{"name": name, "product_id": freight.id, "transit_days": days} for name, days in TRANSIT.items()]
        )
        self.carriers = {carrier.transit_days: carrier.id for carrier in carriers}

    def _articles(self):
        env, articles = self.env, self.plan.articles
        vendors = env["res.partner"].create([{"name": f"Vendor {n}"} for n in range(VENDORS)])
        buy = self.warehouse.buy_pull_id.route_id
        products = env["product.product"].create(
            [
                {
                    "name": sku,
                    "default_code": sku,
                    "is_storable": True,
                    "taxes_id": False,
                    "route_ids": [(6, 0, buy.ids)],
                    "seller_ids": [(0, 0, {"partner_id": vendors[article.vendor].id, "delay": article.lead})],
                }
                for sku, article in articles.items()
            ]
        )
        self.products = dict(zip(articles, products.ids, strict=True))
        self.skus = {id_: sku for sku, id_ in self.products.items()}
        shelf = self.warehouse.lot_stock_id.id
        env["stock.quant"].create(
            [
                {"product_id": self.products[sku], "location_id": shelf, "quantity": article.start}
                for sku, article in articles.items()
                if article.start
            ]
        )
        for vendor in range(len(LEADS)):  # the models must see the lead times the plan has
            sku = next((sku for sku, a in articles.items() if a.vendor == vendor), None)
            if sku:
                lead = (
                    env["product.product"]
                    .browse(self.products[sku])
                    ._promise_lead(self.warehouse.lot_stock_id)
                )
                assert lead.shortest == timedelta(days=articles[sku].lead), (sku, lead)

    def _customers(self):
        names = sorted({order.customer for order in self.plan.orders})
        partners = self.env["res.partner"].create([{"name": name} for name in names])
        self.customers = dict(zip(names, partners.ids, strict=True))

    # ---------------------------------------------------------------- selling
    def sell(self, order):
        self.at(order.at)
        sale = self.env["sale.order"].create(
            {
                "partner_id": self.customers[order.customer],
                "client_order_ref": order.ref,
                "carrier_id": self.carriers[order.transit],
                "picking_policy": "one" if order.whole else "direct",
                "urgency": "urgent" if order.urgent else "normal",
                "requested_date": order.wanted and datetime.combine(order.wanted, time(12)),
                "order_line": [
                    (
                        0,
                        0,
                        {
                            "product_id": self.products[line.sku],
                            "product_uom_qty": line.quantity,
                            "price_unit": 1.0,
                            "sequence": i,
                        },
                    )
                    for i, line in enumerate(order.lines)
                ],
            }
        )
        sale.action_confirm()
        self._jobs()
        order.number, order.first = sale.id, sale.first_promise_date.date()
        self.orders[sale.id] = order
        for line, record in zip(order.lines, sale.order_line.sorted("sequence"), strict=True):
            line.key, line.code, line.first = record.id, record.promise_code, record.first_promise_date.date()
            line.waited = any(move.state != "assigned" for move in record.move_ids)
            self.lines[record.id] = line
        self.commit()

    def _jobs(self, allocate=False):
        """What the scheduled actions do within a minute, and what came of it."""
        self.commit()
        moves = self.env["stock.move"]
        if allocate or moves.search_count([("reservation_pending", "=", True)], limit=1):
            self.env["order.allocation.run"]._cron_allocate()
            self.commit()
        if self.env["order.promise.recheck"].search_count([], limit=1):
            self.env["order.promise.recheck"]._cron_recheck()
            self.commit()
        now = datetime.now().replace(tzinfo=None)
        rows = self.env["order.promise"].search([("id", ">", self.last_promise)], order="id")
        for row in rows:
            self.last_promise = row.id
            if row.kind == "later":
                self._note(row, now)

    def _note(self, row, now):
        order = self.orders.get(row.order_id.id)
        if order and row.slip_days > 0:
            order.slips.append((now, row.code, row.date.date(), bool(row.told_at)))
        for line_id, _name, before, after in (row.figures or {}).get("lines", ()):
            if after and (not before or after[:10] > before[:10]) and line_id in self.lines:
                day = datetime.fromisoformat(after).date()
                self.lines[line_id].slips.append((now, row.code, day, bool(row.told_at)))

    # ---------------------------------------------------------------- supply
    def positions(self):
        self.env.flush_all()
        self.env.cr.execute(
            """SELECT product_id, sum(quantity) FROM (
                   SELECT q.product_id, q.quantity FROM stock_quant q WHERE q.location_id = %(shelf)s
                   UNION ALL
                   SELECT m.product_id, -m.product_qty FROM stock_move m
                    WHERE m.location_id = %(shelf)s AND m.state NOT IN ('done', 'cancel', 'draft')) x
                GROUP BY product_id""",
            {"shelf": self.warehouse.lot_stock_id.id},
        )
        found = dict(self.env.cr.fetchall())
        return {sku: int(found.get(product_id, 0)) for sku, product_id in self.products.items()}

    def ordered(self, now, receipts):
        self.at(now)
        kind, supplier = self.warehouse.in_type_id, self.env.ref("stock.stock_location_suppliers")
        places = {"location_id": supplier.id, "location_dest_id": self.warehouse.lot_stock_id.id}
        for receipt in receipts:
            picking = self.env["stock.picking"].create(
                {
                    **places,
                    "picking_type_id": kind.id,
                    "origin": f"PO-{receipt.number}",
                    "scheduled_date": receipt.due,
                    "move_ids": [
                        (
                            0,
                            0,
                            {
                                **places,
                                "product_id": self.products[sku],
                                "product_uom_qty": quantity,
                                "date": receipt.due,
                            },
                        )
                        for sku, quantity in receipt.lines.items()
                    ],
                }
            )
            picking.action_confirm()
            picking.move_ids.filtered(lambda move, due=receipt.due: move.date != due).date = receipt.due
            receipt.document = picking.id
        self._jobs()

    def _picking(self, *receipts):
        return self.env["stock.picking"].browse([receipt.document for receipt in receipts])

    def moved(self, now, receipt):
        self.at(now)
        self._picking(receipt).move_ids.write({"date": receipt.due})
        self._jobs()

    def cancelled(self, now, receipt):
        self.at(now)
        self._picking(receipt).action_cancel()
        self._jobs()

    def receive(self, now, receipts):
        self.at(now)
        for receipt in receipts:
            picking = self._picking(receipt)
            for move in picking.move_ids:
                comes = receipt.comes[self.skus[move.product_id.id]]
                if move.quantity != comes:
                    move.quantity = comes
                move.picked = comes > 0
            context = {"skip_backorder": True, "picking_ids_not_to_backorder": picking.ids, "skip_sms": True}
            if any(receipt.comes.values()):
                picking.with_context(**context).button_validate()
            else:
                picking.action_cancel()
            assert picking.state in ("done", "cancel"), picking.state
            self.commit()
        self._jobs(allocate=True)

    # ---------------------------------------------------------------- leaving
    def packable(self, now):
        """Return ``[(transfer, moves)]``: what is set aside entirely, and need not lie there any longer."""
        self.at(now)
        self._jobs()
        pickings = self.env["stock.picking"].search(
            [
                ("picking_type_id", "=", self.warehouse.out_type_id.id),
                ("state", "not in", ("done", "cancel", "draft")),
            ]
        )
        packed = []
        for picking in pickings:
            moves = picking.move_ids.filtered(lambda move: move.state == "assigned")
            whole = picking.move_type == "one"
            if not moves or (whole and len(moves) < len(picking.move_ids)):
                continue
            if self.orders[picking.sale_id.id].wanted and min(moves.mapped("date")).date() > now.date():
                continue
            packed.append((picking.id, moves.ids))
        return packed

    def leave(self, now, packed):
        self.at(now)
        for start in range(0, len(packed), AT_ONCE):
            some = packed[start : start + AT_ONCE]
            pickings = self.env["stock.picking"].browse([id_ for id_, _moves in some])
            self.env["stock.move"].browse([id_ for _p, ids in some for id_ in ids]).picked = True
            pickings.with_context(skip_backorder=True, skip_sms=True).button_validate()
            assert set(pickings.mapped("state")) == {"done"}, pickings.mapped("state")
            for move in pickings.move_ids.filtered(lambda move: move.state == "done"):
                self._has_left(move, now)
            self.commit()
        self._jobs()

    def _has_left(self, move, now):
        line = self.lines[move.sale_line_id.id]
        if move.sale_line_id.qty_delivered >= line.quantity:
            line.left, line.arrived = now, self.plan.arrival(now, line.order.transit)

    def is_done(self):
        return all(line.left for line in self.lines.values())

    def sweep(self, now):
        self.at(now)
        self.env["order.promise.recheck"]._cron_sweep()
        self._jobs()

    def ledger(self):
        """How many rows of the ledger there are of each cause."""
        self.env.cr.execute("SELECT code, count(*) FROM order_promise GROUP BY code")
        return defaultdict(int, self.env.cr.fetchall())
