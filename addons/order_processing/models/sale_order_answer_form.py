import phonenumbers

from odoo import models
from odoo.tools.mimetypes import guess_mimetype

from ..engine.address import address, address_fault

MAX_LENGTH = 4000
MAX_FILES = 5
MAX_MEGABYTES = 10
# What customers send of a damage, a door plate or a tax certificate. Each gets its own ending, whatever
# its name says: nothing that a browser would run.
FILE_TYPES = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}


class SaleOrder(models.Model):
    """The form in which a customer answers: what it asks for, and what is wrong with what was typed."""

    _inherit = "sale.order"

    def _missing_of_delivery(self):
        """Return which of postal code, state and phone are missing: the customer may complete them."""
        contact = self.partner_shipping_id
        goes_somewhere = any(line.product_id.type == "consu" for line in self.order_line)
        fault = address_fault(_address_of(contact)) if goes_somewhere else None
        lacking = fault.missing if fault else ()
        people = contact | self.partner_id | self.partner_id.commercial_partner_id
        return [
            *(["zip"] if "zip" in lacking and not contact.zip else []),
            *(["state_id"] if "state" in lacking and not contact.state_id else []),
            *(["phone"] if not any(people.mapped("phone")) else []),
        ]

    def _read_answer(self, text, fields_given, files):
        """Return the answer as ``(text, completed, attachments, faults)``; ``faults`` are words by field.

        :param fields_given: what was typed for the contact, as texts; what is not missing is left alone
        :param files: ``(name, content)``; of a content that is too big the first bytes too many are enough
        """
        text = _text(text)
        faults = {}
        if len(text) > MAX_LENGTH:
            faults["answer"] = self.env._(
                "This is too long: %(length)s characters. Please stay below %(max)s.",
                length=len(text),
                max=MAX_LENGTH,
            )
        completed = self._read_completed(fields_given, faults)
        if not (text or completed or faults):
            faults["answer"] = self.env._("Please write an answer.")
        return text, completed, self._read_files(files, faults), faults

    # ---------------------------------------------------------------- the contact
    def _read_completed(self, given, faults):
        typed = {name: _text(given.get(name)) for name in self._missing_of_delivery()}
        completed = {}
        for name, value in typed.items():
            if not value:
                continue
            try:
                completed[name] = getattr(self, f"_read_{name}")(value, typed)
            except ValueError as error:
                faults[name] = str(error)
        return completed

    def _read_state_id(self, value, typed):
        state = self._typed_state(value)
        if not state:
            raise ValueError(self.env._("Please choose a state from the list."))
        return state.id

    def _typed_state(self, value):
        states = self.partner_shipping_id.country_id.state_ids
        return states.filtered(lambda state: str(state.id) == value)

    def _read_zip(self, value, typed):
        contact = self.partner_shipping_id
        state = self._typed_state(typed.get("state_id")) or contact.state_id
        # Judged by itself: whatever else is missing is somebody else's affair.
        here = _address_of(contact, zip=value, state=state)
        here = here._replace(street=here.street or "-", city=here.city or "-", asks_state=False)
        fault = address_fault(here)
        if len(value) > 24 or (fault and fault.code == "address_bad_zip"):
            country = contact.country_id.name
            raise ValueError(self.env._("This is not a postal code of %s. Please look again.", country))
        if fault and fault.code == "address_zip_state":
            raise ValueError(self.env._("This postal code is not in %s. Please look again.", state.name))
        return value

    def _read_phone(self, value, typed):
        country = self.partner_shipping_id.country_id or self.company_id.country_id
        try:
            number = phonenumbers.parse(value, country.code or None)
        except phonenumbers.NumberParseException:
            number = None
        if not number or len(value) > 40 or not phonenumbers.is_valid_number(number):
            raise ValueError(self.env._("This is not a phone number. Please write it with its area code."))
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)

    # ---------------------------------------------------------------- files
    def _read_files(self, files, faults):
        if len(files) > MAX_FILES:
            faults["attachments"] = self.env._("Please send at most %s files.", MAX_FILES)
            return []
        attachments = []
        for name, content in files:
            ending = FILE_TYPES.get(guess_mimetype(content, default=""))
            if len(content) > MAX_MEGABYTES * 1024 * 1024:
                faults["attachments"] = self.env._(
                    "%(name)s is too big. A file may have up to %(max)s MB.", name=name, max=MAX_MEGABYTES
                )
            elif not ending:
                faults["attachments"] = self.env._(
                    "%s cannot be sent. Please choose PDF files or pictures (JPEG, PNG, WebP).", name
                )
            else:
                attachments.append((_file_name(name, ending), content))
        return attachments


def _text(typed):
    """Return what was typed as the database takes it, counted as the browser counts."""
    return (typed or "").replace("\r\n", "\n").replace("\x00", "").strip()


def _file_name(name, ending):
    """Return a name without a path, and with the ending of what the file really is."""
    bare = name.replace("\\", "/").rpartition("/")[2]
    stem = "".join(sign for sign in bare.rpartition(".")[0] or bare if sign.isprintable())
    return f"{stem[:80].strip() or 'file'}.{ending}"


def _address_of(contact, zip=None, state=None):  # noqa: A002  the trade's name
    state = state or contact.state_id
    return address(
        contact.country_id.code,
        state.code,
        state.name,
        contact.city,
        zip or contact.zip,
        contact.street,
        contact.street2,
        asks_state=bool(contact.country_id.state_ids),
    )
