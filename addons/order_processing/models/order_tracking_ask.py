import time
from collections import defaultdict, deque
from dataclasses import dataclass, field

from odoo import fields, models
from odoo.tools import SQL

from ..connectors.base import ConnectorError, Item, Trouble
from .order_shipment_polled import MISSING, Polled
from .order_tracking_again import settled
from .order_tracking_call import NoTurn
from .order_tracking_health import OF_THE_ACCOUNT
from .order_tracking_transport import TIMEOUT

# So many calls in a row that nobody answered: the others are left for later.
ENOUGH_FAILURES = 2
# So many parcels refused one by one while none is answered for: it is not their numbers.
ENOUGH_REFUSED = 3


@dataclass
class Asked:
    """What came of asking for some parcels."""

    reports: list = field(default_factory=list)  # [(parcel id, Result)]
    outcomes: dict = field(default_factory=dict)  # {parcel id: Polled}
    error: ConnectorError | None = None  # why no more were asked; those without outcome were not
    failures: int = 0  # calls in a row
    refused: int = 0
    calls: list = field(default_factory=list)  # what is to be noted of those that went well

    def fail(self, items, trouble, message="", retry_after=None):
        for item in items:
            if item.key not in self.outcomes:
                self.outcomes[item.key] = Polled(item.key, trouble, message, retry_after)


class OrderTrackingProvider(models.Model):
    """Asking a provider for some parcels: whatever it answers, each is answered for, failed, or left."""

    _inherit = "order.tracking.provider"

    def _ask(self, items, until):
        """Ask for the parcels, by as many calls as it takes, but begin none after ``until`` (monotonic)."""
        self._check_nothing_pending()
        # One that hangs is not given a second chance now: others wait.
        asked = Asked(failures=ENOUGH_FAILURES - 1 if self._hangs() else 0)
        try:
            connector = self._connector()
        except ConnectorError as error:
            asked.error = error
            if error.trouble not in OF_THE_ACCOUNT:
                asked.fail(items, error.trouble, error.message)
            return asked
        queue, batch = deque(), self._batch(type(connector))
        for first in range(0, len(items), batch):
            queue.extend(_requests(connector, items[first : first + batch], asked))
        while queue and not asked.error and time.monotonic() < until:
            self._ask_once(connector, queue.popleft(), queue, asked)
        return asked

    def _ask_once(self, connector, request, queue, asked):
        try:
            results = self._call(
                request, connector, lambda response: connector.parse(response, request), asked.calls
            )
        except ConnectorError as error:
            self._not_answered(connector, request, error, queue, asked)
        else:
            asked.failures = 0
            _sort(results, request.items, asked)
            if asked.error:
                settled(self.env, lambda: self._note_calls(asked.calls, asked.error))
                asked.calls.clear()

    def _not_answered(self, connector, request, error, queue, asked):
        items = request.items
        if error.trouble in OF_THE_ACCOUNT:
            asked.error = error
        elif error.trouble == Trouble.BAD_REQUEST:
            # Which of them it is that it does not like is found by halving.
            if len(items) > 1 and (asked.reports or asked.refused < ENOUGH_REFUSED):
                middle = len(items) // 2
                for half in (items[middle:], items[:middle]):
                    queue.extendleft(reversed(list(_requests(connector, half, asked))))
                return
            asked.refused += 1
            asked.fail(items, error.trouble, error.message)
        else:
            asked.fail(items, error.trouble, error.message, error.retry_after)
            asked.failures += 1
            waits = error.retry_after or self._is_waiting(fields.Datetime.now())
            if waits or asked.failures >= ENOUGH_FAILURES:
                asked.error = error

    def _hangs(self):
        """Tell whether the last call was waited for in vain: such ones cost the others their time."""
        return bool(self.failures_in_a_row) and TIMEOUT in (self.last_error or "")

    # ---------------------------------------------------------------- what is asked for
    def _items(self, parcel_ids):
        """Return the parcels as the connector sees them. A phone number only where the carrier wants it."""
        query = SQL(
            """SELECT parcel.id, parcel.number, parcel.carrier_code, parcel.external_ref, parcel.shipped_at,
                      CASE WHEN code.needs_phone THEN partner.phone END, partner.zip, country.code
                 FROM order_shipment_parcel parcel
                 LEFT JOIN order_tracking_carrier_code code
                   ON code.provider_id = parcel.provider_id AND code.carrier_id = parcel.carrier_id
                 LEFT JOIN LATERAL (
                      SELECT shipment.partner_id
                        FROM order_shipment_order_shipment_parcel_rel link
                        JOIN order_shipment shipment ON shipment.id = link.order_shipment_id
                       WHERE link.order_shipment_parcel_id = parcel.id ORDER BY shipment.id LIMIT 1
                      ) AS sent ON TRUE
                 LEFT JOIN res_partner partner ON partner.id = sent.partner_id
                 LEFT JOIN res_country country ON country.id = partner.country_id
                WHERE parcel.id = ANY(%s) ORDER BY parcel.next_poll_at, parcel.id""",
            list(parcel_ids),
        )
        return [
            Item(
                id_,
                number,
                carrier or "",
                "".join(filter(str.isdigit, phone or "")),
                reference or "",
                postcode or "",
                country or "",
                shipped_at,
            )
            for id_, number, carrier, reference, shipped_at, phone, postcode, country in (
                self.env.execute_query(query)
            )
        ]


