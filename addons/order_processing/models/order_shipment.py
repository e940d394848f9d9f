from odoo import api, fields, models
from odoo.exceptions import UserError

STATUSES = [
    ("pending", "Handed over"),
    ("info_received", "Announced to carrier"),
    ("picked_up", "Picked up"),
    ("in_transit", "In transit"),
    ("out_for_delivery", "Out for delivery"),
    ("available_for_pickup", "Ready to be collected"),
    ("attempt_failed", "Delivery attempt failed"),
    ("exception", "Problem on the way"),
    ("delivered", "Delivered"),
    ("returning", "On its way back"),
    ("returned", "Returned to sender"),
    ("cancelled", "Cancelled"),
    ("expired", "No news for a long time"),
]
PROBLEMS = {"attempt_failed", "exception", "returning", "returned", "expired"}


class OrderShipment(models.Model):
    _name = "order.shipment"
    _description = "Shipment"
    _inherit = ["mail.thread", "order.guarded"]
    _order = "shipped_at desc, id desc"
    _check_company_auto = True

    name = fields.Char("Parcel", required=True, copy=False)
    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True)
    order_ids = fields.Many2many("sale.order", string="Orders", check_company=True)
    picking_ids = fields.Many2many("stock.picking", string="Transfers", check_company=True)
    partner_id = fields.Many2one("res.partner", "Delivery address", index="btree_not_null")
    carrier_id = fields.Many2one("delivery.carrier", check_company=True, index="btree_not_null")
    tracking_number = fields.Char(index="btree_not_null", copy=False, tracking=True)
    tracking_url = fields.Char(compute="_compute_tracking_url")
    status = fields.Selection(
        STATUSES, required=True, default="pending", index=True, tracking=True, copy=False
    )
    is_problem = fields.Boolean(compute="_compute_is_problem")
    shipped_at = fields.Datetime(default=fields.Datetime.now, copy=False)
    delivered_at = fields.Datetime(readonly=True, copy=False)

    @api.depends("status")
    def _compute_is_problem(self):
        for shipment in self:
            shipment.is_problem = shipment.status in PROBLEMS

    @api.depends("tracking_number", "picking_ids.carrier_tracking_url")
    def _compute_tracking_url(self):
        for shipment in self:
            shipment.tracking_url = next(
                iter(filter(None, shipment.picking_ids.mapped("carrier_tracking_url"))), False
            )

    def _action_view(self):
        """Return the action that shows these parcels: one as its form, several as a list."""
        action = self.env["ir.actions.act_window"]._for_xml_id("order_processing.order_shipment_action")
        action.update(domain=[("id", "in", self.ids)], context={})
        if len(self) == 1:
            action.update(view_mode="form", views=[(False, "form")], res_id=self.id)
        return action

    # ---------------------------------------------------------------- status
    def write(self, vals):
        before = {shipment.id: shipment.status for shipment in self} if "status" in vals else {}
        if vals.get("status") == "delivered":
            vals = {"delivered_at": fields.Datetime.now(), **vals}
        elif "status" in vals and vals["status"] not in ("returning", "returned"):
            # Said by mistake: it has not arrived.
            vals = {"delivered_at": False, **vals}
        result = super().write(vals)
        changed = self.filtered(
            lambda shipment: shipment.id in before and shipment.status != before[shipment.id]
        )
        for shipment in changed:
            shipment._log_status()
        return result

    def _log_status(self):
        figures = {
            order.id: {"parcel": self._name_for(order), "status": self.status} for order in self.order_ids
        }
        self.env["order.event"]._log(
            self.order_ids, "parcel_status", figures, audience="customer", document=self
        )

    def _log_shipped(self, user):
        """Note in the timeline of the orders that ``user`` has sent the parcel off."""
        kind = {
            (False, False): "shipped",
            (False, True): "shipped_numbered",
            (True, False): "shipped_carrier",
            (True, True): "shipped_tracked",
        }[bool(self.carrier_id), bool(self.tracking_number)]
        figures = {
            order.id: {
                "parcel": self._name_for(order),
                "carrier": self.carrier_id.name,
                "tracking": self._numbers_for(order),
            }
            for order in self.order_ids
        }
        self.env["order.event"].with_user(user)._log(
            self.order_ids, kind, figures, audience="customer", document=self
        )

    def _set_status(self, status):
        self.check_access("write")
        if status not in dict(STATUSES):
            raise UserError(
                self.env._(
                    "%(status)s is not a status of a parcel. Use one of: %(statuses)s.",
                    status=status,
                    statuses=", ".join(dict(STATUSES)),
                )
            )
        self.filtered(lambda shipment: shipment.status != status).write({"status": status})

    def action_in_transit(self):
        self._set_status("in_transit")

    def action_delivered(self):
        self._set_status("delivered")

    @api.model
    def set_status(self, tracking_number, status):
        """Set the status of the parcels with this tracking number: the call for carriers' software.

        Open parcels only: carriers use their numbers again. Returns the parcels' names and the status.
        """
        if not isinstance(tracking_number, str) or not tracking_number.strip():
            raise UserError(self.env._("Give the tracking number of the parcel."))
        shipments = self.search(
            [
                ("tracking_number", "=", tracking_number),
                ("status", "not in", ("delivered", "returned", "cancelled")),
            ]
        )
        if not shipments and not (
            shipments := self.search([("tracking_number", "=", tracking_number)], limit=1)
        ):
            raise UserError(self.env._("There is no parcel with the tracking number %s.", tracking_number))
        shipments._set_status(status)
        return {"shipments": shipments.mapped("name"), "status": status}
