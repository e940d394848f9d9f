from odoo import fields, models


class OrderParcelNewDate(models.TransientModel):
    """The day agreed with the customer when a parcel comes later."""

    _name = "order.parcel.new.date"
    _description = "New Date for a Parcel"

    problem_id = fields.Many2one("order.shipment.problem", required=True, ondelete="cascade")
    day = fields.Date("New date", required=True)

    def action_apply(self):
        self.check_access("write")
        self.ensure_one()
        self.check_access("read")
        self.problem_id.action_new_date(self.day)
        return {"type": "ir.actions.act_window_close"}
