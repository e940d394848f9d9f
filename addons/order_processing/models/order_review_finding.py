from odoo import api, fields, models
from odoo.tools.misc import formatLang
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

# The words of each finding; the figures come from the finding's facts.
TEXTS = {
    "address_incomplete": _lt("the delivery address of %(partner)s lacks %(missing)s"),
    "address_no_country": _lt("the delivery address of %(partner)s has no country"),
    "address_bad_zip": _lt("%(zip)s is not a postal code of %(country)s"),
    "contact_unreachable": _lt(
        "%(partner)s has neither a phone number nor an e-mail address that can be reached"
    ),
    "price_off_list": _lt("%(product)s is at %(actual)s, the price list says %(expected)s (%(percent)s %%)"),
    "price_off_list_more": _lt(
        "%(product)s and %(more)s more lines are not at list price"
        " (%(product)s: %(actual)s, list %(expected)s)"
    ),
    "credit_line": _lt("%(quantity)s × %(product)s is taken off by a line of its own"),
    "line_without_product": _lt("the line “%(text)s” over %(actual)s has no product"),
    "check_failed": _lt("a check could not be made (%(check)s); somebody has to look at the order"),
    "line_added": _lt("a line was added: %(quantity)s × %(product)s"),
    "quantity_raised": _lt("%(product)s was raised from %(before)s to %(after)s"),
    "price_changed": _lt("the price of %(product)s was changed from %(before)s to %(after)s"),
    "customer_changed": _lt("the customer was changed"),
    "address_changed": _lt("the delivery address was changed"),
    "currency_changed": _lt("the currency was changed"),
}
MISSING_WORDS = {
    "street": _lt("a street"),
    "city": _lt("a city"),
    "state": _lt("a state or province"),
    "zip": _lt("a postal code"),
}


class OrderReviewFinding(models.Model):
    _name = "order.review.finding"
    _description = "Review Finding"
    _order = "id"

    order_id = fields.Many2one("sale.order", required=True, ondelete="cascade", index=True, readonly=True)
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)
    code = fields.Char(required=True, readonly=True)
    facts = fields.Json(readonly=True)
    state = fields.Selection(
        [("open", "Open"), ("accepted", "Accepted"), ("upheld", "Upheld"), ("gone", "No longer there")],
        required=True,
        default="open",
        readonly=True,
        help="Open until somebody decides, or until the order is mended and checked again.",
    )
    observed = fields.Boolean(readonly=True, help="Found in observe mode: the order was not held.")
    decided_by_id = fields.Many2one("res.users", readonly=True)
    text = fields.Char("Finding", compute="_compute_text")

    _order_open = models.Index("(order_id) WHERE state = 'open'")

    @api.depends("code", "facts")
    @api.depends_context("lang")
    def _compute_text(self):
        for finding in self:
            words = finding._words(finding.code, finding.facts)
            finding.text = words[:1].upper() + words[1:]

    @api.model
    def _words(self, code, facts):
        """Say a finding in the reader's language, with its figures."""
        if code not in TEXTS:
            return code
        words = {key: self._fact_words(key, value, facts) for key, value in (facts or {}).items()}
        template = self.env._(TEXTS[code])
        return template % words

    def _fact_words(self, key, value, facts):
        if key == "missing":
            words = [MISSING_WORDS[part] for part in value]
            return ", ".join(str(self.env._(word)) for word in words)
        if key in ("actual", "expected") and facts.get("currency"):
            currency = self.env["res.currency"].browse(facts["currency"])
            return formatLang(self.env, value, currency_obj=currency)
        if isinstance(value, float):
            return formatLang(self.env, value)
        return value
