from odoo import api, fields, models

from .shortage_facts import Document

KINDS = [
    ("receipt", "Receipt"),
    ("rfq", "Request for quotation"),
    ("production", "Production"),
    ("transfer", "Transfer"),
]
RISKS = [("nothing", "Nothing ordered"), ("late", "Comes too late"), ("in_time", "Comes in time")]
STATES = [("open", "Short"), ("solved", "Solved"), ("cancelled", "Cancelled")]
# The worst first.
SEVERITY = {"nothing": 0, "late": 1, "in_time": 2}


class OrderShortage(models.Model):
    """What an order line is short of: how much, since when, and what will help.

    Made, kept up to date and closed by ``_update``, never by hand. One open row for each line, product (a
    kit's line may miss several) and warehouse; the database sees to that.
    """

    _name = "order.shortage"
    _description = "Shortage"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "severity, value desc, since, id"
    _rec_name = "product_id"

    order_id = fields.Many2one("sale.order", required=True, ondelete="cascade", index=True, readonly=True)
    line_id = fields.Many2one(
        "sale.order.line", "Order line", required=True, ondelete="cascade", index=True, readonly=True
    )
    order_name = fields.Char("Order number", related="order_id.name", related_sudo=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True, ondelete="cascade", index=True)
    user_id = fields.Many2one("res.users", related="order_id.user_id", string="Salesperson")
    product_id = fields.Many2one(
        "product.product", required=True, ondelete="cascade", index=True, readonly=True
    )
    warehouse_id = fields.Many2one("stock.warehouse", required=True, ondelete="cascade", readonly=True)
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", index=True, readonly=True)
    buyer_id = fields.Many2one("res.users", readonly=True, help="Who sees to it that it comes.")

    state = fields.Selection(STATES, required=True, default="open", readonly=True, index=True)
    quantity = fields.Float("Missing", digits="Product Unit", readonly=True)
    uncovered_qty = fields.Float(
        "Not ordered",
        digits="Product Unit",
        readonly=True,
        help="What nobody has ordered, made or asked a vendor for yet.",
    )
    uom_id = fields.Many2one(related="product_id.uom_id")
    since = fields.Datetime(default=fields.Datetime.now, readonly=True, required=True)
    due_date = fields.Datetime("Needed by", readonly=True, help="When it has to lie in the warehouse.")
    expected_date = fields.Datetime("Expected", readonly=True, help="When the last of it comes.")
    risk = fields.Selection(RISKS, string="Promise", required=True, default="nothing", readonly=True)
    severity = fields.Integer(readonly=True, aggregator="min")  # of a group, the worst says where it stands
    is_firm = fields.Boolean(
        "All ordered", readonly=True, help="Everything that helps is ordered, not only asked for."
    )
    is_unavailable = fields.Boolean(
        "No way to get it",
        readonly=True,
        help="No vendor, bill of materials or route says where it could come from.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    value = fields.Monetary(
        "At stake", readonly=True, help="What the missing goods are sold for, without tax."
    )
    help_ids = fields.One2many("order.shortage.help", "shortage_id", string="Brought by", readonly=True)
    told_at = fields.Datetime("Buyer told on", readonly=True)
    worse_at = fields.Datetime("Worse since", readonly=True)
    closed_at = fields.Datetime("Closed on", readonly=True)

    _one_open = models.UniqueIndex("(line_id, product_id, warehouse_id) WHERE state = 'open'")
    _open_product = models.Index("(product_id, warehouse_id) WHERE state = 'open'")

    @api.depends("product_id", "order_id")
    def _compute_display_name(self):
        for shortage in self:
            # sudo: names only; buyers need not see the order
            lent = shortage.sudo()
            shortage.display_name = f"{lent.product_id.display_name} – {lent.order_id.name}"


class OrderShortageHelp(models.Model):
    """What brings goods that a shortage waits for: how much of it, and when."""

    _name = "order.shortage.help"
    _description = "What Helps a Shortage"
    _order = "date, id"
    _log_access = False
    _rec_name = "document_name"

    shortage_id = fields.Many2one(
        "order.shortage", required=True, ondelete="cascade", index=True, readonly=True
    )
    kind = fields.Selection(KINDS, required=True, readonly=True)
    document_model = fields.Char(readonly=True)
    document_id = fields.Many2oneReference("Document ID", model_field="document_model", readonly=True)
    document_name = fields.Char("Document", readonly=True)
    date = fields.Datetime("Comes on", readonly=True)
    quantity = fields.Float(digits="Product Unit", readonly=True)
    is_firm = fields.Boolean("Ordered", readonly=True)

    _document = models.Index("(document_model, document_id)")

    def _as_plain(self):
        """Return the rows as ``{(Document, date, ordered): quantity}``."""
        return {
            (
                Document(one.kind, one.document_model, one.document_id, one.document_name),
                one.date,
                one.is_firm,
            ): one.quantity
            for one in self
        }

    def _day(self):
        return fields.Datetime.context_timestamp(self, self.date).date()

    def action_open_document(self):
        """Open what brings the goods, with the reader's own rights."""
        self.check_access("read")
        self.ensure_one()
        document = self.env[self.document_model].browse(self.document_id)
        return document.get_formview_action()
