from odoo import api, models
from odoo.tools import SQL, ormcache
from odoo.tools.misc import formatLang
from odoo.tools.translate import LazyTranslate

from .order_review_rule import PLACEHOLDER

_lt = LazyTranslate(__name__)

# The words of each finding; the figures come from the finding's facts.
TEXTS = {
    "address_incomplete": _lt("the delivery address of %(partner)s lacks %(missing)s"),
    "address_no_country": _lt("the delivery address of %(partner)s has no country"),
    "address_bad_zip": _lt("%(zip)s is not a postal code of %(country)s"),
    "address_bad_state": _lt("%(state)s is not a state or province of %(country)s"),
    "address_zip_state": _lt("%(zip)s is a postal code of another state or province than %(state)s"),
    "address_no_number": _lt(
        "the delivery address of %(partner)s has no house number (%(street)s): a driver may not find it"
    ),
    "remote_area": _lt(
        "%(partner)s is in a remote area (%(area)s): check the carrier's charge and the transit time"
    ),
    "remote_area_carrier": _lt(
        "%(partner)s is in a remote area of %(carrier)s (%(area)s): check the charge and the transit time"
    ),
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
    "pricelist_other": _lt("priced by the list %(used)s, not by the customer's own, %(usual)s"),
    "credit_line_more": _lt(
        "%(quantity)s × %(product)s and %(more)s more lines take something off the order"
    ),
    "line_without_product_more": _lt(
        "the line “%(text)s” over %(actual)s has no product, and %(more)s more lines take something off"
    ),
    "totals_differ": _lt("the total is %(actual)s, but its lines do not add up to it (%(expected)s)"),
    "not_sold": _lt("%(product)s is not sold any more"),
    "not_sold_more": _lt("%(product)s and %(more)s more products are not sold any more"),
    "customer_blocked": _lt("orders of %(partner)s are blocked"),
    "customer_blocked_why": _lt("orders of %(partner)s are blocked: %(reason)s"),
    "credit_limit": _lt("%(partner)s would owe %(due)s; the credit limit is %(limit)s"),
    "margin_low": _lt(
        "the margin is %(percent)s %% (floor %(floor)s %%): %(actual)s for goods that cost %(cost)s"
    ),
    "quantity_unusual": _lt(
        "%(product)s: %(quantity)s is %(times)s× what this customer usually orders (usual %(low)s–%(high)s)"
    ),
    "quantity_unusual_customer": _lt(
        "%(product)s: %(quantity)s is %(times)s× what this customer usually orders of anything"
        " (usual %(low)s–%(high)s)"
    ),
    "quantity_unusual_product": _lt(
        "%(product)s: %(quantity)s is %(times)s× what customers usually order of it (usual %(low)s–%(high)s)"
    ),
    "quantity_unusual_company": _lt(
        "%(product)s: %(quantity)s is %(times)s× what customers usually order of anything"
        " (usual %(low)s–%(high)s)"
    ),
    "quantity_unusual_more": _lt(
        "%(product)s: %(quantity)s is %(times)s× what is usual (%(low)s–%(high)s), and %(more)s more"
        " products are far above what is usual"
    ),
    "amount_unusual": _lt(
        "the total of %(amount)s is %(times)s× what this customer usually orders for"
        " (usual %(lowest)s–%(highest)s)"
    ),
    "amount_unusual_company": _lt(
        "the total of %(amount)s is %(times)s× what customers usually order for"
        " (usual %(lowest)s–%(highest)s)"
    ),
    "amount_high": _lt("the total of %(amount)s is over %(limit)s"),
    "velocity": _lt(
        "%(partner)s has placed %(count)s orders within %(days)s days (usual on a day with orders: %(usual)s)"
    ),
    "price_paid": _lt("%(product)s is at %(actual)s, this customer last paid %(paid)s (%(percent)s %%)"),
    "price_paid_more": _lt(
        "%(product)s is at %(actual)s, this customer last paid %(paid)s (%(percent)s %%), and %(more)s more"
        " prices are far from the last ones paid"
    ),
    "new_customer": _lt("the first order of %(partner)s, and it comes to %(amount)s"),
    "duplicate": _lt("the same products and quantities as %(other)s; ordered twice?"),
    "duplicate_reference": _lt("the same reference as %(other)s (%(reference)s); ordered twice?"),
    "rule": _lt("found by a rule of your company"),
    "answer_unread": _lt("the customer has answered, and nobody has read it yet"),
    "check_failed": _lt("a check could not be made (%(check)s); somebody has to look at the order"),
    "line_added": _lt("a line was added: %(quantity)s × %(product)s"),
    "quantity_raised": _lt("%(product)s was raised from %(before)s to %(after)s"),
    "price_changed": _lt("the price of %(product)s was changed from %(before)s to %(after)s"),
    "customer_changed": _lt("the customer was changed"),
    "address_changed": _lt("the delivery address was changed"),
    "address_rewritten": _lt("the delivery address was edited: %(parts)s"),
    "invoice_changed": _lt("the invoice address was changed"),
    "invoice_rewritten": _lt("the invoice address was edited: %(parts)s"),
    "payment_worse": _lt("the payment terms were changed from %(before)s to %(after)s"),
    "incoterm_worse": _lt("the incoterm was changed from %(before)s to %(after)s"),
    "product_changed": _lt("%(before)s was replaced: %(quantity)s × %(product)s"),
    "unit_changed": _lt("%(product)s was changed from %(before)s to %(quantity)s × %(after)s"),
    "tax_lowered": _lt("the tax on %(product)s fell from %(before)s to %(after)s %%"),
    "total_changed": _lt("the total is %(actual)s, it was cleared at %(expected)s"),
    "currency_changed": _lt("the currency was changed"),
}
MISSING_WORDS = {
    "street": _lt("a street"),
    "city": _lt("a city"),
    "state": _lt("a state or province"),
    "zip": _lt("a postal code"),
}
PART_WORDS = {
    "street": _lt("street"),
    "city": _lt("city"),
    "state": _lt("state or province"),
    "zip": _lt("postal code"),
    "country": _lt("country"),
}
# Figures that are amounts, in the currency the facts name.
MONEY = ("actual", "expected", "amount", "limit", "cost", "due", "lowest", "highest", "paid")


