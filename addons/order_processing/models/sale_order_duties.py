from odoo import SUPERUSER_ID, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools.translate import LazyTranslate

from .review_duties import ReviewDuties
from .sale_order_desk import WAITING_STATES

_lt = LazyTranslate(__name__)

TOUCHED = "order_processing.terms_when_touched"
ADDRESS_CODES = {"address_rewritten", "invoice_rewritten"}
# Why somebody may not decide on an order.
WHY_NOT = {
    "no_role": _lt("deciding on orders needs the role Reviewer in the company of %(order)s"),
    "own": _lt("%(order)s is yours, or you entered it: somebody else has to decide on it"),
    "raised": _lt(
        "%(order)s was yours, or you changed it in a way that raised its risk: somebody else has to decide"
        " on it"
    ),
    "approved_already": _lt("you have approved %(order)s at this stage; it takes another person now"),
    "other_stage": _lt("%(order)s is at the stage %(stage)s, where %(who)s decide"),
}


class SaleOrder(models.Model):
    """Separation of duties: who made an order or raised its risk does not decide on it."""

    _inherit = "sale.order"

    review_raised_by_ids = fields.Many2many(
        "res.users",
        "sale_order_review_raised_by_rel",
        string="Risk raised by",
        readonly=True,
        copy=False,
        groups="sales_team.group_sale_salesman",
        help="Raised its risk, or sold it before: they do not decide on it.",
    )

    def write(self, vals):
        self._check_may_move(vals)
        if "user_id" in vals:
            # Handing an order over is no way to decide on it.
            for salesperson, orders in self.sudo().grouped("user_id").items():
                if salesperson and salesperson.id != vals["user_id"]:
                    orders._add_raiser(salesperson.id)
        result = super().write(vals)
        if "user_id" in vals:
            # sudo: whoever gets it now may be the one who was to decide on it
            self.sudo()._undecided_steps_open()._assign()
        return result

    def _check_may_move(self, vals):
        """The sales team tells which stages an order comes to and who leads it: it stays while it waits."""
        if "team_id" not in vals or self.env.su or self._is_sales_manager():
            return
        for order in self.sudo():  # sudo: compared only
            if order.review_state in WAITING_STATES and order.team_id.id != vals["team_id"]:
                raise AccessError(
                    self.env._(
                        "%s waits for review: only a sales manager moves it to another sales team now.",
                        order.name,
                    )
                )

    # ---------------------------------------------------------------- may I?
    def _why_not_decide(self):
        """Return ``{order: code}`` of those of these orders the acting user may not decide on now."""
        self._note_raised()
        duties = ReviewDuties(self)
        codes = {order: duties.why_not(self.env.uid, order, order.review_step_id) for order in duties.orders}
        return {order.with_env(self.env): code for order, code in codes.items() if code}

    def _why_not_words(self, code):
        stage = self.sudo().review_stage_id  # sudo: told to whoever asks
        figures = {"order": self.name, "stage": stage.name or "–", "who": stage.who or "–"}
        template = self.env._(WHY_NOT[code])
        return template % figures

    def _check_may_decide(self):
        for order, code in self._why_not_decide().items():
            words = order._why_not_words(code)
            raise AccessError(self.env._("You may not decide here: %s.", words))

    # ---------------------------------------------------------------- who raised the risk
    def _touch(self):
        """Remember what these orders are like before the acting user changes them.

        At the end it is compared. Of who entered the order nothing needs to be known: they do not
        decide on it anyway; nor of the system. A salesperson may hand the order to another.
        """
        if self.env.su or self.env.uid == SUPERUSER_ID:
            return
        before = self.env.cr.precommit.data.setdefault(TOUCHED, {})
        orders = self.sudo().filtered(  # sudo: compared only
            lambda o: o.id and (o.id, self.env.uid) not in before and o.create_uid.id != self.env.uid
        )
        if orders and not before:
            self.env.cr.precommit.add(self.env["sale.order"].sudo()._note_raised)
        for order in orders:
            before[order.id, self.env.uid] = order._terms().to_json()

    def _note_raised(self):
        """Note who has raised the risk of an order in this transaction."""
        before = self.env.cr.precommit.data.pop(TOUCHED, {})
        known = set(self.sudo().browse({order_id for order_id, _user in before}).exists().ids)
        raised = {}
        for (order_id, user_id), terms in before.items():
            order = self.sudo().browse(order_id)
            if order_id in known and order._deviations_from(terms):
                raised[user_id] = raised.get(user_id, order.browse()) | order
        for user_id, orders in raised.items():
            orders._add_raiser(user_id)

    def _add_raiser(self, user_id):
        """Note that a person has raised the risk of these orders; portal users and the system are none."""
        user = self.env["res.users"].browse(user_id)
        if user_id == SUPERUSER_ID or user.share:
            return
        orders = self.sudo()  # sudo: guarded field; follows from the change
        news = orders.filtered(lambda order: user not in order.review_raised_by_ids)
        news.write({"review_raised_by_ids": [fields.Command.link(user_id)]})
        # Whoever was asked and has just raised the risk is asked no more.
        news._undecided_steps_open()._assign()

    def _note_address_raised(self, partner_ids):
        """The address of these contacts was rewritten by the acting user: of orders that are to go there."""
        places = self.env["res.partner"].sudo().search([("id", "child_of", partner_ids)]).ids
        domain = Domain("partner_shipping_id", "in", places) | Domain("partner_invoice_id", "in", places)
        # sudo: whoever may edit the address need not see the orders that go there
        orders = self.sudo().search(domain & Domain("review_state", "in", WAITING_STATES))
        raised = orders.filtered(lambda order: ADDRESS_CODES & order._codes_beyond())
        raised._add_raiser(self.env.uid)

    def _codes_beyond(self):
        """Return in what the order goes beyond what was cleared, or what it was when it was held."""
        beyond = self._deviations() if self.state == "sale" else self._deviations_since_hold()
        return {deviation.code for deviation in beyond or ()}
