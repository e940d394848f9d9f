from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from .order_reservation_drift_sql import KEY, OPEN_STATES

# Still there: to be put right, or a person's decision.
CURRENT = ("open", "by_hand")


class OrderReservationDrift(models.Model):
    """Something that does not add up between the stock and what is reserved of it.

    Found by a scheduled check, at a place: a product at one exact location, of one lot, package and owner.
    Nobody types anything here; the figures come from the check, and from a repair what was before and after.
    """

    _name = "order.reservation.drift"
    _description = "Reservation That Does Not Add Up"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _mail_post_access = "read"
    _order = "found_at desc, id desc"
    _rec_name = "product_id"

    company_id = fields.Many2one(
        "res.company",
        ondelete="cascade",
        index=True,
        readonly=True,
        help="Empty: the location is between companies.",
    )
    product_id = fields.Many2one(
        "product.product", required=True, ondelete="cascade", index=True, readonly=True
    )
    uom_id = fields.Many2one(related="product_id.uom_id", string="Unit")
    location_id = fields.Many2one(
        "stock.location", required=True, ondelete="cascade", index=True, readonly=True
    )
    lot_id = fields.Many2one(
        "stock.lot", "Lot or serial number", ondelete="cascade", index="btree_not_null", readonly=True
    )
    package_id = fields.Many2one("stock.package", ondelete="cascade", index="btree_not_null", readonly=True)
    owner_id = fields.Many2one("res.partner", ondelete="cascade", index="btree_not_null", readonly=True)
    kind = fields.Selection(
        [
            ("over", "More reserved than is there"),
            ("mismatch", "Stock and transfers disagree"),
            ("duplicate", "Stock recorded twice"),
        ],
        "What is wrong",
        required=True,
        readonly=True,
    )
    state = fields.Selection(
        [
            ("open", "To repair"),
            ("by_hand", "By hand"),
            ("repaired", "Repaired"),
            ("gone", "Gone by itself"),
        ],
        required=True,
        default="open",
        readonly=True,
        help="By hand: somebody typed a quantity beyond what is there. That is listed here and never undone.",
    )
    on_hand = fields.Float("On hand", digits="Product Unit", readonly=True, aggregator=None)
    reserved = fields.Float(
        "Reserved in stock",
        digits="Product Unit",
        readonly=True,
        aggregator=None,
        help="What the stock records say is reserved.",
    )
    by_lines = fields.Float(
        "Held by transfers",
        digits="Product Unit",
        readonly=True,
        aggregator=None,
        help="What open transfers hold of it.",
    )
    by_hand = fields.Float("Typed by hand", digits="Product Unit", readonly=True, aggregator=None)
    records = fields.Integer("Stock records", readonly=True, aggregator=None)
    found_at = fields.Datetime("Found on", readonly=True, default=fields.Datetime.now)
    seen_at = fields.Datetime("Last seen on", readonly=True, default=fields.Datetime.now)
    cause = fields.Char(readonly=True)
    facts = fields.Json(readonly=True, help="The figures of the cause.")
    before = fields.Json("Figures before", readonly=True)
    after = fields.Json("Figures after", readonly=True)
    released = fields.Json("What was released", readonly=True)
    problem = fields.Json(readonly=True, help="Why the last repair could not mend it.")
    repaired_by_id = fields.Many2one("res.users", "Repaired by", ondelete="set null", readonly=True)
    repaired_at = fields.Datetime("Repaired on", readonly=True)
    line_ids = fields.Many2many(
        "stock.move.line", string="Reserved for", compute="_compute_line_ids", help="The first in rank first."
    )

    _once = models.UniqueIndex(
        """(kind, product_id, location_id, COALESCE(lot_id, 0), COALESCE(package_id, 0),
            COALESCE(owner_id, 0)) WHERE state IN ('open', 'by_hand')""",
        "Something that does not add up is listed once.",
    )

    @api.depends("product_id", "location_id")
    def _compute_display_name(self):
        for drift in self:
            drift.display_name = f"{drift.product_id.display_name} – {drift.location_id.display_name}"

    # ---------------------------------------------------------------- the place
    def _place(self):
        """Return the key of the place; 0 is no lot, package or owner."""
        return tuple(self[name].id or 0 for name in KEY)

    def _at_place(self):
        """Return the domain of what is at the same place, in any model that names it as we do."""
        return Domain.AND([[(name, "=", self[name].id)] for name in KEY])

    def _open_lines(self):
        """Return the open lines that hold something at this place, the first in rank first."""
        self.ensure_one()
        domain = self._at_place() & Domain("state", "in", OPEN_STATES)
        lines = self.env["stock.move.line"].search(domain & Domain("quantity_product_uom", "!=", 0))
        ranks = lines.move_id._allocation_ranks()
        return lines.sorted(lambda line: (ranks.get(line.move_id.id, ""), line.id))

    def _compute_line_ids(self):
        for drift in self:
            drift.line_ids = drift._open_lines() if drift.state in CURRENT else False

    # ---------------------------------------------------------------- rights
    def _check_may_repair(self):
        if not self.env.user.has_group("stock.group_stock_manager"):
            raise AccessError(self.env._("Only stock managers check and repair reservations."))
        self.check_access("read")
