import ast
import re
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import ormcache
from odoo.tools.safe_eval import test_python_expr

from ..engine.review_facts import Rule

# A figure of the order in a message: {amount}, {customer}, …
PLACEHOLDER = re.compile(r"\{(\w+)\}")
WHAT_IT_LOOKS_AT = frozenset({"kind", "check", "statistic", "domain", "expression", "active"})
FAILED_AGAIN_AFTER = timedelta(hours=1)


class OrderReviewRule(models.Model):
    """One thing every order is looked at for, and what becomes of an order it is found on.

    Rules are records that people edit. Checks and statistics are built in and have figures to set;
    a domain finds orders by their fields; an expression is Python, for administrators.
    """

    _name = "order.review.rule"
    _description = "Review Rule"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True, tracking=True)
    sequence = fields.Integer(default=100)
    active = fields.Boolean(default=True, tracking=True)
    explanation = fields.Text(
        translate=True, help="What the rule looks at and why, for whoever reads its findings."
    )
    kind = fields.Selection(
        [
            ("check", "Built-in check"),
            ("statistic", "What is usual"),
            ("domain", "Orders that match a filter"),
            ("expression", "Python expression (administrators)"),
        ],
        required=True,
        default="domain",
        tracking=True,
    )
    check = fields.Selection(
        [
            ("address", "Delivery address complete and valid"),
            ("address_detail", "Street and number for the carrier"),
            ("contact", "Customer can be reached"),
            ("price", "Prices equal to the price list"),
            ("pricelist", "The customer's own price list"),
            ("price_below", "Price far below the list"),
            ("totals", "Totals consistent"),
            ("taken_off", "Something taken off by a line"),
            ("sellable", "Products still sold"),
            ("blocked", "Customer not blocked"),
            ("duplicate", "Not a duplicate"),
            ("credit_limit", "Within the credit limit"),
            ("margin", "Margin above the floor"),
            ("amount_high", "Amount not too high"),
            ("new_customer", "New customer"),
            ("remote_area", "Remote area"),
            ("changed", "Changed after approval"),
        ],
        string="Built-in check",
        tracking=True,
    )
    statistic = fields.Selection(
        [
            ("quantity_unusual", "Quantity of a product"),
            ("amount_unusual", "Amount of the order"),
            ("velocity", "Orders in a short time"),
            ("price_paid", "Price last paid"),
        ],
        tracking=True,
        help="What is compared with what this customer, product or company usually has.",
    )
    domain = fields.Char(default="[]", tracking=True, help="The rule finds the orders that match.")
    expression = fields.Text(
        tracking=True,
        help="Python; true finds the order. It may use: order, lines, customer, amount, today.",
    )
    severity = fields.Selection(
        [
            ("inform", "Inform: note it on the order"),
            ("warn", "Warn: tell whoever submits it"),
            ("hold", "Hold: wait for a reviewer"),
            ("refuse", "Refuse"),
        ],
        required=True,
        default="hold",
        tracking=True,
    )
    message = fields.Char(
        translate=True,
        help="What the finding says. Figures of the order go in braces: {order} {customer} {amount} {lines}"
        " {quantity}. Empty: the built-in sentence.",
    )
    stage_id = fields.Many2one(
        "order.review.stage", string="Goes to", ondelete="restrict", index="btree_not_null", tracking=True
    )
    threshold = fields.Float(tracking=True, help="The limit; what it measures stands in the explanation.")
    factor = fields.Float(
        default=3.0, tracking=True, help="How many times the usual something has to be, to be unusual."
    )
    period_days = fields.Integer("Days", tracking=True, help="How far back the rule looks.")
    min_history = fields.Integer(
        "Minimum history", default=5, tracking=True, help="Less than this is not enough to call it usual."
    )
    company_id = fields.Many2one(
        "res.company",
        index=True,
        tracking=True,
        ondelete="restrict",
        help="Leave empty for a rule of all companies.",
    )
    channel_ids = fields.Many2many("order.channel", string="Only these channels", ondelete="restrict")
    partner_ids = fields.Many2many("res.partner", string="Only these customers", ondelete="restrict")
    category_ids = fields.Many2many(
        "res.partner.category", string="Only customers with these tags", ondelete="restrict"
    )
    except_partner_ids = fields.Many2many(
        "res.partner",
        "order_review_rule_except_partner_rel",
        string="Except these customers",
        help="For example the one walk-in customers are entered under: nothing is usual for him.",
    )
    date_from = fields.Date("Active from", tracking=True)
    date_to = fields.Date("Active until", tracking=True)
    responsible_id = fields.Many2one(
        "res.users", "Owner", default=lambda self: self.env.user, help="Is told when the rule fails."
    )
    failed_at = fields.Datetime("Failed on", readonly=True, copy=False)
    failure = fields.Char("What went wrong", readonly=True, copy=False)
    finding_ids = fields.One2many("order.review.finding", "rule_id", string="Findings")
    recent_count = fields.Integer("Found, 30 days", compute="_compute_recent_count")

    _period = models.Constraint(
        "CHECK(date_from IS NULL OR date_to IS NULL OR date_from <= date_to)",
        "A rule cannot end before it begins: check Active from and Active until.",
    )
    _figures = models.Constraint(
        "CHECK(COALESCE(factor, 0) >= 0 AND COALESCE(period_days, 0) >= 0 AND COALESCE(min_history, 0) >= 0)",
        "Factor, days and minimum history cannot be negative.",
    )

    def _compute_recent_count(self):
        since = fields.Datetime.now() - timedelta(days=30)
        domain = [("rule_id", "in", self.ids), ("create_date", ">=", since)]
        counts = dict(self.env["order.review.finding"]._read_group(domain, ["rule_id"], ["__count"]))
        for rule in self:
            rule.recent_count = counts.get(rule, 0)

    # ---------------------------------------------------------------- what is typed must make sense
    @api.constrains("kind", "check", "statistic", "domain", "expression", "message")
    def _check_complete(self):
        for rule in self:
            needed = {"check": "check", "statistic": "statistic"}.get(rule.kind)
            if needed and not rule[needed]:
                raise ValidationError(self.env._("%s: choose what the rule looks at.", rule.name))
            if rule.kind == "domain":
                rule._check_domain()
            if rule.kind == "expression":
                rule._check_expression()
            if rule.kind in ("domain", "expression") and not rule.message:
                raise ValidationError(
                    self.env._(
                        "%s: write the message the finding shows, for example “Over {amount}”.", rule.name
                    )
                )

    def _check_domain(self):
        try:
            domain = Domain(ast.literal_eval(self.domain or "[]"))
            # With the rights of whoever writes it (constraints run without): a rule is no way to ask for
            # what one may not read.
            with self.env.cr.savepoint():
                self.env["sale.order"].sudo(False).search(domain, limit=1)
        except Exception as error:  # whatever is wrong with it, the person who typed it has to know
            raise ValidationError(
                self.env._("%(rule)s: the filter cannot be used: %(error)s", rule=self.name, error=error)
            ) from error
        if domain.is_true():
            raise ValidationError(
                self.env._("%s: the filter is empty and would find every order.", self.name)
            )

    def _check_expression(self):
        text = (self.expression or "").strip()
        try:
            error = test_python_expr(expr=text, mode="eval") if text else self.env._("it is empty")
        except NameError as forbidden:
            error = forbidden
        if error:
            raise ValidationError(
                self.env._("%(rule)s: the expression cannot be used: %(error)s", rule=self.name, error=error)
            )

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules._check_may_write_python({key for vals in vals_list for key in vals if vals[key]})
        self.env.registry.clear_cache()
        return rules

    def write(self, vals):
        if WHAT_IT_LOOKS_AT & vals.keys():  # mended, or so we hope
            self.filtered("failed_at")._mark_working()
        written = {key for key in vals if vals[key] or any(self.mapped(key))}
        self._check_may_write_python(written)
        result = super().write(vals)
        self._check_may_write_python(written)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    def _check_may_write_python(self, names):
        """Only administrators write Python: code of others would run with the rights of the system."""
        if self.env.su or self.env.user.has_group("base.group_system"):
            return
        if "expression" in names or any(rule.kind == "expression" for rule in self):
            raise AccessError(
                self.env._("Rules with a Python expression are for administrators. Use a filter instead.")
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        # sudo: findings of all orders, whoever deletes
        if used := self.sudo().filtered("finding_ids")[:1]:
            raise UserError(
                self.env._(
                    "%s has found something already. Archive it instead: its findings stay.", used.name
                )
            )

    def copy_data(self, default=None):
        return [
            {**vals, "name": self.env._("%s (copy)", rule.name)}
            for rule, vals in zip(self, super().copy_data(default), strict=True)
        ]

    # ---------------------------------------------------------------- what the checks see
    @api.model
    def _active_rules(self, company):
        """Return the company's rules of today as plain values, in their order."""
        today = fields.Date.context_today(self)
        return [rule for rule in self._rules_of(company.id) if rule.is_active_on(today)]

    @api.model
    @ormcache("company_id")
    def _rules_of(self, company_id):
        # sudo: the rules apply to everybody's orders, also to those of people who may not read rules
        # Archived channels and customers stay in a rule's scope: without them it would be for everybody.
        rules = self.sudo().with_context(lang=None, active_test=False)
        rules = rules.search([("active", "=", True), ("company_id", "in", (company_id, False))])
        return tuple(rule._as_plain() for rule in rules)

    def _as_plain(self):
        self.ensure_one()
        return Rule(
            id=self.id,
            kind=self.kind,
            check=self.statistic if self.kind == "statistic" else self.check or "",
            severity=self.severity,
            threshold=self.threshold,
            factor=self.factor,
            period_days=self.period_days,
            min_history=self.min_history,
            stage_id=self.stage_id.id or None,
            domain=self.domain or "[]",
            expression=self.expression or "",
            message=self.message or "",
            failed_at=self.failed_at or None,
            channel_ids=frozenset(self.channel_ids.ids),
            partner_ids=frozenset(self.partner_ids.ids),
            category_ids=frozenset(self.category_ids.ids),
            except_ids=frozenset(self.except_partner_ids.ids),
            date_from=self.date_from or None,
            date_to=self.date_to or None,
        )

    @api.model
    def _rule_of_check(self, check, company):
        """Return the rule of a built-in check in the company, or one that holds where it was removed."""
        for rule in self._active_rules(company):
            if rule.kind == "check" and rule.check == check:
                return rule
        return Rule(id=0, kind="check", check=check, severity="hold")

    # ---------------------------------------------------------------- a rule that fails
    def _mark_failed(self, error):
        """Mark the rule and tell its owner, once; the orders it could not judge go to a person."""
        rule = self.sudo().exists()  # sudo: whoever submits, the failure is noted
        now = fields.Datetime.now()
        if not rule or (rule.failed_at and rule.failed_at > now - FAILED_AGAIN_AFTER):
            return
        first = not rule.failed_at
        rule.write({"failed_at": now, "failure": f"{type(error).__name__}: {error}"[:500]})
        if first and (owner := rule.responsible_id or rule.create_uid):
            rule.activity_schedule(
                "mail.mail_activity_data_warning",
                summary=self.env._("This rule fails"),
                note=self.env._(
                    "The rule could not be applied: %s. The orders it could not judge wait for a reviewer."
                    " Mend the rule, or archive it.",
                    rule.failure,
                ),
                user_id=owner.id,
            )

    def _mark_working(self):
        """The rule works again: take the mark off."""
        # sudo: see _mark_failed
        rules = self.sudo().exists().filtered("failed_at")
        rules.write({"failed_at": False, "failure": False})
        rules.activity_unlink(["mail.mail_activity_data_warning"])

    # ---------------------------------------------------------------- buttons
    def action_view_findings(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("order_processing.order_review_finding_action")
        return {**action, "domain": [("rule_id", "=", self.id)], "context": {}}
