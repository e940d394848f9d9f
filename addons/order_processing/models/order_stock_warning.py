from odoo import api, fields, models
from odoo.tools.misc import formatLang
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

MEDIA = {"activity": _lt("activity"), "mail": _lt("e-mail"), "sms": _lt("SMS")}


class OrderStockWarning(models.Model):
    """Stock has fallen to its warning level: one row from the crossing until it has recovered.

    The scheduled action opens and closes them, nobody types anything here. Who was told, and how, stays with
    the row; while it is open nobody is told again, except once when it gets critical.
    """

    _name = "order.stock.warning"
    _description = "Stock Warning"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _mail_post_access = "read"
    _order = "opened_at desc, id desc"
    _rec_name = "product_id"

    # Where the level is removed the history stays.
    orderpoint_id = fields.Many2one(
        "stock.warehouse.orderpoint", "Level", ondelete="set null", index="btree_not_null", readonly=True
    )
    product_id = fields.Many2one(
        "product.product", required=True, ondelete="cascade", index=True, readonly=True
    )
    uom_id = fields.Many2one(related="product_id.uom_id", string="Unit")
    warehouse_id = fields.Many2one(
        "stock.warehouse", required=True, ondelete="cascade", index=True, readonly=True
    )
    location_id = fields.Many2one("stock.location", required=True, ondelete="cascade", readonly=True)
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", index=True, readonly=True)
    severity = fields.Selection(
        [("warning", "Low"), ("critical", "Critical")], required=True, readonly=True, default="warning"
    )
    state = fields.Selection(
        [("open", "Open"), ("recovered", "Recovered"), ("dropped", "No longer watched")],
        required=True,
        readonly=True,
        default="open",
        index=True,
    )
    level = fields.Float("Warning level", digits="Product Unit", readonly=True, aggregator=None)
    critical_level = fields.Float(digits="Product Unit", readonly=True, aggregator=None)
    quantity = fields.Float(
        "Free then",
        digits="Product Unit",
        readonly=True,
        aggregator=None,
        help="What was on hand and not reserved when people were last told.",
    )
    opened_at = fields.Datetime("Since", required=True, readonly=True, default=fields.Datetime.now)
    critical_at = fields.Datetime("Critical since", readonly=True)
    recovered_at = fields.Datetime("Until", readonly=True)
    recovered_quantity = fields.Float(
        "Free again", digits="Product Unit", readonly=True, aggregator=None, help="When it had recovered."
    )
    days_open = fields.Float("Days", compute="_compute_days_open", digits=(10, 1), aggregator=None)
    told = fields.Json("Who was told", readonly=True)
    told_text = fields.Char("Told", compute="_compute_told_text")
    free_quantity = fields.Float("Free now", digits="Product Unit", compute="_compute_free_quantity")

    _once = models.UniqueIndex("(orderpoint_id) WHERE state = 'open'", "A level is warned of once.")

    @api.depends("product_id", "warehouse_id")
    def _compute_display_name(self):
        for warning in self:
            warning.display_name = f"{warning.product_id.display_name} – {warning.warehouse_id.name}"

    @api.depends("opened_at", "recovered_at")
    def _compute_days_open(self):
        for warning in self:
            end = warning.recovered_at or fields.Datetime.now()
            warning.days_open = (end - warning.opened_at).total_seconds() / 86400 if warning.opened_at else 0

    # ---------------------------------------------------------------- words
    @api.depends("told")
    @api.depends_context("lang")
    def _compute_told_text(self):
        for warning in self:
            warning.told_text = warning._told_words() if warning.told else self.env._("Nobody")

    def _told_words(self):
        words = []
        for name, media in self.told:
            ways = ", ".join(str(self.env._(MEDIA[one])) for one in media)  # pylint: disable=translation-not-lazy
            words.append(f"{name} ({ways})")
        return "; ".join(words)

    def _sentence(self):
        """Say what has happened, in the language of the environment."""
        figures = {
            "product": self.product_id.display_name,
            "warehouse": self.warehouse_id.name,
            "quantity": self._amount_words(self.quantity),
        }
        if self.severity == "critical":
            return self.env._(
                "%(product)s is critical in %(warehouse)s: %(quantity)s free, the critical level is"
                " %(level)s.",
                **figures,
                level=self._amount_words(self.critical_level),
            )
        return self.env._(
            "%(product)s is low in %(warehouse)s: %(quantity)s free, the warning level is %(level)s.",
            **figures,
            level=self._amount_words(self.level),
        )

    def _amount_words(self, quantity):
        """Say a quantity as people do: without the zeros behind."""
        digits = all_digits = self._digits()
        while digits and round(quantity, digits - 1) == round(quantity, all_digits):
            digits -= 1
        return f"{formatLang(self.env, quantity, digits=digits)} {self.uom_id.name}"

    @api.model
    def _digits(self):
        return self.env["decimal.precision"].precision_get("Product Unit")
