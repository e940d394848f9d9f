from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.translate import LazyTranslate

from ..connectors._generic_options import OPTIONS, SIGNATURES, asks_for_several, faults

_lt = LazyTranslate(__name__)

PREFIX = "generic_"
# What is wrong with an option, in words.
WORDS = {
    "missing": _lt("%(field)s: fill this in."),
    "name": _lt("%(field)s: nothing is known by the name {%(figure)s}."),
    "json": _lt("%(field)s: this is not JSON (%(figure)s)."),
    "path": _lt("%(field)s: %(figure)s is not a path. Write names with dots between, [] for all of a list."),
    "zone": _lt("%(field)s: there is no time zone %(figure)s. Write it like Europe/Berlin."),
    "line": _lt("%(field)s: this line says nothing: %(figure)s"),
    "trouble": _lt("%(field)s: %(figure)s is no kind of trouble. Use: %(troubles)s."),
    "no_secret": _lt("%(field)s: without {secret} anybody can sign."),
    "no_body": _lt("%(field)s: {body} has to be among it."),
    "no_time": _lt("%(field)s: {timestamp} has to be among it, or old messages could be sent again."),
    "nothing_read": _lt("%(field)s: name where the scans stand, or the status of the parcel."),
    "several": _lt("%(field)s: one call asks for several parcels; the answer has to say which is which."),
    "wish": _lt("%(field)s: nothing is known by :%(figure)s. In JSON there are :int and :optional."),
    "address": _lt("%(field)s: %(figure)s does not begin with the name of a server, without braces in it."),
    "header": _lt("%(field)s: %(figure)s is not the name of a header."),
    "time": _lt("%(field)s: no day can be read by %(figure)s. Write it like %%d.%%m.%%Y %%H:%%M."),
    "statuses": _lt("%(field)s: write HTTP statuses from 400 to 599 with commas between, not %(figure)s."),
    "ack": _lt("%(field)s: that we have it is said by 200 to 299, not by %(figure)s."),
}
TROUBLES_OF_PARCELS = "not_found, retry_later, rate, auth, quota, need_phone, bad_number, already_registered"


def option(label, help="", kind=fields.Char, **more):  # noqa: A002  as fields have it
    """Return a field that is one of the account's options: kept with the others, in ``options``."""
    return kind(
        string=label, compute="_compute_generic", inverse="_inverse_generic", help=help or None, **more
    )


