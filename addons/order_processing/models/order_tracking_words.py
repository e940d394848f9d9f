from odoo import api, fields, models
from odoo.tools.translate import LazyTranslate

from ..connectors.base import Trouble

_lt = LazyTranslate(__name__)

# What came of a call, or of a message, for people.
OUTCOMES = {
    "ok": _lt("Answered"),
    Trouble.NOT_FOUND.value: _lt("Not known there yet"),
    Trouble.RETRY_LATER.value: _lt("No answer"),
    Trouble.RATE.value: _lt("Asked too often"),
    Trouble.AUTH.value: _lt("Account refused"),
    Trouble.QUOTA.value: _lt("Calls used up"),
    Trouble.NEED_PHONE.value: _lt("Wants the receiver's phone number"),
    Trouble.BAD_NUMBER.value: _lt("Does not like the number"),
    Trouble.ALREADY_REGISTERED.value: _lt("Known there already"),
    Trouble.NOT_REGISTERED.value: _lt("To be announced there first"),
    Trouble.BAD_REQUEST.value: _lt("Question not understood"),
    Trouble.MALFORMED.value: _lt("Cannot be read"),
}
# Our own words for what went wrong, from the code noted with it; others are the provider's own words.
DETAILS = {
    "json": _lt("It is no JSON."),
    "charset": _lt("It is written in characters nobody knows."),
    "too_large": _lt("It is too long."),
    "redirect": _lt("It sends us to another server."),
    "redirects": _lt("It sends us from one address to the next."),
    "parcels": _lt("No parcels stand where the account says they do."),
    "number": _lt("No number stands where the account says it does."),
    "timeout": _lt("It took too long."),
    "connection": _lt("There is no connection to its server."),
    "tls": _lt("The certificate of its server is not valid."),
    "address": _lt("The address is none."),
    "token": _lt("It gives us no token."),
    "template": _lt("The question is not filled in properly."),
    "not_set_up": _lt("What to ask is not filled in yet."),
    "keys": _lt("Its keys are not entered yet: an administrator enters them by Keys."),
    "secret_key": _lt("Its keys cannot be decrypted: the secret_key of the server is missing or another."),
    "no_connector": _lt("The addon for this kind of account is not installed."),
    "carrier_code": _lt("Whose parcel it is cannot be told by the number: choose the carrier there."),
    "missing": _lt("The answer does not speak of it."),
    "other_number": _lt("It answers for another number only: choose the carrier for the delivery method."),
    "read": _lt("Something in it is not as expected."),
    "answer": _lt("The delivery method failed."),
    "own_limit": _lt(
        "No call is left for now: we keep to the calls the account may make. Try again later, or enter what"
        " the contract allows under Limits."
    ),
}
# These are ours to mend, whatever the provider would answer.
OURS = {"not_set_up", "keys", "secret_key", "no_connector", "template", "own_limit"}
PURPOSES = {
    "track": _lt("Where parcels are"),
    "subscribe": _lt("Announce parcels"),
    "unsubscribe": _lt("Parcels no longer wanted"),
    "test": _lt("Test"),
    "token": _lt("Log in"),
    "carriers": _lt("List of carriers"),
}


def detail_words(env, detail):
    """Return what went wrong in words; what the provider said itself stays as it is."""
    code, _colon, rest = (detail or "").partition(":")
    if code not in DETAILS:
        return detail or ""
    return " ".join(filter(None, (str(env._(DETAILS[code])), f"({rest.strip()})" if rest.strip() else "")))


def outcome_words(env, outcome):
    """Return what came of it in words."""
    return str(env._(OUTCOMES[outcome])) if outcome in OUTCOMES else outcome or ""


def said_words(env, outcome, detail):
    """Return what came of it, and what it says, as one sentence."""
    return ": ".join(filter(None, (outcome_words(env, outcome), detail_words(env, detail))))


class OrderTrackingCall(models.Model):
    _inherit = "order.tracking.call"

    result = fields.Char(compute="_compute_words")
    detail = fields.Char("What it says", compute="_compute_words")
    question = fields.Char("Asked for", compute="_compute_words")

    @api.depends("outcome", "message", "purpose", "http_status")
    @api.depends_context("lang")
    def _compute_words(self):
        for call in self:
            call.result = outcome_words(self.env, call.outcome)
            is_said = call.message != str(call.http_status)  # it stands beside
            call.detail = detail_words(self.env, call.message) if is_said else ""
            purpose = PURPOSES.get(call.purpose)
            call.question = str(self.env._(purpose)) if purpose else call.purpose


class OrderTrackingInbox(models.Model):
    _inherit = "order.tracking.inbox"

    error_words = fields.Char("What is wrong", compute="_compute_error_words")

    @api.depends("error")
    @api.depends_context("lang")
    def _compute_error_words(self):
        for message in self:
            trouble, _colon, detail = (message.error or "").partition(": ")
            message.error_words = said_words(self.env, trouble, detail)


class OrderShipmentParcel(models.Model):
    _inherit = "order.shipment.parcel"

    trouble_words = fields.Char("Its answer", compute="_compute_trouble_words")

    @api.depends("trouble", "trouble_message")
    @api.depends_context("lang")
    def _compute_trouble_words(self):
        for parcel in self:
            detail = parcel.trouble and parcel.trouble_message
            parcel.trouble_words = said_words(self.env, parcel.trouble, detail)


class OrderTrackingProvider(models.Model):
    _inherit = "order.tracking.provider"

    last_error_words = fields.Char("Went wrong last", compute="_compute_last_error_words")

    @api.depends("last_error")
    @api.depends_context("lang")
    def _compute_last_error_words(self):
        for provider in self:
            trouble, _colon, detail = (provider.last_error or "").partition(": ")
            provider.last_error_words = said_words(self.env, trouble, detail)
