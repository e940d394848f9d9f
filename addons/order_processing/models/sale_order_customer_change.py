import hashlib
import json

from odoo import fields, models
from odoo.tools import SQL

from ..engine.customer_change import OVER, Answer, Kind, Policy, decide


class SaleOrder(models.Model):
    """What the customer may change of his order, and taking in what he wants changed."""

    _inherit = "sale.order"

    change_request_ids = fields.One2many(
        "order.change.request",
        "order_id",
        string="Changes asked for",
        groups="sales_team.group_sale_salesman",
    )
    change_request_id = fields.Many2one(
        "order.change.request",
        string="Change to decide on",
        compute="_compute_change_request_id",
        groups="sales_team.group_sale_salesman",
    )
    change_request_text = fields.Text(
        "What the customer asks for",
        compute="_compute_change_request_id",
        groups="sales_team.group_sale_salesman",
    )

    def _compute_change_request_id(self):
        found = {request.order_id: request for request in self._open_change_requests()}
        for order in self:
            request = found.get(order._origin, found.get(order))
            order.change_request_id = request
            order.change_request_text = request and (request.wish_text or request.note)

    def _open_change_requests(self):
        # sudo: who may read the order may know what its customer asks for
        domain = [("order_id", "in", self.ids), ("state", "=", "open")]
        return self.env["order.change.request"].sudo().search(domain)

    def action_view_change_request(self):
        self.check_access("read")
        self.env["order.change.request"].check_access("read")
        return self._open_change_requests().with_env(self.env)._get_records_action()

    def write(self, vals):
        result = super().write(vals)
        if vals.get("state") == "cancel":
            # Asked for or not, now it is cancelled.
            requests = self._open_change_requests()
            requests.filtered(lambda one: one.kind == "cancel")._close("accepted")
            requests.filtered(lambda one: one.kind != "cancel")._close("void")
        return result

    # ---------------------------------------------------------------- what is allowed
    def _may_change(self, user):
        """Tell whether ``user``, who can see the page, is shown the way to change the order.

        It is asked for with every page of an order, so it reads nothing else. The page of changes says of
        each kind whether it is done, asked for or too late.
        """
        # sudo: settings
        company = self.sudo().company_id
        is_over = self.processing_stage in OVER or self.fulfilment == "full"
        allowed = any(company[f"customer_may_{kind.value}"] != Policy.NEVER.value for kind in Kind)
        return allowed and not is_over and self._portal_is_followed() and self._may_choose(user)

    def _change_verdicts(self):
        """Return ``{kind: verdict}`` by where the order stands, whatever exactly is to be changed."""
        facts = self._change_facts()
        return {kind.value: self._change_verdict(kind, facts) for kind in Kind}

    def _change_verdict(self, kind, facts):
        # sudo: settings
        return decide(kind, Policy(self.sudo().company_id[f"customer_may_{kind.value}"]), facts)

    # ---------------------------------------------------------------- the version that was seen
    def _change_version(self):
        """Return a short digest of what the customer saw: a wish made on an older page is not done."""
        order = self.sudo()  # sudo: compared only
        verdicts = {kind: [one.answer.value, one.code] for kind, one in order._change_verdicts().items()}
        seen = [
            order.state,
            order.review_state,
            verdicts,
            order.partner_shipping_id.id,
            order.partner_shipping_id._address_digests(),
            str(order.requested_date),
            [line._seen() for line in order.order_line.sorted("id")],
            order._open_change_requests().ids,
        ]
        return hashlib.sha256(json.dumps(seen, default=str).encode()).hexdigest()[:20]

    def _lock_change(self):
        """Let nobody else change the order or begin to pick it until this is through.

        Written, not only locked: whoever waits works on what he has seen before, and has to begin again. That
        is the second of two tabs, and the warehouse that prints a list or starts a wave at this moment.
        """
        self.env.flush_all()
        moves = self.order_line.move_ids
        self.env.execute_query(SQL("UPDATE sale_order SET id = id WHERE id = %s RETURNING id", self.id))
        query = "UPDATE stock_picking SET id = id WHERE id = ANY(%s) RETURNING id"
        self.env.execute_query(SQL(query, moves.picking_id.ids))
        # Many orders share a wave: who changes another of them does not wait.
        query = "SELECT id FROM stock_picking_batch WHERE id = ANY(%s) FOR SHARE"
        self.env.execute_query(SQL(query, moves.picking_id.batch_id.ids))
        self.env.invalidate_all()

    # ---------------------------------------------------------------- taking it in
    def _customer_change(self, kind, wish, seen, user, note=""):
        """Do what the customer wants, or pass it on to a person; return what became of it.

        :param wish: plain values, read and checked by ``_read_wish``
        :param seen: the version of the page it was asked on
        :return: ``done``, ``asked``, ``stale`` (something has changed since) or ``no``
        """
        # sudo: a customer may not write on orders; what is done is what the company allows
        order, kind = self.sudo().with_company(self.company_id), Kind(kind)
        if not order._may_choose(user) or not order._is_wish_allowed(kind, wish, user):
            return "no"
        order._lock_change()
        if seen != order._change_version():
            return "stale"
        verdict = order._change_verdict(kind, order._wish_facts(kind, wish))
        if verdict.answer is Answer.NO:
            return "no"
        words, before = order._wish_words(kind, wish), order.amount_total
        if verdict.answer is Answer.DO and order._try("_carry_out_change", kind.value, wish, user):
            events = self.env["order.event"].with_user(user)
            events._log(order, f"changed_{kind.value}", {"wish": words}, audience="customer")
            order._tell_change(f"done_{kind.value}", words, is_less=order._is_less_due(before))
            order._tell_staff_of_change(kind.value, words)
            return "done"
        order._ask_for_change(kind, wish, words, verdict.code, user, note)
        return "asked"

    def _is_wish_allowed(self, kind, wish, user):
        """Goods go to addresses of the customer only, and only who is logged in says so."""
        if kind is not Kind.ADDRESS:
            return True
        return self._may_redirect(user) and ("new" in wish or bool(self._wished_place(wish)))

    def _ask_for_change(self, kind, wish, words, code, user, note):
        """Note the wish, and give it to the person responsible."""
        request = self.env["order.change.request"].create(
            {
                "order_id": self.id,
                "kind": kind.value,
                "wish": wish,
                "wish_text": words,
                "reason_code": code,
                "note": note,
                "asked_by": False if user._is_public() else user.name,
            }
        )
        figures = {"wish": words, "note": note}
        self.env["order.event"].with_user(user)._log(
            self, f"asked_{kind.value}", figures, audience="customer"
        )
        self._give_change_to_decide(request)


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _seen(self):
        """Return what of the line the customer sees where he changes it."""
        return [
            self.id,
            self.product_id.id,
            self.product_uom_id.id,
            self.product_uom_qty,
            self.price_unit,
            self.discount,
        ]
