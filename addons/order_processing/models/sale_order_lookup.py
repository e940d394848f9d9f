from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL
from odoo.tools.misc import hash_sign, verify_hash_signed

from ..engine.lookup import (
    LAST_DIGITS,
    LONGEST_CONTACT,
    LONGEST_NUMBER,
    SLOTS,
    Contact,
    contact_key,
    last_digits,
    number_key,
    order_of,
)

SCOPE = "order_processing.lookup"
MINUTES = 30
# In one query, so that an order that is not there and one of somebody else cost the same. An order's own
# number goes before a number its customer gave it; of several under one number the newest. Many customers
# call an order "1": those that may be meant go first.
CONTACTS = """
SELECT orders.id, partner.email_normalized, partner.phone, country.code
  FROM (SELECT id, company_id, partner_id, partner_shipping_id, partner_invoice_id,
               lower(name) = ANY(%(keys)s) AS is_name
          FROM sale_order
         WHERE (lower(name) = ANY(%(keys)s) OR lower(client_order_ref) = ANY(%(keys)s)
                OR lower(channel_ref) = ANY(%(keys)s))
           AND submitted_at IS NOT NULL) AS orders
  JOIN res_company company ON company.id = orders.company_id AND company.guest_lookup AND company.active
  JOIN res_partner ours ON ours.id = company.partner_id
  JOIN res_partner partner
    ON partner.id IN (orders.partner_id, orders.partner_shipping_id, orders.partner_invoice_id)
  LEFT JOIN res_country country ON country.id = COALESCE(partner.country_id, ours.country_id)
 ORDER BY (COALESCE(partner.email_normalized, '') = %(contact)s
           OR right(regexp_replace(COALESCE(partner.phone, ''), '[^0-9]', '', 'g'), %(last)s) = %(digits)s
          ) DESC,
          orders.is_name DESC, orders.id DESC, partner.id
 LIMIT %(slots)s"""


class SaleOrder(models.Model):
    """Where an order stands, for who knows its number and how its customer is reached, without log-in."""

    _inherit = "sale.order"

    _lower_name = models.Index("(lower(name))")
    _lower_client_ref = models.Index("(lower(client_order_ref)) WHERE client_order_ref IS NOT NULL")
    _lower_channel_ref = models.Index("(lower(channel_ref)) WHERE channel_ref IS NOT NULL")

    @api.model
    def _look_up(self, number, contact):
        """Return the order, with all rights, or none; the same work either way."""
        self.flush_model(["name", "client_order_ref", "channel_ref", "submitted_at", "partner_id"])
        self.env["res.partner"].flush_model(["email_normalized", "phone", "country_id"])
        key, typed = number_key(number), contact_key(contact)
        digits = last_digits(typed)
        query = SQL(
            CONTACTS, keys=[key, f"#{key}"], contact=typed, digits=digits, last=LAST_DIGITS, slots=SLOTS
        )
        rows = [Contact(*row) for row in self.env.execute_query(query)]
        found = order_of(typed, rows)
        is_asked = len(number) <= LONGEST_NUMBER and len(contact) <= LONGEST_CONTACT and key
        # sudo: number and contact are the right to what little is shown
        order = self.sudo().browse(found if found and is_asked else ())
        return order.filtered(lambda one: one._portal_is_followed())

    # ---------------------------------------------------------------- the short-lived link
    def _lookup_token(self):
        # sudo: the secret; the settings
        minutes = self.env["ir.config_parameter"].sudo().get_param("order_processing.guest_lookup_minutes")
        minutes = int(minutes) if (minutes or "").isdigit() else MINUTES
        return hash_sign(self.sudo().env, SCOPE, [self.id], expiration=timedelta(minutes=max(1, minutes)))

    @api.model
    def _of_lookup_token(self, token):
        """Return the order a link was given out for, with all rights; none if it is forged or too old."""
        try:
            values = verify_hash_signed(self.sudo().env, SCOPE, token)  # sudo: the secret
        except ValueError:  # not even a token
            values = None
        # sudo: the signature is the right to what little is shown
        order = self.sudo().browse(values or ()).exists()
        return order.filtered(lambda one: one.company_id.guest_lookup and one._portal_is_followed())

    # ---------------------------------------------------------------- what is shown
    def _lookup_page(self):
        """Return what may be shown to who has looked the order up: no prices, names, addresses, papers."""
        self.ensure_one()
        promise = self._portal_promise()
        day, moment = self._portal_clock(self.env.user)
        return {
            "number": self.name,
            "steps": self._portal_steps(),
            "sentence": self._lookup_sentence(),
            "promise": {name: promise.get(name) for name in ("date", "before", "reason")},
            "needs": self._lookup_needs(promise),
            "parcels": self._lookup_parcels(),
            "day": day,
            "moment": moment,
        }

    def _lookup_sentence(self):
        # What a reviewer has asked stands on the page of the order; here only that he has.
        if self.review_state == "changes_requested" and self.state != "cancel":
            return self.env._("We are checking your order, and have a question about it.")
        return self._portal_sentence()

    def _lookup_needs(self, promise):
        """Return in sentences what the customer is asked for; what it is about stands in our message."""
        needs = []
        if self.review_state == "changes_requested" and self.state != "cancel":
            needs.append(self.env._("Please answer our question: use the link in our message, or log in."))
        if promise.get("choices"):
            needs.append(
                self.env._(
                    "Some goods come later. You may choose what we do: use the link in our message, or"
                    " log in."
                )
            )
        if self._has_to_be_paid():
            needs.append(self.env._("A payment is due: use the link in our message, or log in."))
        return needs

    def _lookup_parcels(self):
        """Return what has left for the customer, as his own page shows it, without the carriers' words."""
        return [
            {**shipment, "parcels": [self._lookup_parcel(parcel) for parcel in shipment["parcels"]]}
            for shipment in self._portal_shipments()
        ]

    def _lookup_parcel(self, parcel):
        """Return a parcel without the carrier's own words: they may name who has taken it, and where."""
        last, before = parcel["last"], parcel["before"]
        return {
            **parcel,
            "last": last and {**last, "text": last["label"]},
            "before": [{**scan, "text": scan["label"]} for scan in before],
        }