class OrderReviewFinding(models.Model):
    """What a finding says, in the reader's language."""

    _inherit = "order.review.finding"

    @api.depends("code", "facts")
    @api.depends_context("lang")
    def _compute_text(self):
        for finding in self:
            words = finding._words(finding.code, finding.facts)
            finding.text = words[:1].upper() + words[1:]

    @api.model
    def _texts_of(self, orders):
        """Return ``{order id: [text, …]}`` of what holds these orders: plain rows, for long lists."""
        if not orders:
            return {}
        self.flush_model(["order_id", "state", "code", "facts"])
        query = SQL(
            "SELECT order_id, code, facts FROM order_review_finding"
            " WHERE order_id = ANY(%s) AND state IN ('open', 'upheld') ORDER BY id",
            orders.ids,
        )
        texts = {}
        for order_id, code, facts in self.env.execute_query(query):
            words = self._words(code, facts)
            texts.setdefault(order_id, []).append(words[:1].upper() + words[1:])
        return texts

    @api.model
    def _words(self, code, facts):
        """Say a finding in the reader's language, with its figures."""
        facts = facts or {}
        if facts.get("message"):
            return self._rule_words(facts)
        if code == "changed":
            return "; ".join(self._words(*change) for change in facts.get("changes", ()))
        if code not in TEXTS:
            return code
        words = {key: self._fact_words(key, value, facts) for key, value in (facts or {}).items()}
        return self._template(code) % words

    @api.model
    @ormcache("code", "self.env.lang")
    def _template(self, code):
        """Return the sentence of a finding in the reader's language: a list has hundreds of them."""
        return str(self.env._(TEXTS[code]))

    @api.model
    @ormcache("part", "is_missing", "self.env.lang")
    def _part_word(self, part, is_missing):
        return str(self.env._((MISSING_WORDS if is_missing else PART_WORDS)[part]))

    def _fact_words(self, key, value, facts):
        if key in ("missing", "parts"):
            return ", ".join(self._part_word(part, key == "missing") for part in value)
        if key in MONEY and facts.get("currency"):
            currency = self.env["res.currency"].browse(facts["currency"])
            return formatLang(self.env, value, currency_obj=currency)
        if isinstance(value, float):
            return formatLang(self.env, value)
        return value

    def _rule_words(self, facts):
        """Say it as the rule's own message does: in the reader's language while the rule is there."""
        # sudo: whoever reads the finding reads its sentence
        rule = self.env["order.review.rule"].sudo().browse(facts.get("rule", ())).exists()
        template = rule.message or facts["message"]

        def figure(match):
            name = match.group(1)
            return str(self._fact_words(name, facts[name], facts)) if name in facts else match.group(0)

        return PLACEHOLDER.sub(figure, template)
