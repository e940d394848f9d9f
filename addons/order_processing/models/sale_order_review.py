from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..engine.review import OrderTerms, deviations

REVIEW_STATES = [
    ("not_required", "Not Required"),
    ("pending", "Waiting for Review"),
    ("approved", "Approved"),
    ("refused", "Refused"),
    ("changes_requested", "Change Requested"),
]
HELD_STATES = ("pending", "changes_requested", "refused")
QUOTATION_STATES = ("draft", "sent")


class SaleOrder(models.Model):
    """The gate: what is not cleared is not confirmed, whatever way it comes.

    Three layers. (a) ``action_submit`` and the callers of :meth:`_review_gate` ask first; they hold
    and never raise. (b) ``action_confirm`` keeps Odoo's contract, all or nothing. (c) a constraint
    refuses the state ``sale`` for an uncleared order however it was written.
    """

    _inherit = "sale.order"

    review_state = fields.Selection(
        REVIEW_STATES,
        string="Review",
        required=True,
        default="not_required",
        copy=False,
        readonly=True,
        index=True,
        tracking=True,
    )
    review_clearance = fields.Json(
        copy=False, readonly=True, groups="base.group_system", help="What was cleared; a riskier order is not covered."
    )
    review_replay = fields.Json(
        copy=False, readonly=True, groups="base.group_system", help="What is still due once the order is cleared."
    )
    review_finding_ids = fields.One2many(
        "order.review.finding",
        "order_id",
        string="Findings",
        readonly=True,
        copy=False,
        groups="sales_team.group_sale_salesman",
    )
    review_decision_ids = fields.One2many(
        "order.review.decision",
        "order_id",
        string="Decisions",
        readonly=True,
        copy=False,
        groups="sales_team.group_sale_salesman",
    )
    review_hold_reason = fields.Char(
        "Held because", compute="_compute_review_hold_reason", groups="base.group_user", compute_sudo=True
    )
    review_mode = fields.Selection(related="company_id.review_mode")

    @api.depends("review_finding_ids.state", "review_state")
    @api.depends_context("lang")
    def _compute_review_hold_reason(self):
        for order in self:
            found = order.review_finding_ids.filtered(lambda finding: finding.state in ("open", "upheld"))
            order.review_hold_reason = "; ".join(found.mapped("text")) if order.review_state in HELD_STATES else False

    # ================================================================ (a) ask first, hold, never raise
    def action_submit(self):
        """Check the orders; confirm those that are in order, queue the others for review.

        One order that cannot be confirmed at all (a line without product, say) raises when it is
        alone; in a batch it stays as it is, the others go on, and the message names it.
        """
        self.check_access("write")
        errors = {order: message for order in self if (message := order._confirmation_error_message())}
        if errors and len(self) == 1:
            raise UserError(errors[self])
        orders = self - self.browse(order.id for order in errors)
        cleared = orders._review_gate()
        if cleared:
            cleared.action_confirm()
        return self._submit_report(cleared, orders - cleared, errors)

    def _submit_report(self, confirmed, held, errors):
        """Return a notification that says what became of a batch; nothing for one confirmed order."""
        if not held and not errors:
            return True
        parts = []
        if confirmed:
            parts.append(self.env._("Confirmed: %s.", len(confirmed)))
        parts += [self.env._("%(order)s is held: %(why)s.", order=o.name, why=o.review_hold_reason) for o in held[:5]]
        if len(held) > 5:
            parts.append(self.env._("%s more are held; see the review list.", len(held) - 5))
        parts += [f"{order.name}: {message}" for order, message in list(errors.items())[:5]]
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "title": self.env._("Held for review") if held else self.env._("Not confirmed"),
                "message": " ".join(parts),
                "sticky": len(self) > 1,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _review_gate(self):
        """Take quotations in and return those that may be confirmed now; hold the others.

        For every caller that must not raise: signature, payment, shop, import, API. What was to
        happen after the confirmation is kept on the held order and happens once it is cleared.
        """
        orders = self.filtered(lambda order: order.state in QUOTATION_STATES)
        orders._mark_submitted()
        # sudo: whoever submits has been checked by the caller; clearing is the system's verdict
        return orders.sudo()._judge().with_env(self.env)

    def _judge(self):
        """Run the checks on what is not cleared yet; return the orders that may pass."""
        unjudged = self.filtered(lambda order: order.company_id.review_mode != "off" and not order._is_cleared())
        findings = unjudged._review_findings()
        held = unjudged.filtered(lambda o: findings.get(o.id) and o.company_id.review_mode == "enforce")
        observed = (unjudged - held).filtered(lambda order: findings.get(order.id))
        observed._store_findings(findings, observed=True)
        (unjudged - held)._clear()
        held._hold(findings)
        return self - held

    def _mark_submitted(self):
        """Note the moment an order was handed in; from here on it has a timeline."""
        new = self.sudo().filtered(lambda order: not order.submitted_at)  # sudo: follows from what happens
        if not new:
            return
        new.write({"submitted_at": fields.Datetime.now()})
        Event = self.env["order.event"]
        for channel, orders in new.grouped("channel_id").items():
            if channel:
                Event._log(orders, "received_from", {"channel": channel.name}, audience="customer")
            else:
                Event._log(orders, "received", audience="customer")

    def _hold(self, findings):
        """Keep quotations back for review, with the reasons and with what to do once they are cleared."""
        if not self:
            return
        self._store_findings(findings)
        drafts = self.filtered(lambda order: order.state == "draft")
        # Never left in draft: the web shop would tell a customer who has paid of an abandoned cart.
        drafts.write({"state": "sent"})
        send_email = bool(self.env.context.get("send_email"))
        for order in self:
            replay = order.review_replay or {}
            order.write({"review_state": "pending", "review_replay": {**replay, "send_email": send_email or replay.get("send_email", False)}})
        self._log_findings("held", findings, audience="customer")

    def _store_findings(self, findings, observed=False):
        if not self:
            return
        self.review_finding_ids.filtered(lambda finding: finding.state == "open").write({"state": "gone"})
        self.env["order.review.finding"].create(
            [
                {"order_id": order.id, "code": code, "facts": facts, "observed": observed}
                for order in self
                for code, facts in findings.get(order.id, ())
            ]
        )

    def _log_findings(self, kind, findings, audience="internal"):
        data = {order.id: {"findings": findings[order.id]} for order in self}
        self.env["order.event"]._log(self, kind, data, audience=audience)

    # ================================================================ (b) all or nothing
    def action_confirm(self):
        quotations = self.filtered(lambda order: order.state in QUOTATION_STATES)
        quotations._require_clearance()
        quotations._mark_submitted()
        result = super().action_confirm()
        self.env["order.event"]._log(quotations, "confirmed", audience="customer")
        return result

    def _require_clearance(self):
        """Raise for orders that would be held, storing nothing; let clean ones pass."""
        unjudged = self.sudo().filtered(lambda o: o.company_id.review_mode != "off" and not o._is_cleared())
        findings = unjudged._review_findings()
        enforced = unjudged.filtered(lambda order: order.company_id.review_mode == "enforce")
        if uncleared := enforced.filtered(lambda order: findings.get(order.id)):
            raise UserError(uncleared._uncleared_message(findings))
        unjudged.filtered(lambda order: findings.get(order.id))._store_findings(findings, observed=True)
        unjudged._clear()

    def _uncleared_message(self, findings):
        words = self.env["order.review.finding"]._words
        lines = [
            f"{order.name}: " + "; ".join(words(code, facts) for code, facts in findings[order.id])
            for order in self[:10]
        ]
        return self.env._(
            "These orders have to be reviewed before they can be confirmed:\n%s\n\nSubmit them: what is in order is"
            " confirmed at once, the rest goes to the reviewers.",
            "\n".join(lines),
        )

    # ================================================================ (c) however it was written
    @api.constrains("state")
    def _check_cleared(self):
        for order in self.sudo():  # sudo: the clearance is not for everybody to read
            if order.state == "sale" and order.company_id.review_mode == "enforce" and not order._is_cleared():
                raise ValidationError(
                    self.env._(
                        "%s has not been cleared for confirmation. Submit it, so that it is checked first.", order.name
                    )
                )

    # ================================================================ clearance
    def _terms(self):
        """Return what there is to clear about the order, as plain values."""
        self.ensure_one()
        lines = {str(line.id): line._terms() for line in self.order_line if line._is_under_review()}
        return OrderTerms(self.partner_id.id, self.partner_shipping_id.id, self.currency_id.id, lines)

    def _deviations(self):
        """Return what goes beyond the clearance, or None where there is no clearance at all."""
        self.ensure_one()
        if not self.review_clearance:
            return None
        return deviations(OrderTerms.from_json(self.review_clearance), self._terms())

    def _is_cleared(self):
        return self.review_state not in HELD_STATES and self._deviations() == []

    def _clear(self, review_state="not_required"):
        """Record that the orders are cleared as they are now."""
        self.review_finding_ids.filtered(lambda finding: finding.state == "open" and not finding.observed).write(
            {"state": "accepted" if review_state == "approved" else "gone", "decided_by_id": self.env.uid}
        )
        for order in self:
            order.write({"review_clearance": order._terms().to_json(), "review_state": review_state})

    @api.model
    def _review_reset_vals(self, vals):
        """Return what becomes of the review when an order goes back to draft or is cancelled."""
        if vals.get("state") == "draft":
            return {"review_clearance": False, "review_state": "not_required", "review_replay": False, "submitted_at": False}
        if vals.get("state") == "cancel":
            return {"review_clearance": False, "review_replay": False}
        return {}

    # ================================================================ changes after confirmation
    def _is_on_review_hold(self):
        """Tell whether a confirmed order waits for a decision: nothing of it may be moved meanwhile."""
        return self.state == "sale" and self.review_state in HELD_STATES and self.company_id.review_mode == "enforce"

    def _review_after_change(self):
        """Judge confirmed orders again that have become riskier than what was cleared.

        What the checks had cleared by themselves, they may clear again; what a person approved
        goes back to a person.
        """
        confirmed = self.sudo().filtered(lambda o: o.state == "sale" and o.company_id.review_mode != "off")
        beyond = {order.id: order._deviations() for order in confirmed}
        covered = confirmed.filtered(lambda order: beyond[order.id] == [])
        covered.filtered(lambda order: order.review_state in HELD_STATES)._take_change_back()
        changed = confirmed - covered
        if not changed:
            return
        findings = changed._review_findings()
        for order in changed.filtered(lambda order: order.review_state in ("approved", *HELD_STATES)):
            findings[order.id] = order._deviation_findings(beyond[order.id] or ()) + findings.get(order.id, [])
        risky = changed.filtered(lambda order: findings.get(order.id))
        (changed - risky)._clear()
        risky._reopen(findings)

    def _deviation_findings(self, found):
        """Return deviations as findings, with the products' names for the reader."""
        names = {line.product_id.id: line.product_id.display_name for line in self.order_line}
        return [
            (item.code, {**item.figures, **({"product": names.get(item.figures["product"])} if "product" in item.figures else {})})
            for item in found
        ]

    def _reopen(self, findings):
        observed = self.filtered(lambda order: order.company_id.review_mode == "observe")
        observed._store_findings(findings, observed=True)
        held = self - observed
        known = {
            order.id: [(f.code, f.facts) for f in order.review_finding_ids if f.state == "open"] for order in held
        }
        news = held.filtered(lambda order: order.review_state != "pending" or known[order.id] != [tuple(f) for f in findings[order.id]])
        if not news:
            return
        news._store_findings(findings)
        news.write({"review_state": "pending"})
        news._log_findings("reopened", findings)

    def _take_change_back(self):
        if not self:
            return
        decided = self.filtered("review_decision_ids")
        decided._clear("approved")
        (self - decided)._clear()
        self.env["order.event"]._log(self, "change_taken_back")
        self.order_line._action_launch_stock_rule()
        self._retry_reservation()

    def _retry_reservation(self):
        moves = self.order_line.move_ids.filtered(lambda move: move.state in ("confirmed", "partially_available"))
        moves.filtered(lambda move: move.picking_type_id.reservation_method == "at_confirm")._action_assign()

    # ================================================================ decisions
    def action_review_approve(self, reason=None):
        """Clear the orders as they stand; quotations among them are confirmed, with all that was due."""
        orders = self._to_decide()
        orders._decide("approved", reason)
        cleared = orders.sudo()  # sudo: the reviewer decides, the system carries out what the customer had asked for
        cleared._clear("approved")
        # The customer hears of the approval, not of what the reviewer noted.
        self.env["order.event"]._log(cleared.with_user(self.env.user), "approved", {"reason": reason or ""}, audience="customer")
        cleared._resume()
        return True

    def action_review_refuse(self, reason):
        """Refuse the orders. The reason is meant for the customer."""
        orders = self._to_decide()
        self._require_reason(reason)
        orders._decide("refused", reason)
        orders.sudo().review_finding_ids.filtered(lambda finding: finding.state == "open").write(
            {"state": "upheld", "decided_by_id": self.env.uid}
        )
        orders._close_review("refused", reason)
        return True

    def action_review_request_change(self, reason):
        """Ask for a change. The reason is meant for the customer."""
        orders = self._to_decide()
        self._require_reason(reason)
        orders._decide("changes_requested", reason)
        orders._close_review("changes_requested", reason)
        return True

    def _to_decide(self):
        """Return the orders a decision is open on, after checking who asks."""
        if not self.env.user.has_group("order_processing.group_order_processing_reviewer"):
            raise AccessError(self.env._("Only reviewers decide on orders. Ask one of them, or your administrator for the role."))
        self.check_access("write")
        orders = self.filtered(lambda order: order.review_state in ("pending", "changes_requested"))
        if not orders:
            raise UserError(self.env._("There is nothing to decide: these orders are not waiting for review."))
        return orders

    def _require_reason(self, reason):
        if not (reason or "").strip():
            raise UserError(self.env._("Give a reason. The customer and your colleagues will want to know."))

    def _decide(self, decision, reason):
        # sudo: decisions are written here only, after the role has been checked
        self.env["order.review.decision"].sudo().create(
            [{"order_id": o.id, "decision": decision, "reason": reason, "user_id": self.env.uid} for o in self]
        )

    def _close_review(self, review_state, reason):
        self.sudo().write({"review_state": review_state})  # sudo: guarded field, role checked by the caller
        self.env["order.event"]._log(self, review_state, {"reason": reason}, audience="customer")

    def _resume(self):
        """Let approved orders go on, doing once what they were held from."""
        quotations = self.filtered(lambda order: order.state in QUOTATION_STATES)
        by_mail = quotations.grouped(lambda order: bool((order.review_replay or {}).get("send_email")))
        for send_email, orders in by_mail.items():
            orders.with_context(send_email=send_email).action_confirm()
        quotations.write({"review_replay": False})
        quotations.transaction_ids._invoice_after_review()
        reopened = self - quotations
        reopened.order_line._action_launch_stock_rule()
        reopened._retry_reservation()

    # ================================================================ callers inside Odoo
    def _validate_order(self):
        # Portal signature and orders of no value. The signature stands in this very transaction: hold, never raise.
        cleared = self.with_context(send_email=True)._review_gate()
        if cleared:
            return super(SaleOrder, cleared.with_env(self.env))._validate_order()
        return None

    def _is_in_review(self):
        return bool(self.submitted_at) and self.state in QUOTATION_STATES and self.review_state in HELD_STATES

    def _has_to_be_signed(self):
        return not self._is_in_review() and super()._has_to_be_signed()

    def _has_to_be_paid(self):
        return not self._is_in_review() and super()._has_to_be_paid()

    def _can_be_edited_on_portal(self):
        return not self._is_in_review() and super()._can_be_edited_on_portal()

    @api.depends("review_state", "submitted_at")
    def _compute_is_expired(self):
        # The customer has ordered in time; how long we take to check is not his affair.
        super()._compute_is_expired()
        self.filtered(lambda order: order._is_in_review()).is_expired = False