class OrderTrackingProvider(models.Model):
    """An account of the generic kind: what to send, and where in the answers things stand."""

    _inherit = "order.tracking.provider"

    # ---------------------------------------------------------------- asking
    generic_ask_method = option("Method", kind=fields.Selection, selection=[("GET", "GET"), ("POST", "POST")])
    generic_ask_path = option("Question", help="Put behind the address; {number} is the parcel's number.")
    generic_ask_headers = option(
        "Headers", help="One a line, as Name: value. {key} is the account's key.", kind=fields.Text
    )
    generic_ask_body = option(
        "Body",
        help='JSON; "{number}" is the number, "{numbers}" a list of them, "{items}" a list of what'
        ' stands below. "{carrier:int}" is a number, "{phone:optional}" is left out where it is empty.',
        kind=fields.Text,
    )
    generic_ask_item = option("One of the items", help="JSON for one parcel in {items}.", kind=fields.Text)
    generic_ask_form = option("Sent as a form", kind=fields.Boolean)
    # ---------------------------------------------------------------- who we are
    generic_auth = option(
        "Log-in",
        help="User and key are entered by Keys and Address.",
        kind=fields.Selection,
        selection=[
            ("none", "None"),
            ("header", "Key in a header"),
            ("basic", "User and password"),
            ("bearer", "Bearer key"),
            ("oauth2", "OAuth2 client credentials"),
        ],
    )
    generic_auth_header = option("Name of the header")
    generic_token_path = option("Address of tokens")
    generic_token_in_body = option("Client id in the body", kind=fields.Boolean)
    generic_token_scope = option("Scope")
    # ---------------------------------------------------------------- answers
    generic_parcels_path = option("Parcels", help="Where the list of parcels stands, as in data.parcels[].")
    generic_rejected_path = option("Refused parcels", help="Where those stand that it says nothing of.")
    generic_number_path = option("Number", help="In a parcel. Empty: it answers for the one asked for.")
    generic_carrier_path = option("Carrier")
    generic_code_path = option("Status of the parcel")
    generic_code_at_path = option("Since when")
    generic_eta_path = option("Expected at")
    generic_ref_path = option("Its own id of the parcel")
    generic_scans_path = option("Scans", help="In a parcel, as in events[].")
    generic_scan_code_path = option("Code", help="In a scan.")
    generic_scan_time_path = option("Time")
    generic_scan_text_path = option("Text")
    generic_scan_place_path = option("Place")
    generic_scan_id_path = option("Id of the scan")
    generic_time_format = option(
        "Format of times", help="Like %Y-%m-%d %H:%M:%S. Empty: ISO 8601, or seconds since 1970."
    )
    generic_time_zone = option("Time zone", help="Of times that come without one.")
    generic_error_path = option("Error of a parcel")
    generic_error_text_path = option("Words of it", help="In a parcel.")
    generic_failure_path = option("Error of the whole answer")
    generic_failure_text_path = option("Words of that error", help="In the answer.")
    generic_read_statuses = option(
        "HTTP errors to read", help="Like 400, 422: with these it says in JSON what is wrong. 404 always is."
    )
    generic_ask_news_only = option(
        "Only what is new", help="An answer has not all scans there are.", kind=fields.Boolean
    )
    generic_fine = option("No errors are", help="Values of errors that mean all is well.")
    generic_errors = option(
        "Errors", help="One a line, as code = not_found. * is any other.", kind=fields.Text
    )
    # ---------------------------------------------------------------- being told
    generic_push_parcels_path = option("Parcels in messages", help="Empty: as in answers.")
    generic_push_all = option(
        "All there is to say", help="A message has all scans there are.", kind=fields.Boolean
    )
    generic_push_field = option("Field of the form", help="Where the message is a form.")
    generic_sign_with = option(
        "Signed with",
        kind=fields.Selection,
        selection=[(name, name.upper() if name != "none" else "Not signed") for name in SIGNATURES],
    )
    generic_sign_header = option("Header of the signature")
    generic_sign_field = option("Field of the signature", help="Where the message is a form.")
    generic_sign_encoding = option(
        "Written in", kind=fields.Selection, selection=[("hex", "Hexadecimal"), ("base64", "Base64")]
    )
    generic_sign_prefix = option("Begins with", help="Like sha256=")
    generic_sign_text = option("What is signed", help="{body}, {secret}, {timestamp}")
    generic_timestamp_header = option("Header of the time")
    generic_timestamp_minutes = option("Minutes it is good for", kind=fields.Integer)
    generic_ack_status = option("HTTP status we answer", kind=fields.Integer)
    generic_ack_body = option("What we answer")
    generic_ack_type = option("Content type of it")
    generic_subscribe_method = option(
        "Method of announcing", kind=fields.Selection, selection=[("POST", "POST"), ("PUT", "PUT")]
    )
    generic_subscribe_path = option("Announce parcels at", help="Empty: it tells of all of the account.")
    generic_subscribe_body = option(
        "Body of announcing", help="JSON; {callback_url} is where news are to go.", kind=fields.Text
    )

    @api.depends("options")
    def _compute_generic(self):
        for provider in self:
            known = provider.options or {}
            for name, usual in OPTIONS.items():
                value = known.get(name, usual)
                provider[PREFIX + name] = value if value != "" else False

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._with_options(vals, {}) for vals in vals_list])

    def write(self, vals):
        if not any(name.startswith(PREFIX) for name in vals):
            return super().write(vals)
        for provider in self:
            super(OrderTrackingProvider, provider).write(self._with_options(vals, provider.options or {}))
        return True

    @api.model
    def _with_options(self, vals, known):
        """Return values of fields with those of the form brought into ``options``."""
        given = {name.removeprefix(PREFIX): value for name, value in vals.items() if name.startswith(PREFIX)}
        if not given:
            return vals
        rest = {name: value for name, value in vals.items() if not name.startswith(PREFIX)}
        options = {**(rest.get("options") or known), **{name: value or "" for name, value in given.items()}}
        # Only what is not as usual: what is usual may become better.
        kept = {
            name: value
            for name, value in options.items()
            if name not in OPTIONS or value != (OPTIONS[name] or "")
        }
        return {**rest, "options": kept or False}

    @api.constrains("options", "kind", "mode")
    def _check_generic(self):
        for provider in self.filtered(lambda one: one.kind == "generic" and one.options):
            for fault in faults(provider.options, asks=provider.mode != "push"):
                label = self._fields[PREFIX + fault.option]._description_string(self.env)
                words = str(self.env._(WORDS[fault.code]))
                figures = {"field": label, "figure": fault.figure, "troubles": TROUBLES_OF_PARCELS}
                raise ValidationError(words % figures)

    def _batch(self, kind=None):
        """Where a call is for one parcel it is for one, whatever the limit says."""
        if self.kind == "generic" and "ask_path" in (self.options or {}):
            return super()._batch(kind) if asks_for_several(self.options) else 1
        return super()._batch(kind)

    # ---------------------------------------------------------------- trying
    def action_try_answer(self):
        """Ask for an answer of the carrier, and show what would be read from it."""
        self.check_access("write")
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Try an answer"),
            "res_model": "order.tracking.try",
            "view_mode": "form",
            "target": "new",
            "context": {"default_provider_id": self.id},
        }
