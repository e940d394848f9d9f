"""What a carrier, or who collects from carriers, is to us: a class that builds requests and reads answers.

A connector knows nothing of Odoo and sends nothing itself. It is made with plain settings and secrets, says
which requests to send for which parcels, and what the answers and the pushed messages mean::

    connector = Connector(settings, secrets)
    for request in connector.build_requests(items):
        response = send(request)                     # models/order_tracking_transport.py
        results = connector.parse(response, request)

Times of scans are UTC without zone, as Odoo keeps them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, ClassVar, NamedTuple

# ---------------------------------------------------------------- what goes in


class Item(NamedTuple):
    """A parcel to ask for."""

    key: int  # ours: the parcel's id
    number: str
    carrier: str = ""  # the provider's code for the carrier
    phone: str = ""  # of who receives it, digits only
    external_ref: str = ""  # the provider's id of it, from an earlier answer
    postcode: str = ""
    country: str = ""  # ISO code of two letters
    shipped_at: datetime | None = None


@dataclass(frozen=True)
class Settings:
    """A provider's account as the connector sees it: plain values, no secrets."""

    base_url: str
    options: Mapping[str, Any] = field(default_factory=dict)  # what the kind needs besides; plain JSON
    callback_url: str = ""  # where pushed messages are to go, with its token
    now: datetime | None = None  # the moment it is asked, UTC


@dataclass(frozen=True)
class Request:
    """One call: what to send, and for which parcels."""

    method: str
    url: str
    items: tuple[Item, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] | None = None
    body: bytes | None = None
    purpose: str = "track"  # track, subscribe, unsubscribe, test, token


@dataclass(frozen=True)
class Response:
    """What came back, read to the end; headers by lower-case name."""

    status: int
    headers: Mapping[str, str]
    body: bytes


# ---------------------------------------------------------------- what comes out


class Trouble(str, Enum):
    """Why there is no answer for a parcel, or for a whole call."""

    NOT_FOUND = "not_found"  # the carrier does not know it (yet)
    RETRY_LATER = "retry_later"  # its servers have a problem
    RATE = "rate"  # asked too often: the whole account waits
    AUTH = "auth"  # the account is refused
    QUOTA = "quota"  # used up
    NEED_PHONE = "need_phone"
    BAD_NUMBER = "bad_number"
    ALREADY_REGISTERED = "already_registered"  # which is as good as registered
    NOT_REGISTERED = "not_registered"  # has to be subscribed first
    BAD_REQUEST = "bad_request"  # the call as it stands is refused; smaller ones may pass
    MALFORMED = "malformed"  # an answer that cannot be read


class Scan(NamedTuple):
    """One event of a parcel, as the provider gives it; the status follows from the code by the map."""

    at: datetime | None  # UTC
    code: str = ""  # the provider's status code, as the map has it
    text: str = ""
    place: str = ""
    raw_time: str = ""  # as it was written
    zone_assumed: bool = False  # the time came without a zone
    event_id: str = ""  # the provider's id of this very scan, if it has one
    status: str = ""  # where the connector itself knows it; wins over the map
    substatus: str = ""


@dataclass(frozen=True)
class Result:
    """What is known of one parcel."""

    number: str
    key: int | None = None  # the item's, where the answer is to an item; found by number where None
    carrier: str = ""
    scans: tuple[Scan, ...] = ()
    code: str = ""  # the provider's status of the parcel as a whole
    code_at: datetime | None = None  # since when, where it says
    eta: datetime | None = None
    external_ref: str = ""
    history_hash: str = ""  # unchanged: nothing has happened
    is_full_history: bool = True  # all scans there are, or only the news
    trouble: Trouble | None = None
    message: str = ""  # of the trouble, in the provider's words
    retry_after: timedelta | None = None


class ConnectorError(Exception):
    """A whole call went wrong."""

    def __init__(self, trouble: Trouble, message: str = "", retry_after: timedelta | None = None):
        """Keep what went wrong, in whose words, and when to ask again."""
        super().__init__(message or trouble.value)
        self.trouble, self.message, self.retry_after = trouble, message, retry_after


class CarrierName(NamedTuple):
    """A carrier as a provider calls it."""

    code: str
    name: str
    needs_phone: bool = False  # it answers only who knows the receiver's phone number


class Ack(NamedTuple):
    """What a pushing provider wants to hear."""

    status: int
    body: bytes
    content_type: str = "application/json"


# ---------------------------------------------------------------- the connector


