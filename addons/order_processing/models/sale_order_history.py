from odoo import models

# What the timeline tells of a change, beside the lines: field and the code its words are found by.
TERMS = {
    "partner_id": "customer",
    "partner_shipping_id": "address",
    "partner_invoice_id": "invoice_address",
    "pricelist_id": "pricelist",
    "payment_term_id": "payment_terms",
}
LINE_TERMS = ("product", "quantity", "unit", "price", "discount")
BEFORE = "order_processing.terms_before"


class SaleOrder(models.Model):
    """Before and after of what is changed on an order that was handed in, in its timeline.

    What an order was like is remembered when it is first written to; at the end of the transaction
    it is compared, and one event per order tells what is different. What was changed and changed
    back is nobody's business, and an order nobody has handed in has no history.
    """

    _inherit = "sale.order"

    def write(self, vals):
        if names := TERMS.keys() & vals.keys():
            before = self._terms_before()
            for order in self.sudo().filtered("submitted_at"):  # sudo: what is noted follows from the change
                for name in names:
                    before.setdefault((order.id, name), order[name].id)
        return super().write(vals)

    def _terms_before(self):
        before = self.env.cr.precommit.data.setdefault(BEFORE, {})
        if not before:
            self.env.cr.precommit.add(self._log_changes)
        return before

    def _remember_lines(self, lines, new=False):
        """Keep what ``lines`` of these orders say now; ``new`` ones said nothing before."""
        submitted = self.sudo().filtered("submitted_at")  # sudo: what is noted follows from the change
        if not submitted:
            return
        before = self._terms_before()
        for line in lines.sudo():
            if line.order_id in submitted and not line.display_type:
                before.setdefault(line.id, None if new else line._terms_for_history())

    def _log_changes(self):
        before = self.env.cr.precommit.data.pop(BEFORE, {})
        changes = {}
        lines = {key: terms for key, terms in before.items() if isinstance(key, int)}
        for order_id, what in self._line_changes(lines) + self._term_changes(before.keys() - lines, before):
            changes.setdefault(order_id, []).append(what)
        orders = self.sudo().browse(changes).exists().filtered("submitted_at")
        data = {order.id: {"changes": changes[order.id]} for order in orders}
        self.env["order.event"]._log(orders, "changed", data)

    def _line_changes(self, before):
        """Return ``(order id, change)`` for each thing that is different on a line."""
        lines = self.env["sale.order.line"].sudo().browse(before).exists()
        now = {line.id: line._terms_for_history() for line in lines}
        found = []
        for line_id, old in before.items():
            new = now.get(line_id)
            if old and new and old["order"] == new["order"]:
                found += [
                    (
                        new["order"],
                        {"what": name, "of": new["product"], "before": old[name], "after": new[name]},
                    )
                    for name in LINE_TERMS
                    if _differs(old[name], new[name])
                ]
                continue
            if old:
                found.append((old["order"], {"what": "removed", "of": old["product"], **_figures(old)}))
            if new:
                found.append((new["order"], {"what": "added", "of": new["product"], **_figures(new)}))
        return found

    def _term_changes(self, keys, before):
        orders = self.sudo().browse({order_id for order_id, _name in keys}).exists()
        found = []
        for order in orders:
            for name, what in TERMS.items():
                key = (order.id, name)
                if key in keys and order[name].id != before[key]:
                    old = order[name].browse(before[key]).exists()
                    change = {"what": what, "before": old.display_name, "after": order[name].display_name}
                    found.append((order.id, change))
        return found


def _differs(old, new):
    return abs(old - new) > 1e-6 if isinstance(old, float) else old != new


def _figures(terms):
    return {"quantity": terms["quantity"], "price": terms["price"]}
