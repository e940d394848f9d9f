from odoo import api, fields, models
from odoo.exceptions import MissingError

from ..engine.stage import OrderFacts, derive_fulfilment, derive_reservation, derive_stage

STAGES = [
    ("quotation", "Quotation"),
    ("received", "Received"),
    ("in_review", "In Review"),
    ("approved", "Approved"),
    ("waiting_stock", "Waiting for Stock"),
    ("in_production", "In Production"),
    ("ready", "Ready to Ship"),
    ("shipped", "Shipped"),
    ("in_transit", "In Transit"),
    ("delivered", "Delivered"),
    ("completed", "Completed"),
    ("refused", "Refused"),
    ("cancelled", "Cancelled"),
]
# The columns of the board that stand there also when they are empty.
BOARD_STAGES = ("in_review", "waiting_stock", "ready", "shipped", "in_transit", "delivered")
PROGRESS = [("none", "None"), ("partial", "Partial"), ("full", "Full")]
RESERVATION = [*PROGRESS, ("pending", "Reserving…")]
BEFORE = "order_processing.stage_before"


class SaleOrder(models.Model):
    _inherit = "sale.order"

    processing_stage = fields.Selection(
        STAGES,
        string="Stage",
        compute="_compute_processing_stage",
        store=True,
        index=True,
        group_expand="_group_expand_stage",
        help="Where the order stands. It follows from its documents and is never set by hand.",
    )
    fulfilment = fields.Selection(
        PROGRESS, compute="_compute_processing_stage", store=True, help="How much of the goods has left."
    )
    reservation_state = fields.Selection(
        RESERVATION,
        string="Reserved",
        compute="_compute_processing_stage",
        store=True,
        help="How much of what is still to ship has stock set aside.",
    )

    @api.model
    def _group_expand_stage(self, stages, domain):
        return [stage for stage, _label in STAGES if stage in BOARD_STAGES or stage in stages]

    @api.depends(
        "state",
        "submitted_at",
        "review_state",
        "invoice_status",
        "order_line.product_id",
        "order_line.product_uom_qty",
        "order_line.qty_delivered",
        "order_line.qty_invoiced",
        "order_line.move_ids.state",
        "order_line.move_ids.reservation_pending",
        "shipment_ids.status",
    )
    def _compute_processing_stage(self):
        for order in self:
            facts = order._stage_facts()
            order.processing_stage = derive_stage(facts).value
            order.fulfilment = derive_fulfilment(facts).value
            order.reservation_state = derive_reservation(facts).value

    def _stage_facts(self):
        """Return what the stage is derived from; glue addons add theirs by override."""
        self.ensure_one()
        lines = self.order_line.filtered(lambda line: line.product_id and not line.is_downpayment)
        goods = lines.filtered(lambda line: line.product_id.type == "consu")
        facts = OrderFacts(
            state=self.state,
            submitted=bool(self.submitted_at),
            review=self.review_state,
            has_goods=bool(goods),
            invoiced=self.invoice_status != "to invoice",
            parcel_states=tuple(self.shipment_ids.mapped("status")),
        )
        if self.state == "sale" and not goods:
            facts.services_done = all(line._is_service_done() for line in lines)
        for move in self.order_line.move_ids:
            self._count_move(facts, move)
        return facts

    @staticmethod
    def _count_move(facts, move):
        """Add one stock move to the facts: on its way out, gone out, or coming back."""
        if move.state == "cancel":
            return
        target = move.location_dest_id
        if move.location_id._is_at_customer():
            facts.open_returns += move.state != "done"
        elif move.state == "done":
            facts.done_moves += target._is_at_customer()
        elif (move.location_final_id or target)._is_at_customer():  # not back to the shelf after a return
            facts.open_moves += 1
            facts.reserved_moves += move.state == "assigned" and move.location_id.usage != "supplier"
            facts.partly_reserved_moves += move.state == "partially_available"
            facts.short_moves += move._is_short()
            facts.pending_moves += move.reservation_pending

    # ---------------------------------------------------------------- every change is an event
    def _compute_field_value(self, field):
        # Whichever of the three fields is asked for first, the method computes all of them.
        if field.compute == "_compute_processing_stage":
            self._remember_stage()
        return super()._compute_field_value(field)

    def _remember_stage(self):
        """Keep the stage the orders have now, to tell at the end of the transaction what changed.

        Independent of mail tracking, which imports and tests switch off. Only the first value
        of a transaction counts: what lies between the first and the last is nobody's business.
        """
        before = self.env.cr.precommit.data.setdefault(BEFORE, {})
        if not before:
            self.env.cr.precommit.add(self._log_stage_changes)
        for order in self:
            if order.id:
                before.setdefault(order.id, order.processing_stage)

    def _is_stage_news(self, before):
        return bool(self.submitted_at) and self.processing_stage != (before or "quotation")

    def _log_stage_changes(self):
        before = self.env.cr.precommit.data.pop(BEFORE, {})
        orders = self.env["sale.order"].browse(before).sudo()
        try:
            changed = orders.filtered(lambda order: order._is_stage_news(before[order.id]))
        except MissingError:  # one of them was deleted meanwhile
            changed = orders.exists().filtered(lambda order: order._is_stage_news(before[order.id]))
        if changed:
            data = {
                order.id: {"before": before[order.id] or "quotation", "after": order.processing_stage}
                for order in changed
            }
            self.env["order.event"]._log(changed, "stage", data, audience="customer")
