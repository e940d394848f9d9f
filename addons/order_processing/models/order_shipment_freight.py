from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..engine.freight import split
from .freight_money import MONEY_GROUPS, amount, coins

GUARDED = frozenset(
    {"expected_cost", "is_expected", "expected_from", "billed_cost", "is_billed", "freight_zone_id"}
)


class OrderShipment(models.Model):
    """What a shipment is expected to cost, from when it leaves, and what the carrier bills for it."""

    _inherit = "order.shipment"

    parcel_count = fields.Integer("Parcels", default=1, copy=False)
    freight_zone_id = fields.Many2one("order.freight.zone", readonly=True, copy=False)
    currency_id = fields.Many2one(related="company_id.currency_id")
    expected_cost = fields.Monetary(
        readonly=True, copy=False, groups=MONEY_GROUPS, help="What it should cost us, from when it left."
    )
    is_expected = fields.Boolean(
        readonly=True, copy=False, groups=MONEY_GROUPS, help="Somebody knows what it should cost."
    )
    expected_from = fields.Selection(
        [
            ("label", "The carrier, with the label"),
            ("rate", "Our freight rate"),
            ("quote", "Quoted by the carrier"),
            ("price", "The method's own price"),
        ],
        readonly=True,
        copy=False,
        groups=MONEY_GROUPS,
    )
    billed_cost = fields.Monetary(
        readonly=True, copy=False, groups=MONEY_GROUPS, help="What the carrier's checked bills say."
    )
    is_billed = fields.Boolean("Billed", readonly=True, copy=False, groups=MONEY_GROUPS)
    share_ids = fields.One2many(
        "order.freight.share", "shipment_id", string="Freight of the orders", groups=MONEY_GROUPS
    )

    # ---------------------------------------------------------------- follows from what left
    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_freight_not_set(vals)
        shipments = super().create(vals_list)
        counted = {
            shipment.id
            for shipment, vals in zip(shipments, vals_list, strict=True)
            if vals.get("parcel_count")
        }
        # sudo: what freight costs is noted by the system, whoever ships
        shipments.sudo()._count_parcels(counted)
        shipments.sudo()._expect_freight()
        return shipments

    @api.model
    def default_get(self, fields):
        return super().default_get([name for name in fields if name not in GUARDED])

    def write(self, vals):
        self._check_freight_not_set(vals)
        moved = self.browse()
        if "carrier_id" in vals:
            moved = self.filtered(lambda one: one.carrier_id.id != vals["carrier_id"])
        # sudo: noted by the system, see above
        recounted = self.sudo().filtered("is_expected") if "parcel_count" in vals else self.browse()
        result = super().write(vals)
        if moved or recounted:
            (moved | recounted)._expect_freight()
        elif "order_ids" in vals:
            self.sudo()._share_out()  # sudo: noted by the system, see above
        return result

    def _check_freight_not_set(self, vals):
        if not self.env.su and GUARDED & vals.keys():
            raise AccessError(self.env._("What freight costs follows from rates and from carriers' bills."))

    def _count_parcels(self, counted):
        """Count the packages that left; without any, as many as the weight makes."""
        for shipment in self.filtered(lambda one: one.id not in counted):
            pickings = shipment.picking_ids
            packages = len(pickings.move_line_ids.result_package_id)
            loose = sum(
                line.quantity_product_uom * line.product_id.weight
                for line in pickings.move_line_ids
                if not line.result_package_id
            )
            by_weight = shipment.carrier_id._parcels(loose) if loose or not packages else 0
            if (count := max(packages + by_weight, 1)) != shipment.parcel_count:
                shipment.write({"parcel_count": count})

    # ---------------------------------------------------------------- what it should cost
    def _expect_freight(self):
        """Note what these shipments should cost: the label's price, our rate, the carrier's own price."""
        # sudo: rates and money are no packer's business; that the cost is noted follows from shipping
        shipments = self.sudo()
        for company, some in shipments.grouped("company_id").items():
            zones = self.env["order.freight.zone"].sudo().with_company(company)._of(some.partner_id)
            for shipment in some.with_company(company):
                zone = zones.get(shipment.partner_id.id, zones and next(iter(zones.values())).browse())
                cost, source = shipment._cost_and_source(zone)
                shipment.write(
                    {
                        "freight_zone_id": zone.id if zone else False,
                        "expected_cost": cost or 0.0,
                        "is_expected": cost is not None,
                        "expected_from": source,
                    }
                )
        shipments._share_out()

    def _cost_and_source(self, zone):
        if not self.carrier_id:
            return None, False
        exact = [self._exact_price(picking) for picking in self.picking_ids if picking.freight_exact_price]
        if exact:
            return sum(exact), "label"
        warehouse = self.picking_ids.picking_type_id.warehouse_id[:1]
        rates = self.env["order.freight.rate"]
        rate = rates._for(zone, warehouse, self.carrier_id) if zone and warehouse else rates
        if rate and (rate.carrier_id or not self.carrier_id._is_external()):
            return self._by_rate(rate), "rate"
        cost, source = self._by_carrier()
        if cost is None and rate:
            return self._by_rate(rate), "rate"
        return cost, source

    def _by_rate(self, rate):
        lines = self.picking_ids.move_ids.filtered(lambda move: move.state == "done").sale_line_id
        return self.currency_id.round(rate._cost(self.parcel_count, self._weight(), len(lines)))

    def _weight(self):
        packages = self.picking_ids.move_line_ids.result_package_id
        if packages and all(packages.mapped("shipping_weight")):
            return sum(packages.mapped("shipping_weight"))
        return sum(self.picking_ids.mapped("weight"))

    def _exact_price(self, picking):
        """Return the label's price in our currency; providers name it in the order's, as Odoo takes it."""
        currency = picking.sale_id.currency_id or self.currency_id
        date = (picking.date_done or fields.Datetime.now()).date()
        return currency._convert(picking.freight_exact_price, self.currency_id, self.company_id, date)

    def _by_carrier(self):
        """Return what the carrier quoted lately, or its own price list says; servers are not asked here."""
        order = self.order_ids[:1]
        if self.carrier_id._is_external():
            offer = order.freight_offer_ids.filtered(
                lambda one: one.carrier_id == self.carrier_id and one.is_cost_known
            )[-1:]
            return (offer.cost, "quote") if offer else (None, False)
        price = self.carrier_id._carrier_price(order)[0] if order else None
        if price is None:
            return None, False
        today = fields.Date.context_today(self)
        price = order.currency_id._convert(price, self.currency_id, self.company_id, today)
        return price * self.parcel_count, "price"

    # ---------------------------------------------------------------- what each order bears of it
    def _share_out(self):
        """Share the cost out among the orders behind each shipment, by weight, to the cent."""
        shares = self.env["order.freight.share"].sudo()  # sudo: noted by the system, nobody types it
        existing = {
            (share.shipment_id.id, share.order_id.id): share
            for share in shares.search([("shipment_id", "in", self.ids)])
        }
        vals_list = []
        for shipment in self:
            for order, vals in shipment._shares().items():
                if share := existing.pop((shipment.id, order.id), None):
                    share.write(vals)
                else:
                    vals_list.append({**vals, "shipment_id": shipment.id, "order_id": order.id})
        for share in existing.values():
            share.unlink()
        shares.create(vals_list)

    def _shares(self):
        """Return ``{order: values of its share}``."""
        orders = self.order_ids.sorted("id")
        weights = defaultdict(float)
        for move in self.picking_ids.move_ids:
            weights[move.sale_line_id.order_id] += move.weight if move.state == "done" else 0.0
        by_order = [weights[order] for order in orders]
        currency = self.currency_id
        expected = split(coins(self.expected_cost, currency), by_order)
        billed = split(coins(self.billed_cost, currency), by_order)
        return {
            order: {
                "weight": weight,
                "expected": amount(one, currency),
                "is_expected": self.is_expected,
                "billed": amount(other, currency),
                "is_billed": self.is_billed,
            }
            for order, weight, one, other in zip(orders, by_order, expected, billed, strict=True)
        }

    # ---------------------------------------------------------------- what was billed
    def _sum_bills(self):
        """Add up what the checked bills say of these shipments."""
        groups = (
            self.env["order.freight.bill.line"]
            .sudo()  # sudo: noted by the system, whoever checks the bill
            ._read_group(
                [("shipment_id", "in", self.ids), ("bill_state", "in", ("checked", "settled"))],
                ["shipment_id"],
                ["company_amount:sum"],
            )
        )
        billed = {shipment.id: cost for shipment, cost in groups}
        shipments = self.sudo()  # sudo: see above
        for shipment in shipments:
            shipment.write({"billed_cost": billed.get(shipment.id, 0.0), "is_billed": shipment.id in billed})
        shipments._share_out()
