from odoo import api, fields, models

# What customers choose about. A new date agreed is part of the problem it ends.
CHOSEN = [
    ("accepted", "Order received and accepted"),
    ("promise", "Another delivery date"),
    ("shipped", "Order sent"),
    ("out_for_delivery", "Out for delivery"),
    ("available_for_pickup", "Ready to be collected"),
    ("attempt_failed", "Delivery attempt failed"),
    ("delivered", "Delivered"),
    ("parcel_problem", "Problem with a parcel"),
]
GOVERNED_BY = {"parcel_new_date": "parcel_problem"}
# What a company may insist on: what was agreed, and that it has changed.
REQUIRED = {"accepted", "promise"}
# Messages outside of the outbox: by e-mail, with the companies' switches for them.
OTHER_SWITCHES = {"accepted": {"mail": ["tell_received"]}, "promise": {"mail": ["tell_promise"]}}
STAFF = "sales_team.group_sale_salesman,stock.group_stock_user,base.group_partner_manager"


class OrderNotificationPreference(models.Model):
    """What a customer wants to hear of by which medium; of what he has not chosen he hears as the company
    has switched it on."""

    _name = "order.notification.preference"
    _description = "Messages a Customer Wants"
    _order = "partner_id, kind"
    _rec_name = "kind"

    partner_id = fields.Many2one("res.partner", "Customer", required=True, index=True, ondelete="cascade")
    kind = fields.Selection(CHOSEN, "Message", required=True)
    medium = fields.Selection(
        [("mail", "By e-mail only"), ("sms", "By SMS only"), ("none", "Not at all")],
        "How",
        required=True,
        default="none",
    )

    _once = models.Constraint("UNIQUE(partner_id, kind)", "A customer chooses once for each kind of message.")

    @api.model
    def _merge(self, partners, into):
        """Keep one choice for each kind where contacts become one: its own, else the oldest of theirs.

        Odoo throws all of them away where two are about the same.
        """
        found = self.search([("partner_id", "in", (partners | into).ids)], order="id")
        for same in found.grouped("kind").values():
            kept = same.filtered(lambda one: one.partner_id == into) or same[0]
            (same - kept).unlink()
        self.env.flush_all()


class ResPartner(models.Model):
    """What was chosen for a company holds for its contacts that have chosen nothing themselves."""

    _inherit = "res.partner"

    message_preference_ids = fields.One2many(
        "order.notification.preference", "partner_id", "Messages wanted", groups=STAFF
    )
    message_digest = fields.Selection(
        [("each", "A message for each"), ("daily", "One e-mail a day")],
        "News of parcels",
        groups=STAFF,
        help="Empty: as the company has chosen for everybody.",
    )

    def _wants(self, kind, medium, company):
        """Tell whether the customer wants to hear of it by this medium."""
        if company.messages_required and kind in REQUIRED:
            return True
        choice = self._message_choice(GOVERNED_BY.get(kind, kind))
        return not choice or choice == medium

    def _message_choice(self, kind):
        """Return the medium chosen for these messages; nothing where nobody has chosen."""
        partner = self.sudo()  # sudo: who sends need not see what customers have chosen
        for one in partner, partner.commercial_partner_id:
            for preference in one.message_preference_ids:
                if preference.kind == kind:
                    return preference.medium
        return False

    def _wants_digest(self, company):
        partner = self.sudo()  # sudo: see above
        chosen = partner.message_digest or partner.commercial_partner_id.message_digest
        return (chosen or company.messages_digest) == "daily"


class OrderNotification(models.Model):
    _inherit = "order.notification"

    def _why_not(self):
        # Also of what was noted before the customer said so.
        if self.kind != "digest" and not self.partner_id._wants(self.kind, self.medium, self.company_id):
            return "not_wanted"
        return super()._why_not()


class SaleOrder(models.Model):
    """Messages outside of the outbox that customers may do without. A question is always asked."""

    _inherit = "sale.order"

    def _tell_customer(self, what, reason=""):
        orders = self._wanting("accepted") if what == "received" else self
        return super(SaleOrder, orders)._tell_customer(what, reason)

    def _told_of_promises(self):
        return super()._told_of_promises()._wanting("promise")

    def _wanting(self, kind):
        orders = self.sudo()  # sudo: settings and what customers have chosen, whoever submits
        return self.browse(
            order.id for order in orders if order.partner_id._wants(kind, "mail", order.company_id)
        )
