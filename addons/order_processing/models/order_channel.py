from odoo import api, fields, models


class OrderChannel(models.Model):
    _name = "order.channel"
    _description = "Order Channel"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True,
        help="Short name other systems use when they send an order, for example shop or marketplace.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index=True, help="Leave empty to share the channel between companies."
    )
    order_sequence_id = fields.Many2one(
        "ir.sequence",
        string="Order numbers",
        help="Gives orders of this channel numbers of their own. Empty: the company's usual order numbers.",
    )
    tells_customers = fields.Boolean(
        "Messages to customers",
        default=True,
        help="Switch it off where orders of the past come in, or where the other system writes to customers"
        " itself: nobody is told that an order was received, is asked about, or was refused.",
    )
    order_count = fields.Integer(compute="_compute_order_count")

    _code_company_uniq = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))", "There is a channel with this code already."
    )

    def _compute_order_count(self):
        counts = dict(
            self.env["sale.order"]._read_group([("channel_id", "in", self.ids)], ["channel_id"], ["__count"])
        )
        for channel in self:
            channel.order_count = counts.get(channel, 0)

    @api.model
    def _for_code(self, code, company):
        """Return the channel that ``code`` names in ``company``: its own before a shared one."""
        channels = self.search([("code", "=", code), ("company_id", "in", (company.id, False))])
        return channels.sorted(lambda channel: not channel.company_id)[:1]

    def action_view_orders(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("order_processing.sale_order_action")
        action["domain"] = [("channel_id", "=", self.id)]
        action["context"] = {"default_channel_id": self.id}
        return action
