from odoo import api, fields, models
from odoo.tools import float_repr, format_date, format_datetime
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

PARTS = {
    "urgency": _lt("Urgency"),
    "slack": _lt("Time left"),
    "tier": _lt("Customer"),
    "age": _lt("Age"),
    "waiting": _lt("Waiting"),
    "value": _lt("Value"),
}


class SaleOrder(models.Model):
    """The score in words, for whoever reads it."""

    _inherit = "sale.order"

    priority_note = fields.Text(
        "Why this priority",
        compute="_compute_priority_note",
        groups="base.group_user",
    )

    @api.depends("priority_score", "priority_figures")
    @api.depends_context("lang", "tz")
    def _compute_priority_note(self):
        for order in self:
            # sudo: the name of a tier
            order.priority_note = order.sudo()._priority_words() if order.priority_score else False

    def _priority_words(self):
        figures = self.priority_figures or {}
        lines = [self.env._("Priority %s of 100", float_repr(self.priority_score, 1))]
        reasons = self._priority_reasons(figures)
        parts = figures.get("parts", {})
        for name in PARTS:
            points, most = parts.get(name, (0, 0))
            if most:
                what = self.env._(PARTS[name])
                line = self.env._(
                    "%(what)s: %(points)s of %(most)s",
                    what=what,
                    points=float_repr(points, 1),
                    most=float_repr(most, 1),
                )
                lines.append(f"{line} · {reasons[name]}" if reasons.get(name) else line)
        return "\n".join(lines)

    def _priority_reasons(self, figures):
        read = fields.Datetime.to_datetime
        confirmed, tier = read(figures.get("confirmed")), figures.get("tier")
        return {
            "urgency": self._urgency_reason(figures),
            "tier": tier and self.env["customer.tier"].browse(tier).exists().name,
            "slack": self._slack_reason(read(figures.get("leave_by"))),
            "age": confirmed and self.env._("confirmed on %s", format_date(self.env, confirmed)),
            "waiting": self._waiting_reason(figures),
        }

    def _slack_reason(self, leave_by):
        if not leave_by:
            return self.env._("nothing promised")
        return self.env._("has to leave by %s", format_datetime(self.env, leave_by, dt_format="short"))

    def _urgency_reason(self, figures):
        if figures.get("urgent"):
            return self.env._("urgent order")
        return self.env._("the transfer has a star") if figures.get("starred") else False

    def _waiting_reason(self, figures):
        reasons = []
        if figures.get("slips"):
            reasons.append(
                self.env._(
                    "promise moved back %(count)s times, %(days)s days in all",
                    count=figures["slips"],
                    days=figures["slip_days"],
                )
            )
        if figures.get("missed"):
            reasons.append(self.env._("departures missed: %s", figures["missed"]))
        return ", ".join(reasons)


class StockPicking(models.Model):
    _inherit = "stock.picking"

    priority_note = fields.Text(
        "Why this priority",
        compute="_compute_priority_note",
        compute_sudo=True,
        groups="base.group_user",
    )

    @api.depends("priority_score")
    @api.depends_context("lang", "tz")
    def _compute_priority_note(self):
        for picking in self:
            orders = picking.move_ids.sale_line_id.order_id if picking.priority_score else False
            order = orders and max(orders, key=lambda order: (order.priority_score, -order.id))
            picking.priority_note = order and (
                f"{order.name}\n{order.priority_note}" if len(orders) > 1 else order.priority_note
            )
