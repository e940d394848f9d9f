from odoo import fields, models

from .inside import CHOSEN
from .takeover_facts import BEGUN

SLIP_ACTIVITY = "order_processing.mail_activity_type_promise"


class SaleOrder(models.Model):
    """What a customer may choose about goods that are missing, and carrying it out."""

    _inherit = "sale.order"

    shortage_ids = fields.One2many(
        "order.shortage",
        "order_id",
        string="Shortages",
        domain=[("state", "=", "open")],
        groups="sales_team.group_sale_salesman,stock.group_stock_user",
    )
    choice_offer_ids = fields.One2many(
        "order.choice.offer", "order_id", string="Choices offered", groups="sales_team.group_sale_salesman"
    )

    def action_view_shortages(self):
        self.check_access("read")
        self.env["order.shortage"].check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("order_processing.order_shortage_action")
        action.update(domain=[("order_id", "in", self.ids)], context={"search_default_open": 1})
        return action

    # ---------------------------------------------------------------- what is possible
    def _possible_choices(self):
        """Return what may be offered now, as plain values ``[{code, lines}]``; nothing if nothing is short.

        The caller may read everything (sudo).
        """
        self.ensure_one()
        short = self._short_lines()
        moves = self._moves_to_send()
        if self.state != "sale" or not short or not moves or self._is_on_review_hold():
            return []
        there = self._is_something_there(moves, short)
        simple = [one for one in short if one["simple"]]
        swaps = self._substitutes_for(simple)
        stays = there or self.fulfilment != "none"
        # Of a locked order no line is changed, and what somebody has gone to fetch is not called back.
        changeable, packing = not self.locked, self._is_being_packed()
        possible = (
            ("ship_now", there, []),
            ("wait_all", not packing, []),
            ("substitute", changeable and swaps, swaps),
            ("cancel_missing", changeable and stays and len(simple) == len(short), simple),
            ("cancel", changeable and not packing and not self._is_picked_here(), []),
        )
        return [{"code": code, "lines": lines} for code, is_possible, lines in possible if is_possible]

    def _short_lines(self):
        """Return what is short by line: its id, the quantity in the product's unit, whether it is no kit."""
        return [
            {
                "line": line.id,
                "product": line.product_id.id,
                "quantity": sum(group.mapped("quantity")),
                "simple": group.product_id == line.product_id,
            }
            for line, group in self.shortage_ids.grouped("line_id").items()
        ]

    def _moves_to_send(self):
        """Return the moves that take goods of the order from the shelf and are not done."""
        return self._moves_out().filtered(
            lambda move: move.state in ("confirmed", "partially_available", "assigned")
            and not move.move_orig_ids
        )

    @staticmethod
    def _is_something_there(moves, short):
        """Tell whether something can go now; half a kit cannot."""
        missing = {one["line"]: one for one in short}
        for line, group in moves.grouped("sale_line_id").items():
            one = missing.get(line.id)
            there = sum(group.mapped("product_qty")) - (one["quantity"] if one else 0.0)
            if not one or (one["simple"] and line.product_id.uom_id.compare(there, 0.0) > 0):
                return True
        return False

    def _is_picked_here(self):
        return any(move._progress() == "picked" for move in self._moves_out())

    def _is_being_packed(self):
        transfers = self._moves_to_send().picking_id
        return any(picking.printed or picking.batch_id.state in BEGUN for picking in transfers)

    def _may_choose(self, user):
        """Tell whether ``user``, who has the link or sees the page, is the customer and no colleague."""
        person = user.sudo().partner_id.commercial_partner_id  # sudo: compared only
        return not user._is_internal() or person == self.partner_id.commercial_partner_id

    # ---------------------------------------------------------------- carrying out
    def _carry_out_choice(self, option):
        """Do what was offered, then look at stock and dates again."""
        getattr(self, f"_choose_{option['code']}")(option["lines"])
        lines = self.order_line
        self.env["order.shortage"]._update(lines.product_id | lines.move_ids.product_id, self._shelves())
        self._promise_again("customer_choice")

    def _shelves(self):
        return self.order_line.move_ids.location_id.warehouse_id | self.warehouse_id

    def _choose_ship_now(self, _lines):
        """What is there goes in a transfer of its own; the rest waits in another."""
        self._set_policy("direct")
        self._moves_to_send()._action_assign()
        for picking in self._moves_to_send().picking_id:
            picking._split_off_what_is_missing()

    def _choose_wait_all(self, _lines):
        self._set_policy("one")

    def _set_policy(self, policy):
        self.picking_policy = policy
        self._moves_to_send().picking_id.write({"move_type": policy})

    def _choose_cancel_missing(self, lines):
        for one in lines:
            self._give_up(self.order_line.browse(one["line"]), one["quantity"])

    def _choose_cancel(self, _lines):
        """Cancel what has not left; what has left stays sold."""
        # What is paid or posted is a person's to refund: the order stays until then.
        if self.fulfilment == "none" and not self._is_paid_or_posted():
            self._action_cancel()
            # Last, as it cannot be taken back: what is only reserved on a card.
            self.transaction_ids.filtered(lambda tx: tx.state == "authorized").action_void()
            return
        self._cancel_open_transfers()
        self.invoice_ids.filtered(lambda move: move.state == "draft").button_cancel()
        self._reduce_to_what_left()

    def _is_paid_or_posted(self):
        return bool(
            self.transaction_ids.filtered(lambda tx: tx.state == "done")
            or self.invoice_ids.filtered(lambda move: move.state == "posted")
        )

    def _give_up(self, line, quantity):
        """Order so much less of a line, taking away what is not there; return how much that was.

        :param quantity: in the unit of the product
        """
        unit, left = line.product_id.uom_id, quantity
        for move in self._moves_to_send().filtered(lambda m: m.sale_line_id == line):
            missing = move.product_qty - sum(move.move_line_ids.mapped("quantity_product_uom"))
            taken = min(missing, left)
            if unit.compare(taken, 0.0) > 0:
                move._split_off(taken)._action_cancel()
                left -= taken
        given_up = unit.round(quantity - left)
        reduced = unit._compute_quantity(given_up, line.product_uom_id)
        line._order_less(line.product_uom_qty - reduced)
        return given_up

    # ---------------------------------------------------------------- the gate
    def _review_after_change(self):
        """What we have offered is not held because the customer takes it; it is cleared when it is done."""
        if self.env.context.get("customer_choice") is CHOSEN:
            return None
        return super()._review_after_change()

    def _rules_that_hold(self):
        """Return ``{rule id: what it found}`` of the rules that hold the order as it is."""
        return {rule.id: found for rule, found in self._holding(self._review_findings()).get(self.id, ())}

    def _clear_as_chosen(self, lines, before):
        """Clear what was offered and taken; whatever else holds now is a reviewer's, as ever.

        :param lines: the substitutes, and what is kept of what was ordered: their prices are our offer
        :param before: the ids of the rules that held before, and were answered
        """
        if not self.review_clearance:
            return
        news = {rule: found for rule, found in self._rules_that_hold().items() if rule not in before}
        if all(_is_offered_price(found, lines.ids) for found in news.values()):
            self._clear("approved" if self.review_state == "approved" else "not_required")
        else:
            self._review_after_change()

    # ---------------------------------------------------------------- telling
    def _choice_figures(self, option):
        """Return what the timeline tells, as plain values."""
        products = self.env["product.product"].browse(one["product"] for one in option["lines"])
        instead = products.browse(one.get("substitute") for one in option["lines"] if one.get("substitute"))
        return {
            "products": ", ".join(products.mapped("display_name")),
            "substitutes": ", ".join(instead.mapped("display_name")),
        }

    def _person_in_charge(self):
        """Return who sees to what cannot be done by itself: orders of web shops have no salesperson."""
        managers = self.env.ref("sales_team.group_sale_manager").all_user_ids.sorted("id")
        named = self.user_id, self.team_id.user_id, self.company_id.shortage_user_id
        people = (*named, *managers, self.env.ref("base.user_admin"))
        return next((user for user in people if self._can_see_to_it(user)), self.env.ref("base.user_admin"))

    def _can_see_to_it(self, user):
        if not (user.active and not user.share and self.company_id in user.company_ids):
            return False
        there = self.with_user(user).with_context(allowed_company_ids=self.company_id.ids)
        return there.has_access("read")

    def _tell_salesperson_of_choice(self, offer):
        """Let the salesperson know; where somebody has still to do something, as an activity."""
        user = self._person_in_charge()
        if offer.is_carried_out:
            self.activity_unlink([SLIP_ACTIVITY])  # the customer knows, and has answered
        reader = self.with_context(lang=user.lang or self.env.lang, tz=user.tz)
        chosen = dict(offer._fields["choice"]._description_selection(reader.env))[offer.choice]
        text = reader.env._("The customer has chosen: %s", chosen)
        # Voiding what was only authorized is asked for: until it is done, somebody looks after it.
        paid = self._payments() or self._is_paid_or_posted()
        if not offer.is_carried_out:
            todo = reader.env._("It could not be done by itself. Please do it by hand.")
        elif offer.choice in ("cancel", "cancel_missing", "substitute") and paid:
            todo = reader.env._("It is paid or invoiced: see to the refund.")
        else:
            self.message_notify(
                partner_ids=user.partner_id.ids,
                subject=f"{self.name}: {text}",
                body=text,
                author_id=self.partner_id.id,
            )
            return
        reader.activity_schedule("mail.mail_activity_data_todo", summary=text, note=todo, user_id=user.id)


def _is_offered_price(found, line_ids):
    """Tell whether a rule holds only because these lines are not at the price of the price list."""
    if found.code not in ("price_off_list", "price_off_list_more"):
        return False
    # Of each line that is off, the sizes say by how much: "below:7", "amount:7".
    return {int(name.partition(":")[2]) for name in found.sizes} <= set(line_ids)
