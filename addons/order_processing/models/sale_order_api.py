import hashlib
import json
from datetime import datetime, timezone

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, UserError
from odoo.tools import email_normalize

ADDRESS_FIELDS = ("name", "street", "street2", "city", "zip", "email", "phone", "vat", "ref")
CHANNEL_REF_INDEX = "sale_order_channel_ref_uniq"


class SaleOrder(models.Model):
    """Orders from other systems: one call to place one, one to ask for it. Described in docs/api.md."""

    _inherit = "sale.order"

    @api.model
    def place_order(self, payload):
        """Enter an order of a channel, once, and submit it.

        Calling again with the same ``channel`` and ``ref`` enters nothing: it answers with the
        order that is there, and says ``conflict`` when the content differs.
        """
        return self._place_orders([payload])[0]

    @api.model
    def order_status(self, channel, ref):
        """Return where an order stands, by the number it has at its channel."""
        order = self.search(
            [
                ("company_id", "=", self.env.company.id),
                ("channel_id.code", "=", channel),
                ("channel_ref", "=", ref),
            ],
            limit=1,
        )
        if not order:
            raise UserError(
                self.env._("There is no order %(ref)s of the channel %(channel)s.", ref=ref, channel=channel)
            )
        return order._status_values()

    @api.model
    def _place_orders(self, payloads):
        """Enter many orders with a constant number of look-ups; answer one result each, in order."""
        self.check_access("create")
        intake = _Intake(self, payloads)
        results = [intake.existing_result(payload) for payload in intake.payloads]
        todo = [index for index, result in enumerate(results) if result is None]
        vals_list = [intake.order_vals(intake.payloads[index]) for index in todo]
        orders = self._create_once(vals_list)
        for index, order in zip(todo, orders, strict=True):
            order.sudo().channel_digest = intake.digest(intake.payloads[index])  # sudo: guarded field
        to_submit = [i for i, index in enumerate(todo) if intake.payloads[index].get("submit", True)]
        self.browse(orders[i].id for i in to_submit).action_submit()
        for index, order in zip(todo, orders, strict=True):
            results[index] = {**order._status_values(), "created": True, "conflict": False}
        return results

    @api.model
    def _known_payloads(self, payloads):
        """Return for each payload ``new``, ``known``, or ``differs`` (another order has its number)."""
        intake = _Intake(self, payloads)
        return [intake.known_as(payload) for payload in intake.payloads]

    def _create_once(self, vals_list):
        """Create orders; when another transaction has just entered one of them, start over and find it."""
        try:
            with self.env.cr.savepoint():
                return self.create(vals_list)
        except psycopg2.errors.UniqueViolation as error:
            if error.diag.constraint_name != CHANNEL_REF_INDEX:
                raise
            # Our snapshot cannot see the other order: only a new transaction can.
            raise ConcurrencyError("the same order arrived twice at the same moment") from error

    def _status_values(self):
        self.ensure_one()
        stages = dict(self._fields["processing_stage"]._description_selection(self.env))
        return {
            "id": self.id,
            "order": self.name,
            "channel": self.channel_id.code,
            "ref": self.channel_ref,
            "stage": self.processing_stage,
            "stage_label": stages[self.processing_stage],
            "fulfilment": self.fulfilment,
            "reserved": self.reservation_state,
            "review_state": self.review_state,
            "held_because": self.review_hold_reason or "",
            "amount_total": self.amount_total,
            "currency": self.currency_id.name,
            "promised_date": fields.Datetime.to_string(self.commitment_date) or None,
            # sudo: who may read the order may follow its parcels
            "shipments": [shipment._status_values(self) for shipment in self.sudo().shipment_ids],
        }


class OrderShipment(models.Model):
    _inherit = "order.shipment"

    def _status_values(self, order):
        return {
            "name": self._name_for(order),
            "carrier": self.carrier_id.name or None,
            "tracking_number": self._numbers_for(order) or None,
            "tracking_url": next((url for _number, url in self._tracking_links(order) if url), None),
            "status": self.status,
            "shipped_at": fields.Datetime.to_string(self.shipped_at) or None,
            "delivered_at": fields.Datetime.to_string(self.delivered_at) or None,
        }


