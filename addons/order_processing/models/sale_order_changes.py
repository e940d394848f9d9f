from odoo import models

from .sale_order_review import HELD_STATES


class SaleOrder(models.Model):
    """What happens when an order is changed after it was cleared and confirmed."""

    _inherit = "sale.order"

    def _is_on_review_hold(self):
        """Tell whether a confirmed order waits for a decision: nothing of it may be moved meanwhile."""
        return (
            self.state == "sale"
            and self.review_state in HELD_STATES
            and self.company_id.review_mode == "enforce"
        )

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
        changed.filtered("review_decision_ids")._add_deviations(findings, beyond)
        holding = changed._holding(findings)
        risky = changed.filtered(lambda order: holding.get(order.id))
        (changed - risky)._clear_again(findings)
        risky._reopen(findings, holding)

    def _clear_again(self, findings):
        held = self.filtered(lambda order: order.review_state in HELD_STATES)
        self._pass(findings)
        if held:
            self.env["order.event"]._log(held, "cleared")
            held._go_on_after_hold()

    def _reopen(self, findings, holding):
        """Hold confirmed orders for what was found; one that is held for the same already stays as it is."""
        observed = self.filtered(lambda order: order.company_id.review_mode == "observe")
        observed._pass(findings)
        held = self - observed
        known = {
            order.id: [
                [f.code, f.facts, f.sizes] for f in order.review_finding_ids if f.state in ("open", "upheld")
            ]
            for order in held
        }
        news = held.filtered(
            lambda order: order.review_state not in ("pending", "refused")
            or known[order.id] != [[one.code, one.figures, one.sizes] for _rule, one in holding[order.id]]
        )
        if not news:
            return
        news._store_findings(findings)
        refused = news._refused_by_rule(holding)
        (news - refused).write({"review_state": "pending"})
        refused.write({"review_state": "refused"})
        (news - refused)._enter_review()
        news._log_findings("reopened", holding)

    def _take_change_back(self):
        if not self:
            return
        decided = self.filtered("review_decision_ids")
        decided._clear("approved")
        (self - decided)._clear()
        self.env["order.event"]._log(self, "change_taken_back")
        self._go_on_after_hold()

    def _follow_review_mode(self, review_mode):
        """Adapt confirmed orders to their company's new mode.

        From now on enforced: what was confirmed before counts as cleared, or the next harmless change
        would hold it. No longer enforced: what was held goes on.
        """
        if review_mode == "enforce":
            self.filtered(lambda order: not order.review_clearance)._clear()
            return
        held = self.filtered(lambda order: order.review_state in HELD_STATES)
        held._clear()
        held._go_on_after_hold()

    def _release_quotations(self):
        """Quotations are not held any more: what the customer has signed or paid goes on, the others may."""
        due = self.filtered(lambda order: (order.review_replay or {}).get("send_email"))
        self._clear()
        (self - due).write({"review_replay": False})
        due.filtered(lambda order: not order._confirmation_error_message()).action_confirm()

    def _go_on_after_hold(self):
        """Procure and reserve what was kept back while the review was open again."""
        for order in self:
            order._procure_kept_back()
        moves = self.order_line.move_ids.filtered(
            lambda move: move.state in ("confirmed", "partially_available")
        )
        moves.filtered(lambda move: move.picking_type_id.reservation_method == "at_confirm")._action_assign()

    def _procure_kept_back(self):
        kept_back = set((self.review_replay or {}).get("procure", ()))
        self.write({"review_replay": False})
        self.order_line.filtered(lambda line: line.id in kept_back)._action_launch_stock_rule()
