from odoo import api, fields, models
from odoo.tools import SQL

from ..engine.review import covers
from ..engine.review_facts import HOLDING

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