class Connector:
    """The parts every connector has; a kind of provider is a subclass."""

    kind: ClassVar[str] = ""
    # So many parcels fit into one call, at most.
    batch: ClassVar[int] = 1
    # Calls a second and a day the provider allows, where it says (None: it does not).
    per_second: ClassVar[float | None] = None
    per_day: ClassVar[int | None] = None
    # A number is asked for at most so often.
    pause: ClassVar[timedelta] = timedelta(minutes=30)
    # Asked for so often whatever happens to it (None: as often as its status is worth).
    rhythm: ClassVar[timedelta | None] = None
    can_poll: ClassVar[bool] = True
    can_push: ClassVar[bool] = False
    can_subscribe: ClassVar[bool] = False
    # A parcel has to be announced there even where we ask for it ourselves.
    announces_always: ClassVar[bool] = False
    # Pushed messages prove who sent them. Where not, a terminal status is confirmed by asking.
    signs_pushes: ClassVar[bool] = False
    # What it needs to be told in secret, and what openly: {name: label in English}.
    secret_names: ClassVar[Mapping[str, str]] = {}
    option_names: ClassVar[Mapping[str, str]] = {}
    default_url: ClassVar[str] = ""
    # Without this code a delivery method's parcels cannot be asked for: the number does not tell the carrier.
    needs_carrier: ClassVar[bool] = False
    # It has a list of carriers (``carriers_request``).
    has_carriers: ClassVar[bool] = False
    # Statuses other than 2xx with which an answer says what is wrong, for ``parse`` to read.
    reads_statuses: ClassVar[frozenset[int]] = frozenset({404})
    # Answers by itself, without any network (the simulator, carrier methods of other addons).
    is_local: ClassVar[bool] = False

    def __init__(self, settings: Settings, secrets: Mapping[str, str]):
        """Take the account as plain values."""
        self.settings, self.secrets = settings, secrets

    # -- asking
    def build_requests(self, items: Sequence[Item]) -> Iterable[Request]:
        """Return the calls that ask for these parcels, none for more than ``batch`` of them."""
        raise NotImplementedError

    def parse(self, response: Response, request: Request) -> list[Result]:
        """Return what an answer says; raises ``ConnectorError`` where it says nothing of any parcel.

        Parcels asked for that the answer does not mention are reported by the caller as ``RETRY_LATER``.
        """
        raise NotImplementedError

    def answer(self, request: Request) -> Response:
        """Return the answer to a call, for connectors that are local."""
        raise NotImplementedError

    def token_request(self) -> Request | None:
        """Return the call that gets a token (OAuth2), or None where the account needs none."""
        return None

    def read_token(self, response: Response) -> tuple[str, timedelta]:
        """Return the token and how long it is good for; it is then among the secrets as ``token``."""
        raise NotImplementedError

    def test_request(self) -> Request | None:
        """Return a harmless call that shows whether the account works; None: ask for no parcel at all."""
        return None

    def read_test(self, response: Response) -> tuple[Trouble | None, str]:
        """Return what is wrong by the answer to ``test_request``, and in whose words; or (None, "")."""
        return (None, "") if response.status < 400 else (Trouble.RETRY_LATER, f"HTTP {response.status}")

    def carriers_request(self) -> Request | None:
        """Return the call for the list of carriers the provider knows, or None where it has none."""
        return None

    def read_carriers(self, response: Response) -> list[CarrierName]:
        """Return the carriers of that list."""
        raise NotImplementedError

    # -- being told
    def subscribe(self, items: Sequence[Item]) -> Iterable[Request]:
        """Return the calls after which the provider pushes news of these parcels."""
        raise NotImplementedError

    def unsubscribe(self, items: Sequence[Item]) -> Iterable[Request]:
        """Return the calls after which it no longer does; none where that needs no call."""
        return ()

    def parse_subscription(self, response: Response, request: Request) -> list[Result]:
        """Return, for each parcel of the call, whether it is subscribed (``trouble`` None) and its ref."""
        raise NotImplementedError

    def verify(self, headers: Mapping[str, str], raw: bytes, form: Mapping[str, str]) -> bool:
        """Tell whether a pushed message was signed with our secret; in constant time.

        :param headers: by lower-case name
        :param raw: the body as it came (empty where it was a form)
        :param form: the decoded fields of a form
        """
        return not self.signs_pushes

    def parse_push(self, raw: bytes, form: Mapping[str, str], headers: Mapping[str, str]) -> list[Result]:
        """Return what a pushed message says; raises ``ConnectorError`` where it cannot be read."""
        raise NotImplementedError

    def ack(self, ok: bool = True) -> Ack:
        """Return what the provider wants to hear when its message is stored, or is to come again."""
        return Ack(200 if ok else 503, b"{}")


_KINDS: dict[str, type[Connector]] = {}


def register(connector: type[Connector]) -> type[Connector]:
    """Make a kind of provider known (a class decorator)."""
    _KINDS[connector.kind] = connector
    return connector


def connector_of(kind: str) -> type[Connector] | None:
    """Return the class of a kind of provider, or None where its addon is gone."""
    return _KINDS.get(kind)
