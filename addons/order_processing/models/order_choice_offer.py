from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import hash_sign, verify_hash_signed

CHOICES = [
    ("ship_now", "Send what is there now"),
    ("wait_all", "Wait and send everything together"),
    ("substitute", "Take the substitute"),
    ("cancel_missing", "Cancel what is missing"),
    ("cancel", "Cancel what has not been sent"),
]
CODES = dict(CHOICES)
STATES = [("open", "Open"), ("chosen", "Chosen"), ("withdrawn", "Withdrawn")]
SCOPE = "order_processing.choice"


class OrderChoiceOffer(models.Model):
    """What a customer may choose when goods come later than promised: offered once, chosen once.

    The links are signed over order, offer, choice and expiry; whoever has one has got it from us. A newer
    offer takes the place of an older one, whose links then do nothing any more.
    """

    _name = "order.choice.offer"
    _description = "Choices Offered to a Customer"
    _order = "id desc"
    _rec_name = "order_id"

    order_id = fields.Many2one("sale.order", required=True, ondelete="cascade", index=True, readonly=True)
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="order_id.partner_id", store=True)
    expires_at = fields.Datetime("Open until", required=True, readonly=True)
    options = fields.Json(readonly=True, help="What was offered: each with its lines and prices.")
    options_text = fields.Char("Offered", compute="_compute_options_text")
    state = fields.Selection(STATES, required=True, default="open", readonly=True)
    choice = fields.Selection(CHOICES, string="Chosen", readonly=True)
    chosen_at = fields.Datetime("Chosen on", readonly=True)
    chosen_by = fields.Char(
        readonly=True, help="Who was logged in; without log-in it was the link of a mail."
    )
    is_carried_out = fields.Boolean("Carried out", readonly=True, help="If not, a person has to do it.")

    _one_open = models.UniqueIndex("(order_id) WHERE state = 'open'")

    @api.depends("options")
    @api.depends_context("lang")
    def _compute_options_text(self):
        words = dict(self._fields["choice"]._description_selection(self.env))
        for offer in self:
            offer.options_text = "; ".join(
                words[one["code"]] for one in offer.options or () if one["code"] in words
            )

    # ---------------------------------------------------------------- offering
    @api.model
    def _offer(self, orders):
        """Offer each order's customer what is possible now, in place of what was offered before."""
        orders = orders.sudo().filtered(lambda order: order.company_id.offers_choices)  # sudo: settings
        possible = {order: order._possible_choices() for order in orders}
        withdrawn = self._open_offers(orders)
        withdrawn.write({"state": "withdrawn"})
        withdrawn.flush_recordset(["state"])  # before the new ones: only one may be open
        now = fields.Datetime.now()
        return self.sudo().create(  # sudo: nobody makes offers by hand
            [
                {
                    "order_id": order.id,
                    "expires_at": now + timedelta(days=order.company_id.choice_days),
                    "options": options,
                }
                for order, options in possible.items()
                if options
            ]
        )

    def _open_offers(self, orders):
        domain = Domain("order_id", "in", orders.ids) & Domain("state", "=", "open")
        return self.sudo().search(domain)  # sudo: who may read the order may read what it offers

    def _is_open(self):
        # sudo: company settings
        wanted = self.sudo().company_id.offers_choices
        return wanted and self.state == "open" and self.expires_at > fields.Datetime.now()

    def _option(self, code):
        return next((one for one in self.options or () if one["code"] == code), None)

    # ---------------------------------------------------------------- signed links
    def _token(self, code):
        values = [self.order_id.id, self.id, code]
        return hash_sign(self.sudo().env, SCOPE, values, expiration=self.expires_at)  # sudo: the secret

    def _url(self, code):
        return f"{self.order_id.get_base_url()}/order/choice/{self._token(code)}"

    @api.model
    def _of_token(self, token):
        """Return ``(offer, choice)`` that a link speaks of; an empty offer when it is forged or too old."""
        nothing = self.browse(), None
        try:
            values = verify_hash_signed(self.sudo().env, SCOPE, token)  # sudo: the secret
        except ValueError:  # not even a token
            return nothing
        if not values:
            return nothing
        order_id, offer_id, code = values
        offer = self.sudo().browse(offer_id).exists()  # sudo: the signature is the right to it
        if offer.order_id.id != order_id or code not in CODES:
            return nothing
        return offer, code

    # ---------------------------------------------------------------- choosing
    def _closed_because(self, code):
        """Return why this cannot be chosen (any more), or None where it can."""
        if self.state == "chosen":
            return "chosen"
        if self.order_id.state != "sale" or self.order_id._is_on_review_hold():
            return "closed"
        if not self._is_open():
            return "expired"
        possible = {one["code"]: one for one in self.order_id._possible_choices()}
        offered = self._option(code)
        if not offered or code not in possible:
            return "gone"
        # What is there instead may be another product now, or enough of it for less.
        is_same = code != "substitute" or _swaps(offered) <= _swaps(possible[code])
        return None if is_same else "gone"

    def _lock(self):
        # Two clicks at once: the second waits, is tried again by Odoo, and finds that all is chosen.
        query = SQL("SELECT id FROM order_choice_offer WHERE id = %s FOR UPDATE", self.id)
        self.env.execute_query(query)
        self.invalidate_recordset()

    def _choose(self, code, user):
        """Carry out what the customer has chosen, once; return whether it was still open."""
        self._lock()
        if self._closed_because(code):
            return False
        order = self.order_id.with_company(self.company_id)
        self.write(
            {
                "state": "chosen",
                "choice": code,
                "chosen_at": fields.Datetime.now(),
                "chosen_by": False if user._is_public() else user.name,
            }
        )
        self.is_carried_out = order._try("_carry_out_choice", self._option(code))
        events = self.env["order.event"].with_user(user)
        events._log(order, f"chose_{code}", order._choice_figures(self._option(code)), audience="customer")
        order._tell_salesperson_of_choice(self)
        return True


def _swaps(option):
    return {(one["line"], one["substitute"], round(one["quantity"], 6)) for one in option["lines"]}