class _Intake:
    """What a batch of payloads refers to, looked up together; refuses what it cannot understand, by name."""

    def __init__(self, orders, payloads):
        self.orders, self.env = orders, orders.env
        self.payloads = [self._checked(payload) for payload in payloads]
        self.channels = {code: self._channel(code) for code in {p["channel"] for p in self.payloads}}
        self.products = self._products()
        self.customers = self._customers()
        self.existing = self._existing()

    # ---------------------------------------------------------------- understanding
    def _fail(self, payload, message):
        ref = payload.get("ref") if isinstance(payload, dict) else "?"
        raise UserError(self.env._("Order %(ref)s was not entered: %(why)s", ref=ref or "?", why=message))

    def _checked(self, payload):
        if not isinstance(payload, dict):
            self._fail(
                payload, self.env._("the payload must be an object with channel, ref, customer and lines.")
            )
        for name in ("channel", "ref"):
            if not isinstance(payload.get(name), str) or not payload[name].strip():
                self._fail(payload, self.env._("%s is missing. It must be a text.", name))
        if not isinstance(payload.get("customer"), dict):
            self._fail(
                payload, self.env._("customer is missing. Give its id, ref or e-mail, or name and address.")
            )
        if not isinstance(payload.get("lines"), list) or not payload["lines"]:
            self._fail(
                payload,
                self.env._("lines is missing. An order needs at least one line with sku and quantity."),
            )
        for number, line in enumerate(payload["lines"], 1):
            self._check_line(payload, number, line)
        self._check_optional(payload)
        return payload

    def _check_optional(self, payload):
        if payload.get("urgency", "normal") not in ("normal", "urgent"):
            self._fail(payload, self.env._("urgency must be normal or urgent."))
        for name in ("customer_reference", "packing_instruction", "gift_note", "note"):
            if not isinstance(payload.get(name) or "", str):
                self._fail(payload, self.env._("%s must be a text.", name))
        if payload.get("no_substitutes") not in (None, True, False):
            self._fail(payload, self.env._("no_substitutes must be true or false."))
        if not isinstance(payload.get("delivery_address") or {}, dict):
            why = self.env._("delivery_address must be an object with name, street, zip, city, country.")
            self._fail(payload, why)

    def _check_line(self, payload, number, line):
        if not isinstance(line, dict) or not isinstance(line.get("sku"), str) or not line["sku"].strip():
            self._fail(payload, self.env._("line %s has no sku.", number))
        for name in ("quantity", "price"):
            value = line.get(name)
            if value is None and name == "price":
                continue
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e12:
                self._fail(
                    payload,
                    self.env._(
                        "%(name)s of line %(number)s must be a number of 0 or more.", name=name, number=number
                    ),
                )
        if not line["quantity"]:
            self._fail(payload, self.env._("quantity of line %s must be more than 0.", number))

    def _channel(self, code):
        channel = self.env["order.channel"]._for_code(code, self.env.company)
        if not channel:
            raise UserError(
                self.env._(
                    "There is no channel with the code %s. Create it under Order Processing / Configuration.",
                    code,
                )
            )
        return channel

    def _ours(self):
        """Return the condition for what this company may use: its own, and what companies share."""
        return ("company_id", "in", (self.env.company.id, False))

    def _products(self):
        skus = {line["sku"].strip() for payload in self.payloads for line in payload["lines"]}
        products = self.env["product.product"].search_fetch(
            [("default_code", "in", list(skus)), self._ours()], ["default_code", "sale_ok"]
        )
        return products.grouped("default_code")

    def _customers(self):
        """Return the known customers by ``("ref", …)`` and ``("email", …)``, the oldest before others."""
        given = [payload["customer"] for payload in self.payloads]
        refs = {data["ref"] for data in given if isinstance(data.get("ref"), str)} - {""}
        emails = {email for data in given if (email := self._email(data))}
        Partner = self.env["res.partner"]
        by_ref = Partner.search_fetch([("ref", "in", list(refs)), self._ours()], ["ref"], order="id desc")
        domain = [("email_normalized", "in", list(emails)), ("parent_id", "=", False), self._ours()]
        by_email = Partner.search_fetch(domain, ["email_normalized"], order="id desc")
        return {
            **{("ref", partner.ref): partner for partner in by_ref},
            **{("email", partner.email_normalized): partner for partner in by_email},
        }

    @staticmethod
    def _email(data):
        return email_normalize(data["email"]) if isinstance(data.get("email"), str) else False

    # ---------------------------------------------------------------- known already?
    def _existing(self):
        refs = [payload["ref"] for payload in self.payloads]
        channels = [channel.id for channel in self.channels.values()]
        # sudo: an order must not be entered twice because the caller may not see the first
        found = self.orders.sudo().search_fetch(
            [
                ("company_id", "=", self.env.company.id),
                ("channel_id", "in", channels),
                ("channel_ref", "in", refs),
            ],
            ["channel_id", "channel_ref", "channel_digest"],
        )
        return {(order.channel_id.id, order.channel_ref): order for order in found}

    @staticmethod
    def digest(payload):
        return hashlib.sha256(json.dumps(payload, sort_keys=True, default=str).encode()).hexdigest()

    def known_as(self, payload):
        order = self.existing.get((self.channels[payload["channel"]].id, payload["ref"]))
        if not order:
            return "new"
        return "known" if order.channel_digest == self.digest(payload) else "differs"

    def existing_result(self, payload):
        channel = self.channels[payload["channel"]]
        order = self.existing.get((channel.id, payload["ref"]))
        if not order:
            return None
        if not order.with_env(self.env).has_access("read"):
            self._fail(payload, self.env._("the number is taken by an order that you may not see."))
        conflict = order.channel_digest != self.digest(payload)
        kind = "resent_differs" if conflict else "resent"
        self.env["order.event"]._log(order, kind, {"channel": channel.name, "ref": payload["ref"]})
        return {**order._status_values(), "created": False, "conflict": conflict}

    # ---------------------------------------------------------------- building
    def order_vals(self, payload):
        customer = self._partner(payload, payload["customer"])
        vals = {
            "partner_id": customer.id,
            "channel_id": self.channels[payload["channel"]].id,
            "channel_ref": payload["ref"],
            "client_order_ref": payload.get("customer_reference") or payload["ref"],
            "urgency": payload.get("urgency", "normal"),
            "requested_date": self._requested_date(payload),
            "packing_instruction": payload.get("packing_instruction") or False,
            "gift_note": payload.get("gift_note") or False,
            "no_substitutes": payload.get("no_substitutes") or False,
            "note": payload.get("note") or False,
            "order_line": [
                fields.Command.create(self._line_vals(payload, line)) for line in payload["lines"]
            ],
        }
        if payload.get("delivery_address"):
            vals["partner_shipping_id"] = self._delivery_address(customer, payload["delivery_address"]).id
        return vals

    def _requested_date(self, payload):
        value = payload.get("requested_date")
        if not value:
            return False
        try:
            # Python 3.10 does not know the Z.
            moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
            return moment.astimezone(timezone.utc).replace(tzinfo=None) if moment.tzinfo else moment
        except (AttributeError, ValueError, OverflowError):
            why = self.env._("requested_date must look like 2026-01-31 or 2026-01-31T14:00:00+02:00.")
            self._fail(payload, why)

    def _line_vals(self, payload, line):
        products = self.products.get(line["sku"].strip(), ())
        if not products:
            self._fail(payload, self.env._("there is no product with the SKU %s.", line["sku"]))
        if len(products) > 1:
            self._fail(
                payload, self.env._("%(n)s products share the SKU %(sku)s.", n=len(products), sku=line["sku"])
            )
        if not products.sale_ok:
            self._fail(payload, self.env._("the product %s is not for sale.", line["sku"]))
        vals = {"product_id": products.id, "product_uom_qty": line["quantity"]}
        if line.get("price") is not None:
            vals["price_unit"] = line["price"]
        if line.get("description"):
            vals["name"] = line["description"]
        if line.get("freight"):
            vals["is_delivery"] = self._freight(payload, line, products)
        return vals

    def _freight(self, payload, line, product):
        if product.type != "service":  # freight is not checked against the price list; goods are
            self._fail(payload, self.env._("%s cannot be freight: only a service can.", line["sku"]))
        return True

    def _partner(self, payload, data):
        Partner = self.env["res.partner"]
        if data.get("id"):
            partner = Partner.search([("id", "=", data["id"])]) if type(data["id"]) is int else Partner
            if not partner:
                self._fail(payload, self.env._("there is no customer with the id %s.", data["id"]))
            return partner
        for name in ("ref", "email"):
            if not isinstance(data.get(name) or "", str):
                self._fail(payload, self.env._("%s of the customer must be a text.", name))
        keys = [("ref", data.get("ref")), ("email", self._email(data))]
        if known := next((self.customers[key] for key in keys if key in self.customers), None):
            return known
        if not data.get("name"):
            self._fail(
                payload,
                self.env._(
                    "the customer is not known. Give a name and an address, so that it can be created."
                ),
            )
        # sudo: an order brings its customer along; only the plain address fields are taken
        partner = Partner.sudo().create(self._address_vals(payload, data)).with_env(self.env)
        # The next order of the batch may be the same customer's.
        self.customers.update({key: partner for key in keys if key[1]})
        return partner

    def _delivery_address(self, customer, data):
        vals = {**self._address_vals(None, data), "type": "delivery", "parent_id": customer.id}
        vals.setdefault("name", customer.name)
        same = [
            (name, "=", vals.get(name, False))
            for name in ("name", "street", "street2", "city", "zip", "country_id")
        ]
        known = self.env["res.partner"].search([("parent_id", "=", customer.id), *same], limit=1)
        # sudo: as for the customer
        return known or self.env["res.partner"].sudo().create(vals).with_env(self.env)

    def _address_vals(self, payload, data):
        vals = {
            name: data[name]
            for name in ADDRESS_FIELDS
            if isinstance(data.get(name), str) and data[name].strip()
        }
        country = self.env["res.country"].search(
            [("code", "=", str(data.get("country", "")).upper())], limit=1
        )
        if country:
            vals["country_id"] = country.id
            state = country.state_ids.filtered(lambda state: data.get("state") in (state.code, state.name))[
                :1
            ]
            vals["state_id"] = state.id
        return vals
