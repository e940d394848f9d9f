from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

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
        copy=False,
        readonly=True,
        groups="base.group_system",
        help="What was cleared; a riskier order is not covered.",
    )
    review_replay = fields.Json(
        copy=False,
        readonly=True,
        groups="base.group_system",
        help="What is still due once the order is cleared.",
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
    review_note = fields.Char(
        "Worth a look", compute="_compute_review_note", groups="base.group_user", compute_sudo=True
    )
    review_mode = fields.Selection(related="company_id.review_mode")

    @api.depends("review_finding_ids.state", "review_state", "review_step_id")
    @api.depends_context("lang")
    def _compute_review_hold_reason(self):
        held = self._origin.filtered(lambda order: order.review_state in HELD_STATES)
        texts = self.env["order.review.finding"]._texts_of(held)
        for order in self:
            why = "; ".join(texts.get(order._origin.id, ()))
            if not why and order._origin in held:
                # All let pass, and a stage still decides: because of the order itself.
                why = order._held_without_finding()
            order.review_hold_reason = why

    def _held_without_finding(self):
        if self.review_answer_unread:
            words = self.env["order.review.finding"]._words("answer_unread", {})
            return words[:1].upper() + words[1:]
        return self.review_step_id.here_because

    @api.depends("review_finding_ids.state", "review_finding_ids.observed")
    @api.depends_context("lang")
    def _compute_review_note(self):
        """What the rules warn of, and what they would hold an order for that is only observed."""
        for order in self:
            notes = order.review_finding_ids.filtered(
                lambda f: (f.state == "noted" and f.severity == "warn") or (f.state == "open" and f.observed)
            )
            order.review_note = "; ".join(notes.mapped("text"))

    # ================================================================ (a) ask first, hold, never raise
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
        refused = self.filtered(lambda order: order._is_refused())
        unjudged = (self - refused).filtered(
            lambda order: order.company_id.review_mode != "off" and not order._is_cleared()
        )
        findings = unjudged._review_findings()
        holding = unjudged._holding(findings)
        held = unjudged.filtered(lambda o: holding.get(o.id) and o.company_id.review_mode == "enforce")
        (unjudged - held)._pass(findings)
        held._hold(findings, holding)
        return self - held - refused

    def _pass(self, findings):
        """Clear orders that nothing holds, keeping what was found all the same."""
        observed = self.filtered(lambda order: order.company_id.review_mode == "observe")
        observed.filtered(lambda order: findings.get(order.id))._store_findings(findings, observed=True)
        (self - observed).filtered(lambda o: findings.get(o.id) or o.review_finding_ids)._store_findings(
            findings
        )
        waived = self.filtered(lambda order: order._has_waivers())
        waived._clear("approved")
        (self - waived)._clear()

    def _has_waivers(self):
        return any(finding.state == "waived" and finding.in_force for finding in self.review_finding_ids)

    def _is_refused(self):
        """A person said no: neither the checks nor a payment turn that into a yes.

        What a rule refused is checked again: the reason may be gone.
        """
        return (
            self.review_state == "refused"
            and self.company_id.review_mode == "enforce"
            and not self._is_refused_by_rule()
        )

    def _confirmation_error_message(self):
        if self.sudo()._is_refused():  # sudo: company settings
            return self.env._(
                "%s was refused. To try again, cancel it and set it back to quotation.", self.name
            )
        return super()._confirmation_error_message()

    def _is_refused_by_rule(self):
        return any(f.severity == "refuse" and f._is_undecided_refusal() for f in self.review_finding_ids)

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

    def _hold(self, findings, holding):
        """Keep quotations back for review, with the reasons and with what to do once they are cleared.

        ``holding`` are those of the findings that do; an order a rule refuses goes to nobody.
        """
        if not self:
            return
        news = self.filtered(lambda order: order.review_state not in HELD_STATES)
        self._store_findings(findings)
        drafts = self.filtered(lambda order: order.state == "draft")
        # Never left in draft: the web shop would tell a customer who has paid of an abandoned cart.
        drafts.write({"state": "sent"})
        send_email = bool(self.env.context.get("send_email"))
        refused = self._refused_by_rule(holding)
        for order in self:
            replay = order.review_replay or {}
            send_email_later = send_email or replay.get("send_email", False)
            terms = order._terms().to_json()
            order.write(
                {
                    **order._first_terms_vals(terms),
                    "review_state": "refused" if order in refused else "pending",
                    "review_replay": {"send_email": send_email_later, "terms": terms},
                }
            )
        (self - refused)._enter_review()
        # The customer is told once; that the same order was checked again concerns only us.
        (news - refused)._log_findings("held", holding, audience="customer")
        (news & refused)._log_findings("refused_by_rule", holding, audience="customer")
        (self - news)._log_findings("held", holding)
        (news - refused)._tell_customer("received")

    def _refused_by_rule(self, holding):
        return self.filtered(lambda o: any(rule.severity == "refuse" for rule, _one in holding[o.id]))

    def _store_findings(self, findings, observed=False):
        if self:
            self.env["order.review.finding"]._store(self, findings, observed=observed)

    def _log_findings(self, kind, findings, audience="internal"):
        data = {
            order.id: {"findings": [[found.code, found.figures] for _rule, found in findings[order.id]]}
            for order in self
        }
        self.env["order.event"]._log(self, kind, data, audience=audience)

    # ================================================================ (b) all or nothing
    def action_confirm(self):
        self.check_access("write")  # before anybody is told why an order is held
        quotations = self.filtered(lambda order: order.state in QUOTATION_STATES)
        quotations._require_clearance()
        quotations._mark_submitted()
        quotations._choose_sources()  # while they are quotations: a line may have to be split
        result = super().action_confirm()
        self.env["order.event"]._log(quotations, "confirmed", audience="customer")
        quotations.sudo()._do_what_was_due()  # sudo: the customer had asked for it when the order was held
        return result

    def _do_what_was_due(self):
        """Send the mail and make the invoice an order would have had, had it not been held. Once."""
        due = self.filtered("review_replay")
        if not self.env.context.get("send_email"):
            due.filtered(lambda order: order.review_replay.get("send_email"))._send_order_confirmation_mail()
        due.write({"review_replay": False})
        due.transaction_ids._invoice_after_review()

    def _require_clearance(self):
        """Raise for orders that would be held, storing nothing; let clean ones pass."""
        if refused := self.sudo().filtered(lambda order: order._is_refused()):
            raise UserError(refused[0]._confirmation_error_message())
        unjudged = self.sudo().filtered(lambda o: o.company_id.review_mode != "off" and not o._is_cleared())
        findings = unjudged._review_findings()
        holding = unjudged._holding(findings)
        enforced = unjudged.filtered(lambda order: order.company_id.review_mode == "enforce")
        if uncleared := enforced.filtered(lambda order: holding.get(order.id)):
            raise UserError(uncleared._uncleared_message(holding))
        unjudged._pass(findings)

    def _uncleared_message(self, findings):
        words = self.env["order.review.finding"]._words
        lines = [
            f"{order.name}: "
            + "; ".join(words(found.code, found.figures) for _rule, found in findings[order.id])
            for order in self[:10]
        ]
        return self.env._(
            "These orders have to be reviewed before they can be confirmed:\n%s\n\nSubmit them: what is in"
            " order is confirmed at once, the rest goes to the reviewers.",
            "\n".join(lines),
        )

    # ================================================================ (c) however it was written
    @api.constrains("state", "company_id")
    def _check_cleared(self):
        for order in self.sudo():  # sudo: the clearance is not for everybody to read
            if (
                order.state == "sale"
                and order.company_id.review_mode == "enforce"
                and not order._is_cleared()
            ):
                raise ValidationError(
                    self.env._(
                        "%s has not been cleared for confirmation. Submit it, so that it is checked first.",
                        order.name,
                    )
                )

    # ================================================================ clearance
    def _is_cleared(self):
        return self.review_state not in HELD_STATES and self._deviations() == []

    def _clear(self, review_state="not_required"):
        """Record that the orders are cleared as they are now."""
        self.review_finding_ids.filtered(
            lambda finding: finding.state == "open" and not finding.observed
        ).write(
            {
                "state": "accepted" if review_state == "approved" else "gone",
                "decided_by_id": self.env.uid,
                "decided_at": fields.Datetime.now(),
            }
        )
        for order in self:
            terms = order._terms().to_json()
            first = order._first_terms_vals(terms)
            order.write({**first, "review_clearance": terms, "review_state": review_state})

    def _forget_clearance(self, state):
        """Nothing that was cleared or decided holds for an order that was cancelled or taken back."""
        if not self:
            return
        orders = self.sudo()  # sudo: what was cleared goes with the state, whoever sets it
        orders.write({"review_clearance": False, "review_replay": False})
        # A refusal stays readable on the cancelled order; taken back to draft, everything starts anew.
        ended = orders if state == "draft" else orders.filtered(lambda order: order.review_state != "refused")
        ended.write({"review_state": "not_required"})
        findings = orders.review_finding_ids
        findings.filtered(lambda finding: finding.state in ("open", "noted")).write({"state": "gone"})
        findings.filtered("in_force").write({"in_force": False})
        if state == "draft":
            findings.filtered(lambda finding: finding.state == "upheld").write({"state": "gone"})
            orders.write({"submitted_at": False})

    # ================================================================ callers inside Odoo
    def _validate_order(self):
        # Portal signature, orders of no value. The signature is written in this transaction: never raise.
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
        result = super()._compute_is_expired()
        self.filtered(lambda order: order._is_in_review()).is_expired = False
        return result
