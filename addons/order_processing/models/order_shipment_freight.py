from collections import defaultdict

from odoo import api, fields, models

from ..engine.freight import split
from ..engine.freight_seen import key_of
from .freight_money import MONEY_GROUPS, amount, coins

GUARDED = frozenset(
    {
        "expected_cost",
        "is_expected",
        "expected_from",
        "billed_cost",
        "is_billed",
        "freight_zone_id",
        "is_count_by_hand",
        "number_keys",
    }
)


class OrderShipment(models.Model):
    """What a shipment is expected to cost, from when it leaves, and what the carrier bills for it."""

    _inherit = "order.shipment"

    parcel_count = fields.Integer("Parcels", default=1, copy=False)
    is_count_by_hand = fields.Boolean("Parcels counted by hand", readonly=True, copy=False)
    number_keys = fields.Char(compute="_compute_number_keys", store=True, groups="base.group_system")
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
        readonly=True,
        copy=False,
        groups=MONEY_GROUPS,
        help="All lines of the carrier's checked bills, in dispute or not, less what they credit.",
    )
    is_billed = fields.Boolean("Billed", readonly=True, copy=False, groups=MONEY_GROUPS)
    share_ids = fields.One2many(
        "order.freight.share", "shipment_id", string="Freight of the orders", groups=MONEY_GROUPS
    )

    # Bills name a parcel by one of its numbers, out of all that have ever left.
    _number_keys_idx = models.Index("USING gin (string_to_array(number_keys, ','))")

    @api.depends("tracking_number", "name", "picking_ids.name")
    def _compute_number_keys(self):
        """Keep the numbers and names a bill may call it by, as they are compared there."""
        for shipment in self:
            numbers = [*shipment._tracking_numbers(), shipment.name, *shipment.picking_ids.mapped("name")]
            keys = dict.fromkeys(filter(None, map(key_of, numbers)))
            shipment.number_keys = ",".join(keys) or False

    # ---------------------------------------------------------------- follows from what left
    @api.model_create_multi
    def create(self, vals_list):
        shipments = super().create(vals_list)
        counted = [one.id for one, vals in zip(shipments, vals_list, strict=True) if vals.get("parcel_count")]
        # sudo: what freight costs is noted by the system, whoever ships
        shipments.browse(counted).sudo().is_count_by_hand = True
        shipments.sudo()._count_parcels()
        shipments.sudo()._expect_freight()
        return shipments

    @api.model
    def _guarded_fields(self):
        return super()._guarded_fields() | GUARDED

    def write(self, vals):
        if "parcel_count" in vals and "is_count_by_hand" not in vals:
            self.sudo().is_count_by_hand = True  # sudo: noted by the system, see above
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
        if "tracking_number" in vals:
            self.sudo()._count_parcels()  # sudo: noted by the system, see above
        return result

    def _count_parcels(self):
        """Count what left, unless a person has: packages, and as many as the weight of the rest makes.

        The carrier gives each parcel a number: there are as many at least.
        """
        for shipment in self.filtered(lambda one: not one.is_count_by_hand):
            packages = len(shipment.picking_ids.move_line_ids.result_package_id)
            loose = shipment._loose_weight()
            by_weight = shipment.carrier_id._parcels(loose) if loose or not packages else 0
            count = max(packages + by_weight, len(shipment._tracking_numbers()), 1)
            if count != shipment.parcel_count:
                shipment.write({"parcel_count": count, "is_count_by_hand": False})

    def _loose_weight(self):
        """Return what the goods weigh that are in no package."""
        loose = self.picking_ids.move_line_ids.filtered(lambda line: not line.result_package_id)
        return sum(line.quantity_product_uom * line.product_id.weight for line in loose)

    def _tracking_numbers(self):
        return [one.strip() for one in (self.tracking_number or "").split(",") if one.strip()]

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
        shares.union(*existing.values()).unlink()
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
