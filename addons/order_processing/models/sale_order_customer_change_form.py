from datetime import timedelta

from odoo import fields, models

from ..engine.address import address_fault
from ..engine.customer_change import Answer, Kind
from .sale_order_answer_form import _address_of, _text

MOST, SAME = 1_000_000, 1e-6
LONGEST_NOTE, LONGEST_PART = 1000, 128
DAYS_AHEAD = 365
NEW_PARTS = ("street", "street2", "zip", "city", "phone")


class SaleOrder(models.Model):
    """The form in which the customer says what he wants changed, and reading what he typed."""

    _inherit = "sale.order"

    def _change_page(self, user):
        """Return what the page shows: for each kind whether it is done, asked for or too late, and why."""
        order = self.sudo().with_company(self.company_id)  # sudo: shown only what the customer may change
        verdicts = order._change_verdicts()
        zone_day = order._local_day(fields.Datetime.now())
        return {
            "version": order._change_version(),
            "kinds": {
                kind: {"answer": one.answer.value, "why": order._change_why(one)}
                for kind, one in verdicts.items()
            },
            "lines": order._changeable_lines(),
            "quantities": {
                line.id: order._written_quantity(line.product_uom_qty) for line in order._changeable_lines()
            },
            "places": order._delivery_places() if order._may_redirect(user) else order.partner_id.browse(),
            "may_redirect": order._may_redirect(user),
            "refund": order._refund_words(),
            "first_day": zone_day,
            "last_day": zone_day + timedelta(days=DAYS_AHEAD),
            "is_any": any(one.answer is not Answer.NO for one in verdicts.values()),
        }

    def _may_redirect(self, user):
        """Tell whether ``user`` may say where the goods go: not by a link, which may have been passed on."""
        person = user.sudo().partner_id.commercial_partner_id  # sudo: compared only
        return not user._is_public() and person == self.partner_id.commercial_partner_id

    # ---------------------------------------------------------------- reading
    def _read_wish(self, kind, typed, user):
        """Return ``(wish, note, faults)``: plain values, and what is wrong by name of the field."""
        # sudo: lines and addresses of the order whose page it is; only what is among them counts
        order, faults = self.sudo().with_company(self.company_id), {}
        wish = getattr(order, f"_read_{Kind(kind).value}")(typed, user, faults)
        return wish, _text(typed.get("note"))[:LONGEST_NOTE], faults

    def _read_cancel(self, typed, _user, faults):
        if not typed.get("sure"):
            faults["sure"] = self.env._("Please tick the box if you are sure.")
        return {}

    def _read_quantity(self, typed, _user, faults):
        wished = {}
        for line in self._changeable_lines():
            text = _text(typed.get(f"qty_{line.id}"))
            if not text:
                continue
            quantity = self._typed_quantity(text)
            if (
                quantity is None
                or quantity > MOST
                or abs((rounded := line.product_uom_id.round(quantity)) - quantity) > SAME
            ):
                faults[f"qty_{line.id}"] = self.env._("This is not a quantity. Please look again.")
            else:
                wished[str(line.id)] = rounded
        lines = self._wished_lines({"lines": wished})
        if not faults and not lines:
            faults["lines"] = self.env._("You have changed no quantity.")
        elif not faults and all(
            not lines.get(line, line.product_uom_qty) for line in self._changeable_lines()
        ):
            faults["lines"] = self.env._("Nothing would be left. Please cancel the order instead.")
        wish = {"lines": {str(line.id): quantity for line, quantity in lines.items()}}
        if not faults and (dearer := self._dearer(wish)) and typed.get("dearer") != self._dearer_key(wish):
            faults["dearer"] = self._dearer_words(dearer)
            faults["dearer_key"] = self._dearer_key(wish)
        return wish

    def _read_address(self, typed, user, faults):
        if not self._may_redirect(user):
            faults["place"] = self.env._("Please log in to change where your order goes.")
            return {}
        if (place := typed.get("place") or "") != "new":
            places = {str(one.id): one for one in self._delivery_places()}
            if place not in places:
                faults["place"] = self.env._("Please choose an address.")
                return {}
            if places[place] == self.partner_shipping_id:
                faults["place"] = self.env._("Your order goes there already.")
            return {"partner": places[place].id}
        return {"new": self._read_new_place(typed, faults)}

    def _read_new_place(self, typed, faults):
        here = self.partner_shipping_id
        vals = {name: " ".join(_text(typed.get(name)).split())[:LONGEST_PART] for name in NEW_PARTS}
        if vals["phone"]:
            try:
                vals["phone"] = self._read_phone(vals["phone"], typed)
            except ValueError as error:
                faults["phone"] = str(error)
        states = {str(state.id): state.id for state in here.country_id.state_ids}
        vals["state_id"] = states.get(typed.get("state_id") or "", False)
        vals["country_id"] = here.country_id.id
        self._check_new_place(vals, faults)
        return vals

    def _check_new_place(self, vals, faults):
        """Goods go to places that can be found: what is missing is asked for now, not by a reviewer later."""
        fault = address_fault(_address_of(self.env["res.partner"].new(vals)))
        needed = {"street", "city"} | set(fault.missing if fault else ())
        for part in needed:
            name = {"state": "state_id"}.get(part, part)
            if name in vals and not vals[name]:
                faults[name] = self.env._("This is needed.")
        if fault and fault.code in ("address_bad_zip", "address_zip_state"):
            faults["zip"] = self.env._("This is no postal code there. Please look again.")

    def _read_date(self, typed, _user, faults):
        try:
            day = fields.Date.to_date(_text(typed.get("date"))[:10] or None)
        except ValueError:
            day = None
        today = self._local_day(fields.Datetime.now())
        if not day or not today <= day <= today + timedelta(days=DAYS_AHEAD):
            faults["date"] = self.env._("Please choose a day from today on, at most a year ahead.")
            return {}
        if day == self._local_day(self.requested_date):
            faults["date"] = self.env._("This day is noted already.")
        return {"date": fields.Date.to_string(day)}
