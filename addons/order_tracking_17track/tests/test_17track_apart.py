import json

from odoo.tests import tagged

from odoo.addons.order_processing.connectors.base import Item, Response, Trouble

from ..connector import FORGOTTEN, STOPPED
from .bodies import envelope, event, parcel, rejected
from .test_17track_connector import AT, ITEMS, Case


@tagged("post_install", "-at_install")
class TestToldApart(Case):
    """Whose an answer is, and what is to be done with what 17TRACK has forgotten."""

    def subscribed(self, request, body):
        return self.connector.parse_subscription(Response(200, {}, json.dumps(body).encode()), request)

    def test_another_databases_tag_is_not_our_parcel(self):
        """It keeps the tag of the first registration: our ids of today are other parcels'."""
        (result,) = self.results_of(envelope([parcel(ITEMS[1].number, [event(AT, "Delivered")], tag="7")]))
        self.assertEqual((result.number, result.key), (ITEMS[1].number, None))
        (result,) = self.results_of(envelope([parcel(ITEMS[0].number, [event(AT, "Delivered")], tag="7")]))
        self.assertEqual(result.key, 7)
        (result,) = self.results_of(envelope([], [{**rejected(ITEMS[1].number, -18019909), "tag": "7"}]))
        self.assertIsNone(result.key)

    def test_numbers_in_groups_are_sent_without_blanks(self):
        item = Item(9, "RR 123 456 789 CN", "3011")
        for request in (*self.connector.subscribe([item]), *self.connector.build_requests([item])):
            self.assertEqual(json.loads(request.body)[0]["number"], "RR123456789CN")
        (result,) = self.results_of(
            envelope([parcel("RR123456789CN", [event(AT, "Delivered")], tag="9")]), [item]
        )
        self.assertEqual(result.key, 9)

    def test_taken_up_again_and_not_known_it_is_registered_anew(self):
        stopped = ITEMS[0]._replace(external_ref=STOPPED)
        (again,) = self.connector.subscribe([stopped])
        (result,) = self.subscribed(again, envelope([], [rejected(stopped.number, -18019902)]))
        self.assertEqual((result.trouble, result.external_ref), (Trouble.NOT_REGISTERED, FORGOTTEN))
        (anew,) = self.connector.subscribe([stopped._replace(external_ref=result.external_ref)])
        self.assertTrue(anew.url.endswith("/register"))

    def test_whose_carriers_number_was_registered(self):
        (request,) = self.connector.subscribe(ITEMS)
        (result,) = self.subscribed(request, envelope([{"number": ITEMS[0].number, "carrier": 3011}]))
        self.assertEqual((result.carrier, result.external_ref), ("3011", ""))

    def test_used_up_by_the_whole_call_says_nothing_against_asking(self):
        (request,) = self.connector.subscribe(ITEMS)
        for code in (-18019907, -18019908):
            results = self.subscribed(request, {"code": code, "data": None})
            found = [(one.key, one.trouble) for one in results]
            self.assertEqual(found, [(7, Trouble.QUOTA), (8, Trouble.QUOTA)])
