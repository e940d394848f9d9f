from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL
from odoo.tools.misc import formatLang
from odoo.tools.translate import LazyTranslate

from ..engine.review import covers
from ..engine.review_facts import HOLDING
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

# Decided by a person, and good for as long as the rule finds nothing worse.
COVERING_STATES = ("accepted", "waived")


class OrderReviewFinding(models.Model):
    """What one rule has found on one order, with its figures, and what a person said to it."""

    _name = "order.review.finding"
    _description = "Review Finding"
    _order = "id"

    order_id = fields.Many2one("sale.order", required=True, ondelete="cascade", index=True, readonly=True)
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)
    rule_id = fields.Many2one("order.review.rule", ondelete="restrict", index=True, readonly=True)
    stage_id = fields.Many2one("order.review.stage", ondelete="restrict", readonly=True, string="Goes to")
    severity = fields.Selection(
        [("inform", "Inform"), ("warn", "Warn"), ("hold", "Hold"), ("refuse", "Refuse")],
        required=True,
        default="hold",
        readonly=True,
    )
    code = fields.Char(required=True, readonly=True)
    facts = fields.Json(readonly=True)
    sizes = fields.Json(readonly=True, groups="base.group_system", help="How big each part of it is.")
    state = fields.Selection(
        [
            ("open", "Open"),
            ("noted", "Noted"),
            ("waived", "Waived"),
            ("accepted", "Accepted"),
            ("upheld", "Upheld"),
            ("gone", "No longer there"),
        ],
        required=True,
        default="open",
        readonly=True,
        help="Open until somebody decides, or until the order is mended and checked again. What only informs"
        " or warns is noted.",
    )
    observed = fields.Boolean(readonly=True, help="Found in observe mode: the order was not held.")
    decided_by_id = fields.Many2one("res.users", readonly=True)
    decided_at = fields.Datetime(readonly=True)
    reason = fields.Text(readonly=True, help="Why it was waived.")
    waived_until = fields.Date(readonly=True, help="After this day the waiver covers nothing any more.")
    in_force = fields.Boolean(
        default=True, readonly=True, help="Still covers the order; not after it was mended or taken back."
    )
    can_waive = fields.Boolean(compute="_compute_can_waive")
    text = fields.Char("Finding", compute="_compute_text")

    _order_open = models.Index("(order_id) WHERE state = 'open'")
    _one_per_rule = models.UniqueIndex(
        "(order_id, rule_id) WHERE state IN ('open', 'noted') AND rule_id IS NOT NULL",
        "One finding per order and rule.",
    )

    @api.depends("code", "facts")
    @api.depends_context("lang")
    def _compute_text(self):
        for finding in self:
            words = finding._words(finding.code, finding.facts)
            finding.text = words[:1].upper() + words[1:]

    # ---------------------------------------------------------------- keeping what was found
    @api.model
    def _store(self, orders, findings, observed=False):
        """Keep what was found on the orders, one finding per order and rule.

        What is there already gets the new figures; what is not found any more is gone; what a person
        has waived or accepted stays so as far as it covers what is found now.
        """
        # Two who check the same order at once: the second waits here, and is tried again by Odoo.
        self.env.execute_query(
            SQL("SELECT id FROM sale_order WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", orders.ids)
        )
        # What was the ground of an earlier refusal is judged anew with the order.
        orders.review_finding_ids.filtered(lambda f: f.state == "upheld" and f.decided_by_id).write(
            {"state": "gone"}
        )
        covering = self._covering({order.id: () for order in orders})
        known = {(f.order_id.id, f._rule_key()): f for f in orders.review_finding_ids if f._is_current()}
        hit, kept, new = set(), set(), []
        for order in orders:
            for rule, found in findings.get(order.id, ()):
                key = (order.id, rule.id or found.code)
                hit.add(key)
                if covering(order.id, rule, found):
                    continue
                kept.add(key)
                vals = self._vals_of(order, rule, found, observed)
                if key in known:
                    known[key]._update_changed(vals)
                else:
                    new.append(vals)
        self.browse().union(*(f for key, f in known.items() if key not in kept)).write({"state": "gone"})
        orders.review_finding_ids._lapse_unless(hit)
        return self.create(new)

    def _vals_of(self, order, rule, found, observed):
        return {
            "order_id": order.id,
            "rule_id": rule.id or False,
            "stage_id": rule.stage_id or False,
            "severity": rule.severity,
            "code": found.code,
            "facts": found.figures,
            "sizes": found.sizes,
            "observed": observed,
            "state": self._state_for(rule.severity, observed),
        }

    @staticmethod
    def _state_for(severity, observed):
        if severity == "refuse" and not observed:
            return "upheld"
        return "open" if severity in HOLDING else "noted"

    def _is_current(self):
        """Found at the last check, and nobody has decided on it yet."""
        return self.state in ("open", "noted") or self._is_undecided_refusal()

    def _is_undecided_refusal(self):
        """Refused by the rule itself; nobody has looked at it yet."""
        return self.state == "upheld" and not self.decided_by_id

    def _update_changed(self, vals):
        names = ("code", "facts", "sizes", "state", "severity", "observed", "stage_id")
        current = {**{name: self[name] for name in names}, "stage_id": self.stage_id.id}
        changed = {name: vals[name] for name in names if current[name] != vals[name]}
        if changed:
            self.write(changed)

    def _rule_key(self):
        return self.rule_id.id or self.code

    def _lapse_unless(self, hit):
        """Waivers of what is not found any more end: found again later, it is something new."""
        lapsed = self.filtered(
            lambda f: f.state == "waived" and f.in_force and (f.order_id.id, f._rule_key()) not in hit
        )
        if lapsed:
            lapsed.write({"in_force": False})

    @api.model
    def _covering(self, findings):
        """Return a function ``(order id, rule, found)`` that tells whether a person has let it pass."""
        today = fields.Date.context_today(self)
        covered = {}
        if findings:
            domain = [
                ("order_id", "in", list(findings)),
                ("state", "in", COVERING_STATES),
                ("in_force", "=", True),
            ]
            for finding in self.sudo().search(domain):  # sudo: whoever submits, what was decided holds
                if not finding.waived_until or finding.waived_until >= today:
                    key = (finding.order_id.id, finding._rule_key())
                    covered.setdefault(key, []).append(finding.sizes or {})

        def is_covered(order_id, rule, found):
            waived = covered.get((order_id, rule.id or found.code), ())
            return any(covers(sizes, found.sizes) for sizes in waived)

        return is_covered

    # ---------------------------------------------------------------- waiving
    @api.depends_context("uid")
    @api.depends("state", "severity", "observed")
    def _compute_can_waive(self):
        for finding in self:
            finding.can_waive = finding._is_waivable() and finding._may_waive()

    def _is_waivable(self):
        by_rule = self.state == "upheld" and self.severity == "refuse" and not self.decided_by_id
        return self.order_id.state != "cancel" and not self.observed and (self.state == "open" or by_rule)

    def _may_waive(self):
        """Reviewers waive; what refuses an order, only sales managers among them."""
        user = self.env.user
        if not user.has_group("order_processing.group_order_processing_reviewer"):
            return False
        return self.severity != "refuse" or user.has_group("sales_team.group_sale_manager")

    def action_waive(self, reason, until=None):
        """Let these findings pass, for this order and as they are now; the order goes on when none is left.

        A waiver covers nothing that is found later by another rule, nothing bigger, and nothing after
        the day ``until``.
        """
        self._check_may_waive(reason, until)
        # As with an approval: nobody lets pass what he has not been told of.
        changed = self.order_id._hold_again_if_riskier()
        findings = self.filtered(lambda finding: finding.order_id not in changed)
        return findings._waive(reason, until, changed)

    def _waive(self, reason, until, changed):
        orders = self.order_id
        values = {
            "state": "waived",
            "decided_by_id": self.env.uid,
            "decided_at": fields.Datetime.now(),
            "reason": reason.strip(),
            "waived_until": until or False,
            "in_force": True,
        }
        # sudo: findings are written by the system only; the role has been checked
        self.sudo().write(values)
        orders._decide("waived", "; ".join(dict.fromkeys([*self.mapped("text"), reason.strip()])))
        data = {
            order.id: {"findings": [[f.code, f.facts] for f in found], "reason": reason.strip()}
            for order, found in self.grouped("order_id").items()
        }
        self.env["order.event"]._log(orders, "waived", data)
        return orders._go_on_after_waiver(changed)

    def _check_may_waive(self, reason, until):
        if not self.env.user.has_group("order_processing.group_order_processing_reviewer"):
            raise AccessError(
                self.env._(
                    "Only reviewers waive findings. Ask one of them, or your administrator for the role."
                )
            )
        self.order_id.check_access("write")
        if not (reason or "").strip():
            raise UserError(self.env._("Say why it may pass: it stays readable on the order."))
        if until and fields.Date.to_date(until) < fields.Date.context_today(self):
            raise UserError(self.env._("The waiver would end before it begins: choose a later day, or none."))
        if refusing := self.filtered(lambda finding: not finding._may_waive()):
            raise AccessError(
                self.env._(
                    "“%s” refuses the order; only a sales manager can let that pass.", refusing[0].text
                )
            )
        if settled := self.filtered(lambda finding: not finding._is_waivable()):
            raise UserError(
                self.env._(
                    "“%s” does not wait for anybody any more; there is nothing to waive.", settled[0].text
                )
            )

    def action_open_waive(self):
        """Open the question why, and until when."""
        action = self.env["ir.actions.act_window"]._for_xml_id("order_processing.order_review_waive_action")
        return {**action, "context": {"default_finding_ids": self.ids}}

    # ---------------------------------------------------------------- in words
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
        template = self.env._(TEXTS[code])
        return template % words

    def _fact_words(self, key, value, facts):
        if key in ("missing", "parts"):
            words = [(MISSING_WORDS if key == "missing" else PART_WORDS)[part] for part in value]
            return ", ".join(str(self.env._(word)) for word in words)
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
