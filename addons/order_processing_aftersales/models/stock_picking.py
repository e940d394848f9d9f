from odoo import api, fields, models


class StockPicking(models.Model):
    _inherit = "stock.picking"

    case_id = fields.Many2one(
        "order.case", readonly=True, index="btree_not_null", copy=False, groups="base.group_user"
    )

    @api.model
    def _guarded_fields(self):
        return super()._guarded_fields() | {"case_id"}

    def _action_done(self):
        result = super()._action_done()
        # sudo: the case goes on, whoever has received the goods
        back = self.sudo().filtered(lambda picking: picking.case_id and picking.state == "done")
        for case in back.case_id:
            if not case.return_ids.filtered(lambda picking: picking.state not in ("done", "cancel")):
                case._return_received()
        return result