def _requests(connector, items, asked):
    """Return the calls for these; whatever is wrong with a number, the others are asked for."""
    try:
        requests = list(connector.build_requests(items))
    except ConnectorError as error:
        asked.fail(items, error.trouble, error.message)
        return []
    except Exception as error:  # noqa: BLE001  a connector's mistake is not the others'
        if len(items) > 1:
            return [one for item in items for one in _requests(connector, [item], asked)]
        asked.fail(items, Trouble.BAD_REQUEST, f"build: {type(error).__name__}")
        return []
    covered = {item.key for request in requests for item in request.items}
    asked.fail([item for item in items if item.key not in covered], Trouble.RETRY_LATER, MISSING)
    return requests


def _plain(number):
    return "".join(filter(str.isalnum, number)).upper()


def _sort(results, items, asked):
    """Bring what was answered to the parcels asked for: each once, whoever is missing again later."""
    keys, numbers = {item.key: item for item in items}, None
    answers = defaultdict(list)
    for result in results:
        if not (item := keys.get(result.key)):
            numbers = numbers or _by_number(items)
            item = _meant(result, numbers[_plain(result.number)])
        if item and result not in answers[item.key]:
            answers[item.key].append(result)
    for item in items:
        _answer(item, answers[item.key], asked)


def _by_number(items):
    numbers = defaultdict(list)
    for item in items:
        numbers[_plain(item.number)].append(item)
    return numbers


def _meant(result, candidates):
    """Return which parcel a number is; of two carriers' same number the one of the carrier named."""
    if len(candidates) > 1:
        candidates = [item for item in candidates if item.carrier == result.carrier]
    return candidates[0] if len(candidates) == 1 else None


def _answer(item, results, asked):
    good = [result for result in results if result.trouble in (None, Trouble.ALREADY_REGISTERED)]
    if good:
        asked.reports += [(item.key, result) for result in good]
        asked.outcomes[item.key] = Polled(item.key)
    elif not results:
        asked.fail([item], Trouble.RETRY_LATER, MISSING)
    elif results[0].trouble in OF_THE_ACCOUNT:
        # It is not answered for, and nothing is wrong with it.
        found = results[0]
        asked.error = asked.error or ConnectorError(found.trouble, found.message, found.retry_after)
    else:
        found = results[0]
        asked.fail([item], found.trouble, found.message, found.retry_after)


def is_own_limit(error):
    """Tell whether nothing is wrong but that it is not our turn yet."""
    return isinstance(error, NoTurn)
